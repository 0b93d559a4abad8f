"""Ingest run: what is known is not read again, and one bad file costs only itself.

Files are rendered and read by workers; the caller's thread stores each page's reading as soon as it is there; a thread
cuts files whose pages are all read into chunks, and another makes the vectors of these. A file's chunks are written in
one transaction, so that search sees the old version of a file or the new one, never a mixture. A run that is killed
anywhere is made good by the next.

A page that fails is tried three times, the second and third time when the other pages of its file are read; the ledger
counts, so that a kill in between gives it no more. A file that cannot be opened is tried once a run. An engine that
cannot run ends the run.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path

from langchain_hunyuanocr.archive.ingest import vector_sync
from langchain_hunyuanocr.archive.ingest.file_names import FileNames
from langchain_hunyuanocr.archive.ingest.file_reader import FileReader, PagesInProgress
from langchain_hunyuanocr.archive.ingest.job import Job, PageResult
from langchain_hunyuanocr.archive.ingest.plan import Plan, SkipReason, failed_sources
from langchain_hunyuanocr.archive.ingest.prune import Prune, prune_missing
from langchain_hunyuanocr.archive.ingest.workers import Done, QueueThread, WorkerThreads
from langchain_hunyuanocr.archive.protocols import PageReader, Splitter
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.status import OnProgress, Progress, ProgressKind, report_of
from langchain_hunyuanocr.archive.storage import chunks, file_paths, forgotten, readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.vectors import Vectors
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import ChangedSourceError, PageSettings, Source, try_sources
from langchain_hunyuanocr.report import Report
from langchain_hunyuanocr.results import PageReading, Status

_MOST_WORKERS = 16
"""Each opens a file; more hardly help a stream of single pages."""
_UNCHANGED = 500
"""Unchanged files that are noted in one transaction."""


class Ingest:
    """One run over some inputs.

    Args:
        ledger: The archive's, held for writing.
        vectors: The archive's.
        reader: Gives what reads pages; asked for only when there is something to read.
        splitter: Cuts readings into chunks.
        settings: How sources are opened.
        on_progress: Told of every file and page, by several threads, one at a time.
        reread: Whether files that another reader has read are read anew.
        checksum: Whether the bytes of files are looked at whose size and time of change are as before.
    """

    def __init__(
        self,
        ledger: Ledger,
        vectors: Vectors,
        reader: Callable[[], PageReader],
        splitter: Splitter,
        settings: PageSettings,
        on_progress: OnProgress | None = None,
        *,
        reread: bool = False,
        checksum: bool = False,
    ) -> None:
        self._ledger = ledger
        self._vectors = vectors
        self._splitter = splitter
        self._on_progress = on_progress
        self._telling = threading.Lock()
        self.number = ledger.run_number() + 1
        """Of this run, counted from 1."""
        self._claims = PagesInProgress()
        self._pages = FileReader(ledger, reader, settings, self._claims)
        self._plan = Plan(ledger, self.number, lambda: self._pages.fingerprint, reread=reread, checksum=checksum)
        self._names = FileNames(ledger, splitter)
        self._skipped = 0
        self._unchanged: list[str] = []
        self._under_way: set[str] = set()
        self._twins: list[Source] = []
        self._stored: Callable[[], None] = _nothing

    def add(self, inputs: Sequence[str | Path], *, workers: int | None = None, prune: Prune | None = None) -> Report:
        """Read what is new or changed, and account for every input.

        Args:
            inputs: Files, folders, patterns and URLs.
            workers: Files read at the same time; as many as the engine can use where `None`.
            prune: What is forgotten where it is gone.

        Raises:
            EngineError: The engine cannot run at all; what was read until then is kept.
        """
        return self._carry_out(self._jobs(try_sources(inputs)), workers, prune)

    def retry(self, *, workers: int | None = None) -> Report:
        """Read again what failed.

        Raises:
            EngineError: The engine cannot run at all; what was read until then is kept.
        """
        return self._carry_out(self._jobs(failed_sources(self._ledger), failed_too=True), workers)

    def take_back(self) -> Report:
        """Let the files that were forgotten last be there again, without reading one."""
        self._ledger.set("run", str(self.number))
        with self._ledger.transaction() as connection:
            contents = forgotten.take_back(connection, self.number)
        for sha256 in contents:
            self._split(sha256, str(readings.present_source(self._ledger.connection, sha256)))
        vector_sync.sync_vectors(self._ledger, self._vectors)
        return report_of(self._ledger, run=self.number)

    def _carry_out(self, jobs: Iterator[Job], workers: int | None, prune: Prune | None = None) -> Report:
        self._ledger.set("run", str(self.number))
        notes: tuple[str, ...] = ()
        self._names.merge_all()
        vector_sync.reconcile(self._ledger, self._vectors)
        leave = self._ledger.leave
        vectors = QueueThread(self.make_vectors, waiting=1, name="vectors", leave=leave)
        splitting = QueueThread(self._finish, waiting=4, name="split", leave=leave)
        self._stored = partial(vectors.nudge, None)
        try:
            try:
                self._read_and_store(jobs, workers, splitting)
                splitting.wait()  # what twins wait for is there now
                twins, self._twins = self._twins, []
                self._read_and_store(self._jobs(twins), workers, splitting)
                splitting.wait()
                self._clear_folders()
                if prune is not None:
                    self._note_unchanged()
                    notes = prune_missing(self._ledger, prune, self.number, self._splitter)
            finally:
                # What was stored before an engine died is made searchable all the same.
                splitting.close()
                self._note_unchanged()
        finally:
            vectors.nudge(None)
            vectors.close()
        vectors.wait()
        vector_sync.sync_vectors(self._ledger, self._vectors)
        report = report_of(self._ledger, run=self.number, skipped=self._skipped)
        return report.model_copy(update={"notes": notes})

    def make_vectors(self, _: None = None) -> None:
        """Let the vectors follow what is stored."""
        vector_sync.sync_vectors(self._ledger, self._vectors)

    def _read_and_store(self, jobs: Iterable[Job], workers: int | None, splitting: QueueThread[Job]) -> None:
        jobs = iter(jobs)
        first = next(jobs, None)
        if first is None:
            # Where there is nothing to read, no engine is needed.
            return
        if workers is None:
            workers = min(_MOST_WORKERS, self._pages.reader.in_flight)
        ahead = WorkerThreads(self._pages.read, workers=workers)
        with closing(ahead.run(chain([first], jobs))) as results:
            try:
                for job, result in results:
                    if isinstance(result, Done):
                        self._end(job, result, splitting)
                    else:
                        self._store(job, result)
            finally:
                self._claims.close()
        self._claims.open()

    def _end(self, job: Job, result: Done, splitting: QueueThread[Job]) -> None:
        error = result.error
        if error is None:
            splitting.put(job)
        elif isinstance(error, ChangedSourceError) or (isinstance(error, SourceError) and job.last is None):
            self._under_way.discard(job.sha256)
            self._note_failure(job.source.name, error, job.source.path)
        elif isinstance(error, SourceError):
            self._note_lost_pages(job, error)
            splitting.put(job)
        else:
            raise error

    def _jobs(self, sources: Iterable[Source | SourceError], *, failed_too: bool = False) -> Iterator[Job]:
        """What is to be read; the rest is noted on the way."""
        for source in sources:
            if isinstance(source, SourceError):
                name, path = self._names.of_missing(source)
                self._note_failure(name, source, lies=path)
                continue
            source = self._names.settle(source)
            try:
                job, known = self._plan.of(source, failed_too=failed_too)
            except SourceError as error:
                self._note_failure(source.name, error, source.path)
                continue
            if known is SkipReason.UNCHANGED:
                self._skip(job)
                self._unchanged.append(source.name)
                if len(self._unchanged) >= _UNCHANGED:
                    self._note_unchanged()
            elif known is SkipReason.ELSEWHERE:
                self._skip(job)
                self._keep(job)
            elif known is None and job.sha256 in self._under_way:
                # A worker has the same bytes under another name: wait for what it reads.
                self._twins.append(source)
            elif known is None:
                self._under_way.add(job.sha256)
                self._tell("file", source.name, total=job.total)
                yield job

    def _store(self, job: Job, read: PageResult) -> None:
        reading = read.reading
        if reading.sha256 != job.sha256:  # a URL that gives other bytes each time
            reading = reading.model_copy(update={"sha256": job.sha256})
        with self._ledger.transaction() as connection:
            if job.last is None:
                connection.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, 0)", (job.sha256, reading.total_pages))
            if not job.anew:
                readings.store(connection, reading, self._pages.fingerprint, read.content)
            elif reading.failed:
                self._store_failure_anew(connection, reading)
            elif read.content is not None:
                if not read.known:
                    readings.keep(connection, reading, self._pages.fingerprint, read.content)
                job.read_anew[reading.page] = reading.status.value, read.content, reading.page_label
        if read.content is not None:
            self._claims.give_back(read.content)
        job.last = reading
        job.total = reading.total_pages
        step: ProgressKind = "failed" if reading.failed else "known" if read.known else "page"
        self._tell(step, job.source.name, reading.page, reading.total_pages, reading.error)

    def _store_failure_anew(self, connection: sqlite3.Connection, reading: PageReading) -> None:
        """What was read before, if it was, is better than a failure."""
        failed = {page: failed for page, failed, *_ in readings.outcomes(connection, reading.sha256)}
        if failed.get(reading.page, True):
            readings.store(connection, reading, self._pages.fingerprint)

    def _finish(self, job: Job) -> None:
        """All pages are read: cut them, and let the file stand for its new content from now on."""
        if job.read_anew:
            self._change_over(job)
        connection = self._ledger.connection
        others = readings.present_source(connection, job.sha256)
        name = job.source.name if others is None else min(others, job.source.name)
        self._split(job.sha256, name, partial(self._point, connection, job))
        self._under_way.discard(job.sha256)
        self._stored()
        self._tell("stored", job.source.name, total=job.total)

    def _split(self, sha256: str, name: str, also: Callable[[], None] | None = None) -> None:
        """Cut what was read of a content into chunks; `also` is done in the same transaction."""
        connection = self._ledger.connection
        pieces = chunks.split(connection, sha256, name, self._splitter)
        with self._ledger.transaction():
            if also is not None:
                also()
            chunks.write(connection, sha256, pieces)
            connection.execute("UPDATE contents SET complete = 1 WHERE sha256 = ?", (sha256,))
        record_store.make(connection, self._ledger.transaction, sha256)

    def _change_over(self, job: Job) -> None:
        """From the old readings of a file to the new ones; a kill before its chunks follow leaves it incomplete."""
        with self._ledger.transaction() as connection:
            connection.execute("UPDATE contents SET complete = 0 WHERE sha256 = ?", (job.sha256,))
            for page, (status, content, label) in job.read_anew.items():
                readings.link_page(
                    connection,
                    (job.sha256, page),
                    status=status,
                    error=None,
                    fingerprint=self._pages.fingerprint,
                    content=content,
                    label=label,
                )

    def _note_lost_pages(self, job: Job, error: SourceError) -> None:
        """The file gave up half-way: the pages that it did not give are failed ones, those that it gave are kept."""
        last = job.last
        if last is None or job.anew:
            return
        with self._ledger.transaction() as connection:
            tried = {page for page, *_ in readings.outcomes(connection, job.sha256)}
            for page in sorted(set(range(last.total_pages)) - tried):
                lost = last.model_copy(
                    update={
                        "page": page,
                        "page_label": None,
                        "status": Status.FAILED,
                        "error": error.message,
                        "markdown": "",
                        "raw": None,
                        "agreement": None,
                        **dict.fromkeys(("blocks", "lines", "tables", "fields", "regions", "doubts"), ()),
                    }
                )
                readings.store(connection, lost, self._pages.fingerprint)
                self._tell("failed", job.source.name, page, last.total_pages, error.message)

    def _clear_folders(self) -> None:
        """A folder that could not be read, or was empty, in an earlier run and can be read now has not failed."""
        connection = self._ledger.connection
        failed = connection.execute(
            "SELECT f.source, r.path FROM files f JOIN real_paths r USING (source) "
            "WHERE f.error IS NOT NULL AND f.sha256 IS NULL AND f.run <> ?",
            (self.number,),
        ).fetchall()
        for source, path in failed:
            if _holds_something(path):
                connection.execute("DELETE FROM files WHERE source = ?", (source,))

    def _skip(self, job: Job) -> None:
        self._skipped += 1
        self._tell("skipped", job.source.name, total=job.total)

    def _note_unchanged(self) -> None:
        names, self._unchanged = self._unchanged, []
        with self._ledger.transaction() as connection:
            connection.executemany("UPDATE files SET run = ? WHERE source = ?", ((self.number, name) for name in names))

    def _keep(self, job: Job) -> None:
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
            chunks.rename(connection, job.sha256, self._splitter)
        self._stored()

    def _point(self, connection: sqlite3.Connection, job: Job) -> None:
        """Let the file's name stand for this content, and forget an older one that no file has any more."""
        row = connection.execute("SELECT sha256 FROM files WHERE source = ?", (job.source.name,)).fetchone()
        connection.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, NULL, ?)",
            (job.source.name, _absolute(job.source.path), job.sha256, job.size, job.mtime_ns, self.number),
        )
        file_paths.note(connection, job.source.name, job.source.path)
        if row and row[0] and row[0] != job.sha256:
            chunks.forget(connection, row[0])
            chunks.rename(connection, row[0], self._splitter)

    def _note_failure(
        self, source: str, error: SourceError, path: Path | None = None, *, lies: Path | None = None
    ) -> None:
        """A file that cannot be opened, or is not where it would lie; what was read of it before stays searchable."""
        with self._ledger.transaction() as connection:
            connection.execute(
                """
                INSERT INTO files VALUES (?, ?, NULL, NULL, NULL, ?, ?)
                ON CONFLICT (source) DO UPDATE SET error = excluded.error, run = excluded.run
                """,
                (source, _absolute(path), error.reason, self.number),
            )
            file_paths.note(connection, source, path or lies)
        self._tell("failed", source, error=error.reason)

    def _tell(
        self, step: ProgressKind, source: str, page: int = -1, total: int | None = None, error: str | None = None
    ) -> None:
        if self._on_progress is not None:
            with self._telling:
                self._on_progress(Progress(step, source, page, total, error))


def _nothing() -> None:
    """Nobody waits for chunks before a run begins."""


def _holds_something(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:  # no folder, among others
        return False


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
