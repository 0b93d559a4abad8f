"""What is not the value: lines and figures that belong to another role, on papers made up here."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.labels import leading_label
from langchain_hunyuanocr.reading.fields.ranking.other_numbers import other_numbers
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.ranking.sums import PageSums
from langchain_hunyuanocr.results import Box, FieldState, Line


def _page(*rows: str, pitch: float = 0.05, height: float = 0.02) -> list[Line]:
    """A row a text, its second column after `|`."""
    lines = []
    for number, row in enumerate(rows):
        y = 0.1 + pitch * number
        for text, x in zip(map(str.strip, row.split("|")), (0.08, 0.55), strict=False):
            width = sum(0.03 if ord(char) > 0x2E7F else 0.015 for char in text)
            if text:
                lines.append(Line(text=text, box=Box(x, y, min(x + width, 1.0), y + height), score=0.99))
    return lines


def _values(preset: str, lines: list[Line]) -> dict[str, str]:
    return {field.name: field.value for field in find_fields(preset, lines, page=0) if field.value is not None}


@pytest.mark.parametrize("preset", ["invoice", "receipt"])
@pytest.mark.parametrize(
    "rows",
    [
        ("Invoice No: INV-2041", "Total due: 96.50"),
        ("Deliver to: Halden Foods", "By 9 June 2024"),
        ("Ship to Osier Brewing", "Before 14.02.2023"),
        ("Bill to: Marlow Timber", "Amount due: 1,204.00"),
        ("Rechnungsnummer 88123", "Gesamtbetrag: 45,00 €"),
        ("收货方：海宁食品", "电话：0571-88241190"),
        ("送货地址：长宁路18号", "邮编 200042"),
        ("Our reference: KW/17", "Total: 12.00"),
    ],
)
def test_a_value_with_its_label_is_nobodys_name(preset: str, rows: tuple[str, ...]) -> None:
    found = _values(preset, _page(*rows))
    assert not {"seller", "merchant"} & found.keys()


@pytest.mark.parametrize(
    ("label", "buyer"),
    [
        ("Deliver to:", "Halden Foods"),
        ("Ship to:", "Osier Brewing"),
        ("收货方：", "海宁食品"),
        ("Kunde:", "Adler Optik"),
    ],
)
def test_the_label_of_a_receiver_binds_the_buyer(label: str, buyer: str) -> None:
    assert _values("invoice", _page(f"{label} {buyer}", "Total: 8.00"))["buyer"] == buyer


def test_the_name_and_address_under_the_label_of_a_receiver_are_not_the_issuers() -> None:
    lines = _page(
        "TAX INVOICE", "Ship To", "Osier Brewing Company", "14 Kiln Lane", "YO1 7HH York", "Total: 96.50", pitch=0.03
    )
    found = _values("receipt", lines)
    assert "merchant" not in found
    assert "address" not in found


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("By 9 June 2024", ["9 June", "9 June 2024"]),
        ("Meeting at 14.30 on 12.05.2021", ["12.05.2021", "14.30"]),
        ("Open 9:00 - 17:30", ["9:00", "17:30"]),
        ("um 18.45 Uhr", ["18.45 Uhr"]),
        ("Call +44 20 7946 0812", ["+44 20 7946 0812"]),
        ("2024年3月", ["2024年3月"]),
        ("Total 96.50", []),
        ("May Lee Noodles 2 x 14.30", []),
    ],
)
def test_figures_that_say_what_they_are(text: str, others: list[str]) -> None:
    assert sorted({text[start:end] for start, end in other_numbers(text)}) == sorted(others)


@pytest.mark.parametrize(
    "row",
    [
        "By 9 June 2024",
        "Orchard Fair 2024",
        "Tel 020 7946 0812",
        "Postcode 75200",
        "Tax invoice no 2044",
        "Meeting at 14.30 on 12.05.2021",
        "Date | 3 May 2023",
        "GST No | 001234567",
        "Tax ID 4471",
        "75200 Melaka",
        "发票号码 20441",
    ],
)
def test_figures_of_dates_and_numbers_are_no_amounts(row: str) -> None:
    sums = PageSums(PageRows(_page(row)))
    assert not sums.features("total")
    assert not {"total", "tax", "subtotal"} & _values("invoice", _page(row)).keys()


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ("Total due: 96.50", "96.50"),
        ("Total | 450", "450"),
        ("合计：12", "12"),
        ("Amount due by 9 June 2024: 96.50", "96.50"),
        ("Zu zahlen bis 9. Juni | 45,00 €", "45.00"),
    ],
)
def test_an_amount_beside_them_is_one(row: str, total: str) -> None:
    found = {field.name: field for field in find_fields("invoice", _page("Invoice", row), page=0)}
    assert found["total"].normalised == total


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Deliver to: Halden Foods", "receiver"),
        ("Ship to Halden Foods", "receiver"),
        ("Invoice No 7781", "invoice_number"),
        ("Invoice INV-7781", "title"),
        ("收货方海宁食品", "receiver"),
        ("Facturé à : Atelier Roux", "buyer"),
    ],
)
def test_a_line_may_begin_with_a_label(text: str, role: str) -> None:
    found = leading_label(text)
    assert found is not None
    assert found.role == role


@pytest.mark.parametrize(
    "text", ["Client Systems Ltd", "99 Speed Grocers", "Shipton Farm Shop", "Deliver to", "客户时代"]
)
def test_a_name_begins_with_none(text: str) -> None:
    assert leading_label(text) is None


def test_the_day_by_which_something_is_due_is_not_the_papers_date() -> None:
    found = _values("invoice", _page("Harrow & Pike", "Deliver by: 9 June 2024", "Total | 12.00"))
    assert "date" not in found
    assert _values("invoice", _page("Harrow & Pike", "Order date: 9 June 2024"))["date"] == "9 June 2024"


def test_a_value_behind_its_label_is_kept() -> None:
    lines = _page("Seller: Harrow & Pike", "Invoice No: QX-118", "Total due: 96.50")
    found = {field.name: field for field in find_fields("invoice", lines, page=0)}
    assert found["seller"].value == "Harrow & Pike"
    assert found["seller"].state is FieldState.UNCONFIRMED


@pytest.mark.parametrize("preset", ["invoice", "receipt"])
def test_running_text_has_neither_an_issuer_nor_a_total(preset: str) -> None:
    lines = _page(
        "THE KEEPING OF BEES",
        "In the spring of that year the hives were moved to the lower field,",
        "where clover and borage grew, and some 9.50 of every ten colonies lived.",
        "The keeper, who had 24 of them, wrote that the winter had been mild and",
        "that she would not feed them before the willows were in flower again.",
        pitch=0.03,
    )
    assert not {"seller", "merchant", "address", "total"} & _values(preset, lines).keys()


def test_what_a_sum_is_for_is_nobodys_name() -> None:
    lines = _page("Invoice", "Walnut shelf | 310.00", "Total | 310.00")
    assert "seller" not in _values("invoice", lines)
