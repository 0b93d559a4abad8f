"""Headers of statement tables: the rows above the figures that name their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of

Column = tuple[float, float]
"""Where a column begins and ends, in page heights."""

_MOST_HEADER_ROWS = 6
_MOST_HEADS = 2
"""Rows between header and figures that stand in the column of labels: heads of sections."""
_LARGEST_GAP = 1.8
"""Between two header rows, in type heights."""
_LONGEST_HEADER_LINE = 40
_AMOUNTS = r"(?:amounts|dollars|u\.?s\.? dollars|shares|figures|[$€£¥]|usd|eur|gbp)"
_SCALE = r"(?:millions|thousands|billions|percent)\b"
_UNIT = re.compile(
    rf"\(?(?:{_AMOUNTS}\s+)?(?:are\s+)?(?:expressed\s+)?in\s+{_SCALE}[^()]{{0,60}}\)?"
    rf"|\((?:dollars\b|{_SCALE})[^()]{{0,60}}\)"
    r"|[(（]?[单單]位[:：]?[^()（）]{1,12}[)）]?|\(?units?\s?:[^()]{1,24}\)?",
    re.IGNORECASE,
)
"""A line that says in which unit the figures below are: "(in millions, except per share amounts)"."""


_CAPTION = re.compile(r"(?:附?表|table|tab\.|tabelle|tableau|tabla)\s?[A-Z]?[\d一二三四五六七八九十]", re.IGNORECASE)
"""How the caption of a table begins."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the figures, and where their columns are with it."""

    segments: tuple[Segment, ...]
    columns: tuple[Column, ...]
    unit: Segment | None = None
    """The line above that says in which unit the figures are, where it is no part of the header as it stands."""


def header_above(
    rows: Iterator[Sequence[Segment]], columns: Sequence[Column], labels_end: float, top: float, type_size: float
) -> Header:
    """Find the header of a table.

    Args:
        rows: What stands above the first row of figures, as wide as the table, from there upwards.
        columns: Those of the figures.
        labels_end: Right end of the labels.
        top: Upper end of the first row of figures.
        type_size: Height of the body type in page heights.
    """
    first = columns[0][0]
    taken: list[Segment] = []
    heads: list[Segment] = []
    number_of_heads = 0
    unit: Segment | None = None
    wider = list(columns)
    for number, row in enumerate(rows):
        if not row:
            continue
        if number >= _MOST_HEADER_ROWS or top - max(s.y1 for s in row) > _LARGEST_GAP * type_size:
            break
        if len(row) == 1 and not row[0].table and _UNIT.fullmatch(row[0].text):
            unit = row[0]
            break
        if len(row) == 1 and _CAPTION.match(row[0].text):
            break
        if not taken and number_of_heads < _MOST_HEADS and _is_head(row, labels_end, first, type_size):
            heads += row
            number_of_heads += 1
        elif _is_header(row, labels_end, first, type_size):
            taken += [*heads, *row]
            heads = []
            wider = _with_header(wider, row, min(labels_end, first))
        else:
            break
        top = min(s.y0 for s in row)
    return Header(tuple(taken), tuple(wider), unit)


def with_unit(header: Header, years: Sequence[Segment], left: float) -> list[Segment]:
    """The header with the unit of the figures over the labels, where nothing else stands there.

    Args:
        header: As it was found.
        years: The first row of the body, where it is a row of years.
        left: Where labels begin.
    """
    rows = rows_of([*header.segments, *years])
    if header.unit is None or not rows or min(piece.x0 for row in rows for piece in row) < header.columns[0][0]:
        return list(header.segments)
    last = rows[-1][0]
    width = min(header.unit.width, 0.9 * (header.columns[0][0] - left))
    return [*header.segments, replace(header.unit, x0=left, x1=left + width, y0=last.y0, y1=last.y1)]


def _is_head(row: Sequence[Segment], labels_end: float, first: float, type_size: float) -> bool:
    """Whether a row is the head of a section: one short piece in the column of labels."""
    return len(row) == 1 and not row[0].table and row[0].x1 < max(labels_end, first - 2 * type_size)


def _is_header(row: Sequence[Segment], labels_end: float, first: float, type_size: float) -> bool:
    """Whether a row above the figures belongs to the table: short pieces over the columns."""
    over = [segment for segment in row if segment.centre > first - 2 * type_size]
    longest = max(len(segment.text) for segment in row)
    if any(segment.table for segment in row) or (longest > _LONGEST_HEADER_LINE and len(over) < 2):
        return False
    left = min(first - 3 * type_size, max(labels_end, first - 6 * type_size))
    return bool(over) and all(segment.x1 < first or segment.x0 > left for segment in row)


def _with_header(columns: Sequence[Column], row: Sequence[Segment], left: float) -> list[Column]:
    """Columns as wide as what stands above them, where that reaches over no other column.

    Where there are as many pieces as columns they belong together in their order; a full row may name a column further,
    in which no figure was read.
    """
    wider = list(columns)
    pieces = [piece for piece in row if piece.x0 >= left]
    if len(pieces) == len(columns):
        for number, piece in enumerate(pieces):
            wider[number] = _widened(wider, number, piece, left)
        return wider
    over = [[n for n, (x0, x1) in enumerate(columns) if piece.x0 < x1 and x0 < piece.x1] for piece in pieces]
    if len(pieces) > len(columns) and all(len(numbers) < 2 for numbers in over):
        wider += [(piece.x0, piece.x1) for piece, numbers in zip(pieces, over, strict=True) if not numbers]
        wider.sort()
        over = [[n for n, (x0, x1) in enumerate(wider) if piece.x0 < x1 and x0 < piece.x1] for piece in pieces]
    for piece, numbers in zip(pieces, over, strict=True):
        if len(numbers) == 1:
            wider[numbers[0]] = _widened(wider, numbers[0], piece, left)
    return wider


def _widened(columns: Sequence[Column], number: int, piece: Segment, left: float) -> Column:
    x0, x1 = columns[number]
    low = columns[number - 1][1] if number else min(left, x0)
    high = columns[number + 1][0] if number + 1 < len(columns) else piece.x1
    return max(low, min(x0, piece.x0)), max(x1, min(high, piece.x1))
