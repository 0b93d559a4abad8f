"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`reading_file` writes one, for the command line and for whoever offers it as a download.
"""

from langchain_hunyuanocr.output.csv_writer import write_csv
from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.output.spreadsheet import Gathered, state_of
from langchain_hunyuanocr.output.text import TextPages
from langchain_hunyuanocr.output.write import Write, reading_file

__all__ = ["Format", "Gathered", "TextPages", "Write", "reading_file", "state_of", "write_csv"]
