"""Marks of a vertical column: which ink they are, and where in the text they go."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from langchain_hunyuanocr.engines.rapid.vertical_punctuation import Column, put_in

CHARACTER = (2, 2, 38, 38)
COMMA = (24, 4, 36, 16)
DASH = (2, 18, 38, 23)


def column(*squares: tuple[tuple[int, int, int, int], ...]) -> np.ndarray:
    """Rectangles of ink (x0, y0, x1, y1) in squares of 42 pixels, one below the other."""
    crop = np.full((42 * len(squares), 56, 3), 245, dtype=np.uint8)
    for number, rectangles in enumerate(squares):
        for x0, y0, x1, y1 in rectangles:
            crop[42 * number + y0 : 42 * number + y1, 8 + x0 : 8 + x1] = 20
    return crop


def test_small_ink_in_a_square_of_its_own_is_a_mark() -> None:
    found = Column.of(column((CHARACTER,), (COMMA,), (CHARACTER,), (CHARACTER,), (COMMA,)))
    assert [(mark.y0, mark.y1, mark.parts) for mark in found.marks] == [(46, 58, 1), (172, 184, 1)]
    assert found.shares() == pytest.approx([1 / 3, 1], abs=0.02)


def test_a_stroke_across_the_column_and_ink_of_the_next_one_are_no_marks() -> None:
    crop = column((CHARACTER,), (DASH,), (CHARACTER,))
    crop[60:66, 0:5] = 20
    assert Column.of(crop).marks == ()


def test_two_dots_are_one_mark() -> None:
    (mark,) = Column.of(column((CHARACTER,), ((16, 6, 22, 12), (16, 20, 22, 26)), (CHARACTER,))).marks
    assert mark.parts == 2


def test_a_column_without_ink_has_no_marks() -> None:
    assert Column.of(column((), ())).marks == ()


@pytest.mark.parametrize(
    ("text", "found", "wanted"),
    [
        ("山高水長", [(0.5, "，", "高", "水")], "山高，水長"),
        ("山高水長", [(0.7, "，", "高", "水")], "山高，水長"),
        ("山高水長", [(0.5, "，", "", "")], "山高，水長"),
        ("山高，水長", [(0.5, "。", "高", "水")], "山高，水長"),
        ("山高·水長", [(0.5, "，", "高", "水")], "山高，水長"),
        ("山高水長", [(0, "、", "", "山"), (1, "。", "長", "")], "、山高水長。"),
    ],
)
def test_a_mark_goes_where_the_text_has_none(text: str, found: list[tuple[float, str, str, str]], wanted: str) -> None:
    assert put_in(text, found) == wanted
