"""What the tests of real components share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.releases import MODEL
from tests.integration_tests import model_servers
from tests.integration_tests.model_servers import llama_command, running_server, transformers_command, vllm_command

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.sync_api import Browser

    from tests.integration_tests.browser import Windows

CHECKPOINT = Path(__file__).parents[1] / "checkpoint"


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
    prefill = Decoder.prefill

    def watch(self: Decoder, slot: int, picture: Any, prompt: Any) -> None:
        seen.append(prompt.shared)
        prefill(self, slot, picture, prompt)

    monkeypatch.setattr(Decoder, "prefill", watch)
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

    with Windows(browser) as opened:
        yield opened
    assert opened.faults == [], "\n".join(opened.faults)


@pytest.fixture(scope="session")
def transformers_serve(tiny: Path) -> Iterator[str]:
    """Address of `transformers serve`."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    with running_server(transformers_command(tiny)) as address:
        yield address


@pytest.fixture(scope="session")
def llama_program() -> Path:
    """A real `llama-server`; skips without."""
    program = model_servers.llama_program()
    if program is None:
        pytest.skip("no llama-server is installed")
    return program


@pytest.fixture(scope="session")
def hunyuan_gguf(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the checkpoint as llama.cpp reads it."""
    pytest.importorskip("gguf")
    from tests.checkpoint_gguf import write_gguf

    return write_gguf(tiny, tmp_path_factory.mktemp("gguf"))[0].parent


@pytest.fixture(scope="session")
def llama_server(llama_program: Path, hunyuan_gguf: Path) -> Iterator[str]:
    """Address of a real `llama-server`, started with the line that `hunyuanocr serve-model` prints."""
    with running_server(llama_command(llama_program, hunyuan_gguf)) as address:
        yield address


@pytest.fixture(scope="session")
def vllm_server(tiny: Path) -> Iterator[str]:
    """Address of the vLLM that `HUNYUANOCR_TEST_VLLM` names, as `tests/vllm_environment.sh` builds it; else skips."""
    program = os.environ.get("HUNYUANOCR_TEST_VLLM")
    if not program:
        pytest.skip("HUNYUANOCR_TEST_VLLM names no vllm")
    with running_server(vllm_command(program, tiny)) as address:
        yield address


@pytest.fixture(params=["transformers_serve", "llama_server", "vllm_server"])
def server(request: pytest.FixtureRequest, tiny: Path) -> tuple[str, str]:
    """Each server that there is, with the name that it gives the model."""
    address = request.getfixturevalue(request.param)
    return address, str(tiny) if request.param == "transformers_serve" else MODEL
