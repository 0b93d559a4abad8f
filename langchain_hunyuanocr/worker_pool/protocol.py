"""Protocol between a worker process and its parent: a JSON header and raw bytes, over pipes.

One message is four bytes of length (big endian), that many bytes of JSON, and as many raw bytes as the header's
`"bytes"` says. JSON and not pickle, because the child may be the side that is exposed to hostile files.
"""

from __future__ import annotations

import json
import struct
from io import RawIOBase
from typing import Any

_LENGTH = struct.Struct(">I")
_MAX_HEADER = 256 * 1024 * 1024


class ConnectionEndedError(Exception):
    """The other side has gone."""


def send(stream: RawIOBase, header: dict[str, Any], payload: bytes | memoryview = b"") -> None:
    """Write one message.

    Raises:
        OSError: The other side has gone.
    """
    body = json.dumps({**header, "bytes": len(payload)}).encode()
    _write(stream, _LENGTH.pack(len(body)) + body)
    if payload:
        _write(stream, payload)


def receive(stream: RawIOBase) -> tuple[dict[str, Any], bytearray]:
    """Read one message.

    Raises:
        ConnectionEndedError: The other side has gone, or what it sent is no message.
    """
    (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    if length > _MAX_HEADER:
        raise ConnectionEndedError("the header is too long")
    try:
        header = json.loads(bytes(_read(stream, length)))
    except ValueError as exc:
        raise ConnectionEndedError("the header is not JSON") from exc
    return header, _read(stream, header["bytes"])


def _write(stream: RawIOBase, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) or 0 :]


def _read(stream: RawIOBase, length: int) -> bytearray:
    data = bytearray(length)
    rest = memoryview(data)
    while rest:
        got = stream.readinto(rest)
        if not got:
            raise ConnectionEndedError("end of stream")
        rest = rest[got:]
    return data
