"""XLSX writer: fields and tables as a workbook, by openpyxl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.output.spreadsheet import Spreadsheet, state_of
from langchain_hunyuanocr.output.write import Write
from langchain_hunyuanocr.results import Field, FieldState, Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FIELD_NAMES = ("field", "value", "state", "page", "normalised", "others")
_COLOURS = {FieldState.CONFIRMED: "E2F2E6", FieldState.UNCONFIRMED: "FCEBD3", FieldState.MISSING: "EEEEEE"}
_MOST_CHARACTERS = 32_767
"""In a cell."""
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_MOST_WIDTH = 60
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML cannot hold."""


@contextmanager
def write_xlsx(path: Path, *_: object) -> Iterator[Write]:
    """Write a workbook at the end of the block: a sheet `Fields` with the states in colour, and one for each table.

    Merged cells stay merged. Every cell is text, as it was read, and is marked so that no spreadsheet takes it for a
    formula. Pages count from 1.

    Args:
        path: Of the file, which is written over.
        _: The source and its settings, which are not needed.

    Raises:
        EngineError: openpyxl is not installed.
    """
    gathered = Spreadsheet()
    yield gathered.add
    openpyxl = require("openpyxl", extra="xlsx", error=EngineError)
    book = openpyxl.Workbook()
    _fill_fields(book.active, gathered)
    for number, (page, table) in enumerate(gathered.tables, 1):
        _fill_table(book.create_sheet(f"Table {number}, page {page + 1}"), table)
    book.save(path)


def _fill_fields(sheet: Worksheet, gathered: Spreadsheet) -> None:
    from openpyxl.styles import PatternFill

    sheet.title = "Fields"
    for column, name in enumerate(_FIELD_NAMES, 1):
        _put(sheet, 1, column, name, bold=True)
    for row, field in enumerate(gathered.fields, 2):
        for column, value in enumerate(_values(field), 1):
            _put(sheet, row, column, value)
        sheet.cell(row, 3).fill = PatternFill("solid", fgColor=_COLOURS[field.state])
    sheet.freeze_panes = "A2"
    _fit(sheet)


def _values(field: Field) -> tuple[str, ...]:
    page = "" if field.page is None else str(field.page + 1)
    others = "; ".join(other.value for other in field.others)
    return field.name, field.value or "", state_of(field), page, field.normalised or "", others


def _fill_table(sheet: Worksheet, table: Table) -> None:
    for row, cells in enumerate(table.grid(repeat_merged=False)[:_MOST_ROWS], 1):
        for column, text in enumerate(cells[:_MOST_COLUMNS], 1):
            _put(sheet, row, column, text, bold=row <= table.header_rows)
    for span in table.spans:
        if span.row + span.rowspan <= _MOST_ROWS and span.column + span.colspan <= _MOST_COLUMNS:
            sheet.merge_cells(
                start_row=span.row + 1,
                start_column=span.column + 1,
                end_row=span.row + span.rowspan,
                end_column=span.column + span.colspan,
            )
    if 0 < table.header_rows < len(table.rows):
        sheet.freeze_panes = sheet.cell(table.header_rows + 1, 1)
    _fit(sheet)


def _put(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False) -> None:
    from openpyxl.styles import Alignment, Font

    cell: Any = sheet.cell(row, column)
    cell.value = _UNWRITABLE.sub("�", text)[:_MOST_CHARACTERS] or None
    if text:
        # What begins with = would be a formula; the mark keeps it text when somebody edits the cell.
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@"
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if bold:
        cell.font = Font(bold=True)


def _fit(sheet: Worksheet) -> None:
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.iter_cols(values_only=True), 1):
        texts = [line for value in column if value for line in str(value).split("\n")]
        width = max((sum(1 if ord(char) < 0x2E80 else 2 for char in text) for text in texts), default=8)
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, _MOST_WIDTH)
