"""By how much a page is turned to be level: its lines decide, not one bold stroke such as the frame of a stamp."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask
from langchain_hunyuanocr.pages.orientation.line_slopes import slope_by_lines
from langchain_hunyuanocr.pages.orientation.skew import find_skew

TEXT = (
    "Settlement of the account",
    "Paid to: Marit Solberg, Harbour Row 8",
    "Sum: 2,310.75 EUR in three parts",
    "For: new gutters and two windows",
    "Date: 3 March, received with thanks",
)


def page(tilt: float = 0.0) -> Image.Image:
    """Lines of type, turned by `tilt` degrees counterclockwise."""
    picture = Image.new("L", (1000, 800), "white")
    for row, text in enumerate(TEXT):
        ImageDraw.Draw(picture).text((90, 120 + 60 * row), text, fill=20, font_size=26)
    return picture.rotate(tilt, Image.Resampling.BICUBIC, fillcolor="white")


def stamped(picture: Image.Image, angle: float, text: str, at: tuple[int, int]) -> Image.Image:
    """The page under a framed stamp that slants by `angle` degrees."""
    stamp = Image.new("L", (560, 190), "white")
    draw = ImageDraw.Draw(stamp)
    draw.rectangle((6, 6, 552, 182), outline=90, width=8)
    draw.text((50, 50), text, fill=90, font_size=70)
    layer = Image.new("L", picture.size, "white")
    layer.paste(stamp.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), at)
    return ImageChops.darker(picture, layer)


@pytest.mark.parametrize("angle", [14, 9, 5, -7, -13])
@pytest.mark.parametrize("tilt", [0.0, 2.0, -3.5])
def test_a_slanting_stamp_turns_no_page(tilt: float, angle: float) -> None:
    picture = stamped(page(tilt), angle, "RECEIVED 9 MAY", (260, 180))
    assert find_skew(ink_mask(picture)) == pytest.approx(tilt, abs=0.5)


def test_a_page_without_a_stamp_is_turned_by_its_skew() -> None:
    assert find_skew(ink_mask(page(-6.0))) == pytest.approx(-6.0, abs=0.3)


def test_a_few_letters_say_nothing_of_a_slope() -> None:
    letters = np.array([[20 * number, 100 + 4 * number, 14 + 20 * number, 120 + 4 * number, 90] for number in range(9)])
    assert slope_by_lines(letters) is None


def test_the_line_with_most_letters_says_how_a_page_slants() -> None:
    level = [[20 * number, 100, 14 + 20 * number, 120, 90] for number in range(40)]
    falling = [[20 * number, 400 + 2 * number, 14 + 20 * number, 420 + 2 * number, 90] for number in range(12)]
    assert slope_by_lines(np.array([*level, *falling])) == pytest.approx(0.0, abs=0.05)
