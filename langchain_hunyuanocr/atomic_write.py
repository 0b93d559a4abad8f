"""Atomic writes: a file or folder is written beside its place, and appears when it is complete.

What is written for a while is named after its process, so that what a killed one leaves is known and removed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from langchain_hunyuanocr.errors import ArchiveError

_TEMPORARY = "hunyuanocr-"


@contextmanager
def atomic_export_file(out: Path) -> Iterator[Path]:
    """Where to write what becomes the file `out`; nothing is left of it where that fails.

    Raises:
        ArchiveError: It cannot be written, or the disk is full.
    """
    with _disk_errors(out):
        if out.is_dir():
            raise ArchiveError("this is a folder", source=str(out), remedy="name a file with --out")
        out.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(out) as part:
            yield part


@contextmanager
def atomic_export_folder(out: Path, names: set[str]) -> Iterator[Path]:
    """A new folder that becomes `out`, and takes the place of an earlier one that holds the same files.

    Args:
        out: Its later place.
        names: Of the files that it will hold; a folder of anything else is not touched.

    Raises:
        ArchiveError: `out` is something else, it cannot be written, or the disk is full.
    """
    part, old = temporary_sibling(out, "part"), temporary_sibling(out, "old")
    with _disk_errors(out):
        if out.exists() and not (out.is_dir() and {entry.name for entry in out.iterdir()} <= names):
            raise ArchiveError(
                "this holds other things than an earlier export", source=str(out), remedy="name a new folder with --out"
            )
        try:
            part.mkdir(parents=True)
            yield part
            if out.exists():
                out.rename(old)
            try:
                part.rename(out)
            except OSError:
                if old.exists():
                    old.rename(out)
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ArchiveError(
            f"the export cannot be written: {exc.strerror or exc}",
            source=str(out),
            remedy="free some space if the disk is full, and check who may write there; the archive is unharmed",
        ) from exc


def temporary_sibling(out: Path, ending: str) -> Path:
    """A hidden name next to `out` that no other process takes; what killed ones left there is removed."""
    for left in _left_by_killed(out.absolute()):
        with suppress(OSError):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return out.absolute().with_name(f".{out.name}.{_machine()}-{os.getpid()}.{ending}")


def _machine() -> str:
    """Tells machines and containers that write to one disk apart: elsewhere their process numbers mean nothing."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder in that for temporary files, which only this user can enter; what killed processes left is removed.

    Raises:
        OSError: The folder for temporary files is missing or full.
    """
    _sweep_temporary_folders(tempfile.gettempdir())
    prefix = f"{_TEMPORARY}{_machine()}-{os.getpid()}-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


@cache
def _sweep_temporary_folders(place: str) -> None:
    own = re.compile(rf"{re.escape(f'{_TEMPORARY}{_machine()}-')}(\d+)-\w+")
    with suppress(OSError):
        for left in _of_ended(Path(place), own):
            shutil.rmtree(left, ignore_errors=True)


def _left_by_killed(out: Path) -> Iterator[Path]:
    own = re.compile(rf"{re.escape(f'.{out.name}.{_machine()}-')}(\d+)\.(?:part|old)")
    return _of_ended(out.parent, own)


def _of_ended(folder: Path, own: re.Pattern[str]) -> Iterator[Path]:
    """What stands in a folder under names with the number of a process of this machine that has ended."""
    if os.name != "posix" or not folder.is_dir():  # elsewhere asking for a process would end it
        return
    for path in folder.iterdir():
        found = own.fullmatch(path.name)
        if found is not None:
            try:
                os.kill(int(found.group(1)), 0)
            except ProcessLookupError:
                yield path
            except OSError:  # another user's process
                continue


@contextmanager
def atomic_file(out: Path) -> Iterator[Path]:
    """Where to write what becomes the file `out` at the end of the block; nothing is left of it where that fails.

    A file that was there before stays until then.

    Raises:
        OSError: It cannot be written or renamed.
    """
    part = temporary_sibling(out, "part")
    try:
        yield part
        part.replace(out)
    finally:
        with suppress(OSError):
            part.unlink()
