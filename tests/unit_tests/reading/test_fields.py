from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from pydantic import BaseModel
from pydantic import Field as Described

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.fields.find import PRESETS, FieldPlan, fields_from_answer, find_fields
from langchain_hunyuanocr.reading.fields.presets import RecordKind
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, extract
from langchain_hunyuanocr.results import Box, Field, FieldState, Line, Table


def _line(text: str, x: float, y: float, *, em: float = 0.018) -> Line:
    width = sum(em if ord(char) > 0x2E7F else em / 2 for char in text)
    return Line(text=text, box=Box(x, y, round(x + width, 4), y + 0.014))


def _values(names: list[str] | str, *lines: Line, tables: tuple[Table, ...] = ()) -> dict[str, str | None]:
    return {field.name: field.value for field in find_fields(names, lines, tables, page=0)}


def _told(answer: str, names: list[str]) -> dict[str, str | None]:
    return {field.name: field.value for field in fields_from_answer(FieldPlan.of(names).specs, answer, ())}


def _confirmed(values: dict[str, str | None], lines: Sequence[Line], page: int | None = None) -> tuple[Field, ...]:
    specs = FieldPlan.of(list(values)).specs
    return fields_from_answer(specs, json.dumps(values, ensure_ascii=False), lines, page=page)


INVOICE = (
    _line("Marcliff Medical Devices Inc.", 0.3, 0.05, em=0.03),
    _line("VAT reg. GB 350 6700 38", 0.3, 0.09),
    _line("Bill to:", 0.1, 0.2),
    _line("Carlshaven Equipment LLC", 0.1, 0.22),
    _line("Invoice Number", 0.6, 0.2),
    _line("UU-80822", 0.8, 0.2),
    _line("Date", 0.6, 0.22),
    _line("12 February 2021", 0.8, 0.22),
    _line("Payment due", 0.6, 0.24),
    _line("13 April 2021", 0.8, 0.24),
    _line("Item", 0.1, 0.4),
    _line("Amount", 0.8, 0.4),
    _line("Hydraulic cylinder", 0.1, 0.42),
    _line("9,501.84", 0.8, 0.42),
    _line("Subtotal", 0.6, 0.6),
    _line("$11,154.80", 0.8, 0.6),
    _line("VAT 20%", 0.6, 0.62),
    _line("$2,230.96", 0.8, 0.62),
    _line("Amount due", 0.6, 0.64),
    _line("$13,385.76", 0.8, 0.64),
    _line("Please pay in USD within 60 days.", 0.1, 0.8),
)


def test_an_invoice_by_its_preset() -> None:
    assert _values("invoice", *INVOICE) == {
        "invoice_number": "UU-80822",
        "date": "12 February 2021",
        "due_date": "13 April 2021",
        "seller": "Marcliff Medical Devices Inc.",
        "buyer": "Carlshaven Equipment LLC",
        "subtotal": "$11,154.80",
        "tax": "$2,230.96",
        "total": "$13,385.76",
        "currency": "USD",
    }


def test_values_carry_their_own_box_and_page() -> None:
    lines = [_line("发票号码：23002000000642632601", 0.6, 0.05)]
    (field,) = find_fields(["invoice_number"], lines, page=3, exact=True)
    assert (field.value, field.state, field.page) == ("23002000000642632601", FieldState.CONFIRMED, 3)
    assert field.box is not None
    assert field.box.x0 == pytest.approx(0.6 + 5 * 0.018, abs=0.001)
    assert field.box.x1 == pytest.approx(lines[0].box.x1, abs=0.001)


def test_what_is_not_there_is_missing() -> None:
    (field,) = find_fields(["due_date"], INVOICE[:6], page=0)
    assert (field.value, field.state, field.box) == (None, FieldState.MISSING, None)


