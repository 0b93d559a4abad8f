"""Real servers of the tests' checkpoint, started for a while on free ports of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from langchain_hunyuanocr.engines.local.releases import MODEL

_STARTING_S = 120


def transformers_command(checkpoint: Path) -> list[str]:
    """`transformers serve`, as users run it."""
    return [str(Path(sys.executable).with_name("transformers")), "serve", str(checkpoint), "--device", "cpu"]


def llama_command(program: Path, folder: Path, *, context: int = 8192, slots: int = 4) -> list[str]:
    """The line that `serve-model` prints for a folder of GGUF files, without its address."""
    models = ["--model", str(folder / "model.gguf"), "--mmproj", str(folder / "mmproj-model.gguf")]
    sizes = ["--ctx-size", str(context), "--parallel", str(slots), "--flash-attn", "on"]
    return [str(program), *models, "--alias", MODEL, *sizes, "--jinja"]


def vllm_command(program: str, checkpoint: Path) -> list[str]:
    """`vllm serve` with a short context, on a CPU."""
    command = [program, "serve", str(checkpoint), "--served-model-name", MODEL, "--dtype", "float32"]
    sizes = ["--max-model-len", "2048", "--max-num-seqs", "16", "--enforce-eager"]
    return [*command, *sizes, "--limit-mm-per-prompt", '{"image": 1, "video": 0}']


@contextmanager
def running_server(command: list[str]) -> Iterator[str]:
    """The address of a server, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    sparing = {"OMP_NUM_THREADS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **quiet, **sparing},
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTING_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended before it answered"
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer within {_STARTING_S} s")
