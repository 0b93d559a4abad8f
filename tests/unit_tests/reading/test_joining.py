from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence

import pytest
from langchain_core.documents import Document

from langchain_hunyuanocr.documents import join_documents, to_document, with_headers
from langchain_hunyuanocr.reading.tables.across_pages import continuations, tables_of, under_header
from langchain_hunyuanocr.reading.tables.build import once, table_from_rows
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.results import Block, Box, PageReading, Table
from langchain_hunyuanocr.splitter import HunyuanOCRSplitter
from tests.unit_tests.readings import reading

Part = str | Table


def grid(*lines: str, box: Box | None = None, caption: str | None = None) -> Table:
    """A table written as lines of `a | b`, the first one the header."""
    return table_from_rows([[cell.strip() for cell in line.split("|")] for line in lines], box=box, caption=caption)


def page(number: int, *parts: Part, placed: bool = True) -> PageReading:
    """A page of paragraphs and tables from top to bottom, with the blocks that a layout gives it."""
    markdown = ""
    blocks = []
    for part in parts:
        markdown += "\n\n" if markdown else ""
        start = len(markdown)
        markdown += part if isinstance(part, str) else part.markdown
        kind = "table" if isinstance(part, Table) else "heading" if part.startswith("#") else "paragraph"
        blocks.append(Block(kind=kind, start=start, end=len(markdown), box=None if isinstance(part, str) else part.box))
    tables = tuple(part for part in parts if isinstance(part, Table))
    return reading(markdown, page=number, total_pages=9, tables=tables, blocks=tuple(blocks) if placed else ())


def joined(first: Sequence[Part], second: Sequence[Part]) -> bool:
    found = list(continuations([page(2, *first), page(3, *second)]))
    assert found[0][1] is None
    return found[1][1] is not None


STOCK = grid("Item | Qty | Price", "Pen | 3 | 1.20", "Ink | 1 | 7.50")
STOCK_ON = grid("Cap | 2 | 0.40", "Box | 9 | 3.00")
STOCK_HEADED = grid("Item | Qty | Price", "Cap | 2 | 0.40", "Box | 9 | 3.00")
STAFF = grid("序号 | 姓名 | 部门", "1 | 王小明 | 财务部", "2 | 李四 | 人事部")
STAFF_ON = grid("3 | 赵六 | 采购部", "4 | 钱七 | 法务部")
PEOPLE = grid("Name | Address", "Ann Lee | 4 Mill Lane, Exeter", "Bob Orr | 12 High Street, Truro")
PEOPLE_ON = grid("Cat Ray | 9 Quay Road, Bath", "Dan Fox | 1 Park Row, Leeds")
BUDGET = grid("项目 | 预算 | 支出", "差旅费 | 30,000.00 | 28,116.50", "会议费 | 12,000.00 | 9,870.00")
BUDGET_ON = grid("培训费 | 8,000.00 | 7,950.00", "印刷费 | 2,000.00 | 1,312.20")
BUDGET_HEADED = grid("项目 | 预算 | 支出", "培训费 | 8,000.00 | 7,950.00")
TEXT = "The sales of the third quarter were better than those of the second one, as we had hoped."
RUNNING = "Acme Ltd - Annual report 2023"

(TWO_HEADS,) = parse_html_tables(
    "<table><tr><td rowspan=2>Region</td><td colspan=2>Sales</td></tr><tr><td>2022</td><td>2023</td></tr>"
    "<tr><td>North</td><td>10</td><td>12</td></tr><tr><td>South</td><td>8</td><td>9</td></tr></table>"
)
(TWO_HEADS_AGAIN,) = parse_html_tables(
    "<table><tr><td rowspan=2>Region</td><td colspan=2>Sales</td></tr><tr><td>2022</td><td>2023</td></tr>"
    "<tr><td>East</td><td>4</td><td>5</td></tr></table>"
)
HIGH, LOW = Box(0.1, 0.08, 0.9, 0.4), Box(0.1, 0.5, 0.9, 0.93)


def joined_of(pages: Sequence[PageReading]) -> list[Table]:
    return tables_of(list(continuations(pages)))


