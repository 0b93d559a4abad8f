"""The server engine against `transformers serve` with a tiny checkpoint, and against one that records and refuses."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.server import ServerEngine
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind

pytest.importorskip("openai")

STARTING_S = 120


def ask(shade: int = 255, kind: TaskKind = TaskKind.TEXT) -> Request:
    picture = Image.new("RGB", (100, 80), "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 60, 40), fill=(shade, shade, shade))
    return Request(picture, Task(kind=kind))


@pytest.fixture(scope="module")
def serve(tiny: Path) -> Iterator[str]:
    """Address of `transformers serve`, run as users run it."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(tiny), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended before it answered"
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer within {STARTING_S} s")


@pytest.fixture
def engine(serve: str, tiny: Path) -> Iterator[ServerEngine]:
    engine = ServerEngine(serve, model=str(tiny), max_new_tokens=10, max_concurrency=3)
    yield engine
    engine.close()


def test_a_real_server_answers_as_the_local_engine_does(engine: ServerEngine, tiny: Path) -> None:
    requests = [ask(255), ask(0), ask(120), ask(0, TaskKind.TABLE), ask(255)]
    # transformers serve takes no repetition penalty, so that it is refused once and then left out.
    local = LocalEngine(str(tiny), device="cpu", max_new_tokens=10, repetition_penalty=1.0)
    expected = local.generate(requests)
    assert len({answer.text for answer in expected}) == 4
    assert engine.generate(requests) == expected
    assert all(answer.finish == "length" for answer in expected)


def test_async_answers_the_same_in_every_loop(engine: ServerEngine) -> None:
    requests = [ask(255), ask(0), ask(120)]
    expected = engine.generate(requests)
    for _ in range(2):
        assert asyncio.run(engine.agenerate(requests)) == expected


def test_a_model_that_the_server_does_not_have_is_told(serve: str) -> None:
    answer = ServerEngine(serve, model="no/such").generate([ask()])[0]
    assert answer.finish == "error"
    assert "no/such" in (answer.error or "")


class Scripted(ThreadingHTTPServer):
    """A server of the chat protocol that does what a test wants and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models = ["other/model", "tencent/HunyuanOCR"]
        self.replies: dict[int, tuple[int, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.slow_s = 0.0
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._send(200, {"object": "list", "data": [_model(name) for name in self.server.models]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(self.headers["Authorization"])
            self.server.busy += 1
            self.server.most_busy = max(self.server.most_busy, self.server.busy)
        shade = _picture(body).getpixel((20, 20))[0]
        # Later requests are answered first, so that an engine that does not keep the order is caught.
        time.sleep(self.server.slow_s * (1 - shade / 512))
        with self.server.lock:
            self.server.busy -= 1
        self._send(*self.server.replies.get(shade, (200, _completion(f"shade {shade}"))))

    def _send(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        # The openai client would otherwise wait and ask again.
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(content)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "test"}


def _completion(text: str | None, finish: str = "stop") -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


def _picture(body: dict[str, Any]) -> Image.Image:
    url = body["messages"][1]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_request_has_the_trained_form(scripted: Scripted) -> None:
    engine = ServerEngine(scripted.address, api_key="secret", max_new_tokens=77)
    assert engine.generate([ask(0)]) == [Generation(text="shade 0")]
    assert engine.model == "tencent/HunyuanOCR"
    body = scripted.bodies[0]
    assert body["model"] == "tencent/HunyuanOCR"
    assert body["messages"][0] == {"role": "system", "content": ""}
    picture, words = body["messages"][1]["content"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert words == {"type": "text", "text": "提取图中的文字。"}
    assert _picture(body).tobytes() == ask(0).picture.tobytes()
    settings = {key: value for key, value in body.items() if key not in ("model", "messages")}
    assert settings == {
        "temperature": 0, "max_tokens": 77, "top_k": -1, "repetition_penalty": 1.08, "skip_special_tokens": True,
    }  # fmt: skip
    assert scripted.keys == ["Bearer secret"]


def test_pictures_can_be_sent_as_jpeg(scripted: Scripted) -> None:
    engine = ServerEngine(scripted.address, picture_format="jpeg")
    engine.generate([Request(Image.new("CMYK", (30, 30)), Task.of("text"))])
    assert scripted.bodies[0]["messages"][1]["content"][0]["image_url"]["url"].startswith("data:image/jpeg;base64,")


@pytest.mark.parametrize("way", ["sync", "async"])
def test_order_is_kept_and_concurrency_bounded(scripted: Scripted, way: str) -> None:
    scripted.slow_s = 0.1
    engine = ServerEngine(scripted.address, max_concurrency=4)
    requests = [ask(shade) for shade in range(12)]
    answers = engine.generate(requests) if way == "sync" else asyncio.run(engine.agenerate(requests))
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(12)]
    assert 1 < scripted.most_busy <= 4


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_request_that_fails_costs_no_other(scripted: Scripted, way: str) -> None:
    scripted.replies = {
        1: (400, {"error": {"message": "the prompt is longer than\n the context", "type": "BadRequestError"}}),
        2: (500, {"detail": "out of memory"}),
        3: (200, _completion("half", "length")),
        4: (200, _completion(None)),
        5: (200, {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": []}),
    }
    engine = ServerEngine(scripted.address)
    requests = [ask(shade) for shade in range(6)]
    answers = engine.generate(requests) if way == "sync" else asyncio.run(engine.agenerate(requests))
    assert answers == [
        Generation(text="shade 0"),
        Generation(finish="error", error="the server failed: HTTP 400: the prompt is longer than the context"),
        Generation(finish="error", error="the server failed: HTTP 500: out of memory"),
        Generation(text="half", finish="length"),
        Generation(text=""),
        Generation(finish="error", error="the server gave no answer"),
    ]


def test_a_slow_page_is_given_up(scripted: Scripted) -> None:
    scripted.slow_s = 1.0
    answer = ServerEngine(scripted.address, timeout_s=0.1, max_retries=0).generate([ask(0)])[0]
    assert (answer.finish, answer.error) == ("error", "no answer within 0.1 s")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "the server refuses the key .*HUNYUANOCR_API_KEY"),
        (404, "does not know the model or the address: HTTP 404: no model x"),
    ],
)
def test_what_no_request_can_pass_is_an_engine_error(scripted: Scripted, status: int, message: str) -> None:
    scripted.replies = {0: (status, {"error": {"message": "no model x"}})}
    with pytest.raises(EngineError, match=message):
        ServerEngine(scripted.address).generate([ask(0)])
    with pytest.raises(EngineError, match=message):
        asyncio.run(ServerEngine(scripted.address).agenerate([ask(0)]))


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    for model in (None, "m"):
        with pytest.raises(EngineError, match=r"/v1: the server is not there \(start it"):
            ServerEngine(address, model=model, max_retries=0).generate([ask()])


def test_a_server_without_models_is_told(scripted: Scripted) -> None:
    scripted.models = []
    with pytest.raises(EngineError, match="the server lists no model"):
        ServerEngine(scripted.address).generate([ask()])
