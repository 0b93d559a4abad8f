"""Of what a chat model says about real pages, how much that is true is kept as sure, and how much that is false?

    python -m benchmarks.proven_sentences [--quick] [--data ../shared/data/real] [--cache FOLDER] [-v]

A scripted model takes the place of a real one: it makes sentences of the true rows and values that came with the real
receipts and reports, each with a question that it answers and quotes copied from what `rapid` read on the page, and
turns each of them false in the ways that language models do: another column, another row, thousands for millions, a
scale left out, a figure rounded or with a digit changed, two figures added up, a denial, a name of its own, another
year, a cut in a sentence with `not`. Everything goes through the code that judges a real model's answers.

A true sentence is `sure`, `unsure` (given, not confident) or `struck`; a false one should never be sure. Figures:
`true_sure` and `true_kept` (sure or unsure) of the true sentences, `false_sure` and `false_struck` of the false ones,
by kind of lie in the table. A true sentence whose value was misread, or whose quote is not found for it, is left out.
"""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from benchmarks.ingested import read
from benchmarks.real_questions import arguments
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.answer.entailment import Verdict, judge
from langchain_hunyuanocr.archive.answer.number_words import declared_scales
from langchain_hunyuanocr.archive.answer.proof import PageWords
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.results import PageReading

QUICK = 12
"""Papers of each folder that a quick run takes."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_AMOUNT = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SCALES = {3: "thousand", 6: "million", 9: "billion"}
_WRONG_SCALE = {3: "million", 6: "billion", 9: "million"}
_LIMIT = re.compile(
    r" (?:at least|up to|approximately|more than|less than|may|could|would|not|only|if|unless|expected to) "
)
_DENIAL = re.compile(r"\b(?:is|are|was|were|did|does|do|has|have|will|may|can)( not)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the scripted model.

    Attributes:
        kind: `true`, or the way in which it is false.
        question: What it answers.
        text: The sentence.
        quotes: What it quotes, all from one page.
    """

    kind: str
    question: str
    text: str
    quotes: tuple[str, ...]


def main() -> None:
    """Run and print."""
    given = arguments(__doc__, "print each sentence that ends up wrong")
    if not (given.data / "receipts" / "truth.json").exists():
        print(f"there are no real papers in {given.data}: nothing is measured")
        return
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for reading in readings(given.data, given.cache, QUICK if given.quick else None):
        page = PageWords(reading)
        for said in (*of_receipt(reading, given.data), *of_report(reading, given.data), *of_prose(reading)):
            verdict = judged(page, said)
            if verdict is None:
                continue
            came = "sure" if verdict.sure else "struck" if verdict.struck else "unsure"
            family = "true " + said.kind.partition(" ")[2] if said.kind.startswith("true") else said.kind
            counts[family][came] += 1
            if given.verbose and (came == "sure") != said.kind.startswith("true"):
                print(f"{reading.file_name} | {said.kind} | {said.question} | {said.text} | {said.quotes} | {verdict}")
    report(counts)


def report(counts: dict[str, collections.Counter[str]]) -> None:
    """Print the table and the result."""
    print(f"\n{'sentences':24}{'n':>6}{'sure':>7}{'unsure':>8}{'struck':>8}")
    for kind in sorted(counts, key=lambda kind: (not kind.startswith("true"), kind)):
        count = counts[kind]
        print(f"{kind:24}{count.total():6}{count['sure']:7}{count['unsure']:8}{count['struck']:8}")
    true = sum((count for kind, count in counts.items() if kind.startswith("true")), collections.Counter[str]())
    false = sum((count for kind, count in counts.items() if not kind.startswith("true")), collections.Counter[str]())
    figures = {
        "true": true.total(),
        "true_sure": share(true, "sure"),
        "true_kept": round(share(true, "sure") + share(true, "unsure"), 4),
        "false": false.total(),
        "false_sure": share(false, "sure"),
        "false_struck": share(false, "struck"),
    }
    print("RESULT", json.dumps(figures))


def share(count: collections.Counter[str], of: str) -> float:
    """What part of some sentences came out so."""
    return round(count[of] / max(1, count.total()), 4)


def readings(data: Path, cache: Path, papers: int | None) -> Iterator[PageReading]:
    """What `rapid` reads on the papers."""
    files = [
        file for folder in ("receipts", "reports") for file in islice(sorted((data / folder).glob("*.jpg")), papers)
    ]
    with Archive(cache, engine="rapid", create=True) as archive:
        read(archive, files)
        for file in files:
            yield from archive.readings(str(file))


