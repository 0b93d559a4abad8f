"""A table that goes on over the next page, from real files to Documents, chunks and the archive's chunks."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from langchain_hunyuanocr import Archive, HunyuanOCRLoader, HunyuanOCRSplitter, ScriptedEngine
from tests.integration_tests.files import scanned_pdf

HEADER = ["No.", "Article", "Qty", "Price"]
ROWS = [[str(n), f"oak shelf {n}", str(n % 9 + 1), f"{n * 7.35:,.2f}"] for n in range(1, 61)]
LEFT = (60, 110, 330, 420, 535)
"""Where the rules between the columns stand, points."""


def draw_table(page: pymupdf.Page, rows: list[list[str]], y: float) -> None:
    for row in rows:
        for x, text in zip(LEFT, row, strict=False):
            page.insert_text((x + 4, y + 14), text, fontsize=10)
        for x in LEFT:
            page.draw_line((x, y), (x, y + 20))
        page.draw_line((LEFT[0], y), (LEFT[-1], y))
        y += 20
    page.draw_line((LEFT[0], y), (LEFT[-1], y))


@pytest.fixture(params=["without header", "with header"])
def stock_list(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two born-digital pages with one ruled table, page numbers and a running head."""
    document = pymupdf.open()
    again = [HEADER] if request.param == "with header" else []
    for number, rows in enumerate(([HEADER, *ROWS[:30]], [*again, *ROWS[30:]])):
        page = document.new_page()
        page.insert_text((60, 40), "Northern Stores plc", fontsize=9)
        draw_table(page, rows, 120 if number == 0 else 60)
        page.insert_text((290, 815), f"Page {number + 1} of 2", fontsize=9)
    document.save(tmp_path / "stock.pdf")
    document.close()
    return tmp_path / "stock.pdf"


def test_a_ruled_table_over_two_pages_is_one_table_of_the_file(stock_list: Path) -> None:
    (document,) = HunyuanOCRLoader(stock_list, engine=ScriptedEngine(""), mode="document").load()
    assert document.metadata["table_count"] == 1
    (table,) = document.tables
    assert table.rows == (tuple(HEADER), *map(tuple, ROWS))
    assert table.pages == (0, 1)
    assert document.page_content.count(table.markdown) == 1
    chunks = [
        chunk for chunk in HunyuanOCRSplitter(500).split_documents([document]) if "oak shelf" in chunk.page_content
    ]
    assert {chunk.metadata["page"] for chunk in chunks} == {0, 1}
    assert all("| No. | Article | Qty | Price |\n| --- |" in chunk.page_content for chunk in chunks)


def test_chunks_of_its_pages_repeat_the_header(stock_list: Path) -> None:
    pages = HunyuanOCRLoader(stock_list, engine=ScriptedEngine("")).load()
    assert len(pages) == 2
    chunks = HunyuanOCRSplitter(500).split_documents(pages)
    rows = [chunk for chunk in chunks if chunk.metadata["page"] == 1 and "oak shelf" in chunk.page_content]
    assert len(rows) > 2
    assert all("| No. | Article | Qty | Price |\n| --- |" in chunk.page_content for chunk in rows)


def test_a_model_s_tables_are_joined_and_keep_their_html(tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "scan.pdf", ["one", "two", "three"])
    answers = [
        "# 费用\n\n<table><caption>表3 费用</caption><tr><td rowspan=2>项目</td><td colspan=2>金额</td></tr>"
        "<tr><td>2022</td><td>2023</td></tr><tr><td>差旅费</td><td>1,200.00</td><td>10<sup>3</sup></td></tr></table>",
        "<table><tr><td>会议费</td><td>800.00</td><td>950.00</td></tr><tr><td>印刷费</td><td>20.00</td><td>31.50</td></tr></table>",
        "（续上页）\n\n<table><tr><td>培训费</td><td>70.00</td><td>65.00</td></tr></table>\n\n以上为全部费用。",
    ]
    (document,) = HunyuanOCRLoader(scan, engine=ScriptedEngine(answers), mode="document").load()
    (table,) = document.tables
    assert (table.pages, table.header_rows, len(table.rows)) == ((0, 1, 2), 2, 6)
    assert table.records()[0] == {"项目": "差旅费", "金额 2022": "1,200.00", "金额 2023": "10³"}
    assert "10<sup>3</sup>" in table.html
    assert document.page_content == f"# 费用\n\n表3 费用\n\n{table.markdown}\n\n以上为全部费用。"


def test_a_column_of_it_is_summed_over_all_its_pages(stock_list: Path, tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", engine="rapid", create=True) as archive:
        archive.ingest(stock_list)
        answer = archive.ask("What is the sum of the Qty column in the table of oak shelves?")
    assert answer.answer == f"{sum(int(row[2]) for row in ROWS)} (sum of {len(ROWS)} rows)"
    assert {citation.page for citation in answer.citations} <= {0, 1}
