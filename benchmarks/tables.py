"""Do tables come through whole? HTML to grid to HTML, Markdown and back, broken HTML, and tables that cross a page.

    python benchmarks/tables.py [--quick] [--mutations 10000] [--joins 1000] [--seed 2026]

* TEDS (tree edit distance similarity, 1 is equal) between the ground truth of PubTabNet and the HTML that the grid
  gives back, text and inline markup compared; `structure` looks at rows, columns and merged cells alone. `pandas` is
  what `read_html` and `to_html` make of the same tables.
* Whether the Markdown of each reads back as the same grid.
* Strings that hypothesis cuts and mutates out of those tables: each gives a grid or plain text; milliseconds each.
* Generated tables that go on over the next page, and such that only follow each other: how many are told right.

The tables are in ../shared/data, which is not part of the project; without them a few that stand here are used.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.reading.answers.parse import read_answer
from langchain_hunyuanocr.reading.tables.across_pages import continuations
from langchain_hunyuanocr.reading.tables.build import table_from_rows
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table
from langchain_hunyuanocr.results import Generation, PageReading, Status, Table
from langchain_hunyuanocr.tasks import Task, TaskKind

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "pubtabnet"
BUILT_IN = {
    "merged": "<table><caption>Table 1: Sales</caption><tr><td rowspan=2>Region</td><td colspan=2>Sales</td></tr>"
    "<tr><td>2022</td><td>2023</td></tr><tr><td>North</td><td>1,200.00</td><td>p&lt;0.05</td></tr></table>",
    "chinese": "<table><tr><td>项目</td><td>金额（元）</td></tr><tr><td>差旅费<br>会议费</td>"
    "<td>$\\frac{a|b}{c}$</td></tr><tr><td colspan=2>合计 10<sup>3</sup></td></tr></table>",
}
NESTED = (
    "<table><thead><tr><th>a</th><th><b>b</b></th></tr></thead><tr>"
    "<td><table><tr><td>x</td></tr></table></td><td><ul><li>one<li>two</ul></td></tr></table>"
)
"""A table in a table, whose text alone the grid keeps; it is only mutated."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few samples, under a minute")
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--joins", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    samples = truth()
    if given.quick:
        samples = dict(list(samples.items())[:10])
    least = round_trips(samples)
    exceptions, median = mutations(list(samples.values()), 500 if given.quick else given.mutations, given.seed)
    right = joins(200 if given.quick else given.joins, given.seed)
    figures = {"teds_min": least, "exceptions": exceptions, "median_ms": median, "joins_right": right}
    print("RESULT", json.dumps(figures))


def truth() -> dict[str, str]:
    """The tables of PubTabNet's examples as HTML, its ground truth first, by the name of their picture."""
    if not DATA.is_dir():
        print("../shared/data is not here: measured on the few tables of this file instead")
        return BUILT_IN
    found = {}
    for line in (DATA / "examples.jsonl").read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        cells = iter("".join(cell["tokens"]) for cell in example["html"]["cells"])
        tokens = example["html"]["structure"]["tokens"]
        table = "".join((next(cells) if token == "</td>" else "") + token for token in tokens)
        found[example["filename"]] = f"<table>{table}</table>"
    for name, sample in json.loads((DATA / "sample_gt.json").read_text(encoding="utf-8")).items():
        found[name] = only_table(sample["html"])
    for name, html in json.loads((DATA / "sample_pred.json").read_text(encoding="utf-8")).items():
        found[f"{name}, as a model read it"] = only_table(html)
    return found


def only_table(html: str) -> str:
    """The table of a page of HTML."""
    return re.sub(r".*(<table\b.*</table>).*", r"\1", html, flags=re.DOTALL)


