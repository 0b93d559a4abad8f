from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from langchain_hunyuanocr.reading.tables.build import table_from_rows
from langchain_hunyuanocr.reading.tables.markdown import markdown_of, parse_markdown_table, row_starts

HARD = [
    "|",
    "\\",
    "\\|",
    "\\\\|",
    "<br>",
    "<br/>",
    "\n",
    "\r",
    "\t",
    "`a|b`",
    "&amp;",
    "&#124;",
    "&lt;br&gt;",
    "---",
    ":-:",
    " ",
    "<b>",
]
TEXTS = st.lists(st.one_of(st.sampled_from(HARD), st.text(max_size=4)), max_size=5).map("".join)
GRIDS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=5)
)


@settings(max_examples=300, deadline=None)
@given(GRIDS)
@example([["---", ":-:"], ["---", "---"]])
@example([["a\\", "|"], ["  ", ""]])
def test_every_grid_reads_back(rows: list[list[str]]) -> None:
    table = table_from_rows(rows)
    assert parse_markdown_table(table.markdown) == table.rows == tuple(map(tuple, rows))
    assert table.markdown.count("\n") == len(rows)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", "a\\|b"),
        ("c\nd", "c<br>d"),
        ("$\\frac{1}{2}$", "$\\frac{1}{2}$"),
        ("R&D < 5 > 3", "R&D < 5 > 3"),
        ("a\\|b", "a&#92;\\|b"),
        (" a", "&#32;a"),
        ("<br>", "&lt;br>"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_only_what_would_be_misread_is_escaped(text: str, written: str) -> None:
    assert markdown_of([[text]]) == f"| {written} |\n| --- |"


@pytest.mark.parametrize("text", ["a|b", "a\\|b", "\\\\|", "<br>", "<b>x</b>", "&amp; &#124;", "tail\\", "x < y"])
def test_other_readers_of_markdown_see_the_same_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown_of([["h", "i"], [text, "z"]]))
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4
    assert "".join(child.content for child in cells[2].children or ()) == text


@pytest.mark.parametrize(
    ("markdown", "rows"),
    [
        ("a | b\n--- | ---\n1 | 2", (("a", "b"), ("1", "2"))),
        ("| a | b |\n|:--|--:|\n| 1 |", (("a", "b"), ("1", ""))),
        ("  | a |\r\n  |---|\r\n  | 1<br />2 | extra |", (("a", ""), ("1\n2", "extra"))),
        ("|a|\n|-|\n", (("a",),)),
        ("| x\\|y |  |\n|---|---|", (("x|y", ""),)),
        ("no table", ()),
        ("a\n---", ()),
        ("| a |\n| b |", ()),
        ("", ()),
    ],
)
def test_tables_of_other_makers(markdown: str, rows: tuple[tuple[str, ...], ...]) -> None:
    assert parse_markdown_table(markdown) == rows


def test_where_rows_begin() -> None:
    markdown = markdown_of([["a"], ["b"], ["c"]])
    assert [markdown[start : start + 3] for start in row_starts(markdown)] == ["| a", "| b", "| c"]
