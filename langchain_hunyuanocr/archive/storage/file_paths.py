"""Paths of files: a row of `files` has the path as it was given last; here is where that really lies."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS real_paths (
    source TEXT PRIMARY KEY,   -- as in files; a row without its like there says nothing
    path TEXT NOT NULL         -- absolute, without links and `..`, when the file was met last
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (
    source TEXT PRIMARY KEY,
    device INTEGER NOT NULL    -- st_dev of the disk on which it lay then
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS real_paths_path ON real_paths (path);
CREATE INDEX IF NOT EXISTS files_path ON files (path);
"""
"""Made once where an earlier version made the archive."""


def note(connection: sqlite3.Connection, source: str, path: Path | None) -> None:
    """Remember where a file really lies, in the caller's transaction."""
    if path is None:
        return
    connection.execute("INSERT OR REPLACE INTO real_paths VALUES (?, ?)", (source, os.path.realpath(path)))
    with suppress(OSError):
        connection.execute("INSERT OR REPLACE INTO devices VALUES (?, ?)", (source, path.stat().st_dev))


def names_of(connection: sqlite3.Connection, path: str) -> list[str]:
    """Under which names a file is known, however its path is spelled; several where an earlier version took it in."""
    rows = connection.execute(
        "SELECT source FROM files WHERE path = ?1 "
        "UNION SELECT f.source FROM real_paths r JOIN files f USING (source) WHERE r.path = ?2",
        (str(Path(path).absolute()), os.path.realpath(path)),
    )
    return [str(source) for (source,) in rows]
