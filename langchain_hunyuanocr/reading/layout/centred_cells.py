"""Cells half way down beside several lines of others: one for two rows and more, or one beside cells of two lines.

Such a cell is on no line of writing of its neighbours, so that it comes out as a row of its own.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.segments import Segment

Held = Mapping[tuple[int, int], list[Segment]]
"""The pieces of a row by `(first column, how many columns)`."""

_TWO_LINES = 1.8
"""Distance between two lines of one cell, in type heights."""
_HALF_WAY = 0.75
"""Distance from the row above a cell for two rows, in usual distances between rows."""
_OFF_MIDDLE = 0.3
"""By how much a cell may be off the middle of its rows, in the same."""


def joined_around(groups: Sequence[list[int]], placed: Sequence[Held], type_size: float) -> list[list[int]]:
    """Rows, each two lines of the same columns joined to one around a line that stands between them in other columns.

    Args:
        groups: The lines of each row.
        placed: The pieces of each line.
        type_size: Height of the type.
    """
    result: list[list[int]] = []
    number = 0
    while number < len(groups):
        three = groups[number : number + 3]
        if len(three) == 3 and all(len(group) == 1 for group in three):
            above, between, below = (placed[group[0]] for group in three)
            first = [{column for column, _ in row} for row in (above, between, below)]
            apart = first[0] == first[2] and 0 in first[1] and not first[0] & first[1]
            if apart and _middle(below) - _middle(above) < _TWO_LINES * type_size:
                result.append([line for group in three for line in group])
                number += 3
                continue
        result.append(groups[number])
        number += 1
    return result


def spanning(grid: Sequence[Held]) -> dict[int, tuple[int, int]]:
    """Rows that are cells of the rows around them: which row they begin in, and over how many they reach.

    Args:
        grid: The pieces of each row, from top to bottom.
    """
    middles = [_middle(row) for row in grid]
    usual = statistics.median([below - above for above, below in pairwise(middles)] or [0.0])
    found: dict[int, tuple[int, int]] = {}
    for number in range(1, len(grid) - 1):
        columns = _columns(grid[number])
        reach = 0
        while number - reach - 1 >= 0 and number + reach + 1 < len(grid):
            above, below = number - reach - 1, number + reach + 1
            off = abs((middles[above] + middles[below]) / 2 - middles[number])
            if off > _OFF_MIDDLE * usual or not all(_lacks(grid[row], columns) for row in (above, below)):
                break
            reach += 1
        near = middles[number] - middles[number - 1] < _HALF_WAY * usual
        if 0 not in columns and near and reach and number - reach - 1 not in found:
            found[number] = (number - reach, 2 * reach)
    return found


def _lacks(row: Held, columns: set[int]) -> bool:
    """Whether a row has a label and values, but nothing in some columns."""
    return (0, 1) in row and len(row) > 1 and not _columns(row) & columns


def _columns(row: Held) -> set[int]:
    return {column + n for column, across in row for n in range(across)}


def _middle(row: Held) -> float:
    return statistics.fmean(piece.middle for pieces in row.values() for piece in pieces)
