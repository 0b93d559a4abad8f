"""Glyphs: the characters that a PDF page draws, each with its place, as MuPDF gives them line by line.

What is drawn twice for a bold look counts once, and symbol fonts are read as the signs that they show.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pymupdf

from langchain_hunyuanocr.pages.backends.symbol_fonts import shown_sign

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_PRESERVE_LIGATURES
_DRAWN = 16 | 32
"""`char_flags` of text that is filled or stroked (MuPDF's FZ_STEXT_FILLED and FZ_STEXT_STROKED)."""
_BOLD = 16
"""In a span's `flags`."""
_FAINTEST = 10
"""Alpha, 0 to 255, up to which nothing is drawn."""
_COPY = 0.12
"""Farthest that a glyph drawn again for a bold look lies from the first one, in type sizes: less than any advance."""
_SHADOW = 0.3
"""The same for a whole line of three characters or more."""
_LINE_OF_COPIES = 3


@dataclass(slots=True)
class Glyph:
    """A drawn character, in points of the page without `/Rotate`, origin top left."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: tuple[float, float]
    """Where it stands on its baseline."""
    size: float
    font: str
    bold: bool
    colour: int
    """sRGB, 0xRRGGBB."""
    drawn: bool
    """Whether it is filled or stroked at all."""
    is_space: bool = field(init=False)
    """Whether it shows nothing."""

    def __post_init__(self) -> None:
        self.is_space = self.text.isspace()


@dataclass(slots=True)
class GlyphLine:
    """Glyphs that follow each other."""

    glyphs: list[Glyph]
    direction: tuple[float, float]
    """Unit vector of the writing, y down."""

    @property
    def is_level(self) -> bool:
        """Whether it runs from left to right or from right to left."""
        return abs(self.direction[0]) > 0.999

    @property
    def text(self) -> str:
        """All of its characters."""
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all that is no space."""
        shown = [glyph for glyph in self.glyphs if not glyph.is_space] or self.glyphs
        return (
            min(glyph.x0 for glyph in shown),
            min(glyph.y0 for glyph in shown),
            max(glyph.x1 for glyph in shown),
            max(glyph.y1 for glyph in shown),
        )

    @property
    def size(self) -> float:
        """Of its largest type, points."""
        return max((glyph.size for glyph in self.glyphs if not glyph.is_space), default=0.0)


def glyph_lines(page: pymupdf.Page) -> list[GlyphLine]:
    """The lines of a page's own text as MuPDF forms them; what is drawn twice stands once."""
    content = page.get_text("rawdict", flags=_FLAGS)
    lines = [
        GlyphLine(list(_glyphs(raw["spans"])), raw["dir"])
        for block in content["blocks"]
        for raw in block.get("lines", ())
    ]
    return list(without_copies(line for line in lines if line.glyphs))


def _glyphs(spans: Iterable[dict[str, Any]]) -> Iterator[Glyph]:
    for span in spans:
        font, size = str(span["font"]), float(span["size"])
        drawn = bool(int(span["char_flags"]) & _DRAWN) and int(span["alpha"]) > _FAINTEST
        bold, colour = bool(int(span["flags"]) & _BOLD), int(span["color"])
        for char in span["chars"]:
            text = shown_sign(char["c"], font)
            x0, y0, x1, y1 = char["bbox"]
            yield Glyph(text, x0, y0, x1, y1, char["origin"], size, font, bold, colour, drawn or text.isspace())


def without_copies(lines: Iterable[GlyphLine]) -> Iterator[GlyphLine]:
    """Leave out what is drawn again in nearly the same place: lines with a small shift, glyphs with a smaller one.

    A copy that nobody sees does not stand in for one that is seen.
    """
    said: dict[str, list[tuple[float, float]]] = {}
    stands: dict[tuple[str, int, int], tuple[float, float]] = {}
    for line in lines:
        text, (x, y, _, _) = "".join(line.text.split()), line.bounds
        reach = _SHADOW * line.size
        drawn = all(glyph.drawn for glyph in line.glyphs)
        if len(text) >= _LINE_OF_COPIES and drawn:
            places = said.setdefault(text, [])
            if any(abs(x - left) <= reach and abs(y - top) <= reach for left, top in places):
                continue
            places.append((x, y))
        kept = [glyph for glyph in line.glyphs if glyph.is_space or not _stands_already(glyph, stands)]
        if any(not glyph.is_space for glyph in kept):
            line.glyphs = kept
            yield line


def _stands_already(glyph: Glyph, stands: dict[tuple[str, int, int], tuple[float, float]]) -> bool:
    if not glyph.drawn or unicodedata.combining(glyph.text[:1] or " "):
        return False
    x, y = glyph.base
    reach = max(_COPY * glyph.size, 1e-3)
    column, row = round(x / reach), round(y / reach)
    for across in (-1, 0, 1):
        for down in (-1, 0, 1):
            other = stands.get((glyph.text, column + across, row + down))
            if other is not None and abs(other[0] - x) <= reach and abs(other[1] - y) <= reach:
                return True
    stands[glyph.text, column, row] = (x, y)
    return False