def round_trips(samples: dict[str, str]) -> float:
    """TEDS of each sample with what the grid gives back; the least of them."""
    from table_recognition_metric import TEDS

    whole, structure = TEDS(), TEDS(structure_only=True)
    kinds: dict[str, list[tuple[float, float, float, bool]]] = {"with merged cells": [], "without": []}
    for name, html in samples.items():
        (table,) = parse_html_tables(html)
        wanted, given = plain(html), plain(table.html)
        score = float(whole(given, wanted))
        reads_back = parse_markdown_table(table.markdown) == table.rows
        try:
            peer = float(whole(plain(by_pandas(html)), wanted))
        except ImportError:
            peer = math.nan
        kinds["with merged cells" if table.spans else "without"].append(
            (score, float(structure(given, wanted)), peer, reads_back)
        )
        if score < 1 or not reads_back:
            print(f"  {name}: TEDS {score:.4f}, Markdown reads back: {reads_back}")
    print(f"{'tables':20}{'n':>5}{'TEDS min':>10}{'mean':>8}{'structure':>11}{'pandas':>8}{'Markdown reads back':>21}")
    for kind, rows in [*kinds.items(), ("all", [row for found in kinds.values() for row in found])]:
        if rows:
            ours, shape, theirs, back = zip(*rows, strict=True)
            figures = f"{min(ours):10.4f}{statistics.mean(ours):8.4f}{min(shape):11.4f}{statistics.mean(theirs):8.4f}"
            print(f"{kind:20}{len(rows):5}{figures}{sum(back):17} of {len(back)}")
    return round(min(row[0] for rows in kinds.values() for row in rows), 4)


def plain(table: str) -> str:
    """A table as TEDS wants it, on both sides alike: cells are `td`, without sections and caption; the rest stays."""
    table = re.sub(r"<caption\b.*?</caption>", "", table, flags=re.DOTALL | re.IGNORECASE)
    table = re.sub(r"</?(?:thead|tbody|tfoot)\b[^>]*>", "", table, flags=re.IGNORECASE)
    table = re.sub(r"<(/?)th\b", r"<\1td", table, flags=re.IGNORECASE)
    table = re.sub(r"<table\b[^>]*>", "<table>", table, flags=re.IGNORECASE)
    return f"<html><body>{table}</body></html>"


def by_pandas(html: str) -> str:
    """What pandas makes of a table; no table where it fails.

    Raises:
        ImportError: It is not installed.
    """
    pandas = importlib.import_module("pandas")
    try:
        frame = pandas.read_html(StringIO(html), flavor="lxml")[0]
        return re.sub(r"\s*\n\s*", "", str(frame.to_html(index=False, na_rep="", border=0)))
    except ValueError:
        return "<table></table>"


