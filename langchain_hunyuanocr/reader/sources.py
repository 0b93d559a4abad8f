"""Sources of every kind in one stream: pages are read as ever, films frame by frame and merged to subtitles."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import SUFFIXES, PageSettings, Source, try_sources
from langchain_hunyuanocr.pages.rendering import SourceEvent, awalk_pages, walk_pages
from langchain_hunyuanocr.pages.sources import FILM_SUFFIXES, is_film
from langchain_hunyuanocr.reader.reader import Reader
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.tasks import TaskKind
from langchain_hunyuanocr.video.frames import FilmFrames
from langchain_hunyuanocr.video.settings import FilmSettings
from langchain_hunyuanocr.video.subtitle_merging import SubtitleMerger

Read = PageReading | Source | SourceError
"""A source that begins, a page or a subtitle of it, or why it gives none or no more."""


def read_sources(
    reader: Reader, inputs: Any, pages: PageSettings | None = None, film: FilmSettings | None = None
) -> Iterator[Read]:
    """Read whatever a caller names, in order, each source before what is read from it.

    Films are read where the reader's task is `subtitle`: each subtitle is a reading with `start_s` and `end_s`, its
    `page` its number in the film from 0, its boxes in shares of the region of the frame. Memory does not grow with the
    film's length.

    Args:
        reader: Reads the pages and the frames.
        inputs: What `find_sources` takes.
        pages: How files are opened; the defaults where `None`.
        film: How films are looked at; the defaults where `None`.

    Raises:
        EngineError: The engine cannot run at all; what came before has been yielded.
    """
    films = _Films(reader, pages, film)
    for thing in reader.read_walk(films.walk(_find(reader, inputs))):
        yield from films.take(thing)
    yield from films.end()


def aread_sources(
    reader: Reader, inputs: Any, pages: PageSettings | None = None, film: FilmSettings | None = None
) -> AsyncGenerator[Read, None]:
    """`read_sources`, without blocking the event loop."""
    return aread_found(reader, _find(reader, inputs), pages, film)


async def aread_found(
    reader: Reader,
    sources: Iterable[Source | SourceError],
    pages: PageSettings | None = None,
    film: FilmSettings | None = None,
) -> AsyncGenerator[Read, None]:
    """`aread_sources` of sources that are found already: each is read, and an error keeps its place."""
    films = _Films(reader, pages, film)
    async with aclosing(reader.aread_walk(films.awalk(sources))) as things:
        async for thing in things:
            for read in films.take(thing):
                yield read
    for read in films.end():
        yield read


def reads_as_film(reader: Reader, source: Source | SourceError) -> bool:
    """Whether a source is read frame by frame."""
    return _wants_films(reader) and isinstance(source, Source) and is_film(source)


def _wants_films(reader: Reader) -> bool:
    return reader.task.kind is TaskKind.SUBTITLE


def _find(reader: Reader, inputs: Any) -> Iterator[Source | SourceError]:
    return try_sources(inputs, suffixes=SUFFIXES | FILM_SUFFIXES if _wants_films(reader) else SUFFIXES)


class _Films:
    """One run: knows which of the sources under way are films."""

    def __init__(self, reader: Reader, pages: PageSettings | None, film: FilmSettings | None) -> None:
        self._reader = reader
        self._pages, self._film = pages or PageSettings(), film or FilmSettings()
        self._begun: deque[FilmFrames] = deque()
        self._frames: FilmFrames | None = None
        self._merger: SubtitleMerger | None = None

    def walk(self, sources: Iterable[Source | SourceError]) -> Iterator[SourceEvent]:
        for source in sources:
            if (frames := self._film_of(source)) is None:
                yield from walk_pages([source], self._pages)
                continue
            yield frames.source
            try:
                yield from frames
            except SourceError as error:
                yield error

    async def awalk(self, sources: Iterable[Source | SourceError]) -> AsyncIterator[SourceEvent]:
        for source in sources:
            if (frames := self._film_of(source)) is None:
                async for thing in awalk_pages([source], self._pages):
                    yield thing
                continue
            yield frames.source
            walk = iter(frames)
            try:
                while (page := await asyncio.to_thread(next, walk, None)) is not None:
                    yield page
            except SourceError as error:
                yield error

    def take(self, thing: Read) -> Iterator[Read]:
        """What comes of the next thing that the reader gives."""
        if isinstance(thing, PageReading) and self._merger is not None:
            yield from self._merger.take(thing)
            return
        if not isinstance(thing, PageReading):
            yield from self.end()
            if isinstance(thing, Source) and self._begun and thing is self._begun[0].source:
                self._frames, self._merger = self._begun.popleft(), SubtitleMerger(self._film.step_s)
        yield thing

    def end(self) -> Iterator[Read]:
        """What is left of the film that was read last."""
        frames, merger = self._frames, self._merger
        self._frames = self._merger = None
        if frames is not None and merger is not None:
            yield from merger.end(frames.end_s)

    def _film_of(self, source: Source | SourceError) -> FilmFrames | None:
        if not isinstance(source, Source) or not reads_as_film(self._reader, source):
            return None
        self._begun.append(FilmFrames(source, self._pages, self._film))
        return self._begun[-1]
