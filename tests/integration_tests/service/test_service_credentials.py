"""Every endpoint of the service, with every kind of credential that should not be enough, and with each that is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from pydantic import SecretStr

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access, Bounds, ServiceSettings, create_app
from langchain_hunyuanocr.service.auth import SCOPES, ApiKeyFile, Scope

SECRET = "0123456789abcdef0123456789abcdef"
NEEDS: dict[tuple[str, str], Scope] = {
    ("POST", "/generate"): "read",
    ("POST", "/v1/read"): "read",
    ("POST", "/v1/chat/completions"): "read",
    ("GET", "/v1/models"): "read",
    ("POST", "/v1/jobs"): "read",
    ("GET", "/v1/jobs"): "read",
    ("GET", "/v1/jobs/{id}"): "read",
    ("POST", "/v1/jobs/{id}/cancel"): "read",
    ("DELETE", "/v1/jobs/{id}"): "read",
    ("POST", "/v1/search"): "ask",
    ("POST", "/v1/ask"): "ask",
    ("GET", "/metrics"): "admin",
}
OPEN = {("GET", path) for path in ("/healthz", "/readyz", "/docs", "/openapi.json")}
"""What tells nothing of anybody: that the service lives, and what it can be asked."""


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    whole = {"sub": "ann", "exp": time.time() + 600, "scope": "read ask admin", **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, secret, algorithm)


def endpoints(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every endpoint that the application answers at, documented or not."""
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            if method != "HEAD" or "GET" not in (route.methods or ()):
                yield method, str(route.path)


@pytest.fixture
def keys(tmp_path: Path) -> ApiKeyFile:
    return ApiKeyFile(tmp_path / "keys.json")


@pytest.fixture
def service(tmp_path: Path, keys: ApiKeyFile) -> Iterator[TestClient]:
    app = create_app(
        ServiceSettings(
            state=tmp_path / "state",
            access=Access(keys=tmp_path / "keys.json", jwt_secret=SecretStr(SECRET)),
            bounds=Bounds(wrong_rate="1000/minute"),
            warm_up=False,
        ),
        ScriptedEngine("page"),
    )
    with TestClient(app, base_url="https://ocr.example.org") as client:
        yield client


def statuses(service: TestClient, endpoint: tuple[str, str], credentials: Iterable[dict[str, str]]) -> list[int]:
    method, path = endpoint
    found = []
    for headers in credentials:
        answer = service.request(method, path.format(id="x"), headers=headers)
        if answer.status_code in (401, 403):
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        found.append(answer.status_code)
    return found


def bearer(*credentials: str) -> list[dict[str, str]]:
    return [{"Authorization": f"Bearer {one}"} for one in credentials]


def test_the_table_is_whole(service: TestClient) -> None:
    assert isinstance(service.app, FastAPI)
    assert set(endpoints(service.app)) == set(NEEDS) | OPEN


@pytest.mark.parametrize("endpoint", list(NEEDS), ids=" ".join)
def test_nobody_comes_in_without_the_right_credential(
    service: TestClient, keys: ApiKeyFile, endpoint: tuple[str, str]
) -> None:
    right = keys.add("right", SCOPES)
    expired = keys.add("expired", SCOPES, lasts=timedelta(seconds=-1))
    revoked = keys.add("revoked", SCOPES)
    keys.revoke(revoked.split("_")[1])
    nobodys = [
        {},
        {"Authorization": right},
        {"Authorization": f"Basic {right}"},
        {"Authorization": "Bearer "},
        {"X-API-Key": ""},
        {"Cookie": f"X-API-Key={right}; Authorization=Bearer {right}"},
        {"X-API-Key": "hocr_wrong"},
        *bearer(
            "hocr_wrong",
            f"{right}x",
            right[:-1],
            right.upper(),
            expired,
            revoked,
            "a.b.c",
            token("another secret of thirty-two bytes"),
            token(exp=time.time() - 1),
            token(exp=None),
            token(sub=None),
            token(nbf=time.time() + 600),
            token(SECRET * 2, "HS512"),
            jwt.encode({"sub": "ann", "exp": time.time() + 600, "scope": "admin"}, None, algorithm="none"),
        ),
    ]
    assert statuses(service, endpoint, nobodys) == [401] * len(nobodys)


@pytest.mark.parametrize("endpoint", list(NEEDS), ids=" ".join)
def test_a_credential_opens_no_more_than_it_says(
    service: TestClient, keys: ApiKeyFile, endpoint: tuple[str, str]
) -> None:
    enough = {NEEDS[endpoint], "admin"}
    narrow = [scope for scope in SCOPES if scope not in enough]
    refused = [keys.add("none", []), *(keys.add(scope, [scope]) for scope in narrow)]
    refused += [token(scope=scope) for scope in ("", "write", NEEDS[endpoint].upper(), f"{NEEDS[endpoint]}:x", *narrow)]
    assert statuses(service, endpoint, bearer(*refused)) == [403] * len(refused)
    let_in = [keys.add(scope, [scope]) for scope in sorted(enough)] + [token(scope=scope) for scope in sorted(enough)]
    assert not {401, 403, 429} & set(statuses(service, endpoint, bearer(*let_in)))


@pytest.mark.parametrize("endpoint", sorted(OPEN), ids=" ".join)
def test_what_is_open_tells_nothing(service: TestClient, endpoint: tuple[str, str], tmp_path: Path) -> None:
    answer = service.request(*endpoint)
    assert answer.status_code == 200
    assert str(tmp_path) not in answer.text


def test_other_methods_of_an_endpoint_are_asked_as_well(service: TestClient) -> None:
    for method in ("GET", "PUT", "PATCH", "OPTIONS", "TRACE", "HEAD"):
        assert service.request(method, "/v1/read").status_code == 401


def test_an_unready_service_tells_strangers_no_more_than_that(tmp_path: Path) -> None:
    """An engine's reason may name addresses and folders."""
    from langchain_hunyuanocr import EngineError

    broken = ScriptedEngine(EngineError("http://10.0.0.7:8000 does not answer"))
    access = Access(jwt_secret=SecretStr(SECRET))
    app = create_app(ServiceSettings(state=tmp_path / "state", access=access), broken)
    with TestClient(app) as client:
        end = time.monotonic() + 20
        while "does not answer" not in str(app.state.service.unready):
            assert time.monotonic() < end
            time.sleep(0.01)
        answer = client.get("/readyz")
    assert (answer.status_code, "10.0.0.7" in answer.text) == (503, False)
