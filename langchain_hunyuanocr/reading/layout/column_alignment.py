"""Column alignment: columns where the text of many rows leaves the same stretches free."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from langchain_hunyuanocr.reading.layout.cell_assignment import cell_text
from langchain_hunyuanocr.reading.layout.centred_cells import joined_around, spanning
from langchain_hunyuanocr.reading.layout.figures import is_figure, is_year
from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of, touches_cjk
from langchain_hunyuanocr.reading.tables.build import Cell
from langchain_hunyuanocr.reading.tables.headers import header_rows_of, with_spanners, with_whole_dates
from langchain_hunyuanocr.reading.tables.stacked_headers import Extent, stacked_rows

_BINS_PER_EM = 8
_LEAST_GUTTER = 0.3
"""In type heights."""
_CROSSED = 0.1
"""Share of the full rows that may reach across a gutter."""
_UNFINISHED = re.compile(r"(?:[,(/&\u2013-]|\b(?:of|and|or|the|for|in|with|to|by|from|on|at|per|than))$")
_CONTINUES = re.compile(r"[a-z(\[/&]|\d+%?\)$")

Segments = list[list[Segment]]
Held = dict[tuple[int, int], list[Segment]]
"""The pieces of a row by `(first column, how many columns)`."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """The cells of a table, by text alone."""

    cells: tuple[Cell, ...]
    header_rows: int
    rows: int
    columns: int
    crowded: float
    """Share of the pieces that share a cell with a piece beside them: high where the columns were not found."""


def align(
    segments: Sequence[Segment],
    type_size: float,
    rules: Sequence[tuple[float, float, float]] = (),
    *,
    crossed: float = _CROSSED,
    gutters: Sequence[tuple[float, float]] | None = None,
) -> Aligned | None:
    """Arrange the text of a region in rows and columns.

    Args:
        segments: All the text of the region.
        type_size: Height of the type, in page heights.
        rules: Rules across as `(y, x0, x1)` in page heights.
        crossed: Share of the full rows that may reach across a gutter.
        gutters: The free stretches between columns, where they are known already.

    Returns:
        The cells; `None` where the text leaves no segment free between columns.
    """
    type_size = float(np.median([segment.size for segment in segments]))
    # Where the columns are known, pieces that nearly touch may stand on both sides of a gutter.
    rows = rows_of(segments)
    lines = [_segments(row, type_size) if gutters is None else [[piece] for piece in row] for row in rows]
    gutters = _gutters(lines, type_size, crossed) if gutters is None else list(gutters)
    if not gutters:
        return None
    placed = [_placed(line, gutters) for line in lines]
    gutters, placed = _without_empty_columns(gutters, placed)
    groups = joined_around(_grouped(placed, lines, type_size, rules), placed, type_size)
    grid: list[Held] = []
    for group in groups:
        held: Held = {}
        for number in group:
            for (column, across), segment in placed[number].items():
                held.setdefault((column, across), []).extend(segment)
        grid.append(_disjoint(held))
    spans = spanning(grid)
    rows_at = {number: place for place, number in enumerate(n for n in range(len(grid)) if n not in spans)}
    merged = [
        Cell(cell_text(pieces, type_size), rows_at[first], column, down, across)
        for number, (first, down) in spans.items()
        for (column, across), pieces in grid[number].items()
    ]
    groups = [group for number, group in enumerate(groups) if number not in spans]
    grid = [row for number, row in enumerate(grid) if number not in spans]
    bottoms = [max(s.y1 for number in group for segment in lines[number] for s in segment) for group in groups]
    texts = [{place: cell_text(pieces, type_size) for place, pieces in row.items()} for row in grid]
    count = len(gutters) + 1
    height = len(grid)
    header = header_rows_of(texts, bottoms, rules, count, type_size)
    extents = [{place: _extent(pieces) for place, pieces in row.items()} for row in grid]
    for number in reversed(stacked_rows(extents, texts, header, rules, count, type_size)):
        grid[number : number + 2] = [_stacked(grid[number], grid[number + 1])]
        texts[number : number + 2] = [{place: cell_text(pieces, type_size) for place, pieces in grid[number].items()}]
        del bottoms[number]
        header -= 1
    centres = [{place: _centre(pieces) for place, pieces in row.items()} for row in grid]
    texts = with_spanners(texts, centres, _centres(gutters, segments), header, rules, bottoms, type_size)
    texts, header = with_whole_dates(texts, header)
    cells = [
        Cell(text, row, column, 1, across)
        for row, held_texts in enumerate(texts)
        for (column, across), text in held_texts.items()
    ]
    cells += [_below(cell, header, height - len(texts)) for cell in merged]
    pieces = sum(len(line) for line in lines)
    beside = pieces - sum(len(held) for held in placed)
    return Aligned(tuple(cells), header, len(texts), count, beside / pieces)


def _below(cell: Cell, header: int, joined: int) -> Cell:
    """A cell over several rows once rows of the header were joined; one that reaches out of the header ends with it."""
    row = cell.row - joined if cell.row >= header else cell.row
    return replace(cell, row=row, rowspan=min(cell.rowspan, header - row) if row < header else cell.rowspan)


def _segments(row: list[Segment], type_size: float) -> Segments:
    """Strips of a row that nearly touch belong to one cell."""
    segments = [[row[0]]]
    for before, segment in pairwise(row):
        if segment.x0 - before.x1 < 0.45 * type_size:
            segments[-1].append(segment)
        else:
            segments.append([segment])
    return segments


def _ends(segment: Sequence[Segment]) -> tuple[float, float]:
    return segment[0].x0, max(segment.x1 for segment in segment)


def _extent(pieces: Sequence[Segment]) -> Extent:
    return min(s.x0 for s in pieces), min(s.y0 for s in pieces), max(s.x1 for s in pieces), max(s.y1 for s in pieces)


def _centre(pieces: Sequence[Segment]) -> float:
    return (min(s.x0 for s in pieces) + max(s.x1 for s in pieces)) / 2


def _stacked(upper: Held, lower: Held) -> Held:
    """Two rows of a header as one."""
    return {place: [*upper.get(place, ()), *pieces] for place, pieces in lower.items()}


def _centres(gutters: Sequence[tuple[float, float]], segments: Sequence[Segment]) -> list[float]:
    edges = [min(s.x0 for s in segments), *(x for gutter in gutters for x in gutter), max(s.x1 for s in segments)]
    return [(edges[i] + edges[i + 1]) / 2 for i in range(0, len(edges), 2)]


def _gutters(lines: Sequence[Segments], type_size: float, crossed: float) -> list[tuple[float, float]]:
    """Free segments between columns, from the rows that have nearly as many cells as any."""
    counts = sorted(len(line) for line in lines)
    usual = counts[int(0.85 * (len(counts) - 1))]
    if usual < 2:
        return []
    full = [line for line in lines if len(line) >= max(2, round(0.6 * usual))]
    left = min(_ends(segment)[0] for line in full for segment in line)
    right = max(_ends(segment)[1] for line in full for segment in line)
    unit = type_size / _BINS_PER_EM
    cover = np.zeros(min(int((right - left) / unit) + 2, 20_000), dtype=int)
    for line in full:
        for segment in line:
            x0, x1 = _ends(segment)
            cover[int((x0 - left) / unit + 0.5) : int((x1 - left) / unit + 0.5) + 1] += 1
    free = cover <= crossed * len(full)
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


def _placed(line: Segments, gutters: Sequence[tuple[float, float]]) -> Held:
    """Which columns each segment of a row covers: `(first column, how many)`."""
    placed: Held = {}
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


def _without_empty_columns(
    gutters: list[tuple[float, float]], placed: list[Held]
) -> tuple[list[tuple[float, float]], list[Held]]:
    """Take out columns that no cell has to itself: the gap beside a column that is set to one side."""
    own = {column for held in placed for column, across in held if across == 1}
    kept = [column for column in range(len(gutters) + 1) if column in own]
    if len(kept) < 2 or len(kept) == len(gutters) + 1:
        return gutters, placed
    merged = [(gutters[left][0], gutters[right - 1][1]) for left, right in pairwise(kept)]
    moved = []
    for held in placed:
        result: Held = {}
        for (column, across), pieces in held.items():
            inside = [n for n, k in enumerate(kept) if column <= k < column + across]
            place = (inside[0], len(inside)) if inside else (min(sum(k < column for k in kept), len(kept) - 1), 1)
            result.setdefault(place, []).extend(pieces)
        moved.append(_disjoint(result))
    return merged, moved


def _disjoint(held: Held) -> Held:
    """Cut back spans that run into the next cell of their row."""
    result: Held = {}
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
    placed: Sequence[Held],
    lines: Sequence[Segments],
    type_size: float,
    rules: Sequence[tuple[float, float, float]],
) -> list[list[int]]:
    """Rows of the table as groups of text lines: cells may hold several lines."""
    middles = [float(np.mean([s.middle for segment in line for s in segment])) for line in lines]
    pitches = [below - above for above, below in pairwise(middles)]
    limit = _row_pitch(pitches)
    stubs = [segments for held in placed for (column, across), segments in held.items() if (column, across) == (0, 1)]
    right = max((segment.x1 for pieces in stubs for segment in pieces), default=0.0)
    groups = [[0]]
    for number in range(1, len(lines)):
        above, below = placed[number - 1], placed[number]
        pitch = pitches[number - 1]
        ruled = any(middles[number - 1] < y < middles[number] for y, _, _ in rules)
        continues = _continues(above, below, pitch, limit, right) or _ends_label(
            [placed[other] for other in groups[-1]], below
        )
        if not ruled and pitch < 2.2 * type_size and continues:
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
    above: Held,
    below: Held,
    pitch: float,
    limit: float | None,
    right: float,
) -> bool:
    """Whether the lower text line belongs to the same row of the table as the upper one.

    Args:
        above: The upper line.
        below: The lower line.
        pitch: Their distance.
        limit: What parts the distances within a row from those between rows, where that is known.
        right: Right end of the first column.
    """
    upper, lower = {column for column, _ in above}, {column for column, _ in below}
    if upper == {0} and 0 not in lower:
        # A label over its figures; not the head of a section over a total that has no label.
        texts = [segment.text for pieces in below.values() for segment in pieces]
        label = above[min(above)][-1].text
        return (
            len(lower) > 1 and not label.endswith(":") and all(map(is_figure, texts)) and not any(map(is_year, texts))
        )
    if not lower < upper and not (len(lower) == 1 and lower <= upper) and not (upper == {0} and 0 in lower):
        return False
    near = limit is not None and pitch <= limit
    before = " ".join(s.text for s in above[min(above)]).strip()
    after = " ".join(s.text for s in below[min(below)]).strip()
    if lower == {0} and _goes_on(before, after):
        return True
    if limit is not None and pitch > limit:
        return False
    # A Chinese line goes on where the one above is full; an English one would go on in small letters.
    full = 0 in upper and 0 in lower and _is_full(above, below, right)
    wrapped = full and touches_cjk("", after)
    if upper == {0} and len(lower) > 1:
        return bool(_UNFINISHED.search(before)) or ((near or full) and bool(re.match(r"[a-z(]", after)))
    if 0 not in lower:
        return len(upper) > 1 and (near or len(lower) < 0.5 * len(upper))
    if len(lower) > 1:
        return False
    if wrapped:
        return True
    return near and len(lower) == 1 and len(upper) > 1


def _ends_label(group: Sequence[Held], below: Held) -> bool:
    """Whether a line is the last one of a label in two columns, such as a product and its use, or the next of it.

    Figures are set on the last line of their row, so the lines above it hold labels alone.

    Args:
        group: The lines of the row so far.
        below: The next line.
    """
    labels = {column: pieces for held in group for (column, _), pieces in held.items()}
    if len(labels) < 2 or 0 not in labels or any(is_figure(s.text) for pieces in labels.values() for s in pieces):
        return False
    figures = 0
    for (column, _), pieces in below.items():
        if column > max(labels) and all(is_figure(s.text) and not is_year(s.text) for s in pieces):
            figures += 1
        elif column == 0 or column not in labels or not _goes_on(labels[column][-1].text, pieces[0].text):
            return False
    return figures != 1


def _goes_on(before: str, after: str) -> bool:
    """Whether a text is the rest of the one above it."""
    return bool(_UNFINISHED.search(before) or _CONTINUES.match(after))


def _is_full(above: Held, below: Held, right: float) -> bool:
    """Whether the first word of the lower line would not have fitted at the end of the upper one."""
    before = [segment for (column, _), pieces in above.items() if column == 0 for segment in pieces]
    after = [segment for (column, _), pieces in below.items() if column == 0 for segment in pieces]
    first = after[0]
    word = first.text.split(maxsplit=1)[0]
    return max(s.x1 for s in before) + first.width * (len(word) + 1) / len(first.text) > right
