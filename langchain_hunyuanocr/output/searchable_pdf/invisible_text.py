"""Invisible text on the pages of an open PDF: each line in its box, along the direction in which it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pymupdf
from rapidfuzz import fuzz

from langchain_hunyuanocr.output.searchable_pdf.invisible_font import ASCENT, DESCENT, Glyphless, font_program
from langchain_hunyuanocr.results import Box

_FONT = "HunyuanOCR"
_VERTICAL = 1.8
"""So many times as high as wide, a line of several letters runs from top to bottom."""
_THERE = 80.0
"""Similarity, 0 to 100, from which the page's own visible text says what a line says."""


class TextLine(NamedTuple):
    """A line of text and its place on the page picture as read."""

    text: str
    box: Box


class InvisibleText:
    """Writes text on pages and, at the end, its font into the document.

    Args:
        document: An open PDF.
    """

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document
        self._letters = Glyphless(pymupdf.Font("helv").glyph_advance)
        self._font = document.get_new_xref()
        document.update_object(self._font, "<<>>")

    def add(self, page: pymupdf.Page, lines: Sequence[TextLine], rotation: float) -> None:
        """Write the lines of a page.

        Invisible text that the page has from an earlier reader is removed. A line that the page's own visible text
        says already is left out.

        Args:
            page: Of the document.
            lines: In reading order.
            rotation: Degrees clockwise by which the page was turned to be read.
        """
        _remove_invisible(page)
        place = PageTransform(page.rect.width, page.rect.height, rotation)
        to_pdf = page.derotation_matrix * ~page.transformation_matrix
        there = page.get_text("words", clip=pymupdf.INFINITE_RECT())
        strokes = [
            self._stroke(line, place, to_pdf)
            for line in lines
            if line.text.strip() and not _is_there(line, place, page.rotation_matrix, there)
        ]
        if not strokes:
            return
        self._use_font(page)
        stream = self._document.get_new_xref()
        self._document.update_object(stream, "<<>>")
        self._document.update_stream(stream, b"q\nBT\n3 Tr\n" + b"".join(strokes) + b"ET\nQ\n")
        page.wrap_contents()  # whatever state the page's own drawing leaves behind
        contents = " ".join(f"{number} 0 R" for number in (*page.get_contents(), stream))
        self._document.xref_set_key(page.xref, "Contents", f"[{contents}]")

    def end(self) -> None:
        """Write the font, which now knows all its letters, if there are any."""
        document, letters = self._document, self._letters
        if letters.empty:
            return
        program, glyphs, unicode, descriptor, descendant = (document.get_new_xref() for _ in range(5))
        for number, data in (
            (program, font_program()),
            (glyphs, letters.glyph_of_code),
            (unicode, letters.to_unicode),
        ):
            document.update_object(number, "<<>>")
            document.update_stream(number, data)
        objects = letters.objects(program, glyphs, unicode, descriptor, descendant)
        for number, words in zip((descriptor, descendant, self._font), objects, strict=True):
            document.update_object(number, words)

    def _stroke(self, line: TextLine, place: PageTransform, to_pdf: pymupdf.Matrix) -> bytes:
        """What shows a line: type as high as its box, spread over its length."""
        x0, y0, x1, y1 = line.box
        text = " ".join(line.text.split())
        below = DESCENT / (ASCENT + DESCENT)
        corner, right, top = (pymupdf.Point(place(x, y)) * to_pdf for x, y in ((x0, y1), (x1, y1), (x0, y0)))
        along, up = right - corner, top - corner
        if len(text) > 1 and abs(up) > _VERTICAL * abs(along):
            # Letters stand below each other: the line begins at the top, and the tops of its letters are on the right.
            corner, along, up = top, -up, along
        base = corner + up * below
        codes, width = self._letters.encode(text)
        space, _ = self._letters.encode(" ")  # or a line that begins where this one ends would go on its last word
        length, height = abs(along), max(abs(up), 1e-3)
        stretch = 100 * length / (width * height) if width and length else 100.0
        cosine, sine = (along.x / length, along.y / length) if length else (1.0, 0.0)
        return b"/%s %.4f Tf %.4f Tz %.6f %.6f %.6f %.6f %.4f %.4f Tm [%s %s] TJ\n" % (
            _FONT.encode(), height, stretch, cosine, sine, -sine, cosine, base.x, base.y, codes, space,
        )  # fmt: skip

    def _use_font(self, page: pymupdf.Page) -> None:
        """Enter the font into the page's resources, wherever these lie."""
        document = self._document
        owner, key = _followed(document, page.xref, "Resources")
        if key and document.xref_get_key(owner, key)[0] == "null":
            inherited = _inherited_resources(document, page.xref)
            document.xref_set_key(owner, key, inherited or "<<>>")
            owner, key = _followed(document, page.xref, "Resources")
        fonts = f"{key}/Font" if key else "Font"
        owner, key = _followed(document, owner, fonts)
        document.xref_set_key(owner, f"{key}/{_FONT}" if key else _FONT, f"{self._font} 0 R")


