"""Micro-batching: questions that come together, from whatever request, go to the engine in one call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.results import Generation

_COMPANY_S = 0.01
"""How long a question to an idle engine waits for company; a page takes at least ten times as long to read."""


@dataclass(eq=False)
class _Group:
    """The questions of one caller, which stay together."""

    requests: Sequence[Request]
    answers: asyncio.Future[list[Generation]]


class BatchingEngine(Engine):
    """An engine for many callers in one event loop, in front of another one.

    Questions wait in the order they come. While the engine works, they gather; when it has room for a batch, as many as
    it likes at once go in one call. Questions whose caller was cancelled are taken out, and a call whose callers are
    all gone is cancelled. What is asked from threads (`generate`, `submit`) goes straight to the engine.

    Args:
        inner: The engine that answers.
        on_batch: Told the size of each call.
    """

    def __init__(self, inner: Engine, *, on_batch: Callable[[int], None] | None = None) -> None:
        self.inner = inner
        # What others know an engine by belongs to its class.
        vars(self).update(name=inner.name, tasks=inner.tasks, prompted=inner.prompted, rereads=inner.rereads)
        self._on_batch = on_batch
        self._waiting: deque[_Group] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._sharers = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def model(self) -> str:
        """The model that answers."""
        return self.inner.model

    @property
    def revision(self) -> str:
        """Which state of the model."""
        return self.inner.revision

    @property
    def in_flight(self) -> int:
        """How many questions one reader may have under way: a fair share of what the engine takes at once."""
        return max(1, -(-self.inner.in_flight // max(1, self._sharers)))

    @property
    def waiting(self) -> int:
        """Questions that wait for the engine."""
        return sum(len(group.requests) for group in self._waiting if not group.answers.done())

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Be counted among those who read now."""
        self._sharers += 1
        try:
            yield
        finally:
            self._sharers -= 1

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer from the thread that asks."""
        return self.inner.generate(requests)

    def submit(self, requests: Sequence[Request]) -> Future[list[Generation]]:
        """Begin to answer, past the queue."""
        return self.inner.submit(requests)

    def stream(self, request: Request) -> Generator[str | Generation, None, None]:
        """The text of one answer as it comes, past the queue."""
        yield from self.inner.stream(request)

    async def astream(self, request: Request) -> AsyncGenerator[str | Generation, None]:
        """The text of one answer as it comes; an engine that does not write it piece by piece answers in a batch."""
        if type(self.inner).stream is Engine.stream:
            (answer,) = await self.agenerate([request])
            if answer.text:
                yield answer.text
            yield answer
            return
        pieces = self.inner.astream(request)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer with whatever else is asked at this time.

        Raises:
            EngineError: The engine cannot run at all.
        """
        loop = asyncio.get_running_loop()
        group = _Group(requests, loop.create_future())
        self._waiting.append(group)
        if self.waiting >= self.inner.batch_size:
            self._dispatch()
        elif self._timer is None:
            self._timer = loop.call_later(_COMPANY_S, self._dispatch)
        return await group.answers

    def close(self) -> None:
        """Give back what the engine holds."""
        self.inner.close()

    def _dispatch(self) -> None:
        """Send what the engine may get now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # With room for less than a batch, questions rather gather until the engine is free.
        while self.inner.in_flight - self._under_way >= self.inner.batch_size and (batch := self._next_batch()):
            size = sum(len(group.requests) for group in batch)
            self._under_way += size
            task = asyncio.ensure_future(self._run(batch, size))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            for group in batch:
                group.answers.add_done_callback(partial(_give_up, task, batch))

    def _next_batch(self) -> list[_Group]:
        batch: list[_Group] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0].requests) <= self.inner.batch_size):
            group = self._waiting.popleft()
            if not group.answers.done():
                batch.append(group)
                size += len(group.requests)
        return batch

    async def _run(self, batch: list[_Group], size: int) -> None:
        if self._on_batch is not None:
            self._on_batch(size)
        try:
            answers = iter(await self.inner.agenerate([request for group in batch for request in group.requests]))
        except Exception as exc:
            for group in batch:
                if not group.answers.done():
                    group.answers.set_exception(exc)
        else:
            for group in batch:
                own = [next(answers) for _ in group.requests]
                if not group.answers.done():
                    group.answers.set_result(own)
        finally:
            self._under_way -= size
            self._dispatch()


def _give_up(task: asyncio.Task[None], batch: Sequence[_Group], _: object) -> None:
    """Cancel a call that nobody waits for any more."""
    if all(group.answers.cancelled() for group in batch):
        task.cancel()
