"""Page reading for requests: what one wants to have read, and the pages that it gets."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import PageSettings, Source, count_pages
from langchain_hunyuanocr.pages.page_ranges import parse_ranges, select_pages
from langchain_hunyuanocr.pages.rendering import awalk_pages
from langchain_hunyuanocr.pages.sources import is_film
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.reader.sources import Read, aread_sources
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.service.cancellation import run_in_thread
from langchain_hunyuanocr.service.metrics import Metrics
from langchain_hunyuanocr.service.problems import Problem, problem_of
from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind
from langchain_hunyuanocr.video import FilmSettings


class ReadRequest(BaseModel):
    """How pages are to be read.

    Attributes:
        task: What each page is asked.
        question: Asked of each page in place of a task.
        fields: Values to find on each page.
        preset: A ready set of fields instead.
        pages: Which pages of each file, from 1.
        password: Opens encrypted files.
        force_ocr: Whether a PDF's own text is left aside.
        verify: How a second reader checks a language model.
        ground: Whether what a language model reads gets its boxes.
        step_s: Seconds from one look at a film to the next.
        language: Of the prompts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = TaskKind.DOCUMENT.value
    question: str | None = None
    fields: tuple[str, ...] = ()
    preset: str | None = None
    pages: str | None = None
    password: str | None = None
    force_ocr: bool = False
    verify: Verify | None = None
    ground: bool = False
    step_s: float = FilmSettings().step_s
    language: PromptLanguage = "zh"

    def reader(self, engine: BatchingEngine) -> Reader:
        """Who reads like this.

        Raises:
            TaskError: The engine cannot do the task.
            FieldError: The fields make no sense.
            SourceError: `pages` is no choice of pages.
        """
        if self.pages is not None:
            parse_ranges(self.pages)
        task = self.task if self.question is None else Task(kind=TaskKind.QUESTION, question=self.question)
        return Reader(
            engine,
            task=task,
            fields=list(self.fields) or None,
            preset=self.preset,
            force_ocr=self.force_ocr,
            verify=self.verify,
            ground=self.ground,
            language=self.language,
        )


def reads_as_film(reader: Reader, source: Source | SourceError) -> bool:
    """Whether a source is read frame by frame."""
    return reader.task.kind is TaskKind.SUBTITLE and isinstance(source, Source) and is_film(source)


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
    with engine.shared():
        for are_films, some in groupby(sources, partial(reads_as_film, reader)):
            if not are_films:
                async with aclosing(reader.aread_walk(awalk_pages(list(some), settings))) as things:
                    async for thing in things:
                        if not isinstance(thing, Source):
                            yield thing
                continue
            for film in some:
                subtitles = aread_sources(reader, film, settings, FilmSettings(step_s=step_s))
                async for thing in _within(subtitles, film, film_timeout_s):
                    yield thing


async def _within(
    things: AsyncGenerator[Read, None], film: Source | SourceError, timeout_s: float
) -> AsyncGenerator[PageReading | SourceError, None]:
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
            if not isinstance(thing, Source):
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
