"""A closer look at a page on which nothing was found: each place with ink in lines is cut out and read on its own.

The detector overlooks a short line on an empty sheet, and small type on a large drawing; cut out, they fill its sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.recognition import detect, prepare, recognise
from langchain_hunyuanocr.pages.ink_lines import ink_lines
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image

_NEAR = 2.5
"""Lines so many of their heights apart are cut out together."""
_MARGIN = 2.0
"""Paper kept around what is cut out, in heights of a line."""
_MOST_PLACES = 16
"""Places that are looked at, those with most letters first: a picture may look like many."""
_SURE = 0.8
"""A recogniser's score below which what stands alone on a page is a picture rather than text."""

_Place = tuple[float, float, float, float, float, int]
"""Left, top, right, bottom and height of a line, pixels, and how many letters."""


def look_closer(reader: Any, picture: Image) -> tuple[Line, ...]:
    """Read a page on which nothing was found once more, in parts.

    Args:
        reader: RapidOCR.
        picture: The page, RGB.

    Returns:
        Lines, boxes in shares of the page; none where nothing looks like text or none of it is legible.
    """
    found: list[Line] = []
    for left, top, right, bottom, height, letters in _places(picture)[:_MOST_PLACES]:
        margin = _MARGIN * height
        frame = (
            max(0, round(left - margin)),
            max(0, round(top - margin)),
            min(picture.width, round(right + margin)),
            min(picture.height, round(bottom + margin)),
        )
        prepared = prepare(picture.crop(frame))
        for lines in recognise(reader, prepared, detect(reader, prepared)):
            # One character where several marks stand is a texture that looks like it.
            text = [line for line in lines if (line.score or 0.0) >= _SURE and (len(line.text) > 1 or letters == 1)]
            found.extend(_on_page(line, frame, picture) for line in text)
    return tuple(found)


def _places(picture: Image) -> list[_Place]:
    wide, high = picture.size
    places: list[_Place] = []
    for line in sorted(ink_lines(picture), key=lambda item: item.box.y0):
        box = line.box
        new = (box.x0 * wide, box.y0 * high, box.x1 * wide, box.y1 * high, box.height * high, line.letters)
        apart = []
        for place in places:
            if _is_near(place, new):
                new = _around((place, new))
            else:
                apart.append(place)
        places = [*apart, new]
    return sorted(places, key=lambda place: -place[5])


def _is_near(one: _Place, other: _Place) -> bool:
    reach = _NEAR * max(one[4], other[4])
    return (
        one[0] - reach < other[2]
        and other[0] - reach < one[2]
        and one[1] - reach < other[3]
        and other[1] - reach < one[3]
    )


def _around(places: Sequence[_Place]) -> _Place:
    left, top, right, bottom, height, letters = zip(*places, strict=True)
    return min(left), min(top), max(right), max(bottom), max(height), sum(letters)


def _on_page(line: Line, frame: tuple[int, int, int, int], picture: Image) -> Line:
    left, top, right, bottom = frame
    x0, y0, x1, y1 = line.box
    wide, high = right - left, bottom - top
    box = Box.from_pixels(
        left + x0 * wide, top + y0 * high, left + x1 * wide, top + y1 * high, width=picture.width, height=picture.height
    )
    return line.model_copy(update={"box": box})