def mutations(samples: Sequence[str], count: int, seed: int) -> tuple[int, float]:
    """Exceptions that `count` broken tables raise, and the median milliseconds of those that give a grid."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    pieces = [*("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td rowspan=3 colspan=2>", "<th>", "<thead>")]
    pieces += [
        *("<td colspan='100000'>", "<!--", "<b>", "</sup>", "<br>", "&amp", "&#0;", "|", "\\", "<", "\x00", "表")
    ]

    @st.composite
    def broken(draw: Callable[[Any], Any]) -> str:
        text = draw(st.sampled_from([*samples, *BUILT_IN.values(), NESTED]))
        for _ in range(draw(st.integers(0, 4))):
            start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
            kind = draw(st.sampled_from(["drop", "repeat", "insert", "noise", "turn"]))
            middle = {
                "drop": "",
                "repeat": text[start:end] * 2,
                "insert": draw(st.sampled_from(pieces)) + text[start:end],
                "noise": draw(st.text(max_size=6)) + text[start:end],
                "turn": text[start:end][::-1],
            }[kind]
            text = text[:start] + middle + text[end:]
        # Last of all it is cut anywhere, as an answer that ran out of tokens.
        return str(text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text)

    task = Task(kind=TaskKind.DOCUMENT)
    took: dict[bool, list[float]] = {True: [], False: []}
    failed: list[str] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(broken())
    def read(text: str) -> None:
        begun = time.perf_counter()
        try:
            content = read_answer(Generation(text=text), task)
        except Exception as exc:
            failed.append(f"{type(exc).__name__}: {exc}")
            return
        took[bool(content.tables)].append((time.perf_counter() - begun) * 1000)
        for table in content.tables:
            if parse_markdown_table(table.markdown) != table.rows or parse_html_tables(table.html) != [table]:
                failed.append("does not read back as the same grid")

    read()
    for failure in sorted(set(failed))[:10]:
        print(f"  {failure}")
    grids, texts = sorted(took[True]), took[False]
    print(f"{count} broken tables: {len(grids)} give a grid, {len(texts)} plain text, {len(failed)} exceptions")
    median = round(statistics.median(grids), 3)
    last = grids[int(0.99 * len(grids))]
    print(f"those that give a grid: median {median:.2f} ms, 99 of 100 under {last:.1f} ms, slowest {grids[-1]:.1f} ms")
    return len(failed), median


WORDS = {
    "en": {
        "head": ["Article", "Customer", "Supplier", "Branch", "Paid by", "Delivered", "Weight", "Net", "Gross", "Rate"],
        "word": ["oak shelf", "steel bolt", "garden hose", "desk lamp", "copper wire", "paint brush", "door hinge"],
        "name": ["Ann Lee", "Bob Orr", "Cat Ray", "Dan Fox", "Eve Poe", "Fay Kim", "Gus Hay"],
        "serial": ["No."],
    },
    "zh": {
        "head": ["货品", "客户", "供应商", "门店", "经办人", "交付", "重量", "净额", "毛额", "税率"],
        "word": ["橡木搁板", "钢制螺栓", "花园水管", "台灯", "铜线", "油漆刷", "门铰链"],
        "name": ["王小明", "李四", "赵六", "钱七", "孙八", "周九", "吴十"],
        "serial": ["序号"],
    },
}
SENTENCE = {
    "en": "The figures above were taken from the books of the branch at the end of the year.",
    "zh": "以上数据取自分公司年末账簿，未经审计，仅供内部参考使用。",
}
CAPTION = {"en": "Table {}: {}", "zh": "表{} {}"}
CONTINUED = {"en": ["Table {} (continued)", "Table {} cont."], "zh": ["续表{}", "表{}（续）"]}
GOES_ON = {"en": ["(continued on next page)", "To be continued"], "zh": ["（续下页）", "接下页"]}
FOOT = {"en": ["Page {}", "- {} -", "{} / 40"], "zh": ["第 {} 页", "— {} —", "第{}页 共40页"]}
HEAD = {"en": "Northern Stores plc, ledger of {}", "zh": "北方商贸有限公司 {} 年台账"}
HEADING = {"en": "## Goods returned", "zh": "## 退货情况"}
TOTAL = {"en": "Total", "zh": "合计"}


class Maker:
    """Makes a table, parts it between two pages, and puts around it what a case asks for."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self.chance = chance
        self.language = language
        self.words = WORDS[language]
        kinds = chance.choices(["word", "name", "amount", "count", "date", "code"], k=chance.randint(2, 6))
        self.kinds = ["serial" if chance.random() < 0.4 else "word", *kinds]
        self.header = self.heads()

    def heads(self) -> list[str]:
        """Names for the columns."""
        named = self.chance.sample(self.words["head"], len(self.kinds))
        return [
            self.words["serial"][0] if kind == "serial" else head for kind, head in zip(self.kinds, named, strict=True)
        ]

    def row(self, number: int) -> list[str]:
        """A row of the body."""
        chance = self.chance
        forms: dict[str, Callable[[], str]] = {
            "serial": lambda: str(number),
            "word": lambda: chance.choice(self.words["word"]),
            "name": lambda: chance.choice(self.words["name"]),
            "amount": lambda: f"{chance.uniform(1, 90_000):,.2f}",
            "count": lambda: str(chance.randint(1, 500)),
            "date": lambda: f"2023-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "code": lambda: f"{chance.choice('ABCX')}{chance.randint(100, 999)}",
        }
        return [forms[kind]() for kind in self.kinds]

    def rows(self, start: int) -> list[list[str]]:
        """Some rows, numbered from `start`."""
        return [self.row(number) for number in range(start, start + self.chance.randint(2, 12))]

    def foot(self, page: int) -> str:
        """A page number as this file prints it."""
        return FOOT[self.language][len(self.kinds) % 3].format(page + 1)