JOINED: dict[str, tuple[Sequence[Part], Sequence[Part]]] = {
    "header repeated": ([TEXT, STOCK], [STOCK_HEADED, TEXT]),
    "header absent, numbers below numbers": ([TEXT, STOCK], [STOCK_ON, TEXT]),
    "header repeated in capitals and with spaces": ([STOCK], [grid("ITEM | QTY. | Price ", "Cap | 2 | 0.40")]),
    "page numbers between": ([STOCK, "- 3 -"], ["4", STOCK_ON]),
    "page x of y below, running head above": ([RUNNING, STOCK, "Page 3 of 9"], [RUNNING, STOCK_ON, "Page 4 of 9"]),
    "running head that ends with the page number": (["Minutes of 2023 | 3", STOCK], ["Minutes of 2023 | 4", STOCK_ON]),
    "table 3 continued": (["Table 3: Stock", STOCK], ["Table 3 (continued)", STOCK_HEADED]),
    "table 3 continued without header": (["Table 3. Stock", STOCK], ["Table 3. (cont'd)", STOCK_ON]),
    "caption repeated word for word": (["Table 3: Stock", STOCK], ["Table 3: Stock", STOCK_HEADED]),
    "continued on next page": ([STOCK, "(continued on next page)"], ["Continued from previous page", STOCK_ON]),
    "two header rows repeated": ([TWO_HEADS], [TWO_HEADS_AGAIN]),
    "two header rows, none on the next page": ([TWO_HEADS], [grid("East | 4 | 5", "West | 1 | 2")]),
    "words only": ([PEOPLE], [PEOPLE_ON]),
    "boxes that fit": (
        [STOCK.model_copy(update={"box": LOW})],
        [STOCK_ON.model_copy(update={"box": Box(0.12, 0.08, 0.91, 0.4)})],
    ),
    "one row left on the next page": ([STOCK], [grid("Cap | 2 | 0.40"), TEXT]),
    "中文，无表头，序号连续": ([STAFF], [STAFF_ON]),
    "中文，续表": (["表3 费用预算", BUDGET], ["续表3", BUDGET_HEADED]),
    "中文，续下页，续上页": (["表3 费用预算", BUDGET, "（续下页）"], ["（续上页）", BUDGET_ON]),
    "中文，第几页，单位": (
        ["表3 费用预算", "单位：元", BUDGET, "第 3 页 共 9 页"],
        ["表3（续）", "单位：元", BUDGET_ON, "第 4 页 共 9 页"],
    ),
    "中文，合计在最后": ([BUDGET], [grid("培训费 | 8,000.00 | 7,950.00", "合计 | 50,000.00 | 45,936.50")]),
}
APART: dict[str, tuple[Sequence[Part], Sequence[Part]]] = {
    "more columns": ([STOCK], [grid("Cap | 2 | 0.40 | red")]),
    "fewer columns": ([STOCK], [grid("Cap | 2"), TEXT]),
    "a new caption": (["Table 3: Stock", STOCK], ["Table 4: Orders", STOCK_HEADED]),
    "a new caption in the HTML": ([STOCK], [STOCK_HEADED.model_copy(update={"caption": "Table 4: Orders"})]),
    "another table is continued": (["Table 3: Stock", STOCK], ["Table 2 (continued)", STOCK_HEADED]),
    "text after the first": ([STOCK, TEXT], [STOCK_ON]),
    "text before the second": ([STOCK], [TEXT, STOCK_ON]),
    "a heading between": ([STOCK], ["## Orders", STOCK_HEADED]),
    "a short line between": ([STOCK], ["Orders of the branch in Leeds", STOCK_HEADED]),
    "another header": ([STOCK], [grid("Product | Weight | Colour", "Cap | 2 | red")]),
    "a header of other years": (
        [grid("Item | 2020 | 2021", "Tea | 5 | 6")],
        [grid("Item | 2022 | 2023", "Tea | 7 | 8")],
    ),
    "numbers below words": ([PEOPLE], [grid("17 | 4.50", "18 | 3.20")]),
    "words below numbers": ([STOCK], [grid("left over | none at all | free of charge")]),
    "a note below the first": ([STOCK, "Note: prices without tax."], [STOCK_ON]),
    "the first ended with a total": ([grid("Item | Qty | Price", "Pen | 3 | 1.20", "Total | 3 | 1.20")], [STOCK_ON]),
    "the numbering begins again": ([STAFF], [grid("序号 | 姓名 | 部门", "1 | 孙八 | 车间")]),
    "another width": (
        [STOCK.model_copy(update={"box": LOW})],
        [STOCK_ON.model_copy(update={"box": Box(0.1, 0.1, 0.5, 0.3)})],
    ),
    "half of the first page is empty": (
        [STOCK.model_copy(update={"box": HIGH})],
        [STOCK_HEADED.model_copy(update={"box": HIGH})],
    ),
    "中文，新表题": (["表3 费用预算", BUDGET], ["表4 人员费用", BUDGET_HEADED]),
    "中文，来源说明与另一表头": ([BUDGET], [grid("姓名 | 性别 | 职务", "王小明 | 男 | 会计")]),
}


