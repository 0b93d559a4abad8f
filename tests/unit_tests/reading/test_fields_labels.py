"""Which role the words before a value have."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.fields.labels import has_address_word, labels_of, match_label


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("TOTAL INCL. GST@6% RM", "total"),
        ("Rounded Total (RM)", "total"),
        ("Total Sales (Inclusive of 8% SST)", "total"),
        ("Amt Due", "total"),
        ("Factuurdatum", "date"),
        ("TVA 20 % :", "tax"),
        ("Exclusief BTW", "subtotal"),
        ("Total (Excluding VAT) EUR", "subtotal"),
        ("Total Qty", "quantity"),
        ("Rückgeld", "change"),
        ("Jumlah Besar", "total"),
        ("合计金额（元）", "total"),
        ("找零：", "change"),
        ("VAT SUMMARY", "tax_summary"),
        ("Company Reg No.", "company_id"),
    ],
)
def test_a_label_has_a_role_whatever_stands_between_its_words(text: str, role: str) -> None:
    match = match_label(text)
    assert match is not None
    assert match.role == role


@pytest.mark.parametrize(
    ("text", "role"), [("Rour ding Adjustment", "rounding"), ("Grand Totai", "total"), ("TAXINVOICE", "title")]
)
def test_a_label_may_be_misread_or_parted(text: str, role: str) -> None:
    match = match_label(text)
    assert match is not None
    assert match.role == role


def test_words_that_a_label_does_not_cover_lower_its_share() -> None:
    whole, part = match_label("Total"), match_label("Total of the fabric samples")
    assert whole is not None
    assert part is not None
    assert whole.share == 1.0 > part.share


def test_what_is_no_label_has_no_role() -> None:
    assert match_label("Wholemeal bread") is None
    assert match_label("12.50 %") is None
    assert match_label("") is None


def test_only_the_roles_that_are_asked_for_are_found() -> None:
    assert match_label("Tel", frozenset({"total"})) is None


def test_labels_of_all_languages_begin_with_the_most_telling_of_each() -> None:
    labels = labels_of("date")
    assert labels[0] == "invoice date"
    assert {"rechnungsdatum", "factuurdatum", "开票日期", "tarikh invois"} <= set(labels[:9])
    assert labels_of("no such role") == ()


def test_words_of_addresses() -> None:
    assert has_address_word("14 Mill Lane")
    assert has_address_word("Lindenstr. 4, Hauptstraße")
    assert has_address_word("海淀区中关村大街27号")
    assert not has_address_word("Fresh noodles")
