"""Ingest plan: what is left to do for each file that a run meets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path

from langchain_hunyuanocr.archive.ingest.job import MOST_TRIES, Job
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Source, sha256_of, try_sources


class SkipReason(Enum):
    """What there is to do for a file of which nothing is to be read."""

    MET = "met"  # by this run, under the same name
    UNCHANGED = "unchanged"  # since an earlier run
    ELSEWHERE = "elsewhere"  # another name, time or place for bytes that the archive has


class Plan:
    """Decides what a run reads of a file.

    Args:
        ledger: The archive's.
        run: Number of the run.
        fingerprint: Gives that of the run's reader; asked for only where something may be read.
        reread: Whether files that another reader has read are read anew.
        checksum: Whether the bytes of files are looked at whose size and time of change are as before.
    """

    def __init__(
        self, ledger: Ledger, run: int, fingerprint: Callable[[], str], *, reread: bool, checksum: bool = False
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._fingerprint = fingerprint
        self._reread = reread
        self._checksum = checksum

    def of(self, source: Source, *, failed_too: bool = False) -> tuple[Job, SkipReason | None]:
        """The job for a file, and why there is nothing to read of it.

        Args:
            source: The file.
            failed_too: Read again the pages that failed.

        Raises:
            SourceError: Its bytes cannot be read.
        """
        size, mtime_ns = _stat(source.path)
        row = self._ledger.connection.execute(
            """
            SELECT f.sha256, f.size, f.mtime_ns, f.error, f.run, f.path, r.path
            FROM files f LEFT JOIN real_paths r USING (source) WHERE source = ?
            """,
            (source.name,),
        ).fetchone()
        if row and row[4] == self._run:
            return Job(source, ""), SkipReason.MET
        place = None if source.path is None else (str(source.path.absolute()), os.path.realpath(source.path))
        unchanged = row is not None and size is not None and row[3] is None and (row[1], row[2]) == (size, mtime_ns)
        if unchanged and place is not None and row[5] == place[0] and row[6] != place[1]:
            unchanged = False  # a link that leads elsewhere now
        known = row[0] if unchanged and not self._checksum else None
        job = Job(source, known or sha256_of(source), size, mtime_ns)
        found = self._ledger.connection.execute(
            "SELECT total_pages, complete FROM contents WHERE sha256 = ?", (job.sha256,)
        ).fetchone()
        if found is None:
            return job, None
        if not isinstance(found[0], int):
            raise SourceError(
                "what the archive knows of it is damaged",
                source=source.name,
                remedy="hunyuanocr archive repair --archive DIR, then ingest it once more",
            )
        job.total = found[0]
        job.pages = self._left(job, complete=bool(found[1]), failed_too=failed_too)
        if found[1] and not job.pages:
            as_noted = unchanged and tuple(row[5:]) == place
            return job, SkipReason.UNCHANGED if as_noted else SkipReason.ELSEWHERE
        return job, None

    def _left(self, job: Job, *, complete: bool, failed_too: bool) -> frozenset[int]:
        """Pages to read of a content of which some, or all, were read before."""
        if complete and not failed_too and not self._reread:
            return frozenset()
        tried = list(readings.outcomes(self._ledger.connection, job.sha256))
        left = {page for page, failed, *_ in tried if failed and failed_too}
        if complete and self._reread:
            left |= {page for page, _, _, reader in tried if reader != self._fingerprint()}
            job.anew = bool(left)
        if not complete:
            left |= set(range(job.total or 0)) - {page for page, *_ in tried}
            for page, failed, tries, reader in tried:
                if reader != self._fingerprint():
                    left.add(page)
                elif failed and tries < MOST_TRIES:
                    left.add(page)
                    job.tries[page] = tries
        return frozenset(left)


def failed_sources(ledger: Ledger) -> Iterator[Source | SourceError]:
    """Files that could not be opened, or have a page that failed; where they lay last, if they still do."""
    rows: Sequence[tuple[str, str | None]] = ledger.connection.execute(
        """
        SELECT source, path FROM files WHERE error IS NOT NULL
        UNION SELECT f.source, f.path FROM files f JOIN pages p ON p.sha256 = f.sha256 WHERE p.status = 'failed'
        ORDER BY 1
        """
    ).fetchall()
    for source, path in rows:
        if path is not None and os.path.lexists(path):
            yield Source(name=source, path=Path(path))
        else:
            yield from try_sources([source])


def _stat(path: Path | None) -> tuple[int | None, int | None]:
    """Size in bytes and time of change of a local file; nothing for a URL or bytes."""
    if path is None:
        return None, None
    try:
        found = path.stat()
    except OSError:
        return None, None
    return found.st_size, found.st_mtime_ns
