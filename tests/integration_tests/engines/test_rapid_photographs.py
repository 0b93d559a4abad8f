"""Photographed pages, from the file to the text: seen from aside, curled, in uneven light."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.results import PageReading

pytest.importorskip("rapidocr")

STORY = [
    "The ferry left the eastern pier at six",
    "with eleven passengers and one grey horse",
    "that belonged to the miller of the island.",
    "Nobody had asked for the price of a horse,",
    "so the captain wrote 4.50 in his book",
    "and hoped that the owners would not mind.",
    "By noon the wind had turned to the north",
    "and the harbour could no longer be seen.",
]
PRICES = [("Rope", "12", "8.40"), ("Lamp", "3", "27.15"), ("Oil", "250", "0.95"), ("Chart", "9", "14.00")]


def letter() -> Image.Image:
    page = Image.new("RGB", (1000, 1300), (240, 238, 230))
    draw = ImageDraw.Draw(page)
    for row, text in enumerate(STORY):
        draw.text((100, 120 + 62 * row), text, fill=(35, 35, 40), font=ImageFont.load_default(36))
    for row, texts in enumerate(PRICES):
        for column, text in enumerate(texts):
            draw.text((100 + 280 * column, 760 + 62 * row), text, fill=(35, 35, 40), font=ImageFont.load_default(34))
    return page


def curled(page: Image.Image, depth: int) -> Image.Image:
    pixels = np.asarray(page)
    bend = np.round(depth * np.sin(np.linspace(0, 1.3 * np.pi, page.width))).astype(int)
    return Image.fromarray(np.stack([np.roll(pixels[:, x], bend[x], axis=0) for x in range(page.width)], axis=1))


def on_a_table(page: Image.Image, corners: list[tuple[int, int]], size: tuple[int, int], seed: int) -> Image.Image:
    wide, high = page.size
    rows, wanted = [], []
    for (u, v), (x, y) in zip(((0, 0), (wide, 0), (wide, high), (0, high)), corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    back = np.linalg.solve(np.array(rows, float), np.array(wanted, float)).tolist()
    grain = np.random.default_rng(seed).normal(70, 12, (size[1] // 8, size[0] // 8, 1)).clip(0, 255)
    table = Image.fromarray(np.repeat(grain, 3, axis=2).astype(np.uint8)).resize(size)
    mask = Image.new("L", page.size, 255).transform(size, Image.Transform.PERSPECTIVE, back)
    lying = page.transform(size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
    return Image.composite(lying, table, mask)


def shaded(picture: Image.Image) -> Image.Image:
    light = np.linspace(1.0, 0.55, picture.width)[None, :, None] * np.linspace(0.9, 1.0, picture.height)[:, None, None]
    return Image.fromarray((np.asarray(picture) * light).astype(np.uint8))


def read(picture: Image.Image, tmp_path: Path) -> PageReading:
    readings: list[PageReading] = []
    picture.save(tmp_path / "photo.jpg", quality=92)
    HunyuanOCRLoader(tmp_path / "photo.jpg", engine="rapid", on_progress=readings.append).load()
    return readings[0]


@pytest.mark.parametrize(
    "corners",
    [
        [(210, 160), (1180, 90), (1290, 1450), (120, 1380)],
        [(330, 120), (1240, 260), (1100, 1500), (140, 1290)],
        [(180, 240), (1060, 110), (1280, 1340), (330, 1490)],
    ],
)
@pytest.mark.parametrize("depth", [0, 30])
def test_a_letter_on_a_table(corners: list[tuple[int, int]], depth: int, tmp_path: Path) -> None:
    photo = shaded(on_a_table(curled(letter(), depth), corners, (1400, 1600), seed=depth))
    reading = read(photo, tmp_path)
    assert reading.warp is not None
    text = " ".join(reading.markdown.split())
    assert " ".join(STORY[:3]) in text
    assert " ".join(STORY[3:6]) in text
    for row in PRICES:
        assert f"| {' | '.join(row)} |" in text
    first = next(line for line in reading.lines if line.text.startswith("The ferry"))
    x0, y0, x1, y1 = reading.warp.box_back(first.box)
    assert abs(x0 - corners[0][0] / 1400) < 0.12
    assert 0 < y0 - corners[0][1] / 1600 < 0.12
    assert x0 < x1
    assert y0 < y1


def test_a_curled_page_that_fills_the_picture(tmp_path: Path) -> None:
    reading = read(shaded(curled(letter(), 34)), tmp_path)
    text = " ".join(reading.markdown.split())
    assert " ".join(STORY[3:6]) in text
    for row in PRICES:
        assert f"| {' | '.join(row)} |" in text


def test_a_scan_with_random_specks_is_left_as_it_lies(tmp_path: Path) -> None:
    page, specks = letter(), random.Random(5)
    for _ in range(400):
        page.putpixel((specks.randrange(1000), specks.randrange(1300)), (90, 90, 90))
    assert read(page, tmp_path).warp is None


@pytest.mark.corpus
def test_a_crumpled_sheet_among_leaves(corpus: Path, tmp_path: Path) -> None:
    path = next((corpus / "mdpbench").glob("en_paper_13_*.JPEG"))
    reading = read(Image.open(path).convert("RGB"), tmp_path)
    assert reading.warp is not None
    rows = [tuple(row) for table in reading.tables for row in table.rows]
    assert ("Ever Exposed", "189", "24", "1.06", "0.65-1.71", "184", "1.18", "0.95-1.46") in rows
