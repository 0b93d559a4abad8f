"""Sums and extremes over one column of one table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.answer.aggregate.table_column import column_answer, speaks_of_a_column
from langchain_hunyuanocr.archive.answer.models import Answer
from langchain_hunyuanocr.archive.search.ranking import RankedChunk
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from tests.unit_tests.readings import reading

BUDGET = [
    ("Month", "Revenue", "Cost"),
    ("May", "$1,200.50", "$800"),
    ("June", "$2,300.25", "$900"),
    ("July", "-", "$700"),
    ("Total", "$3,500.75", "$2,400"),
]
ZH = [("项目", "金额（元）", "数量"), ("纸", "50.00", "3"), ("笔", "25.50", "4")]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(tmp_path / "archive", create=True)
    yield found
    found.close()


def ask(
    ledger: Ledger, text: str, *tables: list[tuple[str, ...]], coverage: tuple[float, ...] = (1.0, 1.0)
) -> Answer | None:
    pages = []
    for file, rows in enumerate(tables):
        html = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        page = reading(
            "", sha256=f"{file:064x}", source=f"{file}.pdf", tables=parse_html_tables(f"<table>{html}</table>")
        )
        readings.store(ledger.connection, page, "f")
        pages.append(RankedChunk(file, page.sha256, 0, str(file), coverage=coverage[file]))
    return column_answer(ledger.connection, text, pages)


@pytest.mark.parametrize(
    ("text", "rows", "said", "cited", "sure"),
    [
        ("What is the sum of the Revenue column?", BUDGET, "$3,500.75 (sum of 2 rows)", 2, True),
        ("Average Cost in the table?", BUDGET, "$800.00 (average of 3 rows)", 3, True),
        ("Which month in the table has the highest cost?", BUDGET, "June: $900 (highest of 3 rows)", 1, True),
        ("这张表中金额合计是多少？", ZH, "75.50 （2行合计）", 2, False),
        ("表中数量最低的是哪一项？", ZH, "纸: 3 （2行最低）", 1, False),
    ],
)
def test_a_column_is_reckoned(
    ledger: Ledger, text: str, rows: list[tuple[str, ...]], said: str, cited: int, sure: bool
) -> None:
    found = ask(ledger, text, rows)
    assert found is not None
    assert (found.answer, len(found.citations), found.confident) == (said, cited, sure)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("What is the sum of the Profit column?", BUDGET),  # no such column
        ("What is the sum of the Cost column?", [*BUDGET[:3], ("July", "1", "about 7")]),  # not all of it is numbers
        ("What is the sum of the Cost column?", [*BUDGET[:3], ("July", "1", "€700")]),  # two currencies
        ("What is the sum of the Share column?", [("Firm", "Share"), ("A", "10%"), ("B", "20%")]),
    ],
)
def test_what_is_not_sure_is_not_reckoned(ledger: Ledger, text: str, rows: list[tuple[str, ...]]) -> None:
    assert ask(ledger, text, rows) is None


def test_of_two_tables_only_one_that_clearly_fits_is_reckoned(ledger: Ledger) -> None:
    other = [("Month", "Cost"), ("May", "$1"), ("June", "$2")]
    text = "What is the sum of the Cost column?"
    assert ask(ledger, text, BUDGET, other) is None
    clear = ask(ledger, text, BUDGET, other, coverage=(0.4, 0.9))
    assert clear is not None
    assert clear.answer == "$3 (sum of 2 rows)"


@pytest.mark.parametrize("text", ["What is the total of all invoices?", "Who signed the lease?", "表中有什么？"])
def test_other_questions_are_left_alone(text: str) -> None:
    assert not speaks_of_a_column(text)
