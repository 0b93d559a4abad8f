"""llama-server of llama.cpp on this machine: its command line, and a process that ends with ours.

`hunyuanocr serve-model` prints or runs the command line for HunyuanOCR; `LlamaServer` starts one for a language model
of the user's own (`--llm llama.cpp:/path/model.gguf`).
"""

from __future__ import annotations

import atexit
import os
import re
import secrets
import shutil
import socket
import tempfile
import threading
from pathlib import Path

from langchain_hunyuanocr.engines.server.server_process import ServerProcess
from langchain_hunyuanocr.engines.server.server_programs import LLAMA_SERVER
from langchain_hunyuanocr.errors import EngineError

_MAGIC = b"GGUF"
_LOADING_S = 600.0
"""Longest that a model may take to load; one of 30 GB from a slow disk takes minutes."""
_CONTEXT = 16_384
"""Tokens: the sources of one question (16,000 characters are at most some 12,000) and its answer."""
_KEY_VARIABLE = "LLAMA_API_KEY"
_STAMP = re.compile(r"^[\d.:]*\s*[DIWE]\s")


def command_line(
    flags: tuple[str, ...], *, alias: str, host: str, port: int, context: int, slots: int, gpu: bool
) -> tuple[str, ...]:
    """The command line of llama-server.

    Args:
        flags: Those that name the model, and what it needs besides.
        alias: Name that it goes by.
        host: Address to listen at.
        port: Port to listen at.
        context: Tokens of context, of all slots together.
        slots: Requests at once.
        gpu: Whether all layers go to the graphics card.
    """
    return (
        LLAMA_SERVER.name, *flags,
        "--alias", alias,
        "--host", host, "--port", str(port),
        "--ctx-size", str(context), "--parallel", str(slots),
        "--jinja",
        *(("--n-gpu-layers", "99") if gpu else ()),
    )  # fmt: skip


def check_model(path: Path) -> str:
    """See that a model can be served here; where the program is.

    Raises:
        EngineError: The file is missing or is no GGUF file, or llama-server is not installed.
    """
    if not path.is_file():
        missing = "this is a folder" if path.is_dir() else "no such file"
        raise EngineError(missing, source=str(path), remedy="write it as llama.cpp:/path/model.gguf")
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as exc:
        raise EngineError(f"cannot be read: {exc.strerror}", source=str(path)) from exc
    if begins != _MAGIC:
        raise EngineError(
            "this is no GGUF file", source=str(path), remedy="convert it with llama.cpp's convert_hf_to_gguf.py"
        )
    program = LLAMA_SERVER.find()
    if program is None:
        raise EngineError(f"{LLAMA_SERVER.name} is not installed", remedy=LLAMA_SERVER.by_hand)
    return program


class LlamaServer:
    """A llama-server that serves one language model to this process alone, started when it is first needed.

    Args:
        path: Of the GGUF file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process: ServerProcess | None = None
        self._log = ""
        self._port = 0
        self._starting = threading.Lock()
        self.api_key = secrets.token_hex(16)
        """Other users of the machine reach the port, and are refused."""
        atexit.register(self.close)

    def start(self) -> str:
        """Make sure that it runs; its address.

        Raises:
            EngineError: See `check_model`; or it ended, or did not get ready in ten minutes.
        """
        with self._starting:
            if self._process is None or self._process.status is not None:
                self._launch(check_model(self._path))
            return f"http://127.0.0.1:{self._port}/v1"

    def close(self) -> None:
        """End it; it may be started again."""
        process, self._process = self._process, None
        if process is not None:
            process.end()
            Path(self._log).unlink(missing_ok=True)

    def _launch(self, program: str) -> None:
        self.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        _, *flags = command_line(
            ("--model", str(self._path)),
            alias=self._path.stem,
            host="127.0.0.1",
            port=self._port,
            context=_CONTEXT,
            slots=1,
            gpu=shutil.which("nvidia-smi") is not None,
        )
        handle, self._log = tempfile.mkstemp(prefix="llama-server-", suffix=".log")
        with os.fdopen(handle, "wb") as log:
            self._process = ServerProcess([program, *flags], environment={_KEY_VARIABLE: self.api_key}, log=log)
        if self._process.wait_until_ready(self._port, _LOADING_S):
            return
        status = self._process.status
        how = f"was not ready in {_LOADING_S:.0f} s" if status is None else f"ended with status {status}"
        said = "" if status is None else self._last_words()
        self.close()
        raise EngineError(f"{LLAMA_SERVER.name} {how}{said}", source=str(self._path))

    def _last_words(self) -> str:
        """What its log says went wrong."""
        # Its lines begin with a clock and the letter of their level.
        lines = [
            " ".join(_STAMP.sub("", line).split())
            for line in Path(self._log).read_text("utf-8", "replace").splitlines()
        ]
        errors = [line for line in lines if "error" in line.lower()] or [line for line in lines if line]
        return f": {errors[0][:200]}" if errors else ""


_servers: dict[Path, LlamaServer] = {}
_sharing = threading.Lock()


def shared_server(path: Path) -> LlamaServer:
    """The server of a model; the same one for all that ask in this process."""
    whole = path.expanduser().resolve()
    with _sharing:
        return _servers.setdefault(whole, LlamaServer(whole))
