"""Work in threads, which cannot be ended from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something in a thread, and stay until it has ended even when cancelled.

    So a client that comes and goes leaves no threads behind, nor anything that one would write later.
    """
    return await to_its_end(asyncio.to_thread(work, *args, **kwargs))


async def to_its_end(work: Awaitable[T]) -> T:
    """Do what works in threads inside, and stay until it has ended even when cancelled."""
    working = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        if not working.cancelled():
            working.exception()  # nobody asks for it any more
        raise
