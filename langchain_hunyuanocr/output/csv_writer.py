"""CSV writer: fields and tables, which a spreadsheet opens without taking any of it for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from langchain_hunyuanocr.output.spreadsheet import Spreadsheet, state_of
from langchain_hunyuanocr.output.write import Write

_NUMBER = r"[+-]\d[\d.,' ]*%?"
_FORMULA = re.compile(
    rf"""(?<![^;\t\r\n]) (?! {_NUMBER} (?: [;\t\r\n] | \Z ) ) (?= [" ]* [=+\-@＝＋－＠] ) | \A (?= [\t\r\n] )""",
    re.VERBOSE,
)
"""Before what a spreadsheet takes for a formula, after OWASP's "CSV Injection".

A cell may begin inside a text too: where a comma is the decimal sign a semicolon parts cells, and quotes between commas
hold nothing together there.
"""
_FIELD_NAMES = ("file", "page", "field", "value", "state", "normalised")


@contextmanager
def write_csv(stream: TextIO) -> Iterator[Write]:
    """Write at the end of the block the fields, if any were asked for, then each table, with an empty row between two.

    Pages count from 1. A text that a spreadsheet would take for a formula has an apostrophe before it; a number with a
    sign is left as it is. Merged cells are repeated in the cells they span.

    Args:
        stream: What is written to, opened with `newline=""`; it stays open.
    """
    gathered = Spreadsheet()
    yield gathered.add
    writer = csv.writer(stream)
    parts: list[Iterable[Iterable[str]]] = []
    if fields := gathered.fields:
        rows = [
            (
                gathered.file_name,
                "" if field.page is None else str(field.page + 1),
                field.name,
                field.value or "",
                state_of(field),
                field.normalised or "",
            )
            for field in fields
        ]
        parts.append([_FIELD_NAMES, *rows])
    parts += [table.grid() for _, table in gathered.tables]
    for number, part in enumerate(parts):
        if number:
            writer.writerow([])
        writer.writerows([_harmless(cell) for cell in row] for row in part)


def _harmless(text: str) -> str:
    return _FORMULA.sub("'", text)
