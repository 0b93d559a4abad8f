"""Font tables: which fonts of a PDF say by themselves that their characters are those that the file tells of.

A file's `/ToUnicode` table may lie. An embedded font often has a table of characters of its own, or names for its
glyphs: where that leads from the character to the very glyph that is drawn, the two vouch for each other.
"""

from __future__ import annotations

from collections import defaultdict

import pymupdf

_VOUCHED = 0.9
"""Share of a font's characters on a page that its own table must lead to; ligatures have none."""
_MOST_BYTES = 20_000_000


def plain_fonts(page: pymupdf.Page) -> set[str]:
    """Names of the fonts that are not embedded and say nothing of their characters: what is shown is what is said."""
    plain: set[str] = set()
    others: set[str] = set()
    for xref, extension, _, name, *_ in page.get_fonts():
        own = page.parent.xref_get_key(xref, "ToUnicode")[0] != "null" if xref else False
        (others if own or extension != "n/a" else plain).add(name)
    return plain - others


class VouchedFonts:
    """Finds the fonts of a file that vouch for themselves; what was found is kept for its other pages.

    Args:
        document: The file.
    """

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document
        self._loaded: dict[int, pymupdf.Font | None] = {}

    def on(self, page: pymupdf.Page) -> set[str]:
        """Names of the fonts of a page, as its spans name them, whose own tables confirm what the file says."""
        embedded = [
            font for xref, extension, *_ in page.get_fonts() if extension != "n/a" and (font := self._font(xref))
        ]
        if not embedded:
            return set()
        used: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for span in page.get_texttrace():
            used[span["font"]].update((char[0], char[1]) for char in span["chars"] if char[0] > 32 and char[1] > 0)
        return {name for name, pairs in used.items() if any(_vouches(font, pairs) for font in embedded)}

    def _font(self, xref: int) -> pymupdf.Font | None:
        if xref not in self._loaded:
            self._loaded[xref] = self._load(xref)
        return self._loaded[xref]

    def _load(self, xref: int) -> pymupdf.Font | None:
        try:
            content = self._document.extract_font(xref)[3]
            return pymupdf.Font(fontbuffer=content) if 0 < len(content) <= _MOST_BYTES else None
        except Exception:  # MuPDF's own errors share no other base; a font that cannot be opened vouches for nothing
            return None


def _vouches(font: pymupdf.Font, pairs: set[tuple[int, int]]) -> bool:
    if not pairs:
        return False
    right = sum(bool(font.has_glyph(character) == glyph) for character, glyph in pairs)
    return right >= _VOUCHED * len(pairs)
