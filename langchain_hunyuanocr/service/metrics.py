"""Metrics for Prometheus: requests, pages, batches and queues. No label holds anything of a document or a caller."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_hunyuanocr.results import PageReading

_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
_BATCHES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "hunyuanocr_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "hunyuanocr_request_seconds",
            "From a request to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._heads = Counter(
            "hunyuanocr_heads_missing",
            "Connections closed because the head of a request did not come.",
            registry=self._registry,
        )
        self._pages = Counter("hunyuanocr_pages", "Pages read.", ["status"], registry=self._registry)
        self._batches = Histogram(
            "hunyuanocr_batch_questions",
            "Questions that went to the engine in one call.",
            buckets=_BATCHES,
            registry=self._registry,
        )

    def watch(self, name: str, what: str, value: Callable[[], float]) -> None:
        """Tell a figure that stands somewhere else."""
        Gauge(name, what, registry=self._registry).set_function(value)

    def head_missing(self) -> None:
        """Count a connection whose head did not come."""
        self._heads.inc()

    def page(self, reading: PageReading) -> None:
        """Count a page."""
        self._pages.labels(reading.status.value).inc()

    def batch(self, size: int) -> None:
        """Count a call of the engine."""
        self._batches.observe(size)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it, in Prometheus' own form."""
        return generate_latest(self._registry)


class Measured:
    """Counts requests by the pattern of their route; paths that are none are counted together."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 499  # as nginx counts those who go away before they are answered

        async def noticing(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        finally:
            found = scope.get("route")
            route = getattr(found, "path", "none")
            # A caller may invent methods without end, and each would be kept.
            method = scope["method"] if scope["method"] in getattr(found, "methods", ()) else "any"
            self._metrics.request(method, route, status, time.monotonic() - began)
