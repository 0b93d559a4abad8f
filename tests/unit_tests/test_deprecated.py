"""What users were taught under an old path goes on working for one release, with a warning."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr import parse_html_tables


def test_the_old_path_of_parse_html_tables_warns_and_works() -> None:
    from langchain_hunyuanocr.reading import html_tables

    html = "<table><tr><td>a</td><td>b</td></tr></table>"
    with pytest.warns(DeprecationWarning, match="from langchain_hunyuanocr"):
        assert html_tables.parse_html_tables(html) == parse_html_tables(html)
