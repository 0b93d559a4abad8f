"""The service under a real server: in a thread of the test, or as the command itself."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.service import ServiceSettings, create_app
from langchain_hunyuanocr.service.connections import server_of
from langchain_hunyuanocr.ui import mount_page
from tests.integration_tests.ports import free_port, listens


class Gate(ScriptedEngine):
    """Answers only once it is let."""

    def __init__(self, **settings: Any) -> None:
        super().__init__("page", **settings)
        self.let = threading.Event()

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        self.batches.append(len(requests))
        while not self.let.is_set():
            await asyncio.sleep(0.01)
        return [Generation(text="page") for _ in requests]


@contextmanager
def served(
    state: Path, engine: Engine | None = None, *, page: bool = False, **settings: Any
) -> Iterator[tuple[str, FastAPI]]:
    """The address of a service, and its application; the engine says `page` where none is given."""
    app = create_app(ServiceSettings(state=state, warm_up=False, **settings), engine or ScriptedEngine("page"))
    if page:
        mount_page(app)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = server_of(app, timeout_graceful_shutdown=2)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", app
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def command(folder: Path, *options: str, **environment: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`hunyuanocr serve` on a free port, once it listens."""
    port = free_port()
    program = Path(sys.executable).with_name("hunyuanocr")
    line = [program, "serve", "--port", str(port), "--state", folder / "state", *options]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}, cwd=folder)
    try:

        def started() -> bool:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            return listens(port)

        until(started, within_s=60)
        yield port, process
    except BaseException as error:
        process.kill()
        error.add_note(process.stderr.read() if process.stderr else "")  # what the service said of it
        raise
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def hunyuanocr(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    program = Path(sys.executable).with_name("hunyuanocr")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)


def until(true: Any, *, within_s: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come to be so in time")
        time.sleep(0.01)
