"""A till receipt, narrow and in typewriter face, laid on the glass of a scanner."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue, date_forms, money
from langchain_hunyuanocr.demo.text_flow import Composed, Draft, QuestionSpec
from langchain_hunyuanocr.demo.words_both import PAYMENTS

_ZH_ITEMS = (
    ("纯牛奶", 4),
    ("全麦面包", 12),
    ("苹果", 9),
    ("矿泉水", 2),
    ("洗衣液", 36),
    ("抽纸", 18),
    ("鸡蛋", 15),
    ("挂面", 8),
    ("酸奶", 7),
    ("牙膏", 14),
    ("大米5kg", 46),
    ("食用油", 69),
)
_EN_ITEMS = (
    ("Milk 1L", 1),
    ("Wholemeal bread", 2),
    ("Apples", 3),
    ("Mineral water", 1),
    ("Washing powder", 8),
    ("Tissues", 3),
    ("Eggs 12", 4),
    ("Spaghetti", 2),
    ("Yoghurt", 1),
    ("Toothpaste", 3),
    ("Olive oil", 9),
    ("Coffee beans", 7),
)
_LABELS: dict[Tongue, tuple[dict[str, str], ...]] = {
    "zh": (
        {"number": "小票号", "date": "日期", "time": "时间", "total": "合计", "paid": "支付方式"},
        {"number": "流水号", "date": "交易日期", "time": "交易时间", "total": "应收", "paid": "付款"},
        {"number": "单据号", "date": "销售日期", "time": "打印时间", "total": "实收金额", "paid": "收款方式"},
    ),
    "en": (
        {"number": "Receipt No", "date": "Date", "time": "Time", "total": "TOTAL", "paid": "Paid by"},
        {"number": "Trans #", "date": "Date", "time": "Time", "total": "Balance due", "paid": "Tender"},
        {"number": "Ticket", "date": "Sold on", "time": "At", "total": "Total to pay", "paid": "Payment method"},
    ),
}


def receipt(stock: RandomData, tongue: Tongue, *, varied: bool = False) -> Draft:
    """One page; fields are those of the preset `receipt`.

    Args:
        stock: Where all names and numbers come from.
        tongue: Chinese or English.
        varied: Whether its labels come from a wider choice than those of an archive.
    """
    rng = stock.rng
    zh = tongue == "zh"
    company = stock.company(tongue)
    shop = (
        f"{company.brand}超市（{company.city}{rng.choice('一二三四五六七八')}店）"
        if zh
        else f"{company.brand} Stores, {company.city}"
    )
    number, day = stock.code("########"), stock.day()
    time = f"{rng.randint(8, 21):02d}:{rng.randint(0, 59):02d}"
    paid = rng.choice(PAYMENTS)
    rows, total = [["品名", "数量", "金额"] if zh else ["Item", "Qty", "Amount"]], 0
    for name, price in rng.sample(_ZH_ITEMS if zh else _EN_ITEMS, rng.randint(4, 8)):
        quantity = rng.randint(1, 5)
        amount = stock.cents(price * 0.8, price * 1.3) * quantity
        total += amount
        rows.append([name, str(quantity), money(amount)])
    sign = "¥" if zh else "£"
    label = rng.choice(_LABELS[tongue]) if varied else _LABELS[tongue][0]
    values = {
        "number": number,
        "date": day.isoformat(),
        "time": time,
        "total": f"{sign}{money(total)}",
        "paid": paid.zh if zh else paid.en,
    }
    sheet = PageCanvas((310.0, 292.0 + 21 * len(rows)), face=Face.TYPEWRITER)
    _print(sheet, shop, rows, label, values, thanks="谢谢惠顾，欢迎再次光临" if zh else "Thank you, please call again")
    sheet.tables.append(rows)
    sheet.fields.update(
        merchant=shop,
        receipt_number=number,
        date=values["date"],
        time=time,
        total=values["total"],
        payment_method=values["paid"],
    )
    item = rng.choice(rows[1:])
    asks = [
        QuestionSpec("field", f"{shop}的小票一共花了多少钱？", f"How much was spent in all at {shop}?", values["total"], (money(total),)),
        QuestionSpec("field", f"{number}号小票是哪天的？", f"What is the date of receipt {number}?", values["date"], date_forms(day)),
        QuestionSpec("field", f"在{shop}购物用的什么方式付款？", f"How was the purchase at {shop} paid?", values["paid"], (paid.zh, paid.en)),
        QuestionSpec("table", f"小票{number}上“{item[0]}”花了多少钱？", f"What was paid for “{item[0]}” on receipt {number}?", item[2], (f"{sign}{item[2]}",)),
    ]  # fmt: skip
    name = f"{company.brand}超市小票 {day.isoformat()}" if zh else f"receipt {company.brand} {day.isoformat()}"
    return Draft("receipt", tongue, name, [Composed(sheet, asks)])


def _print(
    sheet: PageCanvas, shop: str, rows: list[list[str]], label: dict[str, str], values: dict[str, str], *, thanks: str
) -> None:
    left, right, y = 34.0, sheet.width - 34, 62.0
    sheet.text(sheet.width / 2, y, shop, size=12.5 if len(shop) < 26 else 10.5, bold=True, align="centre")
    sheet.say(shop)
    for key in ("number", "date", "time"):
        y += 20
        sheet.text(left, y, f"{label[key]}: {values[key]}", size=10.5)
        sheet.say(f"{label[key]}: {values[key]}")
    y += 12
    sheet.rule(left, y, right, y)
    for row in rows:
        y += 21
        sheet.text(left, y, row[0], size=10.5)
        sheet.text(left + 168, y, row[1], size=10.5, align="right")
        sheet.text(right, y, row[2], size=10.5, align="right")
        sheet.say(" ".join(row))
    y += 10
    sheet.rule(left, y, right, y)
    sheet.text(left, y + 24, label["total"], size=13, bold=True)
    sheet.text(right, y + 24, values["total"], size=13, bold=True, align="right")
    sheet.text(left, y + 48, f"{label['paid']}: {values['paid']}", size=10.5)
    sheet.text(sheet.width / 2, y + 84, thanks, size=10, align="centre")
    sheet.say(f"{label['total']} {values['total']}", f"{label['paid']}: {values['paid']}", thanks)
