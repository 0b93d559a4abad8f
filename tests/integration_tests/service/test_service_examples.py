"""The files in `examples/` that a service is run with, checked by the programs that they are for."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access
from langchain_hunyuanocr.service.auth import ApiKeyFile
from tests.integration_tests.files import scanned_pdf
from tests.integration_tests.ports import free_port, listens
from tests.integration_tests.served import served, until

if TYPE_CHECKING:
    from tests.integration_tests.browser import Windows

EXAMPLES = Path(__file__).parents[3] / "examples"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def nginx(folder: Path, service: str) -> Iterator[httpx.Client]:
    """A client of nginx, which runs as this user with the example's server before a service."""
    line = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost"
    names = ("-addext", "subjectAltName=DNS:localhost")
    subprocess.run([*line.split(), *names], cwd=folder, check=True, capture_output=True)
    port = free_port()
    site = (EXAMPLES / "nginx.conf").read_text()
    for theirs, ours in (
        ("443", str(port)),
        ("/etc/ssl/ocr.example.org.pem", f"{folder}/cert.pem"),
        ("/etc/ssl/private/ocr.example.org.key", f"{folder}/key.pem"),
        ("http://127.0.0.1:8000", service),
    ):
        assert theirs in site
        site = site.replace(theirs, ours)
    kept = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {kept} {site} }}"
    )
    command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: listens(port))
        trusted = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_the_service_behind_nginx(tmp_path: Path) -> None:
    key = ApiKeyFile(tmp_path / "keys.json").add("scanner", ["read"])
    other = {"X-API-Key": ApiKeyFile(tmp_path / "keys.json").add("other", ["read"])}
    pages = scanned_pdf(tmp_path / "three.pdf", ["1", "2", "3"]).read_bytes()
    engine = ScriptedEngine("page", delay_s=0.2)
    with (
        served(tmp_path / "state", engine, access=Access(keys=tmp_path / "keys.json")) as (address, _),
        nginx(tmp_path, address) as client,
    ):
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert client.get("/v1/jobs").status_code == 401
        # Who guesses is known by the address that nginx saw, whatever is written into the header.
        guesses = [
            client.get("/v1/jobs", headers={"X-API-Key": "hocr_wrong", "X-Forwarded-For": f"198.51.100.{number}"})
            for number in range(31)
        ]
        assert [guess.status_code for guess in guesses] == [401] * 30 + [429]
        assert client.get("/v1/jobs", headers=other).status_code == 429
        client.headers["Authorization"] = f"Bearer {key}"
        form = {"files": ("three.pdf", pages)}
        assert [page["status"] for page in client.post("/v1/read", files=form).json()] == ["ok"] * 3
        read_before = engine.requests
        with client.stream("POST", "/v1/read", files=form, data={"stream": "true"}) as answer:
            first = next(answer.iter_text())
            assert first.startswith("event: page")
            # It is here before the last page is read.
            assert engine.requests - read_before < 3


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_the_page_behind_nginx(tmp_path: Path, serve: Callable[..., tuple[str, FastAPI]], windows: Windows) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    key = ApiKeyFile(tmp_path / "keys.json").add("scanner", ["read"])
    scan = scanned_pdf(tmp_path / "two.pdf", ["1", "2"])
    address, _ = serve(tmp_path / "state", page=True, access=Access(keys=tmp_path / "keys.json"))
    with nginx(tmp_path, address) as client:
        page = windows.open(str(client.base_url), unverified=True)
        page.get_by_label("API key or token").fill(key)
        page.get_by_role("button", name="Log in").click()
        page.locator("#hv-files input[type=file]").set_input_files(scan)
        page.locator("#hv-read").click()
        playwright.expect(page.locator("#hv-progress")).to_contain_text("Done. Pages read: 2.")
        (cookie,) = (one for one in page.context.cookies() if one["name"] == "hunyuanocr_session")
        assert (cookie["secure"], cookie["httpOnly"]) == (True, True)
        page.close()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_its_unit(tmp_path: Path) -> None:
    unit = (EXAMPLES / "hunyuanocr.service").read_text()
    program = "/opt/hunyuanocr/bin/hunyuanocr"
    assert f"ExecStart={program} serve" in unit
    installed = Path(sys.executable).with_name("hunyuanocr")
    (tmp_path / "hunyuanocr.service").write_text(unit.replace(f"ExecStart={program}", f"ExecStart={installed}"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "hunyuanocr.service"], capture_output=True, text=True
    )
    assert (checked.returncode, "hunyuanocr.service:" in checked.stderr) == (0, False), checked.stderr
