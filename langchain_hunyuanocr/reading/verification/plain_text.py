"""Plain text: the visible characters of a page's Markdown, folded for comparison, each with its offset.

What counts are letters, digits and Chinese characters: markup, punctuation, spaces, hyphens at line ends and the width
and case of characters differ between readers that read the same. Formulas and diagrams are left out: a line recogniser
cannot read them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from langchain_hunyuanocr.results import Block, Table

_FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_DISPLAY = re.compile(r"\$\$.*?(?:\$\$|\Z)", re.DOTALL)
_INLINE = re.compile(r"\$(?=\S)([^$\n]{1,400}?)(?<=\S)\$(?!\d)")
_LATEX = re.compile(r"[\\^_={}]|^[A-Za-z]['*]?$|^[A-Za-z]\s*[<>+-]")
"""What tells a formula between dollar signs from two prices."""
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_TARGET = re.compile(r"(?<=\])\([^)\s]*\)")
_CELL = re.compile(r"(?<!\\)(?:\\\\)*\|")

Offsets = tuple[int, int]
"""Start and end offsets."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Folded characters, and where in the original each stands."""

    text: str
    at: tuple[int, ...]
    """Offset in the original, ascending; one character may have given several folded ones."""

    def within(self, start: int, end: int) -> Offsets:
        """The folded characters of a stretch of the original."""
        return bisect_left(self.at, start), bisect_left(self.at, end)

    def origin(self, start: int, end: int) -> Offsets:
        """The stretch of the original that holds the folded characters from `start` to `end`."""
        return self.at[start], self.at[end - 1] + 1


@lru_cache(maxsize=16384)
def folded(char: str) -> str:
    """A character without width, case and accents; nothing where it does not count."""
    parts = unicodedata.normalize("NFKD", char).casefold()
    return "".join(part for part in parts if part.isalnum())


def plain_of(text: str, hidden: Sequence[Offsets] = ()) -> PlainText:
    """Fold a text.

    Args:
        text: Markdown, or the words of a line.
        hidden: Stretches to leave out, in order.
    """
    chars: list[str] = []
    at: list[int] = []
    done = 0
    for start, end in (*hidden, (len(text), len(text))):
        for offset in range(done, start):
            for part in folded(text[offset]):
                chars.append(part)
                at.append(offset)
        done = max(done, end)
    return PlainText("".join(chars), tuple(at))


def hidden_in(markdown: str, blocks: Sequence[Block] = (), tables: Sequence[Table] = ()) -> list[Offsets]:
    """Stretches of Markdown that are no text of the page: markup, formulas, diagrams, repeats of merged cells.

    Args:
        markdown: Of the page.
        blocks: Its blocks; those of kind `table` stand for `tables`, one each, in order.
        tables: Its tables.
    """
    found: list[Offsets] = []
    for pattern in (_FENCE, _DISPLAY, _TAG, _TARGET):
        found += [match.span() for match in pattern.finditer(markdown)]
    found += [match.span() for match in _INLINE.finditer(markdown) if _LATEX.search(match[1])]
    places = [block for block in blocks if block.kind == "table"]
    if len(places) == len(tables):
        for place, table in zip(places, tables, strict=True):
            found += _repeats(markdown, place, table)
    return _merged(found)


def _repeats(markdown: str, place: Block, table: Table) -> Iterator[Offsets]:
    """Cells of a Markdown table that only repeat a merged one."""
    if not table.spans:
        return
    repeated = {
        (row, column)
        for span in table.spans
        for row in range(span.row, span.row + span.rowspan)
        for column in range(span.column, span.column + span.colspan)
        if (row, column) != (span.row, span.column)
    }
    start = place.start
    lines: list[Offsets] = []
    for line in markdown[place.start : place.end].splitlines(keepends=True):
        if line.lstrip().startswith("|"):
            lines.append((start, start + len(line)))
        start += len(line)
    # The line of dashes is no row of the table.
    del lines[1:2]
    for row, (start, end) in enumerate(lines):
        bars = [match.end() for match in _CELL.finditer(markdown, start, end)]
        for column, (left, right) in enumerate(pairwise(bars)):
            if (row, column) in repeated:
                yield left, right


def _merged(stretches: Sequence[Offsets]) -> list[Offsets]:
    merged: list[Offsets] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged
