"""How long a page may take, on a server that answers one page after the other as on one that answers all at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Limit:
    """Time limits of the pages under way at one address.

    A page has so many seconds until the first word of its answer, and so many again for the rest. One that waits
    behind others, as at a server on a CPU, has its seconds anew whenever a page is done, as often as pages were before
    it; no more often, so that a page which the server forgot does not wait as long as others come.

    Args:
        seconds: The limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: dict[asyncio.Timeout, int] = {}
        """Those whose answer has not begun, and how many pages are still before each."""
        self._under_way = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[asyncio.Timeout]:
        """Hold the limit over one try; say `spoke` when the answer begins.

        Raises:
            TimeoutError: The time is over.
        """
        async with asyncio.timeout(self._seconds) as timeout:
            self._waiting[timeout] = self._under_way
            self._under_way += 1
            try:
                yield timeout
                self._done()
            finally:
                self._under_way -= 1
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
