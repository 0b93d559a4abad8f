"""Are sums, counts and lists over many papers reckoned right? On generated invoices, read by RapidOCR.

    python benchmarks/computed_answers.py [--quick] [--fresh] [--papers 40] [--seed 2026]

Scans invoices of a few companies in four currencies, some of them twice, and letters beside them; ingests them as a
user would; and asks for totals, averages, counts, extremes and lists under conditions of name, year and currency.
`right` is the share of answers that give every figure expected and no other answer, or null where the archive holds no
such paper; `null` the share of nulls where there was something to reckon; `wrong` the rest. Of the answers called
confident, `confident_right` are right.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from benchmarks.ingested import read
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.demo.random_data import Company, RandomData, Tongue
from langchain_hunyuanocr.demo.scan_effects import ScanEffects, scan
from langchain_hunyuanocr.demo.scan_files import write_pages
from langchain_hunyuanocr.demo.templates.invoice import invoice
from langchain_hunyuanocr.demo.templates.letter import letter
from langchain_hunyuanocr.demo.templates.vat_invoice import vat_invoices
from langchain_hunyuanocr.demo.text_flow import Composed
from langchain_hunyuanocr.reading.fields.normalize import decimal_of, normalise
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind

WORK = Path(__file__).parent / ".work" / "computed_answers"
CENT = Decimal("0.01")


class Trade(RandomData):
    """A stock whose papers come from a few companies that do business with each other."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._firms: dict[Tongue, list[Company]] = {}
        self._last: Company | None = None

    def company(self, tongue: Tongue) -> Company:
        """One of five, never the same twice running."""
        firms = self._firms.setdefault(tongue, [])
        if not firms:
            firms += [super(Trade, self).company(tongue) for _ in range(5)]
        self._last = self.rng.choice([firm for firm in firms if firm is not self._last])
        return self._last


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice as it was written."""

    number: str
    seller: str
    buyer: str
    day: str
    currency: str
    total: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the figures that its answer must give; none where the archive holds no such paper."""

    text: str
    figures: tuple[str, ...]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few papers, under a minute")
    parser.add_argument("--fresh", action="store_true", help="make and read everything anew")
    parser.add_argument("--papers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    count = 12 if given.quick else given.papers
    folder = WORK / f"{count}-{given.seed}"
    if given.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    papers = made(folder / "scans", count, given.seed)
    with Archive(folder / "archive", engine="rapid", create=True) as archive:
        read(archive, folder / "scans")
        result = ask(archive, list(questions(papers, random.Random(given.seed))))
    print("RESULT", json.dumps(result))


def made(scans: Path, count: int, seed: int) -> list[Paper]:
    """The papers, scanned where they are not there yet; the same for the same seed."""
    stock = Trade(seed)
    papers: list[Paper] = []
    number = 0
    while len(papers) < count:
        draft = vat_invoices(stock, 1 if count - len(papers) < 3 else 3) if number % 3 == 1 else invoice(stock)
        papers += [paper_of(page) for page in draft.pages]
        again = number % 5 == 0
        looks = [ScanEffects.drawn(stock.rng) for _ in range(len(draft.pages) * (2 if again else 1))]
        copies = [looks[: len(draft.pages)], looks[len(draft.pages) :]]
        for copy, drawn in enumerate(copies if again else copies[:1]):
            file(scans / f"paper {number} {copy}.pdf", draft.pages, drawn)
        if number % 4 == 0:
            other = letter(stock, "en" if number % 8 else "zh")
            file(scans / f"letter {number}.pdf", other.pages, [ScanEffects.drawn(stock.rng) for _ in other.pages])
        number += 1
    return papers


def file(path: Path, pages: list[Composed], looks: list[ScanEffects]) -> None:
    """Scan a paper, once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = ((scan(page.sheet, look), page.sheet.dpi, look.quality) for page, look in zip(pages, looks, strict=True))
    write_pages(path, pictures, "pdf")


def paper_of(page: Composed) -> Paper:
    """What an invoice says."""
    said = page.sheet.fields
    return Paper(
        said["invoice_number"],
        said["seller"],
        said["buyer"],
        normalise(said["date"], ValueKind.DATE) or "",
        said.get("currency", "CNY"),
        decimal_of(said["total"]) or Decimal(0),
        decimal_of(said["tax"]) or Decimal(0),
    )


def questions(papers: list[Paper], chance: random.Random) -> Iterator[Asked]:
    """About forty questions, both languages, with and without an answer."""
    yield Asked("What is the total of all invoices?", sums(papers))
    yield Asked("所有发票的价税合计一共是多少？", sums(papers))
    yield Asked("各发票金额合计是多少？", sums(papers))
    yield Asked("How many invoices are in the archive?", counted(papers))
    yield Asked("一共有几张发票？", counted(papers))
    yield Asked("What is the total VAT on all invoices?", sums(papers, tax=True))
    yield Asked("所有发票的税额合计是多少？", sums(papers, tax=True))
    for year in chance.sample(sorted({paper.day[:4] for paper in papers}), 3):
        some = [paper for paper in papers if paper.day.startswith(year)]
        yield Asked(f"What do all invoices of {year} add up to?", sums(some))
        yield Asked(f"{year}年的发票有多少张？", counted(some))
    for name in chance.sample(sorted({paper.seller for paper in papers}), 5):
        some = [paper for paper in papers if paper.seller == name]
        yield Asked(f"How many invoices are from {name}?", counted(some))
        yield Asked(f"{name}开具的所有发票合计多少钱？", sums(some))
        yield Asked(f"List the totals of all invoices from {name}", tuple(f"{paper.total:,}" for paper in some))
    for name in chance.sample(sorted({paper.buyer for paper in papers}), 3):
        some = [paper for paper in papers if paper.buyer == name]
        yield Asked(f"What is the total of all invoices billed to {name}?", sums(some))
    for currency in sorted({paper.currency for paper in papers}):
        some = [paper for paper in papers if paper.currency == currency]
        yield Asked(f"What is the average total of the invoices in {currency}?", average(some))
        yield Asked(f"Which invoice in {currency} is the highest?", (max(some, key=lambda paper: paper.total).number,))
        yield Asked(f"How many invoices in {currency} are over 10,000?", counted([p for p in some if p.total > 10_000]))
    yield Asked("What is the total of all invoices of 1987?", ())
    yield Asked("1987年一共有几张发票？", ())
    yield Asked("How many invoices are from Nowhere Bicycles Ltd?", ())
    yield Asked("无名氏自行车有限公司的所有发票合计多少钱？", ())


def sums(papers: list[Paper], *, tax: bool = False) -> tuple[str, ...]:
    """The sum in each currency."""
    currencies = sorted({paper.currency for paper in papers})
    return tuple(
        f"{sum(paper.tax if tax else paper.total for paper in papers if paper.currency == currency):,}"
        for currency in currencies
    )


def average(papers: list[Paper]) -> tuple[str, ...]:
    """The mean of the totals, to the cent."""
    whole = sum((paper.total for paper in papers), Decimal(0))
    return (f"{(whole / len(papers)).quantize(CENT, ROUND_HALF_UP):,}",)


def counted(papers: list[Paper]) -> tuple[str, ...]:
    """How many there are; none where there is none."""
    return (str(len(papers)),) if papers else ()


def ask(archive: Archive, asked: list[Asked]) -> dict[str, float]:
    """Ask, compare and print what differs."""
    right = wrong = null = confident = confident_right = 0
    seconds: list[float] = []
    for one in asked:
        begun = time.monotonic()
        answer = archive.ask(one.text)
        seconds.append(time.monotonic() - begun)
        said = fold(answer.answer or "")
        begins = len(one.figures) == 1 and one.figures[0].isdigit()
        if answer.answer is None:
            good = not one.figures
        elif begins:
            good = said.startswith(one.figures[0]) and not said[len(one.figures[0]) :][:1].isdigit()
        else:
            good = bool(one.figures) and all(fold(figure) in said for figure in one.figures)
        right += good
        null += answer.answer is None and not good
        wrong += answer.answer is not None and not good
        confident += answer.confident
        confident_right += answer.confident and good
        if not good:
            print(f"  {one.text} -> {(answer.answer or 'null')[:100]!r}, not {one.figures}")
    count = len(asked)
    print(f"{count} questions: {right} right, {wrong} wrong, {null} null where there is an answer")
    print(f"{confident} called confident, {confident_right} of them right")
    print(f"median {sorted(seconds)[count // 2] * 1000:.0f} ms")
    return {
        "right": round(right / count, 4),
        "wrong": round(wrong / count, 4),
        "null": round(null / count, 4),
        "confident": round(confident / count, 4),
        "confident_right": round(confident_right / confident, 4) if confident else 1.0,
    }


if __name__ == "__main__":
    main()