def judged(page: PageWords, said: Said) -> Verdict | None:
    """What comes of a sentence, as for a real model; `None` where a quote is not on the page."""
    places = [page.places(quote) for quote in said.quotes]
    if not all(places):
        return None
    verdicts = [judge(said.question, said.text, proofs) for proofs in islice(product(*places), 32)]
    return next((verdict for verdict in verdicts if verdict.sure), verdicts[0])


def of_receipt(reading: PageReading, data: Path) -> Iterator[Said]:
    """Sentences about a receipt."""
    truth = json.loads((data / "receipts" / "truth.json").read_text("utf-8")).get(Path(reading.file_name).stem)
    if truth is None:
        return
    lines = [line.text for line in reading.lines]
    texts = [*reading.markdown.split("\n"), *lines]
    total, day, company = (truth.get("total") or "").lstrip("$RM "), truth.get("date"), truth.get("company")
    amounts = sorted({match.group() for line in lines for match in re.finditer(r"\d+\.\d\d(?!\d)", line)})
    if total:
        held = [text for text in texts if _whole(total, text)]
        labelled = [text for text in held if "total" in text.lower()]
        for quote in labelled[:1]:
            yield Said("true total", "What is the total?", f"The total is {total}.", (quote,))
            yield Said("rounded", "What is the total?", f"The total is {_value(total) + 0.4:.1f}.", (quote,))
            yield Said("currency", "What is the total?", f"The total is EUR {total}.", (quote,))
            yield Said("denial", "What is the total?", f"The total is not {total}.", (quote,))
            yield Said("scale", "What is the total?", f"The total is {total} thousand.", (quote,))
            yield Said("name", "Who paid?", f"The total of {total} was paid by Robert Miller.", (quote,))
            yield Said("other question", "When does the lease end?", f"The total is {total}.", (quote,))
        for other in [amount for amount in amounts if _value(amount) not in (0, _value(total))][:3]:
            for quote in [text for text in texts if _whole(other, text)][:1]:
                yield Said("other amount", "What is the total?", f"The total is {other}.", (quote,))
                if labelled:
                    sum_of = _value(other) + _value(total)
                    yield Said("added up", "What was paid in all?", f"The total is {sum_of:.2f}.", (quote, labelled[0]))
    if day:
        for quote in [text for text in texts if day in text][:1]:
            yield Said("true date", "What is the date?", f"The date is {day}.", (quote,))
            yield Said("denial", "What is the date?", "The receipt is not dated.", (quote,))
            turned = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit.group()) + 1) % 10), day)
            yield Said("digit", "What is the date?", f"The date is {turned}.", (quote,))
    if company:
        for quote in [text for text in texts if fold(company) in fold(text)][:1]:
            yield Said("true name", "Who is the merchant?", f"The merchant is {company}.", (quote,))
            yield Said("name", "Who is the merchant?", "The merchant is Harbour View Trading.", (quote,))


def of_report(reading: PageReading, data: Path) -> Iterator[Said]:
    """Sentences about the rows of a statement."""
    file = data / "reports" / f"{Path(reading.file_name).stem}.rows.json"
    if not file.exists():
        return
    rows = json.loads(file.read_text("utf-8"))
    scales = declared_scales(fold(reading.markdown))
    scale = next(iter(scales)) if len(scales) == 1 else None
    word = f" {_SCALES[scale]}" if scale in _SCALES else ""
    told = re.search(r"\(?in (?:thousands|millions|billions)|\((?:thousands|millions|billions)", reading.markdown, re.I)
    header = next((line for line in reading.markdown.split("\n") if len(set(_YEAR.findall(line))) > 1), "")
    years = list(dict.fromkeys(_YEAR.findall(header)))
    for at, row in enumerate(rows):
        figures, label = row["figures"], row["label"]
        quote = next((line for line in reading.markdown.split("\n") if _is_row(line, label, figures)), None)
        if quote is None or len(set(figures)) < 2 or len(figures) != len(years) or not all(map(_plain, figures)):
            continue
        beside = (years[0], *((told.group(),) if told else ()))
        asked = f"What was {label} in {years[0]}?"
        start = f"{label} in {years[0]} was "
        yield Said("true row", asked, f"{start}{figures[0]}{word}.", (quote, *beside))
        yield Said("other column", asked, f"{start}{figures[1]}{word}.", (quote, *beside))
        yield Said("other year", f"What was {label} in {years[1]}?", f"{label} in {years[1]} was {figures[0]}{word}.",
                   (quote, years[1], *beside[1:]))  # fmt: skip
        yield Said("denial", asked, f"{label} in {years[0]} was not {figures[0]}{word}.", (quote, *beside))
        if "%" not in quote:
            yield Said("percent", asked, f"{start}{figures[0]} percent.", (quote, *beside))
        digits = figures[0][:-1] + str((int(figures[0][-1]) + 1) % 10)
        yield Said("digit", asked, f"{start}{digits}{word}.", (quote, *beside))
        if word and scale is not None:
            yield Said("scale", asked, f"{start}{figures[0]} {_WRONG_SCALE[scale]}.", (quote, *beside))
            if "per share" not in label.lower() and "per common share" not in label.lower():
                yield Said("no scale", asked, f"{start}{figures[0]}.", (quote, *beside[:1]))
        other = rows[at - 1]
        wrong = next(
            (line for line in reading.markdown.split("\n") if _is_row(line, other["label"], other["figures"])), ""
        )
        if wrong and other["figures"][0] not in figures and other["label"] != label and _plain(other["figures"][0]):
            yield Said("other row", asked, f"{start}{other['figures'][0]}{word}.", (wrong, *beside))
            yield Said("other row", asked, f"{start}{other['figures'][0]}{word}.", (quote, wrong, *beside))


