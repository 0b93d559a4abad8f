"""Page reading for requests: what one wants to have read, and the pages that it gets."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import PageSettings, Source, count_pages
from langchain_hunyuanocr.pages.page_ranges import parse_ranges, select_pages
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.reader.sources import Read, aread_found, reads_as_film
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.service.cancellation import run_in_thread
from langchain_hunyuanocr.service.metrics import Metrics
from langchain_hunyuanocr.service.problems import Problem, problem_of
from langchain_hunyuanocr.tasks import Task, TaskKind
from langchain_hunyuanocr.video import FilmSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRequest(ReadSettings):
    """What a caller wants to have read, and how."""

    question: str | None = None
    """Asked of each page in place of a task."""
    pages: str | None = None
    """Which pages of each file, from 1."""
    password: str | None = field(default=None, repr=False)
    """Opens encrypted files."""
    step_s: float = FilmSettings().step_s
    """Seconds from one look at a film to the next."""

    def reader(self, engine: BatchingEngine) -> Reader:
        """Who reads like this.

        Raises:
            TaskError: The engine cannot do the task.
            FieldError: The fields make no sense.
            SourceError: `pages` is no choice of pages.
        """
        if self.pages is not None:
            parse_ranges(self.pages)
        if self.question is None:
            return Reader(engine, self)
        return Reader(engine, replace(self, task=Task(kind=TaskKind.QUESTION, question=self.question)))

    def as_json(self) -> str:
        """As a job keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> ReadRequest:
        """As a job kept it."""
        return cls(**json.loads(text))


async def open_sources(
    sources: Sequence[Source | SourceError], settings: PageSettings, *, most: int, reader: Reader | None = None
) -> tuple[list[Source | SourceError], int]:
    """Open every file once, before any page is read.

    Args:
        sources: The files.
        settings: How they are opened, and which pages are wanted.
        most: Most pages of all files together.
        reader: Who reads them; films that it reads have no pages yet, and are not opened.

    Returns:
        The files, an error in the place of each that cannot be opened, and how many pages are wanted.

    Raises:
        Problem: There are more pages.
    """
    opened: list[Source | SourceError] = []
    total = 0
    for source in sources:
        try:
            if isinstance(source, SourceError):
                raise source
            if reader is not None and reads_as_film(reader, source):
                opened.append(source)
                continue
            count = await run_in_thread(count_pages, source, settings)
            total += len(select_pages(settings.pages, count, source=source.name))
            opened.append(source)
        except SourceError as error:
            opened.append(error)
        if total > most:
            raise Problem(413, f"more than {most} pages were asked for at once (choose some with `pages`)")
    return opened, total


def require_readable(opened: Sequence[Source | SourceError]) -> None:
    """Make sure that there is something to read.

    Raises:
        Problem: No file could be opened.
    """
    errors = [one for one in opened if isinstance(one, SourceError)]
    if len(errors) == len(opened):
        raise problem_of(errors[0], failures=[failure_record(error) for error in errors])


async def read_sources(
    reader: Reader,
    engine: BatchingEngine,
    sources: Sequence[Source | SourceError],
    settings: PageSettings,
    *,
    step_s: float = FilmSettings().step_s,
    film_timeout_s: float = math.inf,
) -> AsyncGenerator[PageReading | SourceError, None]:
    """The pages of files in order; an error in the place of a file, or of its rest, that cannot be opened.

    Args:
        reader: Who reads.
        engine: What the reader asks.
        sources: The files; films among them give subtitles where that is the reader's task.
        settings: How files are opened.
        step_s: Seconds from one look at a film to the next.
        film_timeout_s: Longest that reading a film may take.

    Raises:
        EngineError: The engine cannot run at all.
    """
    film = FilmSettings(step_s=step_s)
    with engine.shared():
        for limited, some in groupby(sources, partial(reads_as_film, reader)):
            for batch in [[one] for one in some] if limited else [list(some)]:
                things = aread_found(reader, batch, settings, film)
                async with aclosing(_within(things, batch[0], film_timeout_s) if limited else things) as each:
                    async for thing in each:
                        if not isinstance(thing, Source):
                            yield thing


async def _within(
    things: AsyncGenerator[Read, None], film: Source | SourceError, timeout_s: float
) -> AsyncGenerator[Read, None]:
    """What is read of a film in time; whoever made it says how long it is, and may say anything."""
    ends = asyncio.get_running_loop().time() + timeout_s
    async with aclosing(things):
        while True:
            try:
                # Around each step alone: the steps of a stream are not all of one task.
                async with asyncio.timeout_at(ends):
                    thing = await anext(things)
            except StopAsyncIteration:
                return
            except TimeoutError:
                name = film.name if isinstance(film, Source) else film.source
                yield SourceError(f"the film was not read within {timeout_s:g} s", source=name)
                return
            yield thing


async def counted(
    things: AsyncGenerator[PageReading | SourceError, None], metrics: Metrics
) -> AsyncGenerator[PageReading | SourceError, None]:
    """The same, each page counted as it comes."""
    async with aclosing(things) as each:
        async for thing in each:
            if isinstance(thing, PageReading):
                metrics.page(thing)
            yield thing


def page_record(thing: PageReading | SourceError) -> dict[str, Any]:
    """A page as `hunyuanocr read --format json` prints it; a file that cannot be opened is failed as a whole."""
    if isinstance(thing, PageReading):
        return to_record(thing)
    return {**failure_record(thing), "status": "failed"}


def failure_record(error: SourceError) -> dict[str, Any]:
    """A file that cannot be opened, as it is listed."""
    return {"source": error.source, "page": error.page, "error": error.reason}


def all_failed(things: Sequence[PageReading | SourceError]) -> Problem | None:
    """The problem that it is where nothing at all could be read."""
    if any(isinstance(thing, PageReading) and not thing.failed for thing in things):
        return None
    errors = [
        thing
        if isinstance(thing, SourceError)
        else PageError(thing.error or "the page could not be read", source=thing.source, page=thing.page)
        for thing in things
    ]
    failures = [{"source": error.source, "page": error.page, "error": error.reason} for error in errors]
    return problem_of(errors[0], failures=failures) if errors else None
