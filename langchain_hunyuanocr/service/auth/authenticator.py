"""Authentication: no body is read before it is known who calls, whether they may, and how often they ask."""

from __future__ import annotations

import asyncio
import logging
import re

from starlette.requests import HTTPConnection

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.auth.api_keys import PREFIX, ApiKeyFile
from langchain_hunyuanocr.service.auth.caller import LOCAL, Caller, Scope
from langchain_hunyuanocr.service.auth.jwt_tokens import TokenVerifier
from langchain_hunyuanocr.service.auth.rate_limit import FailedAttempts, RateLimiter, check_rate
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Access

_log = logging.getLogger(__name__)

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
"""The names of this machine as a header `Host` has them, to the last character."""


class Authenticator:
    """Lets callers in.

    Without authentication only programs of this machine are callers: a web page that a browser here shows is not, be
    it by another origin or by a name that it has pointed at this machine (DNS rebinding).

    Args:
        access: How callers prove who they are.
        rate: How often a caller may ask that has no limit of its own.
        wrong_rate: How often an address may show a credential that is wrong.

    Raises:
        ServiceError: What `access` names cannot be used, or a rate is not understood.
    """

    def __init__(self, access: Access, rate: str, wrong_rate: str = "30/minute") -> None:
        self.closed = access.closed
        """Whether callers must prove who they are."""
        self._keys = ApiKeyFile(access.keys) if access.keys is not None else None
        if self._keys is not None:
            self._keys.keys()
        tokens = any(one is not None for one in (access.jwt_secret, access.jwt_public_key, access.jwks_url))
        self._tokens = TokenVerifier(access) if tokens else None
        for one in (rate, wrong_rate):
            check_rate(one)
        self._rate = rate
        self._rates = RateLimiter()
        self._attempts = FailedAttempts(wrong_rate)

    async def authorize(self, connection: HTTPConnection, scope: Scope) -> Caller:
        """Who calls.

        Raises:
            Problem: 401, 403 or 429; 503 where it cannot be known who calls.
        """
        caller = await self.caller(connection)
        self.check(caller, scope)
        return caller

    def check(self, caller: Caller, scope: Scope) -> None:
        """Make sure that a caller does not ask too often, and may do something.

        Raises:
            Problem: 403 or 429.
        """
        if self.closed:
            rate = caller.rate or self._rate
            if not self._rates.hit(rate, caller.name):
                raise self._rates.exceeded(rate, caller.name, "were asked for")
        if not caller.may(scope):
            headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise Problem(403, f"this needs the scope {scope!r}", headers=headers)

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Who calls, whatever they may do.

        Raises:
            Problem: 401, 429 or 503; or 403, for a web page that has no business here.
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
        return await self.authenticate(credential, connection)

    async def authenticate(self, credential: str, connection: HTTPConnection | None = None) -> Caller:
        """Whom a key or a token stands for.

        Args:
            credential: The key or the token.
            connection: Of whoever shows it, who is told by the address.

        Raises:
            Problem: 401; 429 where too many wrong ones came from there; 503 where it cannot be told.
        """
        client = None if connection is None else connection.client
        host = None if client is None else client.host
        self._attempts.check(host, credential)
        try:
            found = await self._whose(credential)
        except ServiceError as error:  # it names files of this machine
            _log.error("nobody can be let in: %s", error)
            raise Problem(503, "it cannot be told now who calls; the service's log says why") from error
        if isinstance(found, str):
            self._attempts.wrong(host, credential)
            raise Problem(401, found, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        self._attempts.right(credential)
        return found

    async def _whose(self, credential: str) -> Caller | str:
        if credential.startswith(PREFIX):
            return self._keys.caller(credential) if self._keys is not None else "the API key is not known"
        if self._tokens is not None:
            return await asyncio.to_thread(self._tokens.caller, credential)
        return "the token is not valid"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host of this name."""
    return host.lower() in _LOOPBACK


def _credential(connection: HTTPConnection) -> str | None:
    kind, _, value = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return connection.headers.get("x-api-key") or None


def _refuse_strangers(connection: HTTPConnection) -> None:
    hosts = [host.lower() for host in connection.headers.getlist("host")]
    if len(hosts) != 1 or not _OWN_HOST.fullmatch(hosts[0]):
        raise Problem(403, "without authentication this service answers only to 127.0.0.1 and localhost")
    own = {f"{scheme}://{hosts[0]}" for scheme in ("http", "https")}
    if any(origin.lower() not in own for origin in connection.headers.getlist("origin")):
        raise Problem(403, "without authentication this service answers no other web page")
