"""A packing list that goes with exported goods, every label in Chinese and in English."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import BLUE, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, date_forms
from langchain_hunyuanocr.demo.text_flow import Composed, Draft, Grid, QuestionSpec
from langchain_hunyuanocr.demo.words_both import CITIES, WARES

_PORTS = ("Rotterdam", "Hamburg", "Felixstowe", "Antwerp", "Le Havre", "Genoa", "Gdansk", "Valencia", "Piraeus", "Oslo")


def packing_list(stock: RandomData) -> Draft:
    """One page; fields are those of the preset `waybill`."""
    rng = stock.rng
    seller, buyer = stock.company("zh"), stock.company("en")
    day = stock.day()
    number = stock.code(f"PL-{day.year}-#####")
    port, goal = rng.choice(CITIES), rng.choice(_PORTS)
    container = stock.code("@@@U#######")
    rows, weight, cartons = [["品名 Description", "箱数 Cartons", "数量 Qty", "毛重 G.W. (kg)", "体积 (m³)"]], 0.0, 0
    for goods in rng.sample(WARES, rng.randint(3, 7)):
        boxes, kilos = rng.randint(2, 90), rng.randint(300, 9000) / 10
        cartons, weight = cartons + boxes, weight + kilos
        rows.append(
            [
                f"{goods.zh} {goods.en}",
                str(boxes),
                str(boxes * rng.randint(4, 40)),
                f"{kilos:,.1f}",
                f"{boxes * 0.04:.2f}",
            ]
        )
    rows.append(["合计 Total", str(cartons), "", f"{weight:,.1f}", ""])
    total = f"{weight:,.1f}"
    facts = [
        ("装箱单号 Packing List No.", number),
        ("日期 Date", day.isoformat()),
        ("发货人 Shipper", seller.name),
        ("收货人 Consignee", buyer.name),
        ("装运港 Port of loading", f"{port.zh} {port.en}"),
        ("目的港 Destination", goal),
        ("集装箱号 Container No.", container),
        ("唛头 Marks", f"{buyer.brand.upper()} / {goal.upper()} / C/NO. 1-{cartons}"),
    ]
    sheet = PageCanvas()
    sheet.text(sheet.width / 2, 70, seller.name, size=15, bold=True, align="centre")
    sheet.text(sheet.width / 2, 98, "装箱单 PACKING LIST", size=17, bold=True, align="centre")
    sheet.say(seller.name, "装箱单 PACKING LIST")
    y = 116.0
    for label, value in facts:
        sheet.box(56, y, sheet.width - 56, y + 24)
        sheet.rule(216, y, 216, y + 24)
        sheet.text(62, y + 16, label, size=10)
        sheet.text(223, y + 16, value, size=10.5)
        sheet.say(f"{label} {value}")
        y += 24
    grid = Grid(rows, (3.4, 1.2, 1, 1.5, 1), size=9.5)
    grid.draw(sheet, 56, y + 20, sheet.width - 112)
    y += 20 + grid.height(sheet, sheet.width - 112)
    sheet.text(56, y + 30, "制单 Prepared by:", size=10.5)
    sheet.signature(160, y + 28, rng)
    sheet.stamp(430, y + 40, f"已装箱 {day.month:02d}-{day.day:02d}", size=14, angle=rng.uniform(-10, 10), colour=BLUE)
    sheet.say("制单 Prepared by:")
    sheet.fields.update(
        waybill_number=number, date=day.isoformat(), sender=seller.name, recipient=buyer.name, weight=total
    )
    item, half = rng.choice(rows[1:-1]), rng.randint(0, 1)
    asks = [
        QuestionSpec("field", f"{seller.name}发往国外的货物装在哪个集装箱里？", f"In which container do the goods for {buyer.name} travel?", container),
        QuestionSpec("field", f"装箱单{number}的目的港是哪里？", f"What is the port of destination on packing list {number}?", goal),
        QuestionSpec("field", f"{seller.name}的装箱单是哪天做的？", f"What is the date of the packing list for {buyer.name}?", day.isoformat(), date_forms(day)),
        QuestionSpec("table", f"{number}上{item[0].split()[0]}装了多少箱？", f"How many cartons of {item[0].split(' ', 1)[1].lower()} are on packing list {number}?", item[1], (f"{item[1]}箱",)),
        QuestionSpec("table", f"{seller.name}这批货的总毛重是多少公斤？", f"What is the total gross weight of the goods shipped to {buyer.name}?", total, (f"{total} kg", f"{weight:.1f}")),
    ]  # fmt: skip
    name = f"装箱单 {number}" if half else f"Packing List {buyer.brand} 装箱单"
    return Draft("packing_list", "mixed", name, [Composed(sheet, asks)])
