"""An English lease or service agreement over several pages, its reference at the head of each."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from langchain_hunyuanocr.demo.page_canvas import LETTER, Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import Company, RandomData, date_en, date_forms
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Drawing, Grid, Paragraph, QuestionSpec, run
from langchain_hunyuanocr.demo.words_both import PROJECTS, Pair

_Clause = tuple[str, tuple[QuestionSpec, ...]]


@dataclass(frozen=True, slots=True)
class _Deal:
    number: str
    client: Company
    supplier: Company
    subject: Pair
    fee: int
    """Pounds."""
    start: dt.date
    end: dt.date
    signed: dt.date
    notice: int
    penalty: str
    pay_days: int
    cover: int
    """Pounds of insurance."""
    engineer: str


def contract_en(stock: RandomData) -> Draft:
    """Two to four pages; the first carries the fields of the preset `contract`."""
    deal = _deal(stock)
    opening = _opening(deal, stock)
    told_again = tuple(ask for block in opening for ask in block.asks if ask.answer == deal.supplier.name)
    pages = run(
        [*opening, *_clauses(deal, stock), _signatures(deal, stock, told_again)],
        lambda number: PageCanvas(LETTER, face=Face.SERIF),  # noqa: ARG005 - every page is alike
        head=f"Agreement {deal.number}",
        foot=lambda page, count: f"Page {page} of {count}",
    )
    pages[0].sheet.fields.update(
        contract_number=deal.number,
        party_a=deal.client.name,
        party_b=deal.supplier.name,
        date=date_en(deal.signed),
        amount=f"£{deal.fee:,}",
    )
    return Draft("contract", "en", f"Agreement {deal.client.brand} - {deal.supplier.brand}", pages)


def _deal(stock: RandomData) -> _Deal:
    rng = stock.rng
    signed = stock.day()
    start = signed + dt.timedelta(days=rng.randint(10, 50))
    return _Deal(
        number=stock.code(f"SA/{signed.year}/@####"),
        client=stock.company("en"),
        supplier=stock.company("en"),
        subject=rng.choice(PROJECTS),
        fee=stock.round_sum(40_000, 3_000_000),
        start=start,
        end=start + dt.timedelta(days=rng.choice((365, 540, 730, 1095))),
        signed=signed,
        notice=rng.choice((30, 45, 60, 90, 120)),
        penalty=rng.choice(("0.1%", "0.2%", "0.25%", "0.5%", "0.75%")),
        pay_days=rng.choice((14, 21, 28, 30, 45)),
        cover=rng.choice((500_000, 1_000_000, 2_000_000, 3_500_000, 5_000_000)),
        engineer=stock.person("en"),
    )


def _opening(deal: _Deal, stock: RandomData) -> list[Block]:
    n, client, supplier = deal.number, deal.client, deal.supplier
    parts = (
        ("On signature", 20),
        ("Design approved", 25),
        ("Work half complete", 30),
        ("Handover", 20),
        ("End of defects period", 5),
    )
    rows = [["Stage", "Event", "Share", "Sum (£)"]]
    for k, (event, share) in enumerate(parts, 1):
        rows.append([str(k), event, f"{share}%", f"{deal.fee * share / 100:,.2f}"])
    asked = stock.rng.randint(2, 4)
    return [
        Paragraph("SERVICES AGREEMENT", size=20, bold=True, align="centre", after=6),
        Paragraph(f"dated {date_en(deal.signed)}", size=11, align="centre", after=14, asks=(QuestionSpec(
            "field", f"{client.name} 的服务协议（{n}）是哪天签的？", f"What is the date of agreement {n}?",
            date_en(deal.signed), date_forms(deal.signed)),)),
        Paragraph(f"Party A (the Client): {client.name}, of {client.address}", size=11),
        Paragraph(f"Party B (the Supplier): {supplier.name}, of {supplier.address}", size=11, after=12, asks=(QuestionSpec(
            "field", f"{client.name} 的服务协议是和哪家公司签的？", f"Which company supplies the services to {client.name}?", supplier.name),)),
        Paragraph(
            f"The Client wishes to have the following carried out at its premises in {client.city}: {deal.subject.en} (the Works). The "
            f"Supplier has the skill and staff to do so and has inspected the premises. The parties therefore agree as follows.",
            size=11, after=10),
        Paragraph("1. Price and stages of payment", size=12, bold=True, heads=True),
        Paragraph(
            f"For the whole of the Works the Client shall pay a fixed price of £{deal.fee:,}, exclusive of value added tax, in the stages "
            f"of the schedule below. The price is not adjusted for changes in wages or materials.", size=11, asks=(QuestionSpec(
                "text", f"协议 {n} 的固定价格是多少？", f"What does {client.name} pay {supplier.name} for the whole of the works?",
                f"£{deal.fee:,}", (f"{deal.fee:,}", f"GBP {deal.fee:,}", f"£{deal.fee:,}.00")),)),
        Grid(rows, (0.6, 2.6, 0.9, 1.4), caption="Schedule of payments", numbers_from=2, asks=(QuestionSpec(
            "table", f"协议 {n} 中“{rows[asked][1]}”阶段应付多少英镑？",
            f"Under agreement {n}, what sum is due at the stage “{rows[asked][1].lower()}”?", rows[asked][3]),)),
        Paragraph(
            f"Each invoice is payable within {deal.pay_days} days of receipt. A sum in dispute may be held back, provided that the Client "
            f"gives its reasons in writing; the remainder is paid on time.", size=11, after=10, asks=(QuestionSpec(
                "text", f"协议 {n} 规定收到发票后多少天付款？", f"How many days does {client.name} have to pay the invoices of {supplier.name}?",
                f"{deal.pay_days} days", (str(deal.pay_days), f"{deal.pay_days}天")),)),
    ]  # fmt: skip


def _clauses(deal: _Deal, stock: RandomData) -> list[Block]:
    rng, n, client, supplier = stock.rng, deal.number, deal.client, deal.supplier
    clauses: list[tuple[str, list[_Clause]]] = [
        ("Duration", [(
            f"Work begins on {date_en(deal.start)} and shall be complete by {date_en(deal.end)}. The Supplier keeps a programme, brought up to "
            f"date each month, which shows the progress of every trade.", (QuestionSpec(
                "text", f"{supplier.name} 的工程必须在哪天之前完工？", f"By which date must {supplier.name} have finished the works?",
                date_en(deal.end), date_forms(deal.end)),))]),
        ("Delay", [(
            f"Where completion is late for reasons that lie with the Supplier, it shall allow the Client {deal.penalty} of the price for each full "
            f"week of delay, up to one tenth of the price in all. Delay caused by the Client, by its other contractors or by weather that could "
            f"not be foreseen gives the Supplier a fair extension.", (QuestionSpec(
                "text", f"按照协议 {n}，每延误一周扣多少？", f"How much is deducted for each week of delay under agreement {n}?",
                deal.penalty, (f"{deal.penalty} of the price",)),))]),
        ("Supervision", [(
            f"The Client's engineer for the Works is {deal.engineer}, whose instructions bind the Supplier once they are given in writing. "
            + rng.choice((
                "Meetings are held on site every second Monday; the minutes are written by the Supplier and circulated within three days.",
                "The engineer may open up finished work for inspection; if it proves sound, the cost of doing so is borne by the Client.",
                "Samples of all visible materials are to be approved before they are ordered.")), (QuestionSpec(
                "text", f"协议 {n} 中委托方的工程师是谁？", f"Who acts as {client.name}'s engineer under agreement {n}?", deal.engineer),))]),
        ("Insurance", [(
            f"The Supplier shall hold public liability cover of at least £{deal.cover:,} for any one event and shall show the policy to the Client "
            f"before it enters the premises. Materials on site are insured by the Supplier until handover.", (QuestionSpec(
                "text", f"{supplier.name} 至少要投保多少英镑的公众责任险？",
                f"How large must {supplier.name}'s public liability insurance be?", f"£{deal.cover:,}", (f"{deal.cover:,}",)),))]),
        ("Defects", [(rng.choice((
            "Defects that show within twelve months of handover are made good by the Supplier at its own cost and at times that suit the Client's business.",
            "For one year after handover the Supplier returns once a quarter, inspects the Works together with the Client and puts right what has failed.")), ())]),
        ("Confidence", [(rng.choice((
            "Neither party shall disclose what it learns of the other's business, save to advisers who are bound by the same duty or where the law requires it.",
            "Drawings, data and prices exchanged for the purpose of the Works remain the property of the party that gave them and are returned on request.")), ())]),
        ("Termination", [(
            f"Either party may end this agreement by {deal.notice} days' notice in writing. On termination the Supplier is paid for work properly done "
            f"and leaves the premises clean and safe. Where a party commits a serious breach and does not mend it within fourteen days of being "
            f"asked to, the other may end the agreement at once.", (QuestionSpec(
                "text", f"协议 {n} 的解约通知期是多少天？", f"What notice is needed to terminate agreement {n}?",
                f"{deal.notice} days", (f"{deal.notice} days' notice", f"{deal.notice}天", str(deal.notice))),))]),
        ("Force majeure", [(
            "A party that is prevented from performing by events beyond its control, such as flood, fire, war or an order of government, is excused for as "
            "long as the event lasts, provided that it tells the other without delay and does what it reasonably can to limit the effect.", ())]),
        ("Law and disputes", [(
            f"Disputes are first put to the managing directors of both parties, then to mediation in {client.city}. If that fails within forty days, "
            f"the courts have jurisdiction. This agreement, with its schedules, is the whole bargain between the parties and may be changed only in writing.", ())]),
    ]  # fmt: skip
    blocks: list[Block] = []
    for number, (title, paragraphs) in enumerate(clauses, 2):
        blocks.append(Paragraph(f"{number}. {title}", size=12, bold=True, heads=True))
        blocks.extend(Paragraph(text, size=11.5, leading=1.6, after=10, asks=asks) for text, asks in paragraphs)
    return blocks


def _signatures(deal: _Deal, stock: RandomData, asks: tuple[QuestionSpec, ...]) -> Drawing:
    names = stock.people("en", 2)

    def paint(sheet: PageCanvas, x: float, y: float, width: float) -> None:
        half = x + width / 2
        sides = ((x, "Client", deal.client, names[0]), (half + 8, "Supplier", deal.supplier, names[1]))
        for left, role, company, name in sides:
            lines = (f"Signed for the {role}", company.name, f"Name: {name}")
            for k, line in enumerate(lines):
                sheet.text(left, y + 20 + 15 * k + (44 if k == 2 else 0), line, size=10, bold=k == 0)
            sheet.rule(left, y + 80, left + 190, y + 80)
            sheet.signature(left + 30, y + 66, stock.rng, width=110)
            sheet.say(*lines)

    return Drawing(120, paint, asks)
