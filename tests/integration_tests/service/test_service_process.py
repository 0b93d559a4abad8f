"""The service under uvicorn: clients that go away, send too much or send rubbish, TLS, and the command itself."""

from __future__ import annotations

import base64
import concurrent.futures
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric import rsa
from typer.testing import CliRunner

from langchain_hunyuanocr import HunyuanOCRError, ScriptedEngine, ServiceError
from langchain_hunyuanocr.cli.main import app
from langchain_hunyuanocr.service import Access, Bounds
from tests.integration_tests.files import png
from tests.integration_tests.ports import free_port
from tests.integration_tests.served import Gate, command, hunyuanocr, served, until


def question() -> bytes:
    return json.dumps({"image": base64.b64encode(png()).decode(), "prompt": "What?"}).encode()


def send(
    address: str, body: bytes, *, path: str = "/generate", kind: str = "application/json", length: int | None = None
) -> socket.socket:
    """Send a request and read nothing."""
    url = httpx.URL(address)
    client = socket.create_connection((url.host, url.port), timeout=20)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    client.sendall(head.encode() + body)
    return client


def test_who_goes_away_frees_the_place(tmp_path: Path) -> None:
    engine = Gate(batch_size=1)
    with served(tmp_path, engine, bounds=Bounds(queue=3)) as (address, application):
        places = application.state.service.queue("reading")
        gone = [send(address, question()) for _ in range(3)]
        until(lambda: places.taken == 3 and engine.batches)
        full = httpx.post(f"{address}/generate", content=question(), headers={"Content-Type": "application/json"})
        assert (full.status_code, int(full.headers["retry-after"]) >= 1) == (503, True)
        for client in gone:
            client.close()
        until(lambda: places.taken == 0)
        assert application.state.service.engine.waiting == 0
        engine.let.set()
        assert httpx.post(f"{address}/generate", json=json.loads(question())).json() == {"text": "page"}


def test_who_leaves_a_stream_frees_the_place(tmp_path: Path) -> None:
    engine = Gate(batch_size=1)
    with served(tmp_path, engine) as (address, application):
        places = application.state.service.queue("reading")
        form = {"files": ("a.png", png())}
        with httpx.stream("POST", f"{address}/v1/read", files=form, data={"stream": "true"}) as answer:
            assert answer.status_code == 200
            until(lambda: engine.batches)
            assert places.taken == 1
        until(lambda: places.taken == 0)
        until(lambda: not list((tmp_path / "uploads").iterdir()))
        engine.let.set()


def test_uploads_of_those_who_leave_at_any_time_are_gone(tmp_path: Path) -> None:
    engine = Gate(batch_size=1)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + png() + b"\r\n--x--\r\n"
    with served(tmp_path, engine) as (address, application):
        for number in range(30):
            whole = body if number % 3 else body[:-200]
            client = send(address, whole, path="/v1/read", kind="multipart/form-data; boundary=x", length=len(body))
            time.sleep(number / 1000)
            client.close()
        until(lambda: application.state.service.queue("reading").taken == 0)
        until(lambda: not list((tmp_path / "uploads").iterdir()))
        engine.let.set()


def test_requests_that_arrive_together_are_read_in_one_batch(tmp_path: Path) -> None:
    engine = Gate(batch_size=8)
    with served(tmp_path, engine) as (address, application), concurrent.futures.ThreadPoolExecutor(9) as clients:

        def ask(_: int) -> str:
            return str(httpx.post(f"{address}/generate", json=json.loads(question()), timeout=30).json()["text"])

        first = clients.submit(ask, 0)
        until(lambda: engine.batches)
        rest = [clients.submit(ask, number) for number in range(8)]
        until(lambda: application.state.service.engine.waiting == 8)
        engine.let.set()
        assert {one.result() for one in (first, *rest)} == {"page"}
    assert engine.batches == [1, 8]


def test_a_gigabyte_is_refused_before_it_comes(tmp_path: Path) -> None:
    with served(tmp_path) as (address, application):
        with send(address, b"{", length=1 << 30) as client:
            answer = client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 413")
            assert b"larger than 32 MB" in answer + client.recv(65536)
        until(lambda: application.state.service.queue("reading").taken == 0)


def test_a_body_that_stalls_frees_the_place(tmp_path: Path) -> None:
    with served(tmp_path, bounds=Bounds(body_timeout_s=0.2)) as (address, application):
        with send(address, b"{", length=100) as client:
            assert client.recv(65536).startswith(b"HTTP/1.1 408")
        until(lambda: application.state.service.queue("reading").taken == 0)


