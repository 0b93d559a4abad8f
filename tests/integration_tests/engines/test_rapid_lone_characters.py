"""RapidOCR on figures of one digit in a column, which its detector overlooks; and on marks that are no figures."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr import HunyuanOCR
from langchain_hunyuanocr.engines.rapid.engine import rapidocr_of_process
from langchain_hunyuanocr.engines.rapid.lone_characters import lone_characters
from langchain_hunyuanocr.engines.rapid.recognition import detect, prepare

pytest.importorskip("rapidocr")

ITEMS = ("Vegetables", "Omega plus 10s", "Seafood platter", "Fish ball and cake", "Fruit salad", "Apple juice")


def bill(marks: tuple[str, ...], x: int = 60, *, size: int = 22) -> Image.Image:
    """Six items with a mark before each, and prices."""
    picture = Image.new("RGB", (900, 420), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for row, (item, mark) in enumerate(zip(ITEMS, marks, strict=True)):
        y = 40 + 56 * row
        pen.text((x, y), mark, fill="black", font=font)
        pen.text((200, y), item, fill="black", font=font)
        pen.text((700, y), f"{row + 2}.{row}0", fill="black", font=font)
    return picture


def found(picture: Image.Image) -> list[str]:
    reader, prepared = rapidocr_of_process(), prepare(picture)
    return [line.text for line in lone_characters(reader, prepared, detect(reader, prepared))]


@pytest.mark.parametrize("marks", [("1",) * 6, ("1", "2", "1", "1", "4", "1"), ("1", "1", "12", "1", "1", "7")])
def test_no_quantity_of_a_bill_is_lost(marks: tuple[str, ...]) -> None:
    rows = HunyuanOCR(engine="rapid").invoke(bill(marks)).markdown
    for mark, item in zip(marks, ITEMS, strict=True):
        (row,) = (row for row in rows.splitlines() if item.split()[0] in row)
        assert mark in row.replace("|", " ").split(), rows


@pytest.mark.parametrize("marks", [(".",) * 6, ("-",) * 6, ("•",) * 6, ("|",) * 6, ("",) * 6])
def test_marks_that_are_no_figures_are_none(marks: tuple[str, ...]) -> None:
    assert found(bill(marks)) == []


def test_a_single_mark_is_no_column() -> None:
    assert found(bill(("1", "", "", "", "", ""))) == []


def test_a_page_without_lines_has_none() -> None:
    assert found(Image.new("RGB", (300, 300), "white")) == []
