"""`hunyuanocr serve-model` as a user runs it, with a program in place of the server that says what it was given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def serve_model(*arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("hunyuanocr")
    environment = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [program, "serve-model", *arguments], capture_output=True, text=True, env=environment, timeout=60
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
def test_the_line_that_is_printed_is_the_one_that_runs(tmp_path: Path) -> None:
    stand_in = tmp_path / "llama-server"
    stand_in.write_text('#!/bin/sh\necho "started: $*"\nexit 7\n')
    stand_in.chmod(0o755)
    printed = serve_model("--server", "llama.cpp", "--port", "8123", path=tmp_path)
    assert printed.returncode == 0
    assert printed.stdout.startswith("llama-server -hf ")
    started = serve_model("--server", "llama.cpp", "--port", "8123", "--run", path=tmp_path)
    assert started.returncode == 7
    line = printed.stdout.removeprefix("llama-server ")
    assert started.stdout == f"{printed.stdout}started: {line}"


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
def test_the_card_is_asked_of_its_driver(tmp_path: Path) -> None:
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034, 22500'\n")
    driver.chmod(0o755)
    printed = serve_model(path=tmp_path)
    assert "NVIDIA L4, 22.0 of 22.5 GiB free" in printed.stderr
    driver.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed' >&2\nexit 9\n")
    assert "no CUDA card is seen" in serve_model(path=tmp_path).stderr
