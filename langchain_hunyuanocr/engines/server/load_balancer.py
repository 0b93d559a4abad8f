"""Load balancer: which endpoint is asked next, which is put aside, and when it is tried again."""

from __future__ import annotations

import asyncio
import math
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from langchain_hunyuanocr.engines.base import BASE_URL_VARIABLE
from langchain_hunyuanocr.errors import EngineError

_FIRST_REST_S = 0.5
_LONGEST_REST_S = 30.0
"""A server that restarts is found again within this time."""
_FIRST_CONTACT_S = 2.0
"""How long servers that never answered are waited for: most likely none was started."""
_FAILURES_IN_A_ROW = 3
"""So many faults without an answer between them are the server's, not one page's."""


@dataclass(eq=False)
class Endpoint:
    """A server, and what is known of it."""

    url: str
    under_way: int = 0
    """Requests that it has been sent and has not answered."""
    dead: bool = False
    """Whether the last connection to it failed."""
    died_at: float = -math.inf
    """When the last connection failed, on the clock of `LoadBalancer`."""
    rests_until: float = 0.0
    """When it may be asked again, on the same clock."""
    probed: bool = False
    """Whether one request is finding out if it is back."""
    rests: int = 0
    """How often in a row it was put aside."""
    failures: int = 0
    """Faults since it last answered well."""
    why: str = ""
    """What the last failed connection said."""
    model: str | None = None
    """Name that it gives the model."""
    context: int | None = None
    """Tokens that picture, prompt and answer may have together, where it says so."""
    maker: str = ""
    """Who wrote the server, where it says so: `llamacpp`, `vllm`, `sglang`."""
    unknown: set[str] = field(default_factory=set)
    """Settings of a request that it does not take."""
    introduction: asyncio.Lock = field(default_factory=asyncio.Lock)


