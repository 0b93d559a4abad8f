"""Reading order: a page is cut into columns where lines of several rows leave the same strip of paper free.

A recursive cut in the manner of Nagy and Seth's XY tree, with one change: the gutter with the longest run of rows on
both sides is cut first, wherever it lies, so that headings across the columns, above or between them, do no harm.
Free strips within what looks like a table are not gutters: its rows are read across.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from langchain_hunyuanocr.reading.strips import Strip, rows_of

_BINS_PER_EM = 6
_TRIM = 0.18
"""Share of the type height by which boxes stand out beyond the ink on either side."""
_FEWEST_ROWS = 3
_LEAST_GUTTER = 0.3
"""In type heights, once boxes are trimmed."""
_PROSE_FILL = 0.6
_PROSE_EMS = 6.0
_VALUE = re.compile(r"[\d\W_]*[A-Za-z%$€£¥元]{0,4}[\d\W_]*$")


@dataclass(frozen=True, slots=True)
class _Cut:
    first: int
    last: int
    x: float


def reading_order(strips: Sequence[Strip], em: float) -> list[list[Strip]]:
    """Cut a page into columns.

    Args:
        strips: Text and tables, in any order.
        em: Height of the body type.

    Returns:
        Columns in the order in which they are read, each with its strips from top to bottom.
    """
    columns: list[list[Strip]] = []
    _order(list(strips), em, columns, depth=0)
    return columns


def _order(strips: list[Strip], em: float, columns: list[list[Strip]], depth: int) -> None:
    if not strips:
        return
    rows = rows_of(strips)
    cut = _best_cut(rows, em) if len(rows) >= _FEWEST_ROWS and depth < 12 else None
    if cut is None:
        columns.append([strip for row in rows for strip in row])
        return
    section = [strip for row in rows[cut.first : cut.last + 1] for strip in row]
    _order([strip for row in rows[: cut.first] for strip in row], em, columns, depth + 1)
    _order([strip for strip in section if strip.centre < cut.x], em, columns, depth + 1)
    _order([strip for strip in section if strip.centre >= cut.x], em, columns, depth + 1)
    _order([strip for row in rows[cut.last + 1 :] for strip in row], em, columns, depth + 1)


def _best_cut(rows: list[list[Strip]], em: float) -> _Cut | None:
    left = min(strip.x0 for row in rows for strip in row)
    right = max(strip.x1 for row in rows for strip in row)
    unit = em / _BINS_PER_EM
    count = int((right - left) / unit) + 1
    if count > 5000:
        return None
    covered = np.zeros((len(rows), count), dtype=bool)
    for number, row in enumerate(rows):
        for strip in row:
            trim = 0.0 if strip.table else _TRIM * strip.size
            covered[number, round((strip.x0 + trim - left) / unit) : round((strip.x1 - trim - left) / unit) + 1] = True
    # Rows with text on both sides of each place; a run of rows that leave the place free is a gutter.
    before = np.logical_or.accumulate(covered, axis=1)
    after = np.logical_or.accumulate(covered[:, ::-1], axis=1)[:, ::-1]
    both = before & after & ~covered
    candidates = _runs(covered, both)
    tried: set[tuple[int, int]] = set()
    for _, first, last, start, end in candidates[:40]:
        if (end - start) < _LEAST_GUTTER * _BINS_PER_EM or (first, last) in tried:
            continue
        tried.add((first, last))
        cut = _trimmed(rows, first, last, left + (start + end) / 2 * unit, em)
        if cut is not None and _is_gutter(rows, cut, em, (end - start) * unit):
            return cut
    return None


def _runs(covered: np.ndarray, both: np.ndarray) -> list[tuple[float, int, int, int, int]]:
    """Runs of rows that leave a place free, best first: (score, first row, last row, first bin, last bin)."""
    found: dict[tuple[int, int], list[int]] = {}
    scores: dict[tuple[int, int], float] = {}
    for place in range(covered.shape[1]):
        if both[:, place].sum() < 2:
            continue
        blocked = np.flatnonzero(covered[:, place])
        bounds = [-1, *blocked.tolist(), covered.shape[0]]
        for above, below in zip(bounds, bounds[1:], strict=False):
            if below - above - 1 >= 2:
                score = float(both[above + 1 : below, place].sum())
                if score >= 2:
                    key = (above + 1, below - 1)
                    found.setdefault(key, []).append(place)
                    scores[key] = max(scores.get(key, 0.0), score)
    runs = []
    for key, places in found.items():
        for start, end in _stretches(places):
            # A wide gutter is a surer one.
            runs.append((scores[key] + min(end - start, 12) / 12, key[0], key[1], start, end))
    return sorted(runs, reverse=True)


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


def _trimmed(rows: list[list[Strip]], first: int, last: int, x: float, em: float) -> _Cut | None:
    """Leave out rows at either end that stand on one side only and apart: running heads, page numbers, footers."""

    def sides(number: int) -> tuple[bool, bool]:
        return any(s.centre < x for s in rows[number]), any(s.centre >= x for s in rows[number])

    def gap(upper: int, lower: int) -> float:
        return min(s.y0 for s in rows[lower]) - max(s.y1 for s in rows[upper])

    while first < last and not all(sides(first)) and (sides(first)[1] or gap(first, first + 1) > em):
        first += 1
    while last > first and not all(sides(last)) and gap(last - 1, last) > 1.2 * em:
        last -= 1
    return _Cut(first, last, x) if last - first + 1 >= 2 else None


def _is_gutter(rows: list[list[Strip]], cut: _Cut, em: float, width: float) -> bool:
    """Whether the free strip parts columns of text and not the cells of a table or a label from its value."""
    section = rows[cut.first : cut.last + 1]
    left = [[s for s in row if s.centre < cut.x] for row in section]
    right = [[s for s in row if s.centre >= cut.x] for row in section]
    shared = sum(1 for a, b in zip(left, right, strict=True) if a and b)
    left_rows, right_rows = [row for row in left if row], [row for row in right if row]
    fewest = min(len(left_rows), len(right_rows))
    if fewest < 2:
        return any(s.table for row in section for s in row)
    left_prose, right_prose = _prose(left_rows, em), _prose(right_rows, em)
    if left_prose and right_prose:
        return fewest >= _FEWEST_ROWS and (shared >= _FEWEST_ROWS + (width < em) or width > em)
    if _values(right_rows) >= 0.5 or _values(left_rows) >= 0.5:
        return False
    if shared < 0.5 * fewest:
        return fewest >= 2 and width > em
    labels = sum(row[-1].text.rstrip().endswith((":", "：")) for row in left_rows)
    if labels >= 0.4 * len(left_rows):
        return False
    # Blocks of short lines beside each other, such as two addresses: each side keeps one strip a row and some length.
    single = all(len(row) == 1 for row in left_rows) or all(len(row) == 1 for row in right_rows)
    wordy = sum(len(s.text) for row in right_rows for s in row) >= 8 * len(right_rows)
    return single and wordy and fewest >= 2 and width > 2 * em and (left_prose or right_prose or fewest <= 8)


def _prose(rows: list[list[Strip]], em: float) -> bool:
    """Whether rows look like running text: most of them fill the width of their side, which is wide enough for it."""
    if len(rows) < _FEWEST_ROWS:
        return False
    starts = sorted(row[0].x0 for row in rows)
    ends = sorted(row[-1].x1 for row in rows)
    width = ends[int(len(ends) * 0.9)] - starts[int(len(starts) * 0.1)]
    if width < _PROSE_EMS * em:
        return False
    full = sum(1 for row in rows if sum(s.width for s in row) > 0.72 * width)
    letters = sum(c.isalpha() for row in rows for s in row for c in s.text)
    characters = sum(len(s.text) for row in rows for s in row)
    return full >= _PROSE_FILL * len(rows) and letters > 0.5 * characters


def _values(rows: list[list[Strip]]) -> float:
    """Share of the rows that begin with a number, an amount or a date."""
    return sum(bool(_VALUE.match(row[0].text)) for row in rows) / len(rows)
