"""Text layer: the text that a PDF page carries itself, and whether it can be trusted in place of OCR.

Taken is what somebody sees who looks at the page. Not trusted: text whose glyphs have no characters, the leavings of
another OCR on a scan, and a few words beside pictures that fill the page. When in doubt the page is read by OCR.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pymupdf
from PIL import Image

from langchain_hunyuanocr.pages.backends.annotations import comments, empty_boxes
from langchain_hunyuanocr.pages.backends.base import Turn
from langchain_hunyuanocr.pages.backends.font_tables import VouchedFonts, plain_fonts
from langchain_hunyuanocr.pages.backends.glyphs import Glyph, GlyphLine, glyph_lines
from langchain_hunyuanocr.pages.backends.line_text import text_of, with_marks_attached, with_spread_words_joined
from langchain_hunyuanocr.pages.backends.right_to_left import with_joined_lines
from langchain_hunyuanocr.pages.backends.visible_text import mark_unseen
from langchain_hunyuanocr.pages.backends.watermarks import part_watermarks
from langchain_hunyuanocr.pages.page import TextLayer
from langchain_hunyuanocr.results import Box, Line

_MOST_UNMAPPED = 0.05
_LEADERS = "._-–—·…•*=|☐☑☒✓✔✗✘"
_FEW_CHARACTERS = 200
_PICTURE_PAGE = 0.5
"""Share of the page from which pictures on it are taken to hold its text."""


@dataclass(slots=True)
class _Count:
    visible: int = 0
    hidden: int = 0
    unmapped: int = 0
    words: int = 0
    """Characters that words and numbers are made of."""
    signs: int = 0
    """All others but leaders and rules such as dots in a row."""


def read_text_layer(
    page: pymupdf.Page, coverage: float, picture: Image.Image, vouched: VouchedFonts
) -> tuple[TextLayer, Turn | None]:
    """Read and judge a page's own text.

    Args:
        page: As the file has it.
        coverage: Share of the page that pictures cover, 0 to 1.
        picture: The page as it was rendered.
        vouched: Of its file.

    Returns:
        The layer, its boxes in 0 to 1 of the page as it is seen (with `/Rotate`), and the degrees clockwise that
        would set most of its text upright, `None` where the layer is not good.
    """
    drawn = glyph_lines(page)
    mark_unseen(drawn, page, picture)
    count = _counted(drawn)
    text, marks = part_watermarks([seen for line in drawn for seen in _seen_parts(line)])
    text = with_spread_words_joined(with_joined_lines(with_marks_attached(text)))
    trusted = plain_fonts(page)
    if any(glyph.font not in trusted for line in text for glyph in line.glyphs):
        trusted |= vouched.on(page)
    directions: Counter[Turn | None] = Counter()
    lines, fonts = [], []
    for glyphs in text:
        line = _line(glyphs, page)
        if line is not None:
            lines.append(line)
            fonts.append(tuple(sorted({glyph.font for glyph in glyphs.glyphs if not glyph.is_space} - trusted)))
            directions[_turn(glyphs.direction, page)] += len(line.text)
    for line in empty_boxes(page) if lines else ():
        lines.append(line)
        fonts.append(())
    why = _judge(count, coverage)
    turn, most = directions.most_common(1)[0] if directions else (None, 0)
    clear = why == "good" and most > 0.6 * directions.total()
    layer = TextLayer(
        tuple(lines),
        good=why == "good",
        why=why,
        fonts=tuple(fonts),
        watermarks=tuple(line for mark in marks if (line := _line(mark, page)) is not None),
        comments=tuple(comments(page)),
        unseen=count.hidden / (count.visible + count.hidden) if count.hidden else 0.0,
    )
    return layer, turn if clear else (0 if why == "good" else None)


def _counted(lines: Sequence[GlyphLine]) -> _Count:
    count = _Count()
    for line in lines:
        for glyph in line.glyphs:
            if glyph.is_space:
                continue
            if not glyph.drawn:
                count.hidden += 1
                continue
            count.visible += 1
            count.unmapped += _is_unmapped(glyph.text)
            if glyph.text.isalnum():
                count.words += 1
            elif glyph.text not in _LEADERS and not unicodedata.combining(glyph.text):
                count.signs += 1
    return count


def _judge(count: _Count, coverage: float) -> str:
    if not count.visible:
        return "hidden" if count.hidden else "none"
    if count.hidden > count.visible and coverage >= _PICTURE_PAGE:
        return "hidden"
    if count.unmapped > _MOST_UNMAPPED * count.visible or count.signs > count.words:
        return "unmapped"
    if coverage >= _PICTURE_PAGE and count.visible < _FEW_CHARACTERS:
        return "sparse"
    return "good"


def _seen_parts(line: GlyphLine) -> Iterator[GlyphLine]:
    """The parts of a line that are seen, each between what is not."""
    part: list[Glyph] = []
    for glyph in line.glyphs:
        if glyph.drawn:
            part.append(glyph)
        else:
            if any(not other.is_space for other in part):
                yield GlyphLine(part, line.direction)
            part = []
    if any(not glyph.is_space for glyph in part):
        yield GlyphLine(part, line.direction)


def _line(line: GlyphLine, page: pymupdf.Page) -> Line | None:
    text = text_of(line.glyphs)
    if not text:
        return None
    box = pymupdf.Rect(line.bounds) * page.rotation_matrix
    width, height = page.rect.width, page.rect.height
    bold = sum(glyph.bold for glyph in line.glyphs if not glyph.is_space)
    return Line(
        text=text,
        box=Box.from_pixels(box.x0, box.y0, box.x1, box.y1, width=width, height=height),
        size=round(min(line.size / height, 1.0), 5) if line.size else None,
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
