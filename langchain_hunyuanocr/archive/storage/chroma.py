"""Where Chroma keeps the vectors: in a folder of the archive, or behind an address.

Chroma's own server checks no token and speaks no TLS; a proxy before it does. The token goes in both headers that are
in use (`Authorization: Bearer` and `X-Chroma-Token`); a private authority is trusted by `SSL_CERT_FILE`.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from langchain_hunyuanocr.atomic_write import temporary_folder
from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    import httpx

DISK = "disk"
"""The address of vectors that lie in the archive's folder."""
TOKEN_VARIABLE = "HUNYUANOCR_CHROMA_TOKEN"  # noqa: S105 - its name, not a token
_GREETING_S = 10.0
"""Seconds that a server has to say that it is there."""
_ANSWER_S = 120.0
"""Seconds that a server may be silent over a batch."""


class ChromaLocation(Protocol):
    """Where vectors are kept."""

    @property
    def address(self) -> str:
        """What the archive notes of it; holds no secret."""
        ...

    def connect(self) -> Any:
        """A Chroma client.

        Raises:
            ArchiveError: It cannot be reached, or is not what it should be.
        """
        ...

    def error(self, exc: Exception) -> ArchiveError:
        """What went wrong there, and the remedy."""
        ...


class ChromaOnDisk:
    """Chroma's files in a folder.

    Chroma writes even where it only looks something up. Where the folder may not be written, it gets a copy of its own,
    which goes away with the process.

    Args:
        folder: Made where it is not there.
    """

    address = DISK

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copy: tempfile.TemporaryDirectory[str] | None = None

    def connect(self) -> Any:
        """A Chroma client over the folder.

        Raises:
            ArchiveError: Chroma is not installed or cannot open its files.
        """
        chromadb = require("chromadb", extra="chroma", error=ArchiveError)
        # Chroma shares what it opens by the path: a relative one would be another folder after a change of folder.
        path = str(self._folder.absolute())
        try:
            if self._folder.exists() and not os.access(self._folder, os.W_OK):
                path = self._copied()
            return chromadb.PersistentClient(path=path, settings=chromadb.Settings(anonymized_telemetry=False))
        except Exception as exc:  # Chroma raises whatever its Rust core gives it, down to bare Exception
            _let_go(path)
            raise self.error(exc) from exc

    def _copied(self) -> str:
        if self._copy is None:
            self._copy = temporary_folder()
            shutil.copytree(self._folder, self._copy.name, dirs_exist_ok=True)
        return self._copy.name

    def error(self, exc: Exception) -> ArchiveError:
        """What Chroma says, with what may mend it."""
        return ArchiveError(
            f"the vectors cannot be used: {_one_line(exc)}",
            source=str(self._folder.parent),
            remedy="free some space if the disk is full; without the folder `vectors` the next ingest builds it anew",
        )


