"""Uploads lie in a folder that only this user can enter, and are gone after the answer."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.datastructures import UploadFile

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.service.cancellation import run_in_thread
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.url_fetching import Fetcher

_MB = 1024 * 1024
_LONGEST_NAME = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, ends of lines, half characters, and what turns the direction of writing, so that an ending of a
file is seen elsewhere than at its end."""


def private_folder(path: Path) -> Path:
    """A folder that nobody else can enter, made where it is not there."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder; what is gone meanwhile counts for nothing."""
    size = 0
    for inner, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(inner, name).stat().st_size
    return size


class Uploads:
    """The place of uploads.

    Args:
        folder: Of this service alone; whatever a killed process left there is removed.
        fetcher: Fetches what is named by an address.
        most: Most files of one request.
        most_fetched_mb: Most that is fetched for one request.
    """

    def __init__(self, folder: Path, fetcher: Fetcher, *, most: int, most_fetched_mb: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = private_folder(folder)
        self._fetcher = fetcher
        self._most = most
        self._most_fetched_mb = most_fetched_mb

    @asynccontextmanager
    async def kept(
        self, files: Sequence[UploadFile], urls: Sequence[str], *, most_fetched_mb: int | None = None
    ) -> AsyncIterator[list[Source | SourceError]]:
        """Files and addresses as sources, for as long as the context is open.

        Args:
            files: That were sent.
            urls: Of files to fetch.
            most_fetched_mb: Most that is fetched, where that is less than usual.

        Raises:
            Problem: There are too many or none, or an address is refused.
        """
        # Not in a thread: a client that goes away meanwhile would leave it behind.
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield await self.save(folder, files, urls, most_fetched_mb=most_fetched_mb)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def save(
        self, folder: Path, files: Sequence[UploadFile], urls: Sequence[str], *, most_fetched_mb: int | None = None
    ) -> list[Source | SourceError]:
        """Files and addresses as sources in a folder; an address that gives nothing is an error in its place.

        Raises:
            Problem: There are too many or none, or an address is refused.
        """
        if not files and not urls:
            raise Problem(422, "no file was sent (send one as `files`)")
        if len(files) + len(urls) > self._most:
            raise Problem(413, f"more than {self._most} files were sent (send fewer at once)")
        sources: list[Source | SourceError] = []
        for number, upload in enumerate(files):
            path = folder / str(number)
            await run_in_thread(_copy, upload, path)
            sources.append(Source(name=shown_name(upload.filename), path=path))
        left = (most_fetched_mb or self._most_fetched_mb) * _MB
        for number, url in enumerate(urls, len(files)):
            path = folder / str(number)
            sources.append(await self._fetched(url, path, left))
            left -= path.stat().st_size if path.exists() else 0
        return sources

    def close(self) -> None:
        """Remove whatever is still there."""
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _fetched(self, url: str, path: Path, most_bytes: int) -> Source | SourceError:
        try:
            await self._fetcher.fetch(url, path, most_bytes=most_bytes)
        except SourceError as error:
            return error
        return Source(name=url, path=path, url=url)


def shown_name(name: str | None) -> str:
    """The last part of a file's name as the client gave it, in one line."""
    plain = _UNPRINTABLE.sub("", re.split(r"[\\/]", name or "")[-1]).strip()
    return plain[-_LONGEST_NAME:] or "upload"


def _copy(upload: UploadFile, path: Path) -> None:
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file)
    except OSError as exc:
        words = (exc.strerror or str(exc)).lower()
        raise Problem(503, f"the upload cannot be kept: {words} (try again later)") from exc
