"""Readings as the ledger keeps them: one row a page, JSON pressed together."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator

from langchain_hunyuanocr.results import PageReading


def store(connection: sqlite3.Connection, reading: PageReading, fingerprint: str) -> None:
    """Write a page's reading; an earlier one of the same page is replaced and counted as a try."""
    packed = zlib.compress(reading.model_dump_json().encode("utf-8"))
    connection.execute(
        """
        INSERT INTO pages VALUES (?, ?, ?, ?, 1, ?, ?)
        ON CONFLICT (sha256, page) DO UPDATE SET status = excluded.status, error = excluded.error,
            tries = tries + 1, fingerprint = excluded.fingerprint, reading = excluded.reading
        """,
        (reading.sha256, reading.page, reading.status.value, reading.error, fingerprint, packed),
    )


def load(connection: sqlite3.Connection, sha256: str, page: int) -> PageReading | None:
    """A page's reading; its `source` is the file's present name."""
    row = connection.execute("SELECT reading FROM pages WHERE sha256 = ? AND page = ?", (sha256, page)).fetchone()
    return None if row is None else _unpack(row[0], present_source(connection, sha256))


def load_all(connection: sqlite3.Connection, sha256: str, source: str) -> Iterator[PageReading]:
    """A file's readings in the order of its pages, one at a time, under the name `source`."""
    numbers = [
        page for (page,) in connection.execute("SELECT page FROM pages WHERE sha256 = ? ORDER BY page", (sha256,))
    ]
    for page in numbers:
        row = connection.execute("SELECT reading FROM pages WHERE sha256 = ? AND page = ?", (sha256, page)).fetchone()
        yield _unpack(row[0], source)


def numbers(connection: sqlite3.Connection, sha256: str, *, failed: bool = False) -> set[int]:
    """Pages of a file that were tried; only those that failed, where asked."""
    condition = "AND status = 'failed'" if failed else ""
    return {
        page
        for (page,) in connection.execute(
            f"SELECT page FROM pages WHERE sha256 = ? {condition}",  # noqa: S608 - constants
            (sha256,),
        )
    }


def present_source(connection: sqlite3.Connection, sha256: str) -> str | None:
    """Under which name a content is known; the first in the alphabet where it lies in several places."""
    row = connection.execute("SELECT min(source) FROM files WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else row[0]


def named(connection: sqlite3.Connection, source: str) -> tuple[str, str] | None:
    """Content and present name of a file, from its name or a path to it; `None` where there is none."""
    path = os.path.realpath(source) if "\0" not in source else source
    row = connection.execute(
        "SELECT sha256, source FROM files WHERE sha256 IS NOT NULL AND (source = ? OR path IN (?, ?)) "
        "ORDER BY source != ?, source",
        (source, source, path, source),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _unpack(packed: bytes, source: str | None) -> PageReading:
    reading = PageReading.model_validate_json(zlib.decompress(packed))
    return reading if source is None or source == reading.source else reading.model_copy(update=_names(source))


def _names(source: str) -> dict[str, str]:
    return {"source": source, "file_name": file_name_of(source)}


def file_name_of(source: str) -> str:
    """The last part of a path or URL."""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source
