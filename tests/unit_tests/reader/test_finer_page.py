from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.pages.rendering import SourceView
from langchain_hunyuanocr.reader.finer_page import bands_of, is_coarse, joined
from langchain_hunyuanocr.results import Box, Generation, Line
from tests.unit_tests.readings import page


@given(width=st.integers(1, 6000), height=st.integers(1, 6000))
def test_bands_cover_the_page_and_each_row_is_owned_once(width: int, height: int) -> None:
    bands = bands_of(width, height)
    assert (bands[0].top, bands[-1].bottom) == (0, height)
    assert all(band.top <= band.own[0] < band.own[1] for band in bands)
    assert all(band.own[1] == after.own[0] for band, after in pairwise(bands))
    assert all(after.top < band.bottom for band, after in pairwise(bands))


def test_a_line_that_two_bands_see_is_kept_once_at_its_place() -> None:
    bands = bands_of(3200, 2000)
    first, second = bands[:2]
    middle = first.own[1] - 10.0

    def seen(top: int, bottom: int) -> Generation:
        high = bottom - top
        box = Box(0.1, (middle - 8 - top) / high, 0.5, (middle + 8 - top) / high)
        return Generation(lines=(Line(text="at the seam", box=box, score=0.9),), found=(box,))

    answers = [seen(first.top, first.bottom), seen(second.top, second.bottom)]
    whole = joined(bands, [*answers, *[Generation(found=())] * (len(bands) - 2)], 2000)
    (line,) = whole.lines
    assert (line.text, line.score) == ("at the seam", 0.9)
    assert line.box == pytest.approx((0.1, (middle - 8) / 2000, 0.5, (middle + 8) / 2000), abs=1e-3)
    assert whole.found is not None
    assert len(whole.found) == 2


def test_a_band_that_fails_fails_the_look() -> None:
    bands = bands_of(100, 100)
    answers = [Generation()] * (len(bands) - 1) + [Generation(finish="error", error="lost")]
    assert joined(bands, answers, 100).error == "lost"


@pytest.mark.parametrize(
    ("size", "dpi", "coarse"),
    [((2000, 1690), 47, True), ((2000, 1690), 200, False), ((800, 1000), 72, False), ((2000, 1690), 0, False)],
    ids=["a plan", "a page", "a small picture", "no physical size"],
)
def test_only_what_max_pixels_made_coarse_is_coarse(
    size: tuple[int, int], dpi: int, coarse: bool, tmp_path: Path
) -> None:
    (tmp_path / "plan.pdf").touch()
    view = SourceView(Source.of(tmp_path / "plan.pdf"), "0" * 64, 0, 1, PageSettings())
    assert is_coarse(page(picture=Image.new("RGB", size), dpi=dpi, view=view)) is coarse
    assert not is_coarse(page(picture=Image.new("RGB", size), dpi=dpi))
