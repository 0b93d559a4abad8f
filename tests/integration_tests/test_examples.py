"""The examples run as their first lines say, and print what they promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from langchain_hunyuanocr import Archive, ScriptedEngine
from tests import tiny_pages
from tests.integration_tests.files import picture, typed_pdf
from tests.integration_tests.served import served

ROOT = Path(__file__).resolve().parents[2]
LEASE = "The lease between Quarford Marine Ltd and Denshaw Textiles plc runs for nine years from 1 March 2022."


def run(name: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """An example, as a user runs it."""
    line = [sys.executable, ROOT / "examples" / name, *map(str, arguments)]
    paths = {"PYTHONPATH": str(ROOT), "HUNYUANOCR_BASE_URL": "", **environment}
    return subprocess.run(line, capture_output=True, text=True, timeout=180, env={**os.environ, **paths})


class _Chat(BaseHTTPRequestHandler):
    """A chat model that answers with the first sentence of the first source that it is shown."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        source = asked["messages"][-1]["content"].partition("[1] ")[2]
        said = {"role": "assistant", "content": f"{source.partition('.')[0]} [1]."}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"]}
        data = json.dumps({**body, "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def chat_model() -> Iterator[str]:
    """Address of a server of OpenAI's protocol."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Chat)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_five_lines_load_and_list_what_failed(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    picture("LEASE\nThe lease is for nine years.").save(tmp_path / "lease.png")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = run("five_line_loader.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "lease.png, page 1 of 1: ok" in done.stdout
    assert "The lease is for nine years." in done.stdout
    assert f"could not be read: {tmp_path / 'broken.pdf'}" in done.stdout


def test_without_a_name_a_few_papers_are_made() -> None:
    pytest.importorskip("rapidocr")
    done = run("five_line_loader.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": ok\n") >= 3


def test_a_chain_answers_with_its_sources(tmp_path: Path) -> None:
    pytest.importorskip("langchain_openai")
    typed_pdf(tmp_path / "lease.pdf", [LEASE])
    with chat_model() as address:
        keys = {"OPENAI_BASE_URL": address, "OPENAI_API_KEY": "none"}
        done = run("rag_chain.py", "How long is the lease?", tmp_path, "--llm", "openai:any", **keys)
    assert done.returncode == 0, done.stderr
    answer, first, *_ = done.stdout.splitlines()
    assert answer == f"{LEASE.rstrip('.')} [1]."
    assert first.startswith(f"[1] {tmp_path / 'lease.pdf'}, page 1, box [0.")


def test_pages_are_read_by_a_server(tmp_path: Path, transformers_serve: str, tiny: Path) -> None:
    words = ["Raj 42", "Mia 17", "Ned 30"]
    for number, text in enumerate(words):
        tiny_pages.picture(tiny_pages.page(text)).save(tmp_path / f"{number}.png")
    done = run("vllm_server.py", tmp_path, "--server", f"{transformers_serve}/v1", "--model", tiny, "--task", "text")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{number}.png, page 1: ok: {text!r}" for number, text in enumerate(words)]
    assert "3 pages, " in done.stderr


def test_a_program_reads_and_asks_over_http(tmp_path: Path) -> None:
    typed_pdf(tmp_path / "lease.pdf", [LEASE, "Nothing more."])
    with Archive(tmp_path / "archive", engine=ScriptedEngine("unused"), create=True) as archive:
        archive.ingest([tmp_path / "lease.pdf"])
    with served(tmp_path / "state", archive=tmp_path / "archive") as (address, _):
        asked = ("--ask", "How long does the lease run?", "--service", address)
        done = run("http_client.py", tmp_path / "lease.pdf", *asked)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[0].startswith("page 1: ok: 'The lease between")
        assert lines[2] == "2 pages, 0 failed"
        assert "nine years" in lines[3]
        assert f"{tmp_path / 'lease.pdf'}, page 1, box [" in lines[4]
        (tmp_path / "none.pdf").write_bytes(b"")
        refused = run("http_client.py", tmp_path / "none.pdf", "--service", address)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)


def test_the_index_names_every_example() -> None:
    index = (ROOT / "examples" / "README.md").read_text()
    here = {path.name for path in (ROOT / "examples").iterdir()} - {"README.md", "papers.py", "__pycache__"}
    books = {f"../notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {name for name in here | books if f"({name})" not in index} == set()
