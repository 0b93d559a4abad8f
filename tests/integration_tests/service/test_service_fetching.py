"""Fetching by address: only where allowed, only from public addresses, looked at again at every redirect."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Bounds
from langchain_hunyuanocr.service.url_fetching import Fetcher, Resolve, is_own

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
        "http://intranet.example/", "https://both.example/", "http://INTRANET.example:8080/", "HTTP://127.0.0.1/",
        "http://0x7f.1/", "http://0177.1/", "http://017700000001/", "http://0.0.0.0/", "http://[::]/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::7f00:1]/", "http://[2002:7f00:1::]/",
        "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::1]/", "http://127\u30020\uff0e0\uff611/",
        "http://168.63.129.16/", "http://100.100.100.200/", "http://[fd00:ec2::254]/", "http://224.0.0.1/",
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
     "http://0177.0.0.1/", "http://00000177.0.0.1/", "http:127.0.0.1", "http:/127.0.0.1/", "http:\\\\127.0.0.1\\",
     "http://1.1.1.1@127.0.0.1/", "http://127.0.0.1@1.1.1.1/", "http://127.0.0.1\\@1.1.1.1/", "http://127%2e0.0.1/",
     "http://127.0.0.1%2f@1.1.1.1/", "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/", "http://\uff11\uff12\uff17.0.0.1/",
     "http://loc\u00adalhost/", "http://[::1%25lo]/", "http://[fe80::1%25eth0]/", "http://127.0.0.1:80:80/",
     "http://127.0.0.1\n/", "http://127.0.0.1:80\t/", "http://scans.example\r\nHost: x/", "ws://scans.example/",
     "http+unix://x/", "javascript:alert(1)", "data:text/plain,x", "jar:http://scans.example!/x",
     "http://scans.example:22/", "http://scans.example:25/", "http://scans.example:0/", "http://scans.example:99999/",
     "http://scans.example:-1/", "http://scans.example:\u0661/"],
)  # fmt: skip
async def test_other_forms_are_no_addresses(address: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        await fetcher(never).fetch(address, tmp_path / "a")
    assert str(caught.value).isprintable()
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "host", "asked"),
    [
        ("http://scans.example/", "scans.example", "http://93.184.216.34/"),
        ("http://SCANS.example:8080/a", "scans.example:8080", "http://93.184.216.34:8080/a"),
        ("https://[2606:4700:4700::1111]/", "[2606:4700:4700::1111]", "https://[2606:4700:4700::1111]/"),
        ("http://six.example/", "six.example", "http://[2606:4700:4700::1111]/"),
        ("http://b\u00fccher.example/", "xn--bcher-kva.example", "http://93.184.216.34/"),
    ],
)
async def test_every_form_of_a_public_address_is_pinned(address: str, host: str, asked: str, tmp_path: Path) -> None:
    async def look_up_public(name: str, port: int) -> list[str]:
        return ["2606:4700:4700::1111"] if name.startswith(("six", "2606")) else ["93.184.216.34"]

    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=body(b"scan"))

    await fetcher(answer, resolve=look_up_public).fetch(address, tmp_path / "a")
    assert [(str(one.url), one.headers["host"]) for one in seen] == [(asked, host)]


async def test_the_machine_itself_is_not_asked_by_its_public_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_own("127.0.0.1")
    assert not is_own("93.184.216.34")
    monkeypatch.setattr("langchain_hunyuanocr.service.url_fetching.is_own", lambda address: address == "93.184.216.34")
    with pytest.raises(Problem, match="not public"):
        await fetcher(never).fetch("https://scans.example/", tmp_path / "a")


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
