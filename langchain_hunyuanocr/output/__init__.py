"""Readings as files: Markdown, JSON, CSV, XLSX, searchable PDF, SRT.

`write_readings` writes one, for the command line and for whoever offers it as a download.
"""

from langchain_hunyuanocr.output.csv_writer import write_csv
from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.output.spreadsheet import Spreadsheet, state_of
from langchain_hunyuanocr.output.text import TextPages
from langchain_hunyuanocr.output.write import Write, write_readings

__all__ = ["Format", "Spreadsheet", "TextPages", "Write", "state_of", "write_csv", "write_readings"]
