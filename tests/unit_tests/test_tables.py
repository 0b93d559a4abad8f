from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.reading.html_tables import parse_html_tables
from langchain_hunyuanocr.reading.tables import (
    MAX_SLOTS,
    Cell,
    place_cells,
    table_from_cells,
    table_from_rows,
)


def test_merged_cells_are_repeated_in_rows_and_kept_in_html() -> None:
    (table,) = parse_html_tables(
        "<table><tr><td rowspan=2>Item</td><td colspan=2>Price</td></tr><tr><td>net</td><td>gross</td></tr>"
        "<tr><td>Pen</td><td>1</td><td>2</td></tr></table>"
    )
    assert table.rows == (("Item", "Price", "Price"), ("Item", "net", "gross"), ("Pen", "1", "2"))
    assert table.header_rows == 2
    assert table.html == (
        '<table><thead><tr><th rowspan="2">Item</th><th colspan="2">Price</th></tr><tr><th>net</th><th>gross</th></tr>'
        "</thead><tbody><tr><td>Pen</td><td>1</td><td>2</td></tr></tbody></table>"
    )
    assert table.spans == ((0, 0, 2, 1), (0, 1, 1, 2))
    assert table.markdown == ("| Item | Price | Price |\n| --- | --- | --- |\n| Item | net | gross |\n| Pen | 1 | 2 |")


def test_html_written_by_us_reads_back_the_same() -> None:
    cells = [
        Cell("a & <b>", 0, 0, 2, 1),
        Cell("x|y", 0, 1, 1, 2),
        Cell("1", 1, 1),
        Cell("two\nlines", 1, 2),
        Cell("z", 2, 2),
    ]
    table = table_from_cells(cells, header_rows=1, caption="Café > 1")
    (again,) = parse_html_tables(table.html)
    assert again == table


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


def test_more_places_than_allowed_lose_no_text() -> None:
    rows = [[(f"w{n}", 1, 1) for n in range(MAX_SLOTS // 100)]] + [[("x", 1, 1)]] * 999
    cells = place_cells(rows)
    assert max(cell.column for cell in cells) < MAX_SLOTS // 1000
    first = " ".join(cell.text for cell in cells if cell.row == 0)
    assert f"w{MAX_SLOTS // 100 - 1}" in first


def test_markdown_escapes_pipes_and_line_breaks() -> None:
    table = table_from_rows([["a|b", "c\nd"], ["$\\frac{1}{2}$"]])
    assert table.markdown == "| a\\|b | c<br>d |\n| --- | --- |\n| $\\frac{1}{2}$ |  |"


def test_a_cell_merged_downward_is_repeated_and_one_merged_across_is_not() -> None:
    cells = [
        Cell("h", 0, 0),
        Cell("h2", 0, 1),
        Cell("down", 1, 0, 2, 1),
        Cell("1", 1, 1),
        Cell("2", 2, 1),
        Cell("across", 3, 0, 1, 2),
    ]
    assert table_from_cells(cells).markdown.splitlines()[2:] == ["| down | 1 |", "| down | 2 |", "| across |  |"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.tuples(st.text(max_size=3), st.integers(-5, 300), st.integers(-5, 300)), max_size=5), max_size=6
    )
)
def test_placed_cells_never_overlap(rows: list[list[tuple[str, int, int]]]) -> None:
    seen: set[tuple[int, int]] = set()
    for cell in place_cells(rows):
        places = {
            (r, c)
            for r in range(cell.row, cell.row + cell.rowspan)
            for c in range(cell.column, cell.column + cell.colspan)
        }
        assert not seen & places
        seen |= places
        assert cell.row + cell.rowspan <= len(rows)
