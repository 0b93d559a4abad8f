"""Retry and time limits: how often a page is tried, and how long its answer may take."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from langchain_hunyuanocr.engines.server.faults import Fault, Kind, backoff_s
from langchain_hunyuanocr.engines.server.load_balancer import Endpoint


class AnswerTimeout:
    """Time limits of the pages under way at one address.

    A page has so many seconds until the first word of its answer, and so many again for the rest. One that waits
    behind others, as at a server on a CPU, has its seconds anew whenever a page is done, as often as there can be
    others before it; no more often, so that a page which the server forgot does not wait as long as others come.

    Which pages are before it cannot be told from here: requests overtake each other on the way, and a server takes
    them in an order of its own. So all others that may be under way count, whether they were sent before it or after.

    Args:
        seconds: The limit.
        most: Most pages under way at once.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._others = most - 1
        self._waiting: dict[asyncio.Timeout, int] = {}
        """Those whose answer has not begun, and how many pages may still be before each."""

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[asyncio.Timeout]:
        """Hold the limit over one try; say `spoke` when the answer begins.

        Raises:
            TimeoutError: The time is over.
        """
        async with asyncio.timeout(self._seconds) as timeout:
            self._waiting[timeout] = self._others
            try:
                yield timeout
                self._done()
            finally:
                self._waiting.pop(timeout, None)

    def spoke(self, timeout: asyncio.Timeout) -> None:
        """Say that the answer of a page began."""
        if self._waiting.pop(timeout, None) is not None:
            self._restart(timeout)

    def _done(self) -> None:
        for timeout, ahead in self._waiting.items():
            if ahead:
                self._waiting[timeout] = ahead - 1
                self._restart(timeout)

    def _restart(self, timeout: asyncio.Timeout) -> None:
        # One that has struck already cannot be put off.
        if not timeout.expired():
            timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)


_SLOW_TRIES = 2
"""Tries of a page that gets no answer in time: a server may hang once, but a page that is too slow stays so."""


class UnansweredError(Exception):
    """A fault that does not pass."""

    def __init__(self, fault: Fault, address: Endpoint) -> None:
        super().__init__(fault.reason)
        self.fault = fault
        self.address = address


@dataclass
class RetryState:
    """What was tried for one request.

    Attributes:
        most: How often it may fail and be tried again.
        since: When the request began, on the clock of the addresses.
        chance: A random number from 0 to 1, which spreads the load of many clients.
        failed_at: Where it failed, in order.
        shortened_at: Where a shorter answer was called for.
    """

    most: int
    since: float = 0.0
    chance: Callable[[], float] = random.random
    failed_at: list[Endpoint] = field(default_factory=list)
    shortened_at: list[Endpoint] = field(default_factory=list)
    _failures: int = 0
    _slow: int = 0

    def pause_s(self, fault: Fault, address: Endpoint, has_another: bool) -> float | None:
        """Seconds before the next try; `None` where there is none.

        Args:
            fault: How the last try ended.
            address: Where.
            has_another: Whether another address is ready, besides those that failed.
        """
        if fault.kind is Kind.UNKNOWN_SETTING:
            return 0.0
        if fault.kind is Kind.ANSWER_TOO_LONG and address not in self.shortened_at:
            # What it said of its context is kept, and the next try goes by it.
            self.shortened_at.append(address)
            return 0.0
        if fault.kind not in (Kind.UNREACHABLE, Kind.BUSY, Kind.FAILED, Kind.SLOW):
            return None
        self.failed_at.append(address)
        if fault.kind is Kind.UNREACHABLE:
            # Not counted: the address is put aside, and an outage has its own limit, in seconds.
            return 0.0
        self._failures += 1
        self._slow += fault.kind is Kind.SLOW
        if self._failures > self.most or self._slow >= _SLOW_TRIES:
            return None
        if fault.wait_s is not None or has_another:
            # The address rests as long as it asked for, or another is free.
            return 0.0
        return backoff_s(self._failures, self.chance())
