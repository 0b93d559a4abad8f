"""Rate limits of callers, and of addresses that send wrong credentials."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.problems import Problem

_MOST_KNOWN = 10_000
_ONE_HOLDER_BITS = 64
"""Whoever has an address of IPv6 has all that begin like it."""


class FailedAttempts:
    """Who shows too many wrong credentials is not listened to for a while.

    A credential that was right before is still looked at, so that nobody shuts out those who share an address with
    them, be it that of a proxy.

    Args:
        rate: How many wrong ones an address may show.
    """

    def __init__(self, rate: str) -> None:
        self._rate = rate
        self._rates = RateLimiter()
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def check(self, host: str | None, credential: str) -> None:
        """Make sure that a credential is looked at.

        Raises:
            Problem: 429, where too many wrong ones came from there.
        """
        if _digest(credential) not in self._known:
            self._rates.check(self._rate, _holder(host), "credentials that are wrong")

    def wrong(self, host: str | None, credential: str) -> None:
        """Count a wrong one."""
        self._known.pop(_digest(credential), None)
        self._rates.hit(self._rate, _holder(host))

    def right(self, credential: str) -> None:
        """Know one that is right."""
        self._known[_digest(credential)] = None
        self._known.move_to_end(_digest(credential))
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


def _digest(credential: str) -> bytes:
    return hashlib.sha256(credential.encode("utf-8", "surrogatepass")).digest()


def _holder(host: str | None) -> str:
    try:
        address = ip_address((host or "").partition("%")[0])
    except ValueError:  # a test's client, or a socket of this machine
        return host or ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, _ONE_HOLDER_BITS), strict=False))
    return str(address)


class RateLimiter:
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
