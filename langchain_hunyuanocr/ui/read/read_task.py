"""Read task: a session's files are read in the service's queue, within its bounds, and free to be stopped."""

from __future__ import annotations

from contextlib import aclosing

from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.page_reading import ReadRequest, counted, open_sources, read_sources
from langchain_hunyuanocr.ui.sessions.cancellable_task import Errand
from langchain_hunyuanocr.ui.sessions.window_sessions import Desk


class Work(Errand):
    """Reads the files of a desk; its own stages are `opening` and `reading`.

    Args:
        service: Whose engine reads.
        desk: Gets the pages.
        wish: How they are read.
    """

    def __init__(self, service: Service, desk: Desk, wish: ReadRequest) -> None:
        super().__init__(service.bounds.timeout_s)
        self._service = service
        self._desk = desk
        self._wish = wish

    async def _do(self) -> None:
        service, desk = self._service, self._desk
        reader = self._wish.reader(service.engine)
        desk.settings = service.bounds.page_settings(pages=self._wish.pages, password=self._wish.password)
        queue = service.queue("reading")
        with queue.slot():
            async with queue.running():
                self._tell("opening")
                sources, desk.total = await open_sources(desk.sources, desk.settings, most=service.bounds.max_pages)
                self._tell("reading")
                pages = read_sources(reader, service.engine, sources, desk.settings)
                async with aclosing(counted(pages, service.metrics)) as things:
                    async for thing in things:
                        desk.things.append(thing)
                        self._tell("reading")
