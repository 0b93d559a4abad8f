"""A folder of Parquet files, one for each kind of row, written in row groups of bounded size."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

from langchain_hunyuanocr.archive.export.outcome import Tally
from langchain_hunyuanocr.archive.export.rows import ROWS, PageRows, Row, columns, values
from langchain_hunyuanocr.atomic_write import atomic_export_folder
from langchain_hunyuanocr.errors import ArchiveError, require
from langchain_hunyuanocr.report import Failure

_GROUP_ROWS = 50_000
"""Most rows of a row group."""
_GROUP_CHARACTERS = 8_000_000
"""Of text, after which a row group ends: what is held in memory."""


def write_parquet(pages: Iterable[PageRows | Failure], tally: Tally, out: Path) -> None:
    """Write `pages.parquet`, `fields.parquet` and `table_rows.parquet`, compressed with zstd.

    Columns that hold JSON are text.

    Args:
        pages: What to write.
        tally: Counts it.
        out: The folder, which appears when it is complete and takes the place of an earlier export's.

    Raises:
        ArchiveError: pyarrow is not installed, the folder holds other things, or the disk is full.
    """
    pyarrow = require("pyarrow", extra="parquet", error=ArchiveError)
    # The files are closed before their folder is moved.
    with atomic_export_folder(out, {_file_name(kind) for kind in ROWS}) as folder, ExitStack() as opened:
        pages_file, fields_file, rows_file = (opened.enter_context(_Writer(pyarrow, folder, kind)) for kind in ROWS)
        for page in pages:
            if isinstance(page, Failure):
                tally.fail(page)
                continue
            pages_file.write(page.page)
            for field in page.fields:
                fields_file.write(field)
            for row in page.table_rows:
                rows_file.write(row)
            tally.add(page)


def _schema(pyarrow: ModuleType, kind: type[Row]) -> Any:
    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "json": pyarrow.string(),
    }
    return pyarrow.schema(
        [pyarrow.field(column.name, types[column.kind], nullable=column.nullable) for column in columns(kind)]
    )


def _file_name(kind: type[Row]) -> str:
    return f"{kind.table}.parquet"


class _Writer:
    """One file; rows are held until a row group is full."""

    def __init__(self, pyarrow: ModuleType, folder: Path, kind: type[Row]) -> None:
        parquet = require("pyarrow.parquet", extra="parquet", error=ArchiveError)
        self._pyarrow = pyarrow
        self._schema = _schema(pyarrow, kind)
        self._json = [column.name for column in columns(kind) if column.kind == "json"]
        self._held: list[dict[str, Any]] = []
        self._characters = 0
        self._file = parquet.ParquetWriter(folder / _file_name(kind), self._schema, compression="zstd")

    def write(self, row: Row) -> None:
        """Take a row."""
        taken = values(row)
        for name in self._json:
            taken[name] = json.dumps(taken[name], ensure_ascii=False)
        self._held.append(taken)
        self._characters += sum(len(value) for value in taken.values() if isinstance(value, str))
        if len(self._held) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._end_group()

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._end_group()
        finally:
            self._file.close()

    def _end_group(self) -> None:
        if self._held:
            self._file.write_table(self._pyarrow.Table.from_pylist(self._held, schema=self._schema))
            self._held.clear()
            self._characters = 0
