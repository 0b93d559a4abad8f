"""Lists of rows, as the items of an invoice are: from the table of a page whose header names what was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import extract, fold, narrow
from langchain_hunyuanocr.results import Field, FieldState, Table

_SUM_ROWS = tuple(
    map(fold, ("合计", "总计", "小计", "价税合计", "total", "subtotal", "grand total", "sum", "amount due"))
)


def find_rows(spec: FieldSpec, tables: Sequence[Table], *, page: int) -> Field:
    """The rows of the tables that have at least half of the columns asked for.

    Args:
        spec: A field with `rows`.
        tables: Of the page.
        page: Physical page from 0.

    Returns:
        A field whose value is a JSON list of objects, one a row, cells as they are printed; `unconfirmed`, since
        nothing proves that a row is whole; `missing` where no table has such columns.
    """
    rows: list[dict[str, str]] = []
    box = None
    for table in tables:
        columns, body = _columns(spec, table)
        if len(columns) * 2 < len(spec.rows):
            continue
        found = [_row(columns, row) for row in body if not _is_sum(row)]
        rows += [row for row in found if row]
        box = box or table.box
    if not rows:
        return Field(name=spec.name, value=None, state=FieldState.MISSING, page=page)
    value = json.dumps(rows, ensure_ascii=False)
    return Field(name=spec.name, value=value, state=FieldState.UNCONFIRMED, page=page, box=box)


def _columns(spec: FieldSpec, table: Table) -> tuple[dict[int, FieldSpec], Sequence[Sequence[str]]]:
    """Which column of a table is which, by the row of its header that names the most, and the rows under it."""
    best: dict[int, FieldSpec] = {}
    under = 0
    for number, row in enumerate(table.rows[: max(2, table.header_rows)]):
        named = _named(spec, row)
        if len(named) > len(best):
            best, under = named, number + 1
    return best, table.rows[under:]


def _named(spec: FieldSpec, header: Sequence[str]) -> dict[int, FieldSpec]:
    cells = [fold(cell) for cell in header]
    named: dict[int, FieldSpec] = {}
    for column in spec.rows:
        labels = [fold(label) for label in column.labels if fold(label)]
        exact = [n for label in labels for n, cell in enumerate(cells) if cell == label and n not in named]
        part = [
            n for label in labels for n, cell in enumerate(cells) if len(label) > 1 and label in cell and n not in named
        ]
        if exact or part:
            named[(exact or part)[0]] = column
    return named


def _row(columns: dict[int, FieldSpec], row: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for number, column in columns.items():
        text = row[number].strip() if number < len(row) else ""
        span = extract(narrow(text), column.kind) if text else None
        if span is not None:
            cells[column.name] = text[span[0] : span[1]].strip()
    return cells


def _is_sum(row: Sequence[str]) -> bool:
    first = next((fold(cell) for cell in row if cell.strip()), "")
    return not first or first.startswith(_SUM_ROWS)
