"""The reading of a desk's files: in the service's queue, within its bounds, and free to be stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.events import too_long
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.reading import Wish, pages_within, read_sources
from langchain_hunyuanocr.service.service import Service
from langchain_hunyuanocr.ui.desks import Desk

_log = logging.getLogger(__name__)


class Work:
    """Reads the files of a desk.

    Args:
        service: Whose engine reads.
        desk: Gets the pages.
        wish: How they are read.
    """

    def __init__(self, service: Service, desk: Desk, wish: Wish) -> None:
        self._service = service
        self._desk = desk
        self._wish = wish
        self._news = asyncio.Event()
        self.stage = "waiting"
        """`waiting` for a place, `opening`, `reading`, `done`, `cancelled` or `stopped`."""
        self.problem = ""
        """Why it stopped, in one line."""

    @property
    def ended(self) -> bool:
        """Whether no more pages will come."""
        return self.stage in ("done", "cancelled", "stopped")

    def begin(self) -> None:
        """Read, while the caller goes on."""
        self._desk.work = asyncio.ensure_future(self._run())

    async def news(self) -> AsyncIterator[None]:
        """Comes back whenever something has changed, last when the work has ended."""
        while not self.ended:
            await self._news.wait()
            self._news.clear()
            yield

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._service.bounds.timeout_s):
                await self._read()
            self._tell("done")
        except asyncio.CancelledError:
            self._tell("cancelled")
        except TimeoutError:
            self._stop(too_long(self._service.bounds.timeout_s).detail)
        except Problem as problem:
            self._stop(problem.detail)
        except HunyuanOCRError as error:
            self._stop(str(error))
        except Exception as exc:
            _log.error("a reading failed: %s", type(exc).__name__)
            self._stop("the service failed; its log says where")

    async def _read(self) -> None:
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

    def _stop(self, why: str) -> None:
        self.problem = why
        self._tell("stopped")

    def _tell(self, stage: str) -> None:
        self.stage = stage
        self._news.set()
