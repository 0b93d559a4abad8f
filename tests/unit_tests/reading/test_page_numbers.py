from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

PAGE = (800, 1200)
SIZE = 20
BODY = [
    "The lease of the north field began in the year 2015 and it ends",
    "in the year 2027; the tenant cuts the hedge in each February and",
    "leaves the ditch as he found it.",
]


def line(text: str, x: float, y: float, size: float = SIZE) -> Line:
    width = sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text) * size
    box = Box.from_pixels(x, y, x + width, y + 0.83 * size, width=PAGE[0], height=PAGE[1])
    return Line(text=text, box=box)


def read(*edges: Line, body: Sequence[str] = BODY, top: float = 200) -> Content:
    lines = [*edges, *(line(text, 80, top + 28 * n) for n, text in enumerate(body))]
    return read_lines(lines, Image.new("RGB", PAGE, "white"), edges_apart=True)


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "- 12 -",
        "xiv",
        "Page 3 of 9",
        "Seite 4 von 11",
        "第3页 共5页",
        "12 | Annual report of the Oosterhof estate",
        "Farm papers of the Oosterhof estate · 112",
        "Lease register, page 2 of 4",
        "Downloaded from the library of Assen on 3 May 2024 by 10.1.1.7",
        "Heruntergeladen am 03.05.2024 von 10.1.1.7",
        "下载时间：2024-05-03 10:12",
        "Farm Papers | www.oosterhof.example 4 May 2015 | Volume 12 | Issue 3 | a114",
        "Farm Papers, Vol. 12, No. 3",
        "5/3/24, 10:12 AM https://example.org/lease/north 1/3",
    ],
)
@pytest.mark.parametrize("y", [30, 1150])
def test_page_numbers_and_stamps_at_the_edge_are_no_text(text: str, y: int) -> None:
    content = read(line(text, 80, y, size=16))
    assert content.markdown == " ".join(BODY)
    assert (content.header, content.footer) == ((text, None) if y < 600 else (None, text))
    assert text in [found.text for found in content.lines]
    assert content.blocks[0].end == len(content.markdown)


def test_a_running_head_with_its_number_at_the_other_side() -> None:
    content = read(line("Lease register", 80, 40, size=16), line("112", 700, 40, size=16), line("7", 390, 1150))
    assert content.header == "Lease register  112"
    assert content.footer == "7"
    assert content.lines[0].text == "Lease register"
    assert content.lines[-1].text == "7"


def test_a_page_number_in_the_middle_of_a_foot() -> None:
    edges = [line(text, x, 1150, size=16) for text, x in (("Lease register", 80), ("9", 390), ("May 2015", 680))]
    assert read(*edges).footer == "Lease register  9  May 2015"


@pytest.mark.parametrize(
    "edges",
    [
        [line("Oosterhof estate, Assen", 80, 30)],  # a letterhead
        [line("Hay, in loads", 80, 1150), line("9", 390, 1150), line("640", 680, 1150)],  # a row
        [line("Oosterhof estate", 80, 30), line("Markt 12", 80, 58), line("9401 Assen", 80, 86)],
        [line("Lease register 2015", 80, 30, size=40)],  # a heading
        [line("2015", 80, 30)],  # a year
        [line("Rent a year:", 80, 1150), line("640", 700, 1150)],  # a label with its value
        [line("Rent a year: 640.00 EUR", 80, 1150)],
        [line("www.oosterhof.example", 80, 1150)],
        [line("12", 80, 500)],
    ],
)
def test_what_a_single_page_does_not_show_to_be_a_running_head_stays(edges: list[Line]) -> None:
    content = read(*edges, top=620)
    assert content.header is None
    assert content.footer is None
    assert all(edge.text in content.markdown for edge in edges)


def test_a_number_right_below_the_text_is_text() -> None:
    content = read(line("112", 80, 1156), top=1072)
    assert content.footer is None


def test_a_page_that_holds_nothing_else_keeps_it() -> None:
    content = read(line("Page 3 of 9", 80, 30), body=[])
    assert content.markdown == "Page 3 of 9"


def test_other_tasks_keep_all_in_the_text() -> None:
    lines = [line("Page 3 of 9", 80, 30), *(line(text, 80, 200 + 28 * n) for n, text in enumerate(BODY))]
    content = read_lines(lines, Image.new("RGB", PAGE, "white"))
    assert content.markdown.startswith("Page 3 of 9")
    assert content.header is None


def test_the_last_line_of_a_receipt_is_text() -> None:
    goods = ["Hinge 12.40", "Bolt M8 3.10", "Lath 4.00"]
    lines = [
        line("Items", 80, 1150),
        line("3", 260, 1150),
        *(line(text, 80, 60 + 28 * n) for n, text in enumerate(goods)),
    ]
    content = read_lines(lines, Image.new("RGB", PAGE, "white"), edges_apart=True)
    assert content.footer is None
    assert "3" in content.markdown.split("\n\n")[-1]
