"""A small hub on this machine: what the clients of the Hugging Face Hub and of ModelScope ask when they download."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


class HubServer(ThreadingHTTPServer):
    """Serves the files of a folder as the model `owner/name`, whatever these are.

    Attributes:
        sent: Paths of the files that were sent.
        refusal: The `X-Error-Code` that every request gets instead, as the Hub names what it does not have.
        cut: Path of a file of which only half is sent.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.sent: set[str] = set()
        self.refusal: str | None = None
        self.cut: str | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(folder: Path) -> Iterator[HubServer]:
    with HubServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        parts = unquote(address.path).strip("/").split("/")
        if self.server.refusal:
            self._send(b"", status=404, **{"X-Error-Code": self.server.refusal})
        elif parts[:2] == ["api", "models"] and parts[4] == "tree":
            self._send_json([{"type": "file", "path": path, **_described(file)} for path, file in self._files()])
        elif parts[:3] == ["api", "v1", "models"] and parts[-1] == "files":
            files = [
                {"Path": path, "Type": "blob", "Size": file.stat().st_size, "Sha256": _hash(file)}
                for path, file in self._files()
                if path.startswith(query.get("Root", ""))
            ]
            self._send_json({"Code": 200, "Success": True, "Data": {"Files": files}})
        elif parts[:3] == ["api", "v1", "models"] and parts[-1] == "repo":
            self._send_file(query["FilePath"])
        elif len(parts) > 4 and parts[2] == "resolve":
            self._send_file("/".join(parts[4:]), commit=parts[3])
        else:
            self._send(b"", status=404)

    do_HEAD = do_GET  # noqa: N815 - the name is the standard library's

    def _files(self) -> list[tuple[str, Path]]:
        folder = self.server.folder
        return [(str(file.relative_to(folder)), file) for file in sorted(folder.rglob("*")) if file.is_file()]

    def _send_file(self, path: str, commit: str = "") -> None:
        file = self.server.folder / path
        body = file.read_bytes()
        if self.command == "GET":
            self.server.sent.add(path)
            body = body[: len(body) // 2] if path == self.server.cut else body
        self._send(body, **{"X-Repo-Commit": commit, "ETag": f'"{_hash(file)}"'})

    def _send_json(self, value: object) -> None:
        self._send(json.dumps(value).encode())

    def _send(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def _described(file: Path) -> dict[str, object]:
    return {"size": file.stat().st_size, "oid": _hash(file)}


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