def joined(maker: Maker, way: int) -> tuple[list[str | Table], list[str | Table]]:
    """Two pages over which one table goes on, in one of ten ways."""
    language, chance = maker.language, maker.chance
    above = maker.rows(1)
    below = maker.rows(len(above) + 1)
    caption, title = CAPTION[language], maker.words["word"][way % 7]
    first = table_from_rows([maker.header, *above])
    bare, headed = table_from_rows(below), table_from_rows([maker.header, *below])
    sentence, running = SENTENCE[language], HEAD[language].format(2023)
    again = chance.choice(CONTINUED[language]).format(3)
    ways: list[tuple[list[str | Table], list[str | Table]]] = [
        ([sentence, first], [headed, sentence]),
        ([sentence, first], [bare, sentence]),
        ([sentence, first, maker.foot(4)], [bare, sentence, maker.foot(5)]),
        ([running, sentence, first, maker.foot(4)], [running, bare, maker.foot(5)]),
        ([running, first], [running, headed]),
        ([caption.format(3, title), first], [again, headed]),
        ([caption.format(3, title), first], [again, bare, sentence]),
        ([caption.format(3, title), first, chance.choice(GOES_ON[language])], [bare]),
        ([caption.format(3, title), first], [caption.format(3, title), headed]),
        ([first, maker.foot(4)], [again, headed, HEADING[language]]),
    ]
    return ways[way]


def apart(maker: Maker, way: int) -> tuple[list[str | Table], list[str | Table]]:
    """Two pages on which different tables follow each other, in one of ten ways."""
    language = maker.language
    above = maker.rows(1)
    below = maker.rows(len(above) + 1)
    caption, words = CAPTION[language], maker.words["word"]
    first = table_from_rows([maker.header, *above])
    bare, headed = table_from_rows(below), table_from_rows([maker.header, *below])
    wider = table_from_rows([[*row, "7"] for row in below])
    narrower = table_from_rows([row[:-1] for row in below])
    other = maker.heads()
    while other == maker.header:
        other = maker.heads()
    sentence, heading = SENTENCE[language], HEADING[language]
    swapped = [["7.5" if kind in ("word", "name") else words[0] for kind in maker.kinds] for _ in below]
    ended = table_from_rows([maker.header, *above, [TOTAL[language], *above[-1][1:]]])
    ways: list[tuple[list[str | Table], list[str | Table]]] = [
        ([first], [wider]),
        ([first], [narrower]),
        ([caption.format(3, words[0]), first], [caption.format(4, words[1]), headed]),
        ([first, sentence], [bare]),
        ([first], [sentence, headed]),
        ([first], [heading, headed]),
        ([first], [table_from_rows([other, *maker.rows(1)])]),
        ([first], [table_from_rows(swapped)]),
        ([ended], [table_from_rows([maker.header, *maker.rows(1)])]),
        ([first, maker.foot(4)], [caption.format(9, words[2]), bare]),
    ]
    return ways[way]


def joins(count: int, seed: int) -> float:
    """Share of generated pairs of pages that are told right, half of them to be joined."""
    cases: list[tuple[str, bool]] = []
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        wanted, language, way = number % 2 == 0, ("en", "zh")[number // 2 % 2], number // 4 % 10
        make = joined if wanted else apart
        pages = make(Maker(chance, language), way)
        found = list(continuations(page(4 + offset, parts) for offset, parts in enumerate(pages)))
        cases.append((f"{make.__name__} {way} {language}", (found[1][1] is not None) == wanted))
    wrong = [name for name, right in cases if not right]
    for name in sorted(set(wrong)):
        print(f"  wrong: {name}, {wrong.count(name)} times")
    print(f"{count} pairs of pages: {count - len(wrong)} told right")
    return round(1 - len(wrong) / max(count, 1), 4)


def page(number: int, parts: Sequence[str | Table]) -> PageReading:
    """A page of paragraphs and tables."""
    markdown = "\n\n".join(part if isinstance(part, str) else part.markdown for part in parts)
    return PageReading(
        source="a.pdf",
        file_name="a.pdf",
        sha256="0",
        page=number,
        total_pages=40,
        engine="scripted",
        model="",
        revision="",
        task="document",
        status=Status.OK,
        markdown=markdown,
        tables=tuple(part for part in parts if isinstance(part, Table)),
        width=100,
        height=140,
        dpi=72,
    )


if __name__ == "__main__":
    main()
