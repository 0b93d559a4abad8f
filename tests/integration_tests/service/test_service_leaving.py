"""Clients that go away, at each endpoint that reads or asks, and those that wait for a long time."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import httpx
import pytest
from fastapi import FastAPI

from langchain_hunyuanocr import Archive, ScriptedEngine
from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.results import Generation
from tests.integration_tests.files import png, scanned_pdf
from tests.integration_tests.served import served, until


class Busy(ScriptedEngine):
    """Does not answer; knows who was given up. What asks from a thread is answered once it is let."""

    def __init__(self) -> None:
        super().__init__("page", batch_size=1)
        self.begun = self.given_up = 0
        self.let = threading.Event()

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up += 1
        raise AssertionError

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        self.begun += 1
        assert self.let.wait(20)
        self.given_up += 1
        return super().generate(requests)


def form(**fields: str) -> tuple[str, bytes]:
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + png() + b"\r\n--x--\r\n"
    return "multipart/form-data; boundary=x", body + file


def words(**fields: object) -> tuple[str, bytes]:
    return "application/json", json.dumps(fields).encode()


def chat(*, stream: bool) -> tuple[str, bytes]:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(png()).decode()}"}}
    return words(messages=[{"role": "user", "content": [picture]}], stream=stream)


def ask(*, stream: bool) -> tuple[str, bytes]:
    return words(question="How long is the lease?", mode="visual", stream=stream)


VISITS = {
    "generate": ("/generate", words(image=base64.b64encode(png()).decode())),
    "read": ("/v1/read", form()),
    "read streamed": ("/v1/read", form(stream="true")),
    "chat": ("/v1/chat/completions", chat(stream=False)),
    "chat streamed": ("/v1/chat/completions", chat(stream=True)),
    "ask": ("/v1/ask", ask(stream=False)),
    "ask streamed": ("/v1/ask", ask(stream=True)),
}


@pytest.fixture(scope="module")
def engine() -> Busy:
    return Busy()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, engine: Busy) -> Iterator[tuple[str, FastAPI]]:
    folder = tmp_path_factory.mktemp("leaving")
    scanned_pdf(folder / "lease.pdf", ["The lease runs for nine years."])
    with Archive(folder / "archive", engine=ScriptedEngine("The lease runs for nine years."), create=True) as archive:
        archive.ingest(folder / "lease.pdf")
    with served(folder / "state", engine, archive=folder / "archive") as (address, app):
        yield address, app


def visit(address: str, name: str) -> socket.socket:
    path, (kind, body) = VISITS[name]
    url = httpx.URL(address)
    client = socket.create_connection((url.host, url.port), timeout=20)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    return client


@pytest.mark.parametrize("name", list(VISITS))
def test_whoever_leaves_takes_the_work_along(service: tuple[str, FastAPI], engine: Busy, name: str) -> None:
    address, app = service
    opened = app.state.service
    places = opened.queue("asking" if name.startswith("ask") else "reading")
    before = engine.begun
    engine.let.clear()
    with visit(address, name):
        until(lambda: engine.begun > before)
        assert places.taken == 1
    if name.startswith("ask"):
        # The place is kept as long as the thread works, or those who come and go would take all threads.
        time.sleep(0.1)
        assert places.taken == 1
        engine.let.set()
    until(lambda: places.taken == 0)
    until(lambda: engine.given_up == engine.begun)
    assert opened.engine.waiting == 0
    until(lambda: not list((opened.settings.state / "uploads").iterdir()))


@pytest.mark.parametrize("name", [name for name in VISITS if "streamed" in name])
def test_whoever_waits_is_told_that_it_goes_on(
    service: tuple[str, FastAPI], engine: Busy, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_hunyuanocr.service.sse._GRACE_S", 0.05)
    monkeypatch.setattr("langchain_hunyuanocr.service.sse._PING_S", 0.05)
    address, _ = service
    engine.let.clear()
    with visit(address, name) as client:
        come = b""
        while come.count(b": still here\n\n") < 2:
            piece = client.recv(65536)
            assert piece
            come += piece
        engine.let.set()
    assert b"content-type: text/event-stream" in come
