from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.reading.content import Content, with_merged_cells
from langchain_hunyuanocr.reading.tables.build import (
    MAX_SLOTS,
    Cell,
    LooseCell,
    once,
    place_cells,
    repeated,
    table_from_cells,
    table_from_rows,
)
from langchain_hunyuanocr.reading.tables.headers import header_rows_of_grid
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table
from langchain_hunyuanocr.results import Block


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


def test_more_places_than_allowed_lose_no_text() -> None:
    rows = [[LooseCell(f"w{n}") for n in range(MAX_SLOTS // 100)], *[[LooseCell("x")]] * 999]
    cells = place_cells(rows)
    assert max(cell.column for cell in cells) < MAX_SLOTS // 1000
    first = " ".join(cell.text for cell in cells if cell.row == 0)
    assert f"w{MAX_SLOTS // 100 - 1}" in first


def test_merged_cells_are_repeated_in_both_directions_or_written_once() -> None:
    table = table_from_cells(
        [
            Cell("h", 0, 0),
            Cell("h2", 0, 1),
            Cell("down", 1, 0, 2, 1),
            Cell("1", 1, 1),
            Cell("2", 2, 1),
            Cell("across", 3, 0, 1, 2),
        ]
    )
    assert table.spans == ((1, 0, 2, 1), (3, 0, 1, 2))
    assert table.rows[1:] == (("down", "1"), ("down", "2"), ("across", "across"))
    single = once(table)
    assert single.rows[1:] == (("down", "1"), ("", "2"), ("across", ""))
    assert single.markdown.splitlines()[2:] == ["| down | 1 |", "|  | 2 |", "| across |  |"]
    assert (single.html, single.spans) == (table.html, table.spans)
    for each in (table, single):
        assert each.grid() == table.rows
        assert each.grid(repeat_merged=False) == single.rows


def test_a_page_is_written_with_merged_cells_once() -> None:
    (wide,) = parse_html_tables("<table><tr><td colspan=2>Prices</td></tr><tr><td>a</td><td>1</td></tr></table>")
    plain = table_from_rows([["x"], ["y"]])
    texts = ["Before.", wide.markdown, "Between.", plain.markdown, wide.markdown, "After."]
    blocks, start = [], 0
    for text in texts:
        blocks.append(Block(kind="table" if "|" in text else "paragraph", start=start, end=start + len(text)))
        start += len(text) + 2
    page = with_merged_cells(
        Content("\n\n".join(texts), blocks=tuple(blocks), tables=(wide, plain, wide)), repeat_merged=False
    )
    assert page.tables == (once(wide), plain, once(wide))
    assert [page.markdown[block.start : block.end] for block in page.blocks] == [
        "Before.", once(wide).markdown, "Between.", plain.markdown, once(wide).markdown, "After.",
    ]  # fmt: skip


LEDGER = [
    Cell("Port", 0, 0, 2, 1),
    Cell("Ships", 0, 1, 1, 2),
    Cell("Tolls", 0, 3, 2, 1),
    Cell("in", 1, 1),
    Cell("out", 1, 2),
    Cell("Northern quay", 2, 0, 2, 1),
    *(Cell(text, row, column) for row, column, text in ((2, 1, "3"), (2, 2, "4"), (3, 1, "5"), (3, 2, "6"))),
    Cell("88", 2, 3, 2, 1),
    Cell("Closed for the winter, from November to the end of March, for all ships", 4, 0, 1, 4),
]


def test_labels_alone_are_repeated_where_this_is_wanted() -> None:
    table = table_from_cells(LEDGER, header_rows=2)
    labels = repeated(table, "labels")
    assert labels.rows == (
        ("Port", "Ships", "Ships", "Tolls"),
        ("Port", "in", "out", "Tolls"),
        ("Northern quay", "3", "4", "88"),
        ("Northern quay", "5", "6", ""),
        (LEDGER[-1].text, "", "", ""),
    )
    assert parse_markdown_table(labels.markdown) == labels.rows
    assert (labels.html, labels.spans) == (table.html, table.spans)
    assert labels.grid() == table.rows
    assert labels.grid(repeat_merged=False) == once(table).rows


def test_labels_of_labels_are_repeated_and_long_text_is_not() -> None:
    long = "A text of many words that runs over all the rows of the first column"
    nested = [Cell("East", 1, 0, 4, 1), Cell("Wool", 1, 1, 2, 1), Cell("Salt", 3, 1, 2, 1), Cell("77", 1, 2, 2, 1)]
    cells = [Cell("Coast", 0, 0), Cell("Goods", 0, 1), Cell("Tons", 0, 2), Cell("9", 3, 2), Cell("8", 4, 2), *nested]
    rows = repeated(table_from_cells(cells), "labels").rows
    assert rows[1:] == (("East", "Wool", "77"), ("East", "Wool", ""), ("East", "Salt", "9"), ("East", "Salt", "8"))
    rows = repeated(table_from_cells([Cell("x", 0, 0), Cell("y", 0, 1), Cell(long, 1, 0, 3, 1)]), "labels").rows
    assert [row[0] for row in rows[1:]] == [long, "", ""]


@given(
    st.lists(st.tuples(st.text("abc 7", max_size=30), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=30),
    st.integers(0, 3),
)
def test_repeated_labels_never_make_a_page_much_longer(loose: list[tuple[str, int, int]], header: int) -> None:
    rows = [[LooseCell(*cell) for cell in loose[start : start + 4]] for start in range(0, len(loose), 4)]
    table = table_from_cells(place_cells(rows), header_rows=header)
    (written,) = with_merged_cells(Content(table.markdown, tables=(table,)), "labels").tables
    assert len("".join(map("".join, written.rows))) <= 1.5 * len("".join(map("".join, once(table).rows)))


def test_records_are_named_by_all_header_rows() -> None:
    (table,) = parse_html_tables(
        "<table><tr><th rowspan=2>Item</th><th colspan=2>Price</th><th rowspan=2></th><th rowspan=2>Item</th></tr>"
        "<tr><th>net</th><th>gross</th></tr><tr><td>Pen</td><td colspan=2>1</td><td>x</td><td>P</td></tr></table>"
    )
    names = ["Item", "Price net", "Price gross", "column 4", "Item 2"]
    assert table.records() == [dict(zip(names, ["Pen", "1", "1", "x", "P"], strict=True))]
    assert table.records(repeat_merged=False)[0]["Price gross"] == ""
    assert once(table).records() == table.records()
    assert table_from_rows([["a", "a", "a 2"], ["1", "2", "3"]]).records() == [{"a": "1", "a 2": "2", "a 2 2": "3"}]
    assert table_from_rows([["only", "header"]]).records() == []


def test_a_frame_has_the_records() -> None:
    pytest.importorskip("pandas")
    table = table_from_rows([["item", "n"], ["tea", "007"], ["", "1"]])
    frame = table.to_pandas()
    assert list(frame.columns) == ["item", "n"]
    assert frame.to_dict("records") == table.records()


def test_without_pandas_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        EngineError, match=r'pandas is not installed \(pip install "langchain-hunyuanocr\[notebook\]"\)'
    ):
        table_from_rows([["a"]]).to_pandas()


def test_a_long_merged_cell_is_not_repeated_without_end() -> None:
    cells = [LooseCell("x" * 100_000, 500, 100)]
    table = table_from_cells(place_cells([cells, *[[]] * 499]))
    assert sum(len(text) for row in table.rows for text in row) == 100_000
    assert len(table.rows) == 500
    assert table.spans == ((0, 0, 500, 100),)


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([["Item", "Qty"], ["Pen", "3"]], 1),
        ([["Name", "City"], ["Ann", "Bath"], ["Bob", "York"]], 1),
        ([["Feature", "Free", "Pro"], ["Support", "Free", "Fast"], ["Seats", "one", "ten"]], 1),
        ([["Region", "Sales", "Sales"], ["Region", "2023", "2024"], ["North", "1", "2"]], 2),
        ([["", "Sales", "Sales"], ["", "net", "gross"], ["North", "1", "2"]], 2),
        ([["地区", "销售额", "销售额"], ["地区", "本年", "上年"], ["华北", "1", "2"]], 2),
        ([["Item", "Price", ""], ["", "net", "gross"], ["Pen", "1", "2"]], 2),
        ([["Item", "Price", "", "Stock"], ["", "net", "gross", ""], ["Pen", "1", "2", "3"]], 2),
        ([["Item", "Price"], ["", "net"], ["Pen", "1"]], 1),
        ([["Item", "Price", "Weight"], ["", "(EUR)", "(kg)"], ["Pen", "1", "2"]], 2),
        ([["Item", "Price", "Weight"], ["Item", "EUR", "kg"], ["Pen", "1", "2"]], 2),
        ([["A", "B", "B"], ["A", "C", "C"], ["A", "D", "E"], ["x", "1", "2"]], 3),
        ([["", "Women", "Men"], ["Trait", "n=72", "n=71"], ["Age", "73", "70"]], 2),
        ([["", "Pros", "Cons"], ["Plan A", "cheap", "slow"], ["Plan B", "fast", "dear"]], 1),
        ([["", "2022", "2023"], ["Assets", "", ""], ["Cash", "1", "2"]], 1),
        ([["Sales", "Sales"], ["1", "2"]], 1),
        ([["Sales", "Sales"], ["a", "b"]], 1),
        ([["Sales"]], 1),
        ([], 0),
    ],
)
def test_header_rows_are_told_from_the_texts(rows: list[list[str]], count: int) -> None:
    assert header_rows_of_grid(rows) == count


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.builds(LooseCell, st.text(max_size=3), st.integers(-5, 300), st.integers(-5, 300)), max_size=5),
        max_size=6,
    )
)
def test_placed_cells_never_overlap(rows: list[list[LooseCell]]) -> None:
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
