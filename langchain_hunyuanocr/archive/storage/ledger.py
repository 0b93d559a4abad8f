"""Ledger: the SQLite database with every file, page and chunk; its schema, transactions and writer lock.

What is in here is what the archive holds; the vectors follow it. A chunk whose vector is still to be written is marked
so in the transaction that stores it, and the id of a vector to be taken away is noted in the transaction that drops
its chunk: a killed run is made good by the next one.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langchain_hunyuanocr.archive.storage import field_values, file_paths, forgotten, fulltext, records
from langchain_hunyuanocr.errors import ArchiveError, require, words_of_os

FILE_NAME = "archive.sqlite"
LOCK_NAME = "writer.lock"
VERSION = 2
"""Of the tables below; an archive of another one is refused."""
_PATIENCE_S = 30.0
"""Making the tables takes a tenth of a second; one that hangs meanwhile holds up nobody for ever."""
_LOOK_S = 0.05
_APPLICATION_ID = 0x48594F41  # "HYOA"

_TABLES = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    source TEXT PRIMARY KEY,   -- path or URL as it was given first
    path TEXT,                 -- absolute, for a local file, as it was given last
    sha256 TEXT,               -- of the bytes that were read; NULL where it never opened
    size INTEGER,
    mtime_ns INTEGER,
    error TEXT,                -- why it could not be opened last time
    run INTEGER NOT NULL       -- number of the last ingest that met it
) WITHOUT ROWID;
CREATE INDEX files_sha256 ON files (sha256);
CREATE TABLE contents (
    sha256 TEXT PRIMARY KEY,
    total_pages INTEGER NOT NULL,
    complete INTEGER NOT NULL  -- 1 once all pages are read and split
) WITHOUT ROWID;
CREATE TABLE pages (
    sha256 TEXT NOT NULL,
    page INTEGER NOT NULL,     -- physical, from 0
    status TEXT NOT NULL,
    error TEXT,
    tries INTEGER NOT NULL,    -- how often it failed in a row, or 1
    fingerprint TEXT NOT NULL, -- of engine, model, task and all settings that read it
    content TEXT NOT NULL,     -- digest of the page as it was read; of its place where it failed
    label TEXT,                -- printed on it
    PRIMARY KEY (sha256, page)
) WITHOUT ROWID;
CREATE INDEX pages_content ON pages (content);
CREATE TABLE readings (
    content TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reading BLOB NOT NULL,     -- PageReading as JSON, zlib; of the page that was read first
    PRIMARY KEY (content, fingerprint)
);
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,   -- sha256 of file, page, place and text
    sha256 TEXT NOT NULL,
    page INTEGER NOT NULL,
    text TEXT NOT NULL,
    head TEXT NOT NULL,        -- what the document calls itself: embedded together with the text
    metadata TEXT NOT NULL,    -- JSON
    pending INTEGER NOT NULL   -- what its vector still needs: 0 nothing, 1 to be embedded, 2 new metadata
);
CREATE INDEX chunks_page ON chunks (sha256, page);
CREATE INDEX chunks_pending ON chunks (pending) WHERE pending > 0;
CREATE TABLE gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""

_LATER_TABLES = file_paths.TABLES + forgotten.TABLES + records.TABLES
"""Made where an archive has not got them: versions before had none."""


class Ledger:
    """An archive's database; any thread may use it, one process writes.

    Args:
        folder: The archive's folder.
        create: Make a new archive where there is none.

    Raises:
        ArchiveError: The folder is no archive, its ledger is damaged, or a newer version made it.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self._path = folder / FILE_NAME
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        if not self._path.exists():
            if not create:
                raise self._not_an_archive()
            self._create()
        self.read_only = not os.access(self._path, os.W_OK) or not os.access(folder, os.W_OK)
        """Whether it may not be written: on a disk mounted so, in a snapshot, or another user's."""
        with self.errors():
            self._check()

    def _not_an_archive(self) -> ArchiveError:
        if not self.folder.exists():
            return ArchiveError(
                "there is no archive here",
                source=str(self.folder),
                remedy="make one with: hunyuanocr ingest PATH --archive DIR",
            )
        return ArchiveError(
            "this is not an archive",
            source=str(self.folder),
            remedy="name the folder that `ingest --archive` was given, or a new one",
        )

    def _create(self) -> None:
        """Make the tables, unless another process does so first.

        One at a time, under the writer's lock; who finds it held waits until the other has made them.
        """
        filelock = require("filelock", extra="chroma", error=ArchiveError)
        if self.folder.exists() and (not self.folder.is_dir() or _holds_other_things(self.folder)):
            raise self._not_an_archive()
        with self.errors():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            # What was read of other people's papers is nobody else's business; a folder that is there keeps its mode.
            self.folder.mkdir(mode=0o700, exist_ok=True)
            lock = filelock.FileLock(self.folder / LOCK_NAME)
            until = time.monotonic() + _PATIENCE_S
            while not self._path.exists():
                try:
                    lock.acquire(timeout=_LOOK_S)
                except filelock.Timeout:
                    if time.monotonic() > until:
                        raise _held_by_another(self.folder) from None
                    continue
                try:
                    if not self._path.exists():
                        self._make_tables()
                finally:
                    lock.release()

    def _make_tables(self) -> None:
        """Make them beside their place and move them there, so that half an archive is never seen."""
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        connection = sqlite3.connect(beside)
        try:
            # The journal mode stays with the file; readers are never blocked by the writer in it.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                _TABLES + fulltext.TABLES + fulltext.COUNTERS + ";" + field_values.TABLES + _LATER_TABLES
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.commit()
        finally:
            connection.close()
        beside.replace(self._path)

    def _check(self) -> None:
        connection = self.connection
        if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            raise self._not_an_archive()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise ArchiveError(
                f"a newer version of this package made this archive (format {version}, this one knows {VERSION})",
                source=str(self.folder),
                remedy="pip install --upgrade langchain-hunyuanocr",
            )
        if version < VERSION:
            raise ArchiveError(
                f"an older version of this package made this archive (format {version}, this one knows {VERSION})",
                source=str(self.folder),
                remedy="ingest the documents into a new folder",
            )
        connection.execute("SELECT count(*) FROM settings").fetchone()
        if self.read_only:
            return
        connection.execute(fulltext.COUNTERS)
        connection.executescript(_LATER_TABLES)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # mode=rw never makes a file; the thread check is ours, by one connection a thread.
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?{self._mode}",
                uri=True,
                timeout=30,
                isolation_level=None,
                check_same_thread=False,
            )
            if not self.read_only:
                connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            with self._guard:
                self._open.append(connection)
        return connection

    @property
    def _mode(self) -> str:
        """How SQLite opens the file: without the writer's own files beside it, it would have to make them."""
        if not self.read_only:
            return "mode=rw"
        return "mode=ro" if self._path.with_name(f"{FILE_NAME}-wal").exists() else "mode=ro&immutable=1"

    @contextmanager
    def errors(self) -> Iterator[None]:
        """What SQLite and the disk have to say, as an `ArchiveError`."""
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise ArchiveError(
                f"the ledger cannot be used: {exc}",
                source=str(self.folder),
                remedy="free some space if the disk is full, and check who may write there; what is stored is safe",
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise ArchiveError(
                f"the ledger is damaged: {exc}",
                source=str(self.folder),
                remedy="restore the folder from a backup, or ingest the documents into a new one",
            ) from exc
        except OSError as exc:
            raise ArchiveError(
                f"the archive cannot be written: {exc.strerror or exc}",
                source=str(self.folder),
                remedy="free some space if the disk is full, and check who may write there",
            ) from exc

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it is written, or nothing; the threads of a run wait for each other."""
        connection = self.connection
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def setting(self, key: str) -> str | None:
        """A setting of the archive."""
        row = self.connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def run_number(self) -> int:
        """Number of the last ingest, from 1; 0 before the first."""
        noted = self.setting("run") or "0"
        if noted.isascii() and noted.isdigit():
            return int(noted)
        # The note is damaged: what the files say is as good.
        return int(self.connection.execute("SELECT coalesce(max(run), 0) FROM files").fetchone()[0])

    def set(self, key: str, value: str) -> None:
        """Write a setting of the archive."""
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))

    def leave(self) -> None:
        """Close the connection of a thread that ends."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            with self._guard:
                self._open.remove(connection)
            connection.close()
            del self._local.connection

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


def _holds_other_things(folder: Path) -> bool:
    """Whether a folder holds more than an archive that is being made, or what a killed first run may have left."""
    ours = (FILE_NAME, FILE_NAME.replace(".sqlite", ".new"), LOCK_NAME, "vectors")
    return any(not entry.name.startswith(ours) for entry in folder.iterdir())


def _held_by_another(folder: Path) -> ArchiveError:
    return ArchiveError(
        "another process is writing to this archive",
        source=str(folder),
        remedy="wait until it is done; searching and asking go on meanwhile",
    )


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold an archive for writing.

    The lock is the operating system's own on an open file, so a killed process leaves none behind.

    Raises:
        ArchiveError: Another process, or another `Archive` in this one, is writing.
    """
    filelock = require("filelock", extra="chroma", error=ArchiveError)
    lock = filelock.FileLock(folder / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout as exc:  # an OSError too
        raise _held_by_another(folder) from exc
    except OSError as exc:
        raise ArchiveError(
            f"the archive may not be written: {words_of_os(exc)}",
            source=str(folder),
            remedy="it can be searched and asked; copy it to a place of your own to add to it",
        ) from exc
    try:
        yield
    finally:
        lock.release()
