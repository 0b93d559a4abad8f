"""Cancellation: what is done for a client ends when it disconnects; threads cannot be ended, and are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something in a thread, and stay until it has ended even when cancelled.

    So a client that comes and goes leaves no threads behind, nor anything that one would write later.
    """
    return await shielded(asyncio.to_thread(work, *args, **kwargs))


async def shielded(work: Awaitable[T]) -> T:
    """Do what works in threads inside, and stay until it has ended even when cancelled."""
    working = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()  # nobody asks for it any more
        raise


async def cancel_on_disconnect(app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, patience_s: float) -> None:
    """Answer a request; once its body has come, the client's going away cancels what is done for it.

    Args:
        app: Answers it.
        scope: As ASGI has it.
        receive: As ASGI has it.
        send: As ASGI has it.
        patience_s: A client that does not take the next piece of its answer for so long counts as gone.
    """
    visit = _Visit(receive, send, patience_s)
    work = asyncio.ensure_future(_coroutine(app(scope, visit.receive, visit.send)))
    visit.on_gone = work.cancel
    try:
        await work
    except asyncio.CancelledError:
        if not visit.gone.is_set():
            raise
    finally:
        visit.end()
        work.cancel()


async def _coroutine(answer: Awaitable[None]) -> None:
    await answer


class _Visit:
    """Listens for the client's going away as soon as nobody else must listen for the body."""

    def __init__(self, receive: Receive, send: Send, patience_s: float) -> None:
        self._receive = receive
        self._send = send
        self._patience_s = patience_s
        self._watch: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        self.on_gone: Callable[[], object] = lambda: None

    async def receive(self) -> Message:
        if self._watch is not None:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._watch = asyncio.ensure_future(self._listen())
        elif message["type"] == "http.disconnect":
            self._leave()
        return message

    async def send(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._send(message)
        except TimeoutError:
            self._leave()
            await asyncio.get_running_loop().create_future()  # which ends when the work is cancelled

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        self.gone.set()
        self.on_gone()

    def end(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
