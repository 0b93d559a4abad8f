"""`hunyuanocr serve-model`: the command line that serves HunyuanOCR on this machine, printed or started."""

from __future__ import annotations

import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import JsonOption
from langchain_hunyuanocr.engines.local.releases import LICENCE, MODEL, REVISION
from langchain_hunyuanocr.errors import EngineError

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines.server.server_programs import ServerProgram

_GGUF = "ggml-org/HunyuanOCR-GGUF:Q8_0"
_GIB = 2**30
_CACHE_BYTES_A_TOKEN = 24 * 8 * 128 * 2 * 2
"""Layers, heads of keys and values, their length, keys and values, bytes of bfloat16: 96 KiB."""
_WORK_GIB = 6.0
"""Weights in bfloat16 (2 GiB), and what the vision tower takes for the largest picture; an estimate."""
_PAGE_TOKENS = 6144
"""A page of 3.4 megapixels (3400 tokens) and a long answer."""
_SLOT_TOKENS = 12288
"""The same page and the longest answer, 8192 tokens: what llama.cpp sets aside for each page under way."""
_LONGEST_CONTEXT = 131072
_SHORT_CONTEXT = 32768
"""Holds the largest picture that HunyuanOCR takes (16 644 tokens) and the longest answer."""
_MOST_SEQUENCES = 64
_VLLM_LEAST_GIB = 12.0
_VENDOR_GIB = 20.0
"""From here on the vendor's own context length fits; it advises 20 to 24 GB."""


class Server(StrEnum):
    """Servers that HunyuanOCR's vendor documents."""

    AUTO = "auto"
    VLLM = "vllm"
    LLAMA_CPP = "llama.cpp"


@dataclass(frozen=True)
class Machine:
    """What decides which server, and how large.

    Attributes:
        gpu: Name of the first CUDA card; empty where there is none.
        total_gib: Its memory.
        free_gib: What nobody uses of it.
        vllm: Path of the program `vllm`.
        llama: Path of the program `llama-server`.
    """

    gpu: str = ""
    total_gib: float = 0.0
    free_gib: float = 0.0
    vllm: str | None = None
    llama: str | None = None


@dataclass(frozen=True)
class Launch:
    """A command line, and what there is to know of it."""

    server: Server
    command: tuple[str, ...]
    concurrency: int
    """Pages that it works on at once."""
    words: tuple[str, ...]
    program: str | None
    """Where the program is; `None` where it is not installed."""
    needs: ServerProgram


