"""Proof: is a quote on the page, and do the figures of a sentence stand in what it quotes."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from langchain_hunyuanocr.archive.answer.locate import box_of_text
from langchain_hunyuanocr.archive.answer.models import Citation
from langchain_hunyuanocr.archive.text.tokenizer import fold, terms_of
from langchain_hunyuanocr.reading.fields.value_kinds import narrow
from langchain_hunyuanocr.results import FieldState, PageReading

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_CHINESE = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_CHINESE_NUMBER = re.compile(r"[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]")
_CHINESE_COUNT = re.compile(rf"(?:{_CHINESE_NUMBER.pattern})(?=\s*(?:年|个|月|日|天|周|元|份|次|倍|名|小时))")
"""A numeral that counts something; alone it may be part of a name or of another word."""


def stated(text: str) -> list[frozenset[str]]:
    """The figures that a text states, each as the forms of which one or all must stand in a proof (see `missing`)."""
    found = []
    for _, group in groupby(terms_of(text), key=lambda term: (term.start, term.end)):
        terms = list(group)
        dates = [term.text for term in terms if term.kind == "date"]
        numbers = [term.text for term in terms if term.kind == "number"]
        if dates or numbers:
            found.append(frozenset(dates or numbers))
    plain = fold(text)
    # `one` and `一` are articles more often than numbers.
    found += [frozenset({value}) for value in _in_words(plain, counted=True) if value != "1"]
    return [*found, *_identifiers(text)]


def forms_of(text: str) -> set[str]:
    """Every form of every figure in a text."""
    forms = {term.text for term in terms_of(text) if term.kind in ("number", "date", "identifier")}
    return forms | set(_in_words(fold(text), counted=False))


def missing(sentence: str, quotes: str) -> bool:
    """Whether a sentence states a figure that its quotes do not hold."""
    held = forms_of(quotes)
    return any(not forms <= held for forms in stated(sentence))


def _identifiers(text: str) -> list[frozenset[str]]:
    """Identifiers like `B7`, whose digits are not parts of their own."""
    found = []
    for _, group in groupby(terms_of(text), key=lambda term: (term.start, term.end)):
        terms = list(group)
        if all(term.kind == "identifier" for term in terms):
            found.append(frozenset(term.text for term in terms))
    return found


def _in_words(plain: str, *, counted: bool) -> list[str]:
    found = [str(_WORDS.index(match.group()) + 1) for match in _WORD.finditer(plain)]
    chinese = _CHINESE_COUNT if counted else _CHINESE_NUMBER
    return found + [str(_chinese(match.group())) for match in chinese.finditer(plain)]


def _chinese(numeral: str) -> int:
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _CHINESE[numeral]
    return (_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0)


_MARKS = frozenset("|*_`#\\")
"""Markdown that is no part of what the page says."""


_ALIKE = str.maketrans("‘’“”‐‑–—−", "''\"\"-----")


_SHORTEST = 2
"""Letters and digits that a quote must have: one alone stands on any page."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A quote that was found.

    Attributes:
        citation: Of the words as the page has them.
        doubtful: Whether the second reader, or a field that could not be confirmed, casts doubt on these words.
    """

    citation: Citation
    doubtful: bool


class PageWords:
    """A page's words, folded so that quotes can be looked up.

    Width, case, spacing and Markdown do not count. Digits do, exactly: a number is not found inside a longer one, and
    a word not inside a longer word.

    Args:
        reading: Of the page.
    """

    def __init__(self, reading: PageReading) -> None:
        self._reading = reading
        self._text = reading.markdown
        self._folded, self._at = _fold(self._text)
        # Columns and cells may stand in another order than the Markdown has them in.
        self._lines = "\n".join(line.text for line in reading.lines)
        self._lines_folded, self._lines_at = _fold(self._lines)

    def find(self, quote: str) -> Proof | None:
        """Where a quote stands; `None` where it does not."""
        wanted, _ = _fold(quote)
        if sum(char.isalnum() for char in wanted) < _SHORTEST:
            return None
        # The first place whose words nobody doubts, if there are several.
        proofs = [self._proof("markdown", *span) for span in _spans(wanted, self._folded, self._at, self._text)]
        if not proofs:
            places = _spans(wanted, self._lines_folded, self._lines_at, self._lines)
            proofs = [self._proof("lines", *span) for span in places]
        return min(proofs, key=lambda proof: proof.doubtful, default=None)

    def _proof(self, within: Literal["markdown", "lines"], start: int, end: int) -> Proof:
        reading = self._reading
        quote = (self._text if within == "markdown" else self._lines)[start:end]
        blocks = [block for block in reading.blocks if block.start <= start < block.end]
        block = blocks[0] if blocks and within == "markdown" else None
        citation = Citation(
            source=reading.source, page=reading.page, quote=quote.strip(), box=box_of_text(reading, quote, block)
        )
        return Proof(citation, self._doubtful(within, start, end, quote))

    def _doubtful(self, within: Literal["markdown", "lines"], start: int, end: int, quote: str) -> bool:
        folded, _ = _fold(quote)
        for doubt in self._reading.doubts:
            if within == "markdown" and doubt.start is not None:
                if doubt.start < end and start < doubt.start + max(1, len(doubt.text)):
                    return True
            elif doubt.text and _fold(doubt.text)[0] in folded:
                return True
        values = (
            _fold(field.value)[0]
            for field in self._reading.fields
            if field.value and field.state is FieldState.UNCONFIRMED
        )
        return any(value and value in folded for value in values)


def same_words(first: str, second: str) -> bool:
    """Whether two texts are the same but for width, case, spacing and Markdown."""
    return _fold(first)[0] == _fold(second)[0]


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the offset of what it came from."""
    chars: list[str] = []
    offsets: list[int] = []
    gap = False
    line_begins = True
    for offset, char in enumerate(text):
        if char.isspace() or char in _MARKS or (char == ">" and line_begins):
            gap = True
            line_begins = line_begins or char == "\n"
            continue
        line_begins = False
        for plain in unicodedata.normalize("NFKC", char).casefold().translate(_ALIKE):
            if plain.isspace():
                continue
            # Two numbers side by side are not one.
            if gap and chars and chars[-1].isdigit() and plain.isdigit():
                chars.append(" ")
                offsets.append(offset)
            gap = False
            chars.append(plain)
            offsets.append(offset)
    return "".join(chars), offsets


