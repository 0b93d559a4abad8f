"""Photographed pages: the outline is found, curl is made level, and the warp leads back to where things lay."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.pages.backends.base import Rendered
from langchain_hunyuanocr.pages.ink_lines import letters_of
from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask
from langchain_hunyuanocr.pages.orientation.line_curl import find_curl
from langchain_hunyuanocr.pages.orientation.photograph import looks_photographed, rectified, uncurled
from langchain_hunyuanocr.pages.orientation.upright import inspect
from langchain_hunyuanocr.warp import Warp

CORNERS = ((170, 120), (980, 210), (1060, 1330), (90, 1250))
"""Of the sheet on the table, clockwise from the top left."""
TEXT = "the keeper of the old lighthouse wrote down wind and weather every evening"


def sheet(lines: int = 14) -> Image.Image:
    picture = Image.new("RGB", (900, 1200), (238, 236, 228))
    words = random.Random(4)
    for row in range(lines):
        line = " ".join(words.sample(TEXT.split(), 8))
        ImageDraw.Draw(picture).text((80, 90 + 70 * row), line, fill=(30, 30, 30), font_size=24)
    return picture


def photographed(page: Image.Image) -> Image.Image:
    """The sheet seen from aside, on a dark table."""
    rows, wanted = [], []
    for (u, v), (x, y) in zip(((0, 0), (900, 0), (900, 1200), (0, 1200)), CORNERS, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    back = np.linalg.solve(np.array(rows, float), np.array(wanted, float)).tolist()
    lying = page.transform((1150, 1450), Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
    mask = Image.new("L", page.size, 255).transform((1150, 1450), Image.Transform.PERSPECTIVE, back)
    return Image.composite(lying, Image.new("RGB", (1150, 1450), (70, 62, 55)), mask)


def curled(page: Image.Image, depth: int) -> Image.Image:
    """The page with every line bent down by `depth` pixels towards its middle."""
    pixels = np.asarray(page)
    bend = np.round(depth * np.sin(np.linspace(0, np.pi, page.width))).astype(int)
    return Image.fromarray(np.stack([np.roll(pixels[:, x], bend[x], axis=0) for x in range(page.width)], axis=1))


def lit_from_the_left(page: Image.Image) -> Image.Image:
    light = np.linspace(1.0, 0.6, page.width)[None, :, None]
    return Image.fromarray((np.asarray(page) * light).astype(np.uint8))


def test_a_sheet_seen_from_aside_becomes_a_rectangle() -> None:
    flat = rectified(photographed(sheet()), 3_400_000, slants=True)
    assert flat is not None
    picture, warp = flat
    assert picture.width / picture.height == pytest.approx(0.75, abs=0.12)
    for (x, y), (u, v) in zip(CORNERS, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        assert warp.back(u, v) == pytest.approx((x / 1150, y / 1450), abs=0.02)
    grey = np.asarray(picture.convert("L"))
    assert all(np.median(edge) > 200 for edge in (grey[:8], grey[-8:], grey[:, :8], grey[:, -8:]))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_warp_of_a_turned_photograph_leads_to_the_file_as_it_lies(turn: int) -> None:
    pytest.importorskip("onnxruntime")
    page = photographed(sheet())
    lying = page.rotate(turn, expand=True)
    found = inspect(Rendered(lying, dpi=0), upright=True, max_pixels=3_400_000)
    assert found.rotation == turn
    assert found.warp is not None
    x, y = CORNERS[0][0] / 1150, CORNERS[0][1] / 1450
    expected = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[turn]
    assert found.warp.back(0, 0) == pytest.approx(expected, abs=0.02)


def test_a_light_panel_on_a_dark_slide_is_no_photographed_sheet() -> None:
    slide = Image.new("RGB", (1280, 960), (40, 44, 60))
    slide.paste(sheet().resize((700, 800)), (300, 80))
    assert rectified(slide, 3_400_000, slants=True) is None


def test_a_page_with_level_lines_is_not_taken_for_one_seen_from_aside() -> None:
    scan = Image.new("RGB", (1000, 1300), "black")
    scan.paste(sheet(), (0, 0))
    ImageDraw.Draw(scan).polygon([(900, 0), (1000, 0), (1000, 1300), (830, 1300)], fill="black")
    assert inspect(Rendered(scan, dpi=150), upright=True, max_pixels=3_400_000).warp is None


def test_text_beside_a_sheet_is_not_cut_off() -> None:
    picture = photographed(sheet(3))
    for row in range(3):
        text = "Exhibit of the museum of navigation and trade"
        ImageDraw.Draw(picture).text((200, 20 + 30 * row), text, fill="white", font_size=24)
    ImageDraw.Draw(picture).text((200, 1380), "Photograph taken on the ninth of May", fill="white", font_size=30)
    assert rectified(picture, 3_400_000, slants=True) is None


def test_a_scan_is_not_looked_at_as_a_photograph() -> None:
    assert not looks_photographed(sheet().convert("L"))
    assert looks_photographed(photographed(sheet()).convert("L"))
    assert inspect(Rendered(sheet(), dpi=150), upright=True, max_pixels=3_400_000).warp is None


def test_bent_lines_are_made_level_and_lead_back() -> None:
    bent = curled(sheet(), 40)
    flat = uncurled(bent)
    assert flat is not None
    picture, warp = flat
    before, after = (find_curl(letters_of(ink_mask(p.convert("L"))), p.size) for p in (bent, picture))
    assert before is not None
    assert before.bend > 0.2
    assert after is None or after.bend < 0.3 * before.bend
    # The middle of a line hangs lower than its ends by what it was bent.
    ends, middle = warp.back(0.1, 0.5)[1], warp.back(0.5, 0.5)[1]
    assert (middle - ends) * bent.height == pytest.approx(40 * (1 - np.sin(0.1 * np.pi)), abs=8)


def test_straight_lines_are_left_as_they_are() -> None:
    assert uncurled(sheet()) is None


def test_a_curled_page_without_an_outline_is_laid_flat_by_its_light() -> None:
    found = inspect(Rendered(lit_from_the_left(curled(sheet(), 40)), dpi=0), upright=True, max_pixels=3_400_000)
    assert found.warp is not None
    assert found.picture.size == (900, 1200)


def test_a_warp_gives_the_rectangle_around_a_bent_part() -> None:
    warp = Warp(columns=2, rows=2, points=(0.1, 0.2, 0.9, 0.2, 0.1, 0.8, 0.9, 0.8))
    assert warp.box_back((0.0, 0.0, 0.5, 1.0)) == pytest.approx((0.1, 0.2, 0.5, 0.8))
    assert warp.moved(lambda x, y: (y, x)).back(0, 0) == pytest.approx((0.2, 0.1))