def test_a_header_is_told_by_the_words_that_come_back_below_it() -> None:
    first = grid("Task | Owner", "sweep | Ann", "paint | Bob", "sweep | Bob")
    assert not joined([first], [grid("Duty | Team", "paint | Ann", "sweep | Bob")])
    assert joined([first], [grid("polish | Cat", "paint | Ann", "mend | Dan")])


def test_there_are_forty_cases() -> None:
    assert (len(JOINED), len(APART)) == (20, 20)


@pytest.mark.parametrize("case", JOINED)
def test_a_table_that_goes_on_is_joined(case: str) -> None:
    assert joined(*JOINED[case])


@pytest.mark.parametrize("case", APART)
def test_tables_that_only_follow_each_other_are_not(case: str) -> None:
    assert not joined(*APART[case])


def test_three_pages_become_one_table_that_stands_once() -> None:
    pages = [
        page(2, "Before.", "Table 3: Stock", STOCK.model_copy(update={"box": LOW}), "- 3 -"),
        page(3, "Table 3 (continued)", STOCK_ON.model_copy(update={"box": Box(0.1, 0.05, 0.9, 0.95)})),
        page(4, grid("Item | Qty | Price", "Jar | 5 | 2.00", box=HIGH), "After.", STAFF),
    ]
    document = join_documents(pages)
    rows = (*STOCK.rows, *STOCK_ON.rows, ("Jar", "5", "2.00"))
    assert document.page_content == "\n\n".join(
        ["Before.", "Table 3: Stock", grid(*map(" | ".join, rows)).markdown, "- 3 -", "After.", STAFF.markdown]
    )
    assert document.metadata["table_count"] == 2
    assert document.metadata["tables"][0] in document.page_content
    texts = [document.page_content[block.start : block.end] for block in document.blocks]
    assert texts == ["Before.", "Table 3: Stock", document.metadata["tables"][0], "- 3 -", "After.", STAFF.markdown]
    for place, following in zip(document.pages, [*document.pages[1:], None], strict=True):
        here = document.page_content[place.start : following.start if following else None]
        assert pages[place.page - 2].markdown[place.offset :].startswith(here.rstrip("\n").partition("\n| --- |")[0])


def test_a_joined_table_has_its_pages_and_the_box_of_the_first() -> None:
    first = page(0, TWO_HEADS.model_copy(update={"box": LOW, "caption": "Table 1: Sales"}))
    second = page(1, TWO_HEADS_AGAIN.model_copy(update={"box": HIGH}))
    (table,) = joined_of([first, second])
    assert table.pages == (0, 1)
    assert table.box == LOW
    assert table.caption == "Table 1: Sales"
    assert table.header_rows == 2
    assert table.rows == (*TWO_HEADS.rows, TWO_HEADS_AGAIN.rows[-1])
    assert table.spans == TWO_HEADS.spans
    assert table.html.count("<th") == 1 + 4
    assert parse_html_tables(table.html)[0].rows == table.rows
    assert [table.pages for table in joined_of([first, page(1, TEXT, STAFF)])] == [(), ()]


def test_a_row_that_the_model_took_for_a_header_is_a_row_of_the_joined_table() -> None:
    (table,) = joined_of([page(0, STOCK), page(1, STOCK_ON)])
    assert table.records() == [
        {"Item": "Pen", "Qty": "3", "Price": "1.20"},
        {"Item": "Ink", "Qty": "1", "Price": "7.50"},
        {"Item": "Cap", "Qty": "2", "Price": "0.40"},
        {"Item": "Box", "Qty": "9", "Price": "3.00"},
    ]
    assert table.html.count("<th>") == 3


def test_merged_cells_of_later_parts_keep_their_place() -> None:
    (rest,) = parse_html_tables(
        "<table><tr><td rowspan=2>Cap</td><td>2</td><td>0.40</td></tr><tr><td>3</td><td>1</td></tr></table>"
    )
    (table,) = joined_of([page(0, STOCK), page(1, rest)])
    assert table.spans == ((3, 0, 2, 1),)
    assert table.rows[3:] == (("Cap", "2", "0.40"), ("Cap", "3", "1"))
    (single,) = joined_of([page(0, once(TWO_HEADS)), page(1, once(TWO_HEADS_AGAIN))])
    assert single.rows[0] == ("Region", "Sales", "")


@pytest.mark.parametrize("change", [{"page": 5}, {"source": "other.pdf"}, {"sha256": "1" * 64}])
def test_only_the_next_page_of_the_same_file_continues_a_table(change: dict[str, object]) -> None:
    second = page(3, STOCK_ON).model_copy(update=change)
    assert [found for _, found in continuations([page(2, STOCK), second])] == [None, None]


