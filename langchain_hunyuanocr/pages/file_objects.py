"""File objects: what has a `read`, such as an open file, a `BytesIO` or the `file` of an upload."""

from __future__ import annotations

import inspect
import io
import os
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.errors import SourceError

_AS_BYTES = 'open it with mode "rb"'


def is_file_object(given: object) -> bool:
    """Whether something is read, though it can be iterated over line by line as well."""
    return callable(getattr(given, "read", None))


def name_of(file: Any) -> str | None:
    """What a file object calls itself; `None` where it has no name, or a number for one."""
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, str | bytes) and name else None


def path_of(file: Any) -> Path | None:
    """Where a file that is open for reading alone lies, if its name still leads to it.

    What else is read, such as a file that is being written or decompressed, is known by its bytes alone.
    """
    raw = file.raw if isinstance(file, io.BufferedReader) else file
    name = name_of(raw)
    if not isinstance(raw, io.FileIO) or name is None:
        return None
    try:
        same = os.path.samestat(os.fstat(raw.fileno()), os.stat(name))  # noqa: PTH116 - the name may be anything
        return Path(name) if same and not raw.writable() else None
    except (OSError, ValueError):  # closed, or gone
        return None


def read_bytes(file: Any) -> bytes:
    """All that a file object holds, from its start where it can go back; it is not closed.

    Raises:
        SourceError: It is closed, gives text, is to be awaited, or cannot be read.
    """
    name = name_of(file) or type(file).__name__
    if isinstance(file, io.TextIOBase):
        raise SourceError("is opened as text", source=name, remedy=_AS_BYTES)
    if inspect.iscoroutinefunction(file.read):
        raise SourceError("can only be read with `await`", source=name, remedy="give its bytes, or its `file`")
    try:
        if getattr(file, "seekable", bool)():
            file.seek(0)
        data = file.read()
    except (OSError, ValueError) as exc:
        words = " ".join(str(exc).split()) or type(exc).__name__
        raise SourceError(f"cannot be read: {words}", source=name, remedy="give an open file, or its path") from exc
    if not isinstance(data, bytes | bytearray | memoryview):
        raise SourceError(f"gives {type(data).__name__} in the place of bytes", source=name, remedy=_AS_BYTES)
    return bytes(data)
