"""Dates: one grammar of how papers write them, to find them and to turn them into ISO 8601.

Text is of normal width, see `value_kinds.narrow`. What can be read in two ways has no ISO form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Literal

DateOrder = Literal["dmy", "mdy"]

_MONTHS = {  # by the first letters, in English, German, French, Dutch, Spanish and Malay, also as they are misread
    1: ("jan", "ene"),
    2: ("feb", "fev", "fév"),
    3: ("mar", "mär", "mrt", "maa", "mae", "mac"),
    4: ("apr", "avr", "abr"),
    5: ("may", "mai", "mei"),
    6: ("jun", "juin"),
    7: ("jul", "juil", "ju1"),
    8: ("aug", "aou", "aoû", "ago", "ogo"),
    9: ("sep",),
    10: ("oct", "okt", "0ct", "0kt"),
    11: ("nov", "n0v"),
    12: ("dec", "dez", "déc", "dic", "dis"),
}
_HEADS = "|".join(sorted({head for heads in _MONTHS.values() for head in heads}, key=len, reverse=True))
_NAME = rf"(?:{_HEADS})[^\W\d_]*"
_WORD = rf"{_NAME}\.?"
_CHINESE_NUMBER = "[〇零○一二三四五六七八九十]"
_CLOCK = r"(?=(?:\d\s)?\d{1,2}:\d{2})"
"""A time printed against a date, `19-03-201818:08`, perhaps with the trace of a rule between: `16-04-20181 14:51`."""
DATE = re.compile(
    rf"""(?<![\d./-])(?:
        {_CHINESE_NUMBER}{{4}}年{_CHINESE_NUMBER}{{1,3}}月{_CHINESE_NUMBER}{{1,3}}日
      | \d{{4}}\s*[年./-]\s*\d{{1,2}}\s*[月./-]\s*(?:\d{{1,2}}\s*日|\d{{2}}{_CLOCK}|\d{{1,2}}(?!\d))
      | \d{{1,2}}\s?(?P<stroke>[./-])\s?\d{{1,2}}\s?(?P=stroke)\s?
        (?:(?:19|20)\d{{2}}(?:(?!\d)|{_CLOCK})|\d{{2}}(?:(?!\d|[./-]\d)|{_CLOCK}))
      | \d{{1,2}}(?:st|nd|rd|th|\.)?[\s/-]*{_WORD}[\s,/-]*(?:(?:19|20)\d{{2}}(?:(?!\d)|{_CLOCK})|['’]?\d{{2}}(?!\d))
      | {_WORD}[\s/-]*\d{{1,2}}(?:st|nd|rd|th)?\s*[,./]?[\s-]*(?:19|20)\d{{2}}(?:(?!\d)|{_CLOCK})
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""A date with its day. What goes on with a point, stroke or digit is no date: a version, or the number of a paper."""
BARE_DATE = re.compile(
    r"(?<![\w./-])(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2})(?![\w./-])"
)
"""Eight digits that may be a date where something else says so."""

PART_OF_DATE = re.compile(
    rf"(?<![^\W\d_]){_WORD}[\s,/-]*(?:19|20)\d{{2}}(?![.,]?\d)|(?<![\d.,])\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{_WORD}(?![^\W\d_])"
    r"|(?:19|20)\d{2}\s?年(?:\s?\d{1,2}\s?月)?|\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?",
    re.IGNORECASE,
)
"""A month with its year or its day alone."""

_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})(?:\s*月)?(?:\s*[./-]?\s*(\d{1,2})\s*日?)?(?:(?!\d)|(?=\d{2}:))"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_COMPACT_DAY_FIRST = re.compile(r"(?<!\d)(\d{2})(\d{2})((?:19|20)\d{2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*((?:19|20)\d{2}|\d{2})(?:(?!\d)|(?=\d{1,2}:))")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s/-]*(?:of\s+|de\s+)?({_NAME})\.?[\s,/-]*(?:de\s+)?['’]?"
    r"(\d{4}|\d{2})(?:(?!\d)|(?=\d{1,2}:))",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<![^\W_])({_NAME})\.?[\s/-]*(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)\s*[,./]?[\s-]*(\d{{4}})(?:(?!\d)|(?=\d{{1,2}}:))",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"(?<![^\W_])({_NAME})\.?[\s-]*(\d{{4}})(?!\d)", re.IGNORECASE)
_CHINESE_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_CHINESE_DIGITS = {char: place for place, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_PIVOT = 69
"""Years of two digits from here on are of the last century, as POSIX has it."""
_DAY_FIRST_SIGNS = re.compile(
    r"[£€₹]|\b(?:vat|gst|sst|gbp|eur|inr|myr|sgd|mwst|tva|btw|iva|ust)\b|(?<![a-z])rm\s?\d|\(rm\)|\bs\$"
    r"|^rm$|\bsdn\.?\s?bhd\b|\bpte\.?\s?ltd\b|\bgmbh\b|\b(?:malaysia|singapore|australia|united kingdom)\b"
)
_MONTH_FIRST_SIGNS = re.compile(r",\s*[a-z]{2}\s+\d{5}(?:-\d{4})?\b|\bsales tax\b|\bzip code\b|\busa\b")


def parse_date(text: str, order: DateOrder | None = None) -> str | None:
    """The first date of a text as ISO 8601, `2021-02-12`, or `2021-02` where no day is given.

    Args:
        text: Of normal width.
        order: How the page writes dates of three numbers, see `date_order`.

    Returns:
        `None` where there is none, where it is no day of the calendar, or where it can be read in two ways.
    """
    if (found := _CHINESE_DATE.search(text)) is not None:
        year = int("".join(str(_CHINESE_DIGITS[char]) for char in found.group(1)))
        return _iso(year, _small_chinese(found.group(2)), _small_chinese(found.group(3)) if found.group(3) else None)
    if (found := _YEAR_FIRST.search(text) or _COMPACT.search(text)) is not None:
        day = found.group(3)
        form = _iso(int(found.group(1)), int(found.group(2)), int(day) if day else None)
        if form is not None or _COMPACT_DAY_FIRST.search(text) is None:
            return form
    if (found := _COMPACT_DAY_FIRST.search(text)) is not None:
        return _iso(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    if (found := _NUMBERS.search(text)) is not None:
        return _three_numbers(int(found.group(1)), int(found.group(3)), found.group(4), found.group(2), order)
    for pattern, places in ((_DAY_MONTH, (2, 1, 3)), (_MONTH_DAY, (1, 2, 3))):
        found = pattern.search(text)
        month = _month(found.group(places[0])) if found else None
        if found and month:
            return _iso(_year(found.group(places[2])), month, int(found.group(places[1])))
    found = _MONTH_YEAR.search(text)
    month = _month(found.group(1)) if found else None
    return _iso(int(found.group(2)), month, None) if found and month else None


def two_readings(text: str) -> tuple[str, ...]:
    """The two days that a date of three numbers may be, as ISO 8601; empty where it can be read in one way or none."""
    days = (parse_date(text, "dmy"), parse_date(text, "mdy"))
    return tuple(day for day in days if day) if parse_date(text) is None and all(days) else ()


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """How a page writes dates of three numbers, by those that can be read one way only, else by signs of a country.

    Args:
        texts: The lines of the page, of normal width and in small letters.

    Returns:
        `None` where nothing tells or the page contradicts itself.
    """
    seen: set[DateOrder] = set()
    hints: set[DateOrder] = set()
    for text in texts:
        for first, _, second, _ in _NUMBERS.findall(text):
            if 12 < int(first) <= 31 and 0 < int(second) <= 12:
                seen.add("dmy")
            elif 12 < int(second) <= 31 and 0 < int(first) <= 12:
                seen.add("mdy")
        if _DAY_FIRST_SIGNS.search(text):
            hints.add("dmy")
        if _MONTH_FIRST_SIGNS.search(text):
            hints.add("mdy")
    evidence = seen or hints
    return next(iter(evidence)) if len(evidence) == 1 else None


def _three_numbers(first: int, second: int, year: str, mark: str, order: DateOrder | None) -> str | None:
    if first > 12 or mark == ".":
        order = "dmy"
    elif second > 12:
        order = "mdy"
    elif first == second:
        order = "dmy"
    if order is None:
        return None
    day, month = (first, second) if order == "dmy" else (second, first)
    return _iso(_year(year), month, day)


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        date = dt.date(year, month, day if day is not None else 1)
    except ValueError:
        return None
    return date.isoformat() if day is not None else f"{year:04d}-{month:02d}"


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _month(word: str) -> int | None:
    low = word.lower()
    long = next((number for number, heads in _MONTHS.items() if low[:4] in heads), None)
    return long or next((number for number, heads in _MONTHS.items() if low[:3] in heads), None)


def _small_chinese(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    value = (_CHINESE_DIGITS.get(tens, 1) if ten else 0) * 10
    return value + sum(_CHINESE_DIGITS.get(char, 0) for char in ones)
