"""API keys, stored hashed in a file."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from langchain_hunyuanocr.errors import ServiceError, require
from langchain_hunyuanocr.service.auth.caller import Caller, Scope

PREFIX = "hocr_"
"""What a key begins with, so that it is known for one wherever it turns up, and told from a token."""

_PATIENCE_S = 10.0


class ApiKey(BaseModel):
    """What is kept of a key.

    Attributes:
        id: Names the key; part of it.
        name: Whose it is.
        sha256: Of the whole key. Its 256 random bits cannot be guessed, so that a slow hash would add nothing.
        scopes: What it may do.
        created: When it was made.
        expires: From when on it is refused.
        rate: How often it may be used, such as `60/minute`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    sha256: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime | None = None
    rate: str | None = None


_KEYS = TypeAdapter(list[ApiKey])


class ApiKeyFile:
    """The keys of a service.

    Args:
        path: Of the file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, ApiKey] = {}

    def keys(self) -> list[ApiKey]:
        """What is kept of every key.

        Raises:
            ServiceError: The file is no file of keys, or cannot be read.
        """
        with self._lock:
            self._read()
            return list(self._keys.values())

    def add(
        self, name: str, scopes: Sequence[Scope], *, lasts: timedelta | None = None, rate: str | None = None
    ) -> str:
        """Make a key.

        Args:
            name: Whose it is.
            scopes: What it may do.
            lasts: How long; for ever where `None`.
            rate: How often it may be used.

        Returns:
            The key, which is not kept.

        Raises:
            ServiceError: The file cannot be read or written.
        """
        number = secrets.token_hex(6)
        key = f"{PREFIX}{number}_{secrets.token_urlsafe(32)}"
        now = datetime.now(UTC)
        kept = ApiKey(
            id=number,
            name=name,
            sha256=_hash(key),
            scopes=tuple(dict.fromkeys(scopes)),
            created=now,
            expires=None if lasts is None else now + lasts,
            rate=rate,
        )
        with self._changing():
            self._write({**self._keys, number: kept})
        return key

    def revoke(self, number: str) -> None:
        """Take a key away.

        Raises:
            ServiceError: There is no such key.
        """
        with self._changing():
            if number not in self._keys:
                raise ServiceError(f"there is no key {number!r}", source=str(self._path))
            self._write({id: key for id, key in self._keys.items() if id != number})

    def caller(self, key: str) -> Caller | str:
        """Whose a key is, or why it is nobody's."""
        number = key.removeprefix(PREFIX).partition("_")[0]
        with self._lock:
            self._read()
            kept = self._keys.get(number)
        if kept is None or not hmac.compare_digest(kept.sha256, _hash(key)):
            return "the API key is not known"
        if kept.expires is not None and kept.expires <= datetime.now(UTC):
            return "the API key has expired"
        return Caller(f"key:{kept.id}", frozenset(kept.scopes), kept.rate)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Know the keys, and be the only one of all processes that changes them, so that no change undoes another."""
        filelock = require("filelock", extra="service", error=ServiceError)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self._path.with_name(f".{self._path.name}.lock"), timeout=_PATIENCE_S, mode=0o600)
            with lock, self._lock:
                self._read()
                yield
        except filelock.Timeout as exc:
            raise ServiceError("is being changed by somebody else", source=str(self._path), remedy="try again") from exc
        except OSError as exc:
            raise ServiceError(f"cannot be written: {exc.strerror}", source=str(self._path)) from exc

    def _read(self) -> None:
        try:
            state = self._path.stat()
            seen = (state.st_ino, state.st_mtime_ns, state.st_size)
            if seen != self._seen:
                self._keys = {key.id: key for key in _KEYS.validate_json(self._path.read_bytes())}
                self._seen = seen
        except FileNotFoundError:
            self._keys, self._seen = {}, None
        except OSError as exc:
            raise ServiceError(f"cannot be read: {exc.strerror}", source=str(self._path)) from exc
        except ValidationError as exc:
            raise ServiceError(
                "is no file of API keys", source=str(self._path), remedy="make one with hunyuanocr keys add"
            ) from exc

    def _write(self, keys: dict[str, ApiKey]) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(_KEYS.dump_json(list(keys.values()), indent=1))
        part.replace(self._path)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
