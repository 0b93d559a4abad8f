from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from langchain_hunyuanocr.pages.ink_lines import has_text, ink_lines, only_specks
from langchain_hunyuanocr.pages.orientation.ink_mask import has_ink

SIZE = (900, 1200)


def sheet(*texts: tuple[str, int, int, int], size: tuple[int, int] = SIZE) -> Image.Image:
    page = Image.new("RGB", size, "white")
    for text, x, y, height in texts:
        ImageDraw.Draw(page).text((x, y), text, fill="black", font=ImageFont.load_default(height))
    return page


def texture(cell: int) -> Image.Image:
    grey = np.random.default_rng(cell).normal(120, 60, (SIZE[1] // cell, SIZE[0] // cell)).clip(0, 255).astype(np.uint8)
    picture = Image.fromarray(grey).resize((600, 800), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(3))
    page = Image.new("RGB", SIZE, "white")
    page.paste(picture.convert("RGB"), (150, 200))
    return page


def specks(count: int, *, side: int) -> Image.Image:
    page, places = Image.new("RGB", SIZE, "white"), np.random.default_rng(5)
    for _ in range(count):
        x, y = int(places.integers(50, SIZE[0] - 50)), int(places.integers(50, SIZE[1] - 50))
        page.paste("black", (x, y, x + side, y + side))
    return page


@pytest.mark.parametrize(("text", "x", "y", "height"), [("Enclosure 12", 80, 90, 18), ("Received", 500, 1000, 40)])
def test_a_line_is_found_at_its_place(text: str, x: int, y: int, height: int) -> None:
    page = sheet((text, x, y, height))
    (line,) = ink_lines(page)
    assert line.letters >= 7
    assert line.box.x0 * SIZE[0] == pytest.approx(x, abs=8)
    assert y <= line.box.y0 * SIZE[1] < line.box.y1 * SIZE[1] <= y + 1.3 * height
    assert has_text(page)


def test_words_of_one_line_and_lines_under_each_other() -> None:
    page = sheet(*((f"Clause {n} of the lease", 100, 100 + 60 * n, 22) for n in range(5)))
    assert len(ink_lines(page)) >= 5
    assert has_text(page)


def test_a_number_that_stands_alone_is_a_place_to_look_at() -> None:
    (line,) = ink_lines(sheet(("7", 440, 1120, 30)))
    assert line.letters == 1


@pytest.mark.parametrize("cell", [6, 12, 25, 40])
def test_a_texture_is_no_text(cell: int) -> None:
    assert has_ink(texture(cell))
    assert not has_text(texture(cell))
    assert not only_specks(texture(cell))


def test_an_empty_form_and_blots_are_no_text() -> None:
    form = sheet()
    draw = ImageDraw.Draw(form)
    for y in range(200, 1000, 80):
        draw.line((80, y, 820, y), fill="black", width=2)
    draw.line((80, 200, 80, 920), fill="black", width=2)
    draw.ellipse((20, 300, 60, 340), fill="black")
    draw.ellipse((20, 800, 60, 840), fill="black")
    draw.rectangle((300, 1020, 600, 1150), fill="black")
    assert has_ink(form)
    assert not has_text(form)


def test_dust_is_specks_and_a_letter_is_none() -> None:
    assert only_specks(specks(15, side=3))
    assert not only_specks(specks(15, side=9))
    assert not only_specks(sheet(("B", 300, 300, 24)))


def test_an_empty_page_has_neither_lines_nor_text() -> None:
    for size in ((1, 1), (3, 900), SIZE):
        page = Image.new("RGB", size, "white")
        assert not has_ink(page)
        assert ink_lines(page) == ()
        assert not has_text(page)


def test_a_thousand_specks_are_seen_through_in_no_time_and_are_no_text() -> None:
    assert not has_text(specks(4000, side=2))


def test_a_short_word_on_a_long_strip_is_ink() -> None:
    strip = sheet(("thanks", 200, 9000, 20), size=(400, 12000))
    assert has_ink(strip)
    assert ink_lines(strip)
