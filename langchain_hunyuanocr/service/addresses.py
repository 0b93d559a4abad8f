"""Which addresses of the internet may be fetched from: only those that anybody could."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

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
