"""Tables without a grid of rules: columns where the text of many rows leaves the same strips free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from langchain_hunyuanocr.reading.filling import cell_text
from langchain_hunyuanocr.reading.headers import header_rows_of, with_spanners
from langchain_hunyuanocr.reading.strips import Strip, rows_of
from langchain_hunyuanocr.reading.tables import Cell

_BINS_PER_EM = 8
_LEAST_GUTTER = 0.3
"""In type heights."""
_CROSSED = 0.08
"""Share of the full rows that may reach across a gutter."""
_UNFINISHED = re.compile(r"(?:[,(/&\u2013-]|\b(?:of|and|or|the|for|in|with|to|by|from|on|at|per|than))$")
_CONTINUES = re.compile(r"[a-z(\[/&]|\d+%?\)$")

Segments = list[list[Strip]]


@dataclass(frozen=True, slots=True)
class Aligned:
    """The cells of a table, by text alone."""

    cells: tuple[Cell, ...]
    header_rows: int
    rows: int
    columns: int
    crowded: float
    """Share of the pieces that share a cell with a piece beside them: high where the columns were not found."""


def align(strips: Sequence[Strip], em: float, rules: Sequence[tuple[float, float, float]] = ()) -> Aligned | None:
    """Arrange the text of a region in rows and columns.

    Args:
        strips: All the text of the region.
        em: Height of the type, in page heights.
        rules: Rules across as `(y, x0, x1)` in page heights.

    Returns:
        The cells; `None` where the text leaves no strip free between columns.
    """
    em = float(np.median([strip.size for strip in strips]))
    lines = [_segments(row, em) for row in rows_of(strips)]
    gutters = _gutters(lines, em)
    if not gutters:
        return None
    placed = [_placed(line, gutters) for line in lines]
    groups = _grouped(placed, lines, em, rules)
    grid: list[dict[tuple[int, int], list[Strip]]] = []
    for group in groups:
        held: dict[tuple[int, int], list[Strip]] = {}
        for number in group:
            for (column, across), segment in placed[number].items():
                held.setdefault((column, across), []).extend(segment)
        grid.append(_disjoint(held))
    bottoms = [max(s.y1 for number in group for segment in lines[number] for s in segment) for group in groups]
    texts = [{place: cell_text(pieces, em) for place, pieces in row.items()} for row in grid]
    count = len(gutters) + 1
    header = header_rows_of(texts, bottoms, rules, count, em)
    centres = [{place: _centre(pieces) for place, pieces in row.items()} for row in grid]
    texts = with_spanners(texts, centres, _centres(gutters, strips), header, rules, bottoms, em)
    cells = [
        Cell(text, row, column, 1, across)
        for row, held_texts in enumerate(texts)
        for (column, across), text in held_texts.items()
    ]
    pieces = sum(len(line) for line in lines)
    beside = pieces - sum(len(held) for held in placed)
    return Aligned(tuple(cells), header, len(groups), count, beside / pieces)


def _segments(row: list[Strip], em: float) -> Segments:
    """Strips of a row that nearly touch belong to one cell."""
    segments = [[row[0]]]
    for before, strip in pairwise(row):
        if strip.x0 - before.x1 < 0.45 * em:
            segments[-1].append(strip)
        else:
            segments.append([strip])
    return segments


def _ends(segment: Sequence[Strip]) -> tuple[float, float]:
    return segment[0].x0, max(strip.x1 for strip in segment)


def _centre(pieces: Sequence[Strip]) -> float:
    return (min(s.x0 for s in pieces) + max(s.x1 for s in pieces)) / 2


def _centres(gutters: Sequence[tuple[float, float]], strips: Sequence[Strip]) -> list[float]:
    edges = [min(s.x0 for s in strips), *(x for gutter in gutters for x in gutter), max(s.x1 for s in strips)]
    return [(edges[i] + edges[i + 1]) / 2 for i in range(0, len(edges), 2)]


def _gutters(lines: Sequence[Segments], em: float) -> list[tuple[float, float]]:
    """Free strips between columns, from the rows that have nearly as many cells as any."""
    counts = sorted(len(line) for line in lines)
    usual = counts[int(0.85 * (len(counts) - 1))]
    if usual < 2:
        return []
    full = [line for line in lines if len(line) >= max(2, round(0.6 * usual))]
    left = min(_ends(segment)[0] for line in full for segment in line)
    right = max(_ends(segment)[1] for line in full for segment in line)
    unit = em / _BINS_PER_EM
    cover = np.zeros(min(int((right - left) / unit) + 2, 20_000), dtype=int)
    for line in full:
        for segment in line:
            x0, x1 = _ends(segment)
            cover[int((x0 - left) / unit + 0.5) : int((x1 - left) / unit + 0.5) + 1] += 1
    free = cover <= _CROSSED * len(full)
    gutters = []
    start = None
    for place, is_free in enumerate(free.tolist()):
        if is_free and start is None:
            start = place
        elif not is_free and start is not None:
            if start > 0 and (place - start) >= _LEAST_GUTTER * _BINS_PER_EM:
                gutters.append((left + start * unit, left + place * unit))
            start = None
    return gutters


def _placed(line: Segments, gutters: Sequence[tuple[float, float]]) -> dict[tuple[int, int], list[Strip]]:
    """Which columns each segment of a row covers: `(first column, how many)`."""
    placed: dict[tuple[int, int], list[Strip]] = {}
    middles = [(x0 + x1) / 2 for x0, x1 in gutters]
    for segment in line:
        x0, x1 = _ends(segment)
        first = sum(
            end <= x0 + 0.15 * (x1 - x0) or middle <= x0 for (_, end), middle in zip(gutters, middles, strict=True)
        )
        last = sum(
            start < x1 - 0.15 * (x1 - x0) and middle < x1 for (start, _), middle in zip(gutters, middles, strict=True)
        )
        placed.setdefault((first, max(1, last - first + 1)), []).extend(segment)
    return _disjoint(placed)


def _disjoint(held: dict[tuple[int, int], list[Strip]]) -> dict[tuple[int, int], list[Strip]]:
    """Cut back spans that run into the next cell of their row."""
    result: dict[tuple[int, int], list[Strip]] = {}
    end = 0
    places = sorted(held)
    for number, (column, across) in enumerate(places):
        pieces = held[column, across]
        following = places[number + 1][0] if number + 1 < len(places) else column + across
        first = max(column, end)
        if column < end or following == column:
            # Two cells that begin in the same column: they are one.
            other = next(reversed(result), None)
            if other is not None and other[0] <= column < other[0] + other[1]:
                result[other] = [*result[other], *pieces]
                continue
        across = max(1, min(column + across, max(following, first + 1)) - first)
        result[first, across] = pieces
        end = first + across
    return result


def _grouped(
    placed: Sequence[dict[tuple[int, int], list[Strip]]],
    lines: Sequence[Segments],
    em: float,
    rules: Sequence[tuple[float, float, float]],
) -> list[list[int]]:
    """Rows of the table as groups of text lines: cells may hold several lines."""
    middles = [float(np.mean([s.middle for segment in line for s in segment])) for line in lines]
    pitches = [below - above for above, below in pairwise(middles)]
    limit = _row_pitch(pitches)
    groups = [[0]]
    for number in range(1, len(lines)):
        above, below = placed[number - 1], placed[number]
        pitch = pitches[number - 1]
        ruled = any(middles[number - 1] < y < middles[number] for y, _, _ in rules)
        if not ruled and pitch < 2.2 * em and _continues(above, below, pitch, limit):
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _row_pitch(pitches: Sequence[float]) -> float | None:
    """The distance that parts lines within a cell from rows of the table, where there are two kinds of distances."""
    ordered = sorted(pitches)
    fewest = max(2, round(0.12 * len(ordered)))
    best, limit = 1.25, None
    for number in range(fewest, len(ordered) - fewest + 1):
        ratio = ordered[number] / ordered[number - 1] if ordered[number - 1] > 0 else 1.0
        if ratio > best:
            best, limit = ratio, (ordered[number] + ordered[number - 1]) / 2
    return limit


def _continues(
    above: dict[tuple[int, int], list[Strip]],
    below: dict[tuple[int, int], list[Strip]],
    pitch: float,
    limit: float | None,
) -> bool:
    """Whether the lower text line belongs to the same row of the table as the upper one."""
    upper, lower = {column for column, _ in above}, {column for column, _ in below}
    if limit is not None and pitch > limit:
        return False
    if not lower < upper and not (len(lower) == 1 and lower <= upper) and not (upper == {0} and 0 in lower):
        return False
    near = limit is not None and pitch <= limit
    before = " ".join(s.text for s in above[min(above)]).strip()
    after = " ".join(s.text for s in below[min(below)]).strip()
    if upper == {0} and len(lower) > 1:
        return bool(_UNFINISHED.search(before)) or (near and bool(re.match(r"[a-z(]", after)))
    if 0 not in lower:
        return len(upper) > 1 and (near or len(lower) < 0.5 * len(upper))
    if len(lower) > 1:
        return False
    if _UNFINISHED.search(before) or _CONTINUES.match(after):
        return True
    return near and len(lower) == 1 and len(upper) > 1
