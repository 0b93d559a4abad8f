"""Fetching by address: only where allowed, only from public addresses, looked at again at every redirect."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.service.fetching import Fetcher, Resolve
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Bounds

HOSTS = {"scans.example": ["93.184.216.34"], "intranet.example": ["10.0.0.7"], "both.example": ["1.1.1.1", "127.0.0.1"]}


async def look_up(host: str, port: int) -> list[str]:
    """The table, and for everything else what the system makes of numbers in any form."""
    if host in HOSTS:
        return HOSTS[host]
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]


def fetcher(
    answer: Callable[[httpx.Request], httpx.Response],
    *,
    allowed: bool = True,
    resolve: Resolve = look_up,
    **bounds: int,
) -> Fetcher:
    transport = httpx.MockTransport(answer)
    return Fetcher(allowed=allowed, bounds=Bounds(**bounds), resolve=resolve, transport=transport)


async def body(data: bytes) -> AsyncIterator[bytes]:
    yield data


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=body(b"scan"))

    await fetcher(answer).fetch("https://scans.example:8443/a.png?key=1", tmp_path / "a")
    (request,) = asked
    assert (request.url.host, request.url.port, request.url.query) == ("93.184.216.34", 8443, b"key=1")
    assert request.headers["host"] == "scans.example:8443"
    assert request.extensions["sni_hostname"] == "scans.example"
    assert (tmp_path / "a").read_bytes() == b"scan"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
        "http://0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/", "http://10.1.2.3:9200/", "http://192.168.1.1/", "http://[fd00::1]/",
        "http://intranet.example/", "https://both.example/",
    ],
)  # fmt: skip
async def test_private_addresses_are_never_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not public") as caught:
        await fetcher(never).fetch(address, tmp_path / "a")
    assert caught.value.status_code == 403


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://scans.example/", "gopher://scans.example/", "http://", "http:///x", "//scans.example",
     "http://user:word@scans.example/", "http://scans.example/" + "a" * 3000, "http://exa mple/", "http://[::1",
     "http://0177.0.0.1/"],
)  # fmt: skip
async def test_other_forms_are_no_addresses(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        await fetcher(never).fetch(address, tmp_path / "a")


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "//169.254.169.254/", "http://intranet.example/x", "https://[::1]/"]
)
async def test_a_redirect_is_looked_at_again(target: str, tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "93.184.216.34"
        return httpx.Response(302, headers={"location": target})

    with pytest.raises(Problem, match="not public"):
        await fetcher(answer).fetch("https://scans.example/a", tmp_path / "a")


async def test_a_redirect_to_another_scheme_is_refused(tmp_path: Path) -> None:
    answer = httpx.Response(302, headers={"location": "file:///etc/passwd"})
    with pytest.raises(SourceError, match="no address"):
        await fetcher(lambda _: answer).fetch("https://scans.example/a", tmp_path / "a")


async def test_redirects_that_lead_to_a_file_are_followed_and_loops_end(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(301, headers={"location": "/b"})
        if request.url.path == "/b":
            return httpx.Response(200, content=body(b"scan"))
        return httpx.Response(302, headers={"location": "/loop"})

    await fetcher(answer).fetch("https://scans.example/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"scan"
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        await fetcher(answer).fetch("https://scans.example/loop", tmp_path / "a")


async def test_a_second_look_up_cannot_change_the_address(tmp_path: Path) -> None:
    turns = iter([["93.184.216.34"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(turns)

    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(302, headers={"location": "/again"})

    with pytest.raises(Problem, match="not public"):
        await fetcher(answer, resolve=rebinding).fetch("http://scans.example/", tmp_path / "a")
    assert seen == ["93.184.216.34"]


async def test_nothing_is_fetched_unless_allowed(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="fetches no addresses") as caught:
        await fetcher(never, allowed=False).fetch("https://scans.example/", tmp_path / "a")
    assert caught.value.status_code == 403


async def test_a_download_is_bounded_and_errors_name_no_query(tmp_path: Path) -> None:
    large = httpx.Response(200, content=body(b"x" * (1024 * 1024 + 1)))
    with pytest.raises(SourceError, match="larger than 1 MB"):
        await fetcher(lambda _: large, max_body_mb=1).fetch("https://scans.example/a", tmp_path / "a")
    with pytest.raises(SourceError, match="answers 404") as caught:
        await fetcher(lambda _: httpx.Response(404)).fetch("https://scans.example/a?token=secret", tmp_path / "a")
    assert "secret" not in str(caught.value)
