"""Documents into the archive: what is known is not read again, and one bad file costs only itself.

A page's reading is stored as soon as it is there. A file's chunks are written in one transaction once all its pages
are read, so that search sees the old version of a file or the new one, never a mixture; their vectors follow (see
`follow`). A run that is killed anywhere is made good by the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Protocol

from langchain_hunyuanocr.archive import chunks, readings
from langchain_hunyuanocr.archive.chunks import Splitter
from langchain_hunyuanocr.archive.ingesting import follow
from langchain_hunyuanocr.archive.ingesting.prune import prune_missing
from langchain_hunyuanocr.archive.ingesting.read_ahead import Done, ReadAhead
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.archive.report import OnProgress, Progress, Stage, report_of
from langchain_hunyuanocr.archive.vectors import Vectors
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Page, PageFailure, PageSettings, Source, iter_pages, sha256_of, try_sources
from langchain_hunyuanocr.report import Report
from langchain_hunyuanocr.results import PageReading, Status

_MOST_WORKERS = 16
"""Each opens a file; more hardly help a stream of single pages."""


class PageReader(Protocol):
    """What the archive asks of a reader."""

    @property
    def fingerprint(self) -> str:
        """Names all that decides what a page gives."""
        ...

    @property
    def in_flight(self) -> int:
        """How many pages it can read at once."""

    def read_all(self, pages: Iterable[Page | PageFailure]) -> Iterator[PageReading]:
        """Readings in the order of the pages; a page that fails gives a reading that says so."""
        ...


@dataclass(eq=False, slots=True)
class _Job:
    """A file to be read, or the rest of one."""

    source: Source
    sha256: str
    size: int | None
    mtime_ns: int | None
    pages: str | None
    """Which pages, as people write them; all where `None`."""
    total: int | None
    last: PageReading | None = field(default=None)


class Ingest:
    """One run over some inputs.

    Args:
        ledger: The archive's, held for writing.
        vectors: The archive's.
        reader: Gives what reads pages; asked for only when there is something to read.
        splitter: Cuts readings into chunks.
        settings: How sources are opened.
        on_progress: Told of every file and page, in the caller's thread.
    """

    def __init__(
        self,
        ledger: Ledger,
        vectors: Vectors,
        reader: Callable[[], PageReader],
        splitter: Splitter,
        settings: PageSettings,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._ledger = ledger
        self._vectors = vectors
        self._reader = reader
        self._splitter = splitter
        self._settings = settings
        self._tell: OnProgress = on_progress or (lambda _: None)
        self._run = int(ledger.setting("run") or 0) + 1
        self._skipped = 0
        self._reading: set[str] = set()
        self._twins: list[Source] = []

    def add(self, inputs: Sequence[str | Path], *, workers: int | None = None, prune: bool = False) -> Report:
        """Read what is new or changed, and account for every input.

        Raises:
            EngineError: The engine cannot run at all; what was read until then is kept.
        """
        return self._carry_out(self._plan_all(inputs), workers=workers, prune=inputs if prune else ())

    def retry(self, *, workers: int | None = None) -> Report:
        """Read again what failed.

        Raises:
            EngineError: The engine cannot run at all; what was read until then is kept.
        """
        return self._carry_out(self._plan_failed(), workers=workers)

    def _carry_out(self, jobs: Iterator[_Job], *, workers: int | None, prune: Sequence[str | Path] = ()) -> Report:
        self._ledger.set("run", str(self._run))
        follow.reconcile(self._ledger, self._vectors)
        try:
            self._read_and_store(jobs, workers)
            twins, self._twins = self._twins, []
            self._read_and_store((job for source in twins if (job := self._plan(source))), workers)
            prune_missing(self._ledger, prune)
        finally:
            # What was stored before an engine died is made searchable all the same.
            follow.bring_up_to_date(self._ledger, self._vectors)
        return report_of(self._ledger, run=self._run, skipped=self._skipped)

    def _read_and_store(self, jobs: Iterable[_Job], workers: int | None) -> None:
        jobs = iter(jobs)
        first = next(jobs, None)
        if first is None:
            # Where there is nothing to read, no engine is needed.
            return
        if workers is None:
            workers = min(_MOST_WORKERS, self._reader().in_flight)
        for job, result in ReadAhead(self._read, workers=workers).run(chain([first], jobs)):
            if isinstance(result, PageReading):
                self._store(job, result)
                continue
            self._reading.discard(job.sha256)
            if result.error is None or (isinstance(result.error, SourceError) and job.last is not None):
                self._finish(job, result)
            elif isinstance(result.error, SourceError):
                self._note_failure(job.source.name, result.error, job.source.path)
            else:
                raise result.error

    def _plan_all(self, inputs: Sequence[str | Path]) -> Iterator[_Job]:
        for found in try_sources(inputs):
            if isinstance(found, SourceError):
                self._note_failure(found.source or "", found)
                continue
            job = self._plan(found)
            if job is not None:
                yield job

    def _plan_failed(self) -> Iterator[_Job]:
        rows = self._ledger.connection.execute(
            """
            SELECT source FROM files WHERE error IS NOT NULL
            UNION SELECT f.source FROM files f JOIN pages p ON p.sha256 = f.sha256 WHERE p.status = 'failed'
            ORDER BY 1
            """
        ).fetchall()
        for (source,) in rows:
            for found in try_sources([source]):
                if isinstance(found, SourceError):
                    self._note_failure(source, found)
                    continue
                job = self._plan(found, failed_too=True)
                if job is not None:
                    yield job

    def _plan(self, source: Source, *, failed_too: bool = False) -> _Job | None:
        """What is left to read of a source; `None` where there is nothing."""
        connection = self._ledger.connection
        size, mtime_ns = _stat(source.path)
        row = connection.execute(
            "SELECT sha256, size, mtime_ns, error, run FROM files WHERE source = ?", (source.name,)
        ).fetchone()
        if row and row[4] == self._run:
            return None
        unchanged = row is not None and size is not None and row[3] is None and (row[1], row[2]) == (size, mtime_ns)
        try:
            sha256 = row[0] if unchanged else sha256_of(source)
        except SourceError as exc:
            self._note_failure(source.name, exc, source.path)
            return None
        total, complete = self._known(sha256)
        missing = readings.numbers(connection, sha256, failed=True) if failed_too else set()
        if complete and not missing:
            self._keep(_Job(source, sha256, size, mtime_ns, None, total))
            return None
        if sha256 in self._reading:  # a worker has the same bytes under another name: wait for what it reads
            self._twins.append(source)
            return None
        self._reading.add(sha256)
        if not complete and total is not None:
            missing |= set(range(total)) - readings.numbers(connection, sha256)
        self._tell(Progress("file", source.name, total=total))
        return _Job(source, sha256, size, mtime_ns, _as_people_write(missing) if missing else None, total)

    def _known(self, sha256: str) -> tuple[int | None, bool]:
        row = self._ledger.connection.execute(
            "SELECT total_pages, complete FROM contents WHERE sha256 = ?", (sha256,)
        ).fetchone()
        return (None, False) if row is None else (int(row[0]), bool(row[1]))

    def _read(self, job: _Job) -> Iterator[PageReading]:
        known = job.total is not None and job.pages is None
        if known:  # every page was read by a run that was killed before it could split them
            return
        settings = self._settings.model_copy(update={"pages": job.pages})
        yield from self._reader().read_all(iter_pages(job.source, settings))

    def _store(self, job: _Job, reading: PageReading) -> None:
        if reading.sha256 != job.sha256:
            reading = reading.model_copy(update={"sha256": job.sha256})
        with self._ledger.transaction() as connection:
            if job.last is None:
                connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, 0)", (job.sha256, reading.total_pages))
            readings.store(connection, reading, self._reader().fingerprint)
        job.last = reading
        job.total = reading.total_pages
        stage: Stage = "failed" if reading.failed else "page"
        self._tell(Progress(stage, job.source.name, reading.page, reading.total_pages, reading.error))

    def _finish(self, job: _Job, result: Done) -> None:
        """All pages are read: split them, and let the file stand for its new content from now on."""
        with self._ledger.transaction() as connection:
            if isinstance(result.error, SourceError) and job.last is not None:
                self._note_lost_pages(connection, job, job.last, result.error)
            self._point(connection, job)
            chunks.rewrite(connection, job.sha256, job.source.name, self._splitter)
            chunks.rename(connection, job.sha256)
            connection.execute("UPDATE contents SET complete = 1 WHERE sha256 = ?", (job.sha256,))
        follow.bring_up_to_date(self._ledger, self._vectors)
        self._tell(Progress("stored", job.source.name, total=job.total))

    def _note_lost_pages(
        self, connection: sqlite3.Connection, job: _Job, last: PageReading, error: SourceError
    ) -> None:
        """The file gave up half-way: the pages that it did not give are failed ones, those that it gave are kept."""
        for page in sorted(set(range(last.total_pages)) - readings.numbers(connection, job.sha256)):
            lost = last.model_copy(
                update={
                    "page": page,
                    "page_label": None,
                    "status": Status.FAILED,
                    "error": error.message,
                    "markdown": "",
                    "raw": None,
                    "agreement": None,
                    **dict.fromkeys(("blocks", "lines", "tables", "fields", "doubts"), ()),
                }
            )
            readings.store(connection, lost, self._reader().fingerprint)
            self._tell(Progress("failed", job.source.name, page, last.total_pages, error.message))

    def _keep(self, job: _Job) -> None:
        """The content is known, under this name or another: nothing is read."""
        with self._ledger.transaction() as connection:
            moved_from = [
                name
                for name, path in connection.execute(
                    "SELECT source, path FROM files WHERE sha256 = ? AND source <> ?", (job.sha256, job.source.name)
                ).fetchall()
                if path is not None and not Path(path).exists()
            ]
            connection.executemany("DELETE FROM files WHERE source = ?", ((name,) for name in moved_from))
            self._point(connection, job)
            chunks.rename(connection, job.sha256)
        self._skipped += 1
        self._tell(Progress("skipped", job.source.name, total=job.total))

    def _point(self, connection: sqlite3.Connection, job: _Job) -> None:
        """Let the file's name stand for this content, and forget an older one that no file has any more."""
        row = connection.execute("SELECT sha256 FROM files WHERE source = ?", (job.source.name,)).fetchone()
        connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, NULL, ?)",
            (job.source.name, _absolute(job.source.path), job.sha256, job.size, job.mtime_ns, self._run),
        )
        if row and row[0] and row[0] != job.sha256:
            chunks.forget(connection, row[0])
            chunks.rename(connection, row[0])

    def _note_failure(self, source: str, error: SourceError, path: Path | None = None) -> None:
        """A file that cannot be opened; what an earlier run read of it stays searchable."""
        with self._ledger.transaction() as connection:
            connection.execute(
                """
                INSERT INTO files VALUES (?, ?, NULL, NULL, NULL, ?, ?)
                ON CONFLICT (source) DO UPDATE SET error = excluded.error, run = excluded.run
                """,
                (source, _absolute(path), error.reason, self._run),
            )
        self._tell(Progress("failed", source, error=error.reason))


def _stat(path: Path | None) -> tuple[int | None, int | None]:
    """Size in bytes and time of change of a local file; nothing for a URL or bytes."""
    if path is None:
        return None, None
    try:
        found = path.stat()
    except OSError:
        return None, None
    return found.st_size, found.st_mtime_ns


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _as_people_write(pages: set[int]) -> str:
    """`{0, 1, 2, 6}` as `1-3,7`."""
    spans: list[list[int]] = []
    for page in sorted(pages):
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ",".join(f"{a + 1}-{b + 1}" if a != b else str(a + 1) for a, b in spans)