class ChromaServer:
    """Chroma's HTTP server.

    Args:
        url: `http://host:8000` or `https://host`, also with a path that a proxy puts before Chroma's own.
        token: What a proxy before it asks for.

    Raises:
        ArchiveError: The address makes no sense or holds a secret, or the token cannot be sent.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.address = _checked_url(url)
        self._headers = _headers(token, self.address)

    def connect(self) -> Any:
        """A Chroma client of the server.

        Raises:
            ArchiveError: Chroma is not installed, or the server is away, is another program's, or refuses the token.
        """
        import httpx

        chromadb = require("chromadb", extra="chroma", error=ArchiveError)
        self._greet()
        try:
            # Given a whole URL, the client takes scheme, port and path from it.
            client = chromadb.HttpClient(
                host=self.address,
                ssl=self.address.startswith("https:"),
                headers=dict(self._headers),
                settings=chromadb.Settings(anonymized_telemetry=False),
            )
        except Exception as exc:
            raise self.error(exc) from exc
        # It would wait for ever, and has no setting for it.
        session = getattr(getattr(client, "_server", None), "_session", None)
        if isinstance(session, httpx.Client):
            session.timeout = httpx.Timeout(_ANSWER_S, connect=_GREETING_S)
        return client

    def error(self, exc: Exception) -> ArchiveError:
        """What is the matter with the server, from all that was raised on the way."""
        import httpx

        for cause in _causes(exc):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return self._complaint(
                    f"the certificate of the Chroma server is not trusted: {_one_line(cause)}",
                    "set SSL_CERT_FILE to the certificate of the authority that signed it",
                )
            if isinstance(cause, ssl.SSLError):
                return self._complaint(
                    f"no TLS can be agreed on with the Chroma server: {_one_line(cause)}",
                    "write http:// where the server speaks no TLS",
                )
        for cause in _causes(exc):
            if isinstance(cause, httpx.TransportError | ConnectionError):
                return self._complaint(
                    f"the Chroma server is away: {_one_line(exc)}",
                    "start it, or name another with --chroma-url; what was read is kept, and the next ingest stores it",
                )
        return self._complaint(f"the Chroma server refuses: {_one_line(exc)}", "see what the server logs")

    def _greet(self) -> None:
        """See that Chroma answers there, and takes the token, before Chroma's client waits for it."""
        import httpx

        try:
            answer = httpx.get(
                f"{self.address}/api/v2/auth/identity",
                headers=self._headers,
                timeout=_GREETING_S,
                follow_redirects=False,
            )
        except httpx.HTTPError as exc:
            raise self.error(exc) from exc
        if answer.status_code in (401, 403):
            said = "refuses the token" if self._headers else "asks for a token"
            raise self._complaint(f"the Chroma server {said}", f"set {TOKEN_VARIABLE} to the one that it knows")
        if answer.status_code in (502, 503, 504):
            raise self.error(httpx.ConnectError(f"the proxy before it answers {answer.status_code}"))
        if not _is_identity(answer):
            raise self._complaint(
                "this is no Chroma server, or one older than version 1",
                "name the address that `chroma run` shows, e.g. http://localhost:8000",
            )

    def _complaint(self, message: str, remedy: str) -> ArchiveError:
        return ArchiveError(message, source=self.address, remedy=remedy)


def _let_go(path: str) -> None:
    """Let Chroma forget what it failed to open: it would give the broken half again, when the disk has space too."""
    from chromadb.api.shared_system_client import SharedSystemClient

    if not SharedSystemClient._identifier_to_refcount.get(path):
        SharedSystemClient._identifier_to_system.pop(path, None)


def place_at(address: str, folder: Path, token: str | None) -> ChromaLocation:
    """What keeps the vectors at an address.

    Args:
        address: `DISK` or a URL.
        folder: For vectors on disk.
        token: For a server.

    Raises:
        ArchiveError: The address makes no sense.
    """
    return ChromaOnDisk(folder) if address == DISK else ChromaServer(address, token)


def _checked_url(url: str) -> str:
    """A URL in the one form that archives note.

    Raises:
        ArchiveError: It is none, or holds what must not be noted.
    """
    remedy = f"write it as http://host:8000 or https://host, or {DISK!r} for the archive's own folder"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as exc:
        raise ArchiveError(f"the address of the Chroma server is not understood: {exc}", remedy=remedy) from exc
    if parts.username is not None or parts.password is not None:
        raise ArchiveError("the address of the Chroma server holds a secret", remedy=f"set {TOKEN_VARIABLE} instead")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ArchiveError(f"{url!r} is no address of a Chroma server", remedy=remedy)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix("/api/v2")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def _headers(token: str | None, address: str) -> dict[str, str]:
    bare = (token or "").strip()
    if not bare:
        return {}
    if not bare.isascii() or not bare.isprintable():
        raise ArchiveError(
            "the token of the Chroma server holds characters that cannot be sent",
            source=address,
            remedy=f"look at {TOKEN_VARIABLE}",
        )
    return {"Authorization": f"Bearer {bare}", "X-Chroma-Token": bare}


def _is_identity(answer: httpx.Response) -> bool:
    try:
        said = json.loads(answer.text)
    except ValueError:
        return False
    return answer.is_success and isinstance(said, dict) and "tenant" in said


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """An exception and all that it was raised for."""
    seen: set[int] = set()
    at: BaseException | None = exc
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__


def _one_line(exc: Exception) -> str:
    return " ".join(str(exc).split())[:300] or type(exc).__name__
