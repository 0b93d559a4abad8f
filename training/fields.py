"""Fit the weights by which values are ranked: `langchain_hunyuanocr/reading/fields/ranking/weights.json`.

    python -m training.fields [--generated 24] [--cache]

Papers: the receipts of ../shared/data/real (SROIE) with their truth, generated receipts and invoices, and the pages of
books and reports beside the receipts, which have neither an issuer nor a total: they teach what none looks like. A
conditional logit for each role is fitted by gradient descent with a penalty on the squares of the weights, so that the
likelihoods stay careful. Parts of a total (net, tax, rounding, paid, change) have no truth; they are learned on
receipts whose labelled parts add up to the true total, without the features that say so. The weights hold no text of
the papers. `benchmarks/real_fields.py` fits with the same functions, without the receipts that it judges.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

import langchain_hunyuanocr.reading.fields.ranking as ranking
from langchain_hunyuanocr.demo.page_canvas import PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData
from langchain_hunyuanocr.demo.templates.invoice import invoice
from langchain_hunyuanocr.demo.templates.receipt import receipt
from langchain_hunyuanocr.reading.fields.dates import DateOrder, date_order, parse_date
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.reading.fields.ranking.dated import PageDates
from langchain_hunyuanocr.reading.fields.ranking.letterhead import HeadSpan, Letterhead
from langchain_hunyuanocr.reading.fields.ranking.model import NONE, Weights
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.ranking.sums import PageSums
from langchain_hunyuanocr.reading.fields.value_kinds import flat, fold
from langchain_hunyuanocr.results import Box, Line

GENERATED = 12
"""Generated papers of each kind that are fitted beside the real ones."""
TRUE = ("total", "date", "merchant", "address")
"""Roles of which papers have a truth."""
ROLES = ("total", "date", "merchant", "address", "subtotal", "tax", "rounding", "paid", "change")
PARTS = ("subtotal", "tax", "rounding", "paid", "change")
"""Sums without a truth of their own."""
_PROVING = ("parts", "paid_less_change", "items", "rounded", "rounds_to_other", "own_last")
"""Features by which the truth of parts is told: none of them may be learned from it."""
_NAMES = {"company": "merchant", "seller": "merchant"}
OF_PAGE = "page_"
"""How the names of the features begin that are the same for all candidates of a page."""
_MOST = 100_000
"""Papers of one seed, as in `demo.field_samples`: the seeds of the benchmarks are others."""
_PENALTY = 0.01
_PAGE_PENALTY = 0.001
"""The same of what a page is like as a whole: few features, and pages of many kinds that tell them."""
_STEPS = 500
_RATE = 0.1
_LEAST_LIKE = 85.0
"""Likeness in percent from which rows that were misread are taught as the right ones."""

Example = tuple[list[Mapping[str, float]], list[int]]
"""The features of a page's candidates, and which of them are right: several say the same, or none."""


@dataclass(frozen=True)
class Paper:
    """A page as it was read, and what is true of it.

    Attributes:
        lines: As the engine read them.
        truth: Values by role, as they are printed.
        complete: Whether a role that `truth` lacks is not on the page; else it is not known.
    """

    lines: Sequence[Line]
    truth: Mapping[str, str]
    complete: bool = False


def fit(taught: Sequence[Mapping[str, Example]], elsewhere: Sequence[Mapping[str, Example]]) -> dict[str, Weights]:
    """The weights of every role.

    Args:
        taught: What each paper teaches, see `examples_of`: these tell which candidate is the one.
        elsewhere: The same of pages that have none. They only tell by what a page is like as a whole how likely it has
            one: what its candidates look like is no matter.
    """
    found = {}
    for role in ROLES:
        own, none = ([told[role] for told in papers if role in told] for papers in (taught, elsewhere))
        found[role] = fit_role(own, none)
    return found


