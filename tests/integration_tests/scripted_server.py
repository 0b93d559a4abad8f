"""A server of the chat protocol that does what a test wants and keeps what it was sent."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.tasks import Task, TaskKind

MARK = (20, 20)
"""Where the shade stands on the pages of `ask`, by which the server knows them."""


def ask(shade: int = 255, kind: TaskKind = TaskKind.TEXT, size: tuple[int, int] = (100, 80)) -> Request:
    """A page with a grey field; the server says its shade."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 60, 40), fill=(shade, shade, shade))
    return Request(picture, Task(kind=kind))


@dataclass(frozen=True)
class Reply:
    """What is sent back: a status and a body, or the events of an answer."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Sequence[str] | None = None
    """The text of an answer; the reply is a stream of events where it is given."""
    finish: str | None = "stop"
    probabilities: Sequence[float] = ()
    ends: bool = True
    """Whether the stream ends as it should, with `[DONE]` and the mark of the last chunk."""
    pause_s: float = 0.0
    """Between two pieces."""


def refusal(status: int, message: str, **headers: str) -> Reply:
    """An error as OpenAI and vLLM write it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": {"message": message, "type": "error"}}), named)


class Turns:
    """A lock that is given in the order in which it is asked for, as a server gives its turns; a plain one is not.

    Args:
        backwards: So many are waited for, and then served from the last that came to the first.
    """

    def __init__(self, backwards: int = 0) -> None:
        self._changed = threading.Condition()
        self._asked = 0
        self._backwards = backwards
        self._serves = max(0, backwards - 1)

    def __enter__(self) -> None:
        with self._changed:
            mine, self._asked = self._asked, self._asked + 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._asked >= self._backwards and self._serves == mine)

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._serves += -1 if self._backwards else 1
            self._changed.notify_all()


class ScriptedServer(ThreadingHTTPServer):
    """Answers each page with its shade, or with the replies that were laid down for it, one after the other."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models = ["other/model", "tencent/HunyuanOCR"]
        self.maker = "vllm"
        self.max_model_len: int | None = None
        """Listed with each model, where it is given."""
        self.meta: dict[str, Any] | None = None
        """What llama.cpp lists of its model."""
        self.props: dict[str, Any] | None = None
        """What llama.cpp tells under `/props`; without, there is no such address."""
        self.listings = 0
        """How often the models were asked for."""
        self.replies: dict[int, list[Reply]] = {}
        self.always: Reply | None = None
        self.bodies: list[dict[str, Any]] = []
        self.connections = 0
        """How many were opened."""
        self.keys: list[str | None] = []
        self.slow_s = 0.0
        self.busy = self.most_busy = 0
        self.one_by_one = False
        self.turn = Turns()
        self.asked = threading.Event()
        self.cut_short = threading.Event()
        """Set when somebody closes the connection while an answer is sent."""
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply_to(self, shade: int) -> Reply:
        with self.lock:
            laid_down = self.replies.get(shade)
            if laid_down:
                return laid_down.pop(0)
        return self.always or Reply(pieces=["shade ", str(shade)])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that close their connections are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/props":
            missing = self.server.props is None
            self._send(Reply(status=404 if missing else 200, body=json.dumps(self.server.props or {})))
            return
        known: dict[str, Any] = {"object": "model", "owned_by": self.server.maker}
        if self.server.max_model_len is not None:
            known["max_model_len"] = self.server.max_model_len
        if self.server.meta is not None:
            known["meta"] = self.server.meta
        models = [{"id": name, **known} for name in self.server.models]
        with self.server.lock:
            self.server.listings += 1
        self._send(Reply(body=json.dumps({"object": "list", "data": models})))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.bodies.append(body)
            server.keys.append(self.headers["Authorization"])
            server.busy += 1
            server.most_busy = max(server.most_busy, server.busy)
        server.asked.set()
        shade = picture_in(body).getpixel(MARK)[0]
        # Later requests are answered first, so that an engine that does not keep the order is caught.
        time.sleep(server.slow_s * (1 - shade / 512))
        with server.lock:
            server.busy -= 1
        reply = server.reply_to(shade)
        with server.turn if server.one_by_one else nullcontext():
            if reply.pieces is None:
                self._send(reply)
            else:
                self._stream(reply)

    def _send(self, reply: Reply) -> None:
        content = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._event({"delta": {"role": "assistant", "content": ""}})
            for number, piece in enumerate(reply.pieces or ()):
                time.sleep(reply.pause_s)
                choice: dict[str, Any] = {"delta": {"content": piece}}
                if number < len(reply.probabilities):
                    choice["logprobs"] = {"content": [{"token": piece, "logprob": reply.probabilities[number]}]}
                self._event(choice)
            if reply.finish is not None:
                self._event({"delta": {}, "finish_reason": reply.finish})
            if reply.ends:
                self._chunk("data: [DONE]\n\n")
                self._chunk("")
            else:
                self.close_connection = True
        except OSError:
            self.server.cut_short.set()
            self.close_connection = True

    def _event(self, choice: dict[str, Any]) -> None:
        event = {
            "id": "1",
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "finish_reason": None, **choice}],
        }
        self._chunk(f"data: {json.dumps(event)}\n\n")

    def _chunk(self, text: str) -> None:
        content = text.encode()
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()


def picture_in(body: dict[str, Any]) -> Image.Image:
    """The picture of a request."""
    url = body["messages"][1]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """A server that runs for a while."""
    server = ScriptedServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
