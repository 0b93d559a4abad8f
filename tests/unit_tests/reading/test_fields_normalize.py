from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_hunyuanocr.demo.random_data import capital_amount
from langchain_hunyuanocr.reading.fields.check_digits import (
    credit_code_check,
    id_check_digit,
    is_card_number,
    is_credit_code,
    is_iban,
    is_id_number,
    luhn_digit,
)
from langchain_hunyuanocr.reading.fields.dates import date_order
from langchain_hunyuanocr.reading.fields.normalize import capitals_sum, decimal_of, normalise
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, extract


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("12 February 2021", "2021-02-12"),
        ("Feb. 3rd, 2021", "2021-02-03"),
        ("2023年08月25日", "2023-08-25"),
        ("2021 年 2 月", "2021-02"),
        ("２０２４－０３－０５", "2024-03-05"),
        ("二〇二四年十二月二十一日", "2024-12-21"),
        ("7. Mai 2014", "2014-05-07"),
        ("19 avril 2014", "2014-04-19"),
        ("02.10.2019", "2019-10-02"),
        ("13/4/20", "2020-04-13"),
        ("4/13/2020", "2020-04-13"),
        ("5/5/2020", "2020-05-05"),
        ("18-Jan-99", "1999-01-18"),
        ("19-03-201818:08:38", "2018-03-19"),
        ("15/APR/2017", "2017-04-15"),
        ("29 maart 2014", "2014-03-29"),
        ("2018/02/2213:34:14", "2018-02-22"),
        ("OCT 3, 2016", "2016-10-03"),
        ("0ct 13, 2016", "2016-10-13"),
        ("3 N0V 2017", "2017-11-03"),
        ("12-Ju1-18", "2018-07-12"),
        ("27 Dis '18", "2018-12-27"),
        ("27032018", "2018-03-27"),
        ("20180304", "2018-03-04"),
        ("3/4/2020", None),
        ("31 Feb 2020", None),
        ("13/13/2020", None),
        ("soon", None),
    ],
)
def test_dates_become_iso_and_unclear_ones_stay(text: str, form: str | None) -> None:
    assert normalise(text, ValueKind.DATE) == form


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("03/02/201815:28", "03/02/2018"),
        ("#02 19-03-201818:08:38 till 4", "19-03-2018"),
        ("15/APR/2017 11:02", "15/APR/2017"),
        ("paid 2018/02/2213:34:14", "2018/02/22"),
        ("18-11-18 13:58 SH01", "18-11-18"),
        ("le 29 maart 2014", "29 maart 2014"),
        ("ORD #07 -REG #19- 10/03/2018 17:24", "10/03/2018"),
        ("12-05-20191 09:40", "12-05-2019"),
    ],
)
def test_dates_are_found_where_they_are_glued_to_a_time(text: str, date: str) -> None:
    span = extract(text, ValueKind.DATE)
    assert span is not None
    assert text[span[0] : span[1]] == date


@pytest.mark.parametrize("text", ["tel 07-35 07-405", "v1.2.3.4", "GST 0001-50-5116-16", "99-12345-2018"])
def test_numbers_with_strokes_are_no_dates(text: str) -> None:
    assert extract(text, ValueKind.DATE) is None


