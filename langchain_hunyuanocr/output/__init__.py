"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`write_readings` writes one, for the command line and for whoever offers it as a download; `formats` is the table of
what it can write, and finds the writer.
"""

from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.output.spreadsheet import state_of
from langchain_hunyuanocr.output.write import Write, text_writer, write_readings

__all__ = ["Format", "Write", "state_of", "text_writer", "write_readings"]
