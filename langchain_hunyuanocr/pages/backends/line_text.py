"""Line text: what the glyphs of a line say, with raised marks apart from the numbers they stand at."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from langchain_hunyuanocr.pages.backends.glyphs import Glyph, GlyphLine

_SMALL = 0.82
"""Size of a raised mark over that of the type beside it."""
_RAISED = 0.12
"""How far its baseline is above the other, in type sizes."""
_BESIDE = 0.35
"""Farthest that a mark stands from what it belongs to, in type sizes."""
_LONGEST_MARK = 6
_SUPERSCRIPT = str.maketrans("0123456789+-−=(),", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾˒")
_NUMERIC = re.compile(r"[\d+\-−=(),]*\d[\d+\-−=(),]*")
_UNIT = re.compile(r"(?<![^\W\d_])(?:[munµpfdckMGT]?[mgsALVWNJ]|ft|in|yd|sq|kg|km|cm|mm|dm|ha|px|min|h|10)$")
"""What an exponent follows, as in m² and kWh/m²; ten with a power is a number of its own."""
_VARIABLE = re.compile(r"(?<![^\W\d_])[^\W\d_]$")
"""A letter alone, which is raised to a power in a formula."""
_EXPONENT = re.compile(r"[-−]?\d{1,2}")
_WORD = re.compile(r"[^\W\d_]{4}$")
_ORDINALS = frozenset(("st", "nd", "rd", "th", "er", "re", "e", "è", "ème", "eme", "o", "a", "os", "as", "ª", "º"))
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]+")
"""Ligatures, and letters of Hebrew and Arabic in the shape that they have in a word."""
_SPREAD_LETTERS = 4
_SPREAD_GAP = 1.3
"""Widest gap between spread letters of one word, in type sizes."""
_WORD_GAP = 1.7
"""Gap between two spread words, over that between their letters."""


def text_of(glyphs: Sequence[Glyph]) -> str:
    """The text of glyphs in the order of reading, white space single.

    A raised figure is written as one (`4,500 ²`), apart from a number and close to a unit (`m²`), so that nobody takes
    it for a digit of what stands before it; raised letters that are no ordinal stand in brackets (`4,500 [a]`).
    """
    raised = _raised(glyphs)
    text = ""
    place = 0
    while place < len(glyphs):
        if not raised[place]:
            text += glyphs[place].text
            place += 1
            continue
        end = place
        while end < len(glyphs) and raised[end]:
            end += 1
        mark = "".join(glyph.text for glyph in glyphs[place:end])
        text = _with_mark(text, " ".join(mark.split()))
        if end < len(glyphs) and text[-1:] not in "]" and glyphs[end].text.isalnum() and not _joins(mark):
            text += " "
        place = end
    text = _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return " ".join(text.split())


def _joins(mark: str) -> bool:
    """Whether a raised mark is a part of its word, as the letters of `5th` and `Mme` are."""
    return mark.isalpha()


def _with_mark(text: str, mark: str) -> str:
    before = text[-1:]
    if _NUMERIC.fullmatch(mark.replace(" ", "")):
        shown = mark.replace(" ", "").translate(_SUPERSCRIPT)
        power = _EXPONENT.fullmatch(mark) and (_UNIT.search(text) or _VARIABLE.search(text))
        if not before or before.isspace() or power:
            return text + shown
        return f"{text} {shown}"
    if mark.isalpha() and (
        (before.isdigit() and not _is_ordinal(text, mark)) or (len(mark) == 1 and _WORD.search(text))
    ):
        return f"{text} [{mark}]"
    return text + mark


def _is_ordinal(text: str, mark: str) -> bool:
    figures = re.search(r"[\d.,]+$", text)
    small = figures is not None and len(figures[0].strip(".,")) <= (2 if len(mark) == 1 else 4)
    return small and mark.lower() in _ORDINALS


def _raised(glyphs: Sequence[Glyph]) -> list[bool]:
    """Which glyphs are smaller than the type beside them and above its baseline."""
    shown = [glyph for glyph in glyphs if not glyph.is_space]
    if len({glyph.size for glyph in shown}) < 2:
        return [False] * len(glyphs)
    largest = max(glyph.size for glyph in shown)
    raised = []
    for place, glyph in enumerate(glyphs):
        other = _neighbour(glyphs, place, largest)
        raised.append(
            other is not None
            and glyph.size < _SMALL * other.size
            and other.base[1] - glyph.base[1] > _RAISED * other.size
        )
    for place, glyph in enumerate(glyphs):  # a space inside a mark goes with it
        if glyph.is_space and 0 < place < len(glyphs) - 1:
            raised[place] = raised[place - 1] and raised[place + 1]
    return raised


def _neighbour(glyphs: Sequence[Glyph], place: int, largest: float) -> Glyph | None:
    """The nearest glyph of the line's own type: before, or where there is none, after."""
    full = [glyph for glyph in glyphs[:place] if not glyph.is_space and glyph.size > _SMALL * largest]
    if full:
        return full[-1]
    return next((glyph for glyph in glyphs[place:] if not glyph.is_space and glyph.size > _SMALL * largest), None)


