"""The door: no body is read before it is known who calls, whether they may, and that they do not ask too often."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.auth.caller import LOCAL, Caller, Scope
from langchain_hunyuanocr.service.auth.keys import PREFIX, KeyFile
from langchain_hunyuanocr.service.auth.tokens import Tokens
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Access

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Door:
    """Lets callers in.

    Without authentication only programs of this machine are callers: a web page that a browser here shows is not, be
    it by another origin or by a name that it has pointed at this machine (DNS rebinding).

    Args:
        access: How callers prove who they are.
        rate: How often a caller may ask that has no limit of its own.

    Raises:
        ServiceError: What `access` names cannot be used, or `rate` is not understood.
    """

    def __init__(self, access: Access, rate: str) -> None:
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self.closed = access.closed
        """Whether callers must prove who they are."""
        self._keys = KeyFile(access.keys) if access.keys is not None else None
        if self._keys is not None:
            self._keys.keys()
        tokens = any((access.jwt_secret, access.jwt_public_key, access.jwks_url))
        self._tokens = Tokens(access) if tokens else None
        self._rate = rate
        check_rate(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def enter(self, connection: HTTPConnection, scope: Scope) -> Caller:
        """Who calls.

        Raises:
            Problem: 401, 403 or 429.
        """
        caller = await self.caller(connection)
        self.check(caller, scope)
        return caller

    def check(self, caller: Caller, scope: Scope) -> None:
        """Make sure that a caller may do something, and does not ask too often.

        Raises:
            Problem: 403 or 429.
        """
        if not caller.may(scope):
            headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise Problem(403, f"this needs the scope {scope!r}", headers=headers)
        if self.closed:
            self._count(caller)

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Who calls, whatever they may do.

        Raises:
            Problem: 401; or 403, for a web page that has no business here.
        """
        if not self.closed:
            _refuse_strangers(connection)
            return LOCAL
        credential = _credential(connection)
        if credential is None:
            raise Problem(
                401,
                "this service asks who you are (send an API key or a token as Authorization: Bearer ...)",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return await self.known(credential)

    async def known(self, credential: str) -> Caller:
        """Whom a key or a token stands for.

        Raises:
            Problem: 401.
        """
        found: Caller | str = "the token is not valid"
        if credential.startswith(PREFIX):
            found = self._keys.caller(credential) if self._keys is not None else "the API key is not known"
        elif self._tokens is not None:
            found = await asyncio.to_thread(self._tokens.caller, credential)
        if isinstance(found, str):
            raise Problem(401, found, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return found

    def _count(self, caller: Caller) -> None:
        from limits import parse

        limit = parse(caller.rate or self._rate)
        if not self._limiter.hit(limit, caller.name):
            wait = max(1, int(self._limiter.get_window_stats(limit, caller.name).reset_time - time.time()) + 1)
            raise Problem(429, f"more than {limit} were asked for", headers={"Retry-After": str(wait)})


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


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host of this name."""
    return host.strip("[]").lower() in _LOOPBACK


def _credential(connection: HTTPConnection) -> str | None:
    kind, _, value = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return connection.headers.get("x-api-key") or None


def _refuse_strangers(connection: HTTPConnection) -> None:
    host = connection.headers.get("host", "")
    if not is_loopback(_name(f"//{host}")):
        raise Problem(403, "without authentication this service answers only to 127.0.0.1 and localhost")
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise Problem(403, "without authentication this service answers no other web page")


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
