"""Table row: the row of a Markdown table that a quote is cut out of, each cell under its header."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RULE = frozenset("|-: ")
_NO_VALUE = re.compile(r"(?:19|20)\d\d|[A-Za-z]{3,9}\.? \d{1,2}(?!\d)|\d{1,2} months|\d{1,2}月(?:\d{1,2}日)?|\(\d\)")
"""Digits of a header: years, days, lengths of a period, the number of a note."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row.

    Attributes:
        label: Its first cell that says anything.
        section: The row over it that names several, as `Cost of sales:` does, where another row has the same label.
        cells: The others, each with what stands in the header over it.
        other_labels: Of the other rows of the table.
    """

    label: str
    section: str
    cells: tuple[tuple[str, str], ...]
    other_labels: tuple[str, ...]

    def __str__(self) -> str:
        cells = (f"{header} | {cell}" if header else cell for header, cell in self.cells)
        return " | ".join((self.label, *cells))


def row_at(text: str, start: int, end: int) -> TableRow | None:
    """The row that holds `text[start:end]`; `None` where that is no table, a header, or more than one row."""
    first, last = _between("\n\n", text, start, end)
    if not text.startswith("|", first) or "\n" in text[start:end].strip():
        return None
    lines = text[first:last].split("\n")
    at = text.count("\n", first, start)
    rows = [_cells(line) for line in lines]
    headers = next((number for number, row in enumerate(rows) if number and _has_values(row)), len(rows))
    if at < headers or _is_rule(rows[at]):
        return None
    width = len(rows[at])
    over = [
        [row[column] for row in rows[:headers] if len(row) == width and not _is_rule(row)] for column in range(width)
    ]
    said = [column for column, cell in enumerate(rows[at]) if cell]
    if not said:
        return None
    label = rows[at][said[0]]
    labels = [row[said[0]] for number, row in enumerate(rows) if number != at and len(row) == width]
    section = next((row[0] for row in reversed(rows[:at]) if row[0] and not any(row[1:])), "")
    cells = tuple((" ".join(dict.fromkeys(filter(None, over[column]))), rows[at][column]) for column in said[1:])
    return TableRow(label, section if label in labels else "", cells, tuple(labels))


def _has_values(row: list[str]) -> bool:
    return not _is_rule(row) and bool(row[0]) and any(re.search(r"\d", _NO_VALUE.sub("", cell)) for cell in row[1:])


def line_of(text: str, start: int, end: int) -> str:
    """The lines that hold `text[start:end]`."""
    first, last = _between("\n", text, start, end)
    return text[first:last]


def paragraph_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the paragraphs begin and end that hold `text[start:end]`."""
    return _between("\n\n", text, start, end)


def _between(mark: str, text: str, start: int, end: int) -> tuple[int, int]:
    before, behind = text.rfind(mark, 0, start), text.find(mark, end)
    return (0 if before < 0 else before + len(mark)), (len(text) if behind < 0 else behind)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _is_rule(row: list[str]) -> bool:
    return bool(row) and all(cell and set(cell) <= _RULE for cell in row)
