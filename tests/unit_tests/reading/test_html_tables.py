from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.reading.answers.parse import read_answer
from langchain_hunyuanocr.reading.tables.html import cells_of_html, parse_html_tables, table_places
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind


def one_cell(html: str) -> tuple[str, str]:
    """Text and HTML of a table that has one cell."""
    (table,) = parse_html_tables(f"<table><tr><td>{html}</td></tr></table>")
    ((text,),) = table.rows
    return text, table.html.removeprefix("<table><thead><tr><th>").removesuffix("</th></tr></thead></table>")


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        ("<table><tr><td>a<td>b<tr><td>c", (("a", "b"), ("c", ""))),
        ("<TABLE><TR><TD>a &amp; b</TD></TR></TABLE>", (("a & b",),)),
        ("<table><tr><td>one<br>two</td></tr></table>", (("one\ntwo",),)),
        (
            "<table><tr><td>a<table><tr><td>in</td><td>ner</td></tr></table></td><td>b</td></tr></table>",
            (("a\nin ner", "b"),),
        ),
        ("<table><tr><td>cut off in the mid", (("cut off in the mid",),)),
        ('<table><tr><td rowspan="0" colspan="-3">a</td><td colspan="x">b</td></tr></table>', (("a", "b"),)),
        ("<table><tr><td>a\x00b</td></tr></table>", (("ab",),)),
    ],
)
def test_badly_formed_html(html: str, rows: tuple[tuple[str, ...], ...]) -> None:
    (table,) = parse_html_tables(html)
    assert table.rows == rows


@pytest.mark.parametrize("html", ["", "no table", "<table></table>", "<table><tr></tr></table>", "a < b <t"])
def test_no_table(html: str) -> None:
    assert parse_html_tables(html) == []


def test_tables_between_text_come_in_order() -> None:
    tables = parse_html_tables("# A\n<table><tr><td>1</td></tr></table>\ntext\n\n<table><tr><td>2</td></tr></table>")
    assert [table.rows for table in tables] == [(("1",),), (("2",),)]


def test_absurd_spans_are_bounded() -> None:
    (table,) = parse_html_tables(
        '<table><tr><td colspan="99999999" rowspan="99999999">x</td></tr><tr><td>y</td></tr></table>'
    )
    assert len(table.rows) == 2
    assert len(table.rows[0]) <= 200
    assert table.rows[1][-1] == "y"


def test_ten_thousand_columns() -> None:
    html = "<table>" + ("<tr>" + "<td>1</td>" * 10_000 + "</tr>") * 2 + "</table>"
    (table,) = parse_html_tables(html)
    assert len(table.rows[0]) == 10_000


@pytest.mark.parametrize(
    ("html", "text", "kept"),
    [
        ("<b>Total</b> <i>net</i>", "Total net", "<b>Total</b> <i>net</i>"),
        ("10<sup>3</sup>", "10³", "10<sup>3</sup>"),
        ("H<sub>2</sub>O", "H₂O", "H<sub>2</sub>O"),
        (
            "5 × 10<sup>−12</sup> m<sup><i>a,b</i></sup>",
            "5 × 10⁻¹² mᵃ,ᵇ",
            "5 × 10<sup>−12</sup> m<sup><i>a,b</i></sup>",
        ),
        ("x<sup>Q</sup>y<sub>max Q</sub>", "x^Qy_(max Q)", "x<sup>Q</sup>y<sub>max Q</sub>"),
        ("x<sup>a<sub>1<sup>2</sup></sub></sup>", "x^(a₁₂)", "x<sup>a<sub>1<sup>2</sup></sub></sup>"),
        ("费用<sup>注1</sup>", "费用^(注1)", "费用<sup>注1</sup>"),
        ("0.05<sup>*</sup><sup> </sup>", "0.05*", "0.05<sup>*</sup><sup> </sup>"),
        ('<b onclick="x()" class=a>bold</b>', "bold", "<b>bold</b>"),
        ("a<script>alert(1)</script>b<style>td{}</style>c", "abc", "abc"),
        ("a<noscript>b</noscript><object>c</object>", "abc", "abc"),
        ('<a href="javascript:x">link</a><img src=x onerror=y>', "link", "link"),
        ("<p>one</p><p>two</p>", "one\ntwo", "one<br>two"),
        ("<ul><li>one<li><b>two</b></ul>three", "one\ntwo\nthree", "one<br><b>two</b><br>three"),
        ("one<br/>two<BR>three", "one\ntwo\nthree", "one<br>two<br>three"),
        ("&lt;br&gt; &amp;amp; &#x4e2d;&nbsp;&eacute;", "<br> &amp; 中 é", "&lt;br&gt; &amp;amp; 中\xa0é"),
        ("\n   two \n  words\t", "two words", "two words"),
        ("p<0.05 and a<b", "p<0.05 and a<b", "p&lt;0.05 and a&lt;b"),
        ("$a<b$, $c>d$ and <LOD>", "$a<b$, $c>d$ and <LOD>", "$a&lt;b$, $c&gt;d$ and &lt;LOD&gt;"),
        ("$\\frac{a}{b} \\le 1$", "$\\frac{a}{b} \\le 1$", "$\\frac{a}{b} \\le 1$"),
        ("a<!-- <td> -->b", "ab", "ab"),
        ("a<!-- never closed", "a<!-- never closed", "a&lt;!-- never closed"),
        ("<unknown>x</unknown>", "<unknown>x</unknown>", "&lt;unknown&gt;x&lt;/unknown&gt;"),
    ],
)
def test_what_stands_in_a_cell(html: str, text: str, kept: str) -> None:
    assert one_cell(html) == (text, kept)


