"""A Chinese purchase contract over several pages, its number at the head of each."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from langchain_hunyuanocr.demo.page_canvas import PageCanvas
from langchain_hunyuanocr.demo.random_data import Company, RandomData, capital_amount, date_forms, date_zh
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Drawing, Grid, Paragraph, QuestionSpec, run
from langchain_hunyuanocr.demo.words_both import WARES, Goods


@dataclass(frozen=True, slots=True)
class _Deal:
    number: str
    buyer: Company
    seller: Company
    goods: list[Goods]
    amount: int
    """Yuan."""
    signed: dt.date
    delivery: dt.date
    advance: int
    warranty: int
    penalty: str
    cap: int
    notice: int
    place: str
    contact: str


def contract_zh(stock: RandomData) -> Draft:
    """Three or four pages; the first carries the fields of the preset `contract`."""
    deal = _deal(stock)
    opening = _opening(deal, stock)
    told_again = tuple(ask for block in opening for ask in block.asks if ask.kind == "field")  # names and date
    blocks = [*opening, *_articles(deal, stock), _signatures(deal, stock, told_again)]
    pages = run(
        blocks,
        lambda number: PageCanvas(),  # noqa: ARG005 - every page is alike
        head=f"合同编号：{deal.number}",
        foot=lambda page, count: f"第 {page} 页 共 {count} 页",
    )
    pages[0].sheet.fields.update(
        contract_number=deal.number,
        party_a=deal.buyer.name,
        party_b=deal.seller.name,
        date=date_zh(deal.signed),
        amount=f"¥{deal.amount:,}.00",
    )
    return Draft("contract", "zh", f"采购合同 {deal.buyer.brand}-{deal.seller.brand} {deal.signed.year}", pages)


def _deal(stock: RandomData) -> _Deal:
    rng = stock.rng
    signed = stock.day()
    buyer, seller = stock.company("zh"), stock.company("zh")
    return _Deal(
        number=stock.code(f"HT-{signed.year}-@@####"),
        buyer=buyer,
        seller=seller,
        goods=rng.sample(WARES, 4),
        amount=stock.round_sum(180_000, 9_800_000),
        signed=signed,
        delivery=signed + dt.timedelta(days=rng.randint(40, 200)),
        advance=rng.choice((10, 15, 20, 25, 30, 35, 40)),
        warranty=rng.choice((12, 18, 24, 30, 36)),
        penalty=rng.choice(("千分之一", "千分之二", "千分之三", "千分之五", "万分之五", "万分之八")),
        cap=rng.choice((5, 8, 10, 12, 15, 20)),
        notice=rng.choice((7, 10, 15, 20, 30)),
        place=f"{buyer.city}市{rng.choice(('高新区', '经济开发区', '临港工业园', '保税区'))}{rng.randint(1, 40)}号仓库",
        contact=stock.person("zh"),
    )


def _opening(deal: _Deal, stock: RandomData) -> list[Block]:
    n, a, b = deal.number, deal.buyer, deal.seller
    amount = f"人民币{capital_amount(deal.amount * 100)}（¥{deal.amount:,}.00）"
    money = (f"{deal.amount:,}", str(deal.amount), f"{deal.amount:,}.00元", capital_amount(deal.amount * 100))
    rows = [["序号", "货物名称", "型号", "单位", "数量"]]
    for k, goods in enumerate(deal.goods, 1):
        rows.append([str(k), goods.zh, stock.code("@@-###"), goods.unit_zh, str(stock.rng.randint(2, 900))])
    third = rows[3]
    return [
        Paragraph("设备及物资采购合同", size=20, bold=True, align="centre", after=14),
        Paragraph(f"甲方（买方）：{a.name}", asks=(QuestionSpec(
            "field", f"合同{n}的甲方是哪家公司？", f"Who is the buyer (party A) in contract {n}?", a.name),)),
        Paragraph(f"地址：{a.address}　　电话：{a.phone}"),
        Paragraph(f"乙方（卖方）：{b.name}", asks=(QuestionSpec(
            "field", f"{a.name}的采购合同，乙方是谁？", f"Which company sells to {a.name} under the purchase contract?", b.name),)),
        Paragraph(f"地址：{b.address}　　电话：{b.phone}"),
        Paragraph(f"签订日期：{date_zh(deal.signed)}", after=12, asks=(QuestionSpec(
            "field", f"{a.brand}公司与{b.name}的合同是什么时候签的？", f"When was contract {n} signed?",
            date_zh(deal.signed), date_forms(deal.signed)),)),
        Paragraph(
            f"根据《中华人民共和国民法典》及有关法律规定，甲乙双方在平等、自愿、诚实信用的基础上，就甲方向乙方采购{deal.goods[0].zh}等货物事宜，"
            f"经友好协商，达成如下协议，以资共同遵守。", indent=21, after=10),
        Paragraph("第一条　标的物", size=12, bold=True, heads=True),
        Paragraph("乙方按下表所列的名称、型号和数量向甲方供货，技术要求见双方确认的附件一。", indent=21),
        Grid(rows, (0.7, 2.4, 1.4, 0.8, 1), numbers_from=4, asks=(QuestionSpec(
            "table", f"合同{n}要采购多少{third[3]}{third[1]}？", f"What quantity of {deal.goods[2].inner_en} does contract {n} cover?",
            third[4], (f"{third[4]}{third[3]}",)), QuestionSpec(
            "table", f"合同{n}里{rows[1][1]}的型号是什么？", f"Which model of {deal.goods[0].inner_en} is ordered in contract {n}?", rows[1][2]))),
        Paragraph("第二条　合同价款", size=12, bold=True, heads=True),
        Paragraph(f"本合同总价款为{amount}，该价款已包含货款、包装费、运输费、保险费、安装调试费及13%的增值税。除本合同另有约定外，甲方无须再向乙方支付任何其他费用。",
                  indent=21, asks=(QuestionSpec("text", f"{a.name}与{b.name}的合同总金额是多少？",
                                       f"What is the contract sum of {n}?", f"¥{deal.amount:,}.00", money),)),
    ]  # fmt: skip


def _articles(deal: _Deal, stock: RandomData) -> list[Block]:
    rng, n, b = stock.rng, deal.number, deal.seller
    middle = 95 - deal.advance
    articles: list[tuple[str, list[tuple[str, tuple[QuestionSpec, ...]]]]] = [
        ("付款方式", [
            (f"本合同生效后十个工作日内，甲方向乙方支付合同总价的{deal.advance}%作为预付款；全部货物到货并经验收合格后三十日内，甲方支付合同总价的{middle}%；"
             f"其余5%作为质量保证金，于质保期满后无息付清。", (QuestionSpec(
                "text", f"合同{n}约定预付款占多少比例？", f"What share of the price is paid in advance under contract {n}?",
                f"{deal.advance}%", (f"百分之{deal.advance}",)),)),
            (f"乙方收款账户：开户银行{b.bank}，账号{b.account}。甲方每次付款前，乙方应开具等额的增值税专用发票。", ()),
        ]),
        ("交货时间与地点", [
            (f"乙方应当在{date_zh(deal.delivery)}之前将全部货物运抵{deal.place}，并提前三日以书面形式通知甲方的收货人{deal.contact}。", (QuestionSpec(
                "text", f"按照{n}号合同，货物最晚哪天要送到？", f"By which day must the goods of contract {n} be delivered?",
                date_zh(deal.delivery), date_forms(deal.delivery)), QuestionSpec(
                "text", f"{b.name}应该把货交给甲方的哪位收货人？", f"Who receives the goods that {b.name} delivers?", deal.contact))),
            (rng.choice((
                "货物的所有权及毁损、灭失的风险自甲方签收之日起由乙方转移至甲方。卸货由甲方负责，卸货前的一切费用由乙方承担。",
                "乙方分批交货的，应事先征得甲方书面同意；未经同意提前到货的，由此产生的仓储费用由乙方自行负担。",
                "运输途中发生的货损由乙方负责向承运人或者保险人追偿，且不影响乙方按期补足货物的义务。")), ()),
        ]),
        ("包装与运输", [
            (rng.choice((
                "货物应采用适合长途运输的坚固包装，具备防潮、防锈、防震措施，每件包装外须标明合同编号、货物名称、毛重和收货单位。",
                "乙方选用木箱包装的，木质材料应当经过熏蒸处理。包装物不予退回，其费用已含在合同价款之中。")), ()),
        ]),
        ("质量标准与验收", [
            ("货物质量应符合国家现行标准以及附件一中的技术要求；两者不一致的，以要求较高者为准。货物到达后七日内，由双方共同开箱清点。", ()),
            (f"验收中发现数量短缺或者质量不符的，甲方应在{deal.notice}日内提出书面异议，乙方须在收到异议后五日内派员处理，逾期不处理的视为认可甲方的意见。", (QuestionSpec(
                "text", f"合同{n}规定甲方发现质量问题要在几天内提出异议？", f"Within how many days must the buyer object to defects under contract {n}?",
                f"{deal.notice}日", (f"{deal.notice}天", f"{deal.notice} days", str(deal.notice))),)),
        ]),
        ("质量保证", [
            (f"质保期为{deal.warranty}个月，自最终验收合格之日起计算。质保期内因设计、材料或者制造原因造成的故障，乙方应免费修理或者更换，并在接到通知后"
             f"{rng.choice((24, 36, 48, 72))}小时内到达现场。", (QuestionSpec(
                "text", f"{b.name}对所供货物保修多久？", f"How long is the warranty in contract {n}?",
                f"{deal.warranty}个月", (f"{deal.warranty} months",)),)),
        ]),
        ("违约责任", [
            (f"乙方逾期交货的，每逾期一日，应按合同总价的{deal.penalty}向甲方支付违约金，但违约金总额不超过合同总价的{deal.cap}%。逾期超过三十日的，甲方有权解除合同。", (QuestionSpec(
                "text", f"如果{b.name}交货晚了，每天罚多少？", f"What is the penalty for each day of late delivery in contract {n}?",
                deal.penalty, (f"合同总价的{deal.penalty}",)), QuestionSpec(
                "text", f"{n}号合同的违约金上限是多少？", f"At what share of the price is the penalty in contract {n} capped?", f"{deal.cap}%"))),
            ("甲方无正当理由逾期付款的，应按同期全国银行间同业拆借中心公布的贷款市场报价利率向乙方支付逾期利息。", ()),
        ]),
        ("保密", [(rng.choice((
            "双方对在履行本合同过程中知悉的对方商业秘密和技术资料负有保密义务，未经对方书面许可不得向第三方披露，该义务在合同终止后三年内继续有效。",
            "图纸、样品和工艺文件的所有权归提供方，接收方仅可为履行本合同的目的而使用，合同终止时应当全部归还或者销毁。")), ())]),
        ("不可抗力", [("因地震、台风、洪水、战争等不可抗力致使一方不能履行合同的，该方应在事件发生后三日内通知对方，并在十五日内提供有关机构出具的证明，可以部分或者全部免除责任。", ())]),
        ("争议解决", [(f"因本合同引起的或者与本合同有关的争议，双方应协商解决；协商不成的，任何一方均可向{deal.buyer.city}仲裁委员会申请仲裁，仲裁裁决是终局的，对双方均有约束力。", ())]),
        ("其他", [("本合同一式四份，甲乙双方各执两份，具有同等法律效力，自双方法定代表人或者授权代表签字并加盖公章之日起生效。未尽事宜，双方可另行签订补充协议。", ())]),
    ]  # fmt: skip
    numerals = "三四五六七八九十"
    blocks: list[Block] = []
    for k, (title, paragraphs) in enumerate(articles):
        ordinal = numerals[k] if k < 8 else "十" + "一二三"[k - 8]
        blocks.append(Paragraph(f"第{ordinal}条　{title}", size=12, bold=True, heads=True))
        for text, asks in paragraphs:
            blocks.append(Paragraph(text, size=11.5, indent=23, leading=1.75, after=9, asks=asks))
    return blocks


def _signatures(deal: _Deal, stock: RandomData, asks: tuple[QuestionSpec, ...]) -> Drawing:
    def paint(sheet: PageCanvas, x: float, y: float, width: float) -> None:
        half = x + width / 2
        for left, role, company in ((x, "甲方", deal.buyer), (half + 8, "乙方", deal.seller)):
            lines = (f"{role}（盖章）：{company.name}", "授权代表（签字）：", f"日期：{date_zh(deal.signed)}")
            for k, line in enumerate(lines):
                sheet.text(left, y + 24 + 34 * k, line, size=9.5)
            sheet.signature(left + 86, y + 56, stock.rng)
            sheet.seal(left + 150, y + 70, company.name, angle=stock.rng.uniform(-30, 30))
            sheet.say(*lines)

    return Drawing(150, paint, asks)
