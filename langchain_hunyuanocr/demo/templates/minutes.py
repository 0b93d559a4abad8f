"""Minutes of a board meeting in Chinese or in English: who was there, what was decided, who is to do it by when."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from langchain_hunyuanocr.demo.page_canvas import Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue, date_en, date_forms, date_zh
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Drawing, Grid, Paragraph, QuestionSpec, run
from langchain_hunyuanocr.demo.words_both import POSTS, Pair


@dataclass(frozen=True, slots=True)
class _Item:
    project: Pair
    city: Pair
    owner: str
    budget: int
    """Units of ten thousand yuan in Chinese, thousand pounds in English."""
    due: dt.date
    votes: tuple[int, int]


def minutes(stock: RandomData, tongue: Tongue) -> Draft:
    """One or two pages."""
    company, day = stock.company(tongue), stock.day()
    people = stock.people(tongue, 6)
    items = []
    for _ in range(stock.rng.randint(4, 5)):
        project, city = stock.undertaking()
        against = stock.rng.randint(0, 2)
        items.append(
            _Item(
                project, city, stock.rng.choice(people[1:]), stock.rng.randint(60, 4800),
                day + dt.timedelta(days=stock.rng.randint(60, 700)), (6 - against, against),
            )
        )  # fmt: skip
    write = _chinese if tongue == "zh" else _english
    blocks = write(stock, company.name, day, people, items)
    foot = (
        (lambda p, c: f"{company.name}董事会会议纪要　{p}/{c}")
        if tongue == "zh"
        else (lambda p, c: f"{company.name}, minutes of the board, {p} of {c}")
    )
    dpi = 170 if tongue == "zh" else 200
    face = stock.rng.choice((Face.SERIF, Face.SANS))
    pages = run(blocks, lambda number: PageCanvas(dpi=dpi, face=face), foot=foot)  # noqa: ARG005 - every page is alike
    name = (
        f"{company.brand}董事会会议纪要 {day.isoformat()}"
        if tongue == "zh"
        else f"{company.brand} Board Minutes {day.isoformat()}"
    )
    return Draft("minutes", tongue, name, pages)


def _chinese(stock: RandomData, company: str, day: dt.date, people: list[str], items: list[_Item]) -> list[Block]:
    rng = stock.rng
    posts = [POSTS[0], *rng.sample(POSTS[1:], 5)]
    session = rng.choice("一二三四五六七八九")
    room = f"总部{rng.randint(2, 18)}楼{rng.choice(('第一', '第二', '东侧', '多功能'))}会议室"
    blocks: list[Block] = [
        Paragraph(f"{company}", size=15, bold=True, align="centre", after=2),
        Paragraph(f"第{session}届董事会第{rng.choice('一二三四五六七八九十')}次会议纪要", size=15, bold=True, align="centre", after=14),
        Paragraph(f"时间：{date_zh(day)}（{'一二三四五六日'[day.weekday()]}）{rng.randint(9, 15)}:{rng.choice(('00', '30'))}", size=11, asks=(QuestionSpec(
            "field", f"{company}的董事会是哪天开的？", f"On what day did the board of {company} meet?", date_zh(day), date_forms(day)),)),
        Paragraph(f"地点：{room}", size=11, asks=(QuestionSpec("field", f"{company}的董事会在哪个会议室开？", f"In which room did the board of {company} meet?", room),)),
        Paragraph(f"主持人：{people[0]}（董事长）　　记录人：{people[5]}", size=11, asks=(QuestionSpec(
            "field", f"谁主持了{company}的董事会？", f"Who chaired the board meeting of {company}?", people[0]),)),
        Paragraph("出席：" + "、".join(f"{name}（{post.zh}）" for name, post in zip(people, posts, strict=True)), size=11, after=12),
        Paragraph(f"会议由{people[0]}主持，符合公司章程规定的法定人数。与会董事听取了经营层的汇报，经充分讨论，形成以下决议：", size=11, indent=22, leading=1.7),
    ]  # fmt: skip
    reasons = rng.sample((
        "现有设施已连续两年超负荷运行，旺季交货期平均延长了九天", "去年第四季度的客户投诉中有近三成与此有关", "当地主管部门要求在两年内完成整改",
        "测算表明投资回收期约为四年半，低于董事会确定的标准", "竞争对手已先行投入，公司在该地区的市场份额有所下滑"), len(items))  # fmt: skip
    for k, (item, why) in enumerate(zip(items, reasons, strict=True)):
        p, c = item.project, item.city
        how = rng.choice(
            (
                "所需资金由自有资金解决。",
                "所需资金的六成通过银行贷款筹集。",
                "资金分两年列入预算。",
                "要求每季度向董事会报告一次进展。",
            )
        )
        blocks += [
            Paragraph(f"{'一二三四五六'[k]}、关于{c.zh}{p.zh}项目", size=11.5, bold=True, heads=True),
            Paragraph(f"会议认为，{why}。会议同意实施{c.zh}{p.zh}项目，总投资不超过{item.budget}万元，由{item.owner}牵头负责，于{date_zh(item.due)}前完成。{how}", size=11, indent=22, leading=1.7, asks=(
                QuestionSpec("text", f"董事会给{c.zh}的{p.zh}项目批了多少钱？", f"What budget did the board approve for the {p.en} in {c.en}?",
                    f"{item.budget}万元", (f"{item.budget}万", f"{item.budget}0000元", f"{item.budget / 100:g} million yuan")),
                QuestionSpec("text", f"{c.zh}{p.zh}这件事由谁负责？", f"Who is responsible for the {p.en} in {c.en}?", item.owner),
                QuestionSpec("text", f"{c.zh}的{p.zh}要在什么时候之前做完？", f"When is the {p.en} in {c.en} to be finished?", date_zh(item.due), date_forms(item.due)),
            )),
            Paragraph(f"表决结果：同意{item.votes[0]}票，反对{item.votes[1]}票，弃权0票。", size=11, indent=22, after=9, asks=(QuestionSpec(
                "text", f"表决{c.zh}{p.zh}项目时有几票反对？", f"How many directors voted against the {p.en} in {c.en}?", f"{item.votes[1]}票", (str(item.votes[1]),)),)),
        ]  # fmt: skip
    told_again = tuple(ask for block in blocks for ask in block.asks[1:3] if len(block.asks) == 3)
    rows = [
        ["事项", "负责人", "完成期限"],
        *([f"{i.city.zh}{i.project.zh}", i.owner, i.due.isoformat()] for i in items),
    ]
    blocks.append(Grid(rows, (2.6, 1, 1.2), caption="任务分工表", numbers_from=3, size=10, asks=told_again))
    return [*blocks, _signed(stock, "董事长签字：", date_zh(day))]


def _english(stock: RandomData, company: str, day: dt.date, people: list[str], items: list[_Item]) -> list[Block]:
    rng = stock.rng
    posts = [POSTS[0], *rng.sample(POSTS[1:], 5)]
    place = f"{rng.choice(('Conference Room', 'Board Room', 'Meeting Room'))} {rng.randint(1, 14)}, {rng.choice(('head office', 'the works', 'the north building'))}"
    blocks: list[Block] = [
        Paragraph(company, size=16, bold=True, align="centre", after=2),
        Paragraph("Minutes of the Meeting of the Board of Directors", size=13.5, bold=True, align="centre", after=14),
        Paragraph(f"Date: {date_en(day)}, {rng.randint(9, 15)}.{rng.choice(('00', '15', '30'))}", size=11, asks=(QuestionSpec(
            "field", f"{company} 的董事会在哪一天召开？", f"When did the directors of {company} meet?", date_en(day), date_forms(day)),)),
        Paragraph(f"Place: {place}", size=11, asks=(QuestionSpec(
            "field", f"{company} 的董事会在哪里召开？", f"Where did the directors of {company} meet?", place),)),
        Paragraph(f"Present: {', '.join(f'{n} ({p.en})' for n, p in zip(people[:5], posts, strict=False))}", size=11),
        Paragraph(f"Minutes taken by: {people[5]}", size=11, after=12, asks=(QuestionSpec(
            "field", f"{company} 董事会的会议记录人是谁？", f"Who took the minutes at the board of {company}?", people[5]),)),
        Paragraph("The chair opened the meeting and found that a quorum was present. The minutes of the previous meeting were approved without change.", size=11),
    ]  # fmt: skip
    reasons = rng.sample((
        "Complaints from customers in the region have risen for three quarters in a row.",
        "The present arrangement has run beyond its rated capacity since last autumn.",
        "The insurers have asked for the matter to be settled before the policy is renewed.",
        "A study by outside consultants puts the payback at a little under five years.",
        "Two competitors have announced similar plans, and the sales team fears for its largest account."), len(items))  # fmt: skip
    for k, (item, why) in enumerate(zip(items, reasons, strict=True), 1):
        p, c = item.project, item.city
        how = rng.choice(
            (
                "The money comes from reserves.",
                "Three fifths will be borrowed.",
                "Quarterly reports are to be made to the board.",
                "The contract is to be put out to tender.",
            )
        )
        blocks += [
            Paragraph(f"{k}. {p.en[0].upper() + p.en[1:]}, {c.en}", size=11.5, bold=True, heads=True),
            Paragraph(f"{why} After discussion it was resolved to go ahead with the {p.en} in {c.en} at a cost of no more than £{item.budget * 1000:,}. "
                      f"{item.owner} will lead the work, which is to be complete by {date_en(item.due)}. {how}", size=11, asks=(
                QuestionSpec("text", f"{c.zh}的{p.zh}项目最多可以花多少钱？", f"How much may the {p.en} in {c.en} cost at most?", f"£{item.budget * 1000:,}", (f"{item.budget * 1000:,}",)),
                QuestionSpec("text", f"{c.zh}{p.zh}项目由谁牵头？", f"Who leads the work on the {p.en} in {c.en}?", item.owner),
                QuestionSpec("text", f"{c.zh}{p.zh}项目要求哪天完成？", f"What is the deadline for the {p.en} in {c.en}?", date_en(item.due), date_forms(item.due)),
            )),
            Paragraph(f"In favour: {item.votes[0]}. Against: {item.votes[1]}. Carried.", size=11, after=9, asks=(QuestionSpec(
                "text", f"{c.zh}{p.zh}的决议有几票赞成？", f"How many votes were cast in favour of the {p.en} in {c.en}?", str(item.votes[0])),)),
        ]  # fmt: skip
    told_again = tuple(ask for block in blocks for ask in block.asks[1:3] if len(block.asks) == 3)
    rows = [["Action", "Owner", "Due"], *([f"{i.project.en}, {i.city.en}", i.owner, i.due.isoformat()] for i in items)]
    blocks.append(Grid(rows, (2.8, 1.3, 0.9), caption="Actions", numbers_from=3, size=9.5, asks=told_again))
    return [*blocks, _signed(stock, "Signed by the chair:", date_en(day))]


def _signed(stock: RandomData, label: str, day: str) -> Drawing:
    def paint(sheet: PageCanvas, x: float, y: float, width: float) -> None:
        end = sheet.text(x, y + 32, label, size=11)
        sheet.signature(end + 18, y + 30, stock.rng)
        sheet.text(x + width, y + 32, day, size=11, align="right")
        sheet.say(f"{label} {day}")

    return Drawing(56, paint)
