"""Stored records: made when a page is ingested, or of its stored reading when a question first needs them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from langchain_hunyuanocr.archive.records.record import VERSION, Record, record_of, row_of
from langchain_hunyuanocr.archive.storage import readings, records
from langchain_hunyuanocr.archive.storage.filters import Wanted, make_filter

Transaction = Callable[[], AbstractContextManager[sqlite3.Connection]]
_AT_ONCE = 64
"""Records that are written in one transaction."""
_LONGEST_S = 60.0
"""Seconds that one question may spend on records that are still to be made; the next one goes on with the rest."""


def make(connection: sqlite3.Connection, transaction: Transaction, sha256: str | None = None) -> bool:
    """Make the records that are missing or stale, of one content or of all.

    Returns:
        Whether all are there now.
    """
    until = time.monotonic() + _LONGEST_S
    while pages := records.stale(connection, VERSION, _AT_ONCE, sha256):
        rows = [row_of(reading) for place in pages if (reading := readings.load(connection, *place)) is not None]
        try:
            with transaction() as writing:
                records.store(writing, rows, VERSION)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_READONLY:
                raise
            return False  # an archive that may not be written answers of the records that it has
        if not rows or time.monotonic() > until:
            return False
    return True


def records_of(
    connection: sqlite3.Connection, kinds: Iterable[str], where: Mapping[str, Wanted] | None = None
) -> list[Record]:
    """All papers of some kinds, in the order of their files.

    Raises:
        ArchiveError: No chunk has a key of `where`.
    """
    found = []
    for row in records.select(connection, kinds, make_filter(connection, where)):
        names = [
            name
            for (name,) in connection.execute(
                "SELECT CAST(source AS TEXT) FROM files WHERE sha256 = ? ORDER BY 1", (row.sha256,)
            )
        ]
        found.append(record_of(row, names[0] if names else "", max(len(names) - 1, 0)))
    return found
