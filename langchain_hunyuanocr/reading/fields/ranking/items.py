"""Items: what was bought, a row or two each, between the head of a receipt and its sums."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from langchain_hunyuanocr.reading.fields.labels import labels_of
from langchain_hunyuanocr.reading.fields.ranking.sums import PageSums
from langchain_hunyuanocr.reading.fields.value_kinds import flat, letters
from langchain_hunyuanocr.results import Box

_SUMS = frozenset({"total", "subtotal", "tax", "rounding", "service_charge", "paid", "change", "tax_summary"})
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_SHARE = 0.5
"""Of the words of a row that must belong to the label of a sum for the items to end there."""
_MOST_ABOVE = 2
"""Rows over an amount that may say what it is of."""


def items_of(sums: PageSums) -> tuple[list[dict[str, str]], Box | None]:
    """The items above the first labelled sum of a page.

    Args:
        sums: Its amounts.

    Returns:
        A description and an amount each, as they are printed, and their place; empty where no sum ends the list.
    """
    rows, boxes = [], []
    for description, amount, box in _found(sums):
        rows.append({"description": description, "amount": amount})
        boxes.append(box)
    return rows, Box.around(boxes)


def _found(sums: PageSums) -> Iterator[tuple[str, str, Box]]:
    page = sums.page
    end = next(
        (
            page.row_of[place.line]
            for place in sums.places
            if place.label is not None and place.role in _SUMS and place.label.share >= _LEAST_SHARE
        ),
        0,
    )
    waiting: list[str] = []
    for number, row in enumerate(page.rows[:end]):
        amounts = [place for place in sums.places if place.line in row and place.clean]
        words = [page.lines[line].text for line in row if not any(place.line == line for place in amounts)]
        own = [page.lines[place.line].text[: place.start] for place in amounts[:1]]
        text = " ".join(word.strip() for word in (*words, *own) if letters(word) > 1)
        if _is_header(text):
            waiting = []
            continue
        if not amounts:
            waiting = [*waiting, text][-_MOST_ABOVE:] if letters(text) > 1 else waiting
            continue
        last = amounts[-1]
        told = text or (waiting[-1] if waiting else "")
        waiting = []
        if told and number:
            line = page.lines[last.line]
            yield told, line.text[last.start : last.end].strip(), line.box


def _is_header(text: str) -> bool:
    """Whether a row is nothing but the heads of columns: `Item  Qty  Amount (RM)`."""
    words = set(_WORD.findall(flat(text)))
    return bool(words) and words <= _header_words()


@cache
def _header_words() -> frozenset[str]:
    """The words of the labels of items, and currencies."""
    columns = ("description", "quantity", "price", "amount")
    labels = (label for column in columns for label in labels_of(f"items.{column}"))
    return frozenset(word for label in labels for word in _WORD.findall(flat(label))) | {
        "rm",
        "usd",
        "eur",
        "gbp",
        "元",
    }
