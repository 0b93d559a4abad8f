"""`--where key=value` for both halves of the search: SQL for the ledger, a filter for Chroma."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_hunyuanocr.errors import ArchiveError

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter in two languages; empty where everything is let through.

    Attributes:
        sql: A condition over `chunks c`.
        values: Its parameters.
        chroma: The same for Chroma.
    """

    sql: str = ""
    values: tuple[Any, ...] = ()
    chroma: dict[str, Any] | None = None


def make_filter(connection: sqlite3.Connection, where: Mapping[str, Scalar] | None) -> Filter:
    """A filter that lets through chunks whose metadata has all of these values; a list matches by any of its items.

    A value may be given as text for a number (`page=3`), as from a command line. `source` and `file_name` match every
    name under which the same file is in the archive.

    Raises:
        ArchiveError: No chunk has such a key.
    """
    conditions: list[str] = []
    values: list[Any] = []
    clauses: list[dict[str, Any]] = []
    for key, value in (where or {}).items():
        if key in ("source", "file_name"):
            key, wanted = "sha256", _contents_named(connection, key, str(value))
        else:
            _check_key(connection, key)
            wanted = _forms(value)
        marks = ",".join("?" * len(wanted))
        conditions.append(f"EXISTS (SELECT 1 FROM json_each(c.metadata, ?) WHERE atom IN ({marks}))")  # noqa: S608 - only question marks
        values += [_json_path(key), *wanted]
        clauses.append({"$or": _chroma_clauses(key, wanted)} if len(wanted) > 1 else _chroma_clauses(key, wanted)[0])
    if not conditions:
        return Filter()
    return Filter(" AND ".join(conditions), tuple(values), clauses[0] if len(clauses) == 1 else {"$and": clauses})


def _chroma_clauses(key: str, wanted: list[Any]) -> list[dict[str, Any]]:
    return [{key: {"$eq": value}} for value in wanted]


def _forms(value: Scalar) -> list[Any]:
    """The types that a value from a command line may have in the metadata."""
    forms: list[Any] = [value]
    if isinstance(value, str):
        if re.fullmatch(r"-?\d{1,15}", value):
            forms.append(int(value))
        elif re.fullmatch(r"-?\d*\.\d+", value):
            forms.append(float(value))
        elif value.casefold() in ("true", "false"):
            forms.append(value.casefold() == "true")
    return forms


def _contents_named(connection: sqlite3.Connection, key: str, value: str) -> list[Any]:
    if key == "source":
        rows = connection.execute("SELECT DISTINCT sha256 FROM files WHERE source = ? AND sha256 IS NOT NULL", (value,))
    else:
        rows = connection.execute(
            """
            SELECT DISTINCT sha256 FROM files
            WHERE (source = ? OR source LIKE '%/' || ? OR source LIKE '%\\' || ?) AND sha256 IS NOT NULL
            """,
            (value, value, value),
        )
    # No file of that name: nothing can match, and neither engine takes an empty list.
    return [sha256 for (sha256,) in rows] or [""]


def _check_key(connection: sqlite3.Connection, key: str) -> None:
    path = _json_path(key)
    if connection.execute("SELECT 1 FROM chunks WHERE json_type(metadata, ?) IS NOT NULL LIMIT 1", (path,)).fetchone():
        return
    if connection.execute("SELECT 1 FROM chunks LIMIT 1").fetchone() is None:
        return
    row = connection.execute("SELECT metadata FROM chunks ORDER BY number LIMIT 1").fetchone()
    known = sorted(name for (name,) in connection.execute("SELECT key FROM json_each(?)", (row[0],)))
    raise ArchiveError(f"no chunk has the metadata key {key!r}", remedy=f"known keys are {', '.join(known)}")


def _json_path(key: str) -> str:
    if '"' in key or not key:
        raise ArchiveError(f"{key!r} cannot be a metadata key", remedy="write --where key=value")
    return f'$."{key}"'
