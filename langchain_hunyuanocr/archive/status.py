"""Every page accounted for: the counts that `ingest`, `status` and `retry` give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.report import Failure, Report

ProgressKind = Literal["file", "page", "known", "failed", "skipped", "stored"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that happened during a run, for whoever draws the progress.

    Attributes:
        stage: `file` a file is about to be read; `page` a page was read; `known` a page looks
            like one that was read before; `failed` a page or file failed; `skipped` a
            file is known already; `stored` a file's chunks are in the archive.
        source: Path or URL.
        page: Physical page from 0; -1 where the file as a whole is meant.
        total: Pages of the file, where known.
        error: Why it failed.
    """

    stage: ProgressKind
    source: str
    page: int = -1
    total: int | None = None
    error: str | None = None


OnProgress = Callable[[Progress], None]


def report_of(ledger: Ledger, *, run: int | None = None, skipped: int = 0) -> Report:
    """Count what the ledger holds.

    Args:
        ledger: The archive's.
        run: Only the files that this run, or one after it, met; all where `None`.
        skipped: Files that the run did not read again.
    """
    scope, values = ("f.run >= ?", (run,)) if run is not None else ("1", ())
    connection = ledger.connection
    files = connection.execute(
        f"SELECT count(*) FROM files f WHERE f.error IS NULL AND f.sha256 IS NOT NULL AND {scope}",  # noqa: S608 - constants
        values,
    ).fetchone()[0]
    pages = dict(
        connection.execute(
            f"""
            SELECT CASE WHEN p.status IN ('blank', 'failed') THEN p.status ELSE 'done' END AS outcome, count(*)
            FROM files f JOIN pages p ON p.sha256 = f.sha256 WHERE f.error IS NULL AND {scope} GROUP BY outcome
            """,  # noqa: S608 - constants
            values,
        )
    )
    chunks = connection.execute(
        f"SELECT count(*) FROM chunks WHERE sha256 IN (SELECT f.sha256 FROM files f WHERE {scope})",  # noqa: S608
        values,
    ).fetchone()[0]
    failures = connection.execute(
        f"""
        SELECT f.source, NULL AS page, CAST(f.error AS TEXT) FROM files f WHERE f.error IS NOT NULL AND {scope}
        UNION ALL
        SELECT f.source, p.page, p.error FROM files f JOIN pages p ON p.sha256 = f.sha256
        WHERE f.error IS NULL AND p.status = 'failed' AND {scope}
        ORDER BY 1, 2
        """,  # noqa: S608 - constants
        (*values, *values),
    )
    return Report(
        files=files,
        pages=sum(pages.values()),
        done=pages.get("done", 0),
        blank=pages.get("blank", 0),
        failed=pages.get("failed", 0),
        skipped=skipped,
        chunks=chunks,
        failures=tuple(Failure(source=source, page=page, error=error or "unknown") for source, page, error in failures),
    )
