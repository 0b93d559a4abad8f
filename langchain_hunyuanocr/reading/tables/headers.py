"""Which rows of a table are its header, and which of its cells stand over several columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

Place = tuple[int, int]
"""First column, and how many columns."""

_NUMERIC = re.compile(r"[-+±<>≤≥=~*()\[\]%$€£¥\d⁰¹²³⁴-⁹⁺⁻\s.,:/–—−×x]*(?:[A-Za-z%]{0,2}[*†‡]?)$")
_YEAR = re.compile(r"(?:19|20)\d\d\s*(?:年|年度|[AEFH])?")
_UNIT = re.compile(r"[(（\[【][^()（）]{1,20}[)）\]】]|%|％")
_UNFINISHED_DATE = re.compile(
    r"(?:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?:\s+\d{1,2})?,?"
    r"|\b(?:ended|ending|of|at|in|for|through|until|as of),?|,)$",
    re.IGNORECASE,
)
"""The end of a header that the year below it finishes: "December 31,", "Years ended", "As of"."""
_MOST_HEADER_ROWS = 4


def header_rows_of(
    rows: Sequence[Mapping[Place, str]],
    bottoms: Sequence[float],
    rules: Sequence[tuple[float, float, float]],
    columns: int,
    type_size: float,
) -> int:
    """How many rows are header.

    Down to the first rule across the whole table, or a further one where only dates stand between, else down to the
    first row that holds mostly numbers.

    Args:
        rows: Texts by place.
        bottoms: Lower end of each row, page heights.
        rules: Rules across as `(y, x0, x1)`.
        columns: Of the table.
        type_size: Height of the type.
    """
    most = min(_MOST_HEADER_ROWS, len(rows) - 1)
    if most < 1:
        return len(rows)
    widest = max((x1 - x0 for _, x0, x1 in rules), default=0.0)
    ruled = 0
    for y in sorted(y for y, x0, x1 in rules if x1 - x0 > 0.85 * widest):
        above = sum(bottom < y + 0.5 * type_size for bottom in bottoms)
        # A rule may part the rows of a header too: then years or names stand below it, each in its column.
        if 1 <= above <= most and (not ruled or all(_are_names(row, columns) for row in rows[ruled:above])):
            ruled = above
        elif ruled:
            break
    while ruled and ruled < most and _are_below_rule(rows[ruled]):
        ruled += 1
    if ruled:
        return ruled
    for number in range(1, most + 1):
        if _are_years(rows[number]):
            continue
        texts = [text for (column, _), text in rows[number].items() if column > 0]
        if len(texts) >= 0.4 * (columns - 1) and 2 * sum(map(is_numeric, texts)) >= len(texts) > 0:
            # The head of a section above the first numbers is no header.
            while number > 1 and all(column == 0 for column, _ in rows[number - 1]):
                number -= 1
            return number
    return 1


def _are_years(row: Mapping[Place, str]) -> bool:
    texts = [text for (column, _), text in row.items() if column > 0]
    return bool(texts) and all(map(_YEAR.fullmatch, texts))


def _are_below_rule(row: Mapping[Place, str]) -> bool:
    """Whether a row goes on with the header below a rule that parts it: years, or names with no label beside them."""
    names = [text for (column, _), text in row.items() if column > 0]
    labels = [text for (column, _), text in row.items() if column == 0]
    named = len(names) > 1 and all(map(_UNIT.fullmatch, labels)) and not any(map(is_numeric, names))
    return named or _are_years(row)


def _are_names(row: Mapping[Place, str], columns: int) -> bool:
    """Whether a row names columns by parts of dates, years last."""
    texts = [text for (column, _), text in row.items() if column > 0]
    dates = all(_YEAR.fullmatch(text) or _UNFINISHED_DATE.search(text) for text in texts)
    return len(texts) == columns - 1 and dates


def has_mostly_numbers(texts: Sequence[str]) -> bool:
    """Whether half of the cells that are filled hold numbers, years aside."""
    filled = [text for text in texts if text]
    return 2 * sum(is_numeric(text) and not _YEAR.fullmatch(text) for text in filled) >= len(filled) > 0


def is_numeric(text: str) -> bool:
    """Whether a cell holds a number, perhaps with a unit or a mark of one or two letters."""
    return bool(_NUMERIC.match(text)) and any(c.isdigit() for c in text)


def header_rows_of_grid(rows: Sequence[Sequence[str]], *, at_least: int = 1) -> int:
    """How many rows of a grid are header, told from its texts alone.

    The first row is, and each row after it that belongs under the one before: where a merged cell repeats in that row
    from left to right, or from that row down in the first column, where the row only names units in brackets, or where
    it names the first column and no number stands in it but in the row below. A row that holds a number is body, unless
    it is a year under a merged cell. A merged cell that was written once, the other places it covers left empty, is
    understood too.

    Args:
        rows: With merged cells repeated; all of one length.
        at_least: Rows known to be header.

    Returns:
        At least 1 where there is a row, and fewer than all where there are several.
    """
    most = min(_MOST_HEADER_ROWS, len(rows) - 1)
    count = max(1, at_least)
    while count < most and _belongs_under(rows[count - 1], rows[count], rows[count + 1 : count + 2]):
        count += 1
    return min(count, len(rows))


def _belongs_under(head: Sequence[str], row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    # One cell over the whole width is a title within the body.
    if len(set(row)) == 1 or any(is_numeric(text) and not _YEAR.fullmatch(text) for text in row):
        return False
    filled = [text for text in row if text]
    if filled and all(_UNIT.fullmatch(text) or text in head for text in filled) and any(map(_UNIT.fullmatch, filled)):
        return True
    across = {
        column
        for column, text in enumerate(head)
        if text and text in (*head[max(column - 1, 0) : column], *head[column + 1 : column + 2])
    }
    named = any(row[column] != head[column] for column in across)
    if across and named:
        return all(
            column in across or not row[column] or head[column] in ("", row[column]) for column in range(len(row))
        )
    if any(is_numeric(text) for text in row):
        return False
    if not head[0] and all(any(map(str.isalpha, text)) for text in row):
        return any(has_mostly_numbers(each[1:]) for each in below)
    pairs = list(zip(head, row, strict=True))
    if head[0] and not row[0]:
        return any(not above for above, _ in pairs) and all(above or under for above, under in pairs)
    return row[0] == head[0] != "" and all(row) and row[1:] != head[1:]


def with_spanners(
    rows: Sequence[Mapping[Place, str]],
    centres: Sequence[Mapping[Place, float]],
    columns: Sequence[float],
    header: int,
    rules: Sequence[tuple[float, float, float]],
    bottoms: Sequence[float],
    type_size: float,
) -> list[dict[Place, str]]:
    """Widen the header cells that stand over several columns.

    A short rule below a cell tells over which columns; without one, a cell stands over the empty places beside it
    whose middle it marks, where the row below names each column.
    """
    widened = [dict(row) for row in rows]
    for number in reversed(range(header - 1)):
        row = rows[number]
        result: dict[Place, str] = {}
        taken = 0
        places = sorted(row)
        for index, place in enumerate(places):
            limit = places[index + 1][0] if index + 1 < len(places) else len(columns)
            centre = centres[number][place]
            below = [
                rule
                for rule in rules
                if bottoms[number] - 0.4 * type_size < rule[0] < bottoms[number] + 1.2 * type_size
            ]
            first, last = _by_rule(centre, below, columns, limit, taken) or _by_middle(
                centre,
                place,
                columns,
                limit,
                taken,
                [p for below in widened[number + 1 : header] for p in below],
                type_size,
            )
            result[first, last - first + 1] = row[place]
            taken = last + 1
        widened[number] = result
    return widened


def with_whole_dates(rows: Sequence[Mapping[Place, str]], header: int) -> tuple[list[dict[Place, str]], int]:
    """Join the years in the last row of a header to the dates above them that they finish.

    "Years ended June 30," over "2022" and "2021" are the columns "Years ended June 30, 2022" and "... 2021".

    Args:
        rows: Texts by place.
        header: How many of the rows are header.

    Returns:
        The rows and how many of them are header: one fewer, where they were joined.
    """
    result = [dict(row) for row in rows]
    if header < 2:
        return result, header
    upper, lower = rows[header - 2], rows[header - 1]
    years = {place: text for place, text in lower.items() if _YEAR.fullmatch(text)}
    if not years or any(place[0] > 0 and place not in years for place in lower):
        return result, header
    above = {place: next((over for over in upper if over[0] <= place[0] < over[0] + over[1]), None) for place in years}
    if any(over is None or not _UNFINISHED_DATE.search(upper[over]) for over in above.values()):
        return result, header
    joined = {place: f"{upper[over]} {text}" for place, text in years.items() if (over := above[place]) is not None}
    used = set(above.values())
    others = {place: text for place, text in upper.items() if place not in used}
    for place, text in lower.items():
        if place not in years:
            others[place] = f"{others[place]} {text}" if place in others else text
    result[header - 2 : header] = [{**others, **joined}]
    return result, header - 1


def _by_rule(
    centre: float, rules: Sequence[tuple[float, float, float]], columns: Sequence[float], limit: int, taken: int
) -> tuple[int, int] | None:
    for _, x0, x1 in rules:
        if x0 <= centre <= x1:
            covered = [c for c, x in enumerate(columns) if x0 <= x <= x1]
            if 1 < len(covered) < len(columns) and taken <= covered[0] and covered[-1] < limit:
                return covered[0], covered[-1]
    return None


def _by_middle(
    centre: float,
    place: Place,
    columns: Sequence[float],
    limit: int,
    taken: int,
    below: Sequence[Place],
    type_size: float,
) -> tuple[int, int]:
    first, last = place[0], place[0] + place[1] - 1
    named = {column for place_below, across in below for column in range(place_below, place_below + across)}
    within = {column for place_below, across in below for column in range(place_below + 1, place_below + across)}
    best, best_off = (first, last), abs(centre - (columns[first] + columns[last]) / 2)
    if first in within or last + 1 in within:
        best_off = math.inf
    for start in range(first, max(taken, 1) - 1, -1):
        for end in range(last, limit):
            if start in within or end + 1 in within or not named.issuperset(range(start, end + 1)):
                continue
            off = abs(centre - (columns[start] + columns[end]) / 2)
            if off < 0.6 * best_off or (off < 0.8 * type_size and end - start > best[1] - best[0]):
                best, best_off = (start, end), off
    return best
