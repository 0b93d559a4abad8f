"""Job store, in SQLite: what is wanted, how far it is, and the pages that are done."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.errors import ServiceError

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    created REAL NOT NULL,        -- seconds since 1970
    finished REAL,
    wish TEXT NOT NULL,           -- JSON; the password in it is gone once the job has finished
    files TEXT NOT NULL,          -- JSON: names as the client gave them, in the order of the files in the folder
    pages_total INTEGER NOT NULL,
    pages_done INTEGER NOT NULL,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_status ON jobs (status, created);
CREATE TABLE IF NOT EXISTS pages (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    file INTEGER NOT NULL,        -- number in the order of the files
    page INTEGER NOT NULL,        -- physical, from 0; -1 where the file, or its rest, could not be opened
    record TEXT NOT NULL,         -- JSON
    PRIMARY KEY (job, file, page)
) WITHOUT ROWID;
"""


class JobStatus(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


class StoredJob(BaseModel):
    """A job as it is kept; see the table."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str
    status: JobStatus
    created: float
    finished: float | None = None
    wish: str
    files: tuple[str, ...]
    pages_total: int
    pages_done: int = 0
    error: str | None = None

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.status in _OPEN


class JobStore:
    """The jobs of one service; may be used from several threads.

    Args:
        path: Of the database.

    Raises:
        ServiceError: It cannot be opened, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise ServiceError("was written by a newer version", source=str(path), remedy="upgrade this package")
            self._db.execute("PRAGMA foreign_keys = ON")
            # What is deleted is a document's, or a password: it must not stay readable in the file, nor in a log of it.
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(f"{_TABLES} PRAGMA user_version = {_VERSION};")
        except (OSError, sqlite3.Error) as exc:
            raise ServiceError(f"the jobs cannot be opened: {exc}", source=str(path)) from exc

    def add(self, job: StoredJob, failures: Mapping[int, str]) -> None:
        """Keep a new job, with the records of its files that could not be opened."""
        with self._write() as db:
            db.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, NULL, ?, ?, ?, 0, NULL)",
                (job.id, job.owner, job.status, job.created, job.wish, json.dumps(job.files), job.pages_total),
            )
            db.executemany(
                "INSERT INTO pages VALUES (?, ?, -1, ?)",
                [(job.id, number, record) for number, record in failures.items()],
            )

    def get(self, id: str) -> StoredJob | None:
        """A job."""
        with self._lock:
            row = self._db.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
        return None if row is None else _job(row)

    def listed(self, owner: str | None, *, most: int) -> list[StoredJob]:
        """The newest jobs of a caller; everybody's where `None`."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM jobs WHERE ?1 IS NULL OR owner = ?1 ORDER BY created DESC LIMIT ?2", (owner, most)
            ).fetchall()
        return [_job(row) for row in rows]

    def next_queued(self) -> StoredJob | None:
        """The oldest job that waits, which runs from now on."""
        with self._write() as db:
            row = db.execute("SELECT * FROM jobs WHERE status = 'queued' ORDER BY created LIMIT 1").fetchone()
            if row is None:
                return None
            db.execute("UPDATE jobs SET status = 'running' WHERE id = ?", (row["id"],))
        return _job(row)

    def requeue(self) -> None:
        """Let jobs wait again that ran when the service ended."""
        with self._write() as db:
            db.execute("UPDATE jobs SET status = 'queued' WHERE status = 'running'")

    def count_open(self) -> int:
        """Jobs that wait or run."""
        with self._lock:
            (count,) = self._db.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')").fetchone()
        return int(count)

    def add_page(self, id: str, file: int, page: int, record: str, *, expected: bool = True) -> None:
        """Keep a page, or with number -1 why a file gives no more.

        Args:
            id: Of the job.
            file: Number of the file.
            page: Number of the page.
            record: What is kept.
            expected: Whether it was counted among the pages of the job beforehand.
        """
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", (id, file, page, record))
            if page >= 0:
                db.execute(
                    "UPDATE jobs SET pages_done = pages_done + 1, pages_total = pages_total + ? WHERE id = ?",
                    (0 if expected else 1, id),
                )

    def drop_unexpected(self, id: str, file: int) -> None:
        """Forget the pages of a file that were not counted beforehand, to begin it anew."""
        with self._write() as db:
            gone = db.execute("DELETE FROM pages WHERE job = ? AND file = ?", (id, file)).rowcount
            db.execute(
                "UPDATE jobs SET pages_done = pages_done - ?1, pages_total = pages_total - ?1 WHERE id = ?2", (gone, id)
            )

    def pages_done(self, id: str, file: int) -> set[int]:
        """Which pages of a file are kept."""
        with self._lock:
            rows = self._db.execute("SELECT page FROM pages WHERE job = ? AND file = ?", (id, file)).fetchall()
        return {row["page"] for row in rows}

    def pages(self, id: str, first: int, count: int) -> list[dict[str, Any]]:
        """Records of pages in the order of files and pages, from the `first` one."""
        with self._lock:
            rows = self._db.execute(
                "SELECT record FROM pages WHERE job = ? ORDER BY file, page < 0, page LIMIT ? OFFSET ?",
                (id, count, first),
            ).fetchall()
        return [json.loads(row["record"]) for row in rows]

    def finish(self, id: str, status: JobStatus, now: float, error: str | None = None) -> bool:
        """End a job that waits or runs, and forget its password; whether there was one."""
        with self._write() as db:
            done = db.execute(
                "UPDATE jobs SET status = ?, finished = ?, error = ?, wish = json_remove(wish, '$.password') "
                "WHERE id = ? AND status IN ('queued', 'running')",
                (status, now, error, id),
            )
        return done.rowcount > 0

    def forget(self, id: str) -> None:
        """Delete a job and its pages."""
        with self._write() as db:
            db.execute("DELETE FROM jobs WHERE id = ?", (id,))

    def forget_before(self, then: float) -> list[str]:
        """Delete the jobs that finished before a time; their ids."""
        with self._write() as db:
            rows = db.execute("DELETE FROM jobs WHERE finished < ? RETURNING id", (then,)).fetchall()
        return [row["id"] for row in rows]

    def open_ids(self, owner: str | None = None) -> set[str]:
        """Of jobs that wait or run; of everybody's where no owner is named."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id FROM jobs WHERE status IN ('queued', 'running') AND (?1 IS NULL OR owner = ?1)", (owner,)
            ).fetchall()
        return {row["id"] for row in rows}

    def used_bytes(self) -> int:
        """What the jobs take in the file; what was deleted leaves room in it."""
        with self._lock:
            (count,) = self._db.execute("PRAGMA page_count").fetchone()
            (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
            (size,) = self._db.execute("PRAGMA page_size").fetchone()
        return int((count - free) * size)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _job(row: sqlite3.Row) -> StoredJob:
    return StoredJob(**{**dict(row), "files": tuple(json.loads(row["files"]))})
