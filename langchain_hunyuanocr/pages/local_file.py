"""Local file: a source on this machine, checked, hashed, and downloaded first where it is a URL."""

from __future__ import annotations

import hashlib
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.page import PageSettings
from langchain_hunyuanocr.pages.sources import Source

_CHUNK_BYTES = 1 << 20
_MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A readable file."""

    path: Path
    sha256: str
    """Of its bytes."""


@contextmanager
def local_file(source: Source, settings: PageSettings) -> Iterator[LocalFile]:
    """A source as a file; what had to be fetched or written for it is removed at the end.

    Raises:
        SourceError: It is missing, empty, too large, not readable, or cannot be fetched.
    """
    if source.path is not None:
        yield LocalFile(source.path, _hash_file(source, source.path, settings))
        return
    # A folder that only this user can enter, and that goes away with the interpreter if not before.
    with tempfile.TemporaryDirectory(prefix="hunyuanocr-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "source"
        if source.data is not None:
            _check_size(source, len(source.data), settings)
            path.write_bytes(source.data)
            yield LocalFile(path, hashlib.sha256(source.data).hexdigest())
        else:
            yield LocalFile(path, _fetch(source, path, settings))


def sha256_of(source: Source, settings: PageSettings | None = None) -> str:
    """The hash of a source's bytes, without opening it as a document.

    Raises:
        SourceError: It is missing, empty, too large, not readable, or cannot be fetched.
    """
    with local_file(source, settings or PageSettings()) as file:
        return file.sha256


def _check_size(source: Source, size: int, settings: PageSettings) -> None:
    if size == 0:
        raise SourceError("is empty (0 bytes)", source=source.name, remedy="copy or scan it again")
    if size > settings.max_file_mb * 1024 * 1024:
        raise SourceError(
            f"is larger than {settings.max_file_mb} MB", source=source.name, remedy="raise max_file_mb or split it"
        )


def _hash_file(source: Source, path: Path, settings: PageSettings) -> str:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):  # opening a pipe or a device could block for ever
            raise SourceError("is not a regular file", source=source.name, remedy="name a file")
        _check_size(source, state.st_size, settings)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as exc:
        raise SourceError("there is no such file", source=source.name, remedy="check the path") from exc
    except PermissionError as exc:
        raise SourceError("may not be read", source=source.name, remedy="check its permissions") from exc
    except OSError as exc:
        words = (exc.strerror or type(exc).__name__).lower()
        raise SourceError(f"cannot be read: {words}", source=source.name) from exc


def _fetch(source: Source, path: Path, settings: PageSettings) -> str:
    """Download to `path`; the hash of what came."""
    import httpx

    deadline = time.monotonic() + settings.timeout_s
    digest, size = hashlib.sha256(), 0
    url = source.url or ""
    try:
        with (
            httpx.Client(follow_redirects=True, max_redirects=_MAX_REDIRECTS, timeout=settings.timeout_s) as client,
            client.stream("GET", url) as answer,
            path.open("wb") as file,
        ):
            if answer.is_error:
                words = f"the server answers {answer.status_code} {answer.reason_phrase}".strip()
                raise SourceError(words, source=source.name, remedy="check the address")
            _check_size(source, int(answer.headers.get("content-length") or 1), settings)
            for chunk in answer.iter_bytes(_CHUNK_BYTES):
                size += len(chunk)
                _check_size(source, size or 1, settings)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("")
                digest.update(chunk)
                file.write(chunk)
    except httpx.TimeoutException as exc:
        raise SourceError(
            f"was not fetched within {settings.timeout_s:g} s", source=source.name, remedy="raise timeout_s"
        ) from exc
    except httpx.TooManyRedirects as exc:
        raise SourceError(f"redirects more than {_MAX_REDIRECTS} times", source=source.name) from exc
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
        words = " ".join(str(exc).split()) or type(exc).__name__
        raise SourceError(f"cannot be fetched: {words}", source=source.name, remedy="check the address") from exc
    _check_size(source, size, settings)
    return digest.hexdigest()