def serve_model(
    server: Annotated[
        Server, typer.Option("--server", help="auto takes vLLM where CUDA has 12 GiB free, else llama.cpp.")
    ] = Server.AUTO,
    model: Annotated[
        str | None, typer.Option("--model", help="A repository or folder; for llama.cpp one of GGUF files.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
    run: Annotated[bool, typer.Option("--run", help="Start it, say when it is ready; Ctrl-C ends it.")] = False,
    install: Annotated[
        bool, typer.Option("--install", help="With --run: install a missing server into an environment of its own.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the command line that serves HunyuanOCR on this machine; with --run, start it.

    The flags come from the documentation of HunyuanOCR's vendor (docs/inference and docs/llama_cpp.md of
    github.com/Tencent-Hunyuan/HunyuanOCR), of vLLM and of llama.cpp; the sizes are reckoned from the free memory of the
    card. The authors of this package had no GPU at hand to try them on.
    """
    launch = plan(look_around(), server=server, model=model, host=host, port=port)
    for words in launch.words:
        console.say(words)
    address = f"http://{_reached(host)}:{port}/v1"
    console.say(f"then: export HUNYUANOCR_BASE_URL={address}")
    if as_json:
        console.write_json(
            {"server": launch.server.value, "command": launch.command, "concurrency": launch.concurrency}
        )
    else:
        sys.stdout.write(shlex.join(launch.command) + "\n")
        sys.stdout.flush()
    if run:
        program = launch.program or _installed(launch.needs, wanted=install)
        status = _serve([program, *launch.command[1:]], port, address)
        if status:
            raise typer.Exit(status)


def _installed(needs: ServerProgram, *, wanted: bool) -> str:
    """Where a missing program is once it was installed, if that is wanted.

    Raises:
        EngineError: It is not, or that failed.
    """
    if needs.package is None:
        raise EngineError(f"{needs.name} is not installed", remedy=needs.by_hand)
    where = f"into {needs.environment} ({needs.size})"
    if not wanted and sys.stdin.isatty():
        wanted = typer.confirm(f"{needs.name} is not installed; install {needs.package} {where}?", err=True)
    if not wanted:
        raise EngineError(
            f"{needs.name} is not installed", remedy=f"add --install, which puts it {where}; or {needs.by_hand}"
        )
    console.say(f"installing {needs.package} {where}")
    return needs.install()


def _serve(command: list[str], port: int, address: str) -> int:
    """Run a server until it ends, or Ctrl-C; its status, 0 after Ctrl-C."""
    from langchain_hunyuanocr.engines.server.server_process import ServerProcess

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = ServerProcess(command)
    try:
        if process.wait_until_ready(port, math.inf):
            console.say(f"ready: HUNYUANOCR_BASE_URL={address} hunyuanocr read scan.pdf --engine server")
        return process.wait()
    except KeyboardInterrupt:
        console.say("ending the server")
        return 0
    finally:
        process.end()


def plan(machine: Machine, *, server: Server, model: str | None, host: str, port: int) -> Launch:
    """The command line for a machine."""
    if server is Server.AUTO:
        roomy = machine.free_gib >= _VLLM_LEAST_GIB
        # With room for vLLM but only llama.cpp installed, what is there is taken.
        server = Server.VLLM if roomy and (machine.vllm or not machine.llama) else Server.LLAMA_CPP
    if server is Server.VLLM:
        return _vllm(machine, model or MODEL, host, port)
    return _llama(machine, model or _GGUF, host, port)


def _vllm(machine: Machine, model: str, host: str, port: int) -> Launch:
    from langchain_hunyuanocr.engines.server.server_programs import VLLM

    share = _share(machine)
    context = _LONGEST_CONTEXT if machine.free_gib >= _VENDOR_GIB else _SHORT_CONTEXT
    cache_tokens = (share * machine.total_gib - _WORK_GIB) * _GIB / _CACHE_BYTES_A_TOKEN
    concurrency = min(max(int(cache_tokens // _PAGE_TOKENS), 1), _MOST_SEQUENCES)
    words = [
        _seen(machine),
        "flags as documented by the vendor and by vLLM; sizes reckoned from the free memory, not tried on this card",
        _at_once(concurrency),
        _weights("the weights, 2 GB, come"),
    ]
    if machine.free_gib < _VLLM_LEAST_GIB:
        words.insert(
            1, f"vLLM may not start with less than {_VLLM_LEAST_GIB:g} GiB free; --server llama.cpp needs less"
        )
    pinned = ("--revision", REVISION) if model == MODEL else ()
    command = (
        "vllm", "serve", model, *pinned,
        "--served-model-name", MODEL,
        "--host", host, "--port", str(port),
        "--limit-mm-per-prompt", '{"image": 1, "video": 0}',
        "--max-model-len", str(context),
        "--max-num-seqs", str(concurrency),
        "--gpu-memory-utilization", f"{share:.2f}",
    )  # fmt: skip
    return Launch(Server.VLLM, command, concurrency, tuple(words), machine.vllm, VLLM)


def _llama(machine: Machine, model: str, host: str, port: int) -> Launch:
    from langchain_hunyuanocr.engines.server import llama_server
    from langchain_hunyuanocr.engines.server.server_programs import LLAMA_SERVER

    # A slot takes 1.2 GiB of cache; on a CPU, pages only slow each other down.
    slot_gib = _SLOT_TOKENS * _CACHE_BYTES_A_TOKEN / _GIB
    slots = min(max(int((machine.free_gib - _WORK_GIB / 2) // slot_gib), 1), 8) if machine.gpu else 1
    folder = Path(model)
    weights = _gguf_files(folder) if folder.is_dir() else ("-hf", model)
    command = llama_server.command_line(
        (*weights, "--flash-attn", "on"),
        alias=MODEL,
        host=host,
        port=port,
        context=slots * _SLOT_TOKENS,
        slots=slots,
        gpu=bool(machine.gpu),
    )
    words = [
        _seen(machine),
        "flags as documented by the vendor and by llama.cpp, not tried on this machine",
        _at_once(slots),
        _weights("the weights, 1.5 GB, come"),
    ]
    if model == _GGUF:
        words.append(
            f"{_GGUF} was published in April 2026, before HunyuanOCR-1.5; to be sure of 1.5, convert it as the "
            "vendor's docs/llama_cpp.md says, and pass the folder with --model"
        )
    return Launch(Server.LLAMA_CPP, command, slots, tuple(words), machine.llama, LLAMA_SERVER)


def _gguf_files(folder: Path) -> tuple[str, ...]:
    """The flags that name the language model and its eyes in a folder.

    Raises:
        EngineError: One of the two is missing.
    """
    found = sorted(folder.glob("*.gguf"))
    eyes = [file for file in found if file.name.startswith("mmproj")]
    words = [file for file in found if file not in eyes and "dflash" not in file.name]
    if not eyes or not words:
        raise EngineError(
            "there is no model.gguf beside an mmproj*.gguf in this folder",
            source=str(folder),
            remedy=f"leave --model out to have {_GGUF} downloaded",
        )
    return "--model", str(words[0]), "--mmproj", str(eyes[0])


def _share(machine: Machine) -> float:
    """How much of the card's memory vLLM may take: what is free, less a margin, and at most the usual nine tenths."""
    if not machine.total_gib:
        return 0.9
    return max(min(0.9, math.floor(100 * machine.free_gib / machine.total_gib - 2) / 100), 0.1)


def _seen(machine: Machine) -> str:
    if not machine.gpu:
        return "no CUDA card is seen"
    return f"{machine.gpu}, {machine.free_gib:.1f} of {machine.total_gib:.1f} GiB free"


def _at_once(pages: int) -> str:
    return f"pages at once: {pages}; ServerEngine(max_concurrency={pages}) sends as many"


def _weights(what: str) -> str:
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    return f"{what} from {endpoint} (HF_ENDPOINT names another, like https://hf-mirror.com), {LICENCE}"


def _reached(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound


def look_around() -> Machine:
    """What this machine has."""
    from langchain_hunyuanocr.engines.server.server_programs import LLAMA_SERVER, VLLM

    gpu, total, free = _card()
    return Machine(gpu, total, free, vllm=VLLM.find(), llama=LLAMA_SERVER.find())


def _card() -> tuple[str, float, float]:
    """Name, memory and free memory in GiB of the first CUDA card, as the driver tells."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "", 0.0, 0.0
    query = [tool, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S603
        name, total, free = (part.strip() for part in told.splitlines()[0].split(","))
        return name, float(total) / 1024, float(free) / 1024
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        # A driver that does not work is no card.
        return "", 0.0, 0.0
