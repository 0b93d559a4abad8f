"""How surely a second reader notices what a language model changes, drops or invents.

The true text of real pages is given out as a model's answer, first as it is, then with corruptions such as a language
model makes: digits replaced, swapped, dropped or doubled in a number; letters swapped in a word; a line dropped; a line
invented that would fit the page. RapidOCR reads the same pages as the second reader, and `Comparison` says its doubts.

Figures: `recall` is the share of the changed numbers that a doubt touches; `false_rate` the share of the untouched
numbers that a doubt touches, unless a change lies in the same doubt (one of the numbers of a date); `line_recall` the
share of the invented lines of which doubts cover at least half; `line_false_rate` the share of the untouched lines of
which half lies in doubts about lines; `dropped_recall` the share of the dropped lines of at least eight letters or
digits that a doubt quotes. A number is a run of digits with its separators. The pages are those of `read_quality.py`,
the invoices (their own text, rendered) and two typed pages of ../shared/data. The rules and thresholds of the
comparison were tried out on these pages: expect less on others.

`second_reader` gives what the second reader costs: pages a second of one process on one core in the modes `numbers` and
`all`, and the share of the lines that the mode `numbers` reads.

Run `python -m benchmarks.doubts` (minutes) or `--quick` (under a minute); `--show` prints what was missed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from benchmarks.read_quality import DATA, load_sets
from langchain_hunyuanocr.engines.rapid.second_reader import DetectedLine, SecondReader
from langchain_hunyuanocr.pages import Page, PageSettings, Source, render_page
from langchain_hunyuanocr.reader.verifier import CheckSteps, Verifier
from langchain_hunyuanocr.reading.answers.parse import read_answer
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.reading.verification.comparison import Comparison
from langchain_hunyuanocr.reading.verification.plain_text import hidden_in
from langchain_hunyuanocr.results import Doubt, Generation, Line
from langchain_hunyuanocr.tasks import Task

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]{5,}")
_LINE = re.compile(r"[^\n]+")
_INVENTED = (
    "Payment is due within 45 days of receipt of this document.",
    "See section 14.2 for the conditions that apply in this case.",
    "The figures were confirmed by an independent auditor in March.",
    "All rights reserved; no part may be copied without consent.",
    "本页所列数据均已经过第三方机构核实。",
    "如有疑问，请于收到之日起十五日内书面提出。",
)
_A_TIME = 5
"""Corruptions of one text at a time."""


@dataclass(frozen=True)
class Sample:
    """A page, and what it truly says as a model would have written it."""

    name: str
    kind: str
    page: Page
    content: Content


@dataclass
class Tally:
    """What was counted."""

    changed: int = 0
    noticed: int = 0
    untouched: int = 0
    wronged: int = 0
    invented: int = 0
    lines_noticed: int = 0
    lines: int = 0
    lines_wronged: int = 0
    dropped: int = 0
    drops_noticed: int = 0
    swapped: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another's in."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def figures(self) -> dict[str, float]:
        """The shares."""
        pairs = {
            "recall": (self.noticed, self.changed),
            "false_rate": (self.wronged, self.untouched),
            "line_recall": (self.lines_noticed, self.invented),
            "line_false_rate": (self.lines_wronged, self.lines),
            "dropped_recall": (self.drops_noticed, self.dropped),
        }
        return {name: round(part / whole, 4) for name, (part, whole) in pairs.items() if whole}


def samples(*, quick: bool) -> Iterator[Sample]:
    """Real pages with their true text."""
    for kind, cases in load_sets(quick=quick).items():
        for case in cases:
            page = render_page(Source.of(case.path), 0)
            text = "\n\n".join(case.tables) if kind == "tables" else case.truth
            yield Sample(case.path.name, kind, page, read_answer(Generation(text=text), Task()))
    for name in ("simple_document/edgar", "synth_table/untable"):
        path = DATA / f"olmocr/sample_dataset/{name}.pdf"
        # What stands between lines of dashes at the beginning is about the page, not on it.
        text = path.with_suffix(".md").read_text(encoding="utf-8").split("\n---\n", 1)[-1]
        yield Sample(path.name, "typed", render_page(Source.of(path), 0), read_answer(Generation(text=text), Task()))
    for path in sorted((DATA / "invoices").glob("*.pdf"))[: 1 if quick else None]:
        page = render_page(Source.of(path), 0, PageSettings())
        if page.text_layer.good:
            yield Sample(path.name, "invoices", page, read_lines(page.text_layer.lines, page.picture))


@dataclass(frozen=True)
class Change:
    """One corruption: what stands at `[start, end)` becomes `new`."""

    kind: str
    start: int
    end: int
    new: str


def changes(content: Content, rng: random.Random, count: int) -> list[Change]:
    """Corruptions at places that do not touch, from the end of the text to its beginning."""
    text = content.markdown
    hidden = hidden_in(text, content.blocks, content.tables)
    shown = "".join(" " if any(a <= n < b for a, b in hidden) else char for n, char in enumerate(text))
    numbers = [match.span() for match in _NUMBER.finditer(shown)]
    words = [match.span() for match in _WORD.finditer(shown) if match[0].isascii()]
    lines = [m.span() for m in _LINE.finditer(text) if "|" not in m[0] and len(re.findall(r"\w", m[0])) >= 8]
    found: list[Change] = []
    for _ in range(count):
        kind = rng.choices(("number", "letters", "dropped", "invented"), (6, 1, 1, 2))[0]
        if kind == "number" and numbers:
            start, end = rng.choice(numbers)
            change = Change(kind, start, end, _other_number(text[start:end], rng))
        elif kind == "letters" and words:
            start, end = rng.choice(words)
            at = rng.randrange(start, end - 1)
            change = Change(kind, start, end, text[start:at] + text[at + 1] + text[at] + text[at + 2 : end])
        elif kind == "dropped" and lines:
            start, end = rng.choice(lines)
            change = Change(kind, start, end, "")
        elif kind == "invented" and lines:
            start = rng.choice(lines)[1]
            change = Change(kind, start, start, "\n" + rng.choice(_INVENTED))
        else:
            continue
        if all(change.end < other.start or other.end < change.start for other in found):
            found.append(change)
    return sorted(found, key=lambda change: -change.start)


def _other_number(number: str, rng: random.Random) -> str:
    """A number as a language model gets it wrong."""
    places = [n for n, char in enumerate(number) if char.isdigit()]
    at = rng.choice(places)
    kind = rng.choice(("replaced", "replaced", "swapped", "dropped", "doubled"))
    if kind == "swapped" and at + 1 < len(number) and number[at + 1].isdigit() and number[at] != number[at + 1]:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if kind == "dropped" and len(places) > 1:
        return number[:at] + number[at + 1 :]
    if kind == "doubled":
        return number[:at] + number[at] + number[at:]
    return number[:at] + rng.choice([digit for digit in "0123456789" if digit != number[at]]) + number[at + 1 :]


def corrupted(content: Content, made: list[Change]) -> tuple[Content, list[tuple[Change, int, int]]]:
    """The content with the corruptions, and where each stands in it. `made` goes from the end to the beginning."""
    text = content.markdown
    blocks = list(content.blocks)
    places: list[tuple[Change, int, int]] = []
    for change in made:
        text = text[: change.start] + change.new + text[change.end :]
        grown = len(change.new) - (change.end - change.start)
        places = [(other, start + grown, end + grown) for other, start, end in places]
        places.append((change, change.start, change.start + len(change.new)))
        for number, block in enumerate(blocks):
            start = block.start + grown if block.start >= change.end else block.start
            end = block.end + grown if block.end >= change.end else block.end
            blocks[number] = block.model_copy(update={"start": start, "end": max(start, end)})
    return Content(text, tuple(blocks), tables=content.tables), places


def doubts_of(content: Content, lines: tuple[Line, ...], page: Page, second: SecondReader) -> tuple[Doubt, ...]:
    """What a second reader that has read all lines has to say."""
    comparison = Comparison(content.markdown, lines, blocks=content.blocks, tables=content.tables)
    looks = comparison.looks
    return comparison.settle(second.reread(page.picture, looks).result() if looks else ())[1]


def count(sample: Sample, content: Content, places: list[tuple[Change, int, int]], doubts: tuple[Doubt, ...]) -> Tally:
    """Compare doubts with what was done to a text."""
    tally = Tally()
    spans = [(d.start, d.start + len(d.text), d.kind) for d in doubts if d.start is not None and d.text]
    whole = [(start, end) for start, end, kind in spans if kind == "line"]
    quoted = " ".join(re.sub(r"\W", "", doubt.other or "") for doubt in doubts)
    for change, start, end in places:
        touched = any(a < end and start < b for a, b, _ in spans)
        if change.kind == "number":
            tally.changed += 1
            tally.noticed += touched
            if not touched:
                old = sample.content.markdown[change.start : change.end]
                tally.missed.append(f"{sample.name}: {old!r} became {change.new!r}")
        elif change.kind == "invented":
            tally.invented += 1
            tally.lines_noticed += 2 * sum(max(0, min(b, end) - max(a, start)) for a, b in whole) >= end - start
        elif change.kind == "dropped":
            tally.dropped += 1
            words = re.sub(r"\W", "", sample.content.markdown[change.start : change.end])
            tally.drops_noticed += words[:6] in quoted or words[-6:] in quoted
        else:
            tally.swapped += 1
    text = content.markdown
    hidden = hidden_in(text, content.blocks, content.tables)
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if any(a < end and start < b for a, b in hidden) or any(a <= end and start <= b for _, a, b in places):
            continue
        # A doubt about a date of which another number was changed is right.
        wronged = any(
            a < end and start < b and not any(first < b and a < last for _, first, last in places) for a, b, _ in spans
        )
        tally.untouched += 1
        tally.wronged += wronged
        if wronged:
            tally.missed.append(f"{sample.name}: {match[0]!r} is right and was doubted")
    for match in _LINE.finditer(text):
        start, end = match.span()
        if any(a <= end and start <= b for _, a, b in places) or len(re.findall(r"\w", match[0])) < 8:
            continue
        tally.lines += 1
        tally.lines_wronged += 2 * sum(max(0, min(b, end) - max(a, start)) for a, b in whole) >= end - start
    return tally


def run(steps: CheckSteps) -> tuple[Any, int]:
    """Drive a check to its end, waiting for each thing it asks for; its outcome and how many lines it read."""
    read = 0
    try:
        waited: Future[Any] = next(steps)
        while True:
            result = waited.result()
            if result and isinstance(result[0], DetectedLine):
                read = sum(spot.lines is not None for spot in result)
            waited = steps.send(result)
    except StopIteration as done:
        return done.value, read


def cost(found: list[Sample], second: SecondReader) -> dict[str, float]:
    """Pages a second of one process in each mode, and the share of lines that `numbers` reads."""
    figures: dict[str, float] = {}
    lines = 0
    for mode in ("all", "numbers"):
        checker = Verifier(second, verify="all" if mode == "all" else "numbers")
        read, started = 0, time.perf_counter()
        for sample in found:
            picture = sample.page.picture
            answer = Generation(text=sample.content.markdown)
            _, count_read = run(checker.steps(picture, checker.begin(picture), sample.content, answer))
            read += count_read
        figures[f"{mode}_pages_per_s"] = round(len(found) / (time.perf_counter() - started), 3)
        if mode == "all":
            lines = read
        else:
            figures["numbers_share_of_lines"] = round(read / max(1, lines), 3)
    return figures


def main() -> None:
    """Measure, print a table and end with the RESULT line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few pages, a hundred corruptions, under a minute")
    parser.add_argument("--corruptions", type=int, default=None, help="how many in all; 1,000")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--show", action="store_true", help="print what was missed or wrongly doubted")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print("../shared/data is not here: the pages to measure on are not part of the project; nothing was measured")
        print('RESULT {"recall": null, "false_rate": null}')
        return
    wanted = arguments.corruptions or (100 if arguments.quick else 1000)
    rng = random.Random(arguments.seed)
    second = SecondReader(processes=1)
    found = list(samples(quick=arguments.quick))
    lines = {}
    for sample in found:
        spots = second.detect(sample.page.picture).result()
        lines[sample.name] = tuple(line for spot in spots for line in spot.lines or ())
    by_kind: dict[str, Tally] = {}
    agreement: dict[str, list[float]] = {}
    for sample in found:
        comparison = Comparison(
            sample.content.markdown, lines[sample.name], blocks=sample.content.blocks, tables=sample.content.tables
        )
        looks = comparison.looks
        share, doubts = comparison.settle(second.reread(sample.page.picture, looks).result() if looks else ())
        agreement.setdefault(sample.kind, []).append(share or 0.0)
        by_kind.setdefault(sample.kind, Tally()).add(count(sample, sample.content, [], doubts))
    done = 0
    while done < wanted:
        for sample in found:
            content, places = corrupted(sample.content, changes(sample.content, rng, _A_TIME))
            doubts = doubts_of(content, lines[sample.name], sample.page, second)
            by_kind[sample.kind].add(count(sample, content, places, doubts))
            done += len(places)
            if done >= wanted:
                break
    total = Tally()
    print(f"{'pages':14}{'agreement':>10}{'numbers':>9}{'recall':>8}{'false':>8}{'lines':>8}{'false':>8}{'dropped':>9}")
    for kind, tally in by_kind.items():
        total.add(tally)
        _print(kind, tally, statistics.mean(agreement[kind]))
    _print("all", total, statistics.mean(share for shares in agreement.values() for share in shares))
    if arguments.show:
        for words, times in Counter(total.missed).most_common(80):
            print(f"  {times:3} {words}")
    figures = {**total.figures(), "corruptions": done, "second_reader": cost(found, second)}
    second.close()
    print("RESULT " + json.dumps(figures))


def _print(kind: str, tally: Tally, agreement: float) -> None:
    shares = tally.figures()
    names = ("recall", "false_rate", "line_recall", "line_false_rate", "dropped_recall")
    cells = "".join(f"{shares[name]:8.3f}" if name in shares else f"{'-':>8}" for name in names)
    print(f"{kind:14}{agreement:10.3f}{tally.changed + tally.untouched:9}{cells}")


if __name__ == "__main__":
    main()
