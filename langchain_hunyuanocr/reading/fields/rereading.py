"""Rereading of single lines in other renderings, since what was misread is seldom misread alike.

A recogniser that reads a line again at another size, contrast and width gives the same characters where they are clear;
where they are not, at least one of the looks differs. The lines of a page are pasted under each other on one sheet a
look, so that a look costs one reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image

Reread = Callable[[Sequence[Box]], Sequence[Sequence[str]]]
"""From places on a page to what each further look reads there."""

_MARGIN = 0.45
"""Paper kept above and below a line, in heights of it."""
_BESIDE = 1.4
"""Paper kept before and after it: room for a character that was cut off."""
_GAP = 0.8
"""Paper between two lines of a sheet, in heights of one."""
_LOOKS = ((40, 1.0), (27, 1.0), (34, 1.2))
"""Height in pixels to which each look brings a line, and by how much it makes it wider."""
_LEAST_LOOKS = 3
"""Looks that must agree against the first reading."""
_LETTERS_A_SLIP = 8
"""Characters of a line for each of which one may have been misread."""
_LEAST_SHEET = 1000
"""Sides of a sheet in pixels, so that a reader does not enlarge it once more."""


def reread_with(picture: Image, read: Callable[[Sequence[Image]], Sequence[Sequence[Line]]]) -> Reread:
    """A second look at a page.

    Args:
        picture: The page, RGB.
        read: Reads pictures, RGB; the lines of each, boxes in shares of it.

    Returns:
        For boxes in shares of the page, a text a look; empty where a look finds nothing.
    """

    def again(boxes: Sequence[Box]) -> list[tuple[str, ...]]:
        if not boxes:
            return []
        ink = [_cut(picture, box) for box in boxes]
        sheets = [_Sheet(ink, height, wider) for height, wider in _LOOKS]
        answers = read([sheet.picture for sheet in sheets])
        looks = [sheet.texts(lines) for sheet, lines in zip(sheets, answers, strict=True)]
        return [tuple(look[number] for look in looks) for number in range(len(boxes))]

    return again


def remembered(again: Reread) -> Reread:
    """The same looks, each place looked at once."""
    seen: dict[Box, Sequence[str]] = {}

    def look(boxes: Sequence[Box]) -> list[Sequence[str]]:
        new = [box for box in dict.fromkeys(boxes) if box not in seen]
        if new:
            seen.update(zip(new, again(new), strict=True))
        return [seen[box] for box in boxes]

    return look


def mended_lines(lines: Sequence[Line], boxes: Sequence[Box], again: Reread) -> list[Line]:
    """Lines of which all further looks agree on a slightly other text, with that text.

    Args:
        lines: Of a page.
        boxes: Of the lines that are looked at again.
        again: Looks once more.

    Returns:
        The lines in order; those that were changed have the score 0, since they were not always read alike.
    """
    looks = dict(zip(boxes, again(boxes), strict=True)) if boxes else {}
    done = []
    for line in lines:
        text = _agreed(line.text, looks.get(line.box, ()))
        done.append(line if text is None else line.model_copy(update={"text": text, "score": 0.0}))
    return done


def _agreed(text: str, looks: Sequence[str]) -> str | None:
    """What all looks say where it is nearly what was read first, but not quite; `None` where they do not agree."""
    from rapidfuzz.distance import Levenshtein

    bare = {re.sub(r"\s", "", look) for look in looks}
    first = re.sub(r"\s", "", text)
    if len(bare) != 1 or len(looks) < _LEAST_LOOKS:
        return None
    (other,) = bare
    near = 0 < Levenshtein.distance(first, other) <= max(1, len(first) // _LETTERS_A_SLIP)
    return max(looks, key=len).strip() if near else None


def _cut(picture: Image, box: Box) -> tuple[Image, float]:
    """A line with paper around it, as dark and as light as can be, and the height of its type in pixels."""
    from PIL import ImageOps

    tall = max(2.0, box.height * picture.height)
    space, beside = _MARGIN * tall, _BESIDE * tall
    frame = (
        max(0, round(box.x0 * picture.width - beside)),
        max(0, round(box.y0 * picture.height - space)),
        max(1, min(picture.width, round(box.x1 * picture.width + beside))),
        max(1, min(picture.height, round(box.y1 * picture.height + space))),
    )
    return ImageOps.autocontrast(picture.crop(frame).convert("L"), cutoff=1), tall


class _Sheet:
    """Lines under each other, all of one height."""

    def __init__(self, ink: Sequence[tuple[Image, float]], height: int, wider: float) -> None:
        from PIL import Image as Images

        strips = []
        for line, tall in ink:
            scale = height / tall
            size = (max(1, round(line.width * scale * wider)), max(1, round(line.height * scale)))
            strips.append(line.resize(size, Images.Resampling.BICUBIC))
        gap = round(_GAP * height)
        wide = max(_LEAST_SHEET, 2 * gap + max(strip.width for strip in strips))
        full = gap + sum(strip.height + gap for strip in strips)
        sheet = Images.new("L", (wide, full), 255)
        self._rows: list[tuple[float, float]] = []
        top = gap
        for strip in strips:
            sheet.paste(strip, (gap, top))
            self._rows.append((top / full, (top + strip.height) / full))
            top += strip.height + gap
        self.picture: Image = sheet.convert("RGB")

    def texts(self, lines: Sequence[Line]) -> list[str]:
        """What was read in each row, from the left."""
        found: list[list[Line]] = [[] for _ in self._rows]
        for line in sorted(lines, key=lambda item: item.box.x0):
            middle = (line.box.y0 + line.box.y1) / 2
            for number, (top, foot) in enumerate(self._rows):
                if top <= middle <= foot:
                    found[number].append(line)
        return [" ".join(line.text for line in row) for row in found]
