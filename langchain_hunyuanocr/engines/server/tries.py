"""How often one request is tried, and when again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from langchain_hunyuanocr.engines.server.addresses import Address
from langchain_hunyuanocr.engines.server.faults import Fault, Kind, backoff_s

_SLOW_TRIES = 2
"""Tries of a page that gets no answer in time: a server may hang once, but a page that is too slow stays so."""


class UnansweredError(Exception):
    """A fault that does not pass."""

    def __init__(self, fault: Fault, address: Address) -> None:
        super().__init__(fault.reason)
        self.fault = fault
        self.address = address


@dataclass
class Tries:
    """What was tried for one request.

    Attributes:
        most: How often it may fail and be tried again.
        since: When the request began, on the clock of the addresses.
        chance: A random number from 0 to 1, which spreads the load of many clients.
        failed_at: Where it failed, in order.
    """

    most: int
    since: float = 0.0
    chance: Callable[[], float] = random.random
    failed_at: list[Address] = field(default_factory=list)
    _failures: int = 0
    _slow: int = 0

    def pause_s(self, fault: Fault, address: Address, has_another: bool) -> float | None:
        """Seconds before the next try; `None` where there is none.

        Args:
            fault: How the last try ended.
            address: Where.
            has_another: Whether another address is ready, besides those that failed.
        """
        if fault.kind is Kind.UNKNOWN_SETTING:
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
