from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from langchain_hunyuanocr.engines.rapid.tiles import OVERLAP, joined_at_seams, tiles_of


def quads(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    corners = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in boxes]
    return np.asarray(corners, dtype=np.float32).reshape(-1, 4, 2)


def boxes(found: np.ndarray) -> list[tuple[float, ...]]:
    return [(*quad.min(axis=0).tolist(), *quad.max(axis=0).tolist()) for quad in found]


@pytest.mark.parametrize("size", [(1550, 2190), (2190, 1550), (500, 1500), (1100, 3000), (1, 1)])
def test_a_page_is_seen_as_a_whole(size: tuple[int, int]) -> None:
    assert tiles_of(*size) == [(0, 0, *size)]


@pytest.mark.parametrize(("wide", "high"), [(480, 1750), (412, 8246), (31000, 106), (900, 12001)])
def test_tiles_cover_a_long_side_and_overlap(wide: int, high: int) -> None:
    tiles = tiles_of(wide, high)
    assert tiles[0][:2] == (0, 0)
    assert tiles[-1][2:] == (wide, high)
    for before, after in pairwise(tiles):
        shared = before[2] - after[0] if wide > high else before[3] - after[1]
        assert shared >= OVERLAP


def test_a_line_that_two_tiles_see_is_kept_once() -> None:
    first = quads((10, 1100, 200, 1124), (10, 1200, 200, 1224))
    both = joined_at_seams(first, quads((11, 1201, 200, 1224), (10, 1300, 200, 1324)))
    assert [box[1] for box in boxes(both)] == [1100, 1200, 1300]


def test_a_line_that_a_seam_cuts_is_whole_again() -> None:
    lower = joined_at_seams(quads((10, 1262, 200, 1280)), quads((10, 1260, 200, 1290)))
    assert boxes(lower) == [(10, 1260, 200, 1290)]
    across = joined_at_seams(quads((40, 30, 1280, 60)), quads((1120, 31, 2300, 61)))
    assert boxes(across) == [(40, 30, 2300, 61)]


def test_columns_that_touch_stay_apart() -> None:
    assert len(joined_at_seams(quads((10, 1200, 204, 1224)), quads((198, 1200, 380, 1224)))) == 2


def test_a_tile_without_lines_changes_nothing() -> None:
    line = quads((10, 10, 90, 30))
    assert boxes(joined_at_seams(line, quads())) == boxes(joined_at_seams(quads(), line)) == boxes(line)
