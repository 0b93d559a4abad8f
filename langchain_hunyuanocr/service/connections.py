"""Connections: a head of a request that does not come, and an answer that nobody takes, end in bounded time.

uvicorn bounds neither: it waits for ever for the rest of a head, and what begins to fill its memory it only stops to
read. Nothing below is asked of it but the callbacks of `HttpToolsProtocol`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from langchain_hunyuanocr.service.container import Service
    from langchain_hunyuanocr.service.settings import Bounds

_GRACE_S = 30
"""How long requests under way may go on once the service is told to end."""
_DESCRIPTORS_KEPT = 256
"""File descriptors that are not for connections: files that are read, the archive, the engine, the log."""
_LEAST_CONNECTIONS = 32
_MOST_AHEAD = 4
"""Requests that a client may send before the first one is answered; hardly any client sends two."""


class Heads:
    """Connections whose next head is not there yet, the oldest first.

    Whoever sends a head sends it at once. So where there are too many, the one that has waited longest is closed, and
    never one that has just come: heads that never end keep nobody out.

    Args:
        timeout_s: Longest that a head may take.
        most: Most connections that may be without a head at the same time.
        closed: Told of each connection that was closed for it.
    """

    def __init__(self, timeout_s: float, most: int, closed: Callable[[], None]) -> None:
        self._timeout_s = timeout_s
        self._most = most
        self._closed = closed
        self._waiting: dict[BoundedConnection, asyncio.TimerHandle] = {}

    def __contains__(self, connection: BoundedConnection) -> bool:
        return connection in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def begun(self, connection: BoundedConnection) -> None:
        """Wait for a head."""
        if len(self._waiting) >= self._most:
            self._close(next(iter(self._waiting)))
        timer = connection.loop.call_later(self._timeout_s, self._close, connection)
        self._waiting[connection] = timer

    def over(self, connection: BoundedConnection) -> None:
        """Wait no longer: it came, or the connection is gone."""
        timer = self._waiting.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def _close(self, connection: BoundedConnection) -> None:
        self.over(connection)
        self._closed()
        connection.transport.abort()


class BoundedConnection(HttpToolsProtocol):
    """A connection of HTTP.

    Args:
        heads: Those that are not there yet.
        patience_s: Longest that the client may leave an answer lying.
        args: As uvicorn gives them.
        kwargs: Likewise.
    """

    def __init__(self, *args: Any, heads: Heads, patience_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heads = heads
        self._patience_s = patience_s
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._heads.begun(self)

    def data_received(self, data: bytes) -> None:
        """Take what came; after an answer it is the beginning of another head, or what nobody asked for."""
        answered = self.cycle is not None and self.cycle.response_complete
        if answered and self not in self._heads:
            self._heads.begun(self)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Have the request answered; whoever asks on and on before an answer comes is asked to leave."""
        self._heads.over(self)
        if len(self.pipeline) >= _MOST_AHEAD:
            self.transport.abort()
        else:
            super().on_headers_complete()

    def pause_writing(self) -> None:
        """Wait for the client to take what lies there."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._patience_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._taken()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._heads.over(self)
        self._taken()
        super().connection_lost(exc)

    def _taken(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def server_of(app: FastAPI, **options: Any) -> uvicorn.Server:
    """A server of the application that keeps to the bounds on connections, and ends streams with the service.

    Args:
        app: As `create_app` makes it.
        options: Of `uvicorn.Config`, beside those that the bounds decide.
    """
    service: Service = app.state.service
    most = most_connections(service.bounds)
    # Those without a head count among the connections: they must never be all of them.
    heads = Heads(service.bounds.head_timeout_s, min(service.bounds.max_heads, most // 2), service.metrics.head_missing)
    protocol = partial(BoundedConnection, heads=heads, patience_s=service.bounds.body_timeout_s)
    config = uvicorn.Config(
        app,
        **{
            "http": cast("type[asyncio.Protocol]", protocol),
            "limit_concurrency": most,
            # Requests are counted by /metrics; a log of them would only repeat it, and holds what callers wrote.
            "access_log": False,
            "log_level": "warning",
            "server_header": False,
            "timeout_graceful_shutdown": _GRACE_S,
            **options,
        },
    )

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            service.ending.set()
            await super().shutdown(sockets)

    return Server(config)


def most_connections(bounds: Bounds) -> int:
    """Connections from which on requests are answered 503: fewer than asked for where the system gives fewer files."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return bounds.max_connections
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return bounds.max_connections
    return min(bounds.max_connections, max(files - _DESCRIPTORS_KEPT, _LEAST_CONNECTIONS))
