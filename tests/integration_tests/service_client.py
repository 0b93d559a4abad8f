"""The application of the service and its client, for tests that need no server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.service import ServiceSettings, create_app
from langchain_hunyuanocr.service.url_fetching import Fetcher


def upload(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", file) for file in files]


def events(answer: httpx.Response) -> list[tuple[str, Any]]:
    found = []
    for block in answer.text.strip().split("\n\n"):
        name, data = (line.partition(": ")[2] for line in block.split("\n"))
        found.append((name, json.loads(data)))
    return found


def application(
    folder: Path, engine: Engine | None = None, *, fetcher: Fetcher | None = None, **settings: Any
) -> FastAPI:
    settings = {"state": folder / "state", "warm_up": False, **settings}
    return create_app(ServiceSettings(**settings), engine or ScriptedEngine("# A page"), fetcher=fetcher)


def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1")