def examples_of(paper: Paper) -> dict[str, Example]:
    """What a paper teaches about each role."""
    page = PageRows(paper.lines)
    order: DateOrder | None = date_order(flat(line.text) for line in paper.lines)
    sums, dates, head = PageSums(page), PageDates(page, order), Letterhead(page)
    taught: dict[str, Example] = {}
    total = decimal_of(paper.truth["total"]) if "total" in paper.truth else None
    if total is not None:
        features = sums.features("total")
        taught["total"] = _example(features, [value for value in features if value == total])
    elif paper.complete:
        taught |= {role: _example(sums.features(role), []) for role in ("total", "paid", "change")}
    if total is not None:
        for role in PARTS:
            right = _parts(sums, role, total)
            if right is not None:
                features = {
                    value: {name: told for name, told in named.items() if name not in _PROVING}
                    for value, named in sums.features(role).items()
                }
                taught[role] = _example(features, [value for value in features if value in right])
    if "date" in paper.truth:
        day = parse_date(paper.truth["date"], order or "dmy")
        same = [other for other in dates.by_day if day in (other, parse_date(other, "dmy"))]
        taught["date"] = _example(dates.features("date"), same)
    spans: Mapping[HeadSpan, Mapping[str, float]]
    for role, spans, text_of in (
        ("merchant", head.names(), head.name_text),
        ("address", head.addresses(), head.address_text),
    ):
        if role not in paper.truth:
            if paper.complete:
                taught[role] = _example(spans, [])
            continue
        true = fold(paper.truth[role])
        likeness = {span: fuzz.ratio(fold(text_of(span)), true) for span in spans}
        most = max(likeness.values(), default=0.0)
        taught[role] = _example(spans, [s for s, like in likeness.items() if like == most >= _LEAST_LIKE])
    return taught


def _parts(sums: PageSums, role: str, total: Decimal) -> set[Decimal] | None:
    """The values of a part of the total, where arithmetic tells it, empty where it has no label; `None` for unknown."""
    if not sums.of_role(role):
        return set()
    if role in ("paid", "change"):
        pair = sums.paid_less_change(total)
        return {pair[0 if role == "paid" else 1]} if pair else None
    if role in ("subtotal", "tax"):
        parts = sums.parts_of(total)
        return {parts[0 if role == "subtotal" else 1]} if parts else None
    others = sums.of_role("total") | sums.of_role("subtotal")
    proven = {value for value in sums.of_role("rounding") if total - value in others and value != 0}
    return proven or ({Decimal(0)} if sums.of_role("rounding") == {Decimal(0)} else None)


def _example(features: Mapping[Any, Mapping[str, float]], right: Sequence[Hashable]) -> Example:
    keys = list(features)
    return [features[key] for key in keys], [keys.index(key) for key in right]


def fit_role(own: Sequence[Example], none: Sequence[Example]) -> Weights:
    """The weights of one role: first those of the candidates, then those of the page with all pages and these fixed."""
    found = _descended(own, {}, lambda name: not name.startswith(OF_PAGE), _PENALTY)
    if none:
        found = _descended([*own, *none], found, lambda name: name.startswith(OF_PAGE) or name == NONE, _PAGE_PENALTY)
    return {name: round(value, 3) for name, value in found.items() if abs(value) >= 0.001}


