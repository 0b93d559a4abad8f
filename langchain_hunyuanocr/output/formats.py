"""Table of output formats: the one place where a format is described, and where its writer is found.

The command line, the web page and `write_readings` all look here. A writer is imported only when it is used, so a list
of the formats costs none of their packages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """How the pages of a source are written: the choice on the command line, and the suffix of the file."""

    MD = "md"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    """Fields, then tables, each part with a row of names; empty rows between them."""
    XLSX = "xlsx"
    """A sheet of fields and one for each table."""
    PDF = "pdf"
    """The pages as they are, with their text invisible in its place."""
    SRT = "srt"
    """The subtitles of a film."""

    @property
    def info(self) -> FormatInfo:
        """The row of the table."""
        return _TABLE[self]

    @property
    def suffix(self) -> str:
        """Of its files, with the dot."""
        return f".{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatInfo:
    """What is known of an output format."""

    writer: str
    """`module:function` inside `langchain_hunyuanocr.output`: a `TextWriter`, or of a binary format a `BinaryWriter`
    (see `write`)."""
    media_type: str
    """As HTTP sends it."""
    binary: bool = False
    """Whether it is no text that a terminal could show."""
    streams: bool = True
    """Whether pages are written as they come. On stdout, one text then holds all sources; else each has its own."""
    encoding: str = "utf-8"
    newline: str | None = None
    """Of a text file, as `open` takes it."""
    requires: tuple[str, str] | None = None
    """A package that its writer imports, and the extra that installs it."""
    task: str | None = None
    """The only `TaskKind` whose readings it can hold."""
    made_of: str = "pages"
    """What it is for, as an error says it."""
    download: tuple[str, str] | None = None
    """Its title on the web page, in English and Chinese; `None` where the page does not offer it."""


_TABLE = {
    Format.MD: FormatInfo(
        writer="text:write_markdown",
        media_type="text/markdown; charset=utf-8",
        download=("Markdown", "Markdown"),
    ),
    Format.JSON: FormatInfo(
        writer="text:write_json",
        media_type="application/json",
        download=("JSON", "JSON"),
    ),
    Format.JSONL: FormatInfo(
        writer="text:write_json_lines",
        media_type="application/jsonl",
    ),
    Format.CSV: FormatInfo(
        writer="csv_writer:write_csv",
        media_type="text/csv; charset=utf-8",
        streams=False,
        encoding="utf-8-sig",  # the mark tells a spreadsheet that it is UTF-8
        newline="",  # the csv module ends rows itself
        download=("CSV", "CSV"),
    ),
    Format.XLSX: FormatInfo(
        writer="xlsx_writer:write_xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        binary=True,
        streams=False,
        requires=("openpyxl", "xlsx"),
        download=("Excel", "Excel"),
    ),
    Format.PDF: FormatInfo(
        writer="searchable_pdf.document:write_searchable_pdf",
        media_type="application/pdf",
        binary=True,
        streams=False,
        download=("Searchable PDF", "可搜索的 PDF"),
    ),
    Format.SRT: FormatInfo(
        writer="text:write_srt",
        media_type="application/x-subrip",
        task="subtitle",
        made_of="films",
    ),
}
