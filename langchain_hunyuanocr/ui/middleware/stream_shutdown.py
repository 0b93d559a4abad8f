"""Shutdown of streams: those of open windows, which last as long as the windows, end with the service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GONE: Message = {"type": "http.disconnect"}


class StreamShutdown:
    """Tells answers that go on and on that their client has left, once the service is told to end.

    Args:
        app: The page.
        ending: Set when the service is told to end.
    """

    def __init__(self, app: ASGIApp, ending: asyncio.Event) -> None:
        self._app = app
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the page does, but no longer than the service runs; uploads are waited for."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        unfinished = False

        async def watched(message: Message) -> None:
            nonlocal unfinished
            unfinished = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await self._app(scope, lambda: self._next(receive), watched)
        if unfinished:
            await send({"type": "http.response.body", "body": b""})

    async def _next(self, receive: Receive) -> Message:
        coming, end = asyncio.ensure_future(receive()), asyncio.ensure_future(self._ending.wait())
        try:
            await asyncio.wait((coming, end), return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else _GONE
        finally:
            coming.cancel()
            end.cancel()
