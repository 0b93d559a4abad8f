"""Queueing: bounded request queues, which refuse with Retry-After when full."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal

from langchain_hunyuanocr.service.problems import Problem

_LONGEST_RETRY_S = 60


class RequestQueue:
    """Places for requests.

    Args:
        most: Requests that are here at the same time, waiting ones included.
        at_once: Requests that have their turn at the same time.
    """

    def __init__(self, most: int, at_once: int) -> None:
        self._most = most
        self._at_once = at_once
        self._turns = asyncio.Semaphore(at_once)
        self._turn_s = 1.0
        """Seconds that a turn took lately."""
        self.taken = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Be here.

        Raises:
            Problem: 503, with `Retry-After`, where all places are taken.
        """
        if self.taken >= self._most:
            raise self.full()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have a turn, in the order of asking."""
        async with self._turns:
            began = time.monotonic()
            yield
            self._turn_s += 0.2 * (time.monotonic() - began - self._turn_s)

    def full(self) -> Problem:
        """What is said to a request that there is no place or no time for."""
        return Problem(
            503,
            f"{self.taken} requests are waiting or being answered, no more are taken now (try again later)",
            headers={"Retry-After": str(self._retry_s)},
        )

    @property
    def _retry_s(self) -> int:
        """When half of those who are here should be done."""
        return min(max(1, math.ceil(self._turn_s * self.taken / self._at_once / 2)), _LONGEST_RETRY_S)


Queue = Literal["reading", "asking"]
