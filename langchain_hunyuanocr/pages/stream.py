"""From a source to its pages, one at a time, with the next one rendered while the last is worked on."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import ExitStack

from langchain_hunyuanocr.errors import PageError
from langchain_hunyuanocr.pages.local import LocalFile, local_file
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings
from langchain_hunyuanocr.pages.ranges import parse_ranges, select_pages
from langchain_hunyuanocr.pages.render import count, failure, render
from langchain_hunyuanocr.pages.sources import Source

_FEW_PAGES = 4
"""Up to so many pages a second worker costs more to start than it saves."""
_LOST_IN_A_ROW = 5
"""After so many pages in a row that crash or hang their worker, the rest of the file is given up."""


def iter_pages(source: Source, settings: PageSettings | None = None) -> Iterator[Page | PageFailure]:
    """The pages of a source, one at a time.

    Nothing is held between two pages but the picture of the next one, which is rendered meanwhile.

    Args:
        source: What to read.
        settings: How; the defaults where `None`.

    Yields:
        A page, or in its place why it cannot be rendered.

    Raises:
        SourceError: The file cannot be opened, or `settings.pages` names no page of it.
    """
    reading = _Reading(source, settings or PageSettings())
    try:
        reading.open()
        while (work := reading.next()) is not None:
            yield work.wait()
    finally:
        reading.close()


async def aiter_pages(source: Source, settings: PageSettings | None = None) -> AsyncIterator[Page | PageFailure]:
    """`iter_pages` that never blocks the event loop."""
    reading = _Reading(source, settings or PageSettings())
    try:
        await asyncio.to_thread(reading.open)
        while (work := reading.next()) is not None:
            yield await asyncio.wrap_future(work.future)
    finally:
        await asyncio.to_thread(reading.close)


class _Work:
    """A page that is being rendered in a thread of its own."""

    def __init__(self, reading: _Reading, index: int) -> None:
        self._reading, self._index = reading, index
        self._process = os.getpid()
        self.future: Future[Page | PageFailure] = Future()
        threading.Thread(target=self._run, name="hunyuanocr-page", daemon=True).start()

    def _run(self) -> None:
        try:
            self.future.set_result(self._reading.render(self._index))
        except BaseException as exc:
            self.future.set_exception(exc)

    def wait(self) -> Page | PageFailure:
        if os.getpid() != self._process:  # forked meanwhile: the thread stayed behind
            return self._reading.render(self._index)
        return self.future.result()


class _Reading:
    """One walk through a source."""

    def __init__(self, source: Source, settings: PageSettings) -> None:
        self._source, self._settings = source, settings
        self._kept = ExitStack()
        self._file: LocalFile | None = None
        self._total = 0
        self._rest: deque[int] = deque()
        self._ahead: deque[_Work] = deque()
        self._lost = 0

    def open(self) -> None:
        if self._settings.pages is not None:
            parse_ranges(self._settings.pages)  # a slip of the pen costs no download
        self._file = self._kept.enter_context(local_file(self._source, self._settings))
        self._total = count(self._source, self._file, self._settings)
        self._rest.extend(select_pages(self._settings.pages, self._total, source=self._source.name))

    def next(self) -> _Work | None:
        """The next page, with the one after it begun."""
        eager = len(self._rest) > _FEW_PAGES or bool(self._ahead)
        while self._rest and len(self._ahead) < (2 if eager else 1):
            self._ahead.append(_Work(self, self._rest.popleft()))
        return self._ahead.popleft() if self._ahead else None

    def render(self, index: int) -> Page | PageFailure:
        file = self._file
        if file is None:
            raise RuntimeError("the source is not open")
        if self._lost >= _LOST_IN_A_ROW:
            error = PageError(
                f"not tried: {self._lost} pages before it crashed or hung",
                source=self._source.name,
                page=index,
                remedy="choose it with pages to try it alone",
            )
            return failure(self._source, file, index, self._total, error)
        page, lost = render(self._source, file, index, self._total, self._settings)
        self._lost = self._lost + 1 if lost else 0
        return page

    def close(self) -> None:
        self._rest.clear()
        self._ahead.clear()
        self._kept.close()