def test_a_body_that_comes_byte_by_byte_frees_the_place(tmp_path: Path) -> None:
    with served(tmp_path, bounds=Bounds(timeout_s=0.4, body_timeout_s=20)) as (address, application):
        with send(address, b"{", length=100_000) as client:
            client.settimeout(0.02)
            answer = b""
            end = time.monotonic() + 20
            while not answer and time.monotonic() < end:
                client.sendall(b" ")
                with suppress(TimeoutError):
                    answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408")
        until(lambda: application.state.service.queue("reading").taken == 0)


def test_who_does_not_read_the_answer_frees_the_place(tmp_path: Path) -> None:
    engine = ScriptedEngine("word " * 4_000_000)
    form = b'--x\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n'
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + png() + b"\r\n--x--\r\n"
    with (
        served(tmp_path, engine, bounds=Bounds(body_timeout_s=0.3)) as (address, application),
        send(address, form + file, path="/v1/read", kind="multipart/form-data; boundary=x"),
    ):
        until(lambda: engine.requests)
        until(lambda: application.state.service.queue("reading").taken == 0)
        until(lambda: not list((tmp_path / "uploads").iterdir()))


def test_rubbish_costs_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as (address, application):
        for rubbish in (b"\x00\xff" * 50, b'{"image": ', b"[]", b'{"image": 1}', b"\xff\xfe{"):
            answer = httpx.post(f"{address}/generate", content=rubbish, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422)
        for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json"):
            answer = httpx.post(f"{address}/v1/read", content=b"--x\r\nrubbish", headers={"Content-Type": kind})
            assert answer.status_code in (400, 422)
        until(lambda: application.state.service.queue("reading").taken == 0)
        assert httpx.get(f"{address}/healthz").status_code == 200


