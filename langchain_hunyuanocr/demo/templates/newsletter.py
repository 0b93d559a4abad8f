"""A company newsletter in two columns: five short articles under a masthead."""

from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import GREY, Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue, date_en, date_forms, date_zh
from langchain_hunyuanocr.demo.templates import articles_en, articles_zh
from langchain_hunyuanocr.demo.text_flow import Block, Draft, Frame, Paragraph, QuestionSpec, run


def newsletter(stock: RandomData, tongue: Tongue) -> Draft:
    """One page."""
    company, issue = stock.company(tongue), stock.rng.randint(3, 96)
    day = stock.day()
    zh = tongue == "zh"
    title = f"{company.brand}简报" if zh else f"The {company.brand} Gazette"
    under = (
        f"{company.name}主办　第{issue}期　{date_zh(day)}"
        if zh
        else f"Published for the staff of {company.name}   No. {issue}   {date_en(day)}"
    )
    blocks = _blocks(stock, company.brand, zh)

    def frames(sheet: PageCanvas) -> list[Frame]:
        gap, margin, top = 26.0, 50.0, 128.0
        wide = (sheet.width - 2 * margin - gap) / 2
        tall = sheet.height - top - 56
        sheet.text(sheet.width / 2, 82, title, size=30, bold=True, align="centre")
        sheet.text(sheet.width / 2, 106, under, size=9.5, align="centre", colour=GREY)
        sheet.rule(margin, 113, sheet.width - margin, 113, weight=1.4)
        sheet.rule(sheet.width / 2, top + 4, sheet.width / 2, top + tall, weight=0.4, colour=GREY)
        sheet.say(title, under)
        return [Frame(margin, top, wide, tall), Frame(margin + wide + gap, top, wide, tall)]

    pages = run(blocks, lambda number: PageCanvas(face=Face.SERIF), frames)  # noqa: ARG005 - every page is alike
    pages[0].asks.append(
        QuestionSpec(
            "field",
            f"第{issue}期“{title}”是哪天出的？",
            f"On what day did No. {issue} of “{title}” appear?",
            date_zh(day) if zh else date_en(day),
            date_forms(day),
        )
    )
    return Draft("newsletter", tongue, f"{title} 第{issue}期" if zh else f"{title} No {issue}", pages[:1])


def _blocks(stock: RandomData, brand: str, zh: bool) -> list[Block]:
    writers = list(articles_zh.ARTICLES if zh else articles_en.ARTICLES)
    asides = list(articles_zh.ASIDES if zh else articles_en.ASIDES)
    stock.rng.shuffle(writers)
    stock.rng.shuffle(asides)
    size = 12.0 if zh else 12.5
    blocks: list[Block] = []
    for write, aside in zip(writers, asides, strict=False):
        heading, paragraphs, asks = write(stock, brand)
        blocks.append(Paragraph(heading, size=14, bold=True, heads=True, leading=1.3, after=4))
        for number, text in enumerate([*paragraphs, aside]):
            told = asks if number == 0 else ()
            blocks.append(Paragraph(text, size=size, indent=2 * size if zh else 0, leading=1.45, after=6, asks=told))
    return blocks
