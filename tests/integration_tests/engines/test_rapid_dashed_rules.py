"""RapidOCR on tables whose columns are parted by dashed rules that touch the figures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.rapid import RapidEngine
from langchain_hunyuanocr.engines.rapid.dashed_rules import without_dashed_rules
from langchain_hunyuanocr.engines.rapid.recognition import prepare
from langchain_hunyuanocr.tasks import Task

pytest.importorskip("rapidocr")

LABELS = ["Weavers", "Dyers", "Carters", "Fullers", "Spinners", "Smiths", "Coopers", "Masons", "Tanners", "Bakers"]
FIRST = ["4,028", "9,326", "7,708", "2,356", "3,480", "25,516", "6,636", "4,709", "1,440", "8,612"]
SECOND = ["1,960", "6,244", "1,505", "1,093", "2,576", "9,948", "6,540", "4,918", "2,445", "3,327"]


def table(size: int, dash: int, gap: int, dot: int = 0) -> Image.Image:
    """Labels and two columns of figures, the first ending at a rule of dashes, or of dashes and dots in turn."""
    font = ImageFont.load_default(size)
    pitch = round(1.35 * size)
    picture = Image.new("RGB", (1000, 80 + pitch * (len(LABELS) + 2)), "white")
    draw = ImageDraw.Draw(picture)
    for row, texts in enumerate(zip(LABELS, FIRST, SECOND, strict=True)):
        y = 60 + pitch * row
        if row % 2:
            draw.rectangle((0, y - 3, 1000, y + pitch - 4), fill=(214, 214, 214))
        draw.text((60, y), texts[0], fill="black", font=font)
        draw.text((598, y), texts[1], fill="black", font=font, anchor="ra")
        draw.text((900, y), texts[2], fill="black", font=font, anchor="ra")
    y, marks = 20, [dash, dot] if dot else [dash]
    while y < picture.height - 20:
        for mark in marks:
            draw.rectangle((601, y, 602, y + mark - 1), fill="black")
            y += mark + gap
    return picture


@pytest.mark.parametrize(("size", "dash", "gap", "dot"), [(22, 5, 4, 0), (22, 9, 3, 3), (30, 3, 3, 0)])
def test_a_dashed_rule_adds_nothing_to_the_figures_beside_it(size: int, dash: int, gap: int, dot: int) -> None:
    (answer,) = RapidEngine().generate([Request(table(size, dash, gap, dot), Task())])
    said = sorted(line.text for line in answer.lines)
    assert said == sorted([*LABELS, *FIRST, *SECOND])


def test_a_column_of_ones_is_no_rule() -> None:
    picture = Image.new("RGB", (700, 900), "white")
    quads = []
    for row in range(30):
        for x in (100, 300, 500):
            ImageDraw.Draw(picture).text((x, 20 + 28 * row), "1", fill="black", font=ImageFont.load_default(24))
            top, foot = 20 + 28 * row, 46 + 28 * row
            quads.append([[x - 4, top], [x + 20, top], [x + 20, foot], [x - 4, foot]])
    prepared = prepare(picture)
    scale = prepared.width / picture.width
    assert without_dashed_rules(prepared, np.asarray(quads, dtype=np.float32) * scale) is prepared
