"""Other numbers: figures of a line that are no amount, but of a date, a time or a telephone number."""

from __future__ import annotations

import re
from functools import lru_cache

from langchain_hunyuanocr.reading.fields.dates import BARE_DATE, DATE, PART_OF_DATE
from langchain_hunyuanocr.reading.fields.labels import LabelMatch, match_label

_CLOCK = re.compile(
    r"(?<![\d.,])\d{1,2}:\d{2}(?::\d{2})?(?!\d)|(?<![\d.,:])\d{1,2}\.\d{2}(?:\.\d{2})?\s?(?:[ap]\.?m\b|uhr\b|hrs?\b|h\b)",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![^\W\d_])(?:at|um|om|à)\s+(\d{1,2}\.\d{2})(?![\d.,])", re.IGNORECASE)
"""A time with a point; it is one where a date stands on the line as well."""
_TELEPHONE = re.compile(r"(?<![\w.,])(?:\+|00)\d[\d\s()./-]{6,}\d(?![.,]?\d)|\(\d{2,5}\)\s?\d{3,}[\d\s-]*\d(?![.,]?\d)")
_NUMBERS = frozenset({"receipt_number", "invoice_number", "tax_id", "company_id", "phone", "address", "postcode"})
_TIMES = frozenset({"date", "due_date", "other_date", "order_date", "time", "phone"})
"""Roles under which no amount stands, with or without cents."""
_LEAST_SHARE = 0.6


def other_numbers(text: str) -> list[tuple[int, int]]:
    """Where figures stand that are no amount.

    Args:
        text: A line, of normal width.

    Returns:
        Start and end of each date, part of a date, time and telephone number that says by itself what it is.
    """
    dates = [found.span() for pattern in (DATE, BARE_DATE, PART_OF_DATE) for found in pattern.finditer(text)]
    hours = [found.span(1) for found in _HOUR.finditer(text)] if dates else []
    return [*dates, *hours, *(found.span() for pattern in (_CLOCK, _TELEPHONE) for found in pattern.finditer(text))]


@lru_cache(maxsize=8192)
def labels_another(words: str, label: LabelMatch | None, *, cents: bool) -> bool:
    """Whether the words before a number say that it is the number of something, a date or a time.

    Args:
        words: Those before it, up to the number before that.
        label: Of a sum, found in them.
        cents: Whether it has decimals: then only dates, times and telephone numbers, whole labels, speak against it.
    """
    other = match_label(words, _TIMES if cents else _TIMES | _NUMBERS)
    if other is None or other.share < (_LEAST_SHARE if cents or label is None else 0.0):
        return False
    return label is None or other.share * other.letters > label.share * label.letters
