"""Dependencies of endpoints: the request context, and routers that let nobody in without asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Send
from starlette.types import Scope as Connection

from langchain_hunyuanocr.service.auth import Caller, Scope
from langchain_hunyuanocr.service.body_limits import expected_bytes
from langchain_hunyuanocr.service.cancellation import cancel_on_disconnect
from langchain_hunyuanocr.service.problems import responses
from langchain_hunyuanocr.service.queueing import Queue, RequestQueue
from langchain_hunyuanocr.service.sse import too_long

if TYPE_CHECKING:
    from langchain_hunyuanocr.service.container import Service


_BEARER = HTTPBearer(auto_error=False, description="An API key of `hunyuanocr keys add`, or a JSON Web Token.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False)


@dataclass
class RequestContext:
    """A request that was let in.

    Attributes:
        service: That it came to.
        caller: Who sent it.
        queue: The queue it stands in; `None` where it needs none.
        kept: What is given back once it is answered or its client has gone.
        ends: When it must be answered, by the clock of the event loop; counted from when this is first asked for.
    """

    service: Service
    caller: Caller
    queue: RequestQueue | None
    kept: AsyncExitStack = field(default_factory=AsyncExitStack)

    @cached_property
    def ends(self) -> float:
        """See above."""
        return asyncio.get_running_loop().time() + self.service.bounds.timeout_s

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Do something of it.

        Raises:
            Problem: 504, where it is not done in the time that a request may take.
        """
        try:
            async with asyncio.timeout_at(self.ends):
                yield
        except TimeoutError as exc:
            raise too_long(self.service.bounds.timeout_s) from exc

    async def turn(self) -> None:
        """Wait for its turn, which lasts until it is answered.

        Raises:
            Problem: 503, where it does not come in the time that a request may take.
        """
        if self.queue is None:
            return
        try:
            async with asyncio.timeout_at(self.ends):
                await self.kept.enter_async_context(self.queue.running())
        except TimeoutError as exc:
            raise self.queue.full() from exc


def _visitor(request: Request) -> RequestContext:
    visitor: RequestContext = request.state.visitor
    return visitor


Context = Annotated[RequestContext, Depends(_visitor)]
"""The parameter by which an endpoint gets its visitor."""


def secured_router(scope: Scope, queue: Queue | None = None, *, tag: str) -> APIRouter:
    """A router whose endpoints need a scope, and a place in a queue.

    Who calls is asked, and the place is taken, before a body is read.

    Args:
        scope: What callers must be allowed.
        queue: Where they take a place.
        tag: Under which the documentation lists the endpoints.
    """

    class GuardedRoute(APIRoute):
        async def handle(self, scope_: Connection, receive: Receive, send: Send) -> None:
            service: Service = scope_["app"].state.service
            caller = await service.authenticator.authorize(HTTPConnection(scope_), scope)
            visitor = RequestContext(service, caller, service.queue(queue) if queue is not None else None)
            async with visitor.kept as kept:
                if visitor.queue is not None:
                    kept.enter_context(visitor.queue.slot())
                scope_.setdefault("state", {})["visitor"] = visitor
                size = expected_bytes(Headers(scope=scope_), service.bounds)
                await kept.enter_async_context(service.quota.taking(caller.name, size))
                patience_s = service.bounds.body_timeout_s
                await cancel_on_disconnect(super().handle, scope_, receive, _private(send), patience_s=patience_s)

    known: dict[int | str, dict[str, Any]] = responses(400, 401, 403, 408, 413, 415, 422, 429, 500, 503, 504)
    return APIRouter(
        route_class=GuardedRoute,
        tags=[tag],
        dependencies=[Security(_BEARER, scopes=[scope]), Security(_HEADER, scopes=[scope])],
        responses=known,
    )


def _private(send: Send) -> Send:
    """Answers are a caller's own: no cache between keeps them, and no browser takes one for a page."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Cache-Control"] = "no-store"
            headers["X-Content-Type-Options"] = "nosniff"
        await send(message)

    return sending