def test_a_chinese_vat_invoice() -> None:
    lines = (
        _line("发票号码：23002000000642632601", 0.7, 0.05),
        _line("开票日期：2023年08月25日", 0.7, 0.08),
        _line("名称：武汉联飞照明集团有限公司", 0.1, 0.2),
        _line("名称：济南文兴建筑工程有限公司", 0.55, 0.195),
        _line("统一社会信用代码/纳税人识别号：91593685DREHMRDYC3", 0.1, 0.24),
        _line("统一社会信用代码/纳税人识别号：91946868H9TQGCP46E", 0.55, 0.235),
        _line("项目名称", 0.1, 0.3),
        _line("金额", 0.62, 0.3),
        _line("税额", 0.88, 0.3),
        _line("*家具*办公桌", 0.04, 0.34),
        _line("13092.48", 0.6, 0.34),
        _line("1702.02", 0.86, 0.34),
        _line("合计", 0.04, 0.6),
        _line("¥182276.37", 0.59, 0.6),
        _line("¥21008.65", 0.85, 0.6),
        _line("价税合计（大写）", 0.1, 0.65),
        _line("贰拾万叁仟贰佰捌拾伍元零贰分", 0.3, 0.65),
        _line("（小写）¥203285.02", 0.7, 0.65),
        _line("开票人：汪振莉", 0.1, 0.9),
    )
    assert _values("vat_invoice_cn", *lines) == {
        "invoice_code": None,
        "invoice_number": "23002000000642632601",
        "date": "2023年08月25日",
        "buyer": "武汉联飞照明集团有限公司",
        "buyer_tax_id": "91593685DREHMRDYC3",
        "seller": "济南文兴建筑工程有限公司",
        "seller_tax_id": "91946868H9TQGCP46E",
        "subtotal": "¥182276.37",
        "tax": "¥21008.65",
        "total": "¥203285.02",
        "total_in_words": "贰拾万叁仟贰佰捌拾伍元零贰分",
        "drawer": "汪振莉",
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("发票号码", "Invoice No. 42183017", "42183017"),
        ("合计", "TOTAL: £306.63", "£306.63"),
        ("total", "应付金额：1,234.50元", "1,234.50元"),
        ("date", "日期：2024/03/05", "2024/03/05"),
        ("tax", "Tax (10%): 12.00", "12.00"),
        ("tax", "VAT reg. GB 350 6700 38", None),
        ("total", "Total 20%", None),
        ("date", "Date of issue: soon", None),
        ("shelf_mark", "Shelf mark: B 12 / north", "B 12 / north"),
        ("Bearbeiter", "Bearbeiter: Frau Lange", "Frau Lange"),
        ("party_a", "Party A (the Client): Vantley Ltd, of 12 Mill Lane, Leeds", "Vantley Ltd"),
        ("sender", "发货人 Shipper: 绍兴润泰机械有限公司", "绍兴润泰机械有限公司"),
        ("invoice_number", "Invocie Number: A-77123", "A-77123"),
    ],
)
def test_values_on_the_line_of_their_label(name: str, text: str, value: str | None) -> None:
    assert _values([name], _line(text, 0.1, 0.5)) == {name: value}


def test_a_key_column_is_read_across_not_down() -> None:
    rows = [
        ("发货人 Shipper", "绍兴润泰有限公司"),
        ("收货人 Consignee", "Denbury Optics plc"),
        ("装运港 Port", "Zhuhai"),
    ]
    lines = [
        _line(text, x, 0.2 + 0.02 * k) for k, row in enumerate(rows) for x, text in zip((0.1, 0.5), row, strict=True)
    ]
    assert _values(["sender", "recipient"], *lines) == {"sender": "绍兴润泰有限公司", "recipient": "Denbury Optics plc"}


def test_words_that_the_recogniser_parted_come_together() -> None:
    lines = [_line(text, x, 0.05) for x, text in ((0.1, "Kirkburn"), (0.185, "Stores,"), (0.26, "Cleveland"))]
    lines += [_line("Receipt", 0.1, 0.1), _line("Total 8.40", 0.1, 0.15)]  # without them it is no receipt at all
    assert _values("receipt", *lines)["merchant"] == "Kirkburn Stores, Cleveland"


