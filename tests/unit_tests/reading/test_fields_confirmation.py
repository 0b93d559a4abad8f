"""When a value that was found by its label is confirmed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.rereading import Reread, reread_with
from langchain_hunyuanocr.results import Box, Field, FieldState, Line


def _line(text: str, x: float, y: float, *, em: float = 0.018, score: float | None = 0.99) -> Line:
    width = sum(em if ord(char) > 0x2E7F else em / 2 for char in text)
    return Line(text=text, box=Box(x, y, round(x + width, 4), y + 0.014), score=score)


def _again(lines: Sequence[Line], **misread: str) -> Reread:
    """Looks that read each line as before, but for words that the second of three looks reads otherwise."""

    def again(boxes: Sequence[Box]) -> list[list[str]]:
        texts = [next(line.text for line in lines if line.box == box) for box in boxes]
        other = list(texts)
        for word, wrong in misread.items():
            other = [text.replace(word, wrong) for text in other]
        return [[text, second, text] for text, second in zip(texts, other, strict=True)]

    return again


def _confirmed(names: list[str] | str, lines: Sequence[Line], again: Reread | None = None, **more: bool) -> set[str]:
    found = find_fields(names, lines, page=0, again=again, **more)
    return {field.name for field in found if field.state is FieldState.CONFIRMED}


def _one(name: str, lines: Sequence[Line], again: Reread | None = None, **more: bool) -> Field:
    (field,) = find_fields([name], lines, page=0, again=again, **more)
    return field


SUMS = (
    _line("Subtotal", 0.6, 0.60),
    _line("$11,154.80", 0.8, 0.60),
    _line("VAT 20%", 0.6, 0.62),
    _line("$2,230.96", 0.8, 0.62),
    _line("Amount due", 0.6, 0.64),
    _line("$13,385.76", 0.8, 0.64),
)


def test_sums_that_add_up_prove_each_other() -> None:
    assert _confirmed(["subtotal", "tax", "total"], SUMS) == {"subtotal", "tax", "total"}


def test_sums_that_contradict_each_other_are_all_doubtful() -> None:
    misread = [*SUMS[:3], _line("$2,280.96", 0.8, 0.62), *SUMS[4:]]
    assert _confirmed(["subtotal", "tax", "total"], misread, _again(misread)) == set()


def test_the_column_above_proves_a_total() -> None:
    items = [_line(text, 0.76, 0.3 + 0.03 * k) for k, text in enumerate(("12.50", "30.00", "07.25"))]
    total = [_line("TOTAL", 0.2, 0.5), _line("49.75", 0.76, 0.5)]
    assert _confirmed(["total"], [*items, *total]) == {"total"}
    assert _confirmed(["total"], [*items[:2], *total]) == set()


def test_capitals_prove_the_figures() -> None:
    lines = [_line("价税合计（大写）：贰佰元零伍分", 0.1, 0.5), _line("（小写）¥200.05", 0.6, 0.5)]
    assert _confirmed("vat_invoice_cn", lines) == {"total", "total_in_words"}
    other = [lines[0], _line("（小写）¥300.05", 0.6, 0.5)]
    assert _confirmed("vat_invoice_cn", other, _again(other)) == set()


def test_what_was_recognised_once_is_not_confirmed_but_the_file_s_own_text_is() -> None:
    lines = [_line("Invoice No.: UU-80822", 0.1, 0.1)]
    assert _confirmed(["invoice_number"], lines) == set()
    assert _confirmed(["invoice_number"], lines, exact=True) == {"invoice_number"}


def test_further_looks_must_all_agree() -> None:
    lines = [_line("Invoice No.: UU-80822", 0.1, 0.1)]
    assert _confirmed(["invoice_number"], lines, _again(lines)) == {"invoice_number"}
    assert _confirmed(["invoice_number"], lines, _again(lines, **{"80822": "80322"})) == set()
    unsure = [_line("Invoice No.: UU-80822", 0.1, 0.1, score=0.8)]
    assert _confirmed(["invoice_number"], unsure, _again(unsure)) == set()


def test_numbers_must_pass_their_check() -> None:
    right = [_line("6222 0251 9779 0870", 0.2, 0.4)]
    (number,) = [field for field in find_fields("bank_card", right, page=0) if field.name == "card_number"]
    assert number.value == "6222 0251 9779 0870"
    assert number.normalised == "6222025197790870"
    states = {}
    for last in "0123456789":
        line = _line(f"6222 0251 9779 087{last}", 0.2, 0.4)
        states[last] = "card_number" in _confirmed("bank_card", [line], _again([line]))
    assert sum(states.values()) == 1, "one digit in ten is the check digit"


def test_an_identity_number_proves_the_day_of_birth_and_the_sex() -> None:
    lines = [
        _line("性别女", 0.1, 0.2),
        _line("出生1949年12月31日", 0.1, 0.3),
        _line("公民身份号码11010519491231002X", 0.1, 0.6),
    ]
    assert _confirmed("id_card_cn", lines) == {"sex", "birth_date", "id_number"}
    wrong = [lines[0], _line("出生1949年12月21日", 0.1, 0.3), lines[2]]
    assert _confirmed("id_card_cn", wrong) == {"sex", "id_number"}


@pytest.mark.parametrize(
    "lines",
    [
        [_line("Invocie Number: A-77123", 0.1, 0.1)],
        [_line("Invoice No: A-77123", 0.1, 0.1), _line("Invoice No: B-10000", 0.1, 0.6)],
        [_line("Invoice No: A-7712", 0.1, 0.1), _line("x", 0.9, 0.9), _line("Invoice No: 5O1", 0.1, 0.1)],
        [_line("Invoice", 0.1, 0.1), _line("A-77123", 0.3, 0.1)],
    ],
)
def test_a_doubtful_label_or_a_rival_leaves_a_value_unconfirmed(lines: list[Line]) -> None:
    field = _one("invoice_number", lines, _again(lines))
    assert field.value is not None
    assert field.state is FieldState.UNCONFIRMED


def test_what_was_cut_is_not_confirmed() -> None:
    lines = [_line("Total", 0.1, 0.5), _line("¥2285", 0.3, 0.5), _line("Paid in cash 12.40", 0.1, 0.7)]
    assert _one("total", lines, _again(lines)).state is FieldState.UNCONFIRMED
    long = [_line("Applicant: Dienes Werke", 0.1, 0.1), _line("GmbH & Co. KG", 0.1, 0.116)]
    assert _one("applicant", long, exact=True).state is FieldState.UNCONFIRMED
    assert _one("applicant", long[:1], exact=True).state is FieldState.CONFIRMED


def test_twins_of_characters_are_not_confirmed() -> None:
    lines = [_line("Invoice No: 4O7-1182", 0.1, 0.1)]
    assert _one("invoice_number", lines, _again(lines)).state is FieldState.UNCONFIRMED
    clear = [_line("Invoice No: 407-1182", 0.1, 0.1)]
    assert _one("invoice_number", clear, _again(clear)).state is FieldState.CONFIRMED


def test_a_guess_without_a_label_is_not_confirmed() -> None:
    lines = [_line("Kirkburn Stores Ltd", 0.3, 0.05), _line("TOTAL", 0.1, 0.5), _line("£3.20", 0.7, 0.5)]
    (merchant, *_) = find_fields("receipt", lines, page=0, again=_again(lines))
    assert (merchant.value, merchant.state) == ("Kirkburn Stores Ltd", FieldState.UNCONFIRMED)


def test_rows_of_a_page_that_lies_askew_are_read_across() -> None:
    slope = 0.03

    def askew(text: str, x: float, y: float) -> Line:
        return _line(text, x, round(y - slope * x, 4))

    rows = [("项目", "金额", "税额"), ("纸", "50.00", "3.00"), ("笔", "50.00", "3.00"), ("合计", "¥100.00", "¥6.00")]
    lines = [
        askew(text, x, 0.3 + 0.03 * k)
        for k, row in enumerate(rows)
        for x, text in zip((0.1, 0.5, 0.85), row, strict=True)
    ]
    lines += [askew(text, x, 0.1 + 0.03 * k) for k in range(4) for x, text in ((0.1, "甲"), (0.4, "乙"), (0.7, "丙"))]
    values = {field.name: field.value for field in find_fields("vat_invoice_cn", lines, page=0)}
    assert (values["subtotal"], values["tax"]) == ("¥100.00", "¥6.00")


def test_looks_show_each_line_in_several_renderings_and_sort_what_is_read() -> None:
    from PIL import Image

    page = Image.new("RGB", (400, 300), "white")
    seen = []

    def read(pictures: Sequence[Image.Image]) -> list[list[Line]]:
        seen.extend(picture.size for picture in pictures)
        answers = []
        for _ in pictures:
            half = Box(0.3, 0.6, 0.4, 0.9)
            answers.append(
                [Line(text="b", box=half), Line(text="a", box=Box(0.1, 0.1, 0.2, 0.4)), Line(text="c", box=half)]
            )
        return answers

    looks = reread_with(page, read)([Box(0.1, 0.1, 0.5, 0.2), Box(0.1, 0.5, 0.5, 0.6)])
    assert looks == [("a", "a", "a"), ("b c", "b c", "b c")]
    assert len({size[1] for size in seen}) == 3
    assert reread_with(page, read)([]) == []


def test_parties_that_only_their_order_tells_apart_are_confirmed_only_where_both_are_there() -> None:
    buyer = _line("名称：武汉联飞照明集团有限公司", 0.1, 0.2)
    seller = _line("名称：济南文兴建筑工程有限公司", 0.55, 0.2)
    assert _confirmed("vat_invoice_cn", [buyer, seller], exact=True) == {"buyer", "seller"}
    (found,) = [field for field in find_fields("vat_invoice_cn", [seller], page=0, exact=True) if field.value]
    assert found.state is FieldState.UNCONFIRMED
    named = _line("销售方名称：济南文兴建筑工程有限公司", 0.1, 0.4)
    assert _confirmed("vat_invoice_cn", [named], exact=True) == {"seller"}


def test_the_parts_of_a_block_belong_to_the_head_over_them() -> None:
    lines = [
        _line("收件人：王泽玲", 0.1, 0.2),
        _line("电话：17303094194", 0.1, 0.24),
        _line("地址：太原市科技大道491号", 0.1, 0.28),
        _line("1栋875室", 0.1, 0.295),
        _line("寄件人：汤志玲", 0.1, 0.4),
        _line("电话：17171778486", 0.1, 0.44),
    ]
    values = {field.name: field.value for field in find_fields("waybill", lines, page=0) if field.value}
    assert values == {
        "recipient": "王泽玲",
        "recipient_phone": "17303094194",
        "recipient_address": "太原市科技大道491号1栋875室",
        "sender": "汤志玲",
        "sender_phone": "17171778486",
    }


def test_groups_of_digits_that_were_parted_are_one_number() -> None:
    lines = [_line("4111 1111", 0.1, 0.4, em=0.03), _line("1111 1111", 0.25, 0.4, em=0.03)]
    (number,) = [field for field in find_fields("bank_card", lines, page=0) if field.name == "card_number"]
    assert (number.value, number.state) == ("4111 1111 1111 1111", FieldState.CONFIRMED)
    assert number.box is not None
    assert (number.box.x0, number.box.x1) == (0.1, lines[1].box.x1)


def test_a_line_that_a_look_reads_on_was_cut() -> None:
    line = Line(text="Invoice Number: 5541", box=Box(0.1, 0.1, 0.4, 0.12), score=0.99)

    def looks(text: str) -> Reread:
        return lambda boxes: [(text, text) for _ in boxes]

    assert _one("invoice_number", [line], looks("Invoice Number: 5541")).state is FieldState.CONFIRMED
    assert _one("invoice_number", [line], looks("Invoice Number: 5541室")).state is FieldState.UNCONFIRMED
    assert _one("invoice_number", [line], looks("Invoice Number: 5541 Date")).state is FieldState.CONFIRMED


@pytest.mark.parametrize(
    ("preset", "name", "text"),
    [
        ("invoice", "buyer", "Bill to: Halstead Equipment Ltd"),
        ("receipt", "merchant", "Merchant: Kirkburn Stores"),
        ("id_card_cn", "name", "姓名阎泽强"),
        ("bank_card", "bank", "Bank: Eastwood & Thackeray Bank"),
        ("waybill", "recipient_address", "收件地址：海口市科技大道955号16栋482室"),
    ],
)
def test_free_wording_is_not_confirmed_by_the_reader_that_read_it(preset: str, name: str, text: str) -> None:
    line = Line(text=text, box=Box(0.1, 0.1, 0.6, 0.12), score=0.99)
    assert name not in _confirmed(preset, [line], _again([line]))
    assert name in _confirmed(preset, [line], exact=True)


@pytest.mark.parametrize(("site", "sure"), [("www.isfi.com.cn", True), ("www.isfi.comi.cn", False)])
def test_the_domain_of_an_email_proves_a_website_and_nothing_else_does(site: str, sure: bool) -> None:
    lines = [_line(f"Web: {site}", 0.1, 0.1), _line("Email: ann@isfi.com.cn", 0.1, 0.2)]
    assert _confirmed("business_card", lines, _again(lines)) == ({"website"} if sure else set())
    assert _confirmed("business_card", lines[:1], _again(lines)) == set()
