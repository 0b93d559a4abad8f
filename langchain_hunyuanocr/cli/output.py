"""Output of the command line: to stdout, or to a file for each source."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output import Format, Write, text_writer, write_readings
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading

_LONGEST_NAME = 220
"""Bytes; file systems hold 255, and suffixes follow."""


class Sink(Protocol):
    """Where readings go; pages are written as they come, so memory stays flat."""

    def source(self, source: Source) -> AbstractContextManager[Write]:
        """Begin a source; the pages of the source are given to what this yields."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class StdoutSink:
    """All sources to stdout, one after another; of a format that streams one text, for JSON one list of all pages."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._open = ExitStack()
        self._write: Write | None = None

    def source(self, source: Source) -> AbstractContextManager[Write]:  # noqa: ARG002 - as every sink is called
        """Begin a source."""
        return self._writer() if self._write is None else nullcontext(self._write)

    def _writer(self) -> AbstractContextManager[Write]:
        return text_writer(self._form)(sys.stdout)

    def __enter__(self) -> Self:
        if self._form.info.streams:
            self._write = self._open.enter_context(self._writer())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)


class FolderSink:
    """A file for each source, named after it; it appears when it is complete."""

    def __init__(self, folder: Path, form: Format, settings: PageSettings) -> None:
        self._folder = folder
        self._form = form
        self._settings = settings
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise SourceError(
                f"cannot be made: {exc.strerror}", source=str(folder), remedy="choose another -o"
            ) from exc

    def source(self, source: Source) -> AbstractContextManager[Write]:
        """Begin a source."""
        return write_readings(self._folder / self._free_name(source.file_name), self._form, source, self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def _free_name(self, file_name: str) -> str:
        stem = _shortened(file_name.replace(os.sep, "_")) or "page"
        name, number = f"{stem}{self._form.suffix}", 2
        while name in self._taken:
            name, number = f"{stem}.{number}{self._form.suffix}", number + 1
        self._taken.add(name)
        return name


def _shortened(name: str) -> str:
    """A name that still has room for suffixes; what is cut off is told by four letters of its hash."""
    encoded = name.encode("utf-8")
    if len(encoded) <= _LONGEST_NAME:
        return name
    mark = hashlib.sha256(encoded).hexdigest()[:4]
    return f"{encoded[: _LONGEST_NAME - 5].decode('utf-8', 'ignore')}~{mark}"


class Sources:
    """Writes readings to a sink while sources begin and end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._open = ExitStack()
        self._write: Write | None = None
        self._count = 0

    def begin(self, source: Source) -> None:
        """Begin a source; the one before has been ended."""
        self._write = self._open.enter_context(self._sink.source(source))
        self._count = 0

    def write(self, reading: PageReading) -> None:
        """Write a page of the source that was begun last."""
        if self._write is not None:
            self._write(reading)
            self._count += 1

    def end(self, error: SourceError | None = None) -> None:
        """End the source that was begun last, if one was.

        Args:
            error: Why it ends early; the pages that it gave are kept, and where it gave none, no file is left.

        Raises:
            SourceError: Its file cannot be written.
        """
        self._write = None
        if error is None or self._count:
            self._open.close()
            return
        with suppress(SourceError):
            self._open.__exit__(SourceError, error, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)
