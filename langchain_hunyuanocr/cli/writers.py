"""Readings as Markdown, JSON or JSON lines: to stdout, or to a file for each source."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.results import PageReading

Write = Callable[[PageReading], None]


class Format(StrEnum):
    """How pages are written."""

    MD = "md"
    JSON = "json"
    JSONL = "jsonl"


class Sink(Protocol):
    """Where readings go; pages are written as they come, so memory stays flat."""

    def source(self, file_name: str) -> AbstractContextManager[Write]:
        """Begin a source; the pages of the source are given to what this yields."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Pages:
    """Writes pages in one format to one stream."""

    def __init__(self, stream: TextIO, form: Format) -> None:
        self._stream = stream
        self._form = form
        self._count = 0

    def write(self, reading: PageReading) -> None:
        if self._form is Format.MD:
            text = _as_markdown(reading)
            self._stream.write(text + "\n\n" if text else "")
        else:
            record = json.dumps(to_record(reading), ensure_ascii=False)
            lead = "" if self._form is Format.JSONL else ",\n" if self._count else "[\n"
            self._stream.write(lead + record + ("\n" if self._form is Format.JSONL else ""))
        self._count += 1
        self._stream.flush()

    def end(self) -> None:
        if self._form is Format.JSON:
            self._stream.write("\n]\n" if self._count else "[]\n")


def _as_markdown(reading: PageReading) -> str:
    if reading.failed:
        return f"<!-- page {reading.page + 1} failed: {reading.error} -->"
    if reading.translation is not None:
        return f"{reading.markdown}\n\n---\n\n{reading.translation}"
    if reading.markdown or not reading.regions:
        return reading.markdown
    places = ((region.kind, ", ".join(f"{edge:g}" for edge in region.box or ())) for region in reading.regions)
    return "\n".join(f"- {kind} [{place}]" for kind, place in places)


class StdoutSink:
    """All sources to stdout, one after another; for JSON one list of all pages."""

    def __init__(self, form: Format) -> None:
        self._pages = _Pages(sys.stdout, form)

    @contextmanager
    def source(self, file_name: str) -> Iterator[Write]:  # noqa: ARG002 - stdout has no names
        """Begin a source."""
        yield self._pages.write

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pages.end()


class FolderSink:
    """A file for each source, named after it; it appears when it is complete."""

    def __init__(self, folder: Path, form: Format) -> None:
        self._folder = folder
        self._form = form
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise SourceError(
                f"cannot be made: {exc.strerror}", source=str(folder), remedy="choose another -o"
            ) from exc

    @contextmanager
    def source(self, file_name: str) -> Iterator[Write]:
        """Begin a source."""
        name = self._free_name(file_name)
        part = self._folder / f".{name}.part"
        try:
            with part.open("w", encoding="utf-8") as stream:
                pages = _Pages(stream, self._form)
                yield pages.write
                pages.end()
            part.replace(self._folder / name)
        finally:
            part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def _free_name(self, file_name: str) -> str:
        stem = file_name.replace(os.sep, "_") or "page"
        name, number = f"{stem}.{self._form}", 2
        while name in self._taken:
            name, number = f"{stem}.{number}.{self._form}", number + 1
        self._taken.add(name)
        return name


class Sources:
    """Writes readings to a sink while sources begin and end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._open = ExitStack()
        self._write: Write | None = None
        self._count = 0

    def begin(self, file_name: str) -> None:
        """End the source before, and begin one."""
        self._open.close()
        self._write = self._open.enter_context(self._sink.source(file_name))
        self._count = 0

    def write(self, reading: PageReading) -> None:
        """Write a page of the source that was begun last."""
        if self._write is not None:
            self._write(reading)
            self._count += 1

    def abandon(self, error: SourceError) -> None:
        """End the source early; the pages that it gave are kept, and where it gave none, no file is left."""
        if self._count:
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
