"""The service under uvicorn: heads that never come, bodies of strangers, and callers that send too much at once."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access, Bounds
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.connections import most_connections
from tests.integration_tests.archives import lease_archive
from tests.integration_tests.files import png
from tests.integration_tests.served import Gate, served, until


def connect(address: str, what: bytes = b"") -> socket.socket:
    url = httpx.URL(address)
    client = socket.create_connection((url.host, url.port), timeout=20)
    client.sendall(what)
    return client


def closed_by_then(client: socket.socket) -> bool:
    """Whether the other side closes; the test's own limit of time is 20 s."""
    with suppress(ConnectionError):
        while client.recv(65536):
            pass
    return True


def heads_missing(app: FastAPI) -> float:
    (line,) = (
        line
        for line in app.state.service.metrics.text().decode().splitlines()
        if line.startswith("hunyuanocr_heads_missing_total")
    )
    return float(line.split()[1])


@pytest.mark.parametrize("what", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: a", b"\r\n\r\n"])
def test_a_head_that_does_not_come_is_closed_and_counted(tmp_path: Path, what: bytes) -> None:
    with served(tmp_path, bounds=Bounds(head_timeout_s=0.3)) as (address, app), connect(address, what) as client:
        began = time.monotonic()
        assert closed_by_then(client)
        assert time.monotonic() - began < 5
        assert heads_missing(app) == 1


def test_a_head_that_comes_byte_by_byte_is_closed_after_an_answer_too(tmp_path: Path) -> None:
    with (
        served(tmp_path, bounds=Bounds(head_timeout_s=0.5)) as (address, app),
        connect(address, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as client,
    ):
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.settimeout(0.05)
        end = time.monotonic() + 10
        with suppress(ConnectionError):
            while time.monotonic() < end:
                client.sendall(b"\r\n")
                with suppress(TimeoutError):
                    if client.recv(65536) == b"":
                        break
        assert time.monotonic() < end
        assert heads_missing(app) == 1


def test_many_heads_that_do_not_come_keep_nobody_out(tmp_path: Path) -> None:
    with served(tmp_path, bounds=Bounds(head_timeout_s=60, max_heads=20)) as (address, app):
        clients = [connect(address, b"GET /") for _ in range(60)]
        try:
            until(lambda: heads_missing(app) >= 40)
            answer = httpx.get(f"{address}/healthz", timeout=5)
            assert answer.status_code == 200
            assert closed_by_then(clients[0])
        finally:
            for client in clients:
                client.close()


def test_more_connections_than_allowed_are_told_so(tmp_path: Path) -> None:
    with served(tmp_path, Gate(batch_size=1), bounds=Bounds(max_connections=4)) as (address, _):
        head = b"POST /generate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n"
        clients = [connect(address, head) for _ in range(4)]
        try:
            until(lambda: httpx.get(f"{address}/healthz").status_code == 503)
        finally:
            for client in clients:
                client.close()


def test_connections_are_fewer_where_the_system_gives_fewer_files(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (512, 4096))
    assert most_connections(Bounds()) == 256
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert most_connections(Bounds()) == 32
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert most_connections(Bounds()) == 2000


def test_many_requests_before_an_answer_are_not_taken(tmp_path: Path) -> None:
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 100
    with served(tmp_path) as (address, _), connect(address, asked) as client:
        assert closed_by_then(client)
        assert httpx.get(f"{address}/healthz").status_code == 200


def login(body: bytes, kind: str, length: int | None = None) -> bytes:
    head = f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: "
    return f"{head}{len(body) if length is None else length}\r\n\r\n".encode() + body


FORM = "application/x-www-form-urlencoded"


LOGINS = (
    (login(b"--x\r\n", "multipart/form-data; boundary=x", 200_000_000), 415),
    (login(b"key=a", "text/plain"), 415),
    (login(b"key=a", "application/json"), 415),
    (login(b"key=", FORM, 20_000), 413),
    (login(b"key=" + b"a" * 16_381, FORM), 413),
    (login(b"&".join(b"key=a" for _ in range(20)), FORM), 400),
    (login(b"key=\xff\xfe", FORM), 400),
    (login(b"key=%FF%00", FORM), 401),
    (login(b"", FORM), 401),
    (login(b"key=a", f"{FORM}; charset=utf-8"), 401),
)


def test_a_login_of_a_stranger_is_a_few_kilobytes(tmp_path: Path) -> None:
    ApiKeyFile(tmp_path / "keys.json").add("a", ["read"])
    access = Access(keys=tmp_path / "keys.json")
    with served(tmp_path / "state", page=True, access=access) as (address, _):
        for sent, status in LOGINS:
            with connect(address, sent) as client:
                assert client.recv(65536).startswith(f"HTTP/1.1 {status} ".encode()), sent


def test_uploads_of_one_caller_have_a_bound_and_others_do_not_feel_it(tmp_path: Path) -> None:
    keys = ApiKeyFile(tmp_path / "keys.json")
    one, other = ({"authorization": f"Bearer {keys.add(name, ['read'])}"} for name in ("one", "other"))
    engine = Gate(batch_size=1)
    access = Access(keys=tmp_path / "keys.json")
    with served(tmp_path / "state", engine, access=access, bounds=Bounds(max_caller_mb=1)) as (address, app):
        url = httpx.URL(address)
        head = f"POST /v1/read HTTP/1.1\r\nHost: x\r\nAuthorization: {one['authorization']}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
        files = {"files": ("a.png", png() + b"\0" * 100_000)}
        with connect(str(url), head.encode()):  # says that it will send 1 MB, and does not yet
            until(lambda: app.state.service.queue("reading").taken == 1)
            refused = httpx.post(f"{address}/v1/jobs", headers=one, files=files)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
            assert refused.json()["detail"].startswith("your uploads would take more than 1 MB")
            taken = httpx.post(f"{address}/v1/jobs", headers=other, files=files)
            assert taken.status_code == 202
        until(lambda: app.state.service.queue("reading").taken == 0)
        # What waits counts until it is done or deleted.
        jobs = []
        while (answer := httpx.post(f"{address}/v1/jobs", headers=one, files=files)).status_code == 202:
            jobs.append(answer.json()["id"])
            assert len(jobs) < 20
        assert (answer.status_code, len(jobs) > 5) == (429, True)
        httpx.delete(f"{address}/v1/jobs/{jobs[0]}", headers=one)
        assert httpx.post(f"{address}/v1/jobs", headers=one, files=files).status_code == 202
        engine.let.set()


def test_windows_of_the_page_count_among_the_uploads_of_their_caller(tmp_path: Path) -> None:
    from tests.integration_tests.ui.test_ui_authentication import Window

    with served(tmp_path, ScriptedEngine("page"), page=True, bounds=Bounds(max_caller_mb=1)) as (address, _):
        with httpx.Client(base_url=address) as client:
            big = png() + b"\0" * 400_000
            statuses = [Window(client, f"w{number}").upload(("a.png", big)).status_code for number in range(3)]
        assert statuses == [200, 200, 429]


def test_a_filter_with_too_many_conditions_is_the_callers_fault(tmp_path: Path) -> None:
    held = lease_archive(tmp_path)
    with (
        served(tmp_path / "state", archive=held.archive) as (address, _),
        httpx.Client(base_url=address) as client,
    ):
        wheres = (
            {"page": [[">=", number] for number in range(2000)]},
            {"source": [str(number) for number in range(1000)] * 40},
            {"file_name": ["~", "%" * 60_000]},
            {"page": list(range(40_000))},
        )
        for where in wheres:
            for path, asked in (("/v1/search", {"query": "lease"}), ("/v1/ask", {"question": "How long?"})):
                answer = client.post(path, json={**asked, "where": where})
                assert answer.status_code == 422, answer.text
                assert str(tmp_path) not in answer.text
                assert "space" not in answer.text
        answer = client.post("/v1/search", json={"query": "lease", "where": {"file_name": ["x.pdf"] * 900}})
        assert (answer.status_code, answer.json()) == (200, [])
