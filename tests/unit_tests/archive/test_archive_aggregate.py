"""Sums, counts and lists over many papers: what a question asks for, and what is reckoned from stored records."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.answer.aggregate.compute import computed_answer
from langchain_hunyuanocr.archive.answer.aggregate.question import plan_of
from langchain_hunyuanocr.archive.answer.models import Answer
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.records.record import row_of
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.results import Box, Field, FieldState, Line, PageReading
from tests.unit_tests.readings import reading

FIRMS = ("Acme Tools Ltd", "恒远机械有限公司")
BOX = Box(0.1, 0.1, 0.3, 0.2)


@pytest.mark.parametrize(
    ("text", "how", "over", "period", "names"),
    [
        ("What is the total of all invoices of 2023?", "sum", "total", "2023", ()),
        ("各发票金额合计是多少", "sum", "total", "", ()),
        ("一共有几张发票？", "count", "total", "", ()),
        ("How many invoices are from Acme Tools Ltd?", "count", "total", "", (FIRMS[0],)),
        ("恒远机械有限公司开具的所有发票合计多少钱？", "sum", "total", "", (FIRMS[1],)),
        ("2023年5月所有发票的税额合计是多少？", "sum", "tax", "2023-05", ()),
        ("Which invoice is the highest?", "maximum", "total", "", ()),
        ("金额最低的是哪张发票？", "minimum", "total", "", ()),
        ("Which is the latest invoice?", "maximum", "date", "", ()),
        ("What is the average total of the receipts?", "average", "total", "", ()),
        ("List all invoices from Acme Tools Ltd", "list", "total", "", (FIRMS[0],)),
        ("How many invoices are from Nobody Ltd?", "count", "total", "", ("Nobody Ltd",)),
        ("How many bills are from 3 May 2024?", "count", "total", "2024-05-03", ()),
        ("What were the receipts of Sept. 2021 in total?", "sum", "total", "2021-09", ()),
    ],
)
def test_a_question_about_many_papers_is_planned(
    text: str, how: str, over: str, period: str, names: tuple[str, ...]
) -> None:
    found = plan_of(text, FIRMS)
    assert found is not None
    assert (found.how, found.over, found.period.start, found.names, found.left) == (how, over, period, names, "")


@pytest.mark.parametrize(
    ("text", "how", "over", "left"),
    [
        ("How much did we pay at Gusto Pizza?", "value", "total", "gusto pizza"),
        ("What did the lunch at Gusto Pizza cost us?", "value", "total", "gusto pizza"),
        ("When did we shop at Hill and Sons?", "value", "date", "hill and sons"),
        ("Where is Gusto Pizza?", "value", "address", "gusto pizza"),
        ("Which shop did we pay 12.50?", "value", "merchant", ""),
        ("What did we spend at Gusto Pizza altogether?", "sum", "total", "gusto pizza"),
        ("How often were we at Gusto Pizza?", "count", "total", "gusto pizza"),
        ("When were we last at Gusto Pizza?", "maximum", "date", "gusto pizza"),
        ("在Gusto Pizza一共花了多少钱？", "sum", "total", "gusto pizza"),
        ("Gusto Pizza的地址在哪里？", "value", "address", "gusto pizza"),
        ("What did Gusto Pizza bill us?", "value", "total", "gusto pizza"),
        ("What was the Gusto Pizza bill of April 16th, 2018?", "value", "total", "gusto pizza"),
        ("What did we pay at Gusto Pizza during May 2018?", "value", "total", "gusto pizza"),
        ("What is the total of the receipt of Ada's Cakes?", "value", "total", "ada's cakes"),
        ("Where can we find Hill and Sons?", "value", "address", "hill and sons"),
        ("When did we stop at Hill and Sons?", "value", "date", "hill and sons"),
        ("Who got 12.50 from us?", "value", "merchant", ""),
        ("Which shop charged us 12.50?", "value", "merchant", ""),
        ("哪家店收了我们12.50？", "value", "merchant", ""),
        ("Add up everything we paid at Gusto Pizza.", "sum", "total", "gusto pizza"),
        ("When must we pay Gusto Pizza?", "value", "due_date", "gusto pizza"),
        ("When is the invoice of Gusto Pizza due?", "value", "due_date", "gusto pizza"),
        ("Count the receipts from Gusto Pizza.", "count", "total", "gusto pizza"),
        ("所有发票的价税合计一共是多少？", "sum", "total", ""),
        ("所有发票的不含税金额总共多少？", "sum", "subtotal", ""),
    ],
)
def test_everyday_words_lead_to_roles(text: str, how: str, over: str, left: str) -> None:
    found = plan_of(text)
    assert found is not None
    assert (found.how, found.over, found.left) == (how, over, left)


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("How many invoices mention steel?", True),
        ("有几张关于钢的发票？", True),
        ("What do all invoices about steel come to in total?", True),
        ("How many units of steel are on the invoice of Bolt?", False),
        ("What is the total of the invoice about steel?", False),
    ],
)
def test_what_only_several_papers_say_is_asked_of_no_page(text: str, several: bool) -> None:
    found = plan_of(text)
    assert found is not None
    assert found.asks_of_several is several


def test_what_asks_nothing_of_papers_is_not_planned() -> None:
    assert plan_of("Who signed the minutes?") is None
    assert plan_of("Describe the garden") is None


def test_limits_currencies_and_roles_are_conditions() -> None:
    found = plan_of("How many invoices billed to Acme Tools Ltd in EUR are over 1,500.50?", FIRMS)
    assert found is not None
    assert (found.role, found.currency, found.above) == ("buyer", "EUR", Decimal("1500.50"))


def invoice(
    number: str,
    total: str,
    *,
    file: int,
    seller: str = FIRMS[0],
    day: str = "2023-05-03",
    currency: str = "EUR",
    state: FieldState = FieldState.CONFIRMED,
) -> PageReading:
    values = {"invoice_number": number, "seller": seller, "date": day, "total": total, "currency": currency}
    fields = tuple(
        Field(
            name=name,
            value=value,
            state=state,
            page=0,
            box=BOX,
            normalised=value if name in ("date", "total") else None,
        )
        for name, value in values.items()
    )
    return reading(f"Invoice {number}", sha256=f"{file:064x}", source=f"{file}.pdf", fields=fields)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(tmp_path / "archive", create=True)
    yield found
    found.close()


def ask(ledger: Ledger, pages: list[PageReading], text: str) -> Answer | None:
    connection = ledger.connection
    for page in pages:
        connection.execute(
            "INSERT INTO files (source, path, sha256, size, mtime_ns, error, run) VALUES (?, ?, ?, 1, 1, NULL, 1)",
            (page.source, page.source, page.sha256),
        )
        readings.store(connection, page, "f")
        connection.execute(
            "INSERT INTO chunks (id, sha256, page, text, head, metadata, pending) VALUES (?, ?, 0, ?, '', '{}', 0)",
            (page.sha256, page.sha256, page.markdown),
        )
    return reckon(ledger, text)


def reckon(ledger: Ledger, text: str) -> Answer | None:
    record_store.make(ledger.connection, ledger.transaction)
    plan = plan_of(text)
    return None if plan is None else computed_answer(ledger.connection, text, plan)


PAGES = [
    invoice("A-1", "100.10", file=1),
    invoice("A-1", "100.10", file=2),
    invoice("A-2", "200.20", file=3, day="2024-01-01"),
    invoice("B-1", "70.00", file=4, seller=FIRMS[1], currency="CNY"),
]


@pytest.mark.parametrize(
    ("text", "answer", "cited"),
    [
        ("What is the total of all invoices?", "CNY 70.00; EUR 300.30 (sum of 3 invoices)", 3),
        ("所有发票合计多少钱？", "CNY 70.00; EUR 300.30（3张发票合计）", 3),
        ("How many invoices are from Acme Tools Ltd?", "2 invoices", 2),
        ("2023年有几张发票？", "2张发票", 2),
        ("What is the average total of invoices in EUR?", "EUR 150.15 (average of 2 invoices)", 2),
        ("Which invoice in EUR is the highest?", "A-2: EUR 200.20 (highest of 2 invoices)", 1),
        ("Which is the earliest invoice from 恒远机械有限公司?", "B-1: 2023-05-03 (earliest of 1 invoice)", 1),
        ("List the totals of all invoices from Acme Tools Ltd", "A-1: EUR 100.10; A-2: EUR 200.20", 2),
        ("How many invoices are over 100?", "2 invoices", 2),
    ],
)
def test_values_are_reckoned_with_their_places(ledger: Ledger, text: str, answer: str, cited: int) -> None:
    found = ask(ledger, PAGES, text)
    assert found is not None
    assert (found.answer.replace(" （", "（") if found.answer else None) == answer
    assert len(found.citations) == cited
    assert all(citation.box == BOX for citation in found.citations)
    assert found.confident


def test_nothing_of_that_name_or_year_is_not_in_the_archive(ledger: Ledger) -> None:
    assert ask(ledger, PAGES, "How many invoices are from Nobody Ltd?") == Answer(answer=None)
    assert reckon(ledger, "What is the total of all invoices of 1987?") == Answer(answer=None)


def test_an_unconfirmed_value_takes_the_confidence_away(ledger: Ledger) -> None:
    pages = [PAGES[0], invoice("A-3", "5.00", file=5, state=FieldState.UNCONFIRMED)]
    found = ask(ledger, pages, "What is the total of all invoices?")
    assert found is not None
    assert (found.answer, found.confident) == ("EUR 105.10 (sum of 2 invoices)", False)


@pytest.mark.parametrize(
    "text",
    [
        "What is the total of invoice INV-2023-001?",
        "How many invoices mention steel?",
        "Which contracts end in 2025?",
        "When did Acme Tools Ltd bill Bolt plc?",
        "发票上螺丝的数量是多少？",
    ],
)
def test_what_is_not_wholly_understood_is_not_reckoned(ledger: Ledger, text: str) -> None:
    assert ask(ledger, PAGES, text) is None


def till(shop: str, total: str, day: str, *, file: int, state: FieldState = FieldState.CONFIRMED) -> PageReading:
    texts = (shop, "12 Mill Lane", "CASHIER 4", f"TOTAL {total}", "CASH 50.00", "CHANGE 9.00", "THANK YOU")
    lines = tuple(Line(text=text, box=Box(0.1, 0.1 * at, 0.9, 0.1 * at + 0.05)) for at, text in enumerate(texts))
    values = {"receipt_number": "", "merchant": shop, "date": day, "total": total}
    fields = tuple(
        Field(
            name=name,
            value=value or None,
            state=state if value else FieldState.MISSING,
            page=0,
            box=BOX,
            normalised=value,
        )
        for name, value in values.items()
    )
    changes = {"sha256": f"{file:064x}", "source": f"{file}.jpg", "fields": fields, "lines": lines}
    return reading("\n\n".join(texts), width=400, height=1000, **changes)


TILLS = [
    till("GUSTO PIZZA SDN BHD", "12.50", "2021-03-04", file=11),
    till("GUST0 PIZZA SDN BHD", "7.00", "2021-03-09", file=12),
    till("HILL & SONS LTD", "30.00", "2020-01-02", file=13),
    till("CORNER HOUSE CAFE", "4.10", "2020-01-02", file=14),
    till("CORNER HOUSE HOTEL", "88.00", "2021-05-02", file=15),
]


@pytest.mark.parametrize(
    ("text", "answer", "confident"),
    [
        ("How much did we pay at Hill & Sons?", "30.00", True),
        ("When did we shop at Hill and Sons?", "2020-01-02", True),
        ("How often did we eat at Gusto Pizza?", "2 receipts", False),
        ("How much did we spend at Gusto Pizza on 9 March 2021?", "7.00", False),
        ("How much did we spend at Gusto Pizza in 2019?", None, False),
        ("Which shop did we pay 88.00?", "CORNER HOUSE HOTEL", True),
        (
            "What is the total of the Corner House receipt?",
            "92.10 (sum of 2 receipts): 4.10 (2020-01-02); 88.00 (2021-05-02)",
            False,
        ),
        ("How many receipts are from 2021?", "3 receipts", True),
        ("How many receipts are from GUSTO PIZZA SDN BHD?", "2 receipts", False),
        ("How much was the receipt of Corner House Hotel?", "88.00", True),
        ("How much did the flowers at Hill & Sons cost?", "30.00", False),
        ("Who got 88.00 from us?", "CORNER HOUSE HOTEL", True),
        ("2021年的小票有几张？", "3张小票", True),
    ],
)
def test_receipts_are_told_apart_by_who_wrote_them_and_when(
    ledger: Ledger, text: str, answer: str | None, confident: bool
) -> None:
    found = ask(ledger, TILLS, text)
    assert found is not None
    assert (found.answer, found.confident) == (answer, confident)


def test_a_shop_that_no_receipt_bears_is_left_to_the_pages(ledger: Ledger) -> None:
    assert ask(ledger, TILLS, "How much did we pay at Gusto Burger?") is None
    assert reckon(ledger, "How much did we pay at Hill & Daughters?") is None
    assert reckon(ledger, "How many stars does Hill & Sons have?") is None


def test_no_answer_is_confident_while_a_page_is_unread(ledger: Ledger) -> None:
    failed = reading("", sha256=f"{99:064x}", source="99.jpg", status="failed", error="no light")
    found = ask(ledger, [*TILLS, failed], "How many receipts are from 2021?")
    assert found is not None
    assert (found.answer, found.confident) == ("3 receipts", False)


def test_records_of_an_older_archive_are_made_when_they_are_needed(ledger: Ledger) -> None:
    ask(ledger, TILLS, "How many receipts are there?")
    ledger.connection.execute("DROP TABLE records")
    ledger.close()
    again = Ledger(ledger.folder)
    found = reckon(again, "How many receipts are there?")
    again.close()
    assert found is not None
    assert found.answer == "5 receipts"


def likely(total: str, confidence: float, *, file: int, shop: str = "GUSTO PIZZA SDN BHD") -> PageReading:
    page = till(shop, total, "2021-03-04", file=file)
    fields = tuple(
        field.model_copy(update={"state": FieldState.UNCONFIRMED, "confidence": confidence})
        if field.name == "total"
        else field
        for field in page.fields
    )
    return page.model_copy(update={"fields": fields})


def test_many_likely_values_are_less_sure_than_each(ledger: Ledger) -> None:
    found = ask(ledger, [likely("7.00", 0.98, file=31), likely("8.00", 0.98, file=32, shop="HILL & SONS LTD")], "")
    assert found is None
    one = reckon(ledger, "How much did we pay at Hill & Sons?")
    both = reckon(ledger, "What is the total of all receipts?")
    counted = reckon(ledger, "How many receipts are there?")
    assert one is not None
    assert both is not None
    assert counted is not None
    assert (one.answer, one.confident) == ("8.00", True)
    assert (both.confident, counted.confident) == (False, True)


def test_who_asks_what_was_spent_means_all_papers_and_who_asks_for_the_receipt_means_one(ledger: Ledger) -> None:
    pages = [likely("7.00", 0.99, file=31), likely("8.00", 0.99, file=32)]
    spent = ask(ledger, pages, "How much did we spend at Gusto Pizza?")
    receipt = reckon(ledger, "What is the total of the Gusto Pizza receipt?")
    assert spent is not None
    assert receipt is not None
    assert (spent.answer or "").startswith("15.00 (sum of 2 receipts)")
    assert (spent.confident, receipt.confident) == (True, False)


def test_whom_a_paper_is_for_is_not_whose_it_is(ledger: Ledger) -> None:
    billed = invoice("C-1", "9.00", file=41, seller="Bolt Works Ltd")
    lines = (Line(text=f"Bill to {FIRMS[0]}", box=BOX), Line(text=FIRMS[0], box=BOX))
    found = ask(ledger, [*PAGES, billed.model_copy(update={"lines": lines})], f"How many invoices are from {FIRMS[0]}?")
    assert found is not None
    assert found.answer == "2 invoices"


def test_papers_of_several_kinds_are_told_apart(ledger: Ledger) -> None:
    found = ask(ledger, [TILLS[0], TILLS[2], PAGES[0]], "How many invoices and receipts are there?")
    told = reckon(ledger, "一共有几张发票和小票？")
    assert found is not None
    assert told is not None
    assert found.answer == "3 papers (1 invoice, 2 receipts)"
    assert told.answer == "3张单据（1张发票，2张小票）"


def test_a_question_with_no_scope_is_not_sure_of_any_paper(ledger: Ledger) -> None:
    spent = ask(ledger, TILLS, "How much did we pay?")
    shopped = reckon(ledger, "When did we shop?")
    assert spent is not None
    assert shopped is not None
    assert (spent.confident, shopped.confident) == (False, False)
    assert "5" in (shopped.answer or "")


def test_who_asks_for_a_thing_on_a_paper_does_not_mean_its_total(ledger: Ledger) -> None:
    page = till("HILL & SONS LTD", "30.00", "2020-01-02", file=13)
    items = Field(name="items", value='[{"description": "Rye bread", "amount": "4.00"}]', state=FieldState.UNCONFIRMED)
    bread = page.model_copy(update={"fields": (*page.fields, items)})
    assert ask(ledger, [bread], "How much did the bread at Hill & Sons cost?") is None


def test_of_the_pages_of_one_paper_the_one_that_says_the_total_counts(ledger: Ledger) -> None:
    first = invoice("A-9", "5.39", file=9, state=FieldState.UNCONFIRMED)
    last = invoice("A-9", "34.73", file=9).model_copy(update={"page": 1})
    found = ask(ledger, [first], "How many invoices are there?")
    with ledger.transaction() as connection:
        readings.store(connection, last, "f")
    found = reckon(ledger, "What is the total of all invoices?")
    assert found is not None
    assert found.answer == "EUR 34.73 (sum of 1 invoice)"


def test_a_value_that_cannot_be_read_is_told(ledger: Ledger) -> None:
    found = ask(ledger, [PAGES[0], invoice("A-4", "illegible", file=6)], "What is the total of all invoices?")
    assert found is not None
    assert (found.answer, found.confident) == ("EUR 100.10 (sum of 1 invoice, 1 more could not be read)", False)


def test_a_paper_without_fields_is_read_by_its_labels() -> None:
    texts = ("INVOICE", "Invoice No: INV-7", "Invoice date: 3 May 2024", "Total due: £1,234.00")
    lines = tuple(
        Line(text=text, box=Box(0.1, 0.1 * number, 0.6, 0.1 * number + 0.03)) for number, text in enumerate(texts)
    )
    row = row_of(reading("\n\n".join(texts), lines=lines))
    assert (row.kind, row.number, row.total, row.day, row.currency) == (
        "invoice",
        "INV-7",
        "1234.00",
        "2024-05-03",
        "GBP",
    )


def test_a_letter_about_an_invoice_is_no_invoice() -> None:
    texts = ("Dear Sir,", "we have your Invoice No: INV-7 over a total of £1,234.00 before us.")
    lines = tuple(
        Line(text=text, box=Box(0.1, 0.1 * number, 0.9, 0.1 * number + 0.03)) for number, text in enumerate(texts)
    )
    assert row_of(reading("\n\n".join(texts), lines=lines)).kind == "letter"
