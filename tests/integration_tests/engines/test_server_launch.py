"""`hunyuanocr serve-model` as a user runs it, with a program in place of the server that says what it was given."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.integration_tests.served import free_port, until
from tests.tiny_pages import page, picture


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


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_server_is_run_until_it_is_interrupted(
    ending: signal.Signals, llama_program: Path, hunyuan_gguf: Path, tmp_path: Path
) -> None:
    port = free_port()
    options = ["--server", "llama.cpp", "--model", str(hunyuan_gguf), "--port", str(port), "--run"]
    process = subprocess.Popen(
        [Path(sys.executable).with_name("hunyuanocr"), "serve-model", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": f"{llama_program.parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert process.stderr is not None
    (ready,) = islice((line for line in process.stderr if line.startswith("ready: ")), 1)
    assert ready == f"ready: HUNYUANOCR_BASE_URL=http://127.0.0.1:{port}/v1 hunyuanocr read scan.pdf --engine server\n"
    picture(page("ABC12", "XY")).save(tmp_path / "scan.png")
    environment = {**os.environ, "HUNYUANOCR_BASE_URL": f"http://127.0.0.1:{port}/v1"}
    line = [Path(sys.executable).with_name("hunyuanocr"), "read", tmp_path / "scan.png", "--engine", "server"]
    read = subprocess.run(
        [*line, "--task", "text", "--verify", "off"], capture_output=True, text=True, env=environment, timeout=60
    )
    assert "ABC12\nXY" in read.stdout, read.stderr
    process.send_signal(ending)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == (-signal.SIGKILL if ending is signal.SIGKILL else 0)
    assert "Traceback" not in told
    until(lambda: not listens(port))


@pytest.mark.skipif(sys.platform != "linux", reason="where there is a package to install")
def test_an_installation_that_fails_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }
    line = [Path(sys.executable).with_name("hunyuanocr"), "serve-model", "--server", "vllm", "--run", "--install"]
    done = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=100, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert f"installing vllm into {tmp_path / 'hunyuanocr' / 'vllm'} (about 10 GB)" in done.stderr.replace("\n", " ")
    assert "vllm was not installed: pip says why above" in done.stderr.splitlines()[-1]
    assert list((tmp_path / "hunyuanocr").iterdir()) == []
