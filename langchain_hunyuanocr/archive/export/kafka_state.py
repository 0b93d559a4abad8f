"""Kafka state: what the brokers have acknowledged, so that an interrupted export goes on there."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from langchain_hunyuanocr.archive.export.rows import PageKey
from langchain_hunyuanocr.errors import ArchiveError

_BATCH = 256


class Sent:
    """The digest of each page that was acknowledged last; one export to a topic at a time.

    It is a file of its own and not a table of the ledger: an export needs no right to write there. A killed export
    leaves what was noted, and its lock dies with it.

    Args:
        folder: The archive's.
        brokers: Of the cluster, as they are given; another order is the same cluster.
        topic: The topic.

    Raises:
        ArchiveError: Another process exports to this topic, or the file cannot be written or is damaged.
    """

    def __init__(self, folder: Path, brokers: str, topic: str) -> None:
        cluster = ",".join(sorted(part.strip() for part in brokers.split(",")))
        name = hashlib.sha256(f"{cluster}\n{topic}".encode()).hexdigest()[:16]
        self._path = folder / f"export-kafka-{name}.sqlite"
        with self._errors():
            self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            # Held from the first write until the file is closed.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.executescript(
                """
                BEGIN EXCLUSIVE;
                CREATE TABLE IF NOT EXISTS sent (
                    sha256 TEXT NOT NULL, page INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (sha256, page)
                ) WITHOUT ROWID;
                COMMIT;
                """
            )

    def digest(self, key: PageKey) -> str | None:
        """The digest of what was sent of a page."""
        with self._errors():
            row = self._connection.execute("SELECT digest FROM sent WHERE sha256 = ? AND page = ?", key).fetchone()
        return None if row is None else str(row[0])

    def note(self, acknowledged: Iterable[tuple[PageKey, str | None]]) -> None:
        """Write down pages and their digests; `None` for a page whose removal was acknowledged."""
        with self._errors():
            self._connection.execute("BEGIN")
            for key, digest in acknowledged:
                if digest is None:
                    self._connection.execute("DELETE FROM sent WHERE sha256 = ? AND page = ?", key)
                else:
                    self._connection.execute("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", (*key, digest))
            self._connection.execute("COMMIT")

    def keys(self) -> Iterator[PageKey]:
        """Every page that was acknowledged, in the order of its key."""
        last = PageKey("", -1)
        while True:
            with self._errors():
                batch = self._connection.execute(
                    "SELECT sha256, page FROM sent WHERE (sha256, page) > (?, ?) ORDER BY 1, 2 LIMIT ?", (*last, _BATCH)
                ).fetchall()
            if not batch:
                return
            yield from (PageKey(*row) for row in batch)
            last = PageKey(*batch[-1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as exc:
            busy = "locked" in str(exc)
            raise ArchiveError(
                "another export to this topic is running" if busy else f"what was sent cannot be noted: {exc}",
                source=str(self._path),
                remedy="wait until it is done" if busy else "free some space, and check who may write there",
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise ArchiveError(
                f"the note of what was sent is damaged: {exc}",
                source=str(self._path),
                remedy="delete this file: all pages are then sent again, under the same keys",
            ) from exc
