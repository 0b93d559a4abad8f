"""A report full of tables: quarters across, regions or products down, a sentence or two between."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Grid, Paragraph, QuestionSpec, run
from langchain_hunyuanocr.demo.words_both import METRICS, PRODUCT_LINES, REGIONS, Pair


def report(stock: RandomData, tongue: Tongue, *, sections: int = 5) -> Draft:
    """About one page for every two and a half sections."""
    rng = stock.rng
    company, year = stock.company(tongue), rng.randint(2018, 2025)
    face = rng.choice((Face.SERIF, Face.SANS))
    blocks: list[Block] = [
        Paragraph(
            f"{company.name}{year}年度经营分析报告" if tongue == "zh" else f"{company.name}: Business Report {year}",
            size=15, bold=True, align="centre", after=10),
        Paragraph(_summary(stock, tongue, company.name, year), size=10.5, indent=21 if tongue == "zh" else 0, after=10),
    ]  # fmt: skip
    for number, metric in enumerate(rng.sample(METRICS, min(sections, len(METRICS))), 1):
        rows = REGIONS if number % 2 else PRODUCT_LINES
        blocks += _section(stock, tongue, company.name, year, number, metric, list(rng.sample(rows, rng.randint(5, 8))))
    pages = run(
        blocks,
        lambda number: PageCanvas(face=face),  # noqa: ARG005 - every page is alike
        head=f"{company.name}　{year}年度报告" if tongue == "zh" else f"{company.name} - {year}",
        foot=lambda page, count: f"- {page} -",  # noqa: ARG005 - as reports number
    )
    name = f"{company.brand} {year}年度经营报告" if tongue == "zh" else f"{company.brand} Business Report {year}"
    return Draft("report", tongue, name, pages)


def _summary(stock: RandomData, tongue: Tongue, company: str, year: int) -> str:
    rng = stock.rng
    if tongue == "zh":
        return (
            f"{year}年，{company}面对{rng.choice(('原材料价格上涨', '海外需求放缓', '同行价格竞争加剧', '汇率大幅波动'))}的局面，"
            f"坚持{rng.choice(('以销定产、严控库存', '聚焦重点客户', '加快产品结构调整', '降本增效'))}的方针，各项业务总体平稳。"
            f"以下分地区、分产品列示主要经营指标，金额单位均为万元，数据未经审计。"
        )
    return (
        f"In {year} {company} met {rng.choice(('dearer raw materials', 'weaker demand overseas', 'sharper competition on price', 'a volatile exchange rate'))}, and answered with "
        f"{rng.choice(('tighter control of stocks', 'a sharper focus on key accounts', 'a renewed range of products', 'savings across all sites'))}. "
        f"The tables below give the main figures by region and by product line, in thousands of pounds, before audit."
    )


def _section(
    stock: RandomData, tongue: Tongue, company: str, year: int, number: int, metric: Pair, names: list[Pair]
) -> list[Block]:
    rng = stock.rng
    zh = tongue == "zh"
    head = ["地区" if number % 2 else "产品线", "一季度", "二季度", "三季度", "四季度", "全年"]
    if not zh:
        head = ["Region" if number % 2 else "Product line", "Q1", "Q2", "Q3", "Q4", "Full year"]
    rows, sums = [head], [0] * 5
    for name in names:
        quarters = [rng.randint(120, 9800) for _ in range(4)]
        values = [*quarters, sum(quarters)]
        sums = [a + b for a, b in zip(sums, values, strict=True)]
        rows.append([name.zh if zh else name.en, *(f"{v:,}" for v in values)])
    rows.append(["合计" if zh else "Total", *(f"{v:,}" for v in sums)])
    asks = _asks(stock, company, year, metric, names, rows)
    caption = (
        f"表{number}　{year}年{metric.zh}（万元）" if zh else f"Table {number}. {metric.en} {year} (thousand pounds)"
    )
    best = max(range(1, len(rows) - 1), key=lambda r: int(rows[r][5].replace(",", "")))
    return [
        Paragraph(f"{number}. {metric.zh if zh else metric.en}", size=12, bold=True, heads=True, after=3),
        Paragraph(_remark(stock, zh, metric, names[best - 1]), size=10.5, indent=21 if zh else 0),
        Grid(rows, (1.9, 1, 1, 1, 1, 1.15), caption=caption, size=10, ruled=rng.random() < 0.7, asks=asks),
    ]


def _remark(stock: RandomData, zh: bool, metric: Pair, best: Pair) -> str:
    rng = stock.rng
    if zh:
        return rng.choice((
            f"从{metric.zh}看，{best.zh}居首位，{rng.choice(('主要得益于两个大项目的交付', '与去年新增的销售网点有关', '其中老客户贡献超过一半'))}。",
            f"{best.zh}的{metric.zh}全年最高，下半年{rng.choice(('增速有所回落', '明显好于上半年', '受季节因素影响波动较大'))}。"))  # fmt: skip
    return rng.choice((
        f"{best.en} came first over the year, {rng.choice(('thanks to two large deliveries', 'helped by the branches opened the year before', 'with old customers giving more than half'))}.",
        f"The highest figure is that of {best.en}; the second half {rng.choice(('slowed a little', 'was clearly better than the first', 'swung with the season'))}."))  # fmt: skip


def _asks(
    stock: RandomData, company: str, year: int, metric: Pair, names: list[Pair], rows: list[list[str]]
) -> tuple[QuestionSpec, ...]:
    asks = []
    for _ in range(2):
        r, q = stock.rng.randrange(len(names)), stock.rng.randint(1, 4)
        value = rows[r + 1][q]
        asks.append(
            QuestionSpec(
                "table",
                f"{company}{year}年第{'一二三四'[q - 1]}季度{names[r].zh}的{metric.zh}是多少？",
                f"What was the figure for {metric.en.lower()} of {names[r].en} at {company} in the {('first', 'second', 'third', 'fourth')[q - 1]} quarter of {year}?",
                value,
                (value.replace(",", ""), f"{value}万元"),
            )
        )
    total = rows[-1][5]
    asks.append(
        QuestionSpec(
            "table",
            f"{company}{year}年全年{metric.zh}合计多少？",
            f"What do all lines of the table on {metric.en.lower()} at {company} add up to for the whole of {year}?",
            total,
            (total.replace(",", ""), f"{total}万元"),
        )
    )
    return tuple(asks)
