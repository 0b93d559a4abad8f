"""Server-sent events (SSE): what is done is sent at once, and while nothing is, a ping."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.service.problems import Problem, problem_of, unforeseen

_PING_S = 15.0
"""Proxies give a silent connection up after a minute."""
_GRACE_S = 2.0
"""So long a stream waits with its head: what is refused at once gets the status of HTTP that it should have."""

Told = Callable[[Problem], dict[str, Any]]
"""From a problem to the JSON object that tells it."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "data": {"type": "string", "description": "JSON, or `[DONE]`."}},
    "required": ["data"],
}
"""What OpenAPI is told of an event."""


def event(data: Any, name: str | None = None) -> bytes:
    """One event.

    Args:
        data: What is sent as JSON; a string is sent as it is, in one line.
        name: Of the event; `message` where `None`.
    """
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(text, event=name, sep="\n").encode()


def _record(problem: Problem) -> dict[str, Any]:
    return problem.record


class EventStream(EventSourceResponse):
    """An answer of events. What goes wrong once it has begun is its last event, named `error`."""

    @classmethod
    async def begin(
        cls, events: AsyncGenerator[bytes, None], *, ends: float, timeout_s: float, error: Told = _record
    ) -> EventStream:
        """Begin an answer.

        Args:
            events: As `event` makes them.
            ends: When they must have come, by the clock of the event loop.
            timeout_s: How long that was in the beginning, for the message.
            error: The form in which a problem is told once the answer has begun.

        Raises:
            HunyuanOCRError: Whatever goes wrong at once.
            Problem: As well.
        """
        first = asyncio.ensure_future(anext(events))
        try:
            left_s = ends - asyncio.get_running_loop().time()
            await asyncio.wait([first], timeout=max(0.0, min(_GRACE_S, left_s)))
            if first.done():
                first.result()
        except BaseException:
            await _ended(first)
            raise
        return cls(
            _told(_all(first, events), ends, timeout_s, error),
            sep="\n",
            ping=_PING_S,
            ping_message_factory=lambda: ServerSentEvent(comment="still here", sep="\n"),
            # How long a server that is told to end waits for its streams is its own setting.
            shutdown_grace_period=math.inf,
        )


async def _all(first: asyncio.Future[bytes], rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        yield await first
        async with aclosing(rest) as each:
            async for one in each:
                yield one
    finally:
        await _ended(first)


async def _ended(work: asyncio.Future[bytes]) -> None:
    """Give something up, and wait until it has noticed."""
    work.cancel()
    await asyncio.wait([work])


async def _told(
    events: AsyncGenerator[bytes, None], ends: float, timeout_s: float, error: Told
) -> AsyncGenerator[bytes, None]:
    """The events, and in the end what went wrong; runs in one task, so that it may hold a time limit."""
    try:
        async with asyncio.timeout_at(ends), aclosing(events) as each:
            async for one in each:
                yield one
    except HunyuanOCRError as exc:
        yield event(error(problem_of(exc)), "error")
    except Problem as problem:
        yield event(error(problem), "error")
    except TimeoutError:
        yield event(error(too_long(timeout_s)), "error")
    except Exception as exc:
        yield event(error(unforeseen(exc)), "error")


def too_long(timeout_s: float) -> Problem:
    """What is said where a request takes too long."""
    return Problem(504, f"this took longer than {timeout_s:g} s (ask for fewer pages, or make it a job)")
