"""Ledger pages for an export: by key, with no statement left open between two of them.

Every page that search can find is there. A page that is read anew meanwhile is exported as it was or as it is, never
as a mixture; one that is added or forgotten meanwhile may be in the export or not; none is in it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from langchain_hunyuanocr.archive.export.rows import PageKey, PageRows, rows_of
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.report import Failure

_BATCH = 256
"""Keys that are looked up at once."""


def keys(ledger: Ledger) -> Iterator[PageKey]:
    """Every page, in the order of its key."""
    last = PageKey("", -1)
    while True:
        with ledger.errors():
            batch = ledger.connection.execute(
                """
                SELECT p.sha256, p.page FROM pages p
                WHERE (p.sha256, p.page) > (?, ?) AND EXISTS (SELECT 1 FROM files f WHERE f.sha256 = p.sha256)
                ORDER BY p.sha256, p.page LIMIT ?
                """,
                (*last, _BATCH),
            ).fetchall()
        if not batch:
            return
        yield from (PageKey(*row) for row in batch)
        last = PageKey(*batch[-1])


def pages(ledger: Ledger) -> Iterator[PageRows | Failure]:
    """The rows of every page, in the order of its key; a page that the ledger no longer makes sense of is a failure."""
    for key in keys(ledger):
        rows = _load(ledger, key)
        if rows is not None:
            yield rows


def _load(ledger: Ledger, key: PageKey) -> PageRows | Failure | None:
    """The rows of a page; `None` where it has gone meanwhile."""
    with ledger.errors():
        try:
            reading = readings.load_strict(ledger.connection, *key)
        except readings.DamagedPageError as damage:
            source = readings.present_source(ledger.connection, key.sha256) or key.sha256
            return Failure(source=source, page=damage.page, error=damage.reason)
    return None if reading is None else rows_of(reading)


def holds(ledger: Ledger, key: PageKey) -> bool:
    """Whether the archive has a page."""
    with ledger.errors():
        row = ledger.connection.execute(
            """
            SELECT 1 FROM pages p
            WHERE p.sha256 = ? AND p.page = ? AND EXISTS (SELECT 1 FROM files f WHERE f.sha256 = p.sha256)
            """,
            key,
        ).fetchone()
    return row is not None


def expected(ledger: Ledger) -> int:
    """How many pages there will be, about: for those who draw the progress."""
    with ledger.errors():
        (count,) = ledger.connection.execute(
            "SELECT sum(total_pages) FROM contents WHERE sha256 IN (SELECT sha256 FROM files WHERE sha256 IS NOT NULL)"
        ).fetchone()
    return count or 0


def archive_id(ledger: Ledger) -> str:
    """A name that the archive keeps wherever it is moved, given to it when first asked for."""
    with ledger.errors():
        if ledger.setting("id") is None:
            # Of two exports that ask at once, the first one's counts.
            ledger.connection.execute("INSERT OR IGNORE INTO settings VALUES ('id', ?)", (uuid.uuid4().hex,))
        return str(ledger.setting("id"))
