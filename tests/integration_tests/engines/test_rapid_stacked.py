"""RapidOCR on short rows close above each other, which its detector takes for one tall box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.engines.rapid.engine import rapidocr_of_process
from langchain_hunyuanocr.engines.rapid.recognition import prepare, recognise
from langchain_hunyuanocr.engines.rapid.stacked_rows import with_rows_apart

pytest.importorskip("rapidocr")

FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)


def read(picture: Image.Image) -> set[str]:
    """What a tall box says that takes up the whole picture but its margin."""
    reader, prepared = rapidocr_of_process(), prepare(picture)
    wide, high = prepared.width, prepared.height
    margin = 0.2 * wide
    quads = np.array(
        [[[margin, margin], [wide - margin, margin], [wide - margin, high - margin], [margin, high - margin]]],
        np.float32,
    )
    _, lines = with_rows_apart(reader, prepared, quads, recognise(reader, prepared, quads))
    return {line.text for found in lines for line in found}


@pytest.mark.parametrize("figures", [("12", "8", "4"), ("31", "27", "10", "95"), ("6.5", "7.1")])
def test_small_figures_above_each_other_are_read_one_by_one(figures: tuple[str, ...]) -> None:
    picture = Image.new("RGB", (90 + 20 * (len(figures[0]) - 2), 60 + 42 * len(figures)), "white")
    for row, text in enumerate(figures):
        ImageDraw.Draw(picture).text((26, 28 + 42 * row), text, fill="black", font=ImageFont.load_default(40))
    assert read(picture) == set(figures)


@pytest.mark.parametrize("turn", [90, 270])
@pytest.mark.parametrize("text", ["244", "Mill", "18.75", "Church"])
def test_a_word_on_its_side_is_not_cut_into_letters(text: str, turn: int) -> None:
    picture = Image.new("RGB", (60 + 22 * len(text), 84), "white")
    ImageDraw.Draw(picture).text((28, 18), text, fill="black", font=ImageFont.load_default(40))
    found = read(picture.rotate(turn, expand=True))
    assert len(found) <= 1


def test_units_of_a_column_are_read_one_by_one_and_writing_that_runs_down_is_not() -> None:
    font_path = next((path for path in FONTS if path.exists()), None)
    if font_path is None:
        pytest.skip("no font with Chinese characters is installed")
    font = ImageFont.truetype(str(font_path), 22)
    units = "项套支次"
    column = [(300.0, 40 + 34 * row, unit) for row, unit in enumerate(units)]
    for beside in (True, False):
        picture = Image.new("RGB", (640, 220), "white")
        pen = ImageDraw.Draw(picture)
        for x, y, unit in column:
            pen.text((x, y), unit, fill="black", font=font)
            if beside:
                pen.text((40, y), "血浆纤维蛋白原测定", fill="black", font=font)
        reader, prepared = rapidocr_of_process(), prepare(picture)
        scale = prepared.width / picture.width
        tall = np.array([[[296, 38], [326, 38], [326, 172], [296, 172]]], np.float32) * scale
        flat = [
            np.array([[36, y - 2], [250, y - 2], [250, y + 28], [36, y + 28]], np.float32) * scale for _, y, _ in column
        ]
        quads = np.concatenate([tall, np.stack(flat)]) if beside else tall
        quads[:, :, 1] += prepared.padding
        _, lines = with_rows_apart(reader, prepared, quads, recognise(reader, prepared, quads))
        said = {line.text for found in lines for line in found}
        assert (set(units) <= said) is beside, said
