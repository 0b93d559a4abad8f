from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from langchain_hunyuanocr.cli import serve_model as command
from langchain_hunyuanocr.cli.serve_model import Launch, Machine, Server, plan
from langchain_hunyuanocr.engines.local.checkpoint import REVISION
from langchain_hunyuanocr.errors import EngineError

H100 = Machine("NVIDIA H100", 80.0, 79.0, vllm="/bin/vllm", llama="/bin/llama-server")
CARD_24 = Machine("NVIDIA RTX 4090", 24.0, 23.0, vllm="/bin/vllm")
CARD_16 = Machine("NVIDIA T4", 16.0, 15.5)
SMALL = Machine("NVIDIA RTX 3060", 12.0, 10.0, vllm="/bin/vllm")
CPU = Machine(vllm="/bin/vllm")


def launch(machine: Machine, server: Server = Server.AUTO, model: str | None = None) -> Launch:
    return plan(machine, server=server, model=model, host="127.0.0.1", port=8123)


def flags(launched: Launch) -> dict[str, str]:
    words = launched.command
    return {flag: words[place + 1] for place, flag in enumerate(words[:-1]) if flag.startswith("-")}


@pytest.mark.parametrize(
    ("machine", "server"),
    [
        (H100, Server.VLLM),
        (CARD_16, Server.VLLM),
        (Machine("card", 24, 23, llama="/bin/llama-server"), Server.LLAMA_CPP),
        (SMALL, Server.LLAMA_CPP),
        (CPU, Server.LLAMA_CPP),
    ],
)
def test_the_machine_decides_which_server(machine: Machine, server: Server) -> None:
    assert launch(machine).server is server
    assert launch(machine).command[0] == ("vllm" if server is Server.VLLM else "llama-server")


def test_vllm_is_pinned_and_fits_the_card() -> None:
    large, medium, small = (flags(launch(machine)) for machine in (H100, CARD_24, CARD_16))
    assert launch(H100).command[:5] == ("vllm", "serve", "tencent/HunyuanOCR", "--revision", REVISION)
    assert (large["--port"], json.loads(large["--limit-mm-per-prompt"])) == ("8123", {"image": 1, "video": 0})
    assert (large["--max-model-len"], medium["--max-model-len"], small["--max-model-len"]) == (
        "131072",
        "131072",
        "32768",
    )
    sequences = [int(each["--max-num-seqs"]) for each in (large, medium, small)]
    assert sequences[0] == 64 > sequences[1] > sequences[2] >= 8
    assert large["--gpu-memory-utilization"] == "0.90"
    # What others use of the card is left to them.
    half = flags(launch(Machine("card", 48, 24), Server.VLLM))
    assert float(half["--gpu-memory-utilization"]) * 48 <= 24


def test_the_longest_page_fits_what_vllm_is_told_to_keep() -> None:
    for machine in (H100, CARD_24, CARD_16):
        told = flags(launch(machine))
        room = (float(told["--gpu-memory-utilization"]) * machine.total_gib - 6) * 2**30 / 98304
        assert room >= int(told["--max-model-len"])


def test_another_model_is_not_pinned() -> None:
    for model in ("./HunyuanOCR", "me/HunyuanOCR-AWQ"):
        assert launch(H100, Server.VLLM, model).command[2] == model
        assert "--revision" not in launch(H100, Server.VLLM, model).command


def test_llama_cpp_brings_its_own_files() -> None:
    on_cpu, on_card = launch(CPU), launch(SMALL, Server.LLAMA_CPP)
    assert on_cpu.command[:3] == ("llama-server", "-hf", "ggml-org/HunyuanOCR-GGUF:Q8_0")
    assert "--n-gpu-layers" not in on_cpu.command
    assert flags(on_card)["--n-gpu-layers"] == "99"
    assert on_cpu.concurrency == 1 < on_card.concurrency <= 8
    for each in (on_cpu, on_card):
        # A slot holds a page of 3.4 megapixels and the longest answer.
        assert int(flags(each)["--ctx-size"]) // int(flags(each)["--parallel"]) >= 3400 + 8192
        assert "--jinja" in each.command


def test_llama_cpp_takes_a_folder_of_gguf_files(tmp_path: Path) -> None:
    (tmp_path / "hyocr-f16.gguf").touch()
    with pytest.raises(EngineError, match=r"there is no model\.gguf beside an mmproj\*\.gguf"):
        launch(CPU, Server.LLAMA_CPP, str(tmp_path))
    (tmp_path / "mmproj-hyocr-f16.gguf").touch()
    (tmp_path / "hyocr-dflash-bf16.gguf").touch()
    told = flags(launch(CPU, Server.LLAMA_CPP, str(tmp_path)))
    assert Path(told["--model"]).name == "hyocr-f16.gguf"
    assert Path(told["--mmproj"]).name == "mmproj-hyocr-f16.gguf"


def test_words_say_what_there_is_to_know() -> None:
    words = "\n".join(launch(SMALL, Server.VLLM).words)
    assert "NVIDIA RTX 3060, 10.0 of 12.0 GiB free" in words
    assert "less than 12 GiB" in words
    assert "HF_ENDPOINT" in words
    assert "no CUDA card is seen" in launch(CPU).words


def test_only_the_command_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "look_around", lambda: CARD_24)
    command.serve_model(host="0.0.0.0", port=9000)
    printed, words = capsys.readouterr()
    assert printed.startswith("vllm serve tencent/HunyuanOCR --revision ")
    assert printed.count("\n") == 1
    assert "HUNYUANOCR_BASE_URL=http://127.0.0.1:9000/v1" in words
    command.serve_model(as_json=True)
    value = json.loads(capsys.readouterr().out)
    assert value["server"] == "vllm"
    assert value["command"][:2] == ["vllm", "serve"]
    assert value["concurrency"] == 27


@pytest.mark.parametrize(
    ("server", "name", "size"), [(Server.VLLM, "vllm", "about 10 GB"), (Server.LLAMA_CPP, "llama-server", "220 MB")]
)
def test_what_is_not_installed_is_told_with_what_installs_it(
    server: Server, name: str, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    needed = plan(CARD_16, server=server, model=None, host="127.0.0.1", port=8123).needs
    with pytest.raises(EngineError) as caught:
        command._installed(replace(needed, package="a-package"), wanted=False)
    assert str(caught.value).startswith(f"{name} is not installed (add --install, which puts it into ")
    assert size in str(caught.value)
    with pytest.raises(EngineError, match=f"{name} is not installed \\({needed.by_hand[:12]}"):
        command._installed(replace(needed, package=None), wanted=True)