def test_values_in_table_cells() -> None:
    table = Table(rows=(("姓名", "王小明"), ("Total", "1,200.00")), html="", markdown="", box=Box(0, 0, 1, 1))
    fields = {field.name: field for field in find_fields(["姓名", "total"], (), (table,), page=0)}
    assert fields["姓名"].value == "王小明"
    assert fields["total"].value == "1,200.00"
    assert fields["total"].box == table.box


def test_labels_in_every_line_are_no_trouble() -> None:
    lines = [_line(f"row {k} of the total: date and amount {k}.00", 0.1, 0.003 * k) for k in range(120)]
    assert len(find_fields("invoice", lines, page=0)) == len(PRESETS["invoice"].fields)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ValueKind.DATE, "on August 3 , 2014.", "August 3 , 2014"),
        (ValueKind.DATE, "7. Mai 2014", "7. Mai 2014"),
        (ValueKind.DATE, "12345-67-890", None),
        (ValueKind.AMOUNT, "2024年3月", None),
        (ValueKind.AMOUNT, "€ 717,97", "€ 717,97"),
        (ValueKind.AMOUNT, "20.5%", None),
        (ValueKind.IDENTIFIER, "Number", None),
        (ValueKind.CARD_NUMBER, "6222 0212 3456 7890 123", "6222 0212 3456 7890 123"),
        (ValueKind.EMAIL, "mail to a.b@c.example now", "a.b@c.example"),
    ],
)
def test_values_look_their_part(kind: ValueKind, text: str, value: str | None) -> None:
    span = extract(text, kind)
    assert (text[span[0] : span[1]] if span else None) == value


def test_plans() -> None:
    assert FieldPlan.of(None).names == ()
    assert FieldPlan.of(["a", "合计"]).names == ("a", "合计")
    assert all(len({spec.name for spec in preset.fields}) == len(preset.fields) for preset in PRESETS.values())


@pytest.mark.parametrize(("name", "kind"), [(name, p.record) for name, p in PRESETS.items() if p.record])
def test_what_an_archive_adds_up_is_among_the_fields(name: str, kind: RecordKind) -> None:
    for preset in (name, kind.chinese or name):
        assert {kind.number, kind.total} <= {spec.name for spec in PRESETS[preset].fields}
    assert all(kind.title.search(noun) and kind.asked.search(noun) for noun in (*kind.nouns_en, *kind.nouns_zh))
    assert all(kind.several.search(f"{noun}s") and not kind.several.search(noun) for noun in kind.nouns_en)


@pytest.mark.parametrize(
    ("fields", "preset"),
    [("total", None), (["a", "a"], None), ([" "], None), (["a"], "invoice"), (None, "poem"), (int, None)],
)
def test_fields_that_make_no_sense(fields: object, preset: str | None) -> None:
    with pytest.raises(FieldError):
        FieldPlan.of(fields, preset=preset)  # type: ignore[arg-type]


class _Bill(BaseModel):
    total: str
    guest: str | None = Described(None, title="Guest Name")


class _Nested(BaseModel):
    bill: _Bill


def test_a_schema_names_fields_and_their_labels() -> None:
    assert FieldPlan.of(_Bill).names == ("total", "guest")
    lines = [_line("Guest Name: Sanjay", 0.1, 0.1), _line("Grand Total", 0.1, 0.4), _line("Rs 1939", 0.8, 0.4)]
    values = {field.name: field.value for field in find_fields(FieldPlan.of(_Bill), lines, page=0)}
    assert values == {"total": "Rs 1939", "guest": "Sanjay"}
    assert FieldPlan.of(_Nested).names == ("bill.total", "bill.guest")


