"""Export outcome: what was written, what was left, and the pages that could not be."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.archive.export.rows import PageRows
from langchain_hunyuanocr.report import Failure

OnExported = Callable[[int, int], None]
"""Told how many pages are done, and how many there are about."""


class ExportReport(BaseModel):
    """Every page of the archive accounted for: it was written, was there unchanged, or is one of `failures`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: int = 0
    """Written, or acknowledged by Kafka, in this run; pages that could not be read are among them, as `failed`."""
    fields: int = 0
    table_rows: int = 0
    unchanged: int = 0
    """Pages that Kafka had acknowledged before, as they are now."""
    removed: int = 0
    """Pages that an earlier export brought and the archive no longer has."""
    failures: tuple[Failure, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


class Tally:
    """Counts pages as they are written.

    Args:
        expected: How many pages there are, about.
        on_progress: Told after each page.
    """

    def __init__(self, expected: int, on_progress: OnExported | None = None) -> None:
        self._expected = expected
        self._on_progress = on_progress
        self._pages = self._fields = self._table_rows = self._unchanged = self._removed = 0
        self._failures: list[Failure] = []

    def add(self, rows: PageRows) -> None:
        """Count a page that is written."""
        self.count(len(rows.fields), len(rows.table_rows))

    def count(self, fields: int, table_rows: int) -> None:
        """Count a page that is written, with so many fields and table rows."""
        self._pages += 1
        self._fields += fields
        self._table_rows += table_rows
        self._tell()

    def leave(self) -> None:
        """Count a page that the target has already."""
        self._unchanged += 1
        self._tell()

    def remove(self, pages: int) -> None:
        """Count pages that were taken away."""
        self._removed += pages

    def fail(self, failure: Failure) -> None:
        """Count a page that cannot be written."""
        self._failures.append(failure)
        self._tell()

    def report(self) -> ExportReport:
        """All that was counted so far."""
        return ExportReport(
            pages=self._pages,
            fields=self._fields,
            table_rows=self._table_rows,
            unchanged=self._unchanged,
            removed=self._removed,
            failures=tuple(self._failures),
        )

    def _tell(self) -> None:
        if self._on_progress is not None:
            done = self._pages + self._unchanged + len(self._failures)
            self._on_progress(done, max(done, self._expected))
