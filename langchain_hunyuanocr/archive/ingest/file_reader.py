"""File reader: the pages of a file, each read once; two workers never read pages that look the same."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from langchain_hunyuanocr.archive.ingest.job import MOST_TRIES, Job, PageResult
from langchain_hunyuanocr.archive.protocols import PageReader
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.pages import ChangedSourceError, Page, PageFailure, PageSettings, iter_pages
from langchain_hunyuanocr.pages.page_ranges import format_ranges
from langchain_hunyuanocr.results import PageReading


class PagesInProgress:
    """Contents of pages that someone is reading; any thread may ask."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False

    def take(self, content: str) -> bool:
        """Whether the caller may read this content; it then holds it until it is given back."""
        with self._changed:
            if content in self._held:
                return False
            self._held.add(content)
            return True

    def give_back(self, content: str) -> None:
        """What was read of this content is stored, or never will be."""
        with self._changed:
            self._held.discard(content)
            self._changed.notify_all()

    def wait_for(self, content: str) -> bool:
        """Wait until nobody reads this content; `False` where the run was given up meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or content not in self._held)
            return not self._closed

    def close(self) -> None:
        """Let go whoever waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def open(self) -> None:
        """Be ready for another round."""
        with self._changed:
            self._closed = False
            self._held.clear()


_RENDERING = {"dpi", "max_pixels", "upright"}
"""The settings that decide what a page looks like."""


class FileReader:
    """Reads files, each page that looks like no other once; several threads may use it.

    Args:
        ledger: The archive's.
        reader: Gives what reads pages; asked for only when there is something to read.
        settings: How sources are opened.
        claims: What is being read right now. What was read is given back by who stores it.
    """

    def __init__(
        self, ledger: Ledger, reader: Callable[[], PageReader], settings: PageSettings, claims: PagesInProgress
    ) -> None:
        self._ledger = ledger
        self._make_reader = reader
        self._settings = settings
        self._claims = claims

    @cached_property
    def reader(self) -> PageReader:
        """What reads pages."""
        return self._make_reader()

    @cached_property
    def fingerprint(self) -> str:
        """Names the reader and how pages are rendered for it (sha256)."""
        rendering = json.dumps(self._settings.model_dump(include=_RENDERING), sort_keys=True)
        return hashlib.sha256(f"{self.reader.fingerprint}\n{rendering}".encode()).hexdigest()

    def read(self, job: Job) -> Iterator[PageResult]:
        """The pages of a file in their order; then again, up to `MOST_TRIES` times in all, those that failed.

        Raises:
            SourceError: The file cannot be opened, or gives no more pages.
            EngineError: The engine cannot run at all.
        """
        try:
            pages = job.pages
            while pages is None or pages:
                again = set()
                for read in self._read_each(job, pages):
                    page = read.reading.page
                    if read.reading.failed:
                        job.tries[page] = job.tries.get(page, 0) + 1
                        if job.tries[page] < MOST_TRIES:
                            again.add(page)
                    yield read
                pages = frozenset(again)
        finally:
            self._ledger.leave()

    def _read_each(self, job: Job, pages: frozenset[int] | None) -> Iterator[PageResult]:
        """Each page once; one that looks like a page which is being read comes when that one is stored."""
        while pages is None or pages:
            twins: list[tuple[dict[str, Any], str]] = []
            yield from self._read_first(job, pages, twins)
            left = set()
            for place, content in twins:
                if not self._claims.wait_for(content):
                    return
                known = readings.known(self._ledger.connection, content, self.fingerprint)
                if known is None:  # the other one failed
                    left.add(int(place["page"]))
                else:
                    yield PageResult(readings.relabelled(known, place), content, known=True)
            pages = frozenset(left)

    def _read_first(
        self, job: Job, pages: frozenset[int] | None, twins: list[tuple[dict[str, Any], str]]
    ) -> Iterator[PageResult]:
        settings = self._settings.model_copy(update={"pages": None if pages is None else format_ranges(pages)})
        under_way: dict[int, tuple[str, bool]] = {}

        def offered() -> Iterator[Page | PageFailure | PageReading]:
            for page in iter_pages(job.source, settings):
                if job.source.path is not None and page.sha256 != job.sha256:
                    raise ChangedSourceError(
                        "the file changed while it was read", source=job.source.name, remedy="ingest it once more"
                    )
                if isinstance(page, PageFailure):
                    yield page
                    continue
                content = readings.content_of(page)
                place = _place(job, page)
                if not self._claims.take(content):
                    twins.append((place, content))
                    continue
                known = readings.known(self._ledger.connection, content, self.fingerprint)
                under_way[page.index] = content, known is not None
                yield page if known is None else readings.relabelled(known, place)

        try:
            for reading in self.reader.read_all(offered()):
                content, known = under_way.pop(reading.page, (None, False))
                yield PageResult(reading, content, known)
        finally:
            for content, _ in under_way.values():
                self._claims.give_back(content)


def _place(job: Job, page: Page) -> dict[str, Any]:
    return {
        "source": page.source,
        "file_name": page.file_name,
        "sha256": job.sha256,
        "page": page.index,
        "total_pages": page.total,
        "page_label": page.label,
    }