def of_prose(reading: PageReading) -> Iterator[Said]:
    """Sentences of the running text, asked for by some of their own words."""
    for block in reading.markdown.split("\n\n"):
        if block.startswith(("|", "#")) or len(block.split()) < 8:
            continue
        for sentence in re.split(r"(?<=[.])\s+(?=[A-Z])", block.replace("\n", " ")):
            words = sentence.split()
            if not 6 <= len(words) <= 40 or not sentence.endswith(".") or not words[0][0].isupper():
                continue
            asked = f"What is said of {' '.join(words[1:5])}?"
            yield Said("true prose", asked, sentence, (sentence,))
            denied = _DENIAL.search(sentence)
            if denied:
                cut = sentence[denied.end() :].strip()
                yield Said("denial cut", asked, sentence[: denied.start(1)] + sentence[denied.end(1) :], (cut,))
            else:
                told = re.search(r"\b(?:is|are|was|were|may|will|can)\b", sentence)
                if told:
                    yield Said("denial", asked, f"{sentence[: told.end()]} not{sentence[told.end() :]}", (sentence,))
            figure = next((one for one in _AMOUNT.finditer(sentence) if len(one.group()) > 1), None)
            if figure:
                digit = str((int(figure.group()[-1]) + 1) % 10)
                yield Said("digit", asked, sentence[: figure.end() - 1] + digit + sentence[figure.end() :], (sentence,))
            figures = [one for one in _AMOUNT.finditer(sentence) if len(one.group()) > 1]
            if len(figures) > 1 and figures[0].group() != figures[1].group():
                one, two = figures[:2]
                turned = sentence[: one.start()] + two.group() + sentence[one.end() : two.start()] + one.group()
                yield Said("swapped figures", asked, turned + sentence[two.end() :], (sentence,))
            names = list(re.finditer(r"(?<=\s)[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})*", sentence))
            if len(names) > 1 and names[0].group()[:4] != names[1].group()[:4]:
                one, two = names[:2]
                turned = sentence[: one.start()] + two.group() + sentence[one.end() : two.start()] + one.group()
                yield Said("swapped names", asked, turned + sentence[two.end() :], (sentence,))
            limit = _LIMIT.search(sentence)
            if limit:
                cut = sentence[: limit.start()] + sentence[limit.end() :]
                yield Said("limit left out", asked, cut, (sentence,))
                yield Said("limit left out", asked, sentence[limit.end() :].strip(), (sentence[limit.end() :].strip(),))
            if "million" in sentence:
                yield Said("scale", asked, sentence.replace("million", "billion"), (sentence,))
            yield Said("name", asked, f"{sentence[:-1]}, as Robert Miller wrote.", (sentence,))
            yield Said("other question", "Who pays the electricity of the flat in Ghent?", sentence, (sentence,))


def _value(amount: str) -> float:
    return float(amount.replace(",", ""))


def _whole(value: str, text: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(value)}(?![\d]|[.,]\d)", text) is not None


def _plain(figure: str) -> bool:
    return re.fullmatch(r"\d[\d,]*(?:\.\d+)?", figure) is not None


def _is_row(line: str, label: str, figures: list[str]) -> bool:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return bool(label) and fold(cells[0]) == fold(label) and all(_whole(figure, line) for figure in figures)


if __name__ == "__main__":
    main()
