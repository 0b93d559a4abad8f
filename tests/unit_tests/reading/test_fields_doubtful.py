"""Papers on which a value could be another: said where it is known, never confirmed where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.results import Box, Field, FieldState, Line

HEAD = ("NORTHGATE HARDWARE", "14 Kiln Lane, York", "Receipt")
ISSUER = ("Osier Brewing Ltd", "14 Kiln Lane, York")


def _found(wanted: str | Sequence[str], *rows: str, exact: bool = False) -> dict[str, Field]:
    """The fields of a page whose every further look reads the same; a row a text, its second column after `|`."""
    lines = []
    for number, row in enumerate(rows):
        y = 0.05 + 0.03 * number
        for text, x in zip(map(str.strip, row.split("|")), (0.07, 0.6), strict=False):
            lines.append(Line(text=text, box=Box(x, y, x + 0.015 * len(text), y + 0.016), score=0.99))
    texts = {line.box: line.text for line in lines}
    found = find_fields(wanted, lines, page=0, again=lambda boxes: [(texts[b],) * 3 for b in boxes], exact=exact)
    return {field.name: field for field in found}


def _confirmed(found: dict[str, Field]) -> dict[str, str | None]:
    return {
        name: field.normalised or field.value for name, field in found.items() if field.state is FieldState.CONFIRMED
    }


@pytest.mark.parametrize(
    "rows",
    [
        ("Hinge | 12.00", "Total | 12.00", "Glue | 7.50", "Total | 19.50"),
        ("Hinge | 12.00", "TOTAL | 12.00", "TOTAL | 9.00"),
        ("Hinge | 12.00", "Amount due | 12.00", "Total to pay | 13.20"),
    ],
)
def test_a_receipt_with_two_totals_has_none_that_is_sure(rows: tuple[str, ...]) -> None:
    assert "total" not in _confirmed(_found("receipt", *HEAD, *rows))


def test_a_credit_note_is_negative() -> None:
    rows = ("CREDIT NOTE", "Date: 13/04/2021", "Net | -100.00", "VAT 20% | -20.00", "Total | -120.00")
    found = _found("invoice", *ISSUER, *rows)
    right = {"date": "2021-04-13", "subtotal": "-100.00", "tax": "-20.00", "total": "-120.00"}
    assert {name: found[name].normalised for name in right} == right
    assert _confirmed(found).items() <= right.items()


def test_the_invoice_that_a_credit_note_names_is_not_its_own_number() -> None:
    found = _found("invoice", *ISSUER, "CREDIT NOTE", "Original invoice: INV-77", "Total | (120.00)")
    assert "invoice_number" not in _confirmed(found)
    assert (found["total"].value, found["total"].normalised) == ("(120.00)", "-120.00")


@pytest.mark.parametrize("side", ["CR", "DR"])
def test_a_credit_or_debit_is_shown_and_has_no_sign_of_its_own(side: str) -> None:
    total = _found("invoice", *ISSUER, "CREDIT NOTE", f"Total due | 120.00 {side}")["total"]
    assert (total.value, total.normalised, total.state) == (f"120.00 {side}", None, FieldState.UNCONFIRMED)


@pytest.mark.parametrize(
    "rows",
    [
        ("Total | EUR 120.00", "Total in USD | USD 131.40"),
        ("Total | 120.00 EUR", "Total | 131.40 USD", "Currency: EUR / USD"),
        ("Currency: EUR", "Total | 120.00", "All prices are in US Dollars"),
    ],
)
def test_an_invoice_in_two_currencies_has_neither_for_sure(rows: tuple[str, ...]) -> None:
    found = _found("invoice", *ISSUER, "Invoice", *rows)
    assert "currency" not in _confirmed(found)
    if sum("Total" in row for row in rows) > 1:
        assert "total" not in _confirmed(found)


@pytest.mark.parametrize("label", ["Date", "Due date"])
def test_a_date_that_can_be_read_two_ways_says_both(label: str) -> None:
    name = label.lower().replace(" ", "_")
    field = _found("invoice", *ISSUER, "Invoice", f"{label}: 03/04/2021")[name]
    assert (field.normalised, field.state) == (None, FieldState.UNCONFIRMED)
    assert {other.value for other in field.others} == {"2021-03-04", "2021-04-03"}


def test_fields_that_want_the_same_value_are_not_both_sure() -> None:
    rows = ("Order/Invoice No: QX-118", "Total | 120.00")
    found = _found(["order no", "invoice number", "order/invoice no"], "Invoice", *rows, exact=True)
    assert len({name for name in _confirmed(found) if name != "total"}) <= 1


def test_the_words_that_were_asked_for_win_over_others_of_their_role() -> None:
    found = _found(["total", "amount due"], "Invoice", "Total | 120.00", "Amount due | 80.00")
    assert found["amount due"].value == "80.00"
    assert _confirmed(found) == {}


def test_two_names_of_one_role_may_have_one_value() -> None:
    found = _found(["buyer", "customer"], "Invoice", "Customer: Halden Foods Ltd", exact=True)
    assert {field.value for field in found.values()} == {"Halden Foods Ltd"}


def test_a_currency_may_be_printed_in_words() -> None:
    rows = ("Total | $4.11", "All charges are in US Dollars")
    assert _found("invoice", *ISSUER, "Invoice", *rows)["currency"].normalised == "USD"
    assert _found("invoice", *ISSUER, "Invoice", "Total | Rs 1939")["currency"].normalised == "INR"


def test_the_heads_of_columns_tell_the_parts_of_a_total() -> None:
    texts = (
        (0.1, "Facture", 0.05), (0.5, "Montant EUR HT", 0.1), (0.68, "Montant TVA", 0.1), (0.84, "Montant TTC", 0.1),
        (0.1, "Abonnement", 0.15), (0.6, "20.00", 0.15), (0.76, "4.00", 0.15), (0.92, "24.00", 0.15),
        (0.1, "Total facture", 0.2), (0.6, "32.50", 0.2), (0.76, "6.50", 0.2), (0.92, "39.00", 0.2),
    )  # fmt: skip
    lines = [Line(text=t, box=Box(x, y, x + 0.011 * len(t), y + 0.016), score=0.99) for x, t, y in texts]
    found = {field.name: field for field in find_fields("invoice", lines, page=0)}
    assert [found[name].value for name in ("subtotal", "tax", "total")] == ["32.50", "6.50", "39.00"]
    assert {found[name].state for name in ("subtotal", "tax", "total")} == {FieldState.CONFIRMED}
