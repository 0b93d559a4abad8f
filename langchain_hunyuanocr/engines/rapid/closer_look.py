"""A closer look at places where nothing was found: each that has ink in lines is cut out and read on its own.

The detector overlooks a short line on an empty sheet, small type on a large drawing, and now and then a word on a full
page; cut out, they fill its sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.recognition import detect, prepare, recognise
from langchain_hunyuanocr.pages.ink_lines import Ink, look_for_ink, uncovered
from langchain_hunyuanocr.rectangles import shared_area
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image

_NEAR = 2.5
"""Lines so many of their heights apart are cut out together."""
_MARGIN = 2.0
"""Paper kept around what is cut out, in heights of a line."""
_MOST_PLACES = 16
"""Places that are looked at, those with most letters first: a picture may look like many."""
_MOST_PLACES_BESIDE = 4
"""The same on a page on which lines were found, or whose ink is a picture rather than text."""
_OVER = 0.25
"""Share of a line that may lie over what was found."""
_SURE_BESIDE = 0.9
"""The score beside other lines: of 8 places of pictures that look like letters none came above .77."""
_SURE = 0.8
"""A recogniser's score below which what stands alone on a page is a picture rather than text."""

_Place = tuple[float, float, float, float, float, int]
"""Left, top, right, bottom and height of a line, pixels, and how many letters."""


def look_closer(reader: Any, picture: Image, found: Sequence[Box]) -> list[Line]:
    """Read once more, in parts, what was overlooked of a page.

    Args:
        reader: RapidOCR.
        picture: The page, RGB.
        found: Where lines were found, legible or not.

    Returns:
        Further lines, boxes in shares of the page; none where nothing looks like text or none of it is legible.
    """
    ink = look_for_ink(picture)
    overlooked = _overlooked(ink, found, picture.height / picture.width)
    places = _places(picture, overlooked)[: _MOST_PLACES_BESIDE if found or not ink.is_text else _MOST_PLACES]
    sure = _SURE_BESIDE if found else _SURE
    more: list[Line] = []
    for left, top, right, bottom, height, letters in places:
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
            text = [line for line in lines if (line.score or 0.0) >= sure and (len(line.text) > 1 or letters == 1)]
            seen = [_on_page(line, frame, picture) for line in text]
            more += [line for line in seen if not found or _is_new(line.box, overlooked, found)]
    return more


def _overlooked(ink: Ink, found: Sequence[Box], aspect: float) -> list[tuple[int, Box]]:
    """Ink in lines that was not found: how many letters, and where."""
    if not found:
        return [(line.letters, line.box) for line in ink.lines]
    return [stretch for line in ink.lines for stretch in uncovered(line, found, aspect)]


def _is_new(box: Box, overlooked: Sequence[tuple[int, Box]], found: Sequence[Box]) -> bool:
    """Whether a line stands where something was overlooked, and not over what was found."""
    over = sum(shared_area(box, other) for other in found)
    there = sum(shared_area(box, other) for _, other in overlooked)
    return there > 0 and over < _OVER * box.width * box.height


def _places(picture: Image, stretches: Sequence[tuple[int, Box]]) -> list[_Place]:
    wide, high = picture.size
    places: list[_Place] = []
    for letters, box in sorted(stretches, key=lambda stretch: stretch[1].y0):
        new = (box.x0 * wide, box.y0 * high, box.x1 * wide, box.y1 * high, box.height * high, letters)
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
