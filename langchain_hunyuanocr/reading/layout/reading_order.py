"""Reading order: columns and blocks, by recursive cuts (XY cut).

A recursive cut in the manner of Nagy and Seth's XY tree, with one change: the gutter with the longest run of rows on
both sides is cut first, wherever it lies, so that headings across the columns, above or between them, do no harm.
Free segments within what looks like a table are not gutters: its rows are read across.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of

_BINS_PER_EM = 6
_TRIM = 0.1
"""Share of the type height that boxes may stand out beyond the ink on either side."""
_FEWEST_ROWS = 3
_LEAST_GUTTER = 0.3
"""In type heights, once boxes are trimmed."""
_FEWEST_OF_TEXT = 8
"""Rows on either side of a gutter that no table reaches across."""
_TITLE = 1.28
"""Times the body type."""
_MOST_GUTTERS = 4
_SHEARS = (0.0, 0.006, -0.006, 0.012, -0.012, 0.018, -0.018)
_MOST_BINS = 5000
_MOST_PLACES = 1_000_000
"""Bins of all rows: a newspaper has half as many. Of larger pages the narrowest gutters are not seen."""
_ROUNDING = 1e-9
_MOST_TRIED = 30
_PROSE_SHARE = 0.65
_PROSE_EMS = 9.0
_STOREY = 2.5
"""Widest numerator or denominator, in type heights."""
_VALUE = re.compile(r"[\d\W_]*[A-Za-z%$€£¥元]{0,4}[\d\W_]*$")


@dataclass(frozen=True, slots=True)
class _Cut:
    first: int
    last: int
    x: float
    shear: float = 0.0
    """How far the gutter leans to the right for each length down: pages lie askew and spreads bend."""

    def is_left(self, segment: Segment) -> bool:
        """Whether a segment stands left of the gutter."""
        return segment.centre - self.shear * segment.middle < self.x


def reading_order(segments: Sequence[Segment], type_size: float) -> list[list[Segment]]:
    """Cut a page into columns.

    Args:
        segments: Text and tables, in any order.
        type_size: Height of the body type.

    Returns:
        Columns in the order in which they are read, each with its segments from top to bottom.
    """
    columns: list[list[Segment]] = []
    _order(list(segments), type_size, columns, depth=0)
    return columns


class TextGutters:
    """The gutters between columns of running text, looked for when they are first asked for.

    Args:
        segments: Of the page, in any order.
        type_size: Height of the body type.
    """

    def __init__(self, segments: Sequence[Segment], type_size: float) -> None:
        self._segments, self._type_size = segments, type_size

    def part(self, segments: Sequence[Segment]) -> bool:
        """Whether segments stand on both sides of a gutter."""
        top, bottom = min(s.middle for s in segments), max(s.middle for s in segments)
        return any(
            y0 < bottom and top < y1 and 0 < sum(map(cut.is_left, segments)) < len(segments)
            for cut, y0, y1 in self._gutters
        )

    @cached_property
    def _gutters(self) -> list[tuple[_Cut, float, float]]:
        found: list[tuple[_Cut, float, float]] = []
        _find_gutters(list(self._segments), self._type_size, found, depth=0)
        return found


def _find_gutters(
    segments: list[Segment], type_size: float, found: list[tuple[_Cut, float, float]], depth: int
) -> None:
    rows = rows_of(segments)
    cut = _best_cut(rows, type_size) if len(rows) >= _FEWEST_ROWS and depth < _MOST_GUTTERS else None
    if cut is None:
        return
    section = [segment for row in rows[cut.first : cut.last + 1] for segment in row]
    sides = [[s for s in section if cut.is_left(s) is left] for left in (True, False)]
    if _parts_text(rows, cut, type_size):
        found.append((cut, min(s.y0 for s in section), max(s.y1 for s in section)))
    for part in (
        [s for row in rows[: cut.first] for s in row],
        *sides,
        [s for row in rows[cut.last + 1 :] for s in row],
    ):
        _find_gutters(part, type_size, found, depth + 1)


def _is_text(rows: list[list[Segment]], type_size: float) -> bool:
    return len(rows) >= _FEWEST_OF_TEXT and _prose(rows, type_size)


def _order(segments: list[Segment], type_size: float, columns: list[list[Segment]], depth: int) -> None:
    if not segments:
        return
    rows = rows_of(segments)
    cut = _best_cut(rows, type_size) if len(rows) >= _FEWEST_ROWS and depth < 12 else None
    if cut is None:
        columns.append([segment for row in rows for segment in row])
        return
    section = [segment for row in rows[cut.first : cut.last + 1] for segment in row]
    _order([segment for row in rows[: cut.first] for segment in row], type_size, columns, depth + 1)
    _order([segment for segment in section if cut.is_left(segment)], type_size, columns, depth + 1)
    _order([segment for segment in section if not cut.is_left(segment)], type_size, columns, depth + 1)
    _order([segment for row in rows[cut.last + 1 :] for segment in row], type_size, columns, depth + 1)


def _best_cut(rows: list[list[Segment]], type_size: float) -> _Cut | None:
    candidates = [
        (score, shear, first, last, x, width)
        for shear in _SHEARS
        for score, first, last, x, width in _candidates(rows, type_size, shear)
    ]
    # A wide gutter is a surer one, and an upright one surer than a slanted one.
    candidates.sort(key=lambda c: c[0] * (1 + min(c[5] / type_size, 3.0) / 3 - 5 * abs(c[1])), reverse=True)
    best: _Cut | None = None
    tried: set[tuple[int, int, int]] = set()
    for _, shear, first, last, x, width in candidates:
        place = (first, last, round(x / (_PROSE_EMS * type_size)))
        if place in tried:
            continue
        if len(tried) >= _MOST_TRIED:
            break
        tried.add(place)
        cut = _trimmed(rows, _Cut(first, last, x, shear), type_size)
        # One that reaches further goes first: it would be cut in two by what lies beside its ends.
        further = cut is not None and (best is None or (cut.first <= best.first and cut.last >= best.last))
        if cut is None or not further or not _is_gutter(rows, cut, type_size, width):
            continue
        if best is None or (_parts_text(rows, cut, type_size) and _cuts_text(rows, best, cut, type_size)):
            best = cut
    return best


def _cuts_text(rows: list[list[Segment]], cut: _Cut, further: _Cut, type_size: float) -> bool:
    """Whether a gutter would cut in two the running text beyond one that reaches further."""
    ends = [*rows[further.first : cut.first], *rows[cut.last + 1 : further.last + 1]]
    beyond = (s for row in ends for s in row if further.is_left(s) is (further.x < cut.x))
    return any(s.width > _PROSE_EMS * type_size for s in beyond)


def _parts_text(rows: list[list[Segment]], cut: _Cut, type_size: float) -> bool:
    """Whether there is running text on both sides of a gutter."""
    section = [segment for row in rows[cut.first : cut.last + 1] for segment in row]
    return all(
        _is_text(rows_of(segment for segment in section if cut.is_left(segment) is left), type_size)
        for left in (True, False)
    )


def _candidates(
    rows: list[list[Segment]], type_size: float, shear: float
) -> list[tuple[float, int, int, float, float]]:
    """Runs of rows that leave a segment of paper free: score, first row, last row, middle of the segment, its width."""
    spans = [
        [(s.x0 - shear * s.middle + trim, s.x1 - shear * s.middle - trim) for s in row for trim in (_trim(s),)]
        for row in rows
    ]
    # A table stands beside every row that it reaches, not only beside the one in its middle.
    for table in (segment for row in rows for segment in row if segment.table):
        for beside, ends in zip(rows, spans, strict=True):
            if table is not beside[0] and table.y0 < beside[0].middle < table.y1:
                ends.append((table.x0, table.x1))
    left = min(x0 for row in spans for x0, _ in row)
    width = max(x1 for row in spans for _, x1 in row) - left
    unit = max(type_size / _BINS_PER_EM, width * len(rows) / _MOST_PLACES)
    count = int(width / unit) + 1
    if count > _MOST_BINS:
        return []
    covered = np.zeros((len(rows), count), dtype=bool)
    for number, row in enumerate(spans):
        for x0, x1 in row:
            covered[number, round((x0 - left) / unit) : round((x1 - left) / unit) + 1] = True
    before = np.logical_or.accumulate(covered, axis=1)
    after = np.logical_or.accumulate(covered[:, ::-1], axis=1)[:, ::-1]
    both = before & after & ~covered
    return [
        (score, first, last, left + (start + end) / 2 * unit, (end - start) * unit)
        for score, first, last, start, end in _runs(covered, both)
        if (end - start) * unit >= _LEAST_GUTTER * type_size * (1 - _ROUNDING)
    ]


def _trim(segment: Segment) -> float:
    return 0.0 if segment.table else _TRIM * segment.size


def _runs(covered: np.ndarray, both: np.ndarray) -> list[tuple[float, int, int, int, int]]:
    """Runs of rows that leave a place free: rows with text on both sides, first row, last row, first bin, end bin."""
    found: dict[tuple[int, int], dict[int, float]] = {}
    walls = np.pad(covered, ((1, 1), (0, 0)), constant_values=True)
    places, at = np.nonzero(walls.T)
    runs = np.flatnonzero(places[1:] == places[:-1])
    places, firsts, ends = places[runs], at[runs], at[runs + 1] - 1
    counted = np.pad(np.cumsum(both, axis=0, dtype=np.int32), ((1, 0), (0, 0)))
    scores = counted[ends, places] - counted[firsts, places]
    kept = scores >= 2
    for place, first, end, score in zip(*(each[kept].tolist() for each in (places, firsts, ends, scores)), strict=True):
        found.setdefault((first, end - 1), {})[place] = float(score)
    return [
        (max(scores[place] for place in range(start, end)), first, last, start, end)
        for (first, last), scores in found.items()
        for start, end in _stretches(list(scores))
    ]


def _stretches(places: list[int]) -> list[tuple[int, int]]:
    stretches = []
    start = previous = places[0]
    for place in places[1:]:
        if place != previous + 1:
            stretches.append((start, previous + 1))
            start = place
        previous = place
    stretches.append((start, previous + 1))
    return stretches


def _trimmed(rows: list[list[Segment]], cut: _Cut, type_size: float) -> _Cut | None:
    """Set the ends of a gutter right.

    Rows whose segments only touch it belong to it too. Rows at either end that stand on one side only and apart do not:
    running heads, page numbers, footers.
    """
    first, last = cut.first, cut.last
    while first > 0 and _touches(rows[first - 1], cut, type_size):
        first -= 1
    while last + 1 < len(rows) and _touches(rows[last + 1], cut, type_size):
        last += 1

    def sides(number: int) -> tuple[bool, bool]:
        return any(map(cut.is_left, rows[number])), not all(map(cut.is_left, rows[number]))

    def gap(upper: int, lower: int) -> float:
        return min(s.y0 for s in rows[lower]) - max(s.y1 for s in rows[upper])

    def is_head(number: int) -> bool:
        # What stands on the right alone begins the section only as the title or the first lines of its column.
        begins = any(s.width > _PROSE_EMS * type_size or s.size > _TITLE * type_size for s in rows[number])
        return gap(number, number + 1) > type_size or (sides(number)[1] and not begins)

    while first < last and not all(sides(first)) and is_head(first):
        first += 1
    while last > first and not all(sides(last)) and gap(last - 1, last) > 1.2 * type_size:
        last -= 1
    return _Cut(first, last, cut.x, cut.shear) if last - first + 1 >= 2 else None


def _touches(row: list[Segment], cut: _Cut, type_size: float) -> bool:
    """Whether a row has segments on both sides of a gutter, of which none lies across it by more than a character."""
    across = (cut.x + cut.shear * segment.middle for segment in row)
    deep = (min(x - segment.x0, segment.x1 - x) for x, segment in zip(across, row, strict=True))
    return len({cut.is_left(segment) for segment in row}) == 2 and max(deep) < 0.6 * type_size


def _is_gutter(rows: list[list[Segment]], cut: _Cut, type_size: float, width: float) -> bool:
    """Whether the free segment parts columns of text and not the cells of a table or a label from its value."""
    section = rows[cut.first : cut.last + 1]
    left = [[s for s in row if cut.is_left(s)] for row in section]
    right = [[s for s in row if not cut.is_left(s)] for row in section]
    shared = sum(1 for a, b in zip(left, right, strict=True) if a and b)
    left_rows, right_rows = (_with_storeys([row for row in side if row], type_size) for side in (left, right))
    fewest = min(len(left_rows), len(right_rows))
    if fewest < 2:
        return any(s.table for row in section for s in row)
    left_prose, right_prose = _prose(left_rows, type_size), _prose(right_rows, type_size)
    if left_prose and right_prose:
        narrow = width < type_size
        return fewest >= _FEWEST_ROWS and (not narrow or shared >= (8 if width < 0.45 * type_size else 5))
    if _values(right_rows) >= 0.5 or _values(left_rows) >= 0.5:
        return False
    if shared < 0.5 * fewest:
        return width > type_size
    labels = sum(row[-1].text.rstrip().endswith((":", "：")) for row in left_rows)
    if labels >= 0.4 * len(left_rows):
        return False
    if left_prose or right_prose:
        return width > 0.8 * type_size and fewest >= _FEWEST_ROWS
    # Blocks of short lines beside each other, such as two addresses: one segment a row on each side, and some length.
    single = all(len(row) == 1 for row in left_rows) and all(len(row) == 1 for row in right_rows)
    wordy = sum(len(s.text) for row in right_rows for s in row) >= 8 * len(right_rows)
    return single and wordy and width > 2 * type_size and fewest <= 8


def _with_storeys(rows: list[list[Segment]], type_size: float) -> list[list[Segment]]:
    """Rows with the storeys of fractions in the line of text beside which they stand, not as rows of their own."""
    kept: list[list[Segment]] = []
    storeys: dict[int, list[Segment]] = {}
    for number, row in enumerate(rows):
        near = [n for n in range(max(number - 2, 0), min(number + 3, len(rows))) if n != number]
        homes = [[n for n in near if _holds_storey(rows[n], piece, type_size)] for piece in row]
        if all(homes):
            storeys.setdefault(id(rows[homes[0][0]]), []).extend(row)
        else:
            kept.append(row)
    return [sorted([*row, *storeys.get(id(row), ())], key=lambda segment: segment.x0) for row in kept]


def _holds_storey(row: list[Segment], piece: Segment, type_size: float) -> bool:
    """Whether a piece is a numerator or denominator of a row: less than a line away and beside a piece of its text."""
    if piece.table or piece.width > _STOREY * type_size or all(s.width <= _STOREY * type_size for s in row):
        return False
    off = min(abs(piece.middle - s.middle) for s in row)
    gap = min(max(s.x0 - piece.x1, piece.x0 - s.x1) for s in row)
    return off < type_size and -0.3 * type_size < gap < type_size


def _prose(rows: list[list[Segment]], type_size: float) -> bool:
    """Whether rows look like running text: most of the characters stand in long pieces, and most are letters."""
    long = pieces = 0
    total = letters = 0
    for row in rows:
        for piece in _pieces(row, type_size):
            characters = sum(len(segment.text) for segment in piece)
            total += characters
            letters += sum(c.isalpha() for segment in piece for c in segment.text)
            if piece[-1].x1 - piece[0].x0 >= _PROSE_EMS * type_size:
                long += characters
                pieces += 1
    return pieces >= _FEWEST_ROWS and long >= _PROSE_SHARE * total and letters > 0.5 * total


def _pieces(row: list[Segment], type_size: float) -> list[list[Segment]]:
    """A row parted where the gaps are wider than between words."""
    pieces = [[row[0]]]
    for before, segment in pairwise(row):
        if segment.x0 - before.x1 < type_size:
            pieces[-1].append(segment)
        else:
            pieces.append([segment])
    return pieces


def _values(rows: list[list[Segment]]) -> float:
    """Share of the rows that begin with a number, an amount or a date."""
    return sum(bool(_VALUE.match(row[0].text)) for row in rows) / len(rows)
