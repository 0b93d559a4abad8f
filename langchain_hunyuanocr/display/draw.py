"""Boxes drawn on a picture, with labels that keep off the print; and pictures as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]
_Corners = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are the first outside."""

_INK = 64
"""Grey levels from the paper's own from which a pixel counts as print."""
_LONGEST_LABEL = 48
"""Characters; what is longer ends in dots."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box to draw.

    Attributes:
        box: `(x0, y0, x1, y1)` in shares of the picture, 0 to 1, origin top left; what lies outside is cut off.
        colour: Of the frame and the label, RGB 0 to 255.
        label: Stands beside the box where it covers least print; Latin, Greek, Cyrillic, Chinese and Japanese.
        fill: Colour inside; the frame's where `None`.
        opacity: Of what is inside, 0 to 1; 0 leaves it as it is.
        weight: Of the frame, in units of about a thousandth of the picture.
        dashed: Whether the frame is broken.
        margin: Left free around the box so that the frame does not touch what it marks, a share of the longer side.
    """

    box: tuple[float, float, float, float]
    colour: Colour
    label: str = ""
    fill: Colour | None = None
    opacity: float = 0.0
    weight: float = 2.0
    dashed: bool = False
    margin: float = 0.002


def draw_marks(picture: Image, marks: Iterable[Mark], *, max_side: int | None = None) -> Image:
    """Draw boxes on a copy of a picture, in order; the labels come last, so that no box lies over one.

    Args:
        picture: Of any mode.
        marks: What to draw.
        max_side: Longest side of the result in pixels; a larger picture is made smaller before it is drawn on, so that
            frames and labels stay sharp.

    Returns:
        A new RGB picture.

    Raises:
        ValueError: `max_side` is under 1.
    """
    from PIL import ImageDraw

    if max_side is not None and max_side < 1:
        raise ValueError("a picture has at least 1 pixel")
    drawn = picture.convert("RGB") if picture.mode != "RGB" else picture.copy()
    if max_side is not None:
        drawn.thumbnail((max_side, max_side))
    wanted = list(marks)
    places = [_corners(mark, *drawn.size) for mark in wanted]
    labels = _Labels(drawn, places)
    pen = ImageDraw.Draw(drawn)
    for mark, place in zip(wanted, places, strict=True):
        _fill(drawn, mark, place)
        _frame(pen, mark, place, max(1, round(mark.weight * max(drawn.size) / 1000)))
    for mark, place in zip(wanted, places, strict=True):
        if mark.label:
            labels.write(pen, mark, place)
    return drawn


def jpeg(picture: Image, *, quality: int, max_side: int | None = None) -> bytes:
    """A picture as a JPEG.

    Args:
        picture: Of any mode; it stays as it is.
        quality: Of the JPEG, 1 to 95.
        max_side: Longest side of the result in pixels; a larger picture is made smaller.
    """
    plain = picture.convert("RGB")
    if max_side is not None:
        plain.thumbnail((max_side, max_side))
    buffer = BytesIO()
    plain.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _corners(mark: Mark, width: int, height: int) -> _Corners:
    """Where a mark lies with its margin, at least one pixel of it inside."""
    x0, y0, x1, y1 = mark.box
    margin = mark.margin * max(width, height)
    left, right = (min(max(x, 0), width) for x in (round(x0 * width - margin), round(x1 * width + margin)))
    top, bottom = (min(max(y, 0), height) for y in (round(y0 * height - margin), round(y1 * height + margin)))
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _fill(picture: Image, mark: Mark, place: _Corners) -> None:
    from PIL import Image

    if mark.opacity <= 0:
        return
    below = picture.crop(place)
    picture.paste(Image.blend(below, Image.new("RGB", below.size, mark.fill or mark.colour), mark.opacity), place)


