from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.fields.find import FieldPlan, find_fields
from langchain_hunyuanocr.reading.han_forms import fold_han
from langchain_hunyuanocr.results import Box, Line


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("合計金額", "合计金额"),
        ("税額", "稅额"),
        ("請求番号", "请求番號"),
        ("領収書", "領收書"),
        ("発行日", "發行日"),
        ("円", "圓"),
        ("広島県", "廣島縣"),
        ("國際貿易", "国际贸易"),
        ("有效期", "有効期"),
        ("営業所", "營業所"),
    ],
)
def test_forms_of_a_character_are_one(first: str, second: str) -> None:
    assert fold_han(first) == fold_han(second)
    assert len(fold_han(first)) == len(first)


def test_simplified_text_stays_as_it_is() -> None:
    for text in ("合同总金额为人民币壹万元整", "开户银行及账号", "有效期至2024年", "abc"):
        assert fold_han(text) == text


def test_characters_that_differ_are_kept_apart() -> None:
    assert len({fold_han(one) for one in "買卖貝見日曰入人"}) == 8


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (
            ["請求番号：A-2023-0714", "合計金额：￥123，450", "税额：￥11，223"],
            {"請求番号": "A-2023-0714", "合計金額": "123450", "税額": "11223"},
        ),
        (
            ["订單編号：K-77", "應付金額：￥8，400", "营业稅额：￥400"],
            {"訂單編號": "K-77", "应付金额": "8400", "營業税額": "400"},
        ),
    ],
)
def test_fields_are_found_under_labels_in_any_form(texts: list[str], values: dict[str, str]) -> None:
    lines = [Line(text=text, box=Box(0.1, 0.1 + 0.1 * n, 0.5, 0.13 + 0.1 * n)) for n, text in enumerate(texts)]
    found = find_fields(FieldPlan.of(list(values)), lines, (), page=0)
    assert {field.name: field.normalised or field.value for field in found} == values
