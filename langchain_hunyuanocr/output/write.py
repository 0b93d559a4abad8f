"""Write one file of a source's readings in any format; it appears when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from langchain_hunyuanocr.atomic_write import written_beside
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output.csv_writer import write_csv
from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.output.searchable_pdf.document import searchable_pdf
from langchain_hunyuanocr.output.spreadsheet import Spreadsheet
from langchain_hunyuanocr.output.text import TextPages
from langchain_hunyuanocr.output.xlsx_writer import write_xlsx
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading

Write = Callable[[PageReading], None]


@contextmanager
def write_readings(out: Path, form: Format, source: Source, settings: PageSettings | None = None) -> Iterator[Write]:
    """Write a file of the readings that what this yields is called with, in the order of their pages.

    It is written beside its place and renamed at the end of the block; where the block or the writing fails, nothing is
    left, and a file that was there before stays.

    Args:
        out: The file.
        form: Its form.
        source: What was read.
        settings: How it was opened; the defaults where `None`.

    Raises:
        SourceError: The file cannot be written, or for a PDF the source cannot be opened again.
        EngineError: A package that the form needs is not installed.
    """
    try:
        with written_beside(out) as part, _written(part, form, source, settings or PageSettings()) as write:
            yield write
    except OSError as exc:
        raise SourceError(
            f"cannot be written: {exc.strerror or exc}",
            source=str(out),
            remedy="free some space if the disk is full, and check who may write there",
        ) from exc


@contextmanager
def _written(part: Path, form: Format, source: Source, settings: PageSettings) -> Iterator[Write]:
    if form is Format.PDF:
        with searchable_pdf(source, settings, part) as pdf:
            yield pdf.add
    elif form in (Format.XLSX, Format.CSV):
        gathered = Spreadsheet(source.file_name)
        yield gathered.add
        if form is Format.XLSX:
            write_xlsx(gathered, part)
        else:
            # With the mark that tells a spreadsheet that it is UTF-8.
            with part.open("w", encoding="utf-8-sig", newline="") as stream:
                write_csv(gathered, stream)
    else:
        with part.open("w", encoding="utf-8") as stream:
            pages = TextPages(stream, form)
            yield pages.write
            pages.end()
