"""An English sales invoice: letterhead, numbers at the right, a ruled table of items, totals below."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

import datetime as dt

from langchain_hunyuanocr.demo.page_canvas import A4, BLUE, GREY, LETTER, RED, Align, Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import Company, RandomData, date_en, date_forms, money
from langchain_hunyuanocr.demo.text_flow import Composed, Draft, Grid, QuestionSpec
from langchain_hunyuanocr.demo.words_both import GOODS

_CURRENCIES = (("USD", "$"), ("GBP", "£"), ("EUR", "EUR "))
_LABELS = (
    {"number": "Invoice No.", "date": "Invoice date", "due": "Due date", "order": "Your order", "total": "Total due"},
    {"number": "Invoice Number", "date": "Date", "due": "Payment due", "order": "PO Number", "total": "Amount due"},
    {"number": "Invoice #", "date": "Date of issue", "due": "Due by", "order": "Reference", "total": "TOTAL"},
)
_MORE_LABELS = (
    {"number": "Document No", "date": "Issued", "due": "Payable by", "order": "Ref", "total": "Amount payable"},
    {"number": "Tax Invoice No.", "date": "Tax point", "due": "Please pay by", "order": "Order", "total": "To pay"},
    {"number": "Inv. No.", "date": "Invoiced on", "due": "Due", "order": "Customer ref.", "total": "Grand Total"},
)
"""Other words of trade, for papers that are no part of an archive."""


def invoice(stock: RandomData, *, varied: bool = False) -> Draft:
    """One page; fields are those of the preset `invoice`.

    Args:
        stock: Where all names and numbers come from.
        varied: Whether its labels come from a wider choice than those of an archive.
    """
    rng = stock.rng
    seller, buyer = stock.company("en"), stock.company("en")
    day = stock.day()
    number = stock.code(rng.choice((f"INV-{day.year}-#####", "@@-#####", "#######", f"SI/{day.year % 100}/####")))
    due = day + dt.timedelta(days=rng.choice((14, 30, 45, 60)))
    code, sign = rng.choice(_CURRENCIES)
    labels = rng.choice((*_LABELS, *_MORE_LABELS) if varied else _LABELS)
    sheet = PageCanvas(rng.choice((A4, LETTER)), face=rng.choice((Face.SANS, Face.SERIF)))

    top = _letterhead(sheet, seller, rng.random() < 0.5)
    facts = [
        (labels["number"], number),
        (labels["date"], date_en(day)),
        (labels["due"], date_en(due)),
        (labels["order"], stock.code("PO-######")),
    ]
    _meta(sheet, facts, top, framed=rng.random() < 0.5)
    _bill_to(sheet, buyer, top)
    rows, subtotal = _rows(stock)
    grid = Grid(rows, (0.9, 3.4, 0.8, 1.1, 1.3), ruled=rng.random() < 0.6, numbers_from=2, size=10)
    y = top + 122
    grid.draw(sheet, 56, y, sheet.width - 112)
    y += grid.height(sheet, sheet.width - 112) + 6
    rate = rng.choice((5, 8, 10, 20))
    tax = round(subtotal * rate / 100)
    _totals(
        sheet,
        y,
        [("Subtotal", f"{sign}{money(subtotal)}"), (f"VAT {rate}%", f"{sign}{money(tax)}")],
        (labels["total"], f"{sign}{money(subtotal + tax)}"),
    )
    _payment(sheet, y + 104, seller, code, number)
    if rng.random() < 0.6:
        paid = rng.random() < 0.4
        sheet.stamp(170, y + 44, "PAID" if paid else f"RECEIVED {due.day:02d} {date_en(due).split()[1][:3].upper()} {due.year}",
                    angle=rng.uniform(-12, 12), colour=RED if paid else BLUE)  # fmt: skip
    sheet.fields.update(
        invoice_number=number,
        date=date_en(day),
        due_date=date_en(due),
        seller=seller.name,
        buyer=buyer.name,
        subtotal=f"{sign}{money(subtotal)}",
        tax=f"{sign}{money(tax)}",
        total=f"{sign}{money(subtotal + tax)}",
        currency=code,
    )
    page = Composed(
        sheet, _asks(seller, buyer, number, rows, day, due, f"{sign}{money(subtotal + tax)}", subtotal + tax)
    )
    return Draft("invoice", "en", f"Invoice {seller.brand} {day.year}-{day.month:02d}", [page])


def _letterhead(sheet: PageCanvas, seller: Company, centred: bool) -> float:
    x = sheet.width / 2 if centred else 56
    align: Align = "centre" if centred else "left"
    sheet.text(x, 66, seller.name, size=19, bold=True, align=align)
    contact = f"Tel. {seller.phone}   VAT reg. {seller.tax_id}"
    sheet.text(x, 84, seller.address, size=9.5, align=align, colour=GREY)
    sheet.text(x, 98, contact, size=9.5, align=align, colour=GREY)
    sheet.rule(56, 108, sheet.width - 56, 108, weight=1.2)
    sheet.text(56, 144, "INVOICE", size=22, bold=True)
    sheet.say(seller.name, seller.address, contact, "INVOICE")
    return 150.0


def _meta(sheet: PageCanvas, facts: list[tuple[str, str]], top: float, *, framed: bool) -> None:
    left, right = sheet.width - 256, sheet.width - 56
    for k, (label, value) in enumerate(facts):
        y = top + 26 + 19 * k
        if framed:
            sheet.box(left, y - 13, right, y + 6)
            sheet.rule(left + 90, y - 13, left + 90, y + 6)
        sheet.text(left + 5, y, label if framed else f"{label}:", size=10, bold=True)
        sheet.text(left + 96, y, value, size=10)
        sheet.say(f"{label} {value}" if framed else f"{label}: {value}")


def _bill_to(sheet: PageCanvas, buyer: Company, top: float) -> None:
    street, _, town = buyer.address.partition(", ")
    lines = ("Bill to:", buyer.name, street, town)
    for k, line in enumerate(lines):
        sheet.text(56, top + 26 + 16 * k, line, size=10.5, bold=k == 0)
    sheet.say(*lines)


def _rows(stock: RandomData) -> tuple[list[list[str]], int]:
    rows, subtotal = [["Item", "Description", "Qty", "Unit price", "Amount"]], 0
    for goods in stock.rng.sample(GOODS, stock.rng.randint(3, 8)):
        quantity = stock.rng.randint(1, 60)
        price = stock.cents(goods.price * 0.1, goods.price * 0.2)
        subtotal += price * quantity
        rows.append([stock.code("@@-####"), goods.en, str(quantity), money(price), money(price * quantity)])
    return rows, subtotal


def _totals(sheet: PageCanvas, y: float, parts: list[tuple[str, str]], total: tuple[str, str]) -> None:
    right = sheet.width - 60
    for k, (label, value) in enumerate(parts):
        sheet.text(right - 200, y + 16 + 18 * k, label, size=10.5)
        sheet.text(right, y + 16 + 18 * k, value, size=10.5, align="right")
        sheet.say(f"{label} {value}")
    y += 18 * len(parts) + 8
    sheet.rule(right - 206, y, right + 4, y, weight=1.0)
    sheet.text(right - 200, y + 17, total[0], size=12, bold=True)
    sheet.text(right, y + 17, total[1], size=12, bold=True, align="right")
    sheet.say(f"{total[0]} {total[1]}")


def _payment(sheet: PageCanvas, y: float, seller: Company, currency: str, number: str) -> None:
    lines = (
        f"Please pay in {currency} to {seller.bank}, account {seller.account},",
        f"quoting {number}. Interest of 1.5% a month is charged on overdue sums.",
    )
    for k, line in enumerate(lines):
        sheet.text(56, y + 15 * k, line, size=9.5)
    sheet.say(*lines)


def _asks(
    seller: Company,
    buyer: Company,
    number: str,
    rows: list[list[str]],
    day: dt.date,
    due: dt.date,
    total: str,
    cents: int,
) -> list[QuestionSpec]:
    item = max(rows[1:], key=lambda row: float(row[4].replace(",", "")))
    return [
        QuestionSpec(
            "field",
            f"{seller.name} 开出的发票应付总额是多少？",
            f"How much do we owe {seller.name} in total?",
            total,
            (money(cents), f"{cents / 100:.2f}"),
        ),
        QuestionSpec(
            "field",
            f"{number} 号发票最迟什么时候付款？",
            f"By when does invoice {number} have to be paid?",
            date_en(due),
            date_forms(due),
        ),
        QuestionSpec(
            "field",
            f"{seller.name} 给 {buyer.name} 的发票是哪天开的？",
            f"When did {seller.name} bill {buyer.name}?",
            date_en(day),
            date_forms(day),
        ),
        QuestionSpec(
            "field",
            f"{seller.name} 的发票号是多少？",
            f"Which number does the invoice from {seller.name} carry?",
            number,
        ),
        QuestionSpec(
            "table",
            f"{seller.name} 的发票里，{item[1]} 买了多少？",
            f"How many of the item “{item[1]}” did {seller.name} invoice?",
            item[2],
        ),
        QuestionSpec(
            "table",
            f"发票 {number} 上货号 {item[0]} 的单价是多少？",
            f"What is the unit price of article {item[0]} on invoice {number}?",
            item[3],
        ),
    ]
