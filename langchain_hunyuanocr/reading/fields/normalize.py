"""Normalize values: dates as ISO 8601, amounts as decimals, numbers of cards and telephones as digits.

What could mean two things stays as it was printed: a guess would be worse than none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, flat, narrow

DateOrder = Literal["dmy", "mdy"]

_MONTHS = {  # by the first letters, in English, German, French, Dutch and Spanish
    1: ("jan", "ene"),
    2: ("feb", "fev", "fév"),
    3: ("mar", "mär", "mrt", "mae"),
    4: ("apr", "avr", "abr"),
    5: ("may", "mai", "mei"),
    6: ("jun", "juin"),
    7: ("jul", "juil"),
    8: ("aug", "aou", "aoû", "ago"),
    9: ("sep",),
    10: ("oct", "okt"),
    11: ("nov",),
    12: ("dec", "dez", "déc", "dic"),
}
_YEAR_FIRST = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})(?:\s*月)?(?:\s*[./-]?\s*(\d{1,2})\s*日?)?(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:of\s+|de\s+)?([^\W\d_]{3,})\.?[\s,-]*(?:de\s+)?(\d{4}|\d{2})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?(?!\d)\s*,?[\s-]*(\d{4})(?!\d)")
_MONTH_YEAR = re.compile(r"([^\W\d_]{3,})\.?[\s-]*(\d{4})(?!\d)")
_CHINESE_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_CHINESE_DIGITS = {char: place for place, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_PIVOT = 69
"""Years of two digits from here on are of the last century, as POSIX has it."""
_DAY_FIRST_SIGNS = re.compile(r"[£€₹]|\b(?:vat|gst|gbp|eur|inr|mwst|tva|btw|iva|ust)\b")
_MONTH_FIRST_SIGNS = re.compile(r",\s*[a-z]{2}\s+\d{5}(?:-\d{4})?\b|\bsales tax\b|\bzip code\b|\busa\b")

_TIME = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\.?)?(?!\d)", re.IGNORECASE)

_CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "人民币": "CNY", "RMB": "CNY"}
"""Signs and words of one currency only; a dollar may be of many countries, and ¥ of two."""

_DIGITS = re.compile(r"\d(?:[\d.,'’\s]*\d)?")
_TIMES = {"千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
_MULTIPLE = re.compile(r"\s*(千万|百万|千|万|亿)")
_CAPITAL_DIGITS = {char: place for place, char in enumerate("零壹贰叁肆伍陆柒捌玖")} | {
    "〇": 0, "貳": 2, "參": 3, "陸": 6, "弍": 2, "两": 2,
}  # fmt: skip
_CAPITAL_UNITS = {"拾": 10, "佰": 100, "仟": 1000, "十": 10, "百": 100, "千": 1000}
_CAPITAL_SUM = re.compile(
    r"(?P<whole>[零〇壹贰貳弍叁參肆伍陆陸柒捌玖拾佰仟十百千万萬亿億两]+)?(?:[元圆圓])?"
    r"(?:(?P<jiao>[零壹贰貳叁參肆伍陆陸柒捌玖])角)?零?(?:(?P<fen>[零壹贰貳叁參肆伍陆陸柒捌玖])分)?[整正]?"
)


def normalise(value: str, kind: ValueKind, *, order: DateOrder | None = None) -> str | None:
    """A printed value in the one form of its kind.

    Args:
        value: As it is printed.
        kind: What it looks like.
        order: How the page writes dates of three numbers, see `date_order`.

    Returns:
        An ISO date (`2021-02-12`, or `2021-02` where no day is given), a time `HH:MM[:SS]`, a plain decimal number,
        digits, the code of a currency, or an e-mail address in small letters; `None` where the kind has no such form or
        the value is unclear.
    """
    text = narrow(value).strip()
    if kind is ValueKind.DATE:
        return _date(text, order)
    if kind is ValueKind.TIME:
        return _time(text)
    if kind in (ValueKind.AMOUNT, ValueKind.MEASURE):
        number = decimal_of(text, amount=kind is ValueKind.AMOUNT)
        return None if number is None else format(number, "f")
    if kind is ValueKind.CAPITALS:
        number = capitals_sum(text)
        return None if number is None else format(number, "f")
    if kind in (ValueKind.CARD_NUMBER, ValueKind.PHONE):
        digits = re.sub(r"\D", "", text)
        return ("+" if text.startswith("+") and kind is ValueKind.PHONE else "") + digits if digits else None
    if kind is ValueKind.CURRENCY:
        return _CURRENCIES.get(text.upper(), text.upper() if text.isalpha() and text.isascii() else None)
    if kind is ValueKind.EMAIL:
        return text.lower() or None
    return None


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """How a page writes dates of three numbers, by those that can be read one way only, else by signs of a country.

    Args:
        texts: The lines of the page.

    Returns:
        `None` where nothing tells or the page contradicts itself.
    """
    seen: set[DateOrder] = set()
    hints: set[DateOrder] = set()
    for text in map(flat, texts):
        for first, _, second, _ in _NUMBERS.findall(text):
            if 12 < int(first) <= 31 and int(second) <= 12:
                seen.add("dmy")
            elif 12 < int(second) <= 31 and int(first) <= 12:
                seen.add("mdy")
        if _DAY_FIRST_SIGNS.search(text):
            hints.add("dmy")
        if _MONTH_FIRST_SIGNS.search(text):
            hints.add("mdy")
    evidence = seen or hints
    return next(iter(evidence)) if len(evidence) == 1 else None


def _date(text: str, order: DateOrder | None) -> str | None:
    if (found := _CHINESE_DATE.search(text)) is not None:
        year = int("".join(str(_CHINESE_DIGITS[char]) for char in found.group(1)))
        return _iso(year, _small_chinese(found.group(2)), _small_chinese(found.group(3)) if found.group(3) else None)
    if (found := _YEAR_FIRST.search(text) or _COMPACT.search(text)) is not None:
        day = found.group(3)
        return _iso(int(found.group(1)), int(found.group(2)), int(day) if day else None)
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
        date = dt.date(year, month, day or 1)
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


def _time(text: str) -> str | None:
    found = _TIME.search(text)
    if found is None:
        return None
    hour, minute = int(found.group(1)), int(found.group(2))
    second, half = found.group(3), (found.group(4) or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return None
    return f"{hour:02d}:{minute:02d}" + (f":{second}" if second else "")


def decimal_of(text: str, *, amount: bool = True) -> Decimal | None:
    """The number that an amount or a measure says, exactly.

    Args:
        text: With or without currency, in the English or the European way, or with a Chinese multiple (`1.5万元`);
            in brackets or with a minus before or after it, it is negative.
        amount: Whether it is money: `1.234` is then unclear, as a measure it is one and a bit.

    Returns:
        The number; `None` where there is none, or where it can be read in two ways.
    """
    text = narrow(text)
    found = _DIGITS.search(text)
    if found is None:
        return capitals_sum(text)
    plain = _plain(re.sub(r"[,.]{2,}", ",", re.sub(r"['’\s]", "", found.group())), amount=amount)
    if plain is None:
        return None
    number = Decimal(plain)
    before, after = text[: found.start()].strip(), text[found.end() :]
    multiple = _MULTIPLE.match(after)
    if multiple is not None:
        number *= _TIMES[multiple.group(1)]
    minus = re.search(r"[-−–]\s*[^\w\s]?$|^[-−–]|\($", before) is not None or re.match(r"\s*-\s*$", after) is not None
    return -number if minus and number else number


def _plain(digits: str, *, amount: bool) -> str | None:
    """Digits with at most one point, the decimal one."""
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return digits
    last = marks[-1]
    whole, _, rest = digits.rpartition(last)
    other = "," if last == "." else "."
    if other in whole and last not in whole:
        return f"{re.sub(r'[.,]', '', whole)}.{rest}"
    if len(marks) > 1:  # the same mark several times parts thousands
        if other in digits:  # `1,.234.50`: a comma that was read with a point beside it
            return None
        if len(rest) == 3:
            return digits.replace(last, "")
        # A comma was read as a point, which leaves only one meaning: `8.302.43`.
        return f"{whole.replace(last, '')}.{rest}" if len(rest) == 2 and _in_threes(whole.split(last)) else None
    if len(rest) != 3 or whole == "0":
        return f"{whole}.{rest}"
    if last == ",":
        return whole + rest
    return None if amount else f"{whole}.{rest}"


def _in_threes(groups: list[str]) -> bool:
    return 0 < len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def capitals_sum(text: str) -> Decimal | None:
    """The sum that the capital numerals of Chinese accounts say: `贰拾万叁仟贰佰捌拾伍元零贰分`; `None` for none."""
    text = re.sub(r"^[^零〇壹贰貳弍叁參肆伍陆陸柒捌玖拾两]*", "", re.sub(r"\s", "", text))
    found = _CAPITAL_SUM.fullmatch(text)
    if found is None or not text:
        return None
    cents = 10 * _CAPITAL_DIGITS.get(found["jiao"] or "零", 0) + _CAPITAL_DIGITS.get(found["fen"] or "零", 0)
    return Decimal(_capital_whole(found["whole"] or "零")) + Decimal(cents).scaleb(-2)


def _capital_whole(text: str) -> int:
    total = section = digit = 0
    for char in text:
        if char in _CAPITAL_DIGITS:
            digit = _CAPITAL_DIGITS[char]
        elif char in _CAPITAL_UNITS:
            section += (digit or 1) * _CAPITAL_UNITS[char]
            digit = 0
        elif char in "万萬":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        else:
            total, section, digit = (total + section + digit) * 100_000_000, 0, 0
    return total + section + digit
