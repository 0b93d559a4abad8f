"""What a caller sends, and what is read from it, is in no log, no figure, and nothing that stays."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from langchain_hunyuanocr import Archive, ScriptedEngine
from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.service import Access, Bounds
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.url_fetching import Fetcher
from tests.integration_tests.files import png, scanned_pdf, typed_pdf
from tests.integration_tests.service_client import application, client, upload

MARK = "Zanzibar"
"""Stands in every document, name, question, password and address that is sent."""


def answer(request: Request) -> Generation:
    """Whatever is asked, and now and then a failure that quotes it."""
    if request.task.question and "fail" in request.task.question:
        return Generation(finish="error", error="the server failed")
    return Generation(text=f"# {MARK}\n\n{MARK} pays 96.50 | {request.task.prompt}")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in ("langchain_hunyuanocr", "uvicorn", "fastapi", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.fixture
def service(tmp_path: Path, logged: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    typed_pdf(tmp_path / f"{MARK}.pdf", [f"{MARK} leases it for nine years. It begins on 4 March 2021. " * 3])
    with Archive(tmp_path / "archive", engine=ScriptedEngine("page"), create=True) as archive:
        archive.ingest(tmp_path / f"{MARK}.pdf")
    logged.clear()

    async def look_up(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    fetcher = Fetcher(allowed=True, bounds=Bounds(), resolve=look_up, transport=transport)
    access = Access(keys=tmp_path / "keys.json")
    key = ApiKeyFile(tmp_path / "keys.json").add(MARK, ["read", "ask", "admin"])
    app = application(tmp_path, ScriptedEngine(answer), fetcher=fetcher, access=access, archive=tmp_path / "archive")
    with client(app) as open_client:
        open_client.headers["Authorization"] = f"Bearer {key}"
        yield open_client


def test_nothing_of_a_document_is_logged_or_counted_or_kept(
    service: TestClient, tmp_path: Path, logged: pytest.LogCaptureFixture
) -> None:
    locked = scanned_pdf(tmp_path / "locked.pdf", [MARK, MARK], password=MARK).read_bytes()
    image = base64.b64encode(png(MARK)).decode()
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}
    asked = {"messages": [{"role": "user", "content": [picture, {"type": "text", "text": f"{MARK}?"}]}]}
    address = f"https://{MARK}.example/{MARK}?{MARK}#{MARK}"
    read: list[tuple[int, dict[str, Any], list[Any]]] = [
        (200, {"password": MARK}, upload((f"{MARK}.pdf", locked))),
        (200, {"password": MARK, "stream": "true"}, upload((f"{MARK}.pdf", locked))),
        (422, {"password": f"{MARK}no"}, upload((f"{MARK}.pdf", locked))),
        (200, {"question": MARK, "fields": MARK}, upload((f"{MARK}.png", png(MARK)))),
        (422, {"question": f"fail {MARK}"}, upload((f"{MARK}.png", png(MARK)))),
        (415, {}, upload((f"{MARK}.txt", MARK.encode()))),
        (422, {}, upload((f"{MARK}.pdf", b"%PDF-1.7 " + MARK.encode()))),
        (422, {"task": MARK}, upload((f"{MARK}.png", png()))),
        (422, {"url": address}, []),
    ]
    for status, form, files in read:
        assert service.post("/v1/read", data=form, files=files or None).status_code == status, form
    started = service.post("/v1/jobs", files=upload((f"{MARK}.pdf", locked)), data={"password": MARK})
    while (job := service.get(f"/v1/jobs/{started.json()['id']}").json())["status"] != "done":
        assert job["status"] in ("queued", "running")
    assert MARK in str(job["pages"])
    service.delete(f"/v1/jobs/{job['id']}")
    service.get(f"/v1/jobs/{MARK}")
    service.get(f"/{MARK}?{MARK}={MARK}", headers={"X-API-Key": MARK, "User-Agent": MARK})
    assert MARK in service.post("/generate", json={"image": image, "prompt": MARK}).text
    assert service.post("/generate", json={"image": MARK, MARK: MARK}).status_code == 422
    for stream in (False, True):
        assert MARK in service.post("/v1/chat/completions", json={**asked, "stream": stream}).text
        assert (
            MARK in service.post("/v1/ask", json={"question": f"How long does {MARK} lease it?", "stream": stream}).text
        )
    assert MARK in service.post("/v1/search", json={"query": MARK}).text
    service.post("/v1/search", json={"query": MARK, "where": {MARK: MARK}})
    assert MARK not in logged.text
    assert MARK not in service.get("/metrics").text
    left = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())
    assert MARK.encode() not in left
