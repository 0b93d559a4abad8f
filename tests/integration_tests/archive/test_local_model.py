"""A language model served on this machine: by a real llama-server where there is one, and by a stand-in for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from langchain_core.language_models import BaseChatModel

from langchain_hunyuanocr.archive.answer.generative.chat_model import open_model
from langchain_hunyuanocr.engines.server.llama_server import LlamaServer, shared_server
from langchain_hunyuanocr.errors import EngineError
from tests.tiny_gguf import write_model
from tests.unit_tests.archived import LEASE, make_archive, page_of

pytest.importorskip("langchain")
pytest.importorskip("langchain_openai")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by its first line")

COMMAND = Path(sys.executable).with_name("hunyuanocr")
QUESTION = "How long does the lease run?"
SAYS = ["The lease runs", " for", " nine", " years. ", '[1: "', "The lease", " runs for", " nine years", '"]']
STAND_IN = f"""#!{sys.executable}
import http.server, json, os, sys, time
from pathlib import Path

started = time.monotonic()
log = Path(__file__).with_name("starts")
log.write_text(log.read_text() + "x" if log.exists() else "x")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        loaded = time.monotonic() - started > 0.3
        self.send_response(200 if loaded else 503)
        self.end_headers()

    def do_POST(self):
        known = self.headers["Authorization"] == "Bearer " + os.environ["LLAMA_API_KEY"]
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in {SAYS!r}:
            choice = {{"index": 0, "delta": {{"role": "assistant", "content": piece}}, "finish_reason": None}}
            event = {{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\\n\\n")
        self.wfile.write(b"data: [DONE]\\n\\n")

    def log_message(self, *args):
        pass

port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "says nine.gguf", SAYS)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program of the name llama-server before all others."""

    def put(text: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        stand_in = folder / "llama-server"
        stand_in.write_text(text)
        stand_in.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder

    return put


def served(model: Path) -> list[psutil.Process]:
    """The programs that serve a model; the one that watches over each of them is one too."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if str(model) in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def gone(model: Path) -> bool:
    return not psutil.wait_procs(served(model), timeout=20)[1]


def said_by(model: BaseChatModel) -> str:
    return "".join(piece.text for piece in model.stream("?"))


def ask(folder: Path, model: Path) -> subprocess.CompletedProcess[str]:
    arguments = ["ask", QUESTION, "--archive", str(folder), "--llm", f"llama.cpp:{model}", "--json"]
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=120)


def answered(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["answer"], answer["mode"]) == ("The lease runs for nine years.", "llm")
    assert answer["citations"][0]["quote"] == "The lease runs for nine years"
    assert answer["confident"]


@pytest.fixture
def real_program(llama_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real llama-server is on the PATH."""
    monkeypatch.setenv("PATH", f"{llama_program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("real_program")
def test_a_real_llama_server_answers_and_ends(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("chromadb")
    make_archive(tmp_path / "archive", page_of(LEASE, 0)).close()
    answered(ask(tmp_path / "archive", model))
    assert gone(model)


@pytest.mark.usefixtures("real_program")
def test_a_real_llama_server_says_why_it_does_not_load(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EngineError, match=r"broken\.gguf: llama-server ended with status .*: .*\S") as caught:
        open_model(f"llama.cpp:{broken}")
    assert "\n" not in str(caught.value)


def test_one_server_is_started_when_it_is_needed_and_again_where_it_is_gone(
    model: Path, program: Callable[[str], Path]
) -> None:
    folder = program(STAND_IN)
    first, second = open_model(f"llama.cpp:{model}"), open_model(f" llama.cpp: {model}")
    assert said_by(first) == said_by(second) == "".join(SAYS)
    assert (folder / "starts").read_text() == "x"
    for process in served(model):
        process.kill()
    assert gone(model)
    shared_server(model)._process.wait()  # type: ignore[union-attr]
    assert said_by(open_model(f"llama.cpp:{model}")) == "".join(SAYS)
    assert (folder / "starts").read_text() == "xx"
    shared_server(model).close()
    assert gone(model)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_the_process(model: Path, program: Callable[[str], Path], end: int) -> None:
    program(STAND_IN)
    code = "import sys, time; from pathlib import Path; from langchain_hunyuanocr.engines.server import llama_server;"
    code += "print(llama_server.LlamaServer(Path(sys.argv[1])).start(), flush=True); time.sleep(60)"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(model)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("http://127.0.0.1:")
    assert len(served(model)) > 1
    parent.send_signal(end)
    parent.wait(30)
    parent.stdout.close()
    assert gone(model)


def test_a_server_that_does_not_start_is_told_in_one_line(model: Path, program: Callable[[str], Path]) -> None:
    program("#!/bin/sh\necho 'loading' >&2\necho '0.00.005.1 E error: out of memory' >&2\nexit 3\n")
    with pytest.raises(EngineError) as caught:
        LlamaServer(model).start()
    assert str(caught.value) == f"{model}: llama-server ended with status 3: error: out of memory"
    assert gone(model)


def test_the_command_answers_by_a_model_of_this_machine(
    tmp_path: Path, model: Path, program: Callable[[str], Path]
) -> None:
    pytest.importorskip("chromadb")
    program(STAND_IN)
    make_archive(tmp_path / "archive", page_of(LEASE, 0)).close()
    answered(ask(tmp_path / "archive", model))
    assert gone(model)
    (tmp_path / "no.gguf").write_text("text")
    for path, message in ((tmp_path / "none.gguf", "no such file"), (tmp_path / "no.gguf", "this is no GGUF file")):
        done = ask(tmp_path / "archive", path)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_the_service_says_at_once_that_a_model_cannot_be_served(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    for arguments in (["serve", "--engine", "scripted"], ["mcp", "--archive", str(tmp_path)]):
        done = subprocess.run(
            [COMMAND, *arguments, "--llm", f"llama.cpp:{tmp_path / 'none.gguf'}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2
        assert "none.gguf: no such file" in done.stderr
