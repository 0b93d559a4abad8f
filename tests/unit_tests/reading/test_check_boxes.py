from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw, ImageFilter

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

pytest.importorskip("cv2")

PAGE = (800, 1200)
SIZE = 28


def form(boxes: Sequence[tuple[int, int, str]], side: int) -> Image.Image:
    """A page with boxes whose left top is at x, y: empty, crossed (`x`), ticked beyond its frame (`v`) or dotted."""
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    for x, y, state in boxes:
        draw.rectangle((x, y, x + side, y + side), outline="black", width=2)
        if state == "x":
            draw.line((x + 4, y + 4, x + side - 4, y + side - 4), fill="black", width=3)
            draw.line((x + 4, y + side - 4, x + side - 4, y + 4), fill="black", width=3)
        elif state == "v":
            bend = (x + side // 2, y + side - 5)
            draw.line((x + 4, y + side // 2, *bend), fill="black", width=3)
            draw.line((*bend, x + side + 4, y - 4), fill="black", width=3)
    return picture


def line(text: str, x: float, y: float, end: float) -> Line:
    return Line(text=text, box=Box.from_pixels(x, y, end, y + 0.83 * SIZE, width=PAGE[0], height=PAGE[1]))


def scanned(picture: Image.Image, angle: float = 0.0) -> Image.Image:
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white") if angle else picture
    return turned.filter(ImageFilter.GaussianBlur(0.7))


@pytest.mark.parametrize("side", [18, 24, 30])
@pytest.mark.parametrize("angle", [0.0, 0.4])
def test_boxes_before_their_words_are_told_apart(side: int, angle: float) -> None:
    rows = [(200, "v", "Rent is paid by the month"), (250, "", "Rent is paid by the year"), (300, "x", "No pets")]
    picture = scanned(form([(80, y, state) for y, state, _ in rows], side), angle)
    lines = [line(text, 80, y, 120 + 13 * len(text)) for y, _, text in rows]
    assert read_lines(lines, picture).markdown.split("\n\n") == [
        "☑ Rent is paid by the month",
        "☐ Rent is paid by the year",
        "☑ No pets",
    ]


def test_a_row_of_boxes_of_which_the_recogniser_read_only_the_empty_one() -> None:
    picture = scanned(form([(140, 200, "x"), (280, 200, "")], 22))
    lines = [line("Yes", 80, 200, 126), line("No", 230, 200, 264), line("□", 278, 200, 304)]
    assert read_lines(lines, picture).markdown == "Yes ☑ No ☐"


def test_boxes_within_a_line() -> None:
    picture = scanned(form([(180, 200, ""), (280, 200, "v"), (400, 200, "")], 24))
    lines = [line("状况：□未婚", 80, 200, 260), line("☑已婚", 278, 200, 370)]
    assert read_lines([*lines, line("离异", 432, 200, 488)], picture).markdown == "状况： ☐ 未婚 ☑ 已婚 ☐ 离异"


def test_boxes_that_are_not_found_are_left_out_unless_they_are_ticked() -> None:
    blank = Image.new("RGB", PAGE, "white")
    lines = [line("□ Rent by the month", 80, 200, 330), line("☑ Rent by the year", 80, 250, 330)]
    assert "☐" not in read_lines(lines, blank).markdown
    assert "□" not in read_lines(lines, blank).markdown
    assert "☑ Rent by the year" in read_lines(lines, blank).markdown


def test_places_for_single_letters_are_no_check_boxes() -> None:
    picture = scanned(form([(80 + 24 * n, 200, "x" if n % 2 else "") for n in range(8)], 24))
    assert read_lines([line("Postcode", 280, 200, 390)], picture).markdown == "Postcode"


def test_characters_that_look_like_boxes_stay() -> None:
    picture = scanned(form([(80, 200, ""), (80, 250, "")], 22))
    lines = [line("口头约定无效", 78, 200, 246), line("人口登记", 60, 250, 170)]
    assert read_lines(lines, picture).markdown.split("\n\n") == ["口头约定无效", "人口登记"]


def test_the_text_of_a_pdf_keeps_its_own_boxes() -> None:
    own = line("□ Rent by the month", 80, 200, 330).model_copy(update={"size": 0.02})
    assert read_lines([own], Image.new("RGB", PAGE, "white")).markdown == "□ Rent by the month"
