"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`write_readings` writes one, for the command line and for whoever offers it as a download; `formats` is the table of
what it can write, and finds the writer. Each name is imported on first use: the command line shows the formats in its
help without what writes them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

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


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
