"""A proxy that misbehaves as it is told, before a real server: for each page a list of faults, then the true answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.server.chat_request import ChatRequest

_AWAY_S = 0.4
_DRIP_S = 0.03
_DRIP = 200
"""Bytes; llama.cpp writes some 500 for each token with its probability."""


class Mishap(StrEnum):
    """What a proxy can do to a request."""

    REFUSED = "refused"
    """The connection is reset and for a while no other is taken."""
    RESET = "reset"
    RESET_MID_ANSWER = "reset mid-answer"
    CUT_MID_ANSWER = "cut mid-answer"
    """The connection ends as if all had been said."""
    TOO_MANY = "429"
    WAIT = "429 with Retry-After"
    FAILED = "500"
    LOADING = "503"
    HANGING = "hanging"
    SLOW = "slow"
    """The true answer, a few bytes at a time."""
    WRONG_JSON = "wrong JSON"
    HTML = "a page of HTML"


def page_key(request: Request) -> str:
    """What a proxy knows a page by: the picture as it is sent."""
    return _key(ChatRequest.of(request, 1).data_url("png"))


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


class Plan:
    """What happens to which page, at whichever proxy it is tried; counts what did happen.

    Args:
        mishaps: For each `page_key`, what happens to its first tries.
    """

    def __init__(self, mishaps: Mapping[str, Sequence[Mishap]] | None = None) -> None:
        self._lock = threading.Lock()
        self._left = {key: list(each) for key, each in (mishaps or {}).items()}
        self.happened: Counter[Mishap] = Counter()
        self.answered: Counter[str] = Counter()
        """How often the whole answer to a page was passed on."""

    def next(self, key: str) -> Mishap | None:
        """What happens to this try."""
        with self._lock:
            left = self._left.get(key)
            mishap = left.pop(0) if left else None
            if mishap is not None:
                self.happened[mishap] += 1
            return mishap

    def passed_on(self, key: str) -> None:
        """Count a whole answer."""
        with self._lock:
            self.answered[key] += 1


class FaultyProxy:
    """Takes requests on a port of its own and passes them on, unless the plan has something else for them.

    Args:
        upstream: Address of the real server.
        plan: What goes wrong.
        dies_after: Whole answers after which it takes no more connections, until `come_back`.
    """

    def __init__(self, upstream: str, plan: Plan, dies_after: int | None = None) -> None:
        parts = urlsplit(upstream)
        self._upstream = parts.hostname, parts.port
        self._plan = plan
        self._lives = dies_after
        self._loop = asyncio.new_event_loop()
        self._port = 0
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def come_back(self) -> None:
        """Take connections again, and never die any more."""
        self._lives = None
        self._do(self._listen())

    def _do(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=2**24)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._hide()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _hide(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
            )
            body = await reader.readexactly(length)
            if self._server is None:
                # One that came in just before it died.
                _reset(writer)
            elif not body:
                await self._pass_on(head, body, writer)
            else:
                key = _key(json.loads(body)["messages"][1]["content"][0]["image_url"]["url"])
                await self._answer(self._plan.next(key), key, head, body, writer)
        writer.close()

    async def _answer(
        self, mishap: Mishap | None, key: str, head: bytes, body: bytes, writer: asyncio.StreamWriter
    ) -> None:
        match mishap:
            case None | Mishap.SLOW:
                await self._pass_on(head, body, writer, key, drip=mishap is Mishap.SLOW)
            case Mishap.RESET_MID_ANSWER | Mishap.CUT_MID_ANSWER:
                await self._pass_on(head, body, writer, events=2)
                if mishap is Mishap.RESET_MID_ANSWER:
                    _reset(writer)
            case Mishap.REFUSED:
                self._hide()
                _reset(writer)
                await asyncio.sleep(_AWAY_S)
                await self._listen()
            case Mishap.RESET:
                _reset(writer)
            case Mishap.HANGING:
                await asyncio.sleep(60)
            case Mishap.TOO_MANY:
                _say(writer, 429, "slower")
            case Mishap.WAIT:
                _say(writer, 429, "slower", "Retry-After: 1")
            case Mishap.FAILED:
                _say(writer, 500, "CUDA error")
            case Mishap.LOADING:
                _say(writer, 503, "loading model")
            case Mishap.WRONG_JSON:
                _say(
                    writer, 200, 'data: {"choices": [{"delta": {"content": "Tot\n\n', "Content-Type: text/event-stream"
                )
            case Mishap.HTML:
                _say(writer, 200, "<html><body>Bad gateway</body></html>", "Content-Type: text/html")
        await writer.drain()

    def _count(self, key: str) -> None:
        self._plan.passed_on(key)
        if self._lives is not None:
            self._lives -= 1
            if self._lives == 0:
                self._hide()

    async def _pass_on(
        self,
        head: bytes,
        body: bytes,
        writer: asyncio.StreamWriter,
        key: str | None = None,
        *,
        drip: bool = False,
        events: int = 0,
    ) -> None:
        """Pass on the true answer, or so many of its events; a whole answer to a page is counted."""
        from_server, to_server = await asyncio.open_connection(*self._upstream)
        try:
            # One connection for one request, so that its end is the end of the answer.
            first, _, rest = head.partition(b"\r\n")
            kept = rest.replace(b"Connection: keep-alive\r\n", b"")
            to_server.write(first + b"\r\nConnection: close\r\n" + kept + body)
            answer = await from_server.readuntil(b"\r\n\r\n")
            writer.write(answer)
            for _ in range(events):
                writer.write(await from_server.readuntil(b"\n\n"))
                await writer.drain()
            passed = b""
            # Whoever has read the mark of the end may be gone before the connection ends.
            with suppress(OSError):
                while not events and (content := await from_server.read(_DRIP if drip else 2**16)):
                    passed += content
                    if key and answer.startswith(b"HTTP/1.1 200") and passed.endswith(b"0\r\n\r\n"):
                        self._count(key)
                    writer.write(content)
                    await writer.drain()
                    await asyncio.sleep(_DRIP_S if drip else 0)
        finally:
            to_server.close()


def _say(writer: asyncio.StreamWriter, status: int, text: str, *headers: str) -> None:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(text)}", "Connection: close", *headers, "", text]
    writer.write("\r\n".join(lines).encode())


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side sees it reset, not ended."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
