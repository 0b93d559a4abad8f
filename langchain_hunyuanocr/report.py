"""Report: every input accounted for, what became of each file and page of a run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.results import PageReading, Status


class Failure(BaseModel):
    """A page that could not be read, or a whole source that could not be opened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    page: int | None = None
    """Physical page from 0; `None` where the source itself could not be opened."""
    error: str


class Report(BaseModel):
    """Every input accounted for: `pages == done + blank + failed`.

    `files` are the inputs that could be opened; each input that could not is one of `failures`, with `page` `None`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: int = 0
    pages: int = 0
    done: int = 0
    blank: int = 0
    failed: int = 0
    skipped: int = 0
    """Files left alone because they have not changed."""
    chunks: int = 0
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    """What else is to be known of the run, a line each: what was not forgotten though it is gone."""

    @property
    def complete(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


class Tally:
    """Counts readings and failures as they come, source by source; `report` says how things stand."""

    def __init__(self) -> None:
        self._sources = 0
        self._current: str | None = None
        self._done = self._blank = self._failed = 0
        self._failures: list[Failure] = []

    def add(self, reading: PageReading) -> None:
        """Count one page. The pages of a source come one after another."""
        if reading.source != self._current:
            self._current = reading.source
            self._sources += 1
        if reading.failed:
            self._failed += 1
            self._failures.append(
                Failure(source=reading.source, page=reading.page, error=reading.error or "the page could not be read")
            )
        elif reading.status is Status.BLANK:
            self._blank += 1
        else:
            self._done += 1

    def add_failure(self, source: str, error: str) -> None:
        """Count one source that could not be opened."""
        self._failures.append(Failure(source=source, error=error))

    def report(self) -> Report:
        """All that was counted so far."""
        return Report(
            files=self._sources,
            pages=self._done + self._blank + self._failed,
            done=self._done,
            blank=self._blank,
            failed=self._failed,
            failures=tuple(self._failures),
        )