def test_a_page_tells_how_it_writes_dates() -> None:
    assert date_order(["Date 3/4/2020", "Due 25/4/2020"]) == "dmy"
    assert date_order(["Date 3/4/2020", "Due 4/25/2020"]) == "mdy"
    assert date_order(["date 3/4/2020", "vat 20%"]) == "dmy"
    assert date_order(["date 3/4/2020", "austin, tx 78701"]) == "mdy"
    assert date_order(["date 3/4/2020", "kedai buku maju sdn. bhd."]) == "dmy"
    assert date_order(["date 3/4/2020", "hobelwerk gmbh"]) == "dmy"
    assert date_order(["date 3/4/2020", "rm"]) == "dmy"
    assert date_order(["date 3/4/2020", "farm 4 rm"]) is None
    assert date_order(["25/4/2020", "4/25/2020"]) is None
    assert date_order(["Date 3/4/2020"]) is None
    assert normalise("3/4/2020", ValueKind.DATE, order="dmy") == "2020-04-03"
    assert normalise("3/4/2020", ValueKind.DATE, order="mdy") == "2020-03-04"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$11,154.80", "11154.80"),
        ("1.234,56", "1234.56"),
        ("€ 717,97", "717.97"),
        ("1 234,56 €", "1234.56"),
        ("￥1,23,456.00", "123456.00"),
        ("8.302.43", "8302.43"),
        ("$1,.347.69", "1347.69"),
        ("1.234.567", "1234567"),
        ("(12.50)", "-12.50"),
        ("-¥3.20", "-3.20"),
        ("12.50-", "-12.50"),
        ("(£12.50)", "-12.50"),
        ("(RM 12.50)", "-12.50"),
        ("-RM 0.01", "-0.01"),
        ("△1,200", "-1200"),
        ("红字 88.00", "-88.00"),
        ("98.20−", "-98.20"),
        ("108.43 CR", None),
        ("108.43DR", None),
        ("3.5万元", "35000"),
        ("人民币贰佰元整", "200"),
        ("1.234", None),
        ("1,23.4,5", None),
        ("none", None),
    ],
)
def test_amounts_become_decimals_and_unclear_ones_stay(text: str, number: str | None) -> None:
    assert decimal_of(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Rent (1,250.00)", "(1,250.00)"),
        ("Rent: (RM 1,250.00) due", "(RM 1,250.00)"),
        ("Refund 98.20- on 3 May", "98.20-"),
        ("Adjustment -RM 0.01", "-RM 0.01"),
        ("Adjustment -$ 0.01", "-$ 0.01"),
        ("差额 △1,200", "△1,200"),
        ("Balance 108.43 CR", "108.43 CR"),
        ("88.00 EUR", "88.00 EUR"),
        ("Total 12.50 - 3 items", "12.50"),
        ("Items (12) 24.00", "12"),
        ("Crate 12.50 crates", "12.50"),
    ],
)
def test_an_amount_is_found_with_its_sign_and_currency(text: str, amount: str) -> None:
    span = extract(text, ValueKind.AMOUNT)
    assert span is not None
    assert text[span[0] : span[1]] == amount


def test_a_measure_may_have_three_decimals() -> None:
    assert normalise("1.234 kg", ValueKind.MEASURE) == "1.234"
    assert normalise("1,234 kg", ValueKind.MEASURE) == "1234"


@given(st.integers(min_value=1, max_value=10**13))
def test_capital_numerals_say_what_they_were_made_of(cents: int) -> None:
    assert capitals_sum(capital_amount(cents)) == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        (ValueKind.TIME, "9:05 pm", "21:05"),
        (ValueKind.TIME, "12:00 am", "00:00"),
        (ValueKind.TIME, "23:59:01", "23:59:01"),
        (ValueKind.TIME, "25:00", None),
        (ValueKind.PHONE, "+44 731-870", "+44731870"),
        (ValueKind.CARD_NUMBER, "6222 0212", "62220212"),
        (ValueKind.EMAIL, "A.B@C.example", "a.b@c.example"),
        (ValueKind.CURRENCY, "€", "EUR"),
        (ValueKind.CURRENCY, "$", None),
        (ValueKind.NAME, "Acme", None),
    ],
)
def test_other_kinds(kind: ValueKind, text: str, form: str | None) -> None:
    assert normalise(text, kind) == form


def test_numbers_with_check_digits() -> None:
    assert is_card_number("4111 1111 1111 1111")
    assert is_credit_code("9144030071526726XG")
    assert is_id_number("11010519491231002X")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert is_iban("NL50INGB0683251309")
    assert not is_id_number("110105194913310020"), "no thirteenth month"
    assert not is_iban("GB82")


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 15), st.integers(1, 9))
def test_one_misread_digit_never_passes_luhn(first: str, place: int, change: int) -> None:
    number = first + luhn_digit(first)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert is_card_number(number)
    assert not is_card_number(wrong)


def test_one_misread_character_never_passes_the_chinese_codes() -> None:
    code = "91440300715267" + "26X"
    code += credit_code_check(code)
    for place, char in enumerate(code):
        for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            assert other == char or not is_credit_code(code[:place] + other + code[place + 1 :])
    assert id_check_digit("11010519491231002") == "X"