@contextmanager
def provider(keys: Any, asked: list[str] | None = None) -> Iterator[str]:
    """An OAuth provider, as far as it publishes its keys; where there are none it is broken."""

    class Published(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            self.send_response(200 if keys else 500)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": keys}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Published) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()


def test_tokens_of_an_oauth_provider(tmp_path: Path) -> None:
    key, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    published = {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "one", "use": "sig"}

    def token(signer: Any = key, kid: str = "one", **claims: Any) -> str:
        whole = {"sub": "ann", "aud": "ocr", "exp": time.time() + 60, "scope": "read", **claims}
        return jwt.encode(whole, signer, "RS256", headers={"kid": kid})

    with (
        provider([published]) as address_of_keys,
        served(tmp_path, access=Access(jwks_url=address_of_keys, jwt_audience="ocr")) as (address, _),
    ):

        def status(bearer: str, path: str = "/v1/jobs") -> int:
            return httpx.get(f"{address}{path}", headers={"Authorization": f"Bearer {bearer}"}).status_code

        assert status(token()) == 200
        assert status(token(), "/metrics") == 403
        for wrong in (token(other), token(kid="two"), token(aud="x"), token(exp=time.time() - 1)):
            assert status(wrong) == 401


def test_made_up_tokens_do_not_each_ask_the_provider(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    published = {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "one", "use": "sig"}

    def token(kid: str) -> str:
        claims = {"sub": "ann", "aud": "ocr", "exp": time.time() + 60, "scope": "read"}
        return jwt.encode(claims, key, "RS256", headers={"kid": kid})

    for keys, status, name in (([published], 401, "one"), ([], 503, "two")):
        asked: list[str] = []
        with (
            provider(keys, asked) as address_of_keys,
            served(tmp_path / name, access=Access(jwks_url=address_of_keys, jwt_audience="ocr")) as (address, _),
        ):
            for number in range(8):
                bearer = {"Authorization": f"Bearer {token(str(number))}"}
                answer = httpx.get(f"{address}/v1/jobs", headers=bearer)
                assert (answer.status_code, address_of_keys in answer.text) == (status, False)
        # Unknown keys are not looked for again at once, nor is a provider that does not answer.
        assert len(asked) == 1


def test_the_command_serves_over_tls_to_those_with_a_key(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    certificate(tmp_path)
    made = hunyuanocr("keys", "add", "scanner", "--keys", tmp_path / "keys.json", "--scope", "read", "--days", "1")
    key = made.stdout.strip()
    tls = ("--ssl-certfile", "cert.pem", "--ssl-keyfile", "key.pem")
    proxy = ("--forwarded-allow-ips", "127.0.0.1")
    options = ("--engine", "rapid", "--host", "0.0.0.0", "--keys", "keys.json", *proxy, *tls)
    trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    with (
        command(tmp_path, *options) as (port, process),
        httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, timeout=60) as client,
    ):
        assert client.get("/v1/jobs").status_code == 401
        client.headers["Authorization"] = f"Bearer {key}"
        (page,) = client.post("/v1/read", files={"files": ("scan.png", png("Invoice No: INV-2041"))}).json()
        assert "INV-2041" in page["markdown"]
        number = json.loads(hunyuanocr("keys", "list", "--keys", tmp_path / "keys.json", "--json").stdout)[0]["id"]
        assert hunyuanocr("keys", "revoke", number, "--keys", tmp_path / "keys.json").returncode == 0
        assert client.get("/v1/jobs").status_code == 401
        # The proxy says who it is that guesses; the others behind it are not shut out.
        guesser, other = ({"X-Forwarded-For": f"198.51.100.{number}"} for number in (1, 2))
        assert [client.get("/v1/jobs", headers=guesser).status_code for _ in range(31)] == [401] * 30 + [429]
        assert client.get("/v1/jobs", headers=other).status_code == 401
    told = process.stderr.read() if process.stderr else ""
    assert process.returncode == 0
    assert "INV-2041" not in told
    assert "Traceback" not in told


def certificate(folder: Path) -> None:
    line = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost"
    subprocess.run(
        [*line.split(), "-addext", "subjectAltName=DNS:localhost"], cwd=folder, check=True, capture_output=True
    )


def test_the_command_refuses_what_would_be_open(tmp_path: Path) -> None:
    done = hunyuanocr("serve", "--engine", "scripted", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "nobody has to prove who they are" in done.stderr
    assert "Traceback" not in done.stderr
    busy = socket.create_server(("127.0.0.1", 0))
    taken = busy.getsockname()[1]
    for options, words in (
        (("--host", "::"), "nobody has to prove who they are"),
        (("--jwks-url", "https://id/keys"), "needs an audience"),
        (("--rate", "often"), "is no rate"),
        (("--forwarded-allow-ips", "proxy"), "'proxy' is no address of a proxy"),
        (("--archive", str(tmp_path / "none")), "no such folder"),
        (("--engine", "rapid", "--device", "cuda"), "no setting device"),
        (("--ssl-certfile", str(tmp_path / "none.pem")), "the certificate or its key cannot be used: no such file"),
        (("--ssl-certfile", __file__), "the certificate or its key cannot be used"),
        (("--ssl-keyfile", __file__), "encrypts nothing"),
        (("--port", str(taken)), "already in use"),
        (("--state", __file__, "--port", str(free_port())), "cannot be used"),
    ):
        line = ("serve", "--engine", "scripted", "--state", str(tmp_path / "state"), *options)
        refused = CliRunner().invoke(app, line)
        assert isinstance(refused.exception, HunyuanOCRError)
        assert words in str(refused.exception)
    busy.close()
    bad = CliRunner().invoke(app, ("keys", "add", "x", "--keys", str(tmp_path / "keys.json"), "--scope", "all"))
    assert bad.exit_code == 2
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("told", [None, "127.0.0.1"])
def test_what_callers_say_of_their_address_is_not_believed_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    import uvicorn

    started: list[uvicorn.Config] = []
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: started.append(server.config))
    line = ("serve", "--engine", "scripted", "--state", str(tmp_path), "--port", str(free_port()))
    CliRunner().invoke(app, line if told is None else (*line, "--forwarded-allow-ips", told), catch_exceptions=False)
    (config,) = started
    assert config.proxy_headers is (told is not None)
    assert told in (None, config.forwarded_allow_ips)


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    def keys(*words: str) -> Result:
        return CliRunner().invoke(app, ("keys", words[0], "--keys", str(tmp_path / "keys.json"), *words[1:]))

    made = keys("add", "scanner", "--scope", "read", "--scope", "ask", "--rate", "5/minute")
    assert made.stdout.startswith("hocr_")
    (kept,) = json.loads(keys("list", "--json").stdout)
    assert (kept["name"], kept["scopes"], kept["rate"]) == ("scanner", ["read", "ask"], "5/minute")
    assert "sha256" not in kept
    assert "scanner  read,ask  for ever  5/minute" in keys("list").stdout
    assert keys("revoke", kept["id"]).exit_code == 0
    assert keys("list").stdout == ""
    assert isinstance(keys("revoke", kept["id"]).exception, ServiceError)
