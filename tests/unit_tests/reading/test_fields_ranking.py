"""Values without a label of their own, and what binds them to their role: on papers made up here."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.ranking.model import likelihoods
from langchain_hunyuanocr.reading.fields.rereading import Reread, mended_lines
from langchain_hunyuanocr.results import Box, Field, FieldState, Line


def _line(text: str, x: float, y: float, *, em: float = 0.036, score: float = 0.99) -> Line:
    width = sum(em if ord(char) > 0x2E7F else em / 2 for char in text)
    return Line(text=text, box=Box(x, y, round(x + width, 4), y + 0.014), score=score)


def _rows(*rows: str, top: float = 0.05) -> list[Line]:
    """A receipt: a row a text, its last column after `|`."""
    lines = []
    for number, row in enumerate(rows):
        left, _, right = row.partition("|")
        y = round(top + 0.022 * number, 4)
        lines.append(_line(left.strip(), 0.1, y))
        if right:
            lines.append(_line(right.strip(), 0.74, y))
    return lines


def _same(lines: Sequence[Line]) -> Reread:
    texts = {line.box: line.text for line in lines}
    return lambda boxes: [(texts[box],) * 3 for box in boxes]


def _receipt(lines: Sequence[Line], again: Reread | None = None) -> dict[str, Field]:
    return {field.name: field for field in find_fields("receipt", lines, page=0, again=again or _same(lines))}


CAFE = (
    "HARBOUR LIGHT NOODLES",
    "(204417-K)",
    "22, Jalan Bukit 4,",
    "75200 Melaka.",
    "Tel: 06-284 1190",
    "TAX INVOICE",
    "Bill no: 00871",
    "07/11/201913:42:10",
    "Prawn noodles | 11.50",
    "Iced tea | 3.20",
    "Sub Total | 14.70",
    "SST 6% | 0.88",
    "Rounding Adj | 0.02",
    "Total Rounded (RM) | 15.60",
    "Cash | 20.00",
    "Change | 4.40",
    "SST Summary | 0.88",
)


def test_a_receipt_without_labels_for_its_head() -> None:
    found = _receipt(_rows(*CAFE))
    assert {name: field.value for name, field in found.items() if name != "items"} == {
        "merchant": "HARBOUR LIGHT NOODLES",
        "address": "22, Jalan Bukit 4, 75200 Melaka.",
        "receipt_number": "00871",
        "date": "07/11/2019",
        "time": "13:42:10",
        "subtotal": "14.70",
        "tax": "0.88",
        "rounding": "0.02",
        "total": "15.60",
        "paid": "20.00",
        "change": "4.40",
        "payment_method": "Cash",
    }
    assert json.loads(found["items"].value or "") == [
        {"description": "Prawn noodles", "amount": "11.50"},
        {"description": "Iced tea", "amount": "3.20"},
    ]


@pytest.mark.parametrize("header", ["Item | Amount (RM)", "Qty Description | Price", "品名 | 金额", "Unit Price | Amt"])
def test_the_heads_of_columns_are_no_items(header: str) -> None:
    rows = [*CAFE[:8], header, "11.50", "Iced tea | 3.20", "Total | 14.70"]
    items = json.loads(_receipt(_rows(*rows))["items"].value or "[]")
    assert {"description": "Iced tea", "amount": "3.20"} in items
    assert not any(item["description"] in header for item in items)


def test_two_proofs_confirm_and_each_alone_does_not() -> None:
    lines = _rows(*CAFE)
    sure = {name for name, field in _receipt(lines).items() if field.state is FieldState.CONFIRMED}
    assert {"merchant", "date", "total", "subtotal", "tax", "paid", "change"} <= sure
    assert "address" not in sure, "digits in free wording have no form that a misreading would break"

    def differing(boxes: Sequence[Box]) -> list[tuple[str, ...]]:
        return [("7", "8", "9") for _ in boxes]

    unread = {name for name, field in _receipt(lines, differing).items() if field.state is FieldState.CONFIRMED}
    assert "merchant" not in unread
    assert "date" not in unread
    assert "total" in unread, "paid less change proves its digits as well"


def test_confidence_is_a_likelihood() -> None:
    found = _receipt(_rows(*CAFE))
    given = [field.confidence for field in found.values() if field.confidence is not None]
    assert len(given) >= 8
    assert all(0.0 < value <= 1.0 for value in given)


def test_two_totals_leave_the_total_unconfirmed() -> None:
    rows = [*CAFE[:8], "Prawn noodles | 11.50", "Grand total | 24.10", "Amount due | 31.80"]
    assert _receipt(_rows(*rows))["total"].state is FieldState.UNCONFIRMED


def test_a_total_before_its_rounding_is_not_confirmed_as_the_one_that_is_due() -> None:
    rows = [*CAFE[:8], "Noodles | 12.31", "Total amt | 12.31", "Rounding | -0.01", "RH | 12.30"]
    total = _receipt(_rows(*rows))["total"]
    assert total.value == "12.30" or total.state is FieldState.UNCONFIRMED


def test_parts_that_contradict_the_total_leave_it_unconfirmed() -> None:
    rows = [*CAFE[:8], "Total excl. VAT | 20.00", "VAT 20% | 4.00", "Total | 29.00"]
    assert _receipt(_rows(*rows))["total"].state is FieldState.UNCONFIRMED


def test_a_sum_whose_point_was_lost_is_given_but_not_confirmed() -> None:
    rows = [*CAFE[:8], "Prawn noodles | 11.50", "Iced tea | 3.20", "Total | 14 70"]
    total = _receipt(_rows(*rows))["total"]
    assert (total.value, total.normalised, total.state) == ("14.70", "14.70", FieldState.UNCONFIRMED)


def test_a_receipt_that_says_no_total_has_none_that_is_sure() -> None:
    total = _receipt(_rows(*CAFE[:8], "Prawn noodles | 11.50", "Iced tea | 3.20"))["total"]
    assert total.state is not FieldState.CONFIRMED


@pytest.mark.parametrize("date", ["04/05/2019 13:42", "04.05.19 13:42", "4-5-2019 13:42"])
def test_a_date_that_can_be_read_two_ways_is_not_confirmed_and_both_are_said(date: str) -> None:
    rows = ["CORNER BAKERY", "8 Mill Lane", date, "Rolls | 3.20", "Total | 3.20"]
    field = _receipt(_rows(*rows))["date"]
    if "." in date.split()[0]:  # points are written day first
        assert field.normalised == "2019-05-04"
        return
    assert (field.normalised, field.state) == (None, FieldState.UNCONFIRMED)
    assert {other.value for other in field.others} == {"2019-05-04", "2019-04-05"}


@pytest.mark.parametrize(
    ("date", "printed"), [("04 05-19 13:42", "04-05-19"), ("04-05~19 13:42", "04-05-19"), ("04052019", "04052019")]
)
def test_a_date_whose_strokes_were_not_read_has_its_day_but_is_not_confirmed(date: str, printed: str) -> None:
    rows = ["KEDAI BUKU MAJU SDN BHD", "8 Mill Lane", date, "1 12.50", "Rolls | 12.50", "Total | 12.50"]
    field = _receipt(_rows(*rows))["date"]
    assert (field.value, field.normalised, field.state) == (printed, "2019-05-04", FieldState.UNCONFIRMED)


def test_a_german_invoice_finds_its_issuer_total_and_parts() -> None:
    lines = _rows(
        "Werkhof Lindenau",
        "Ahornweg 12, 04177 Leipzig",
        "Rechnung",
        "Rechnungsdatum: 29. Mai 2021",
        "Hobelbank | 810,00 €",
        "Nettobetrag | 810,00 €",
        "MwSt 19 % | 153,90 €",
        "Zu zahlen | 963,90 €",
    )
    found = {field.name: field for field in find_fields("invoice", lines, page=0, again=_same(lines))}
    assert found["date"].normalised == "2021-05-29"
    assert [found[name].normalised for name in ("subtotal", "tax", "total")] == ["810.00", "153.90", "963.90"]
    assert {found[name].state for name in ("subtotal", "tax", "total")} == {FieldState.CONFIRMED}
    assert found["seller"].value == "Werkhof Lindenau"


def test_what_kind_of_paper_it_is_is_no_name() -> None:
    lines = _rows("Invoice", "Invoice No: QX-118", "Desk | 310.00", "Net | 310.00", "VAT 10% | 31.00", "Total | 341.00")
    found = {field.name: field for field in find_fields("invoice", lines, page=0)}
    assert found["seller"].value is None
    assert [found[name].normalised for name in ("subtotal", "tax", "total")] == ["310.00", "31.00", "341.00"]


def test_a_chinese_receipt_that_went_on_over_its_words() -> None:
    lines = _rows(
        "老城根面馆",
        "地址：西安市莲湖区北院门8号",
        "2024-03-05 12:10",
        "油泼面 | 18.00",
        "酸梅汤 | 6.00",
        "合计 | 24.00",
        "现金 | 30.00",
        "找零 | 6.00",
    )
    found = _receipt(lines)
    assert found["address"].value == "西安市莲湖区北院门8号"
    assert [found[name].value for name in ("date", "total", "paid", "change")] == [
        "2024-03-05",
        "24.00",
        "30.00",
        "6.00",
    ]
    assert found["payment_method"].value == "现金"


def test_likelihoods_leave_room_for_there_being_no_value() -> None:
    found = likelihoods({"a": {"x": 1.0}, "b": {}}, {"x": 2.0, "none": 1.0})
    assert found["a"] > found["b"]
    assert sum(found.values()) < 1.0
    assert likelihoods({}, {"none": 1.0}) == {}


def test_a_line_that_all_looks_read_otherwise_takes_their_text() -> None:
    lines = [_line("KEDAI 5/B", 0.1, 0.1), _line("14/Ju/2017 08:34", 0.1, 0.2), _line("unclear", 0.1, 0.3)]
    looks = {
        lines[0].box: ("KEDAI S/B", "KEDAI 5/B", "KEDAI S/B"),
        lines[1].box: ("14/Jun/201708:34", "14/Jun/2017 08:34", "14/Jun/2017 08:34"),
        lines[2].box: ("something else", "something else", "something else"),
    }
    mended = mended_lines(lines, [line.box for line in lines], lambda boxes: [looks[box] for box in boxes])
    assert [line.text for line in mended] == ["KEDAI 5/B", "14/Jun/2017 08:34", "unclear"]
    assert mended[1].score == 0.0, "it was not read alike each time, so that nothing on it is sure"
