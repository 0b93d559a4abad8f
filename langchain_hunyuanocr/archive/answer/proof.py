"""Proof: is a quote on the page, what stands around it, and is it read beyond doubt."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Literal

from langchain_hunyuanocr.archive.answer.extractive.candidates import text_around
from langchain_hunyuanocr.archive.answer.locate import box_of_text
from langchain_hunyuanocr.archive.answer.models import Citation
from langchain_hunyuanocr.archive.answer.table_row import TableRow, line_of, paragraph_of, row_at
from langchain_hunyuanocr.archive.text.tokenizer import terms_of
from langchain_hunyuanocr.reading.fields.value_kinds import narrow
from langchain_hunyuanocr.results import FieldState, PageReading
from langchain_hunyuanocr.splitter.boundaries import sentence_starts

_MARKS = frozenset("|*_`#\\")
"""Markdown that is no part of what the page says."""


_TAG = re.compile(r"<[^<>]*>")


_ALIKE = str.maketrans("‘’“”‐‑–—−", "''\"\"-----")


_SHORTEST = 2
"""Letters and digits that a quote must have: one alone stands on any page."""
_PLACES = 8
"""Most places of one quote that are looked at."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A quote that was found.

    Attributes:
        citation: Of the words as the page has them.
        doubtful: Whether the second reader, or a field that could not be confirmed, casts doubt on these words.
        around: The sentences, or the lines of a table, that the quote is cut out of: a page that says `no pets are
            allowed` can be quoted as `pets are allowed`.
        row: The one row of a table that it is cut out of.
        over: Headings over it, and what stands just before.
        page: The page that it stands on.
    """

    citation: Citation
    doubtful: bool
    around: str
    row: TableRow | None
    over: str
    page: PageWords


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

    @property
    def text(self) -> str:
        """What the page says."""
        return self._text or self._lines

    @property
    def file_name(self) -> str:
        """Of the file that the page is of."""
        return self._reading.file_name

    @cached_property
    def _terms(self) -> list[frozenset[str]]:
        """Of each sentence of the page, and of each row of its tables."""
        found = []
        for line in self.text.split("\n"):
            starts = [0, *([] if line.startswith("|") else sentence_starts(line)), len(line)]
            found += [frozenset(term.text for term in terms_of(line[start:end])) for start, end in pairwise(starts)]
        return found

    def most_of(self, terms: Set[str]) -> int:
        """How many of these terms one sentence of the page, or one row, has at most."""
        return max((len(terms & one) for one in self._terms), default=0)

    def find(self, quote: str) -> Proof | None:
        """Where a quote stands; `None` where it does not. The first place that nobody doubts, if there are several."""
        return min(self.places(quote), key=lambda proof: proof.doubtful, default=None)

    def places(self, quote: str) -> list[Proof]:
        """Where a quote stands, the first places on the page."""
        wanted, _ = _fold(quote)
        if sum(char.isalnum() for char in wanted) < _SHORTEST:
            return []
        spans = [*islice(_spans(wanted, self._folded, self._at, self._text), _PLACES)]
        if spans:
            return [self._proof("markdown", *span) for span in spans]
        spans = [*islice(_spans(wanted, self._lines_folded, self._lines_at, self._lines), _PLACES)]
        return [self._proof("lines", *span) for span in spans]

    def _proof(self, within: Literal["markdown", "lines"], start: int, end: int) -> Proof:
        reading = self._reading
        text = self._text if within == "markdown" else self._lines
        quote = text[start:end]
        at = self._block_at(start) if within == "markdown" else None
        block = None if at is None else reading.blocks[at]
        citation = Citation(
            source=reading.source, page=reading.page, quote=quote.strip(), box=box_of_text(reading, quote, block)
        )
        row = row_at(text, start, end)
        return Proof(
            citation,
            self._doubtful(within, start, end, quote),
            around=_around(text, start, end, row),
            row=row,
            over="" if at is None else text_around(reading, at, text_wanted=False),
            page=self,
        )

    def _block_at(self, start: int) -> int | None:
        blocks = enumerate(self._reading.blocks)
        return next((at for at, block in blocks if block.start <= start < block.end), None)

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


def _around(text: str, start: int, end: int, row: TableRow | None) -> str:
    """The sentences or the rows of a table that hold `text[start:end]`."""
    first, last = paragraph_of(text, start, end)
    if row is not None:
        return str(row)
    if text.startswith("|", first):
        return line_of(text, start, end)
    if "<tr" in text[first:last]:
        begins = max(text.rfind("<tr", first, start), first)
        ends = text.find("</tr", end)
        return _TAG.sub(" | ", text[begins : last if ends < 0 else ends])
    starts = [0, *sentence_starts(text[first:last]), last - first]
    begins = max(one for one in starts if first + one <= start)
    ends = min(one for one in starts if first + one >= end)
    return text[first + begins : first + ends].strip()


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
