"""Label index: where on a page a label stands, and what stands beside or under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows, type_size
from langchain_hunyuanocr.reading.fields.value_kinds import IGNORED, flat, fold, letters
from langchain_hunyuanocr.results import Box, Line

_RATE = re.compile(r"\(?@?\s*\d{1,2}(?:[.,]\d+)?\s?%\)?")
_ASIDE = re.compile(r"\([^()]{1,14}\)|on [$€£¥₹]?\s?[\d.,]+")
_LEAST_FUZZY = 6
"""Shorter labels must be read without an error: too many words are near to them."""
_FUZZY_RATIO = 0.88
_FARTHEST_RIGHT = 0.8
_SAME_COLUMN = 0.02
_WIDE_SPACE = 0.9
"""In sizes of the type; words farther apart belong to different columns."""
_FAR = 5.0
"""In sizes of the type; what stands so far to the right of a label may belong to something else."""
_MOST_ON_LINE = 50
"""Labels of one kind on a line: a line without an end costs more the more of them are on it."""
_MOST_HEADS = 100
"""Heads of one column that a page may have."""
_FARTHEST_BELOW = 2.2
"""In line heights, from the foot of the label to the head of the value."""


@dataclass(frozen=True, slots=True)
class LabelHit:
    """A label found on a line."""

    line: int
    rank: float
    """Which of the labels, from 0; half a step worse where it was read with an error or another word qualifies it."""
    start: int
    end: int
    """Offset in the line's text of what follows the label and its colon."""
    colon: bool

    @property
    def exact(self) -> bool:
        """Whether the label was read without an error, and nothing before it makes it another."""
        return self.rank == int(self.rank)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A line beside or under a label."""

    line: int
    below: bool


class LabelledPage:
    """Finds labels and their neighbourhood among a page's lines.

    Args:
        lines: In any order.
        known: Every label that is worth knowing; a known label is never taken for a value.
    """

    def __init__(self, lines: Sequence[Line], known: Iterable[str]) -> None:
        self.rows = PageRows(lines)
        self.lines, self._boxes, self._bands = self.rows.lines, self.rows.boxes, self.rows.bands
        self._right: dict[int, list[tuple[float, int]]] = {}
        self.flat = [flat(line.text) for line in self.lines]
        self._folded = [fold(line.text) for line in self.lines]
        self._known = {fold(label) for label in known} - {""}
        self._wanted = [(0, label) for label in self._known]
        self._heads = [self._head(text) for text in self.flat]
        self._labels = [self._is_label(number) for number in range(len(self.lines))]

    def hits(self, labels: Sequence[str]) -> Iterator[LabelHit]:
        """Each place where one of `labels` begins a line or a stretch of it, in reading order."""
        wanted = [(rank, fold(label)) for rank, label in enumerate(labels) if fold(label)]
        for number in range(len(self.lines)):
            yield from islice(self._on_line(number, wanted), _MOST_ON_LINE)
            yield from self._misread(number, wanted)

    def _on_line(self, number: int, wanted: list[tuple[int, str]]) -> Iterator[LabelHit]:
        text = self.flat[number]
        for start in _starts(text):
            found = _best(text, start, wanted)
            if found is not None:
                rank, end, colon = found
                if start == 0 or colon:
                    worse = 0.5 if self._is_qualified(text, start) else 0.0
                    yield LabelHit(number, rank + worse, start, end, colon)

    def _is_qualified(self, text: str, start: int) -> bool:
        """Whether words stand before a label that are neither a label nor a value: `Original invoice:`."""
        before = re.split(r"[:;|,\d]|\s{3,}", text[:start])[-1]
        return letters(before) > 1 and fold(before) not in self._known

    def rest(self, hit: LabelHit, labels: Sequence[str]) -> tuple[int, int, bool]:
        """What follows a label on its own line, up to the next label: offsets, and whether a colon stands before it.

        A rate, the sum that it is `on`, an aside in brackets and the same label in the other language do not count.
        """
        text = self.flat[hit.line]
        own = [(0, fold(label)) for label in labels if fold(label)]
        start = hit.end
        while start < len(text):
            again = _best(text, start, own)
            aside = _RATE.match(text, start) or _ASIDE.match(text, start)
            if again is not None and again[1] > start:
                start = again[1]
            elif aside is not None:
                start = _skip(text, aside.end())
            else:
                break
        end = len(text)
        for other in _starts(text):
            if other > start and self._label_with_colon(text, other):
                end = other
                break
        return start, end, ":" in text[hit.start : start]

    def neighbours(self, hit: LabelHit, *, across: bool = False) -> Iterator[Neighbour]:
        """Lines that can hold the value of a label that stands alone, the likeliest first.

        Args:
            hit: The label.
            across: Whether values of this kind stand at the right however far, as sums do.
        """
        label = self._boxes[hit.line]
        tall = max(label.height, 0.006)
        right = self._right_of(hit.line)
        below: list[tuple[float, int]] = []
        for number, box in self._between(label.y1 - 0.5 * tall, label.y1 + _FARTHEST_BELOW * tall):
            gap = box.y0 - label.y1
            beside = min(label.x1, box.x1) - max(label.x0, box.x0) > 0 or abs(box.x0 - label.x0) < 0.03
            if -0.5 * tall < gap < _FARTHEST_BELOW * tall and beside and box.y0 > label.y0 + 0.5 * tall:
                below.append((gap + abs(box.x0 - label.x0) * 0.1, number))
        near = [Neighbour(number, below=False) for _, number in right[:1]]
        under = [Neighbour(number, below=True) for _, number in sorted(below)[:1]]
        far = bool(right) and right[0][0] > _FAR * type_size(self.lines[hit.line]) and not across
        if (
            far
            and under
            and (
                self._has_own_value(right)
                or not self._same_column(right[0][1], self._right_of(under[0].line))
                # Labels in a column of their own end alike.
                or (hit.colon and not self._labels[under[0].line])
            )
        ):
            near, under = under, near
        ordered = [*near, *under]
        return (spot for spot in ordered if not self._labels[spot.line])

    def crossing(self, rows: Sequence[str], columns: Sequence[str]) -> Iterator[int]:
        """Lines that stand in a row labelled by one of `rows`, under one of `columns`."""
        starts = tuple(fold(column) for column in columns)
        heads = [n for n, text in enumerate(self._folded) if text.startswith(starts)][:_MOST_HEADS]
        for hit in self.hits(rows):
            row = self._boxes[hit.line]
            if self.rest(hit, rows)[0] < len(self.flat[hit.line]):
                continue
            beside = []
            for number, box in self._between(row.y0, row.y1):
                overlap = min(row.y1, box.y1) - max(row.y0, box.y0)
                if number != hit.line and overlap >= 0.4 * min(row.height, box.height):
                    beside.append((number, box))
            for head in heads:
                above = self._boxes[head]
                if above.y1 > row.y0:
                    continue
                best: tuple[float, int] | None = None
                for number, box in beside:
                    apart = min(abs(box.x1 - above.x1), abs((box.x0 + box.x1 - above.x0 - above.x1) / 2))
                    if apart < 0.06 and (best is None or apart < best[0]):
                        best = (apart, number)
                if best is not None:
                    yield best[1]

    def _right_of(self, line: int) -> list[tuple[float, int]]:
        """Gap and number of the lines on the same row to the right, the nearest first."""
        if line not in self._right:
            box = self._boxes[line]
            gaps = ((self._gap(line, number), number) for number, _ in self._between(box.y0, box.y1))
            self._right[line] = sorted(item for item in gaps if item[0] < _FARTHEST_RIGHT)
        return self._right[line]

    def _gap(self, left: int, right: int) -> float:
        """From the end of one line to the beginning of another on its row; 1 where it is not to the right of it."""
        own, other = self._boxes[left], self._boxes[right]
        overlap = min(own.y1, other.y1) - max(own.y0, other.y0)
        gap = other.x0 - own.x1
        beside = left != right and overlap > 0.45 * min(own.height, other.height) and gap > -0.01 and other.x0 > own.x0
        return gap if beside else 1.0

    def _between(self, top: float, foot: float) -> list[tuple[int, Box]]:
        """The lines that stand between two heights of the page, with their numbers."""
        return [(number, self._boxes[number]) for number in self._bands.at(top, foot)]

    def _has_own_value(self, right: list[tuple[float, int]]) -> bool:
        """Whether what stands to the right has something nearer at its own right: then it is a label itself."""
        return len(right) > 1 and right[1][0] - right[0][0] - self._boxes[right[0][1]].width < right[0][0]

    def below(self, line: int, left: float) -> int | None:
        """The line that goes on under a line from `left` on, with hardly any room between; `None` for none."""
        box = self._boxes[line]
        tall = max(box.height, 0.006)
        under = [
            (other.y0, number)
            for number, other in self._between(box.y0, box.y1 + tall)
            if abs(other.x0 - left) < 1.2 * type_size(self.lines[line])
            and other.y0 - box.y0 > 0
            and other.y0 - box.y1 < tall
            and not self._labels[number]
        ]
        return min(under)[1] if under else None

    def under(self, line: int) -> list[int]:
        """Lines soon under a line, in its column."""
        box = self._boxes[line]
        tall = max(box.height, 0.006)
        return [
            number
            for number, other in self._between(box.y0, box.y1 + _FARTHEST_BELOW * tall)
            if 0.5 * tall < other.y0 - box.y0
            and other.y0 - box.y1 < _FARTHEST_BELOW * tall
            and min(box.x1, other.x1) - max(box.x0, other.x0) > 0
        ]

    def _same_column(self, value: int, others: list[tuple[float, int]]) -> bool:
        """Whether the row below has something in the same column: then labels stand in a column of their own."""
        return bool(others) and abs(self._boxes[others[0][1]].x0 - self._boxes[value].x0) < _SAME_COLUMN

    def run(self, line: int, *, leftward: bool = False) -> list[int]:
        """A line and those that go on after it (and before it) on its row, no more than a wide space away."""
        run = [line]
        space = _WIDE_SPACE * type_size(self.lines[line])
        while True:
            right = self._right_of(run[-1])
            gap, after = right[0] if right else (1.0, -1)
            if gap > space or self._labels[after]:
                break
            run.append(after)
        while leftward:
            box = self._boxes[run[0]]
            beside = self._between(box.y0, box.y1)
            before = [n for n, _ in beside if self._gap(n, run[0]) <= space and not self._labels[n]]
            if not before:
                break
            run.insert(0, max(before, key=lambda n: self._boxes[n].x1))
        return run

    def is_label(self, line: int) -> bool:
        """Whether a line is nothing but known labels, ends in a colon, or begins with a known label and a colon."""
        return self._labels[line]

    def _is_label(self, number: int) -> bool:
        text, at = self.flat[number], 0
        while at < len(text):
            found = _best(text, at, self._wanted)
            if found is None:
                break
            at = found[1]
        return at >= len(text) or text.rstrip().endswith(":") or self._label_with_colon(text, 0)

    def _label_with_colon(self, text: str, start: int) -> bool:
        colon = text.find(":", start, start + 40)
        return colon > 0 and fold(text[start:colon]) in self._known

    def _misread(self, number: int, wanted: list[tuple[int, str]]) -> Iterator[LabelHit]:
        head, end = self._heads[number]
        if not head:
            return
        for rank, label in wanted:
            if len(label) < _LEAST_FUZZY or abs(len(label) - len(head)) > 2 or label == head:
                continue
            matcher = SequenceMatcher(None, head, label, autojunk=False)
            if matcher.quick_ratio() >= _FUZZY_RATIO and matcher.ratio() >= _FUZZY_RATIO:
                text = self.flat[number]
                yield LabelHit(number, rank + 0.5, 0, _skip(text, end) if end > 0 else len(text), end > 0)
                return

    def _head(self, text: str) -> tuple[str, int]:
        """What of a line may be a misread label, empty where nothing may, and where its colon stands."""
        end = text.find(":")
        head = fold(text[: end if end > 0 else len(text)])
        return ("" if len(head) < _LEAST_FUZZY or head in self._known else head), end


def _starts(text: str) -> Iterator[int]:
    """Offsets at which a label may begin: the first character, and the first after a gap."""
    first = _skip(text, 0)
    yield 0 if first < len(text) else len(text)
    for gap in re.finditer(r"[\s;；|]+", text):
        if first < gap.end() < len(text):
            yield gap.end()


def _best(text: str, start: int, wanted: list[tuple[int, str]]) -> tuple[int, int, bool] | None:
    """The longest label that begins at `start`: its rank, where it ends with its colon, whether it has one."""
    best: tuple[int, int, bool] | None = None
    longest = 0
    first = _skip(text, start)
    for rank, label in wanted:
        if first >= len(text) or text[first] != label[0]:
            continue
        end = _walk(text, start, label)
        if end is not None and len(label) > longest:
            longest = len(label)
            after = _skip(text, end)
            best = (rank, after, ":" in text[end:after])
    return best


def _walk(text: str, start: int, label: str) -> int | None:
    at = start
    for char in label:
        while at < len(text) and text[at] in IGNORED:
            at += 1
        if at >= len(text) or text[at] != char:
            return None
        at += 1
    cut = at < len(text) and label[-1].isascii() and label[-1].isalpha() and text[at].isascii() and text[at].isalpha()
    return None if cut else at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in IGNORED:
        at += 1
    return at
