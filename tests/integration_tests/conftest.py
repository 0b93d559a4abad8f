"""What the tests of real components share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from langchain_hunyuanocr.engines.local.decoding import Decoder

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.sync_api import Browser

    from tests.integration_tests.browser import Windows

CHECKPOINT = Path(__file__).parents[1] / "checkpoint"
_STARTING_S = 120


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The folder of a HunyuanVL checkpoint that reads `tests/tiny_pages.py`; skips without transformers."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    # The model is so small that threads only wait for each other.
    torch.set_num_threads(1)
    return CHECKPOINT


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many slots each decoding step of the local engine was over."""
    seen: list[int] = []
    step = Decoder.step

    def watch(self: Decoder, rows: int, longest: int) -> Any:
        seen.append(rows)
        return step(self, rows, longest)

    monkeypatch.setattr(Decoder, "step", watch)
    return seen


@pytest.fixture
def prefilled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tokens of each picture that the local engine prefilled."""
    seen: list[int] = []
    prefix = Decoder.prefix

    def watch(self: Decoder, patches: Any, prompt: Any) -> Any:
        seen.append(prompt.shared)
        return prefix(self, patches, prompt)

    monkeypatch.setattr(Decoder, "prefix", watch)
    return seen


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; of one module, for while it runs there may be no other event loop, as in `async` tests."""
    pytest.importorskip("playwright")
    from tests.integration_tests.browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, FastAPI]]]:
    """Starts services as `served` does, which end with the test."""
    from tests.integration_tests.served import served

    with ExitStack() as running:
        yield lambda *args, **settings: running.enter_context(served(*args, **settings))


@pytest.fixture
def windows(browser: Browser, serve: object) -> Iterator[Windows]:
    """Opens windows of the browser; the test fails where a script fails or a request leaves this machine.

    They close before the services end, which otherwise would wait for them.
    """
    from tests.integration_tests.browser import Windows

    opened = Windows(browser)
    yield opened
    opened.close()
    assert opened.faults == [], "\n".join(opened.faults)


@pytest.fixture(scope="session")
def transformers_serve(tiny: Path) -> Iterator[str]:
    """Address of `transformers serve`, run as users run it."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(tiny), "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
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
    pytest.fail(f"the server did not answer within {_STARTING_S} s")
