"""Figures of tables by row, column, year and company."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.table_answer import table_answer
from langchain_hunyuanocr.archive.answer.models import Answer
from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.results import Box, PageReading, Table
from tests.unit_tests.readings import reading


def page(
    *rows: tuple[str, ...], head: str = "Oakwood Inc. Statement of Income (in millions)", file: str = "oak.jpg"
) -> PageReading:
    markdown = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    table = Table(rows=rows, html="", markdown=markdown, box=Box(0.1, 0.2, 0.9, 0.8))
    return reading(f"{head}\n\n{markdown}", tables=(table,), source=file, file_name=file)


INCOME = page(
    ("", "Year ended May 31,", "Year ended May 31,", "Year ended May 31,"),
    ("", "2018", "2017", "2016"),
    ("Sales of goods", "S 900", "S 800", "S 700"),
    ("Total sales", "1,200", "1,100", "1,000"),
    ("Cost of sales", "700", "6.001", "500"),
    ("Interest expense", "(54)", "(59)", "(19)"),
    ("Noninterest expense", "300", "310", "320"),
)
SPLIT = page(
    ("", "Three months ended", "Three months ended", "Six months ended", "Six months ended"),
    ("", "July 2, 2023", "July 3, 2022", "July 2, 2023", "July 3, 2022"),
    ("Revenue", "$ 10", "$ 20", "$ 30", "$ 40"),
)
RAIN = page(("Station", "Jul", "Aug"), ("Corfe", "38", "86"), ("Dene", "40", "50"), head="Rainfall in millimetres")
SIGNS = page(
    ("Assets", "", "", "", ""),
    ("Cash", "$", "1,671", "$", "2,148"),
    ("Goodwill (Note 9)", "", "2,394", "", "2,421"),
    head="Oakwood Inc.\n(in millions) 2022 2021",
)


def ask(text: str, *pages: PageReading) -> Answer | None:
    question = parse_query(text)
    return table_answer(
        question, [(one, words_of(one.file_name)) for one in pages], {term.text: 1.0 for term in question.terms}
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("What were the total sales of Oakwood in 2017?", "1,100 (in millions)"),
        ("Oakwood's sales of goods in 2016?", "$ 700 (in millions)"),
        ("What was the interest expense of Oakwood in fiscal 2018?", "(54) (in millions)"),
    ],
)
def test_a_figure_is_named_by_its_row_and_year(text: str, answer: str) -> None:
    found = ask(text, INCOME)
    assert found is not None
    assert (found.answer, found.confident) == (answer, True)


def test_years_may_stand_over_a_table_whose_signs_have_columns_of_their_own() -> None:
    found = ask("Goodwill of Oakwood in 2021?", SIGNS)
    assert found is not None
    assert (found.answer, found.confident) == ("2,421 (in millions)", True)


def test_months_of_a_header_are_found_in_any_writing() -> None:
    found = ask("How much rain fell at Corfe in August?", RAIN)
    assert found is not None
    assert (found.answer, found.citations[0].quote) == ("86", "Corfe | 38 | 86")


@pytest.mark.parametrize("text", ["What were the total sales of Oakwood in 2013?", "Total sales of Oakwood in 2019"])
def test_a_year_that_the_table_has_not_is_no_answer(text: str) -> None:
    assert ask(text, INCOME) == Answer(answer=None)


@pytest.mark.parametrize(
    ("text", "page_"),
    [
        ("What was the revenue of Oakwood in 2023?", SPLIT),  # of three months, or of six
        ("What was the cost of sales of Oakwood in 2017?", INCOME),  # a comma was read as a point
        ("What were the sales of Oakwood in 2018?", INCOME),  # of goods, or in total
    ],
)
def test_what_may_be_another_figure_is_not_sure(text: str, page_: PageReading) -> None:
    found = ask(text, page_)
    assert found is not None
    assert not found.confident


@pytest.mark.parametrize(
    ("text", "confident"),
    [("Total sales of Oakwood in 2017?", False), ("Total sales of Oakwood in the Overseas segment in 2017?", True)],
)
def test_a_table_of_a_part_says_nothing_of_the_whole(text: str, confident: bool) -> None:
    part = page(("", "2018", "2017"), ("Total sales", "5", "6"), head="Oakwood Inc.\n\nData for the Overseas segment:")
    found = ask(text, part)
    assert found is not None
    assert (found.answer, found.confident) == ("6", confident)


def test_words_of_the_question_choose_among_columns_of_one_year() -> None:
    found = ask("What was the revenue of Oakwood in the six months to July 2023?", SPLIT)
    assert found is not None
    assert found.answer == "$ 30 (in millions)"


BALANCE = page(
    ("", "December 31, 2022", "December 31, 2022", "December 31, 2022"),
    ("", "Gross Carrying Amount", "Accumulated Amortization", "Net Carrying Amount"),
    ("Total intangible assets", "2,537", "(960)", "1,577"),
    head="Oakwood Inc. (in millions)",
)
EARLIER = page(
    ("", "June 30, 2022", "June 30, 2022", "June 30, 2022"),
    ("", "Gross Carrying Amount", "Accumulated Amortization", "Net Carrying Amount"),
    ("Total intangible assets", "2,528", "(871)", "1,657"),
    head="Oakwood Inc. (in millions)",
)
LOSS = page(
    ("", "2022", "2021"),
    ("Net loss", "($50)", "($42)"),
    ("Net loss attributable to Oakwood shareholders", "($49)", "($41)"),
    head="The Oakwood Company",
)
RATES = page(("", "2022", "2021"), ("Effective tax rate", "21.6 %", "24.6 %"), head="Oakwood Inc.")


@pytest.mark.parametrize(
    ("text", "pages", "answer"),
    [
        ("Net carrying amount of total intangible assets of Oakwood, December 31, 2022?", (EARLIER, BALANCE), "1,577"),
        ("Gross carrying amount of total intangible assets of Oakwood, June 30, 2022?", (BALANCE, EARLIER), "2,528"),
        ("What was Oakwood's net loss in 2021?", (LOSS,), "($42)"),
        ("What was the net loss of Oakwood shareholders in 2021?", (LOSS,), "($41)"),
    ],
)
def test_month_column_and_company_choose_the_cell(text: str, pages: tuple[PageReading, ...], answer: str) -> None:
    found = ask(text, *pages)
    assert found is not None
    assert (found.answer or "").removesuffix(" (in millions)") == answer


@pytest.mark.parametrize(
    ("text", "answer", "confident"),
    [
        (
            "How much did the total sales of Oakwood change from FY2016 to FY2018?",
            "1,000 (2016); 1,200 (2018): +200 (+20.0 %) (in millions)",
            True,
        ),
        (
            "What is Oakwood's year-over-year change in total sales between 2018 and 2017 (in percent, rounded)?"
            " Use the line items of the income statement.",
            "1,100 (2017); 1,200 (2018): +100 (+9.1 %) (in millions)",
            True,
        ),
        (
            "What was the 2 year CAGR of Oakwood's total sales from FY2016 to FY2018?",
            "1,000 (2016); 1,200 (2018): +9.5 % a year (in millions)",
            True,
        ),
        ("What were Oakwood's total sales in 2017 and 2018?", "1,100 (2017); 1,200 (2018) (in millions)", True),
        (
            "How did the effective tax rate of Oakwood change from 2021 to 2022?",
            "24.6 % (2021); 21.6 % (2022): -3.0",
            True,
        ),
        ("By how much did the cost of sales of Oakwood grow from 2017 to 2018?", "6.001 (2017); 700 (2018)", False),
    ],
)
def test_two_years_of_a_row_are_held_against_each_other(text: str, answer: str, confident: bool) -> None:
    found = ask(text, INCOME, RATES)
    assert found is not None
    assert (found.answer or "").startswith(answer)
    assert found.confident is confident


def test_of_two_years_that_are_not_both_there_nothing_is_said() -> None:
    assert ask("How much did the total sales of Oakwood change from 2018 to 2019?", INCOME) == Answer(answer=None)


def test_another_company_or_a_row_that_is_not_there_is_not_answered() -> None:
    assert ask("What were the total sales of Elmtree in 2017?", INCOME) is None
    assert ask("How many patents does Oakwood hold?", INCOME) is None


def test_pages_that_differ_are_rivals() -> None:
    other = page(("", "2018", "2017"), ("Total sales", "5", "6"), file="elm.jpg", head="Elm Inc.")
    found = ask("What were the total sales in 2017?", INCOME, other)
    assert found is not None
    assert not found.confident
