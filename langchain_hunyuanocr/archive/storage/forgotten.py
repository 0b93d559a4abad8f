"""Forgotten files: what was taken out of an archive because it was gone can be taken back for a while.

Of a forgotten file its row and those of its pages are kept, and with them their readings; chunks and vectors are not,
since they can be made again without reading a page.
"""

from __future__ import annotations

import sqlite3

KEPT_S = 30 * 24 * 3600.0
"""How long the readings of a forgotten file stay."""

TABLES = """
CREATE TABLE IF NOT EXISTS forgotten (
    source TEXT NOT NULL,      -- the columns of files, and the pages of its content
    path TEXT,
    sha256 TEXT NOT NULL,
    size INTEGER,
    mtime_ns INTEGER,
    total_pages INTEGER NOT NULL,
    run INTEGER NOT NULL,      -- that forgot it
    at REAL NOT NULL,          -- when, in seconds of the clock
    PRIMARY KEY (source, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten_pages (
    sha256 TEXT NOT NULL,      -- the columns of pages
    page INTEGER NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    tries INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    content TEXT NOT NULL,
    label TEXT,
    PRIMARY KEY (sha256, page)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS forgotten_pages_content ON forgotten_pages (content);
"""
"""Made once where an earlier version made the archive."""


def remember(connection: sqlite3.Connection, source: str, run: int, at: float) -> None:
    """Keep a file that is about to be forgotten, in the caller's transaction; one that never opened is not kept."""
    connection.execute(
        """
        INSERT OR REPLACE INTO forgotten
        SELECT f.source, f.path, f.sha256, f.size, f.mtime_ns, c.total_pages, ?2, ?3
        FROM files f JOIN contents c USING (sha256) WHERE f.source = ?1
        """,
        (source, run, at),
    )
    connection.execute(
        "INSERT OR REPLACE INTO forgotten_pages SELECT p.* FROM pages p JOIN files f USING (sha256) WHERE f.source = ?",
        (source,),
    )


def take_back(connection: sqlite3.Connection, run: int) -> list[str]:
    """Let the files that were forgotten last be there again, in the caller's transaction.

    Their contents are marked incomplete, for their chunks are still to be made.

    Args:
        connection: To the ledger.
        run: Number of the run that takes them back.

    Returns:
        Hashes of contents whose chunks are to be made. A name that has come back by itself keeps what it has.
    """
    (last,) = connection.execute("SELECT max(run) FROM forgotten").fetchone()
    if last is None:
        return []
    rows = connection.execute(
        "SELECT source, path, sha256, size, mtime_ns, total_pages FROM forgotten "
        "WHERE run = ? AND source NOT IN (SELECT source FROM files)",
        (last,),
    ).fetchall()
    for source, path, sha256, size, mtime_ns, total in rows:
        connection.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, NULL, ?)", (source, path, sha256, size, mtime_ns, run)
        )
        connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, 0)", (sha256, total))
        connection.execute("INSERT OR IGNORE INTO pages SELECT * FROM forgotten_pages WHERE sha256 = ?", (sha256,))
    connection.execute("DELETE FROM forgotten WHERE run = ?", (last,))
    _drop_pages(connection)
    return sorted({sha256 for _, _, sha256, *_ in rows})


def drop_before(connection: sqlite3.Connection, at: float) -> None:
    """Let go what was forgotten before a time in seconds of the clock, in the caller's transaction."""
    connection.execute("DELETE FROM forgotten WHERE at < ?", (at,))
    _drop_pages(connection)


def _drop_pages(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM forgotten_pages WHERE sha256 NOT IN (SELECT sha256 FROM forgotten)")
