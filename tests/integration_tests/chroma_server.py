"""A real Chroma server on a free port, and a proxy before it that speaks TLS and asks for a token."""

from __future__ import annotations

import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration_tests.ports import free_port

_START_S = 60.0


class ChromaProcess:
    """`chroma run` over a folder; may be killed and started again at the same address.

    Args:
        folder: Where it keeps its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = Path(sys.executable).with_name("chroma")
        command = [str(program), "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise TimeoutError(f"chroma run did not answer at {self.url}")

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Connections are taken, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def chroma_server(folder: Path) -> Iterator[ChromaProcess]:
    """A running server; skips where the `chroma` command is not installed."""
    if not Path(sys.executable).with_name("chroma").exists():
        pytest.skip("the chroma command is not installed")
    server = ChromaProcess(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def guarded(server: ChromaProcess, token: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """A proxy before a server that lets in who brings a token.

    Yields:
        Its https address, and the certificate that it signed itself.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    certificate, key = folder / "proxy.pem", folder / "proxy.key"
    made = f"req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -days 2 -subj /CN=127.0.0.1"
    subprocess.run([openssl, *made.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)

    class Guard(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") != f"Bearer {token}":
                self._answer(401, b'{"error": "Unauthorized"}')
                return
            reply = httpx.request(
                self.command,
                f"{server.url}{self.path}",
                content=body,
                headers={"Content-Type": self.headers.get("Content-Type", "application/json")},
            )
            self._answer(reply.status_code, reply.content)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Guard)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{proxy.server_port}", certificate
    finally:
        proxy.shutdown()
        proxy.server_close()


def stored_vectors(url: str, collection: str) -> dict[str, tuple[float, ...]]:
    """All vectors of a collection on a server, by id."""
    import chromadb
    from chromadb.config import Settings

    client: Any = chromadb.HttpClient(host=url, settings=Settings(anonymized_telemetry=False))
    found = client.get_collection(collection, embedding_function=None).get(include=["embeddings"])
    client.close()
    return {chunk: tuple(vector) for chunk, vector in zip(found["ids"], found["embeddings"], strict=True)}
