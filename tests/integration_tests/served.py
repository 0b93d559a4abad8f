"""The service under a real server, in a thread of the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.service import ServiceSettings, create_app


@contextmanager
def served(state: Path, engine: Engine | None = None, **settings: Any) -> Iterator[tuple[str, FastAPI]]:
    """The address of a service, and its application; the engine says `page` where none is given."""
    app = create_app(ServiceSettings(state=state, warm_up=False, **settings), engine or ScriptedEngine("page"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", app
        finally:
            server.should_exit = True
            thread.join(20)


def until(true: Any, *, within_s: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come to be so in time")
        time.sleep(0.01)
