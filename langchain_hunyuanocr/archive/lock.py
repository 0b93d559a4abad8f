"""One writer at a time, by a lock that dies with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langchain_hunyuanocr.errors import ArchiveError, require


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold an archive for writing.

    The lock is the operating system's own on an open file, so a killed process leaves none behind.

    Raises:
        ArchiveError: Another process, or another `Archive` in this one, is writing.
    """
    filelock = require("filelock", extra="chroma", error=ArchiveError)
    lock = filelock.FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout as exc:
        raise ArchiveError(
            "another process is writing to this archive",
            source=str(folder),
            remedy="wait until it is done; searching and asking go on meanwhile",
        ) from exc
    try:
        yield
    finally:
        lock.release()
