"""A resident identity card of China as offices keep it: scanned or copied, the front alone or with its back."""

from __future__ import annotations

import datetime as dt

from langchain_hunyuanocr.demo.page_canvas import BLACK, Colour, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData
from langchain_hunyuanocr.demo.text_flow import Composed, Draft
from langchain_hunyuanocr.demo.words_both import CITIES
from langchain_hunyuanocr.demo.words_zh import ROADS
from langchain_hunyuanocr.reading.fields.check_digits import id_check_digit

_WIDE, _TALL = 300.0, 190.0
_LABEL: Colour = (60, 110, 160)
_PAPER: Colour = (236, 242, 246)
_PEOPLES = ("汉", "汉", "汉", "汉", "回", "满", "壮", "苗", "维吾尔", "土家")
_DISTRICTS = ("朝阳区", "东城区", "江北区", "西湖区", "南山区", "鼓楼区", "武侯区", "雁塔区")


def id_card(stock: RandomData) -> Draft:
    """One page; fields are those of the preset `id_card_cn`, of the back only where it is on the page."""
    rng = stock.rng
    both = rng.random() < 0.5
    sheet = PageCanvas((_WIDE + 40, (2 * _TALL + 60) if both else _TALL + 40), dpi=rng.choice((170, 200, 230)))
    _front(sheet, stock, 20, 20)
    if both:
        _back(sheet, stock, 20, 40 + _TALL)
    return Draft("id_card_cn", "zh", "身份证", [Composed(sheet, [])])


def _front(sheet: PageCanvas, stock: RandomData, x: float, y: float) -> None:
    rng = stock.rng
    born = dt.date(1950, 1, 1) + dt.timedelta(days=rng.randrange(365 * 55))
    name, sex, people = stock.person("zh"), rng.choice("男女"), rng.choice(_PEOPLES)
    first = rng.choice(("110105", "330106", "440305", "500105", "610113", "510107")) + f"{born:%Y%m%d}"
    first += f"{rng.randint(0, 99):02d}{2 * rng.randint(0, 4) + (sex == '男')}"
    number = first + id_check_digit(first)
    address = (
        f"{rng.choice(CITIES).zh}市{rng.choice(_DISTRICTS)}{rng.choice(ROADS)}{rng.randint(1, 980)}号"
        f"{rng.randint(1, 30)}栋{rng.randint(1, 6)}单元{rng.randint(101, 3204)}室"
    )
    sheet.box(x, y, x + _WIDE, y + _TALL, weight=0.8, colour=(170, 180, 190), fill=_PAPER)
    sheet.box(x + 200, y + 24, x + 284, y + 126, weight=0, fill=(205, 212, 220))
    _pair(sheet, x + 18, y + 36, "姓名", name, size=12.5)
    _pair(sheet, x + 18, y + 60, "性别", sex)
    _pair(sheet, x + 92, y + 60, "民族", people)
    sheet.text(x + 18, y + 84, "出生", size=9, colour=_LABEL)
    at = x + 50
    for value, unit in ((born.year, "年"), (born.month, "月"), (born.day, "日")):
        at = sheet.text(at, y + 84, str(value), size=11) + 6
        at = sheet.text(at, y + 84, unit, size=9, colour=_LABEL) + 6
    sheet.text(x + 18, y + 108, "住址", size=9, colour=_LABEL)
    for k, line in enumerate(sheet.wrap(address, 142, 11)):
        sheet.text(x + 50, y + 108 + 15 * k, line, size=11)
    sheet.text(x + 18, y + 172, "公民身份号码", size=9, colour=_LABEL)
    sheet.text(x + 98, y + 172, number, size=14)
    sheet.fields.update(
        name=name,
        sex=sex,
        ethnicity=people,
        birth_date=f"{born.year}年{born.month}月{born.day}日",
        address=address,
        id_number=number,
    )


def _back(sheet: PageCanvas, stock: RandomData, x: float, y: float) -> None:
    rng = stock.rng
    authority = f"{rng.choice(CITIES).zh}市公安局{rng.choice(_DISTRICTS).removesuffix('区')}分局"
    begin = stock.day(2008, 2022)
    years = rng.choice((10, 20))
    end = "长期" if rng.random() < 0.2 else f"{begin.replace(year=begin.year + years, day=min(begin.day, 28)):%Y.%m.%d}"
    valid = f"{begin:%Y.%m.%d}-{end}"
    sheet.box(x, y, x + _WIDE, y + _TALL, weight=0.8, colour=(170, 180, 190), fill=_PAPER)
    sheet.text(x + 96, y + 48, "中华人民共和国", size=15)
    sheet.text(x + 92, y + 86, "居民身份证", size=23)
    for row, label, value in ((136, "签发机关", authority), (162, "有效期限", valid)):
        sheet.text(x + 64, y + row, label, size=9.5, colour=BLACK)
        sheet.text(x + 112, y + row, value, size=11)
    sheet.fields.update(authority=authority, valid_until=valid)


def _pair(sheet: PageCanvas, x: float, y: float, label: str, value: str, *, size: float = 11.0) -> None:
    sheet.text(x, y, label, size=9, colour=_LABEL)
    sheet.text(x + 32, y, value, size=size)
