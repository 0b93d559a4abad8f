"""URL fetching, safe against SSRF: only addresses that anybody could reach."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import urljoin

import httpx

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.settings import Bounds

_TRANSLATED = ip_network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are an IPv4 address."""
_COMPATIBLE = ip_network("::/96")
_LOCAL_TRANSLATED = ip_network("64:ff9b:1::/48")
"""NAT64 of one network (RFC 8215)."""
_CLOUD = frozenset({ip_address("168.63.129.16")})
"""Public by its number, yet what Azure's machines ask about themselves."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, in whatever form it is written.

    Args:
        address: IPv4 or IPv6 in numbers, as a resolver gives it. IPv4 inside of IPv6 counts as what it leads to.
    """
    try:
        number = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_open(one) for one in (number, *_inside(number)))


def _is_open(number: IPv4Address | IPv6Address) -> bool:
    closed = (
        number.is_private
        or number.is_loopback
        or number.is_link_local
        or number.is_multicast
        or number.is_reserved
        or number.is_unspecified
        or (isinstance(number, IPv6Address) and (number.is_site_local or number in _LOCAL_TRANSLATED))
    )
    # NAT64 and IPv4-mapped addresses are judged by what is inside of them.
    wrapped = isinstance(number, IPv6Address) and (number in _TRANSLATED or number.ipv4_mapped is not None)
    return wrapped or (number.is_global and not closed and number not in _CLOUD)


def _inside(number: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(number, IPv4Address):
        return
    if number.ipv4_mapped is not None:
        yield number.ipv4_mapped
    if number.sixtofour is not None:
        yield number.sixtofour
    if number.teredo is not None:
        yield from number.teredo
    if number in _TRANSLATED or number in _COMPATIBLE:
        yield IPv4Address(int(number) & 0xFFFFFFFF)


_MAX_REDIRECTS = 5


_MB = 1024 * 1024


_LONGEST_ADDRESS = 2048


_WEB_PORTS = frozenset({80, 443})


_FREE_PORT = 1024
"""Below it, a request of HTTP that somebody else writes could be meant for mail, remote shells and the like."""


_LAST_PORT = 65535


Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host and a port to its addresses in numbers."""


class Fetcher:
    """Fetches files.

    Args:
        allowed: Whether anything is fetched at all.
        bounds: Size and time of a download.
        resolve: Looks hosts up; the system's resolver where `None`.
        transport: What connections are made with, for tests; httpx's own where `None`.
    """

    def __init__(
        self,
        *,
        allowed: bool,
        bounds: Bounds,
        resolve: Resolve | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._allowed = allowed
        self._bounds = bounds
        self._resolve = resolve or _look_up
        self._transport = transport

    async def fetch(self, address: str, path: Path, *, most_bytes: int | None = None) -> None:
        """Fetch a file to `path`.

        Args:
            address: Of the file.
            path: Where it is kept.
            most_bytes: How large it may be; as large as an upload where `None`.

        Raises:
            Problem: 403, where addresses are not taken or this one leads to a private one.
            SourceError: It cannot be fetched.
        """
        if not self._allowed:
            raise Problem(403, "this service fetches no addresses (send the file itself)")
        try:
            async with (
                asyncio.timeout(self._bounds.page_timeout_s),
                httpx.AsyncClient(transport=self._transport, trust_env=False) as client,
            ):
                most_bytes = self._bounds.max_body_mb * _MB if most_bytes is None else most_bytes
                await self._follow(client, address, path, most_bytes)
        except TimeoutError as exc:
            words = f"was not fetched within {self._bounds.page_timeout_s:g} s"
            raise SourceError(words, source=_show(address)) from exc
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as exc:
            raise SourceError(
                f"cannot be fetched: {type(exc).__name__}", source=_show(address), remedy="check the address"
            ) from exc

    async def _follow(self, client: httpx.AsyncClient, address: str, path: Path, most_bytes: int) -> None:
        target = address
        for _ in range(_MAX_REDIRECTS + 1):
            request = await self._request(client, target, address)
            answer = await client.send(request, stream=True)
            try:
                if answer.has_redirect_location:
                    target = urljoin(target, answer.headers["location"])
                    continue
                if answer.is_error or answer.is_redirect:
                    raise SourceError(f"the server answers {answer.status_code}", source=_show(address))
                await self._save(answer, address, path, most_bytes)
                return
            finally:
                await answer.aclose()
        raise SourceError(f"redirects more than {_MAX_REDIRECTS} times", source=_show(address))

    async def _request(self, client: httpx.AsyncClient, target: str, address: str) -> httpx.Request:
        """The request to the very address that was looked at."""
        url = httpx.URL(target)
        if url.scheme not in ("http", "https") or not url.host or url.userinfo or len(target) > _LONGEST_ADDRESS:
            raise SourceError(
                "is no address that is fetched", source=_show(address), remedy="use a plain https address"
            )
        port = (443 if url.scheme == "https" else 80) if url.port is None else url.port
        if port not in _WEB_PORTS and not _FREE_PORT <= port <= _LAST_PORT:
            raise SourceError(f"port {port} is not one of the web", source=_show(address))
        found = await self._resolve(url.host, port)
        if not found or not all(is_public(one) and not is_own(one) for one in found):
            raise Problem(403, f"{_show(address)}: leads to an address that is not public")
        # A packed body could unfold to any size.
        headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        pinned = url.copy_with(host=found[0])
        return client.build_request("GET", pinned, headers=headers, extensions={"sni_hostname": url.raw_host.decode()})

    async def _save(self, answer: httpx.Response, address: str, path: Path, most_bytes: int) -> None:
        size = 0
        with path.open("wb") as file:
            async for piece in answer.aiter_raw(_MB):
                size += len(piece)
                if size > most_bytes:
                    raise SourceError(f"is larger than {most_bytes / _MB:.3g} MB", source=_show(address))
                file.write(piece)


def is_own(address: str) -> bool:
    """Whether an address is this machine's, which its services trust, and its firewall does not keep from itself."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address, 9))  # which sends nothing
        except OSError:  # it has no way there
            return False
        return ip_address(str(asking.getsockname()[0])) == ip_address(address)


async def _look_up(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _show(address: str) -> str:
    """An address in a line, without what may be secret in it."""
    plain = address.partition("?")[0].partition("#")[0]
    if "@" in plain:
        plain = f"{plain.partition('://')[0]}://...@{plain.rpartition('@')[2]}"
    plain = "".join(one if one.isprintable() else "?" for one in plain)
    return plain if len(plain) <= 200 else f"{plain[:197]}..."
