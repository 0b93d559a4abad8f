"""The forms in which readings can be written."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How the pages of a source are written."""

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
    def binary(self) -> bool:
        """Whether it is no text that a terminal could show."""
        return self in (Format.XLSX, Format.PDF)
