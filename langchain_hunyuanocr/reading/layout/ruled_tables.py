"""Ruled tables (lattice): the cells that ruling lines enclose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from langchain_hunyuanocr.reading.layout.ruling_lines import Rule, Rules

_WALL = 0.6
"""Share of the side of a grid place that must be ruled for a wall to be there."""
_MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled grid in pixels: where its lines are, and which places belong together."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, int, int, int], ...]
    """`(row, column, rowspan, colspan)`."""


def find_grids(rules: Rules, type_size: float) -> list[Grid]:
    """Find the ruled tables of a page.

    Args:
        rules: Those of the page picture.
        type_size: Height of the body type in pixels.

    Returns:
        Grids of at least two rows or two columns; a frame around text is none.
    """
    grids = []
    for across, down in _connected(rules, type_size):
        xs, ys = _places(down, type_size), _places(across, type_size)
        left, right = min(r.start for r in across), max(r.end for r in across)
        top, bottom = min(r.start for r in down), max(r.end for r in down)
        xs = _with_ends(xs, left, right, type_size)
        ys = _with_ends(ys, top, bottom, type_size)
        if len(xs) < 2 or len(ys) < 2 or len(xs) > _MOST_LINES or len(ys) > _MOST_LINES:
            continue
        cells = _cells(xs, ys, rules)
        if len(cells) >= 3 and len(xs) >= 3 and len(ys) >= 3:
            grids.append(Grid(tuple(xs), tuple(ys), tuple(cells)))
    return _outermost(grids)


def _connected(rules: Rules, type_size: float) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that meet."""
    reach = 0.6 * type_size
    across, down = list(rules.across), list(rules.down)
    parent = list(range(len(across) + len(down)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    if not across or not down:
        return []
    starts = np.array([[r.at, r.start, r.end] for r in down])
    for number, rule in enumerate(across):
        meets = (
            (starts[:, 0] >= rule.start - reach)
            & (starts[:, 0] <= rule.end + reach)
            & (starts[:, 1] <= rule.at + reach)
            & (starts[:, 2] >= rule.at - reach)
        )
        for other in np.flatnonzero(meets):
            parent[root(len(across) + int(other))] = root(number)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate(across + down):
        groups.setdefault(root(number), ([], []))[number >= len(across)].append(rule)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _places(rules: Iterable[Rule], type_size: float) -> list[float]:
    """Where the lines of the grid are: rules that lie on one line are taken together."""
    found: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if found and rule.at - found[-1][-1].at < 0.5 * type_size:
            found[-1].append(rule)
        else:
            found.append([rule])
    return [float(np.average([r.at for r in group], weights=[r.length for r in group])) for group in found]


def _with_ends(places: list[float], start: float, end: float, type_size: float) -> list[float]:
    """Tables are often open at the sides: the ends of the rules that run the other way are lines of the grid too."""
    if not places or places[0] - start > type_size:
        places = [start, *places]
    if end - places[-1] > type_size:
        places = [*places, end]
    return places


def _cells(xs: Sequence[float], ys: Sequence[float], rules: Rules) -> list[tuple[int, int, int, int]]:
    """Merge grid places that no wall parts, into rectangles."""
    rows, columns = len(ys) - 1, len(xs) - 1
    taken = np.zeros((rows, columns), dtype=bool)
    right_wall = np.ones((rows, columns), dtype=bool)
    lower_wall = np.ones((rows, columns), dtype=bool)
    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns:
                right_wall[row, column] = _ruled(rules.down_ink.T, xs[column + 1], ys[row], ys[row + 1])
            if row + 1 < rows:
                lower_wall[row, column] = _ruled(rules.across_ink, ys[row + 1], xs[column], xs[column + 1])
    cells = []
    for row in range(rows):
        for column in range(columns):
            if taken[row, column]:
                continue
            across = 1
            while (
                column + across < columns
                and not right_wall[row, column + across - 1]
                and not taken[row, column + across]
            ):
                across += 1
            down = 1
            while row + down < rows and not lower_wall[row + down - 1, column : column + across].any():
                if right_wall[row + down, column : column + across - 1].any():
                    break
                down += 1
            taken[row : row + down, column : column + across] = True
            cells.append((row, column, down, across))
    return cells


def _ruled(ink: np.ndarray, at: float, start: float, end: float) -> bool:
    """Whether there is a rule along one side of a grid place; the corners are left out."""
    inset = min(4.0, 0.2 * (end - start))
    first, last = max(0, round(start + inset)), round(end - inset)
    band = ink[max(0, round(at) - 5) : round(at) + 6, first:last]
    return bool(band.size) and float(band.any(axis=0).mean()) >= _WALL


def _outermost(grids: list[Grid]) -> list[Grid]:
    """Leave out grids that lie within another."""
    kept: list[Grid] = []
    for grid in sorted(grids, key=lambda g: (g.xs[-1] - g.xs[0]) * (g.ys[-1] - g.ys[0]), reverse=True):
        inside = any(
            outer.xs[0] <= (grid.xs[0] + grid.xs[-1]) / 2 <= outer.xs[-1]
            and outer.ys[0] <= (grid.ys[0] + grid.ys[-1]) / 2 <= outer.ys[-1]
            for outer in kept
        )
        if not inside:
            kept.append(grid)
    return kept
