"""Are the values of real receipts, invoices and forms found, and can `confirmed` be relied on?

    python -m benchmarks.real_fields [--quick] [--cache] [--show]

Papers of ../shared/data that nobody here made, read with the `rapid` engine: `real/receipts` (SROIE, ICDAR 2019),
`invoices` and `forms_kv`. The receipts are judged by five-fold cross-validation: the ranking model that judges a
receipt was fitted without it and the rest of its fold. It is done twice: with folds of receipts, and with folds of
companies, whose receipts are printed alike, so that none was seen. Beside the figures stands a baseline of some thirty
lines of regular expressions over the same lines. How many values are given on pages of reports and books, which have
none of them, is printed as well. The invoices and forms are few; they are judged with the model in the
package, and printed only.

* `exact`: the share of receipts of which a field is right: dates as days, totals as numbers, names and addresses by
  their letters and digits.
* `confirmed_wrong`: of the values called `confirmed`, the share that is wrong.
* `confirmed_right_share`: of the right values, the share that is called `confirmed`.
* `companies`: the same three with folds of companies.

`--cache` keeps readings in `benchmarks/.work`, for development; `--quick` judges every tenth receipt with the model in
the package. Without the papers it says so and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.fields import DATA, Case, reading_of, reread_paper, score_case
from langchain_hunyuanocr.pages import Page, iter_pages, source_of
from langchain_hunyuanocr.reading.fields.find import FieldPlan, find_fields
from langchain_hunyuanocr.reading.fields.normalize import decimal_of, normalise
from langchain_hunyuanocr.reading.fields.ranking.model import Weights
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, flat
from langchain_hunyuanocr.results import Field, FieldState, Line
from training.fields import GENERATED, Paper, examples_of, fit, generated_papers, other_pages, real_receipts

if TYPE_CHECKING:
    from PIL.Image import Image

OTHERS = DATA / "real"
RECEIPTS = OTHERS / "receipts"
NAMES = {"company": "merchant", "date": "date", "address": "address", "total": "total"}
"""The truth's names of fields, and the preset's."""
NOT_ELSEWHERE = ("merchant", "address", "total")
"""Fields that no page of a report or a book has."""
FOLDS = 5
QUICK_STEP = 10
SAME_NAME = 8
"""Letters by which two names of companies are taken for one."""


@dataclass
class Tally:
    """What came of the fields of the receipts."""

    true: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    """Those that carry `confirmed` and are wrong."""

    def exact(self) -> dict[str, float]:
        """The share of each field that is right."""
        return {name: round(self.right[name] / self.true[name], 4) for name in NAMES if self.true[name]}

    def result(self) -> dict[str, Any]:
        """The figures of the RESULT line."""
        confirmed, wrong = sum(self.confirmed.values()), sum(self.wrong.values())
        return {
            "exact": self.exact(),
            "confirmed": confirmed,
            "confirmed_wrong": round(wrong / max(1, confirmed), 4),
            "confirmed_right_share": round((confirmed - wrong) / max(1, sum(self.right.values())), 4),
        }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="every tenth receipt, no cross-validation")
    parser.add_argument("--cache", action="store_true", help="keep readings from run to run")
    parser.add_argument("--show", action="store_true", help="print every value that is wrong or missing")
    given = parser.parse_args()
    if not (RECEIPTS / "truth.json").is_file():
        print(f"nothing measured: there are no receipts in {RECEIPTS}")
        sys.exit(0)
    begun = time.monotonic()
    truth: dict[str, dict[str, str]] = json.loads((RECEIPTS / "truth.json").read_text(encoding="utf-8"))
    papers = sorted(truth)[:: QUICK_STEP if given.quick else 1]
    baseline = Tally()
    for paper in papers:
        lines = lines_of(RECEIPTS / f"{paper}.jpg", keep=given.cache)
        count(baseline, paper, truth[paper], by_regular_expressions(lines), show=False)
    results = {}
    if given.quick:
        tally = _judged(papers, truth, lambda _: None, given)
        report("receipts", tally, baseline)
        results["receipts"] = tally.result()
    else:
        known = real_receipts(lambda path: lines_of(path, keep=given.cache), RECEIPTS)
        others = other_pages(lambda path: lines_of(path, keep=given.cache), OTHERS)
        for kind, folds in (("receipts", by_receipt(papers)), ("companies", by_company(truth))):
            models = _fitted(known, folds, others)
            tally = _judged(papers, truth, lambda paper, m=models, f=folds: m[f[paper]], given)  # type: ignore[misc]
            report(kind, tally, baseline)
            results[kind] = tally.result()
        told = given_elsewhere(others, models)
        print(f"{len(others)} pages without any: " + ", ".join(f"{name} {told[name]}" for name in NOT_ELSEWHERE))
        _others(given.cache, given.show)
    print(f"{len(papers)} receipts, {time.monotonic() - begun:.0f} s")
    print(
        "RESULT", json.dumps(results["receipts"] | {kind: told for kind, told in results.items() if kind != "receipts"})
    )


def by_receipt(papers: Sequence[str]) -> dict[str, int]:
    """The fold of each receipt, in turn."""
    return {paper: number % FOLDS for number, paper in enumerate(papers)}


def by_company(truth: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """The fold of each receipt, those of a company in one; names are compared by how they begin, since they vary."""
    companies = sorted({letters_of(told["company"])[:SAME_NAME] for told in truth.values()})
    return {paper: companies.index(letters_of(told["company"])[:SAME_NAME]) % FOLDS for paper, told in truth.items()}


def _fitted(
    known: Mapping[str, Paper], folds: Mapping[str, int], others: Mapping[str, Paper]
) -> list[dict[str, Weights]]:
    """For each fold the weights that were fitted without it; other pages are in folds in turn."""
    generated = [examples_of(paper) for paper in generated_papers(GENERATED)]
    taught, elsewhere = ({name: examples_of(page) for name, page in papers.items()} for papers in (known, others))
    fold_of = {**folds, **by_receipt(sorted(others))}
    return [
        fit(
            [*(told for paper, told in taught.items() if fold_of[paper] != fold), *generated],
            [told for page, told in elsewhere.items() if fold_of[page] != fold],
        )
        for fold in range(FOLDS)
    ]


def given_elsewhere(others: Mapping[str, Paper], models: Sequence[Mapping[str, Weights]]) -> Counter[str]:
    """How many values are given on pages that have none of them, each with the model that was fitted without it."""
    found: Counter[str] = Counter()
    for paper, fold in by_receipt(sorted(others)).items():
        fields = find_fields("receipt", others[paper].lines, page=0, model=models[fold])
        found.update(field.name for field in fields if field.name in NOT_ELSEWHERE and field.value is not None)
    return found


def _judged(
    papers: Sequence[str],
    truth: Mapping[str, Mapping[str, str]],
    model_of: Callable[[str], Mapping[str, Weights] | None],
    given: argparse.Namespace,
) -> Tally:
    """What the fields of the receipts are, each with its own model; `None` takes the one in the package."""
    tally, plan = Tally(), FieldPlan.of(None, preset="receipt")
    for paper in papers:
        picture = picture_of(RECEIPTS / f"{paper}.jpg")
        with reading_of(f"receipt-{paper}", picture, keep=given.cache) as reading:
            again, model = reread_paper(reading, picture), model_of(paper)
            found = find_fields(plan, reading.lines, reading.tables, page=0, again=again, model=model)
        count(tally, paper, truth[paper], {one.name: one for one in found}, show=given.show)
    return tally


def count(tally: Tally, paper: str, truth: Mapping[str, str], found: dict[str, Field], *, show: bool) -> None:
    """Add what was found on a receipt to a tally."""
    for name, ours in NAMES.items():
        if not truth.get(name):
            continue
        one = found.get(ours)
        right = one is not None and one.value is not None and is_right(name, one.value, truth[name])
        sure = one is not None and one.state is FieldState.CONFIRMED
        tally.true[name] += 1
        tally.right[name] += right
        tally.confirmed[name] += sure
        tally.wrong[name] += sure and not right
        if show and not right:
            told = "WRONG, confirmed" if sure else "wrong"
            print(f"{told:16} {paper} {name}: {one.value if one else None!r}, not {truth[name]!r}")


def lines_of(path: Path, *, keep: bool) -> Sequence[Line]:
    """The lines of a receipt or another page as the engine read them."""
    kind = path.parent.name.removesuffix("s")
    with reading_of(f"{kind}-{path.stem}", picture_of(path), keep=keep) as reading:
        return reading.lines


@cache
def picture_of(path: Path) -> Image:
    """The page of a picture, upright."""
    (page,) = iter_pages(source_of(str(path)))
    assert isinstance(page, Page), f"{path}: {page}"
    return page.picture


def is_right(name: str, value: str, true: str) -> bool:
    """Whether a value says what the truth says."""
    if name == "date":
        return day_of(value) == day_of(true) is not None
    if name == "total":
        return decimal_of(value) == decimal_of(true)
    return letters_of(value) == letters_of(true)


def letters_of(text: str) -> str:
    """Letters and digits alone, without case."""
    return re.sub(r"[\W_]", "", flat(text))


def day_of(text: str) -> str | None:
    """The day that a date of these receipts says: they are Malaysian, so the day stands before the month."""
    return normalise(text, ValueKind.DATE, order="dmy")


def report(kind: str, tally: Tally, baseline: Tally) -> None:
    """Print the figures of the fields, the baseline's beside them."""
    print(f"folds of {kind}")
    print(f"{'field':10} {'true':>5} {'right':>6} {'baseline':>9}  confirmed: {'all':>5} {'wrong':>6}")
    for name in NAMES:
        ours, theirs = tally.exact().get(name, 0.0), baseline.exact().get(name, 0.0)
        sure, wrong = tally.confirmed[name], tally.wrong[name]
        print(f"{name:10} {tally.true[name]:5} {ours:6.3f} {theirs:9.3f} {sure:17} {wrong:6}")