def _followed(document: pymupdf.Document, owner: int, key: str) -> tuple[int, str]:
    """Where a dictionary lies: the object that owns it and the path in it; an empty path where it is that object."""
    kind, value = document.xref_get_key(owner, key)
    return (int(value.split()[0]), "") if kind == "xref" else (owner, key)


def _inherited_resources(document: pymupdf.Document, page: int) -> str | None:
    """What the nodes above a page say of its resources."""
    above, seen = page, set()
    while above not in seen:
        seen.add(above)
        kind, value = document.xref_get_key(above, "Parent")
        if kind != "xref":
            return None
        above = int(value.split()[0])
        kind, value = document.xref_get_key(above, "Resources")
        if kind != "null":
            return str(value)
    return None


def _remove_invisible(page: pymupdf.Page) -> None:
    shown = page.get_texttrace()
    if not any(span["type"] == 3 for span in shown):
        return
    page.add_redact_annot(page.rect, cross_out=False)
    page.apply_redactions(
        images=pymupdf.PDF_REDACT_IMAGE_NONE,
        graphics=pymupdf.PDF_REDACT_LINE_ART_NONE,
        text=pymupdf.PDF_REDACT_TEXT_REMOVE_INVISIBLE,
    )


def _is_there(
    line: TextLine, place: PageTransform, turned: pymupdf.Matrix, words: Iterable[tuple[object, ...]]
) -> bool:
    x0, y0, x1, y1 = line.box
    corners = [pymupdf.Point(place(x, y)) for x in (x0, x1) for y in (y0, y1)]
    box = pymupdf.Rect(
        min(point.x for point in corners), min(point.y for point in corners),
        max(point.x for point in corners), max(point.y for point in corners),
    )  # fmt: skip
    inside = []
    for word in words:
        rect = pymupdf.Rect(word[:4]) * turned
        if not (rect & box).is_empty and (rect & box).get_area() > 0.5 * rect.get_area():
            inside.append(str(word[4]))
    return bool(inside) and fuzz.ratio("".join(inside), "".join(line.text.split())) >= _THERE


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PageTransform:
    """Undoes what set a page upright: first a quarter turn, then a few degrees about the middle of a picture that grew.

    Attributes:
        width: Of the page as its file shows it, in any unit.
        height: Of that page, in the same unit.
        rotation: Degrees clockwise by which it was turned, as a reading has it.
    """

    width: float
    height: float
    rotation: float

    def __call__(self, x: float, y: float) -> Point:
        """The place on the page, in its unit from its top left, of a place in shares of the picture as read."""
        turn = round(self.rotation / 90) * 90
        skew = math.radians(self.rotation - turn)
        quarter = turn % 360
        width, height = (self.width, self.height) if quarter in (0, 180) else (self.height, self.width)
        sine, cosine = math.sin(skew), math.cos(skew)
        across = (x - 0.5) * (width * cosine + height * abs(sine))
        down = (y - 0.5) * (width * abs(sine) + height * cosine)
        u = (across * cosine + down * sine) / width + 0.5
        v = (down * cosine - across * sine) / height + 0.5
        x, y = {0: (u, v), 90: (v, 1 - u), 180: (1 - u, 1 - v), 270: (1 - v, u)}[quarter]
        return x * self.width, y * self.height
