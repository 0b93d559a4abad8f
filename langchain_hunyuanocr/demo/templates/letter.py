"""A letter: typed on a machine in English, or an official letter between companies in Chinese."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

import datetime as dt

from langchain_hunyuanocr.demo.page_canvas import LETTER, Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue, date_en, date_forms, date_zh
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Drawing, Paragraph, QuestionSpec, run
from langchain_hunyuanocr.demo.words_both import CITIES, WARES


def letter(stock: RandomData, tongue: Tongue) -> Draft:
    """One page."""
    return _chinese(stock) if tongue == "zh" else _typed(stock)


def _typed(stock: RandomData) -> Draft:
    rng = stock.rng
    sender, receiver = stock.company("en"), stock.company("en")
    author, reader, clerk = stock.people("en", 3)
    day = stock.day(1962, 1988)
    visit = day + dt.timedelta(days=rng.randint(14, 90))
    ship = f"{rng.choice(('SS', 'MV'))} {stock.fresh(lambda: rng.choice(('Northern', 'Silver', 'Ocean', 'Royal', 'Eastern', 'Grey', 'Southern', 'Lady', 'Harbour', 'Golden')) + ' ' + rng.choice(('Star', 'Heron', 'Pioneer', 'Crown', 'Venture', 'Beacon', 'Margaret', 'Petrel', 'Dawn', 'Thistle', 'Courier', 'Lark')))}"
    goods, crates, weight = rng.choice(WARES), rng.randint(6, 480), rng.randint(2, 95)
    file = stock.code("@@/###/@")
    price = stock.round_sum(900, 48_000)
    body: list[tuple[str, tuple[QuestionSpec, ...]]] = [
        (f"Thank you for your letter of {date_en(day - dt.timedelta(days=rng.randint(5, 20)))}, which {author} has passed to me. "
         f"{rng.choice(('I am glad to say that the matter is now settled.', 'I regret the long delay in answering.', 'We have looked into every point that you raise.'))}", ()),
        (f"The consignment of {crates} crates of {goods.inner_en}, weighing {weight} tons in all, left the quay on Tuesday aboard the {ship}. "
         f"{rng.choice(('The weather being fair, she should make the crossing in nine days.', 'The master reports that the hatches were dry and the lashings sound.', 'A copy of the bill of lading is enclosed.'))}", (
            QuestionSpec("text", f"{sender.name} 的货物装上了哪条船？", f"On which ship did {sender.name} send its consignment?", ship),
            QuestionSpec("text", f"{ship} 上装了多少箱货物？", f"How many crates went aboard the {ship}?", f"{crates} crates", (str(crates), f"{crates}箱")))),
        (f"We agree to the price of ${price:,} free on board, less {rng.choice((2, 3, 5))} per cent for payment within the month. "
         f"{rng.choice(('Our bankers have been told to expect your draft.', 'I must ask you to treat this figure as confidential.', 'No further reduction can be considered this season.'))}", (
            QuestionSpec("text", f"{sender.name} 给 {receiver.name} 的信中同意的价格是多少？", f"What price did {sender.name} accept in its letter to {receiver.name}?", f"${price:,}", (f"{price:,}",)),)),
        (f"{author} intends to call on you on {date_en(visit)} to inspect the new plant and would be obliged if a room could be taken "
         f"at the {rng.choice(('Station', 'Grand', 'Commercial', 'Wharf', 'Crown'))} Hotel. "
         f"{rng.choice(('One of the party eats no meat.', 'The party will number three.', 'A car from the station would be welcome.'))}", (
            QuestionSpec("text", f"{author} 打算哪天去拜访 {receiver.name}？", f"On what day does {author} plan to visit {receiver.name}?", date_en(visit), date_forms(visit)),)),
        (rng.choice((
            "The samples that you returned have been tested again. Two of the twelve fell short of the standard, and the foreman has been spoken to.",
            "As to the drawings, the third sheet was damaged in the post. I should be grateful for another copy at your earliest convenience.",
            "Mr. Harding, whom you will remember, has retired after thirty-one years with the firm. His desk is taken by his nephew.")), ()),
    ]  # fmt: skip
    blocks: list[Block] = [
        Paragraph(sender.name.upper(), size=13, bold=True, align="centre", after=2),
        Paragraph(sender.address, size=10, align="centre", after=22),
        Paragraph(f"Our ref. {file}", size=11, after=2),
        Paragraph(date_en(day), size=11, after=16, asks=(QuestionSpec("field", f"编号 {file} 的信写于哪一天？", f"When was the letter with the reference {file} written?", date_en(day), date_forms(day)),)),
        *[Paragraph(line, size=11, after=1) for line in (reader, receiver.name)],
        Paragraph(receiver.address, size=11, after=14),
        Paragraph(f"Dear {reader},", size=11, after=8),
        *[Paragraph(text, size=11, leading=1.55, after=10, asks=asks) for text, asks in body],
        _close(stock, "Yours faithfully,", clerk),
    ]  # fmt: skip
    pages = run(blocks, lambda number: PageCanvas(LETTER, dpi=200, face=Face.TYPEWRITER))  # noqa: ARG005
    return Draft("letter", "en", f"Letter {sender.brand} to {receiver.brand}", pages[:1])


def _chinese(stock: RandomData) -> Draft:
    rng = stock.rng
    sender, receiver = stock.company("zh"), stock.company("zh")
    day = stock.day()
    number = stock.code(f"函〔{day.year}〕###号")
    meeting, place = day + dt.timedelta(days=rng.randint(10, 40)), rng.choice(CITIES).zh
    contact, phone = stock.person("zh"), f"1{rng.choice('35789')}{stock.digits(9)}"
    goods, owed = rng.choice(WARES), stock.round_sum(20_000, 900_000)
    month = rng.randint(1, 12)
    body: list[tuple[str, tuple[QuestionSpec, ...]]] = [
        (f"贵我双方自{rng.randint(2008, 2018)}年建立合作关系以来，在{goods.zh}供应方面配合顺畅，对此我司深表感谢。", ()),
        (f"经财务部门核对，截至{day.year}年{month}月末，贵司尚有货款人民币{owed:,}元未付，请贵司于收函后十五个工作日内核实并安排支付；如已付款，请将付款凭证复印件传至我司。", (
            QuestionSpec("text", f"{sender.name}说{receiver.name}还欠多少货款？", f"How much does {receiver.name} still owe {sender.name}?", f"{owed:,}元", (f"{owed:,}", str(owed), f"人民币{owed:,}元")),)),
        (f"{rng.choice(('近期部分批次的包装出现受潮现象', '个别型号的到货时间多次推迟', '新版图纸的公差要求与原合同不一致', '仓库搬迁后收货地址发生变化'))}，为避免影响双方生产计划，"
         f"建议于{date_zh(meeting)}在{place}召开一次协调会，由双方采购、质量和物流负责人参加。", (
            QuestionSpec("text", f"{sender.name}建议哪天开协调会？", f"On which day does {sender.name} propose to hold the coordination meeting?", date_zh(meeting), date_forms(meeting)),
            QuestionSpec("text", f"{number}建议在哪个城市开会？", f"In which city does the letter {number} propose to meet?", place))),
        (f"联系人：{contact}，电话：{phone}。", (
            QuestionSpec("field", f"{sender.name}来函的联系电话是多少？", f"What phone number does {sender.name} give in its letter?", phone),
            QuestionSpec("field", f"{number}的联系人叫什么？", f"Who is the contact person in the letter {number}?", contact))),
        ("专此函达，盼复为荷。", ()),
    ]  # fmt: skip

    def close(sheet: PageCanvas, x: float, y: float, width: float) -> None:
        sheet.text(x + width, y + 40, sender.name, size=13, align="right")
        sheet.text(x + width - 20, y + 66, date_zh(day), size=13, align="right")
        sheet.seal(x + width - 80, y + 52, sender.name, angle=rng.uniform(-20, 20))
        sheet.say(sender.name, date_zh(day))

    title = rng.choice(("关于货款支付及召开协调会的函", "关于供货事宜的函", "工作联系函"))
    blocks: list[Block] = [
        Paragraph(title, size=19, bold=True, align="centre", after=8),
        Paragraph(number, size=11, align="centre", after=26),
        Paragraph(f"{receiver.name}：", size=13, after=8),
        *[Paragraph(text, size=13, leading=1.9, indent=26, after=4, asks=asks) for text, asks in body],
        Drawing(130, close),
    ]
    pages = run(blocks, lambda number: PageCanvas())  # noqa: ARG005 - every page is alike
    return Draft("letter", "zh", f"{sender.brand}致{receiver.brand}的函", pages[:1])


def _close(stock: RandomData, formula: str, author: str) -> Drawing:
    def paint(sheet: PageCanvas, x: float, y: float, width: float) -> None:
        middle = x + width / 2
        sheet.text(middle, y + 20, formula, size=11)
        sheet.signature(middle + 4, y + 50, stock.rng, width=120)
        sheet.text(middle, y + 84, author, size=11)
        sheet.say(formula, author)

    return Drawing(96, paint)
