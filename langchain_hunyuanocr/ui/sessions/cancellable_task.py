"""Cancellable task: done for a session while the page shows how far it is."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.service.problems import Problem, detail_of, unforeseen
from langchain_hunyuanocr.service.sse import too_long


class CancellableTask(ABC):
    """What is done, and how far it is.

    Args:
        timeout_s: Longest that it may take.

    Attributes:
        stage: `waiting` for a place, one of its own, `cancelling`, `done`, `cancelled` or `stopped`.
        problem: Why it stopped, in one line.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._news = asyncio.Event()
        self.stage = "waiting"
        self.problem = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in ("done", "cancelled", "stopped")

    async def news(self) -> AsyncIterator[None]:
        """Comes back whenever something has changed, last when it has ended."""
        ended = False
        while not ended:
            await self._news.wait()
            self._news.clear()
            # It may end while the caller is busy with what came before: that is news, too.
            ended = self.ended
            yield

    def begin(self) -> None:
        """Do it, while the caller goes on."""
        self._task = asyncio.ensure_future(self._run())
        self._task.add_done_callback(self._done)

    async def cancel(self) -> None:
        """Stop it, and wait until it has stopped: what works in a thread goes on to its end."""
        if self._task is None or self._task.done():
            return
        self._tell("cancelling")
        self._task.cancel()
        await asyncio.wait([self._task])

    @abstractmethod
    async def _do(self) -> None:
        """What is to be done; tells of each step."""

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._do()
            self._tell("done")
        except asyncio.CancelledError:
            self._tell("cancelled")
        except TimeoutError:
            self._stop(too_long(self._timeout_s).detail)
        except Problem as problem:
            self._stop(problem.detail)
        except HunyuanOCRError as error:
            self._stop(detail_of(error))
        except Exception as exc:
            self._stop(unforeseen(exc).detail)

    def _done(self, _: asyncio.Task[None]) -> None:
        if not self.ended:  # it was cancelled before it began
            self._tell("cancelled")

    def _stop(self, why: str) -> None:
        self.problem = why
        self._tell("stopped")

    def _tell(self, stage: str) -> None:
        self.stage = stage
        self._news.set()