@pytest.mark.parametrize(
    ("html", "rows", "caption"),
    [
        ("<table>Costs<tr><td>a</td></tr></table>", (("a",),), "Costs"),
        ("<table><caption>Table <b>1</b></caption><tr><td>a</td></tr></table>", (("a",),), "Table 1"),
        ("<table><tr><td>a</td>stray<td>b</td></tr></table>", (("a", "stray", "b"),), None),
        ("<table><tr><td>a</td></tr>between<tr><td>b</td></tr></table>", (("a",), ("between",), ("b",)), None),
        ("<table><td>a<td>b<tr><td>c</table>", (("a", "b"), ("c", "")), None),
        ("<table><tr><td>a</td></tr><td>b</td></table>", (("a",), ("b",)), None),
        ("<table><tr><table><tr><td>in<td>ner</table></tr></table>", (("in ner",),), None),
        ("<table><tr><td>a</td></tr", (("a",),), None),
        ('<table><tr><td>a</td><td colspan="2', (("a",),), None),
        ("<table><tr><td>a</td><td>x <", (("a", "x"),), None),
    ],
)
def test_text_between_the_cells_is_not_lost(html: str, rows: tuple[tuple[str, ...], ...], caption: str | None) -> None:
    (table,) = parse_html_tables(html)
    assert (table.rows, table.caption) == (rows, caption)


def test_cells_that_head_a_row_stay_headings() -> None:
    html = (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><th>c</th><th>d</th></tr>"
        "<tr><th>x</th><td>1</td></tr></tbody></table>"
    )
    (table,) = parse_html_tables(html)
    assert table.html == html
    assert table.header_rows == 1


@pytest.mark.parametrize(
    ("html", "header_rows"),
    [
        ("<tr><th>a<th>b<tr><th>c<th>d<tr><td>1<td>2", 2),
        ("<thead><tr><td>a<td>b</thead><tr><th>c<th>d<tr><td>1<td>2", 1),
        ("<tr><td rowspan=2>a<td>b<tr><td>c<tr><td>1<td>2", 2),
        ("<tr><td>Item<td colspan=2>Price<tr><td><td>net<td>gross<tr><td>Pen<td>1<td>2", 2),
        ("<tr><td colspan=3>Prices of 2023<tr><td>Item<td>net<td>gross<tr><td>Pen<td>1<td>2", 2),
        ("<tr><td>Item<td>Price<tr><td>Pen<td>1", 1),
        ("<tr><td>a<td>b", 1),
    ],
)
def test_header_rows_with_and_without_marks(html: str, header_rows: int) -> None:
    (table,) = parse_html_tables(f"<table>{html}</table>")
    assert table.header_rows == header_rows


def test_rows_that_are_short_stay_short_in_the_html() -> None:
    html = "<table><thead><tr><th>a</th><th>b</th><th>c</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    (table,) = parse_html_tables(html)
    assert table.rows[1] == ("1", "", "")
    assert table.html == html


def test_a_table_within_a_table_belongs_to_it() -> None:
    text = "x <table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table> y <TABLE ><tr><td>cut"
    assert [text[start:end] for start, end in table_places(text)] == [text[2:70], text[73:]]
    assert len(parse_html_tables(text)) == 2


@pytest.mark.parametrize("tag", ["b", "tbody", "div", "sup", "table"])
def test_deep_nesting_is_no_recursion(tag: str) -> None:
    (table,) = parse_html_tables("<table><tr><td>a" + f"<{tag}>" * 1_500 + "Q</table>")
    assert "Q" in "".join(text for row in table.rows for text in row)
    # Beyond some thousands of levels libxml2 stops, and what was read before them stays.
    (table,) = parse_html_tables("<table><tr><td>a" + f"<{tag}>" * 9_000 + "z</table>")
    assert table.rows[0][0].startswith("a")


def test_cells_at_their_places() -> None:
    cells = cells_of_html("<table><tr><td rowspan=2>a<td>b<tr><th>c</table>")
    assert [(cell.text, cell.row, cell.column, cell.rowspan, cell.heading) for cell in cells] == [
        ("a", 0, 0, 2, False),
        ("b", 0, 1, 1, False),
        ("c", 1, 1, 1, True),
    ]
    assert cells_of_html("no table") == []


PIECES = [
    *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", '<td rowspan="2">', "<td colspan=3>", "<thead>"),
    *(
        "</thead>",
        "<tbody>",
        "<caption>",
        "</caption>",
        "<sup>2</sup>",
        "<sub>",
        "</sub>",
        "<b>",
        "</b>",
        "<br>",
        "<p>",
    ),
    *(
        "&amp;",
        "&#0;",
        "&lt;td&gt;",
        "a|b",
        "\\|",
        "$x<y$",
        "表1 费用",
        "1,200.00",
        "<",
        ">",
        "<!--",
        "<script>",
        "\x00",
    ),
    *("\ud800", "<td rowspan='65535' colspan=65535>", "<![CDATA[", "<?xml version='1.0' encoding='gbk'?>", "\u2028"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join))
def test_any_string_gives_tables_or_none_that_read_back_the_same(html: str) -> None:
    for table in parse_html_tables(f"<table>{html}"):
        assert parse_html_tables(table.html) == [table]
        assert parse_markdown_table(table.markdown) == table.rows
        assert {len(row) for row in table.rows} == {len(table.rows[0])}
        assert 1 <= table.header_rows <= len(table.rows)


def test_an_answer_that_holds_no_whole_table_is_plain_text() -> None:
    content = read_answer(Generation(text="see <table></table> and <tab"), Task(kind=TaskKind.DOCUMENT))
    assert (content.tables, content.markdown) == ((), "see <table></table> and <tab")
