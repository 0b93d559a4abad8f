"""A courier's waybill in Chinese, as it sticks on a parcel: number, sender and recipient in blocks, weight."""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData
from langchain_hunyuanocr.demo.text_flow import Composed, Draft
from langchain_hunyuanocr.demo.words_both import CITIES
from langchain_hunyuanocr.demo.words_zh import ROADS

_WORDS = (
    {"number": "运单号", "from": "寄件人", "to": "收件人", "phone": "电话", "place": "地址", "date": "寄件日期", "weight": "重量"},
    {"number": "运单号码", "from": "发件人", "to": "收件人", "phone": "手机", "place": "地址", "date": "寄件时间", "weight": "计费重量"},
    {"number": "快递单号", "from": "寄件方", "to": "收件方", "phone": "联系电话", "place": "详细地址", "date": "收寄日期", "weight": "实际重量"},
    {"number": "面单编号", "from": "寄方", "to": "收方", "phone": "TEL", "place": "地址", "date": "打印日期", "weight": "重量"},
)  # fmt: skip


def waybill(stock: RandomData) -> Draft:
    """One page; fields are those of the preset `waybill`."""
    rng = stock.rng
    words = rng.choice(_WORDS)
    number = rng.choice(("SF", "YT", "JD", "ZTO")) + stock.digits(13)
    day, weight = stock.day(), f"{rng.randint(2, 300) / 10:.1f} kg"
    beside = rng.random() < 0.4
    sheet = PageCanvas((470.0, 250.0) if beside else (300.0, 330.0), dpi=rng.choice((150, 170, 200)))
    sheet.text(20, 34, f"{words['number']}：{number}", size=12, bold=True)
    sheet.rule(14, 46, sheet.width - 14, 46)
    order = ["sender", "recipient"] if rng.random() < 0.5 else ["recipient", "sender"]
    for k, who in enumerate(order):
        x, y = (20 + 220 * k, 68.0) if beside else (20, 68.0 + 96 * k)
        _block(sheet, stock, who, words, x, y)
    y = 176.0 if beside else 272.0
    sheet.rule(14, y - 14, sheet.width - 14, y - 14)
    sheet.text(20, y + 4, f"{words['weight']}：{weight}", size=10)
    sheet.text(20, y + 24, f"{words['date']}：{day.isoformat()}", size=10)
    sheet.fields.update(waybill_number=number, date=day.isoformat(), weight=weight)
    return Draft("waybill", "zh", "运单", [Composed(sheet, [])])


def _block(sheet: PageCanvas, stock: RandomData, who: str, words: dict[str, str], x: float, y: float) -> None:
    rng = stock.rng
    name, phone = stock.person("zh"), f"1{rng.choice('35789')}{stock.digits(9)}"
    place = f"{rng.choice(CITIES).zh}市{rng.choice(ROADS)}{rng.randint(1, 980)}号{rng.randint(1, 30)}栋{rng.randint(101, 3204)}室"
    sheet.text(x, y, f"{words['from' if who == 'sender' else 'to']}：{name}", size=11)
    sheet.text(x, y + 20, f"{words['phone']}：{phone}", size=10)
    for k, line in enumerate(sheet.wrap(f"{words['place']}：{place}", 190, 10)):
        sheet.text(x, y + 40 + 14 * k, line, size=10)
    sheet.fields.update({who: name, f"{who}_phone": phone, f"{who}_address": place})
