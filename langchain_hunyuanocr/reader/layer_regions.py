"""Layer regions: where a page shows text that its text layer does not have, and what an engine reads there.

A letter is scanned under a letterhead that was typed, a table is pasted as a picture, a word is drawn as curves. What
the layer has is painted over before the rest is read, so that nothing is read twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.pages.ink_lines import InkLine, ink_lines
from langchain_hunyuanocr.rectangles import holds_centre, in_pixels, shared_area, touch
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image

    from langchain_hunyuanocr.pages import Page

_WORD = 3
"""Letters of a line that make it one."""
_SAID = 0.3
"""Share of a line of ink that lies under the layer's lines from which the layer has it."""
_MARGIN = 0.008
"""Paper around a region that is read with it, in shares of the page."""
_WHOLE = 0.5
"""Share of the page from which all of it is read at once."""
_MOST_REGIONS = 6
_FEW_LINES = 3
_DARK = 110
"""Grey level of a picture's middle below which its type is light."""
_SHRUNK = 4
_TYPE = (0.12, 0.06)
"""How much of the box of a line, above and below, is ascent and descent that its letters do not fill."""
_RING = 3
"""Pixels around a line whose colour is the paper's."""


@dataclass(frozen=True, slots=True)
class OpenRegion:
    """A part of a page that the text layer does not tell of."""

    box: Box
    lines: tuple[InkLine, ...]
    """The ink in lines that was seen in it, in no order."""

    @property
    def is_small(self) -> bool:
        """Whether it shows a few lines at most, by their number and by how far they reach down the page."""
        place = Box.around(line.box for line in self.lines)
        highest = max((line.box.height for line in self.lines), default=0.0)
        return place is None or (len(self.lines) <= _FEW_LINES and place.height <= 2 * _FEW_LINES * highest)


def open_regions(page: Page) -> tuple[OpenRegion, ...]:
    """Where a page shows ink in lines that its text layer does not have.

    Only pictures and drawings are looked at: all other ink is the layer's own. One region covers the whole page where
    the regions are many or large.

    Args:
        page: With a good text layer.
    """
    layer = page.text_layer
    if not layer.pictures:
        return ()
    said = [line.box for line in (*layer.lines, *layer.watermarks)]
    on_the_page = ink_lines(page.picture)
    found = []
    for place in layer.pictures:
        lines = _unsaid([line for line in on_the_page if holds_centre(place, line.box)], said)
        lines = lines or _unsaid(_lines_within(page.picture, place), said)
        if lines:
            grown = Box.around((place, *(line.box for line in lines))) or place
            found.append(OpenRegion(_with_margin(grown), lines))
    if len(found) > _MOST_REGIONS or sum(region.box.width * region.box.height for region in found) > _WHOLE:
        return (OpenRegion(Box(0.0, 0.0, 1.0, 1.0), tuple(line for region in found for line in region.lines)),)
    return tuple(found)


def _unsaid(lines: Iterable[InkLine], said: Sequence[Box]) -> tuple[InkLine, ...]:
    return tuple(line for line in lines if line.letters >= _WORD and _share_of(line.box, said) < _SAID)


def _lines_within(picture: Image, place: Box) -> tuple[InkLine, ...]:
    """Ink in lines of a part of a page, looked at alone: light on dark too, and letters as high as a hand."""
    from PIL import ImageOps

    part = picture.crop(in_pixels(place, picture.size)).convert("L")
    dark = float(np.median(np.asarray(part))) < _DARK
    plain = ImageOps.invert(part) if dark else part
    for look in (plain, plain.reduce(_SHRUNK)):
        lines = ink_lines(look.convert("RGB"))
        if any(line.letters >= _WORD for line in lines):
            return tuple(InkLine(_placed_in(line.box, place), line.letters) for line in lines)
    return ()


def _placed_in(box: Box, place: Box) -> Box:
    return Box(
        round(place.x0 + box.x0 * place.width, 4),
        round(place.y0 + box.y0 * place.height, 4),
        round(place.x0 + box.x1 * place.width, 4),
        round(place.y0 + box.y1 * place.height, 4),
    )


def cut_out(picture: Image, regions: Sequence[OpenRegion], said: Iterable[Line]) -> list[Image]:
    """The regions as pictures of their own, what the layer says painted over in the colour of the paper around it.

    Args:
        picture: The page, RGB.
        regions: Of it.
        said: The layer's lines.
    """
    clean = picture.copy()
    places = [region.box for region in regions]
    for line in said:
        if any(touch(line.box, place) for place in places):
            _paint_over(clean, line.box)
    return [clean.crop(in_pixels(place, clean.size)) for place in places]


def on_page(lines: Iterable[Line], region: OpenRegion, said: Sequence[Line]) -> list[Line]:
    """Lines that were read in a region, at their places on the page; what the layer says too is left out.

    Args:
        lines: With boxes in shares of the region.
        region: Where they were read.
        said: The layer's lines.
    """
    place, boxes = region.box, [line.box for line in said]
    moved = []
    for line in lines:
        box = _placed_in(line.box, place)
        if _share_of(box, boxes) < 1 - _SAID:
            moved.append(line.model_copy(update={"box": box}))
    return moved


def placed(text: str, region: OpenRegion) -> list[Line]:
    """The lines of an answer that has no places, at those of the region's ink from top to bottom.

    Args:
        text: A language model's, a line each.
        region: What it was asked about.
    """
    said = [line.strip() for line in text.splitlines() if line.strip()]
    inked = sorted((line.box for line in region.lines), key=lambda box: (box.y0, box.x0))
    if len(inked) == len(said):
        return [Line(text=line, box=box) for line, box in zip(said, inked, strict=True)]
    place = Box.around(inked) or region.box
    high = place.height / max(1, len(said))
    return [
        Line(text=line, box=Box(place.x0, place.y0 + number * high, place.x1, place.y0 + (number + 1) * high))
        for number, line in enumerate(said)
    ]


def _share_of(box: Box, others: Iterable[Box]) -> float:
    """Share of a box that others cover; they do not overlap each other, as lines do not."""
    area = max(box.width * box.height, 1e-9)
    return sum(shared_area(box, other) for other in others) / area


def _with_margin(box: Box) -> Box:
    return Box(
        max(0.0, box.x0 - _MARGIN), max(0.0, box.y0 - _MARGIN), min(1.0, box.x1 + _MARGIN), min(1.0, box.y1 + _MARGIN)
    )


def _paint_over(picture: Image, box: Box) -> None:
    above, below = _TYPE
    left, top, right, bottom = in_pixels(
        Box(box.x0, box.y0 + above * box.height, box.x1, box.y1 - below * box.height), picture.size
    )
    ring = np.asarray(picture.crop((left - _RING, top - _RING, right + _RING, bottom + _RING)))
    edge = np.concatenate([ring[:_RING].reshape(-1, 3), ring[-_RING:].reshape(-1, 3)])
    red, green, blue = (int(value) for value in np.median(edge, axis=0))
    picture.paste((red, green, blue), (left, top, right, bottom))
