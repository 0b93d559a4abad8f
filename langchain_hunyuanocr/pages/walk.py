"""The pages of many files in one stream, so that an engine can be at work on several files at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings
from langchain_hunyuanocr.pages.sources import Source
from langchain_hunyuanocr.pages.stream import aiter_pages, iter_pages

Walked = Source | SourceError | Page | PageFailure
"""A file that begins, a page of it, or why the file gives none or no more."""


def walk_pages(sources: Iterable[Source | SourceError], settings: PageSettings | None = None) -> Iterator[Walked]:
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
) -> AsyncIterator[Walked]:
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
