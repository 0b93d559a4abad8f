from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional

import pytest
from annotated_types import Gt
from pydantic import AliasChoices, BaseModel
from pydantic import Field as Described

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.fields.find import FieldPlan, fields_from_answer, find_fields
from langchain_hunyuanocr.reading.fields.merge_pages import merge_fields
from langchain_hunyuanocr.reading.fields.schema import fill
from langchain_hunyuanocr.results import Box, Field, FieldState, Line, Table


class Paid(Enum):
    CASH = "cash"
    CARD = "bank card"


class Party(BaseModel):
    name: str
    tax_id: str | None = None


class Item(BaseModel):
    description: str = Described(alias="货物名称")
    quantity: int
    price: Annotated[Decimal, Gt(0)]


class Bill(BaseModel):
    number: str = Described(title="Invoice No")
    date: dt.date
    due: dt.date | None = None
    total: Decimal
    copies: int = 1
    paid: Paid | None = None
    currency: Literal["EUR", "USD"] = "EUR"
    urgent: bool = False
    seller: Party
    buyer: Party | None = None
    items: list[Item] = []
    tags: list[str] = []


def _line(text: str, x: float, y: float) -> Line:
    return Line(text=text, box=Box(x, y, round(x + 0.009 * len(text), 4), y + 0.014))


def test_names_of_nested_models_are_flattened_and_rows_are_one_field() -> None:
    plan = FieldPlan.of(Bill)
    assert plan.names == (
        "number", "date", "due", "total", "copies", "paid", "currency", "urgent",
        "seller.name", "seller.tax_id", "buyer.name", "buyer.tax_id", "items", "tags",
    )  # fmt: skip
    items = plan.specs[plan.names.index("items")]
    assert [(row.name, row.labels[0]) for row in items.rows] == [
        ("description", "货物名称"), ("quantity", "quantity"), ("price", "price"),
    ]  # fmt: skip
    assert plan.asked()[0] == "Invoice No"


class _Anything(BaseModel):
    data: dict[str, Any]


class _Itself(BaseModel):
    inner: Optional[_Itself] = None  # noqa: UP045 - the old spelling is taken, too


class _Empty(BaseModel):
    pass


class _Callable(BaseModel):
    ask: Callable[[], str]


class _Choice(BaseModel):
    who: Party | Bill


class _Pair(BaseModel):
    both: tuple[str, str]


class _Lists(BaseModel):
    rows: list[list[str]]


class _Unknown(BaseModel):
    thing: Any


@pytest.mark.parametrize(
    "schema",
    [_Anything, _Itself, _Empty, _Callable, _Choice, _Pair, _Lists, _Unknown, dict, "total", {"type": "object"}],
)
def test_what_cannot_be_asked_for_is_refused_with_its_name_and_a_remedy(schema: Any) -> None:
    with pytest.raises(FieldError) as told:
        FieldPlan.of(schema)
    assert told.value.remedy
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        assert schema.__name__ in str(told.value)
    assert "\n" not in str(told.value)


LINES = (
    _line("Invoice No: A-77123", 0.1, 0.1),
    _line("Date: 12 February 2021", 0.1, 0.12),
    _line("Paid: by bank card", 0.1, 0.14),
    _line("Currency: usd", 0.1, 0.16),
    _line("Urgent: Yes", 0.1, 0.18),
    _line("Copies: 3", 0.1, 0.2),
    _line("Seller: Marcliff Ltd", 0.1, 0.22),
    _line("Total: $1,354.50", 0.1, 0.6),
    _line("Tags: paper, office", 0.1, 0.7),
)
TABLE = Table(
    rows=(
        ("货物名称", "Quantity", "Unit price"),
        ("Paper", "3", "$400.50"),
        ("Pens", "2", "76.50"),
        ("Total", "", "1,354.50"),
    ),
    html="",
    markdown="",
)


def test_a_page_becomes_an_instance_with_its_types() -> None:
    bill = fill(Bill, find_fields(FieldPlan.of(Bill), LINES, (TABLE,), page=0))
    assert bill.number == "A-77123"
    assert (bill.date, bill.due) == (dt.date(2021, 2, 12), None)
    assert (bill.total, bill.copies) == (Decimal("1354.50"), 3)
    assert (bill.paid, bill.currency, bill.urgent) == (Paid.CARD, "USD", True)
    assert (bill.seller.name, bill.buyer) == ("Marcliff Ltd", None)
    assert [(item.description, item.quantity, item.price) for item in bill.items] == [
        ("Paper", 3, Decimal("400.50")), ("Pens", 2, Decimal("76.50")),
    ]  # fmt: skip
    assert bill.tags == ["paper", "office"]


ANSWER = {
    "Invoice No": "A-77123",
    "date": "2021年2月12日",
    "total": 1354.50,
    "paid": "Cash",
    "seller": {"name": "Marcliff Ltd", "tax_id": None},
    "items": [{"货物名称": "Paper", "quantity": 3, "price": "$400.50"}, "and more"],
    "tags": ["paper", "office"],
}