def _frame(pen: ImageDraw, mark: Mark, place: _Corners, weight: int) -> None:
    left, top, right, bottom = place[0], place[1], place[2] - 1, place[3] - 1
    dash = 4 * weight if mark.dashed else right - left + bottom - top + 1
    for x in range(left, right + 1, 2 * dash):
        end = min(x + dash, right)
        pen.rectangle((x, top, end, min(top + weight - 1, bottom)), fill=mark.colour)
        pen.rectangle((x, max(bottom - weight + 1, top), end, bottom), fill=mark.colour)
    for y in range(top, bottom + 1, 2 * dash):
        end = min(y + dash, bottom)
        pen.rectangle((left, y, min(left + weight - 1, right), end), fill=mark.colour)
        pen.rectangle((max(right - weight + 1, left), y, right, end), fill=mark.colour)


class _Labels:
    """Places for labels beside their boxes: where they cover least print, and neither each other nor other boxes."""

    def __init__(self, picture: Image, boxes: Sequence[_Corners]) -> None:
        import numpy as np

        grey = np.asarray(picture.convert("L"), dtype=np.int16)
        self._print = _sums(abs(grey - np.median(grey)) > _INK)
        self._width, self._height = picture.size
        self._boxes = boxes
        self._taken: list[_Corners] = []
        self._font = _font(max(9, round(max(picture.size) / 80)))

    def write(self, pen: ImageDraw, mark: Mark, box: _Corners) -> None:
        text = mark.label if len(mark.label) <= _LONGEST_LABEL else f"{mark.label[: _LONGEST_LABEL - 1]}…"
        pad = max(1, round(self._font.size / 5))
        wide = round(self._font.getlength(text)) + 2 * pad
        tall = round(self._font.size * 1.15) + pad
        place = min(self._around(box, wide, tall), key=lambda place: self._cost(place, box))
        self._taken.append(place)
        left, top, right, bottom = place
        pen.rounded_rectangle((left, top, right - 1, bottom - 1), radius=pad, fill=mark.colour)
        pen.text((left + pad, (top + bottom) / 2), text, font=self._font, fill="white", anchor="lm")

    def _around(self, box: _Corners, wide: int, tall: int) -> list[_Corners]:
        """Places that touch the box, the usual ones first, inside the picture."""
        left, top, right, bottom = box
        middle = (top + bottom - tall) // 2
        starts = (
            (left, top - tall),
            (right - wide, top - tall),
            (right, middle),
            (left - wide, middle),
            (left, bottom),
            (right - wide, bottom),
            (right, top - tall),
            (right, bottom),
            (left - wide, top - tall),
            (left - wide, bottom),
        )
        inside = ((max(0, min(x, self._width - wide)), max(0, min(y, self._height - tall))) for x, y in starts)
        return [(x, y, x + wide, y + tall) for x, y in inside]

    def _cost(self, place: _Corners, own: _Corners) -> float:
        left, top, right, bottom = place
        below = min(bottom, self._height), min(right, self._width)
        covered = self._print[below] - self._print[top, below[1]] - self._print[below[0], left] + self._print[top, left]
        others = sum(_shared(place, box) for box in self._boxes if box != own and not _holds(box, own))
        labels = sum(_shared(place, label) for label in self._taken)
        # An eighth of a label is print where it lies on text; a label that hides its own box or another's says nothing.
        return float(8 * covered + others + 4 * _shared(place, own) + 20 * labels)


def _shared(one: _Corners, other: _Corners) -> int:
    """Pixels that two places share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, tall)


def _holds(outer: _Corners, inner: _Corners) -> bool:
    return _shared(outer, inner) == (inner[2] - inner[0]) * (inner[3] - inner[1])


def _sums(mask: Any) -> Any:
    """Integral image of a mask of shape (height, width): int64, (height + 1, width + 1), first row and column 0."""
    import numpy as np

    return np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


@lru_cache(maxsize=1)
def _font_bytes() -> bytes:
    import pymupdf

    return bytes(pymupdf.Font("cjk").buffer)  # Droid Sans Fallback: Chinese and Latin in one face


@lru_cache(maxsize=16)
def _font(pixels: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(BytesIO(_font_bytes()), pixels, layout_engine=ImageFont.Layout.BASIC)
