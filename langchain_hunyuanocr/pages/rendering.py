"""From a source to its pages, one at a time, with the next one rendered while the last is worked on.

A page that was let go can be seen again: `SourceView`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages.local_file import LocalFile, local_file
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings, TextLayer, picture_of
from langchain_hunyuanocr.pages.page_ranges import parse_ranges, select_pages
from langchain_hunyuanocr.pages.sources import Source
from langchain_hunyuanocr.results import Box, Line
from langchain_hunyuanocr.warp import Warp
from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError

if TYPE_CHECKING:
    from PIL.Image import Image

_FEW_PAGES = 4
"""Up to so many pages a second worker costs more to start than it saves."""
_LOST_IN_A_ROW = 5
"""After so many pages in a row that crash or hang their worker, the rest of the file is given up."""

pool = Pool("langchain_hunyuanocr.pages.worker", size=min(4, max(2, os.cpu_count() or 2)))
"""The processes that open files, shared by the whole process."""


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
    reading = _SourceWalk(source, settings or PageSettings())
    try:
        reading.open()
        while (work := reading.next()) is not None:
            yield work.wait()
    finally:
        reading.close()


async def aiter_pages(source: Source, settings: PageSettings | None = None) -> AsyncIterator[Page | PageFailure]:
    """`iter_pages` that never blocks the event loop."""
    reading = _SourceWalk(source, settings or PageSettings())
    try:
        await asyncio.to_thread(reading.open)
        while (work := reading.next()) is not None:
            yield await asyncio.wrap_future(work.future)
    finally:
        await asyncio.to_thread(reading.close)


def render_page(source: Source, index: int, settings: PageSettings | None = None) -> Page:
    """One page of a source.

    Args:
        source: What to read.
        index: Physical page from 0.
        settings: How; the defaults where `None`. `settings.pages` is not looked at.

    Raises:
        SourceError: The file cannot be opened.
        PageError: The page does not exist or cannot be rendered.
    """
    settings = settings or PageSettings()
    with local_file(source, settings) as file:
        total = _count(source, file, settings)
        if not 0 <= index < total:
            pages = "1 page" if total == 1 else f"{total} pages"
            raise PageError("there is no such page", source=source.name, page=index, remedy=f"it has {pages}")
        page, _ = _render(source, file, index, total, settings)
    if isinstance(page, PageFailure):
        raise page.error
    return page


def count_pages(source: Source, settings: PageSettings | None = None) -> int:
    """How many pages a source has, without rendering one.

    Raises:
        SourceError: The file cannot be opened.
    """
    settings = settings or PageSettings()
    with local_file(source, settings) as file:
        return _count(source, file, settings)


@dataclass(frozen=True, slots=True)
class SourceView:
    """A page that can be seen again: where it came from and how it was rendered, without its pixels.

    Attributes:
        source: The file; where it is bytes, they are held.
        sha256: Of the file's bytes when the page was read.
        index: Physical page from 0.
        total: How many pages the file has.
        settings: How the page was rendered.
    """

    source: Source
    sha256: str
    index: int
    total: int
    settings: PageSettings = field(repr=False)  # it may hold a password

    def picture(self) -> Image:
        """The page as it was read, RGB and upright, rendered again.

        Raises:
            SourceError: The file is gone, cannot be opened, or has changed since.
            PageError: The page cannot be rendered.
        """
        with local_file(self.source, self.settings) as file:
            if file.sha256 != self.sha256:
                remedy = "read it again"
                raise SourceError("the file has changed since it was read", source=self.source.name, remedy=remedy)
            page, _ = _render(self.source, file, self.index, self.total, self.settings)
        if isinstance(page, PageFailure):
            raise page.error
        return page.picture


class _RenderTask:
    """A page that is being rendered in a thread of its own."""

    def __init__(self, reading: _SourceWalk, index: int) -> None:
        self._reading, self._index = reading, index
        self._process = os.getpid()
        self.future: Future[Page | PageFailure] = Future()
        self.future.set_running_or_notify_cancel()  # who waits for it in an event loop may go away, the thread goes on
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


class _SourceWalk:
    """One walk through a source."""

    def __init__(self, source: Source, settings: PageSettings) -> None:
        self._source, self._settings = source, settings
        self._kept = ExitStack()
        self._file: LocalFile | None = None
        self._total = 0
        self._rest: deque[int] = deque()
        self._ahead: deque[_RenderTask] = deque()
        self._lost = 0

    def open(self) -> None:
        if self._settings.pages is not None:
            parse_ranges(self._settings.pages)  # a slip of the pen costs no download
        self._file = self._kept.enter_context(local_file(self._source, self._settings))
        self._total = _count(self._source, self._file, self._settings)
        self._rest.extend(select_pages(self._settings.pages, self._total, source=self._source.name))

    def next(self) -> _RenderTask | None:
        """The next page, with the one after it begun."""
        eager = len(self._rest) > _FEW_PAGES or bool(self._ahead)
        while self._rest and len(self._ahead) < (2 if eager else 1):
            self._ahead.append(_RenderTask(self, self._rest.popleft()))
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
            return _failure(self._source, file, index, self._total, error)
        page, lost = _render(self._source, file, index, self._total, self._settings)
        self._lost = self._lost + 1 if lost else 0
        return page

    def close(self) -> None:
        self._rest.clear()
        self._ahead.clear()
        self._kept.close()


def _request(ask: str, file: LocalFile, settings: PageSettings) -> dict[str, Any]:
    return {
        "ask": ask,
        "path": str(file.path.absolute()),
        **settings.model_dump(include={"password", "max_memory_mb", "timeout_s", "dpi", "max_pixels", "upright"}),
    }


def _count(source: Source, file: LocalFile, settings: PageSettings) -> int:
    try:
        reply, _ = pool.ask(file.sha256, _request("open", file, settings), settings.timeout_s)
    except WorkerLostError as lost:
        file.check(source)
        raise SourceError(str(lost), source=source.name, remedy="the file may be damaged") from lost
    file.check(source, reply.get("state"))
    if "error" in reply:
        raise SourceError(reply["error"], source=source.name, remedy=reply["remedy"])
    return int(reply["total"])


def _render(
    source: Source, file: LocalFile, index: int, total: int, settings: PageSettings
) -> tuple[Page | PageFailure, bool]:
    """A page, or why there is none, and whether it cost a worker.

    Raises:
        ChangedSourceError: The file is another one now; whatever came of it is not taken.
    """
    request = {**_request("page", file, settings), "index": index}
    try:
        reply, pixels = pool.ask(file.sha256, request, settings.timeout_s)
    except WorkerLostError as lost:
        file.check(source)
        error = PageError(str(lost), source=source.name, page=index, remedy="the page may be damaged")
        return _failure(source, file, index, total, error), True
    file.check(source, reply.get("state"))
    if "error" in reply:
        error = PageError(reply["error"], source=source.name, page=index, remedy=reply["remedy"])
        return _failure(source, file, index, total, error), False
    return _page(source, file, index, total, settings, reply, pixels), False


def _failure(source: Source, file: LocalFile, index: int, total: int, error: PageError) -> PageFailure:
    return PageFailure(
        source=source.name, file_name=source.file_name, sha256=file.sha256, index=index, total=total, error=error
    )


def _page(
    source: Source,
    file: LocalFile,
    index: int,
    total: int,
    settings: PageSettings,
    reply: dict[str, Any],
    pixels: bytearray,
) -> Page:
    layer = TextLayer(
        tuple(map(_line, reply["lines"])),
        good=reply["good"],
        why=reply["why"],
        fonts=tuple(map(tuple, reply["fonts"])),
        watermarks=tuple(map(_line, reply["watermarks"])),
        comments=tuple(map(_line, reply["comments"])),
        pictures=tuple(Box(*box) for box in reply["pictures"]),
        unseen=reply["unseen"],
    )
    return Page(
        source=source.name,
        file_name=source.file_name,
        sha256=file.sha256,
        index=index,
        total=total,
        label=reply["label"],
        picture=picture_of(reply["size"], pixels),
        dpi=reply["dpi"],
        rotation=reply["rotation"],
        warp=Warp(**reply["warp"]) if reply["warp"] is not None else None,
        text_layer=layer,
        notes=tuple(reply["notes"]),
        blank=reply["blank"],
        view=SourceView(source, file.sha256, index, total, settings),
    )


def _line(packed: Sequence[Any]) -> Line:
    text, box, size, bold = packed
    return Line(text=text, box=Box(*box), size=size, bold=bold)


SourceEvent = Source | SourceError | Page | PageFailure
"""A file that begins, a page of it, or why the file gives none or no more."""


def walk_pages(sources: Iterable[Source | SourceError], settings: PageSettings | None = None) -> Iterator[SourceEvent]:
    """The pages of each source after the source itself; one that cannot be opened costs no other.

    Args:
        sources: As `try_sources` finds them.
        settings: How they are read; the defaults where `None`.
    """
    for source in sources:
        yield source
        if isinstance(source, SourceError):
            continue
        try:
            yield from iter_pages(source, settings)
        except SourceError as error:
            yield error


async def awalk_pages(
    sources: Iterable[Source | SourceError], settings: PageSettings | None = None
) -> AsyncIterator[SourceEvent]:
    """`walk_pages` that never blocks the event loop."""
    for source in sources:
        yield source
        if isinstance(source, SourceError):
            continue
        try:
            async for page in aiter_pages(source, settings):
                yield page
        except SourceError as error:
            yield error
