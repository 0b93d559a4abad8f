"""Local file: a source on this machine, checked, hashed, and downloaded first where it is a URL.

A file may be replaced or written over while it is read. What was hashed is known by its device, inode, size and time of
change; who opens it again, by its path, sees by these whether it is still the same.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_hunyuanocr.atomic_write import temporary_folder
from langchain_hunyuanocr.errors import SourceError, words_of_os
from langchain_hunyuanocr.pages.page import PageSettings
from langchain_hunyuanocr.pages.sources import Source

_CHUNK_BYTES = 1 << 20
_MAX_REDIRECTS = 5


FileState = tuple[int, int, int, int]
"""Of a file: device, inode, size in bytes and time of change in nanoseconds."""


class ChangedSourceError(SourceError):
    """The file is no longer the one that was opened first."""


def state_of(path: str | Path | int) -> FileState:
    """What a path, or a descriptor, leads to now.

    Raises:
        OSError: Nothing is there.
    """
    found = os.stat(path)  # noqa: PTH116 - descriptors too
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A readable file."""

    path: Path
    sha256: str
    """Of its bytes."""
    state: FileState
    """When it was hashed."""

    def check(self, source: Source, opened: Sequence[int] | None = None) -> None:
        """See that the file is the one that was hashed.

        Args:
            source: Names the file in the error.
            opened: State of what another process has opened under this path.

        Raises:
            ChangedSourceError: It was replaced, written over or removed since.
        """
        try:
            now = state_of(self.path)
        except OSError:
            now = None
        if now != self.state or (opened is not None and tuple(opened) != self.state):
            raise _changed(source)


def _changed(source: Source) -> ChangedSourceError:
    return ChangedSourceError(
        "the file changed while it was read", source=source.name, remedy="read it once more, when it is whole"
    )


@contextmanager
def local_file(source: Source, settings: PageSettings) -> Iterator[LocalFile]:
    """A source as a file; what had to be fetched or written for it is removed at the end.

    Raises:
        SourceError: It is missing, empty, too large, not readable, or cannot be fetched.
    """
    if source.path is not None:
        yield LocalFile(source.path, *_hash_file(source, source.path, settings))
        return
    try:
        folder = temporary_folder()
    except OSError as exc:
        raise _not_kept(source, exc) from exc
    with folder:
        try:
            file = _kept(source, Path(folder.name) / "source", settings)
        except OSError as exc:
            raise _not_kept(source, exc) from exc
        yield file


def _kept(source: Source, path: Path, settings: PageSettings) -> LocalFile:
    """A source that is no file of this machine, written to one."""
    if source.data is not None:
        _check_size(source, len(source.data), settings)
        path.write_bytes(source.data)
        sha256 = hashlib.sha256(source.data).hexdigest()
    else:
        sha256 = _fetch(source, path, settings)
    return LocalFile(path, sha256, state_of(path))


def _not_kept(source: Source, error: OSError) -> SourceError:
    words = (
        words_of_os(error) if error.strerror or not error.args else str(error.args[-1]).partition(" in [")[0].lower()
    )
    return SourceError(
        f"no copy of it can be kept while it is read: {words}",
        source=source.name,
        remedy="free some space in the folder for temporary files, or name another one by TMPDIR",
    )


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


def _hash_file(source: Source, path: Path, settings: PageSettings) -> tuple[str, FileState]:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):  # opening a pipe or a device could block for ever
            raise SourceError("is not a regular file", source=source.name, remedy="name a file")
        _check_size(source, state.st_size, settings)
        with path.open("rb") as file:
            before = state_of(file.fileno())
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if state_of(file.fileno()) != before:
                raise _changed(source)
            return sha256, before
    except FileNotFoundError as exc:
        raise SourceError("there is no such file", source=source.name, remedy="check the path") from exc
    except PermissionError as exc:
        raise SourceError("may not be read", source=source.name, remedy="check its permissions") from exc
    except OSError as exc:
        raise SourceError(f"cannot be read: {words_of_os(exc)}", source=source.name) from exc


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
