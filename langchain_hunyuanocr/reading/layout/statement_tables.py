"""Statement tables: rows of figures in columns, each with its label at the left on the same line of writing.

Financial statements have few or no rules, and their labels stand far from their figures, so that neither rules nor the
distance between pieces shows what belongs together. What does is that figures stand below figures, and that nearly
every line of figures has a label beside it; columns of running text have no such partners.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.column_alignment import align
from langchain_hunyuanocr.reading.layout.figures import figures_of, is_figure, is_sign, is_year, with_commas
from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of
from langchain_hunyuanocr.reading.layout.statement_headers import header_above, with_unit
from langchain_hunyuanocr.reading.tables.build import table_from_cells
from langchain_hunyuanocr.results import Box

_FEWEST_ROWS = 3
_MOST_HEADS = 3
"""Rows without figures in a sequence: heads of sections, labels of several lines."""
_TALLEST_GAP = 3.0
"""Between rows of one table, in type heights."""
_MOST_TRIED = 12
_DEEPEST_INDENT = 0.3
"""How far into the column of labels one begins, in its widths."""
_NEAR = 1.5
"""Between pieces of one label, in type heights."""
_PROSE_EMS = 9.0


@dataclass(frozen=True, slots=True)
class Statement:
    """A region that is a table: all that stands in it, and where its columns are."""

    segments: tuple[Segment, ...]
    """Figures with their currency signs, one segment a figure."""
    gutters: tuple[tuple[float, float], ...]
    taken: tuple[Segment, ...]
    """The segments of the page that it is made of."""


@dataclass(frozen=True, slots=True)
class _Row:
    label: tuple[Segment, ...]
    figures: tuple[Segment, ...]
    taken: tuple[Segment, ...]
    further: tuple[Segment, ...] = ()
    """What stands left of the label, far from it: another column of labels, or of the page."""

    @property
    def top(self) -> float:
        return min(segment.y0 for segment in self.taken)

    @property
    def bottom(self) -> float:
        return max(segment.y1 for segment in self.taken)


def find_statements(segments: Sequence[Segment], type_size: float) -> list[Statement]:
    """Find tables whose rows are a label and two or more figures.

    Args:
        segments: Of the page, in any order; tables among them part what stands above from what stands below.
        type_size: Height of the body type in page heights.
    """
    rows = rows_of(segments)
    read = [_row(row, type_size) for row in rows]
    found: list[Statement] = []
    number = top = tried = 0
    while number < len(rows):
        body = _body(rows, read, number, type_size)
        statement = _statement(rows, body, top, type_size) if body else None
        if statement is not None:
            found.append(statement)
            top = max(body) + 1
        # Rows above a table may spoil it: without them it is tried again, but not from each of a thousand rows.
        tried = tried + 1 if body and statement is None else 0
        number = max(number + 1, top)
        if tried > _MOST_TRIED:
            number, tried = max(body) + 1, 0
    return found


def table_of(statement: Statement, type_size: float, rules: Sequence[tuple[float, float, float]]) -> Segment | None:
    """The table of a statement as a segment.

    Args:
        statement: As `find_statements` gives it.
        type_size: Height of the body type in page heights.
        rules: Rules across as `(y, x0, x1)` in page heights.
    """
    pieces = statement.segments
    x0, x1 = min(s.x0 for s in pieces), max(s.x1 for s in pieces)
    y0, y1 = min(s.y0 for s in pieces), max(s.y1 for s in pieces)
    within = [span for span in rules if y0 < span[0] < y1 and span[1] < x1 and span[2] > x0]
    found = align(pieces, type_size, within, gutters=statement.gutters)
    if found is None:
        return None
    lines = tuple(line for row in rows_of(pieces) for segment in row for line in segment.lines)
    table = table_from_cells(found.cells, header_rows=found.header_rows, box=Box.around(line.box for line in lines))
    return Segment("", x0, y0, x1, y1, type_size, lines, table=table)


def _row(row: Sequence[Segment], type_size: float) -> _Row | None:
    """Part a row into its label and its figures at the right of it; `None` where it has no two of them or no label."""
    if row[0].table is not None:
        return None
    pieces = figures_of(row)
    first = len(pieces)
    while first > 0 and (is_figure(pieces[first - 1].text) or is_sign(pieces[first - 1].text)):
        first -= 1
    figures = pieces[first:]
    if not any(any(map(str.isdigit, piece.text)) for piece in figures):
        return None
    start = first
    while start > 0 and (start == first or pieces[start].x0 - pieces[start - 1].x1 < _NEAR * type_size):
        start -= 1
    label = pieces[start:first]
    if not any(map(str.isalpha, "".join(piece.text for piece in label))):
        label = []
    left = min(piece.x0 for piece in [*label, *figures])
    return _Row(tuple(label), tuple(figures), tuple(s for s in row if s.x1 > left), tuple(pieces[:start]))


def _body(
    rows: Sequence[Sequence[Segment]], read: Sequence[_Row | None], start: int, type_size: float
) -> dict[int, _Row]:
    """The rows of figures of the table that begins with row `start`, by number; nothing where none begins there."""
    row = read[start]
    if row is None or len(row.figures) < 2:
        return {}
    left = min(piece.x0 for piece in (*row.label, *row.figures))
    right = max(piece.x1 for piece in row.figures)
    if _is_years(row):
        # Figures may stand to the right of the years that are centred over them.
        right += 0.5 * min(after.x0 - before.x1 for before, after in pairwise(row.figures))
    first = min(piece.x0 for piece in row.figures)
    body, bottom, heads = {start: row}, row.bottom, 0
    for number in range(start + 1, len(rows)):
        inside = [s for s in rows[number] if s.x1 > left - type_size and s.x0 < right + type_size]
        if not inside:
            continue
        if any(s.table for s in inside) or min(s.y0 for s in inside) - bottom > _TALLEST_GAP * type_size:
            break
        below = _with_label(read[number], left, first, type_size)
        if below is not None and _stand_below(below, first, right, type_size):
            left = min([left, *(piece.x0 for piece in below.label)])
            right = max(right, max(piece.x1 for piece in below.figures))
            first = min(first, min(piece.x0 for piece in below.figures)) if len(below.figures) > 1 else first
            body[number], bottom, heads = below, below.bottom, 0
            continue
        # A head of a section or a label of several lines stands in the column of labels.
        heads += 1
        if heads > _MOST_HEADS or max(s.x1 for s in inside) > first + 0.75 * (right - first):
            break
        bottom = max(s.y1 for s in inside)
    return body


def _with_label(row: _Row | None, left: float, first: float, type_size: float) -> _Row | None:
    """The row with a number where labels begin as part of its label: a year or "($7)" on its last line."""
    if row is None or row.label:
        return row
    indented = left + max(4 * type_size, _DEEPEST_INDENT * (first - left))
    label = tuple(p for p in row.figures if p.x0 < indented and p.x1 < first - 2 * type_size)
    figures = row.figures[len(label) :]
    return replace(row, label=label, figures=figures) if figures else None


def _stand_below(row: _Row, first: float, right: float, type_size: float) -> bool:
    """Whether the figures of a row stand where those above do, or end with them and begin further left."""
    start, end = _extent(row.figures)
    aligned = len(row.figures) > 1 and abs(end - right) < 1.5 * type_size
    return (start > first - 4 * type_size or aligned) and end < right + 4 * type_size


def _statement(
    rows: Sequence[Sequence[Segment]], body: dict[int, _Row], highest: int, type_size: float
) -> Statement | None:
    """The table of rows of figures, with the rows between them and the header above, where they are one.

    Args:
        rows: Of the page.
        body: The rows of figures by number.
        highest: The first row that no other table holds.
        type_size: Height of the body type in page heights.
    """
    labelled = [row for row in body.values() if row.label]
    several = sum(len(row.figures) >= 2 for row in body.values())
    # Below a row of years, one row is enough.
    fewest = 2 if _is_years(body[min(body)]) and several == len(body) else _FEWEST_ROWS
    if len(labelled) < max(fewest, 0.6 * len(body)) or several < 0.6 * len(body):
        return None
    written = with_commas([row.figures for row in body.values()])
    body = {
        number: replace(row, figures=tuple(figures))
        for (number, row), figures in zip(body.items(), written, strict=True)
    }
    body = _years_over_columns(body, type_size)
    columns = _columns([piece for row in body.values() for piece in row.figures], type_size)
    if len(columns) < 2:
        return None
    first, right = columns[0][0], columns[-1][1]
    ends = [max(piece.x1 for piece in row.label) for row in labelled]
    if sum(end > first for end in ends) > 0.2 * len(ends):
        return None
    left = min(piece.x0 for row in labelled for piece in row.label)
    further = _further_columns(labelled, left, first, type_size)
    left = min([left, *(x0 for x0, _ in further)])

    def within(number: int) -> list[Segment]:
        return [s for s in rows[number] if s.x1 > left - type_size and s.x0 < right + type_size]

    start = min(body)
    taken: list[Segment] = []
    pieces: list[Segment] = []
    for number in range(start, max(body) + 1):
        row = body.get(number)
        taken += (row.further if further else ()) + row.taken if row else within(number)
        pieces += (*(row.further if further else ()), *row.label, *row.figures) if row else within(number)
    top = min(segment.y0 for segment in taken)
    above = (within(number) for number in range(start - 1, highest - 1, -1))
    header = header_above(above, columns, max(ends), top, type_size)
    years = body[start].figures if _is_years(body[start]) and not body[start].label else ()
    with_header = with_unit(header, years, left)
    taken += header.segments
    if header.unit is not None and len(with_header) > len(header.segments):
        taken.append(header.unit)
    pieces += with_header
    columns = list(header.columns)
    edges = [*(further or [(left, max(ends))]), *columns]
    last = -len(columns) - 1
    edges[last] = (edges[last][0], min(edges[last][1], columns[0][0] - 0.1 * type_size))
    gutters = [(before[1], after[0]) for before, after in pairwise(edges)]
    return Statement(tuple(pieces), tuple(gutters), tuple(taken))


def _is_years(row: _Row) -> bool:
    return all(is_year(piece.text) for piece in row.figures)


def _years_over_columns(body: dict[int, _Row], type_size: float) -> dict[int, _Row]:
    """The rows with the years of the first one over the columns of the others, where there are as many.

    Years stand in the middle of what may be as wide as a sign, a figure and the room between them.
    """
    first = min(body)
    below = [piece for number, row in body.items() if number != first for piece in row.figures]
    columns = _columns(below, type_size) if _is_years(body[first]) and below else []
    years = body[first].figures
    if len(columns) != len(years):
        return body
    moved = tuple(replace(piece, x0=x0, x1=x1) for piece, (x0, x1) in zip(years, columns, strict=True))
    return {**body, first: replace(body[first], figures=moved)}


def _further_columns(
    labelled: Sequence[_Row], left: float, first: float, type_size: float
) -> list[tuple[float, float]]:
    """The columns of labels where there are several; nothing where what stands further left is no part of the table.

    Lines of running text are nearly all as wide as their column; labels are not.
    """
    further = [piece for row in labelled for piece in row.further]
    if not further:
        return []
    widths = [piece.width for piece in further]
    ragged = statistics.median(widths) < 0.75 * max(widths) or max(widths) < _PROSE_EMS * type_size
    if not ragged and min(piece.x0 for piece in further) < left - type_size:
        return []
    columns: list[tuple[float, float]] = []
    beside = [piece for row in labelled if row.further for piece in row.label if piece.x1 < first]
    for piece in sorted([*further, *beside], key=lambda piece: piece.x0):
        if columns and piece.x0 < columns[-1][1] + 0.2 * type_size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], piece.x1))
        else:
            columns.append((piece.x0, piece.x1))
    return columns


def _columns(figures: Sequence[Segment], type_size: float) -> list[tuple[float, float]]:
    """Where the columns of figures are: figures that overlap across stand in one."""
    ordered = sorted(figures, key=lambda piece: piece.x1)
    groups: list[list[Segment]] = []
    for piece in ordered:
        edge = groups[-1][len(groups[-1]) // 2].x1 if groups else -math.inf
        # Figures are set to the right; a percent sign or a closing bracket may hang beyond that.
        if piece.x1 - edge < 1.2 * type_size or piece.x0 < edge - 0.2 * type_size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    # Years and other centred figures stand over a column without sharing its right edge.
    few = 0.25 * max(len(group) for group in groups)
    full = [_extent(group) for group in groups if len(group) > few]
    for group in groups:
        x0, x1 = _extent(group)
        if len(group) <= few and not any(x0 < end and start < x1 for start, end in full):
            full.append((x0, x1))
    full.sort()
    return [(max(x0, full[n - 1][1] + 0.05 * type_size) if n else x0, x1) for n, (x0, x1) in enumerate(full)]


def _extent(pieces: Sequence[Segment]) -> tuple[float, float]:
    return min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
