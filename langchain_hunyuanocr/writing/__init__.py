"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`reading_file` writes one, for the command line and for whoever offers it as a download.
"""

from langchain_hunyuanocr.writing.comma import write_csv
from langchain_hunyuanocr.writing.files import Write, reading_file
from langchain_hunyuanocr.writing.formats import Format
from langchain_hunyuanocr.writing.gathered import Gathered, state_of
from langchain_hunyuanocr.writing.pages import TextPages

__all__ = ["Format", "Gathered", "TextPages", "Write", "reading_file", "state_of", "write_csv"]
