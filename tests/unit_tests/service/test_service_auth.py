"""Keys, tokens and the door."""

from __future__ import annotations

import hmac
import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.auth import ApiKeyFile, Caller, Scope
from langchain_hunyuanocr.service.auth.authenticator import Authenticator
from langchain_hunyuanocr.service.auth.jwt_tokens import TokenVerifier
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Access

SECRET = "0123456789abcdef0123456789abcdef"


def token(secret: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    whole = {"sub": "ann", "exp": int(time.time()) + 60, "scope": "read openid", **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, secret, algorithm)


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def connection(client: str | None = None, **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": None if client is None else (client, 1)})


def test_a_key_is_kept_as_its_hash_and_read_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = ApiKeyFile(file).add("scanner", ["read", "ask"], rate="5/minute")
    assert key.startswith("hocr_")
    assert key not in file.read_text()
    assert key.rpartition("_")[2] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    caller = ApiKeyFile(file).caller(key)
    assert isinstance(caller, Caller)
    assert (caller.scopes, caller.rate) == (frozenset({"read", "ask"}), "5/minute")


def test_wrong_expired_and_revoked_keys_are_nobodys(tmp_path: Path) -> None:
    keys = ApiKeyFile(tmp_path / "keys.json")
    key = keys.add("scanner", ["read"])
    old = keys.add("old", ["read"], lasts=timedelta(seconds=-1))
    other = keys.add("other", ["read"])
    assert keys.caller(key + "x") == keys.caller("hocr_") == keys.caller("hocr_nope_x") == "the API key is not known"
    assert keys.caller(key.rpartition("_")[0] + "_" + other.rpartition("_")[2]) == "the API key is not known"
    assert keys.caller(old) == "the API key has expired"
    # Another process revokes it; this one notices.
    ApiKeyFile(tmp_path / "keys.json").revoke(key.split("_")[1])
    assert keys.caller(key) == "the API key is not known"
    with pytest.raises(ServiceError, match="there is no key"):
        keys.revoke("nope")


def test_keys_that_are_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as people:
        made = list(people.map(lambda name: ApiKeyFile(tmp_path / "keys.json").add(str(name), ["read"]), range(16)))
        list(people.map(lambda key: ApiKeyFile(tmp_path / "keys.json").revoke(key.split("_")[1]), made[:8]))
    keys = ApiKeyFile(tmp_path / "keys.json")
    assert [isinstance(keys.caller(key), Caller) for key in made] == [False] * 8 + [True] * 8


def test_a_file_that_is_none_of_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(ServiceError, match="no file of API keys"):
        Authenticator(Access(keys=tmp_path / "keys.json"), "5/minute")


def test_tokens_signed_with_a_secret() -> None:
    tokens = TokenVerifier(Access(jwt_secret=SecretStr(SECRET)))
    assert tokens.caller(token()) == Caller("sub:ann", frozenset({"read"}))
    assert tokens.caller(token(scope=None, scp=["ask", "admin", 7])) == Caller("sub:ann", frozenset({"ask", "admin"}))
    assert tokens.caller(token(exp=int(time.time()) - 1)) == "the token has expired"
    for bad in (
        token("another secret of thirty-two bytes"),
        token(exp=None),
        token(sub=None),
        token(nbf=int(time.time()) + 60),
        token(algorithm="HS512", secret=SECRET * 2),
        jwt.encode({"sub": "ann", "exp": int(time.time()) + 60, "scope": "admin"}, None, algorithm="none"),
        "a.b.c",
        "é",
        "",
    ):
        assert tokens.caller(bad) == "the token is not valid"


def test_issuer_and_audience_are_checked_where_they_are_named() -> None:
    tokens = TokenVerifier(Access(jwt_secret=SecretStr(SECRET), jwt_issuer="https://id", jwt_audience="ocr"))
    assert isinstance(tokens.caller(token(iss="https://id", aud=["ocr", "more"])), Caller)
    for claims in (
        {"iss": "https://id"},
        {"aud": "ocr"},
        {"iss": "https://evil", "aud": "ocr"},
        {"iss": "https://id", "aud": "x"},
    ):
        assert tokens.caller(token(**claims)) == "the token is not valid"


def test_a_public_key_is_never_taken_for_a_secret(pair: tuple[str, str], tmp_path: Path) -> None:
    private, public = pair
    (tmp_path / "key.pem").write_text(public)
    tokens = TokenVerifier(Access(jwt_public_key=tmp_path / "key.pem"))
    assert isinstance(tokens.caller(token(private, "RS256")), Caller)
    head = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = jwt.utils.base64url_encode(json.dumps({"sub": "ann", "exp": int(time.time()) + 60}).encode())
    signed = head + b"." + body
    signature = hmac.digest(public.encode(), signed, "sha256")
    forged = (signed + b"." + jwt.utils.base64url_encode(signature)).decode()
    assert tokens.caller(forged) == "the token is not valid"


def test_what_cannot_protect_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="shorter than 32 bytes"):
        TokenVerifier(Access(jwt_secret=SecretStr("short")))
    with pytest.raises(ServiceError, match="needs an audience"):
        TokenVerifier(Access(jwks_url="https://id/keys"))
    with pytest.raises(ServiceError, match="scheme"):
        TokenVerifier(Access(jwks_url="file:///etc/passwd", jwt_audience="ocr"))
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(ServiceError, match="no public RSA key"):
        TokenVerifier(Access(jwt_public_key=tmp_path / "key.pem"))
    with pytest.raises(ServiceError, match="is no rate"):
        Authenticator(Access(), "often")
    with pytest.raises(ServiceError, match="is no rate"):
        Authenticator(Access(), "5/minute", "often")
    # An empty variable of the environment is a mistake, not a wish to be open.
    with pytest.raises(ServiceError, match="shorter than 32 bytes"):
        Authenticator(Access(jwt_secret=SecretStr("")), "5/minute")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
async def test_without_authentication_programs_of_this_machine_come_in(host: str) -> None:
    caller = await Authenticator(Access(), "5/minute").authorize(connection(host=host), "admin")
    assert caller.name == "local"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},  # a name that leads to 127.0.0.1
        {"host": "127.0.0.1.evil.example"},
        {"host": ""},
        {"host": "[::1"},
        {"host": "::1"},
        {"host": "[[::1]]"},
        {"host": "[127.0.0.1]"},
        {"host": "[::1]evil.example"},
        {"host": "user@127.0.0.1"},
        {"host": "evil.example@localhost:8000"},
        {"host": "localhost."},
        {"host": "localhost:"},
        {"host": "localhost:99x"},
        {"host": "localhost:123456"},
        {"host": "localhost/evil.example"},
        {"host": "localhost?evil.example"},
        {"host": "localhost#evil.example"},
        {"host": "127.0.0.1.nip.io"},
        {"host": "127.0.0.1,evil.example"},
        {"host": "127.0.0.1 "},
        {"host": "localhost\n"},
        {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000@evil.example"},
        {"host": "127.0.0.1:8000", "origin": "http://evil.example@127.0.0.1:8000"},
        {"host": "127.0.0.1:8000", "origin": "ftp://127.0.0.1:8000"},
        {"host": "127.0.0.1:8000", "origin": "https://evil.example"},
        {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:9000"},
        {"host": "127.0.0.1:8000", "origin": "null"},
        {"host": "127.0.0.1:8000", "origin": "http://[::1"},
    ],
)
async def test_without_authentication_web_pages_do_not_come_in(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as caught:
        await Authenticator(Access(), "5/minute").authorize(connection(**headers), "read")
    assert caught.value.status_code == 403


async def test_a_second_host_is_not_overlooked() -> None:
    scope = {"type": "http", "headers": [(b"host", b"127.0.0.1"), (b"host", b"evil.example")]}
    with pytest.raises(Problem, match="answers only to"):
        await Authenticator(Access(), "5/minute").authorize(HTTPConnection(scope), "read")


async def test_the_door_tells_unknown_from_not_allowed(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = ApiKeyFile(file).add("reader", ["read"])
    door = Authenticator(Access(keys=file), "100/minute")
    challenges: list[str] = []

    async def status(scope: Scope, **headers: str) -> int:
        try:
            await door.authorize(connection(**headers), scope)
        except Problem as problem:
            challenges.append((problem.headers or {}).get("WWW-Authenticate", ""))
            return problem.status_code
        return 200

    assert await status("read", authorization=f"Bearer {key}") == 200
    assert await status("read", x_api_key=key) == 200
    assert await status("ask", x_api_key=key) == 403
    assert await status("admin", x_api_key=key) == 403
    assert await status("read") == 401
    assert await status("read", authorization="Basic abc") == 401
    assert await status("read", authorization="Bearer ") == 401
    assert await status("read", authorization=f"Bearer {key}x") == 401
    assert await status("read", authorization=f"Bearer {token()}") == 401
    assert len(challenges) == 7
    assert all(challenge.startswith("Bearer") for challenge in challenges)


async def test_a_caller_that_asks_too_often_waits_and_others_do_not(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys = ApiKeyFile(file)
    slow, other = keys.add("slow", ["read"], rate="2/hour"), keys.add("other", ["read"])
    door = Authenticator(Access(keys=file), "100/minute")
    for _ in range(2):
        await door.authorize(connection(x_api_key=slow), "read")
    with pytest.raises(Problem) as caught:
        await door.authorize(connection(x_api_key=slow), "read")
    assert caught.value.status_code == 429
    assert 0 < int(caught.value.headers["Retry-After"]) <= 3601
    await door.authorize(connection(x_api_key=other), "read")


async def refused(
    door: Authenticator, scope: Scope = "read", client: str = "192.0.2.1", **headers: str
) -> Problem | None:
    try:
        await door.authorize(connection(client, **headers), scope)
    except Problem as problem:
        return problem
    return None


async def status(door: Authenticator, scope: Scope = "read", client: str = "192.0.2.1", **headers: str) -> int:
    problem = await refused(door, scope, client, **headers)
    return 200 if problem is None else problem.status_code


async def test_an_address_that_shows_wrong_credentials_is_not_listened_to(tmp_path: Path) -> None:
    keys = ApiKeyFile(tmp_path / "keys.json")
    known, new = keys.add("known", ["read"]), keys.add("new", ["read"])
    door = Authenticator(Access(keys=tmp_path / "keys.json"), "100/minute", "3/hour")
    assert await status(door, x_api_key=known) == 200
    guesses = [await status(door, x_api_key=f"hocr_{number}") for number in range(2)]
    guesses += [await status(door, authorization=f"Bearer a.b.{number}") for number in range(2)]
    assert guesses == [401, 401, 401, 429]
    # Nothing is looked at any more, right or wrong, unless it was right before: others may share the address.
    assert await status(door, x_api_key=new) == 429
    assert await status(door, x_api_key=known) == 200
    # Elsewhere nothing has changed, and whoever shows nothing is only asked to.
    assert await status(door, client="192.0.2.2", x_api_key=new) == 200
    assert await status(door, x_api_key="") == 401
    problem = await refused(door, x_api_key="hocr_wrong")
    assert problem is not None
    assert 0 < int(problem.headers["Retry-After"]) <= 3601
    # What is revoked is wrong from then on.
    keys.revoke(known.split("_")[1])
    assert [await status(door, x_api_key=known) for _ in range(2)] == [401, 429]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one holder has a whole /64
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
async def test_whoever_has_many_addresses_is_counted_once(
    tmp_path: Path, first: str, second: str, together: bool
) -> None:
    ApiKeyFile(tmp_path / "keys.json").add("a", ["read"])
    door = Authenticator(Access(keys=tmp_path / "keys.json"), "100/minute", "1/hour")
    assert await status(door, client=first, x_api_key="hocr_wrong") == 401
    assert await status(door, client=second, x_api_key="hocr_wrong") == (429 if together else 401)


async def test_what_is_not_allowed_is_counted_too(tmp_path: Path) -> None:
    key = ApiKeyFile(tmp_path / "keys.json").add("reader", ["read"], rate="2/hour")
    door = Authenticator(Access(keys=tmp_path / "keys.json"), "100/minute")
    assert [await status(door, "admin", x_api_key=key) for _ in range(3)] == [403, 403, 429]


async def test_callers_learn_nothing_of_the_files_of_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = ApiKeyFile(tmp_path / "keys.json").add("reader", ["read"])
    door = Authenticator(Access(keys=tmp_path / "keys.json"), "100/minute")
    (tmp_path / "keys.json").write_text("{}")
    problem = await refused(door, x_api_key=key)
    assert problem is not None
    assert (problem.status_code, "keys.json" in problem.detail) == (503, False)
    assert "keys.json" in caplog.text