def _descended(
    examples: Sequence[Example], begun: Weights, moves: Callable[[str], bool], penalty: float
) -> dict[str, float]:
    """Weights by gradient descent (Adam) on the likelihood that one of the right candidates is taken.

    Args:
        examples: Of one role.
        begun: The weights to begin with.
        moves: Whether the weight of a feature is fitted.
        penalty: On the squares of the weights.
    """
    names = [*sorted({name for features, _ in examples for told in features for name in told}), NONE]
    place = {name: number for number, name in enumerate(names)}
    table = np.zeros((sum(len(features) + 1 for features, _ in examples), len(names)))
    wanted = np.zeros(len(table), dtype=bool)
    starts, row = [], 0
    for features, right in examples:
        starts.append(row)
        for number, told in enumerate([*features, {NONE: 1.0}]):
            for name, value in told.items():
                table[row + number, place[name]] = value
        wanted[[row + number for number in right] or row + len(features)] = True
        row += len(features) + 1
    page = np.repeat(np.arange(len(starts)), np.diff([*starts, row]))
    found = np.array([begun.get(name, 0.0) for name in names])
    free = np.array([float(moves(name)) for name in names])
    mean, spread = np.zeros_like(found), np.zeros_like(found)
    for step in range(1, _STEPS + 1):
        scores = table @ found
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[page])
        right_powers = np.where(wanted, powers, 0.0)
        given = powers / np.add.reduceat(powers, starts)[page]
        aim = right_powers / np.maximum(np.add.reduceat(right_powers, starts), 1e-12)[page]
        gradient = free * (penalty * found + table.T @ (given - aim) / len(starts))
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.99 * spread + 0.01 * gradient**2
        rate = _RATE if step < 0.6 * _STEPS else 0.2 * _RATE
        found -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.99**step)) + 1e-8)
    return {name: float(value) for name, value in zip(names, found, strict=True)}


def generated_papers(count: int, seed: int = 11) -> Iterator[Paper]:
    """Receipts in both languages and invoices, with their lines as they were written."""
    for number in range(seed * _MOST, seed * _MOST + count):
        for tongue in ("en", "zh"):
            yield _generated(receipt(RandomData(number), tongue, varied=True).pages[0].sheet, complete=True)
        sheet = invoice(RandomData(number), varied=True).pages[0].sheet
        yield _generated(sheet, complete=False)


def _generated(sheet: PageCanvas, *, complete: bool) -> Paper:
    lines = [
        Line(text=text, box=Box.from_pixels(*box, width=sheet.width, height=sheet.height), score=1.0)
        for text, box in sheet.placed
        if text.strip()
    ]
    truth = {_NAMES.get(role, role): value for role, value in sheet.fields.items()}
    return Paper(lines, {role: value for role, value in truth.items() if role in TRUE}, complete)


def other_pages(read: Callable[[Path], Sequence[Line]], folder: Path) -> dict[str, Paper]:
    """Pages that are neither a receipt nor an invoice, one of each report or book, by the name of the file.

    Args:
        read: Gives the lines of a picture.
        folder: That holds the folders `pages` and `reports`.
    """
    pictures = sorted(path for path in folder.glob("pages/*") if path.suffix in (".jpg", ".png"))
    reports = {path.stem.rpartition("_p")[0]: path for path in sorted(folder.glob("reports/*.jpg"))}
    return {path.stem: Paper(read(path), {}, complete=True) for path in (*pictures, *reports.values())}


def real_receipts(read: Callable[[Path], Sequence[Line]], folder: Path) -> dict[str, Paper]:
    """The receipts of `real/receipts` by number.

    Args:
        read: Gives the lines of a picture.
        folder: That holds the pictures and `truth.json`.
    """
    told: dict[str, dict[str, str]] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {
        number: Paper(
            read(folder / f"{number}.jpg"), {_NAMES.get(name, name): value for name, value in truth.items() if value}
        )
        for number, truth in sorted(told.items())
    }


def main() -> None:
    """Fit with all papers and write the weights."""
    from benchmarks.real_fields import OTHERS, RECEIPTS, lines_of

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--generated", type=int, default=GENERATED, help="generated papers of each kind")
    parser.add_argument("--cache", action="store_true", help="keep readings from run to run")
    given = parser.parse_args()
    real = real_receipts(lambda path: lines_of(path, keep=given.cache), RECEIPTS)
    others = other_pages(lambda path: lines_of(path, keep=given.cache), OTHERS)
    papers = [*real.values(), *generated_papers(given.generated)]
    found = fit([examples_of(paper) for paper in papers], [examples_of(page) for page in others.values()])
    path = Path(ranking.__path__[0]) / "weights.json"
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(papers)} papers, {len(others)} other pages, {sum(map(len, found.values()))} weights: {path}")


if __name__ == "__main__":
    main()
