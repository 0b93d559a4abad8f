"""Terms, questions and the glossary: what the index and the question agree on."""

from __future__ import annotations

from importlib.resources import files

import pytest

from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.archive.text.glossary import is_city, translations_in
from langchain_hunyuanocr.archive.text.tokenizer import canonical_date, canonical_number, fold, terms_of


def texts(text: str) -> list[str]:
    return [term.text for term in terms_of(text)]


@pytest.mark.parametrize("written", ["1,234.00", "1234", "1234.00", "１２３４", "1.234,00", "１，２３４．００"])
def test_a_number_has_one_form(written: str) -> None:
    assert texts(written) == ["1234"]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("0.50", "0.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12.5", "12.5"),
        ("007", "007"),
        ("3.125", "3.125"),
    ],
)
def test_decimals_and_thousands_are_told_apart(written: str, form: str) -> None:
    assert canonical_number(written) == form


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-03",
        "2024/5/3",
        "2024年5月3日",
        "3 May 2024",
        "May 3, 2024",
        "3rd of May 2024",
        "２０２４年０５月０３日",
    ],
)
def test_a_date_has_one_form(written: str) -> None:
    assert "2024-05-03" in texts(written)


@pytest.mark.parametrize("written", ["2024-13-45", "99 May 2024", "1,234"])
def test_what_is_no_date_gives_none(written: str) -> None:
    assert canonical_date(written) is None


@pytest.mark.parametrize("around", ["{}", "合同{}约定", "发票号码：{}，", "({})"])
def test_an_identifier_is_kept_whole_and_in_parts(around: str) -> None:
    found = texts(around.format("INV-2024-017"))
    assert {"inv-2024-017", "inv", "2024", "017"} <= set(found)


def test_words_are_folded_and_stemmed() -> None:
    assert texts("INVOICES invoice Société ＡＢＣ Smith's") == ["invoic", "invoic", "societ", "abc", "smith"]


def test_chinese_is_cut_into_pairs() -> None:
    assert texts("价税合计") == ["价税", "税合", "合计"]
    assert texts("元") == ["元"]


def test_folding_keeps_letters_that_are_no_accents() -> None:
    assert fold("Ünïcode が") == "unicode が"


def test_a_question_loses_the_words_of_asking() -> None:
    assert [term.text for term in parse_query("What is the total of invoice INV-7?").terms][:2] == ["total", "invoic"]
    assert [term.text for term in parse_query("合同的甲方是谁？").terms] == ["合同", "甲方"]


def test_a_question_of_nothing_but_asking_keeps_its_words() -> None:
    assert parse_query("who is it?").terms
    assert parse_query("是谁").terms


@pytest.mark.parametrize(
    ("asked", "wants"),
    [
        ("How much do we owe Acme Ltd?", "amount"),
        ("发票的总金额是多少？", "amount"),
        ("When is the invoice total due?", "date"),
        ("这份合同是哪天签的？", "date"),
        ("Who chaired the meeting?", "who"),
        ("合同的甲方是哪家公司？", "who"),
        ("How many cartons were shipped?", "number"),
        ("会议在哪里召开？", "place"),
        ("How long does the lease run?", "duration"),
        ("施工要多长时间？", "duration"),
        ("What was decided?", "any"),
    ],
)
def test_the_kind_of_value_wanted(asked: str, wants: str) -> None:
    assert parse_query(asked).wants == wants


def test_a_name_and_a_year_without_a_space_are_parted() -> None:
    found = {term.text for term in parse_query("Acme Ltd2021年的收入是多少？").terms}
    assert {"acm", "ltd", "2021"} <= found


def test_the_glossary_knows_both_languages_and_other_words_of_one() -> None:
    found = dict(translations_in(fold("Total of the invoices")))
    assert "合计" in found["total"]
    assert "grand total" in found["total"]
    assert found["invoices"] == ("发票",)


def test_the_longest_phrase_wins() -> None:
    assert "发票号码" in dict(translations_in("invoice number"))["invoice number"]


def test_words_that_only_measure_are_not_what_a_question_is_about() -> None:
    assert [term.text for term in parse_query("How long is the lease?").terms] == ["leas"]
    assert "long" in {term.text for term in parse_query("What are the long beams made of?").terms}


def test_every_line_of_the_glossary_is_an_entry_in_both_languages_as_texts_are_folded() -> None:
    head, *lines = files("langchain_hunyuanocr.archive.text").joinpath("glossary.tsv").read_text("utf-8").splitlines()
    assert head.split("\t") == ["kind", "english", "chinese"]
    assert len(lines) > 300
    for line in lines:
        kind, english, chinese = line.split("\t")
        assert kind in ("word", "city", "region"), line
        assert fold(line) == line
        assert all(word.isascii() and word == word.strip() and word for word in english.split(", ")), line
        assert all(not word.isascii() and word == word.strip() for word in chinese.split(", ")), line


def test_cities_are_known_in_both_languages() -> None:
    for name in ("xi'an", "西安", "hong kong", "澳门"):
        assert is_city(name)
    for name in ("europe", "华东", "合同", "hong"):
        assert not is_city(name)


def test_traditional_japanese_and_simplified_forms_are_one_term() -> None:
    ways = ("請求番号と合計金額", "请求番號と合計金额", "請求番號と合計金額")
    assert len({tuple(term.text for term in terms_of(text)) for text in ways}) == 1