@pytest.mark.parametrize("form", ["{}", "```json\n{}\n```", "好的：{} 完", '{{"结果": {}}}'])
def test_an_answer_of_a_model_becomes_an_instance(form: str) -> None:
    plan = FieldPlan.of(Bill)
    text = form.format(json.dumps(ANSWER, ensure_ascii=False))
    fields = fields_from_answer(plan.specs, text, LINES, page=2, asked=plan.asked())
    bill = fill(Bill, fields)
    assert (bill.number, bill.date, bill.paid) == ("A-77123", dt.date(2021, 2, 12), Paid.CASH)
    assert (bill.seller.name, bill.items[0].price, bill.tags) == (
        "Marcliff Ltd",
        Decimal("400.50"),
        ["paper", "office"],
    )
    states = {field.name: field.state.value for field in fields}
    assert states["number"] == states["seller.name"] == states["tags"] == "confirmed"
    assert states["date"] == states["items"] == "unconfirmed", "the page has it otherwise, or not at all"
    assert states["buyer.name"] == "missing"


def test_an_answer_of_half_is_kept_as_far_as_it_goes() -> None:
    plan = FieldPlan.of(Bill)
    text = json.dumps(ANSWER, ensure_ascii=False)
    for cut in range(0, len(text), 7):
        found = {field.name: field for field in fields_from_answer(plan.specs, text[:cut], LINES, asked=plan.asked())}
        assert tuple(found) == plan.names
        if cut > 40:
            assert found["number"].value == "A-77123"


@pytest.mark.parametrize(
    "text", ["no JSON at all", "[1, 2, 3]", '["A-77123"]', '"A-77123"', "null", "[[[[", "[" * 50_000, '{"a":' * 20_000]
)
def test_answers_that_are_no_object_give_missing_fields(text: str) -> None:
    plan = FieldPlan.of(["number", "total"])
    fields = fields_from_answer(plan.specs, text, LINES)
    assert [field.state for field in fields] == [FieldState.MISSING] * 2


def test_the_first_of_two_values_counts_and_ten_thousand_keys_take_no_time() -> None:
    plan = FieldPlan.of(["number", "total"])
    many = ", ".join(f'"key {k}": {k}' for k in range(10_000))
    number, total = fields_from_answer(plan.specs, f'{{{many}, "NUMBER": "1", "in": {{"number": "2"}}}}', ())
    assert (number.value, total.value) == ("1", None)


def test_an_answer_is_mapped_back_from_the_words_that_were_asked() -> None:
    plan = FieldPlan.of(None, preset="vat_invoice_cn")
    assert plan.asked()[3:5] == ("购买方名称", "购买方纳税人识别号")
    assert len(set(plan.asked())) == len(plan.names)
    text = '{"购买方名称": "甲公司", "销售方名称": "乙公司", "合计金额": "12.00", "税额": "1.00"}'
    found = {field.name: field.value for field in fields_from_answer(plan.specs, text, (), asked=plan.asked())}
    assert (found["buyer"], found["seller"], found["subtotal"]) == ("甲公司", "乙公司", "12.00")
    assert FieldPlan.of(None, preset="receipt").asked("en")[0] == "merchant"
    assert FieldPlan.of(["发票号码", "total"]).asked() == ("发票号码", "total")


def test_what_does_not_fit_the_model_names_the_fields() -> None:
    fields = [Field(name="date", value="soon", state=FieldState.UNCONFIRMED)]
    with pytest.raises(FieldError, match=r"Bill.*number.*date.*total") as told:
        fill(Bill, fields)
    assert "\n" not in str(told.value)


class _Spelled(BaseModel):
    amount: Decimal = Described(validation_alias=AliasChoices("betrag", "amount"))


def test_an_alias_of_many_choices_is_asked_by_its_first() -> None:
    assert FieldPlan.of(_Spelled).asked() == ("betrag",)
    fields = find_fields(FieldPlan.of(_Spelled), [_line("Betrag: 12,50", 0.1, 0.1)], page=0)
    assert fill(_Spelled, fields).amount == Decimal("12.50")


def _field(value: str | None, page: int, state: str = "unconfirmed", form: str | None = None) -> Field:
    given = FieldState.MISSING if value is None else FieldState(state)
    return Field(name="x", value=value, state=given, page=page, normalised=form)


def test_equal_values_of_several_pages_are_one() -> None:
    pages = [[_field(None, 0)], [_field("￥1,200", 1, form="1200")], [_field("1200.", 2, "confirmed", form="1200")]]
    assert merge_fields(pages) == (pages[2][0],)
    assert merge_fields([[_field("ＡＢ c", 0)], [_field("abC", 1)]]) == (_field("ＡＢ c", 0),)
    assert merge_fields([[_field(None, 0)], [_field(None, 1)]]) == (_field(None, 0),)
    assert merge_fields([]) == ()


def test_different_values_are_all_kept_and_marked() -> None:
    (field,) = merge_fields(
        [[_field("a", 0)], [_field("b", 1, "confirmed")], [_field("a", 2)], [_field("c", 3, "confirmed")]]
    )
    assert (field.value, field.page, field.state) == ("b", 1, FieldState.UNCONFIRMED)
    assert [(other.value, other.page) for other in field.others] == [("a", 0), ("c", 3)]


def test_rows_of_several_pages_are_put_together() -> None:
    (field,) = merge_fields([[_field('[{"a": "1"}]', 0, "confirmed")], [_field(None, 1)], [_field('[{"a": "1"}]', 2)]])
    assert json.loads(field.value or "") == [{"a": "1"}, {"a": "1"}]
    assert (field.page, field.state) == (0, FieldState.UNCONFIRMED)
