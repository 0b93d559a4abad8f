"""An event loop on a thread of its own, so that callers with and without a loop share one set of connections."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_STOPPING_S = 5.0
"""Longest wait for what still runs when the loop is stopped."""


class LoopThread:
    """Runs coroutines for any thread or event loop that asks; the thread starts with the first of them.

    Connections belong to the event loop that opened them, and a limit on requests under way holds for all callers
    together only where all requests run in one place.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: weakref.finalize[Any, LoopThread] | None = None

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work`; cancelling the future cancels it."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_run, args=(self._loop,), name=self._name, daemon=True)
                thread.start()
                # The thread must not hold what holds it: where this object is dropped, the loop ends.
                self._end = weakref.finalize(self, _stop, self._loop, thread)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        # Whoever waits for the future need not hold on to what began it.
        future.add_done_callback(lambda _: self)
        return future

    @property
    def running(self) -> bool:
        """Whether anything was ever begun, and the loop not stopped since."""
        return self._loop is not None

    def stop(self) -> None:
        """Cancel what runs and end the thread; the next `begin` starts anew."""
        with self._lock:
            end, self._end, self._loop = self._end, None, None
        if end is not None:
            end()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        rest = asyncio.all_tasks(loop)
        for task in rest:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if thread.is_alive() and not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
        # The last reference to an engine may be dropped on the loop's own thread.
        if thread is not threading.current_thread():
            thread.join(_STOPPING_S)
