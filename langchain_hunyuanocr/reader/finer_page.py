"""A finer look at a large page: rendered again with more pixels, and read in bands.

A plan of a square metre within `max_pixels` has some 50 dots an inch, where small type is a few pixels high.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from langchain_hunyuanocr.pages import Page, render_page
from langchain_hunyuanocr.pages.rendering import SourceView
from langchain_hunyuanocr.results import Box, Generation, Line

if TYPE_CHECKING:
    from PIL.Image import Image

COARSE_DPI = 150
"""Resolution below which type of 8 points is too small to be read surely."""
_MORE_PIXELS = 4
"""Times the pixels of the first look: twice the resolution, about 40 MB."""
_FULL = 0.85
"""Share of `max_pixels` from which on these, and not the file, decided the resolution; straightening costs some."""
_FINER = 1.2
_WIDE = 3.2
"""Width of a band, in its heights: the detector looks at so long a picture in tiles."""
_LEAST_HIGH = 400
_OVERLAP = 80
"""Pixels that a band shares with the next: more than a line of small type is high."""


def is_coarse(page: Page) -> bool:
    """Whether a page was rendered far more coarsely than it is to be read, to keep within `max_pixels`."""
    if not isinstance(page.view, SourceView) or not 0 < page.dpi < COARSE_DPI:
        return False
    return page.picture.width * page.picture.height >= _FULL * page.view.settings.max_pixels


def render_finer(page: Page) -> Future[Page | None]:
    """Begin to render a coarse page with more pixels, in a thread of its own.

    Args:
        page: For which `is_coarse` holds.

    Returns:
        The page, `None` where it cannot be rendered or gets no finer.
    """
    future: Future[Page | None] = Future()
    threading.Thread(target=lambda: future.set_result(_finer(page)), name="hunyuanocr-finer", daemon=True).start()
    return future


def _finer(page: Page) -> Page | None:
    view = page.view
    if not isinstance(view, SourceView):
        return None
    settings = view.settings.model_copy(update={"max_pixels": _MORE_PIXELS * view.settings.max_pixels})
    try:
        finer = render_page(view.source, view.index, settings)
    except Exception:  # whatever stands in the way, the first look at the page stays
        return None
    return finer if finer.dpi >= _FINER * page.dpi else None


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a page from side to side, in pixels from the top."""

    top: int
    bottom: int
    own: tuple[float, float]
    """Lines with their middle between these are this band's: the next one sees some of them too."""

    def cut(self, picture: Image) -> Image:
        """The band of a picture."""
        return picture.crop((0, self.top, picture.width, self.bottom))


def bands_of(width: int, height: int) -> list[Band]:
    """Bands that cover a picture of so many pixels."""
    count = max(1, min(math.ceil(_WIDE * height / width), height // _LEAST_HIGH))
    edges = [round(number * height / count) for number in range(count + 1)]
    return [
        Band(max(0, top - _OVERLAP), min(height, bottom + _OVERLAP), (top, bottom if bottom < height else math.inf))
        for top, bottom in pairwise(edges)
    ]


def joined(bands: Sequence[Band], answers: Sequence[Generation], height: int) -> Generation:
    """What was read of the bands as what was read of the page.

    Args:
        bands: Of the page.
        answers: One a band.
        height: Of the page in pixels.

    Returns:
        Lines and where lines were found, boxes in shares of the page; the error of a band, where one failed.
    """
    failed = next((answer for answer in answers if answer.finish == "error"), None)
    if failed is not None:
        return failed
    lines: list[Line] = []
    found: list[Box] = []
    for band, answer in zip(bands, answers, strict=True):
        lines += _own_lines(band, answer.lines, height)
        found += [_on_page(band, box, height) for box in answer.found or ()]
    tells = all(answer.found is not None for answer in answers)
    return Generation(lines=tuple(lines), found=tuple(found) if tells else None)


def _own_lines(band: Band, lines: Sequence[Line], height: int) -> Iterator[Line]:
    for line in lines:
        box = _on_page(band, line.box, height)
        if band.own[0] <= (box.y0 + box.y1) / 2 * height < band.own[1]:
            yield line.model_copy(update={"box": box})


def _on_page(band: Band, box: Box, height: int) -> Box:
    high = band.bottom - band.top
    return Box(
        box.x0, round((band.top + box.y0 * high) / height, 4), box.x1, round((band.top + box.y1 * high) / height, 4)
    )
