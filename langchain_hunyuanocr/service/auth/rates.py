"""How often something may be done, as the package `limits` writes it: `60/minute`."""

from __future__ import annotations

import time

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.problems import Problem


class Rates:
    """Counts by names, in the memory of this process."""

    def __init__(self) -> None:
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, rate: str, name: str) -> bool:
        """Count one; whether it is within the rate."""
        from limits import parse

        return self._limiter.hit(parse(rate), name)

    def check(self, rate: str, name: str, what: str) -> None:
        """Make sure that another one is within the rate.

        Raises:
            Problem: 429, with `Retry-After`, where it is not.
        """
        from limits import parse

        if not self._limiter.test(parse(rate), name):
            raise self.exceeded(rate, name, what)

    def exceeded(self, rate: str, name: str, what: str) -> Problem:
        """What is said to whoever comes too often."""
        from limits import parse

        limit = parse(rate)
        wait = max(1, int(self._limiter.get_window_stats(limit, name).reset_time - time.time()) + 1)
        return Problem(429, f"more than {limit} {what}", headers={"Retry-After": str(wait)})


def check_rate(rate: str) -> None:
    """Make sure that a rate is understood.

    Raises:
        ServiceError: It is not.
    """
    from limits import parse

    try:
        parse(rate)
    except ValueError as exc:
        raise ServiceError(f"{rate!r} is no rate", remedy="write it as 60/minute or 1000/hour") from exc
