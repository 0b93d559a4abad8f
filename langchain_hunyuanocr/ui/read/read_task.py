"""Read task: a session's files are read in the service's queue, within its bounds, and free to be stopped."""

from __future__ import annotations

from contextlib import aclosing

from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.page_reading import ReadRequest, counted, open_sources, read_sources
from langchain_hunyuanocr.ui.sessions.cancellable_task import CancellableTask
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession


class ReadTask(CancellableTask):
    """Reads the files of a session; its own stages are `opening` and `reading`.

    Args:
        service: Whose engine reads.
        session: Gets the pages.
        wish: How they are read.
    """

    def __init__(self, service: Service, session: WindowSession, wish: ReadRequest) -> None:
        super().__init__(service.bounds.timeout_s)
        self._service = service
        self._session = session
        self._wish = wish

    async def _do(self) -> None:
        service, session = self._service, self._session
        reader = self._wish.reader(service.engine)
        session.settings = service.bounds.page_settings(pages=self._wish.pages, password=self._wish.password)
        queue = service.queue("reading")
        with queue.slot():
            async with queue.running():
                self._tell("opening")
                sources, session.total = await open_sources(
                    session.sources, session.settings, most=service.bounds.max_pages
                )
                self._tell("reading")
                pages = read_sources(reader, service.engine, sources, session.settings)
                async with aclosing(counted(pages, service.metrics)) as things:
                    async for thing in things:
                        session.things.append(thing)
                        self._tell("reading")
