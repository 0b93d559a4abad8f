"""The Chinese VAT special invoice, in the layout in force since 2021: buyer and seller side by side over a ruled table."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from dataclasses import dataclass

from langchain_hunyuanocr.demo.page_canvas import BLACK, PageCanvas
from langchain_hunyuanocr.demo.random_data import Company, RandomData, capital_amount, date_forms, date_zh, money
from langchain_hunyuanocr.demo.text_flow import Composed, Draft, QuestionSpec
from langchain_hunyuanocr.demo.words_both import GOODS

_SIZE = (680.0, 440.0)
_BROWN = (140, 62, 40)
_COLUMNS = (
    ("项目名称", 178),
    ("规格型号", 76),
    ("单位", 40),
    ("数量", 52),
    ("单价", 72),
    ("金额", 84),
    ("税率", 48),
    ("税额", 74),
)
_LEFT, _RIGHT = 28.0, 652.0


@dataclass(frozen=True, slots=True)
class _Item:
    cells: tuple[str, ...]
    name: str
    amount: int
    tax: int


def vat_invoices(stock: RandomData, count: int) -> Draft:
    """Several invoices of one buyer, kept in one file.

    Args:
        stock: Where all names and numbers come from.
        count: Pages.

    Returns:
        The draft; fields are those of the preset `vat_invoice_cn`.
    """
    buyer = stock.company("zh")
    day = stock.day(2021)
    pages = [_invoice(stock, buyer) for _ in range(count)]
    name = f"增值税发票 {buyer.brand} {day.year}年{day.month}月" if count > 1 else f"{buyer.brand} 发票"
    return Draft("invoice", "zh", name, pages)


def _items(stock: RandomData) -> list[_Item]:
    items = []
    for goods in stock.rng.sample(GOODS, stock.rng.randint(2, 5)):
        rate = 6 if "服务" in goods.tax_class else 9 if "运输" in goods.tax_class else 13
        quantity = stock.rng.randint(1, 40) if goods.price > 500 else stock.rng.randint(10, 600)
        price = stock.cents(goods.price * 0.8, goods.price * 1.25)
        amount = price * quantity
        tax = round(amount * rate / 100)
        model = f"{stock.rng.choice('ABDFHJKMQTXZ')}{stock.rng.choice('BCDEGLMNPRSTW')}-{stock.rng.randint(10, 980)}"
        cells = (
            f"*{goods.tax_class}*{goods.zh}", model, goods.unit_zh, str(quantity), f"{price / 100:.2f}",
            f"{amount / 100:.2f}", f"{rate}%", f"{tax / 100:.2f}",
        )  # fmt: skip
        items.append(_Item(cells, goods.zh, amount, tax))
    return items


def _invoice(stock: RandomData, buyer: Company) -> Composed:
    seller = stock.company("zh")
    day = stock.day(2021)
    number = stock.code(f"{day.year % 100}##2000000#########")
    items = _items(stock)
    subtotal, tax = sum(i.amount for i in items), sum(i.tax for i in items)
    drawer = stock.person("zh")
    remark = f"订单号：PO{stock.digits(8)}"
    sheet = PageCanvas(_SIZE)
    _head(sheet, number, date_zh_padded := f"{day.year}年{day.month:02d}月{day.day:02d}日")
    _parties(sheet, buyer, seller)
    rows = _table(sheet, items, subtotal, tax)
    _foot(sheet, subtotal + tax, seller, remark, drawer)
    sheet.seal(560, 372, seller.name, radius=44, angle=stock.rng.uniform(-25, 25))
    sheet.tables.append(rows)
    total = f"¥{(subtotal + tax) / 100:.2f}"
    sheet.fields.update(
        invoice_number=number,
        date=date_zh_padded,
        buyer=buyer.name,
        buyer_tax_id=buyer.tax_id,
        seller=seller.name,
        seller_tax_id=seller.tax_id,
        subtotal=f"¥{subtotal / 100:.2f}",
        tax=f"¥{tax / 100:.2f}",
        total=total,
        total_in_words=capital_amount(subtotal + tax),
        drawer=drawer,
    )
    asks = _asks(seller, buyer, number, items, total, day_text=(date_zh_padded, (date_zh(day), *date_forms(day))))
    return Composed(sheet, [*asks, QuestionSpec(
        "field",
        f"号码为{number}的发票，价税合计是多少？",
        f"What is the total including tax on invoice {number}?",
        total,
        _amount_forms(subtotal + tax),
    )])  # fmt: skip


def _amount_forms(cents: int) -> tuple[str, ...]:
    plain = f"{cents / 100:.2f}"
    return (plain, money(cents), f"{plain}元", f"￥{plain}", f"￥{money(cents)}", capital_amount(cents))


def _asks(
    seller: Company,
    buyer: Company,
    number: str,
    items: list[_Item],
    total: str,
    *,
    day_text: tuple[str, tuple[str, ...]],
) -> list[QuestionSpec]:
    item = max(items, key=lambda i: i.amount)
    cents = round(float(total[1:]) * 100)
    return [
        QuestionSpec(
            "field",
            f"{seller.name}开给{buyer.brand}公司的那张发票，开票日期是哪天？",
            f"On what date did {seller.name} issue its invoice to {buyer.name}?",
            *day_text,
        ),
        QuestionSpec(
            "field",
            f"{seller.name}的发票一共要付多少钱（含税）？",
            f"How much, tax included, is the invoice from {seller.name}?",
            total,
            _amount_forms(cents),
        ),
        QuestionSpec(
            "field",
            f"{seller.name}开具的发票号码是什么？",
            f"What is the number of the invoice that {seller.name} issued?",
            number,
        ),
        QuestionSpec(
            "table",
            f"{seller.name}的发票上，{item.name}的数量是多少？",
            f"How many units of {item.name} are on the invoice of {seller.name}?",
            item.cells[3],
            (f"{item.cells[3]}{item.cells[2]}",),
        ),
        QuestionSpec(
            "table",
            f"发票{number}中{item.name}一行的金额（不含税）是多少？",
            f"On invoice {number}, what is the net amount of the line {item.name}?",
            item.cells[5],
            _amount_forms(item.amount),
        ),
    ]


def _head(sheet: PageCanvas, number: str, date: str) -> None:
    title = "电子发票（增值税专用发票）"
    sheet.text(sheet.width / 2, 52, title, size=18, align="centre", colour=_BROWN)
    wide = sheet.measure(title, 18)
    for drop in (58, 61):
        sheet.rule(sheet.width / 2 - wide / 2 - 8, drop, sheet.width / 2 + wide / 2 + 8, drop, colour=_BROWN)
    sheet.text(482, 38, f"发票号码：{number}", size=9.5)
    sheet.text(482, 56, f"开票日期：{date}", size=9.5)
    sheet.say(title, f"发票号码：{number}", f"开票日期：{date}")


def _parties(sheet: PageCanvas, buyer: Company, seller: Company) -> None:
    top, bottom, middle = 76.0, 132.0, 340.0
    sheet.box(_LEFT, top, _RIGHT, 392, weight=0.8, colour=_BROWN)
    sheet.rule(_LEFT, bottom, _RIGHT, bottom, colour=_BROWN)
    for x, role, company in ((_LEFT, "购买方", buyer), (middle, "销售方", seller)):
        sheet.rule(x + 22, top, x + 22, bottom, colour=_BROWN)
        for k, char in enumerate(role):
            sheet.text(x + 11, top + 19 + k * 15, char, size=10, align="centre", colour=_BROWN)
        sheet.text(x + 28, top + 22, f"名称：{company.name}", size=10)
        sheet.text(x + 28, top + 44, f"统一社会信用代码/纳税人识别号：{company.tax_id}", size=9)
        sheet.say(role, f"名称：{company.name}", f"统一社会信用代码/纳税人识别号：{company.tax_id}")
    sheet.rule(middle, top, middle, bottom, colour=_BROWN)


def _table(sheet: PageCanvas, items: list[_Item], subtotal: int, tax: int) -> list[list[str]]:
    edges = [_LEFT]
    for _, wide in _COLUMNS:
        edges.append(edges[-1] + wide)
    total_row = ("合计", "", "", "", "", f"¥{subtotal / 100:.2f}", "", f"¥{tax / 100:.2f}")
    rows = [[name for name, _ in _COLUMNS], *(list(item.cells) for item in items), list(total_row)]
    y = 132.0
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        y = 288.0 if last else y + 22
        for column, cell in enumerate(row):
            if number == 0:
                middle = (edges[column] + edges[column + 1]) / 2
                sheet.text(middle, y - 7, cell, size=9.5, align="centre", colour=_BROWN)
            elif column in (0, 1, 2):
                sheet.text(edges[column] + 4, y - 7, cell, size=9)
            else:
                sheet.text(edges[column + 1] - 4, y - 7, cell, size=9, align="right")
        sheet.say(" ".join(cell for cell in row if cell))
    for edge in edges[1:-1]:
        sheet.rule(edge, 132, edge, 294, colour=_BROWN)
    sheet.rule(_LEFT, 154, _RIGHT, 154, colour=_BROWN)
    sheet.rule(_LEFT, 294, _RIGHT, 294, colour=_BROWN)
    return rows


def _foot(sheet: PageCanvas, total: int, seller: Company, remark: str, drawer: str) -> None:
    words, figures = capital_amount(total), f"（小写）¥{total / 100:.2f}"
    sheet.text(_LEFT + 36, 313, "价税合计（大写）", size=10, colour=_BROWN)
    sheet.text(_LEFT + 178, 313, words, size=10.5, colour=BLACK)
    sheet.text(460, 313, figures, size=10.5)
    sheet.rule(_LEFT, 322, _RIGHT, 322, colour=_BROWN)
    notes = (remark, f"销方开户银行：{seller.bank}", f"银行账号：{seller.account}")
    for k, note in enumerate(notes):
        sheet.text(_LEFT + 60, 342 + 18 * k, note, size=9)
    sheet.text(_LEFT + 14, 360, "备注", size=10, colour=_BROWN)
    sheet.rule(_LEFT + 48, 322, _LEFT + 48, 392, colour=_BROWN)
    sheet.text(_LEFT + 56, 414, f"开票人：{drawer}", size=10)
    sheet.say("价税合计（大写）", words, figures, "备注", *notes, f"开票人：{drawer}")
