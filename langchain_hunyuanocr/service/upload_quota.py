"""Upload quota: what one caller sends and keeps never takes the place of all others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from langchain_hunyuanocr.service.problems import Problem

_MB = 1024 * 1024
_RETRY_S = 60


class UploadQuota:
    """Bytes of each caller: of bodies under way, and of files that are kept.

    Args:
        most_mb: Of one caller.
    """

    def __init__(self, most_mb: int) -> None:
        self._most_mb = most_mb
        self._under_way: Counter[str] = Counter()
        self._kept: list[Callable[[str], int]] = []

    def watch(self, kept: Callable[[str], int]) -> None:
        """Count what is kept somewhere: `kept` tells the bytes of a caller, by name; it is asked in a thread."""
        self._kept.append(kept)

    @asynccontextmanager
    async def taking(self, owner: str, size: int) -> AsyncIterator[None]:
        """Take a body, for as long as its request lasts.

        Args:
            owner: Name of the caller.
            size: Of the body, bytes.

        Raises:
            Problem: 429, with `Retry-After`, where the caller would have more than one may.
        """
        if size == 0:
            yield
            return
        self._under_way[owner] += size
        try:
            kept = await asyncio.to_thread(self._kept_bytes, owner)
            if self._under_way[owner] + kept > self._most_mb * _MB:
                raise Problem(
                    429,
                    f"your uploads would take more than {self._most_mb} MB (wait for your jobs, or delete some)",
                    headers={"Retry-After": str(_RETRY_S), "Connection": "close"},
                )
            yield
        finally:
            self._under_way[owner] -= size
            if not self._under_way[owner]:
                del self._under_way[owner]

    def _kept_bytes(self, owner: str) -> int:
        return sum(kept(owner) for kept in self._kept)
