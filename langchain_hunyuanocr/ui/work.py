"""The reading of a desk's files: in the service's queue, within its bounds, and free to be stopped."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path

from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.reading import Wish, pages_within, read_sources
from langchain_hunyuanocr.service.service import Service
from langchain_hunyuanocr.service.uploads import shown_name
from langchain_hunyuanocr.ui.desks import Desk
from langchain_hunyuanocr.ui.errand import Errand


class Work(Errand):
    """Reads the files of a desk; its own stages are `opening` and `reading`.

    Args:
        service: Whose engine reads.
        desk: Gets the pages.
        wish: How they are read.
    """

    def __init__(self, service: Service, desk: Desk, wish: Wish) -> None:
        super().__init__(service.bounds.timeout_s)
        self._service = service
        self._desk = desk
        self._wish = wish

    async def _do(self) -> None:
        service, desk = self._service, self._desk
        reader = self._wish.reader(service.engine)
        desk.settings = service.bounds.page_settings(pages=self._wish.pages, password=self._wish.password)
        places = service.places("reading")
        with places.place():
            self._tell("waiting")
            async with places.turn():
                self._tell("opening")
                sources, desk.total = await pages_within(desk.sources, desk.settings, most=service.bounds.max_pages)
                self._tell("reading")
                async with aclosing(read_sources(reader, service.engine, sources, desk.settings)) as things:
                    async for thing in things:
                        if isinstance(thing, PageReading):
                            service.metrics.page(thing)
                        desk.things.append(thing)
                        self._tell("reading")


async def take_files(desk: Desk, paths: Iterable[Path], *, most: int) -> None:
    """Move uploads to a desk, in place of what was there.

    Args:
        desk: Gets them.
        paths: Where the uploads lie.
        most: Most files at once.

    Raises:
        Problem: There are too many.
    """
    found = list(paths)
    if len(found) > most:
        raise Problem(413, f"more than {most} files were sent (send fewer at once)")
    await desk.clear()
    taken: set[str] = set()
    for number, path in enumerate(found):
        kept = desk.folder / str(number)
        await asyncio.to_thread(shutil.move, path, kept)
        name = _free_name(shown_name(path.name), taken)
        desk.sources.append(Source(name=name, path=kept))


def _free_name(name: str, taken: set[str]) -> str:
    """A name that no other file of the desk has."""
    free, number = name, 2
    while free in taken:
        stem, dot, end = name.rpartition(".")
        free, number = f"{stem if dot else name} ({number}){dot}{end if dot else ''}", number + 1
    taken.add(free)
    return free