class LoadBalancer:
    """Chooses among addresses; all methods are called from one event loop.

    Args:
        urls: The addresses, the preferred first.
        most_each: Most requests under way at one address.
        outage_s: How long a request waits where all addresses are dead.
        clock: Seconds that only grow.
        chance: A random number from 0 to 1, so that many clients do not come back at the same moment.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        most_each: int,
        outage_s: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.all = [Endpoint(url) for url in urls]
        self._most_each = most_each
        self._outage_s = outage_s
        self._clock = clock
        self._chance = chance
        self._down_since: float | None = None
        self._ever_answered = False
        self._waiting: set[asyncio.Future[None]] = set()

    def now(self) -> float:
        """The moment, on the clock of the addresses."""
        return self._clock()

    async def take(self, tried: Sequence[Endpoint] = (), since: float = -math.inf) -> Endpoint:
        """An address for one request, as `choose` says, when there is one; `give_back` it.

        Raises:
            EngineError: All addresses are dead, and have been for `outage_s`.
        """
        while True:
            chosen = self.choose(tried, since)
            if isinstance(chosen, Endpoint):
                chosen.under_way += 1
                chosen.probed = chosen.dead
                return chosen
            change = asyncio.get_running_loop().create_future()
            self._waiting.add(change)
            try:
                await asyncio.wait([change], timeout=chosen)
            finally:
                self._waiting.discard(change)

    def choose(self, tried: Sequence[Endpoint] = (), since: float = -math.inf) -> Endpoint | float | None:
        """The address with the fewest requests under way; the first of equals.

        One that was not tried yet goes before one that was, and one request finds out whether a dead address is back.

        Args:
            tried: Where the request has failed already, the last failure last.
            since: When the request began. Where all addresses are dead, one that died before is not taken for dead
                without another look.

        Returns:
            The address; or the seconds after which to ask again; or `None` where only a change helps.

        Raises:
            EngineError: All addresses are dead, and have been for `outage_s`.
        """
        now = self._clock()
        ready = [each for each in self.all if each.rests_until <= now and not each.probed]
        alive = [each for each in ready if not each.dead]
        wanted = (
            [each for each in alive if each not in tried] or [each for each in alive if each is not tried[-1]] or alive
        )
        back = [each for each in ready if each.dead and each not in tried] or [each for each in ready if each.dead]
        if not back and all(each.dead for each in self.all):
            back = [each for each in self.all if each.died_at < since and not each.probed]
        free = [each for each in wanted if each.under_way < self._most_each]
        if back and (not free or back[0] not in tried):
            return back[0]
        if free:
            return min(free, key=lambda each: each.under_way)
        return self._wait(now)

    def _wait(self, now: float) -> float | None:
        until = [each.rests_until for each in self.all if each.rests_until > now]
        if self._down_since is not None:
            patience = self._outage_s if self._ever_answered else min(self._outage_s, _FIRST_CONTACT_S)
            gives_up = self._down_since + patience
            if gives_up <= now and not any(each.probed for each in self.all):
                raise self._nobody()
            until.append(max(gives_up, now))
        if any(each.probed for each in self.all):
            # What the probe finds wakes all who wait.
            until = [moment for moment in until if moment > now]
        return min(until) - now if until else None

    def give_back(self, address: Endpoint) -> None:
        """Say that a request is no longer under way."""
        address.under_way -= 1
        address.probed = False
        self._wake()

    def answered(self, address: Endpoint) -> None:
        """Say that an address answered, and well."""
        address.dead = False
        address.failures = address.rests = 0
        self._ever_answered = True
        self._down_since = None
        self._wake()

    def failed(self, address: Endpoint, why: str, *, spoke: bool) -> None:
        """Say that an address failed a request; one that goes on failing rests while others do not.

        Args:
            address: Which.
            why: What happened.
            spoke: Whether it answered at all, if only to say that it failed.
        """
        if spoke:
            address.dead = False
            self._ever_answered = True
            self._down_since = None
        elif address.dead:
            if address.probed:
                self.unreachable(address, why)
            return
        address.failures += 1
        others = [each for each in self.all if each is not address and not each.dead]
        if address.failures >= _FAILURES_IN_A_ROW and any(each.rests_until <= self._clock() for each in others):
            address.failures = 0
            self.rest(address, self._longer_rest(address))

    def unreachable(self, address: Endpoint, why: str) -> None:
        """Say that there was no connection; the address is put aside, longer each time."""
        address.why = why
        # Several requests may find out at the same time; that is one failure.
        address.died_at = self._clock()
        if not address.dead or address.probed:
            address.dead = True
            self.rest(address, self._longer_rest(address))
        if self._down_since is None and all(each.dead for each in self.all):
            self._down_since = self._clock()

    def rest(self, address: Endpoint, seconds: float) -> None:
        """Leave an address alone for a while."""
        address.rests_until = max(address.rests_until, self._clock() + seconds)

    def has_another(self, tried: Sequence[Endpoint]) -> bool:
        """Whether an address is ready at which the request has not failed."""
        now = self._clock()
        return any(each not in tried and not each.dead and each.rests_until <= now for each in self.all)

    def _longer_rest(self, address: Endpoint) -> float:
        address.rests += 1
        longest = min(_FIRST_REST_S * 2.0 ** (address.rests - 1), _LONGEST_REST_S)
        return longest * (0.5 + self._chance() / 2)

    def _wake(self) -> None:
        for change in self._waiting:
            if not change.done():
                change.set_result(None)

    def _nobody(self) -> EngineError:
        start = f"start one with `hunyuanocr serve-model --run`, or mend {BASE_URL_VARIABLE}"
        if len(self.all) == 1:
            only = self.all[0]
            return EngineError(f"the server is not there: {only.why}", source=only.url, remedy=start)
        each = "; ".join(f"{address.url}: {address.why}" for address in self.all)
        return EngineError(f"none of the {len(self.all)} servers is there: {each}", remedy=start)


def addresses_from(base_url: str | Sequence[str] | None) -> tuple[str, ...]:
    """The addresses that a setting names, or the environment where it names none; each ends in a path, mostly `/v1`.

    Raises:
        EngineError: There is none, or one is no address.
    """
    named = base_url or os.environ.get(BASE_URL_VARIABLE) or ()
    several = named.split(",") if isinstance(named, str) else named
    urls = dict.fromkeys(_address(url.strip()) for url in several if url.strip())
    if not urls:
        raise EngineError("no server is named", remedy=f"pass base_url, or set {BASE_URL_VARIABLE}=http://host:8000/v1")
    return tuple(urls)


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise EngineError(f"{url!r} is not an address", remedy="write it like http://host:8000/v1")
    return url.rstrip("/") + ("" if parts.path.strip("/") else "/v1")
