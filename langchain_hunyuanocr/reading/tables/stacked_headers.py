"""Stacked headers: names of columns that are set in several lines, each line a row of the header as it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langchain_hunyuanocr.reading.tables.headers import Place, has_mostly_numbers

Extent = tuple[float, float, float, float]
"""`(x0, y0, x1, y1)` in page heights."""

_ALIGNED = 0.6
"""How far ends or middles of two lines of a name are apart at most, in type heights."""
_NEAR = 0.8
"""Between two lines of a name, in type heights."""


def stacked_rows(
    rows: Sequence[Mapping[Place, Extent]],
    texts: Sequence[Mapping[Place, str]],
    header: int,
    rules: Sequence[tuple[float, float, float]],
    columns: int,
    type_size: float,
) -> list[int]:
    """Which rows of a header go on in the row below them.

    "Gross Carrying" over "Amount" is one name, "Year ended" over three years is not. Each piece of such a row stands
    over one piece that it is aligned with, without a rule between them, and at least one of them can stand over no
    more than its own column: what is set in the middle over three columns is aligned with the second of them too.

    Args:
        rows: Where the pieces are, by place.
        texts: What they say; rows of numbers are not joined.
        header: How many of the rows are header.
        rules: Rules across as `(y, x0, x1)` in page heights.
        columns: Of the table.
        type_size: Height of the type in page heights.

    Returns:
        Their numbers, in order.
    """
    found: list[int] = []
    for number in reversed(range(header - 1)):
        upper, lower = rows[number], rows[number + 1]
        if any(has_mostly_numbers(list(texts[each].values())) for each in (number, number + 1)):
            continue
        single = all(across == 1 for _, across in (*upper, *lower))
        stacked = all(
            place[0] > 0 and place in lower and _is_stacked(extent, lower[place], rules, type_size)
            for place, extent in upper.items()
        )
        if not (upper and single and stacked):
            continue
        if number + 1 in found or not all(_may_span(place[0], upper, columns) for place in upper):
            found.insert(0, number)
    return found


def _is_stacked(upper: Extent, lower: Extent, rules: Sequence[tuple[float, float, float]], type_size: float) -> bool:
    ends = zip(
        (upper[0], upper[2], upper[0] + upper[2]), (lower[0], lower[2], lower[0] + lower[2]), (1, 1, 2), strict=True
    )
    aligned = any(abs(one - other) < _ALIGNED * type_size * share for one, other, share in ends)
    slack = 0.3 * type_size
    ruled = any(upper[3] - slack < y < lower[1] + slack and x0 < upper[2] and upper[0] < x1 for y, x0, x1 in rules)
    return aligned and not ruled and lower[1] - upper[3] < _NEAR * type_size


def _may_span(column: int, names: Mapping[Place, Extent], columns: int) -> bool:
    """Whether a name may stand over the columns at both sides of its own too."""
    others = {place[0] for place in names}
    beside = {column - 1, column + 1}
    return column - 1 > 0 and column + 1 < columns and not beside & others