def with_marks_attached(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """Put raised marks that MuPDF gives as lines of their own back to the line that they stand at."""
    level = [(line, line.size, line.bounds) for line in lines if line.is_level]
    taken: set[int] = set()
    for mark, own, (left, _, right, _) in level:
        text = mark.text.strip()
        if len(text) > _LONGEST_MARK or not _NUMERIC.search(text):
            continue
        base = mark.glyphs[0].base[1]
        for line, size, (x0, _, x1, _) in level:
            if own >= _SMALL * size or id(line) in taken:
                continue
            after, before = abs(left - x1) < _BESIDE * size, abs(right - x0) < _BESIDE * size
            if not (after or before) or not _RAISED * size < line.glyphs[-1].base[1] - base < size:
                continue
            if after:
                line.glyphs.extend(mark.glyphs)
            else:
                line.glyphs[:0] = mark.glyphs
            taken.add(id(mark))
            break
    return [line for line in lines if id(line) not in taken]


def with_spread_words_joined(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """Join letters that are set far apart for their look (`I N V O I C E`) to words again."""
    joined: list[GlyphLine] = []
    row: list[GlyphLine] = []
    for line in lines:
        if row and not (_is_spread(line) and _goes_on(row[-1], line)):
            joined.extend(_spread_words(row))
            row = []
        if _is_spread(line):
            row.append(line)
        else:
            joined.append(line)
    return [*joined, *_spread_words(row)]


def _is_spread(line: GlyphLine) -> bool:
    words = line.text.split()
    return line.is_level and bool(words) and all(len(word) == 1 and _is_alphabetic(word) for word in words)


def _goes_on(before: GlyphLine, line: GlyphLine) -> bool:
    gap = line.bounds[0] - before.bounds[2]
    level = abs(before.glyphs[0].base[1] - line.glyphs[0].base[1]) < 0.1 * line.size
    return level and 0 <= gap < _WORD_GAP * _SPREAD_GAP * line.size and abs(before.size - line.size) < 0.1 * line.size


def _spread_words(row: Sequence[GlyphLine]) -> Iterable[GlyphLine]:
    letters = [glyph for line in row for glyph in line.glyphs if not glyph.is_space]
    if len(letters) < _SPREAD_LETTERS:
        return row
    gaps = [after.x0 - before.x1 for before, after in pairwise(letters)]
    usual = statistics.median_low(gaps)
    sequence = all(ord(after.text) - ord(before.text) == 1 for before, after in pairwise(letters))  # columns A to D
    if sequence or usual <= 0 or usual > _SPREAD_GAP * letters[0].size:
        return row
    glyphs = [letters[0]]
    for gap, (before, after) in zip(gaps, pairwise(letters), strict=True):
        if gap > _WORD_GAP * usual:
            glyphs.append(
                Glyph(" ", before.x1, after.y0, after.x0, after.y1, (before.x1, after.base[1]), after.size, after.font,
                      after.bold, after.colour, after.drawn)
            )  # fmt: skip
        glyphs.append(after)
    return [GlyphLine(glyphs, row[0].direction)]


def _is_alphabetic(letter: str) -> bool:
    """Whether it is a letter of an alphabet, which is spread for its look; Chinese always stands apart."""
    return letter.isalpha() and not "\u2e80" <= letter <= "\uffef"
