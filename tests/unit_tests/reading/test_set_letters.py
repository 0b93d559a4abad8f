from __future__ import annotations

import pytest
from PIL import Image

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

PAGE = (800, 1200)


def line(text: str, x: float, y: float, *, size: float = 20, width: float | None = None) -> Line:
    wide = width or sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text) * size
    return Line(text=text, box=Box.from_pixels(x, y, x + wide, y + 0.83 * size, width=PAGE[0], height=PAGE[1]))


def markdown(*lines: Line) -> str:
    return read_lines(lines, Image.new("RGB", PAGE, "white")).markdown


@pytest.mark.parametrize(
    ("initial", "rows", "whole"),
    [
        (
            "红",
            ["星镇地处偏远山区，", "经济落后，各村小学", "比较分散，路途遥远，"],
            "红星镇地处偏远山区，经济落后，各村小学比较分散，路途遥远，",
        ),
        ("T", ["he lease of the north field", "began in 2015 and it ends", "in the year 2027, and the hedge"], None),
    ],
)
def test_an_initial_goes_before_the_first_of_the_lines_beside_it(
    initial: str, rows: list[str], whole: str | None
) -> None:
    first, second, third = rows
    page = [
        line(initial, 80, 102, size=46, width=44),
        line(first, 130, 100, width=300),
        line(second, 130, 128, width=300),
        line(third, 80, 156, width=350),
    ]
    assert markdown(*page) == (whole or f"T{first} {second} {third}")


def test_a_large_letter_beside_one_line_is_no_initial() -> None:
    assert markdown(line("A", 80, 100, size=46), line("first shelf of the cellar", 150, 112)).startswith("A first")


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("I N V O I C E", "INVOICE"),
        ("R E C H N U N G", "RECHNUNG"),
        ("请 购 单", "请购单"),
        ("A B C", "A B C"),
        ("a b c d", "a b c d"),
        ("1 2 3 4", "1 2 3 4"),
        ("A 1 B 2 C", "A 1 B 2 C"),
    ],
)
def test_letters_that_stand_apart_are_closed_up(text: str, closed: str) -> None:
    assert markdown(line(text, 80, 100)) == closed


def test_the_words_of_a_title_whose_letters_stand_apart_are_kept() -> None:
    title = [line("T A X", 80, 100, width=80), line("I N V O I C E", 230, 100, width=200)]
    assert markdown(*title) == "TAX INVOICE"
    pieces = [line("I", 80, 100, width=8), line("N V O I", 113, 100, width=110), line("C E", 248, 100, width=50)]
    assert markdown(*pieces) == "INVOICE"
