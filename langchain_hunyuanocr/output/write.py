"""Write one file of a source's readings in any format; it appears when it is complete."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TextIO

from langchain_hunyuanocr.atomic_write import atomic_file
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading

Write = Callable[[PageReading], None]
"""Takes the readings of a source, in the order of their pages."""
TextWriter = Callable[[TextIO], AbstractContextManager[Write]]
"""Writes to a stream, which stays open."""
BinaryWriter = Callable[[Path, Source, PageSettings], AbstractContextManager[Write]]
"""Writes a file over, of a source that was opened with these settings."""


def text_writer(form: Format) -> TextWriter:
    """The writer of a format that is text, imported here."""
    writer: TextWriter = _writer(form)
    return writer


@contextmanager
def write_readings(out: Path, form: Format, source: Source, settings: PageSettings | None = None) -> Iterator[Write]:
    """Write a file of the readings that what this yields is called with, in the order of their pages.

    It is written beside its place and renamed at the end of the block; where the block or the writing fails, nothing is
    left, and a file that was there before stays.

    Args:
        out: The file.
        form: Its format.
        source: What was read.
        settings: How it was opened; the defaults where `None`.

    Raises:
        SourceError: The file cannot be written, or for a PDF the source cannot be opened again.
        EngineError: A package that the format needs is not installed.
    """
    try:
        with atomic_file(out) as part, _written(part, form, source, settings or PageSettings()) as write:
            yield write
    except OSError as exc:
        raise SourceError(
            f"cannot be written: {exc.strerror or exc}",
            source=str(out),
            remedy="free some space if the disk is full, and check who may write there",
        ) from exc


@contextmanager
def _written(part: Path, form: Format, source: Source, settings: PageSettings) -> Iterator[Write]:
    info = form.info
    if info.binary:
        writer: BinaryWriter = _writer(form)
        with writer(part, source, settings) as write:
            yield write
    else:
        with (
            part.open("w", encoding=info.encoding, newline=info.newline) as stream,
            text_writer(form)(stream) as write,
        ):
            yield write


def _writer(form: Format) -> Any:
    module, _, function = form.info.writer.partition(":")
    return getattr(importlib.import_module(f"{__package__}.{module}"), function)
