"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`write_readings` writes one, for the command line and for whoever offers it as a download; `formats` is the table of
what it can write, and finds the writer. Each name is imported on first use: the command line shows the formats in its
help without what writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.output.formats import Format
    from langchain_hunyuanocr.output.spreadsheet import state_of
    from langchain_hunyuanocr.output.write import Write, text_writer, write_readings

__all__ = ["Format", "Write", "state_of", "text_writer", "write_readings"]

_HOMES = {
    "Format": "formats",
    "state_of": "spreadsheet",
    **dict.fromkeys(("Write", "text_writer", "write_readings"), "write"),
}

__getattr__ = lazy_exports(__name__, _HOMES)
