"""File names: one file has one name in the archive, however its path is spelled.

It is the name under which the file came first. Two files that are both there, with other bytes, are two, though their
relative names are equal: the second is called by its absolute path.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.storage import chunks, file_paths
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.pages.sources import place_of


class FileNames:
    """Finds the name of a file, and makes several names of one file one.

    Args:
        ledger: The archive's, held for writing.
        splitter: Cuts anew what goes on under another name.
    """

    def __init__(self, ledger: Ledger, splitter: Splitter) -> None:
        self._ledger = ledger
        self._splitter = splitter

    def settle(self, source: Source) -> Source:
        """The source under the name that the archive has for it, or will have."""
        if source.path is None:
            return source
        name = self._name(source.name, source.path)
        return source if name == source.name else replace(source, name=name)

    def of_missing(self, error: SourceError) -> tuple[str, Path | None]:
        """Name of an input that is not there, and where it would lie; nothing for what is no path."""
        text = error.source or ""
        if not text or "://" in text or "\0" in text:
            return text, None
        path = place_of(text)
        return (text, None) if path is None else (self._name(text, path), path)

    def merge_all(self) -> None:
        """Find out where the files really lie that an earlier version took in, and let each have one name."""
        connection = self._ledger.connection
        unknown = connection.execute(
            "SELECT source, path FROM files WHERE path IS NOT NULL AND source NOT IN (SELECT source FROM real_paths)"
        ).fetchall()
        if not unknown:
            return
        with self._ledger.transaction():
            for source, path in unknown:
                file_paths.note(connection, source, Path(path))
        several = connection.execute(
            "SELECT r.path FROM real_paths r JOIN files USING (source) GROUP BY r.path HAVING count(*) > 1"
        ).fetchall()
        for (real,) in several:
            self._merge(file_paths.names_of(connection, real))

    def _name(self, given: str, path: Path) -> str:
        connection = self._ledger.connection
        names = file_paths.names_of(connection, str(path))
        if names:
            return names[0] if len(names) == 1 else self._merge(names)
        namesake = connection.execute("SELECT path FROM files WHERE source = ?", (given,)).fetchone()
        taken = namesake is not None and namesake[0] is not None and _is_another(path, namesake[0])
        return str(path.absolute()) if taken else given

    def _merge(self, names: Sequence[str]) -> str:
        """Let the name that came first have what was read last; the text of the others no longer answers."""
        with self._ledger.transaction() as connection:
            rows = [
                connection.execute(
                    "SELECT source, path, sha256, size, mtime_ns, error, run FROM files WHERE source = ?", (name,)
                ).fetchone()
                for name in names
            ]
            # Which is older stands nowhere: it is taken to be the one that was not met for the longest time.
            first = str(min(rows, key=lambda row: (row[2] is None, row[6], row[0]))[0])
            newest = max(rows, key=lambda row: (row[2] is not None, row[6], row[4] or 0))
            connection.executemany("DELETE FROM files WHERE source = ?", ((name,) for name in names))
            connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", (first, *newest[1:]))
            file_paths.note(connection, first, Path(newest[1]) if newest[1] else None)
            for sha256 in {row[2] for row in rows if row[2] is not None}:
                chunks.forget(connection, sha256)
                chunks.rename(connection, sha256, self._splitter)
        return first


def _is_another(path: Path, namesake: str) -> bool:
    """Whether the file of that name is still there and is no copy: a folder that was copied keeps its names."""
    if not os.path.lexists(namesake):
        return False
    try:
        return not filecmp.cmp(path, namesake, shallow=False)
    except OSError:
        return True
