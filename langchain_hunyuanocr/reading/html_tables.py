"""Deprecated path of `parse_html_tables`, which is a public name of the package; it goes in the next minor release."""

from __future__ import annotations

import warnings

from langchain_hunyuanocr.reading.tables.html import parse_html_tables as _parse
from langchain_hunyuanocr.results import Table


def parse_html_tables(html: str) -> list[Table]:
    """Parse the tables of an HTML text. Deprecated: import `parse_html_tables` from `langchain_hunyuanocr`."""
    warnings.warn(
        "import parse_html_tables from langchain_hunyuanocr; this path goes in the next minor release",
        DeprecationWarning,
        stacklevel=2,
    )
    return _parse(html)
