"""The unit that the layout works with: a segment of text, or a table already found, at its place on the page.

Lengths are in page heights, across as well as down, so that a length means the same in both directions.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from langchain_hunyuanocr.results import Box, Line, Table

A4 = 210 / 297
"""Width to height, where there is no picture to tell it."""

_INK_TO_TYPE = 1.2
"""Type size over the height of the ink of a line."""

_CLOSED_GAP, _SPACED_GAP = 0.25, 1.5
"""Widest gap, in type heights, between two pieces of Chinese that are one word: usual, and in a spaced-out line."""
_SPACED_WIDER = 2.0
"""How much wider that gap is in a line that is set apart to fill its measure, in the space between its characters."""
_SPACED_PIECES, _SPACED_LENGTH = 5, 3
"""Fewest gaps of such a line, and the most characters that half of its pieces have."""
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text line, or a table."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    """Height of the type."""
    lines: tuple[Line, ...]
    bold: bool = False
    table: Table | None = None

    @property
    def width(self) -> float:
        """Horizontal extent."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Vertical extent."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.y0 + self.y1) / 2

    @property
    def centre(self) -> float:
        """Half way across."""
        return (self.x0 + self.x1) / 2

    @property
    def box(self) -> Box | None:
        """In shares of the picture."""
        return Box.around(line.box for line in self.lines)


def strips_of(lines: Iterable[Line], aspect: float) -> list[Segment]:
    """Clean the lines of a page: Unicode composed, white space single, empty ones left out.

    Args:
        lines: As an engine or a PDF gives them.
        aspect: Width of the page over its height.
    """
    segments = []
    for line in lines:
        text = _SPACES.sub(" ", unicodedata.normalize("NFC", line.text)).strip()
        if not text or line.box.width <= 0 or line.box.height <= 0:
            continue
        if text != line.text:
            line = line.model_copy(update={"text": text})
        box = line.box
        size = line.size if line.size is not None else _type_height(text, box.height, box.width * aspect)
        segments.append(Segment(text, box.x0 * aspect, box.y0, box.x1 * aspect, box.y1, size, (line,), line.bold))
    return segments


def _type_height(text: str, height: float, width: float) -> float:
    """Of a detected line, whose box holds the ink; a line that runs down the page is as wide as its type is high."""
    return _INK_TO_TYPE * (min(height, width) if len(text) > 1 else height)


def em_of(segments: Sequence[Segment]) -> float:
    """The height of the body type: the median over the characters."""
    sizes = sorted((segment.size, len(segment.text)) for segment in segments if segment.table is None)
    if not sizes:
        return 0.015
    half = sum(count for _, count in sizes) / 2
    seen = 0
    for size, count in sizes:
        seen += count
        if seen >= half:
            return size
    return sizes[-1][0]


def rows_of(segments: Iterable[Segment]) -> list[list[Segment]]:
    """Strips that stand beside each other on one line of writing, from top to bottom and from left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda segment: segment.middle):
        for row in reversed(rows[-3:]):
            # Strips come from top to bottom, so this is the one of middle height, also where the row slopes.
            other = row[len(row) // 2]
            top, bottom = other.y0, other.y1
            shared = min(bottom, segment.y1) - max(top, segment.y0)
            if shared > 0.5 * min(bottom - top, segment.height) and segment.table is None and row[0].table is None:
                row.append(segment)
                break
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda segment: segment.x0)
    return rows


def joined(row: Sequence[Segment], type_size: float) -> Segment:
    """Strips of one row as one; those that nearly touch become one line again."""
    if len(row) == 1:
        return row[0]
    text = row[0].text
    lines = list(row[0].lines)
    spaced, space = _is_spaced_out(row), _space_between(row, type_size)
    for before, segment in pairwise(row):
        gap = segment.x0 - before.x1
        closed = _CLOSED_GAP * type_size
        if _are_cjk(text, segment.text):
            closed = _SPACED_GAP * type_size if spaced else closed + _SPACED_WIDER * space
        text += segment.text if gap < closed and touches_cjk(text, segment.text) else f" {segment.text}"
        if gap < 1.5 * type_size and len(segment.lines) == 1:
            lines[-1] = _one_line(lines[-1], segment.lines[0])
        else:
            lines.extend(segment.lines)
    return Segment(
        text,
        min(segment.x0 for segment in row),
        min(segment.y0 for segment in row),
        max(segment.x1 for segment in row),
        max(segment.y1 for segment in row),
        max(row, key=lambda segment: len(segment.text)).size,
        tuple(lines),
        all(segment.bold for segment in row),
    )


def _is_spaced_out(row: Sequence[Segment]) -> bool:
    """Whether a row is a line of Chinese set with space between its characters to fill it: `完 成 三 羟 甲`."""
    between = sum(_are_cjk(before.text, after.text) for before, after in pairwise(row))
    return between >= _SPACED_PIECES and statistics.median(len(piece.text) for piece in row) <= _SPACED_LENGTH


def _space_between(row: Sequence[Segment], type_size: float) -> float:
    """Space between the Chinese characters of a row, in the units of segments: 0 where type is set solid."""
    chinese = [piece for piece in row if len(piece.text) > 1 and all(map(_CJK.match, piece.text))]
    spaces = [(piece.width - len(piece.text) * max(type_size, piece.size)) / (len(piece.text) - 1) for piece in chinese]
    return max(0.0, statistics.median(spaces)) if spaces else 0.0


def _one_line(first: Line, second: Line) -> Line:
    gap = "" if touches_cjk(first.text, second.text) else " "
    scores = [line.score for line in (first, second) if line.score is not None]
    return first.model_copy(
        update={
            "text": f"{first.text}{gap}{second.text}",
            "box": Box.around((first.box, second.box)),
            "score": min(scores) if scores else None,
        }
    )


def _are_cjk(before: str, after: str) -> bool:
    return bool(_CJK.match(before[-1:]) and _CJK.match(after[:1]))


def touches_cjk(before: str, after: str) -> bool:
    """Whether no space belongs between two texts, because Chinese stands on either side."""
    return bool(_CJK.match(before[-1:]) or _CJK.match(after[:1]))
