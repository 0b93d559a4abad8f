"""Text layer: the text that a PDF page carries itself, and whether it can be trusted in place of OCR.

Not trusted: text that is drawn invisibly or lies under a picture (the leavings of another OCR), text whose glyphs
have no characters, and a few words beside pictures that fill the page. When in doubt the page is read by OCR.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pymupdf

from langchain_hunyuanocr.pages.backends.base import Turn
from langchain_hunyuanocr.pages.page import TextLayer
from langchain_hunyuanocr.results import Box, Line

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP  # ligatures apart, U+FFFD for unknown glyphs
_DRAWN = 16 | 32
"""`char_flags` of text that is filled or stroked (MuPDF's FZ_STEXT_FILLED and FZ_STEXT_STROKED)."""
_BOLD = 16
"""In a span's `flags`."""
_MOST_UNMAPPED = 0.05
_MOST_HIDDEN = 0.2
_LEADERS = "._-–—·…•*=|"
_FEW_CHARACTERS = 200
_PICTURE_PAGE = 0.5
"""Share of the page from which pictures on it are taken to hold its text."""
_COVERING = 0.4
"""Share of the page from which one picture is taken to cover the text that was drawn before it."""


@dataclass(slots=True)
class _Count:
    visible: int = 0
    hidden: int = 0
    unmapped: int = 0
    words: int = 0
    """Characters that words and numbers are made of."""
    signs: int = 0
    """All others but leaders and rules such as dots in a row."""


def read_text_layer(page: pymupdf.Page, coverage: float) -> tuple[TextLayer, Turn | None]:
    """Read and judge a page's own text.

    Args:
        page: As the file has it.
        coverage: Share of the page that pictures cover, 0 to 1.

    Returns:
        The layer, its boxes in 0 to 1 of the page as it is seen (with `/Rotate`), and the degrees clockwise that
        would set most of its text upright, `None` where the layer is not good.
    """
    content = page.get_text("dict", flags=_FLAGS)
    count = _Count()
    directions: Counter[Turn | None] = Counter()
    lines = []
    for raw in _lines(content):
        line = _line(raw, page, count)
        if line is not None:
            lines.append(line)
            directions[_turn(raw["dir"], page)] += len(line.text)
    if coverage >= _COVERING and count.visible and _covered(page) > _MOST_HIDDEN:
        count.visible, count.hidden = 0, count.visible + count.hidden
    why = _judge(count, coverage)
    turn, most = directions.most_common(1)[0] if directions else (None, 0)
    clear = why == "good" and most > 0.6 * directions.total()
    return TextLayer(tuple(lines), good=why == "good", why=why), turn if clear else (0 if why == "good" else None)


def _judge(count: _Count, coverage: float) -> str:
    everything = count.visible + count.hidden
    if not everything:
        return "none"
    if count.hidden > _MOST_HIDDEN * everything:
        return "hidden"
    if count.unmapped > _MOST_UNMAPPED * count.visible or count.signs > count.words:
        return "unmapped"
    if coverage >= _PICTURE_PAGE and count.visible < _FEW_CHARACTERS:
        return "sparse"
    return "good"


def _lines(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in content["blocks"]:
        yield from block.get("lines", ())


def _line(raw: dict[str, Any], page: pymupdf.Page, count: _Count) -> Line | None:
    text = ""
    size, bold = 0.0, 0
    for span in raw["spans"]:
        characters = span["text"]
        letters = sum(not character.isspace() for character in characters)
        if span["char_flags"] & _DRAWN and span["alpha"] > 10:
            count.visible += letters
            count.unmapped += sum(map(_is_unmapped, characters))
            words = sum(map(str.isalnum, characters))
            count.words += words
            count.signs += letters - words - sum(map(characters.count, _LEADERS))
        else:
            count.hidden += letters
        text += characters
        size = max(size, span["size"]) if letters else size
        bold += letters if span["flags"] & _BOLD else 0
    text = " ".join(text.split())
    if not text:
        return None
    box = pymupdf.Rect(raw["bbox"]) * page.rotation_matrix
    width, height = page.rect.width, page.rect.height
    return Line(
        text=text,
        box=Box.from_pixels(box.x0, box.y0, box.x1, box.y1, width=width, height=height),
        size=round(min(size / height, 1.0), 5) if size else None,
        bold=bold * 2 > len(text.replace(" ", "")),
    )


def _is_unmapped(character: str) -> bool:
    """Whether a character stands for a glyph that has no meaning: U+FFFD, control or private use."""
    if character == "\ufffd":
        return True
    return character not in "\t\n\r\xad" and unicodedata.category(character) in ("Cc", "Co", "Cn")


def _turn(direction: tuple[float, float], page: pymupdf.Page) -> Turn | None:
    """Degrees clockwise that set text of this direction upright; `None` for slanting text."""
    x, y = direction
    matrix = page.rotation_matrix
    x, y = x * matrix.a + y * matrix.c, x * matrix.b + y * matrix.d
    for turn, cosine in ((0, x), (90, -y), (180, -x), (270, y)):
        if cosine > 0.96:
            return turn  # type: ignore[return-value]
    return None


def _covered(page: pymupdf.Page) -> float:
    """Share of the drawn text, by area, that lies under a picture drawn after it."""
    drawn: list[tuple[float, pymupdf.Rect]] = []
    under = 0.0
    least = _COVERING * page.rect.get_area()
    for kind, bounds in page.get_bboxlog():
        box = pymupdf.Rect(bounds)
        if kind in ("fill-text", "stroke-text"):
            drawn.append((box.get_area(), box))
        elif kind == "fill-image" and box.get_area() >= least:
            under += sum(area for area, text in drawn if box.intersects(text))
            drawn = [(area, text) for area, text in drawn if not box.intersects(text)]
    total = under + sum(area for area, _ in drawn)
    return under / total if total else 0.0
