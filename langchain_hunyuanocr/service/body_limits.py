"""Limits on request bodies: their size, and how long they may take to come."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Bounds

_MB = 1024 * 1024
CLOSE = {"Connection": "close"}
"""What is left of the body is not waited for."""


class BodyLimits:
    """Refuses bodies that are too large, before they come where they say so themselves, and bodies that stall."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self._app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        Raises:
            Problem: 413 or 408.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most_mb = _most_mb(headers, self._bounds)
        told = told_bytes(headers)
        if told is not None:
            _check(told, most_mb)
        come, complete = 0, False
        loop = asyncio.get_running_loop()
        last = loop.time() + self._bounds.timeout_s

        async def bounded() -> Message:
            nonlocal come, complete
            if complete:
                return await receive()
            try:
                # Byte by byte a body could come for ever.
                async with asyncio.timeout_at(min(last, loop.time() + self._bounds.body_timeout_s)):
                    message = await receive()
            except TimeoutError as exc:
                raise Problem(408, "the rest of the request did not come in time", headers=CLOSE) from exc
            if message["type"] == "http.request":
                come += len(message.get("body", b""))
                _check(come, most_mb)
                complete = not message.get("more_body", False)
            return message

        await self._app(scope, bounded, send)


async def small_body(request: Request, most: int, too_large: str) -> bytes:
    """A body that is small, or refused as soon as it is not.

    Args:
        request: Of which no byte has been taken.
        most: Bytes.
        too_large: What is said of more.

    Raises:
        Problem: 413, with `too_large`.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, too_large, headers=CLOSE)
    return bytes(body)


def told_bytes(headers: Headers) -> int | None:
    """How large a body is, where its head says so."""
    told = headers.get("content-length", "")
    return int(told) if told.isdecimal() else None


def expected_bytes(headers: Headers, bounds: Bounds) -> int:
    """How large a body is going to be: as its head says, or else as large as it may be."""
    told = told_bytes(headers)
    if told is not None:
        return told
    return _most_mb(headers, bounds) * _MB if "transfer-encoding" in headers else 0


def _most_mb(headers: Headers, bounds: Bounds) -> int:
    upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
    return bounds.max_body_mb if upload else bounds.max_json_mb


def _check(size: int, most_mb: int) -> None:
    if size > most_mb * _MB:
        raise Problem(413, f"the request is larger than {most_mb} MB (send less at once)", headers=CLOSE)
