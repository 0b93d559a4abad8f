"""Pages of very many lines: what is done about a page grows with its lines and not with their square.

Counted are the calls of functions, which are the same in every run; a clock is not.
"""

from __future__ import annotations

import cProfile
import pstats
import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.ranking import line_bands
from langchain_hunyuanocr.reading.fields.ranking.line_bands import LineBands
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.ranking.sums import PageSums
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line
from tests.hostile import rounds

FEW = rounds(200, 3000)
"""Lines of the smaller page."""
GROWS = 2.7
"""Most by which the work may grow on a page of twice the lines; it were 4 if each line were asked about each other."""
WORDS = ["Invoice No:", "Total due:", "Date: 2024-03-05", "harbour office letter", "Amount 12.50", "3 ropes", "1234"]


def prose(count: int) -> list[Line]:
    return [line(f"{WORDS[n % 7]} {n}", 0.1, n / count, 0.5, 0.7 / count) for n in range(count)]


def grid(count: int) -> list[Line]:
    rows = count // 10
    return [
        line(WORDS[c % 7] if r == 0 or c == 0 else f"{r * c}.50", c / 10, r / rows, 0.07, 0.7 / rows)
        for r in range(rows)
        for c in range(10)
    ]


def labels(count: int) -> list[Line]:
    rows = count // 4
    return [
        line("Invoice No:" if (r + c) % 2 else "Total due:", c / 4, r / rows, 0.2, 0.7 / rows)
        for r in range(rows)
        for c in range(4)
    ]


def heap(count: int) -> list[Line]:
    """Lines that overlap anyhow, always as thick."""
    chance = random.Random(count)
    high = 10 / count
    return [
        line(f"{chance.choice(WORDS)} {n}", chance.random() * 0.9, chance.random() * (1 - high), 0.05, high)
        for n in range(count)
    ]


def line(text: str, x0: float, y0: float, width: float, height: float) -> Line:
    return Line(text=text, box=Box(x0, y0, x0 + width, y0 + height), score=0.95)


def calls(work: Callable[..., object], *arguments: object, **named: object) -> int:
    profile = cProfile.Profile()
    profile.runcall(work, *arguments, **named)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "wanted"),
    [(page, ["invoice_no", "total"]) for page in (prose, grid, labels, heap)] + [(grid, "invoice"), (heap, "invoice")],
)
def test_fields_of_twice_the_lines_cost_twice(page: Callable[[int], list[Line]], wanted: list[str] | str) -> None:
    few, many = (calls(find_fields, wanted, page(count), page=0) for count in (FEW, 2 * FEW))
    assert many < GROWS * few


@pytest.mark.parametrize("page", [prose, grid, labels])  # a heap has tables at one size and none at the next
def test_layout_of_twice_the_lines_costs_twice(page: Callable[[int], list[Line]]) -> None:
    few, many = (calls(read_lines, page(count), None) for count in (2 * FEW, 4 * FEW))
    assert many < GROWS * few


def test_lines_on_each_other_are_asked_about_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_bands, "MOST_BESIDE", 30)

    def on_each_other(count: int) -> list[Line]:
        return [line(WORDS[n % 7], 0.1, 0.1, 0.2, 0.02) for n in range(count)]

    few, many = (calls(find_fields, ["invoice_no"], on_each_other(count), page=0) for count in (150, 300))
    assert many < GROWS * few


def test_a_line_without_an_end_is_asked_about_a_bounded_number_of_labels() -> None:
    few, many = (
        calls(find_fields, ["invoice_no"], [line("Invoice No: 1250 " * count, 0, 0.1, 1, 0.02)], page=0)
        for count in (200, 400)
    )
    assert many < GROWS * few


def test_bands_hold_what_every_line_asked_would_say() -> None:
    chance = random.Random(7)
    boxes = [
        Box(0.1, top, 0.2, top + chance.choice([0.0, 0.01, 0.02, 0.4])) for top in (chance.random() for _ in range(200))
    ]
    bands = LineBands(boxes)
    for _ in range(200):
        top = chance.uniform(-0.2, 1.2)
        foot = top + chance.choice([0.0, 0.01, 0.3])
        assert bands.at(top, foot) == [n for n, box in enumerate(boxes) if box.y1 >= top and box.y0 <= foot]
    assert LineBands([]).at(0, 1) == []


def test_parts_of_a_total_among_very_many_prove_nothing() -> None:
    """Eighty net sums, taxes, discounts and roundings: some of forty million sums of them is any total."""
    words = ["Subtotal", "Tax", "Discount", "Rounding", "Service charge"]
    rows = [(words[n % 5], f"{n}.{n % 90 + 10}") for n in range(1, 400)]
    lines = [
        piece
        for n, (word, amount) in enumerate([*rows, ("Total", "77777.77")])
        for piece in (line(word, 0.1, n / 401, 0.2, 0.0017), line(amount, 0.7, n / 401, 0.1, 0.0017))
    ]
    sums = PageSums(PageRows(lines))
    assert len(sums.of_role("subtotal")) > 50
    assert sums.parts_of(Decimal("77777.77")) is None
    assert calls(sums.parts_of, Decimal("77777.77")) < 1000