def _others(keep: bool, show: bool) -> None:
    """Print the figures of the real invoices and forms."""
    groups = {
        "invoices": sorted((DATA / "invoices").glob("*.pdf")),
        "forms": sorted((DATA / "forms_kv").glob("*.json")),
    }
    for group, paths in groups.items():
        counts: Counter[str] = Counter()
        for number, path in enumerate(paths):
            score = score_case(Case(group, number, path=str(path)), keep)
            counts.update(score.counts)
            if show:
                print("\n".join(score.told))
        kinds = ", ".join(f"{kind} {counts[kind]}" for kind in ("true", "right", "wrong"))
        print(f"{group}: {kinds}; confirmed: right {counts['right confirmed']}, wrong {counts['wrong confirmed']}")


def by_regular_expressions(lines: Sequence[Line]) -> dict[str, Field]:
    """The baseline: what a developer writes in half an hour."""
    rows = sorted(lines, key=lambda line: (round(line.box.y0, 2), line.box.x0))
    texts = [line.text for line in rows]
    found: dict[str, str] = {}
    for text in texts:
        date = re.search(
            r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[ -/][A-Za-z]{3}[ -/]\d{4}", text
        )
        if date and day_of(date[0]):
            found["date"] = date[0]
            break
    heads = [text for text in texts[:8] if len(re.findall(r"[A-Z]", text)) > 5 and not re.search(r"\d{3}", text)]
    if heads:
        found["merchant"] = re.sub(r"\s*\(.*", "", heads[0])
    start = next(
        (n for n, text in enumerate(texts) if re.search(r"\b(no|lot|jalan|jln|level)\b|^\d+,", text, re.I)), None
    )
    if start is not None:
        end = next(
            (n for n in range(start, len(texts)) if re.search(r"tel|gst|invoice|receipt", texts[n], re.I)), start
        )
        found["address"] = " ".join(texts[start : min(end, start + 5)])
    for number, text in enumerate(texts):
        label = re.search(r"total", text, re.I) and not re.search(
            r"sub|qty|item|exclu|gst summary|disc|saving", text, re.I
        )
        sums = re.findall(r"\d[\d,]*\.\d\d\b", " ".join(texts[number : number + 3])) if label else []
        if sums:
            found["total"] = sums[0]
    state = FieldState.UNCONFIRMED
    return {name: Field(name=name, value=value, state=state) for name, value in found.items()}


if __name__ == "__main__":
    main()