@pytest.mark.parametrize(
    "answer",
    [
        '{"发票号码": "8877", "total": 1234.50}',
        '```json\n{"发票号码": "8877", "total": 1234.50}\n```',
        '```json\n{"发票号码": "8877", "total": 1234.50',
        "{发票号码: 8877, total: 1234.50}",
        '[{"发票号码": "8877"}, {"total": "1234.50"}]',
        '好的，结果如下：{"发票": {"发票号码": "8877", "TOTAL": "1234.50"}}',
    ],
)
def test_answers_are_mended_digits_kept(answer: str) -> None:
    values = _told(answer, ["total", "发票号码", "date"])
    assert values == {"total": "1234.50", "发票号码": "8877", "date": None}


@pytest.mark.parametrize(
    "answer", ["", "没有找到", "[]", "null", '{"a": null}', "```", "{{{{", '{"a": ""}', '{"a": "N/A"}']
)
def test_answers_that_say_nothing(answer: str) -> None:
    assert _told(answer, ["a", "b"]) == {"a": None, "b": None}


def test_one_field_may_be_answered_in_words() -> None:
    assert _told("8877", ["number"]) == {"number": "8877"}
    assert _told("无", ["number"]) == {"number": None}


@pytest.mark.parametrize(
    ("value", "confirmed"),
    [
        ("￥1,234.50", True),
        ("1,234.50", True),
        ("1,234.5", False),
        ("234.50", False),
        ("1,234", False),
        ("acme trading ltd", True),
        ("Acme Trad", False),
        ("苏州市 人民路8号 三楼", True),
        ("人民路81号", False),
        ("120", True),
        ("4412", False),
        ("2024", True),
    ],
)
def test_only_what_stands_on_the_page_is_confirmed(value: str, confirmed: bool) -> None:
    lines = [
        _line("Total: ￥1,234.50", 0.1, 0.1),
        _line("ＡＣＭＥ Trading Ltd", 0.1, 0.2),
        _line("苏州市人民路8号", 0.1, 0.3),
        _line("三楼", 0.1, 0.32),
        _line("G.W. 120kg", 0.1, 0.4),
        _line("No. 44", 0.1, 0.5),
        _line("12 of 2024", 0.1, 0.52),
    ]
    (field,) = _confirmed({"x": value}, lines, page=0)
    assert field.state is (FieldState.CONFIRMED if confirmed else FieldState.UNCONFIRMED)
    assert (field.box is not None) == confirmed
    assert field.value == value


def test_a_value_over_two_lines_has_a_box_around_both() -> None:
    lines = [_line("苏州市人民路8号", 0.1, 0.3), _line("三楼", 0.1, 0.32)]
    (field,) = _confirmed({"address": "人民路8号三楼"}, lines)
    assert field.box is not None
    assert (field.box.y0, field.box.y1) == (0.3, pytest.approx(0.334))


def test_no_value_is_missing() -> None:
    (field,) = _confirmed({"x": None}, [])
    assert field.state is FieldState.MISSING


@pytest.mark.parametrize("printed", ["(1,250.00)", "-1,250.00", "1,250.00-", "△1,250.00", "(£1,250.00)", "1,250.00 CR"])
def test_a_sum_that_a_model_gave_without_its_sign_is_not_the_one_on_the_page(printed: str) -> None:
    (field,) = _confirmed({"rent": "1,250.00"}, [_line(f"Rent: {printed}", 0.1, 0.1)])
    assert field.state is FieldState.UNCONFIRMED
    (whole,) = _confirmed({"rent": printed}, [_line(f"Rent: {printed}", 0.1, 0.1)])
    assert whole.state is FieldState.CONFIRMED


@pytest.mark.parametrize("printed", ["Rent: 1,250.00", "Rent (due): £1,250.00", "Net-1,250.00"])
def test_marks_that_are_no_sign_leave_a_model_s_sum_confirmed(printed: str) -> None:
    (field,) = _confirmed({"rent": "1,250.00"}, [_line(printed, 0.1, 0.1)])
    assert field.state is FieldState.CONFIRMED
