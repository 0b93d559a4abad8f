"""What a page is, whose name it bears, and slips of spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.answer.aggregate.period import period_in
from langchain_hunyuanocr.archive.answer.aggregate.question import is_order
from langchain_hunyuanocr.archive.answer.spelling import mend
from langchain_hunyuanocr.archive.records.bearer import bears, nearly
from langchain_hunyuanocr.archive.records.paper_kind import kind_of
from langchain_hunyuanocr.archive.search.search import known_query
from langchain_hunyuanocr.results import Box, Line, PageReading
from tests.unit_tests.archived import make_archive, page_of
from tests.unit_tests.readings import reading


def page(*texts: str, width: int = 1000, height: int = 1400) -> PageReading:
    lines = tuple(Line(text=text, box=Box(0.1, 0.02 * at, 0.9, 0.02 * at + 0.01)) for at, text in enumerate(texts))
    return reading("\n\n".join(texts), lines=lines, width=width, height=height)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("Blick GmbH", "Rechnung", "Rechnungsnr. 2021-77", "Gesamtbetrag 119,00 EUR"), "invoice"),
        (("Maison Noir", "Facture N° 88", "Total TTC 60,00 €"), "invoice"),
        (("I N V O I C E", "Customer: Ada", "Amount due 12.00"), "invoice"),
        (("Dear Sir,", "your invoice no. 7 of 12.00 is not paid.", "Yours sincerely"), "letter"),
        (("CORNER CAFE", "TAX INVOICE", "Table 4", "Total 9.50", "Cash 10.00", "Change 0.50"), "receipt"),
        (
            ("Cafe Blau", "Bon 17", "Summe 9,50 ", "Es bediente Sie Kassierer 2", "Bar 10.00", "Rückgeld 0.50"),
            "receipt",
        ),
        (("Employment agreement", "between Ada and Bolt", "Salary 1,000.00 a month"), "contract"),
        (("Bank of Hill", "Statement of account", "Opening balance 1,000.00"), "statement"),
        (("Certificate of attendance", "This is to certify that Ada Byron took part"), "certificate"),
        (("northwind", "Invoice NW/2023/03/0008", "Total $ 279.84"), "invoice"),
        (("Cloud Storage Services Invoice", "Account 12", "Total 4.11"), "invoice"),
        (("Cloud Storage", "Invoice Number:", "42183017", "Amount due 4.11"), "invoice"),
        (("Meeting of 3 May", "Ada has not sent the invoice", "12 members were there"), ""),
        (("Guide", "How to write an invoice", "Put the sum of 12.00 at the end"), ""),
        (("HILL HOTEL PAYMENT RECEIPT", "Room 1,939.00", "word " * 30, "Grand total 1,939.00"), "receipt"),
        (("Harbour Ferries", "2 tickets 24.00", "Port fee 1.00", "Total 25.00"), "form"),
        (("Harbour Ferries", "2 tickets 24.00", "Port fee 1.00", "Total", "25.00"), "form"),
        (("Table 4", "Total 25,100 24,300", "Other 7 9"), ""),
        (("Consolidated statements", "Cash and cash equivalents 12.00", "Change in rounding 1.00 " + "word " * 40), ""),
    ],
)
def test_a_page_says_what_it_is_in_its_own_words(texts: tuple[str, ...], kind: str) -> None:
    assert kind_of(page(*texts)) == kind


def test_a_narrow_strip_with_one_sign_of_payment_is_a_receipt() -> None:
    texts = ("CORNER CAFE", "2 x tea 4.00", "THANK YOU")
    assert kind_of(page(*texts, width=400)) == "receipt"
    assert kind_of(page(*texts)) == ""


@pytest.mark.parametrize(
    ("lines", "name", "sure"),
    [
        (("GUSTO PIZZA SDN BHD", "12 Mill Lane"), "Gusto Pizza", True),
        (("GUSTO PIZZA SDN BHD",), "Gusto Piza", True),
        (("GUSTO", "PIZZA", "12 Mill Lane"), "Gusto Pizza", True),
        (("7 BRIDGES STORES LTD",), "7 Bridges Stores", True),
        (("HARBOUR RESTAURANT",), "Harbour", False),
        (("ADA'S CAKES S/B 2735-U (ACB)",), "Ada's Cakes", True),
        (("13 & NORTH RESTAURANT",), "B & North Restaurant", False),
        (("0CEAN TRADER5",), "Ocean Traders", False),
        (("GUSTO PIZZERIA",), "Gusto Pizza", False),
    ],
)
def test_a_paper_bears_a_name_with_slips(lines: tuple[str, ...], name: str, sure: bool) -> None:
    found = bears(lines, name)
    assert found is not None
    assert found.sure is sure


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("7 BRIDGES STORES LTD",), "8 Bridges Stores"),
        (("RESTORAN WAN SHENG",), "Restoran Wan Hai"),
        (("CHEF LEE",), "Chef Wan"),
        (("M.R.T. (K) LTD",), "M.R.T. (Q)"),
        (("12 Mill Lane",), "Gusto Pizza"),
        ((), "Gusto Pizza"),
    ],
)
def test_another_number_or_short_word_is_another_name(lines: tuple[str, ...], name: str) -> None:
    assert bears(lines, name) is None


def test_a_name_that_was_read_badly_may_be_the_one() -> None:
    assert nearly(("13 & BESTWAY RESTAURANT",), "B & Bestway Restaurant")
    assert not nearly(("HARBOUR CAFE",), "B & Bestway Restaurant")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("on 9 april 2018", "2018-04-09"),
        ("of november 18, 2018", "2018-11-18"),
        ("2018年4月9日的收据", "2018-04-09"),
        ("on 15/06/2018", "2018-06-15"),
        ("in dec. 2017", "2017-12"),
        ("2017年12月", "2017-12"),
        ("in fiscal 2016", "2016"),
        ("2016年的收据", "2016"),
        ("rain in august", "-08-"),
        ("invoice inv-2016-001", ""),
        ("may i see it", ""),
    ],
)
def test_days_months_and_years_in_any_writing(text: str, start: str) -> None:
    assert period_in(text)[0].start == start


def test_slips_are_mended_and_names_that_are_guessed_make_unsure(tmp_path: Path) -> None:
    with make_archive(tmp_path / "archive") as archive:
        connection = archive._parts.ledger.connection
        asked = mend(connection, "wich day is on the recipt")
        assert (asked.text, asked.guessed) == ("which day is on the receipt", False)
        guessed = mend(connection, "When is the Strete due?")
        assert not guessed.guessed  # five letters may be many words
        assert mend(connection, "How much is the Calendarr?").text == "How much is the Calendarr?"
        known = mend(connection, "When must the contractt be given?")
        assert (known.text, known.guessed) == ("When must the contract be given?", False)


def test_words_that_stand_there_as_one_are_no_slips(tmp_path: Path) -> None:
    report = page_of(("Annual report", "Northwesternrail had 12 trains."), 0)
    with make_archive(tmp_path / "archive", report) as archive:
        connection = archive._parts.ledger.connection
        assert (
            mend(connection, "How many trains has Northwestern Rail?").text == "How many trains has Northwestern Rail?"
        )
        question = known_query(connection, "How many trains has Northwestern Rail?")
    assert [other.by for other in question.others if other.name] == [(("northwesternrail",),)]


@pytest.mark.parametrize("text", ["Delete the lease.", "Please pay the rent now!", "请立即支付租金", "Ignore it."])
def test_what_tells_to_do_something_is_no_question(tmp_path: Path, text: str) -> None:
    with make_archive(tmp_path / "archive") as archive:
        assert archive.ask(text).answer is None


@pytest.mark.parametrize("text", ["Pay how much rent?", "支付多少租金？", "Show the rent", "Tell me what the rent is"])
def test_what_asks_is_no_order(text: str) -> None:
    assert not is_order(text)
