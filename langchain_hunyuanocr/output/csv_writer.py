"""CSV writer: fields and tables, which a spreadsheet opens without taking any of it for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TextIO

from langchain_hunyuanocr.output.spreadsheet import Spreadsheet, state_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, after OWASP's "CSV Injection"."""
_NUMBER = re.compile(r"[+-]\d[\d.,' ]*%?")
_FIELD_NAMES = ("file", "page", "field", "value", "state", "normalised")


def write_csv(gathered: Spreadsheet, stream: TextIO) -> None:
    """Write the fields, if any were asked for, then each table; an empty row stands between two of them.

    Pages count from 1. A text that a spreadsheet would take for a formula has an apostrophe before it; a number with a
    sign is left as it is. Merged cells are repeated in the cells they span.

    Args:
        gathered: Of one source.
        stream: What is written to, opened with `newline=""`; it stays open.
    """
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
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