def test_pages_without_blocks_are_joined_too() -> None:
    document = join_documents([page(2, TEXT, STOCK, placed=False), page(3, STOCK_ON, "After.", placed=False)])
    assert document.metadata["table_count"] == 1
    assert document.page_content.endswith(STOCK_ON.rows[1][0] + " | 9 | 3.00 |\n\nAfter.")


def test_chunks_of_a_page_repeat_the_header_of_the_page_before() -> None:
    second = page(3, RUNNING, STOCK_ON.model_copy(update={"box": HIGH}), TEXT)
    pages = [page(2, RUNNING, STOCK.model_copy(update={"box": LOW})), second]
    chunks = list(HunyuanOCRSplitter(1000).split_readings(pages))
    assert [chunk.metadata["page"] for chunk in chunks] == [2, 3]
    assert (
        "| Item | Qty | Price |\n| --- | --- | --- |\n| Cap | 2 | 0.40 |\n| Box | 9 | 3.00 |" in chunks[1].page_content
    )
    documents = [to_document(each) for each in pages]
    assert HunyuanOCRSplitter(70).split_documents(documents) == list(HunyuanOCRSplitter(70).split_readings(pages))
    stored = [Document(page_content=each.page_content, metadata=each.metadata) for each in documents]
    assert [chunk.page_content for chunk in HunyuanOCRSplitter(1000).split_documents(stored)] == [
        chunk.page_content for chunk in chunks
    ]
    small = [chunk for chunk in HunyuanOCRSplitter(70).split_readings(pages) if chunk.metadata["page"] == 3]
    rows = [chunk for chunk in small if chunk.page_content.startswith("| Item | Qty | Price |\n| --- |")]
    assert [chunk.page_content.splitlines()[2:] for chunk in rows] == [["| Cap | 2 | 0.40 |"], ["| Box | 9 | 3.00 |"]]
    for chunk in rows:
        assert chunk.metadata["box"] == list(HIGH)
        assert second.markdown[chunk.metadata["start"] :].startswith(chunk.page_content.splitlines()[2])


def test_a_page_that_repeats_the_header_itself_stays_as_it_is() -> None:
    pages = [page(2, STOCK), page(3, STOCK_HEADED, TEXT)]
    documents = [to_document(each) for each in pages]
    assert list(with_headers(documents)) == documents


def test_chunks_of_a_joined_table_say_on_which_page_they_begin() -> None:
    pages = [
        page(2, TEXT, STOCK.model_copy(update={"box": LOW}), "- 3 -"),
        page(3, STOCK_ON.model_copy(update={"box": HIGH}), "After."),
    ]
    chunks = HunyuanOCRSplitter(70).split_documents([join_documents(pages)])
    rows = [chunk for chunk in chunks if chunk.page_content.startswith("| Item")]
    assert [(chunk.metadata["page"], chunk.metadata["box"]) for chunk in rows] == [
        (2, list(LOW)), (2, list(LOW)), (3, list(HIGH)), (3, list(HIGH)),
    ]  # fmt: skip
    for chunk in rows:
        own = pages[chunk.metadata["page"] - 2].markdown[chunk.metadata["start"] :]
        assert own.startswith((chunk.page_content.splitlines()[-1], chunk.page_content))


def test_a_page_alone_finds_the_header_of_its_table() -> None:
    units = [grid("Item | Unit | Price", "Pen | pcs | 1.20"), grid("Cap | pcs | 0.40"), grid("Jar | pcs | 2.00")]
    pages = {0: page(0, TEXT), 1: page(1, TEXT, STAFF, units[0]), 2: page(2, units[1]), 3: page(3, units[2], STAFF)}
    asked: list[int] = []

    def load(number: int) -> PageReading | None:
        asked.append(number)
        return pages.get(number)

    found = under_header(pages[3], load)
    assert found.tables[0].records() == [{"Item": "Jar", "Unit": "pcs", "Price": "2.00"}]
    assert found.tables[1] == STAFF
    assert found.markdown == pages[3].markdown
    assert asked == [2, 1]
    assert under_header(pages[1], load) is pages[1]
    assert under_header(pages[0], load) is pages[0]
    assert under_header(page(4, STAFF), lambda number: None).tables == (STAFF,)


def test_no_more_than_two_pages_are_held() -> None:
    alive: list[int] = []

    def pages() -> Iterator[PageReading]:
        for number in range(6):
            one = page(number, grid("No | Name", *(f"{number}{row} | Ann" for row in range(3))))
            weakref.finalize(one, alive.remove, number)
            alive.append(number)
            yield one
            del one

    most = 0
    for _ in continuations(pages()):
        most = max(most, len(alive))
    assert most <= 2 + 1  # and the one that is being made