def _spans(wanted: str, folded: str, offsets: list[int], text: str) -> Iterator[tuple[int, int]]:
    """Where in `text` the wanted words stand whole."""
    at = folded.find(wanted)
    while at >= 0:
        start, end = offsets[at], offsets[at + len(wanted) - 1] + 1
        if not _runs_on(text[:start][-2:], text[start]) and not _runs_on(text[end : end + 2][::-1], text[end - 1]):
            yield start, end
        at = folded.find(wanted, at + 1)


def _runs_on(beyond: str, edge: str) -> bool:
    """Whether a word or number goes on beyond the edge of what was found.

    Args:
        beyond: The two characters beyond, the nearer one last.
        edge: The last character on this side.
    """
    if not beyond or not edge.isalnum():
        return False
    beyond = narrow(beyond)
    nearest, farther = beyond[-1], beyond[:-1]
    if nearest.isalnum() and not (_is_cjk(nearest) or _is_cjk(edge)):
        return True
    return edge.isdigit() and nearest in ".,-/:−" and (farther.isdigit() or (nearest in "-−" and not farther.isalnum()))


_CJK = (0x3040, 0x3100, 0x3400, 0x4DC0, 0x4E00, 0xA000, 0xAC00, 0xD7B0, 0xF900, 0xFB00)


def _is_cjk(char: str) -> bool:
    return bisect_right(_CJK, ord(char)) % 2 == 1
