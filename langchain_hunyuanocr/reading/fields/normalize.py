"""Normalize values: dates as ISO 8601, amounts as decimals, numbers of cards and telephones as digits.

What could mean two things stays as it was printed: a guess would be worse than none.
"""

from __future__ import annotations

import re
from decimal import Decimal

from langchain_hunyuanocr.reading.fields.dates import DateOrder, parse_date
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, narrow

_TIME = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\.?)?(?!\d)", re.IGNORECASE)

_CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "人民币": "CNY", "RMB": "CNY", "RS": "INR", "RS.": "INR"} | {
    "US DOLLAR": "USD", "US DOLLARS": "USD", "EURO": "EUR", "EUROS": "EUR", "POUNDS STERLING": "GBP", "RUPEES": "INR",
}  # fmt: skip
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
        order: How the page writes dates of three numbers, see `dates.date_order`.

    Returns:
        An ISO date (`2021-02-12`, or `2021-02` where no day is given), a time `HH:MM[:SS]`, a plain decimal number,
        digits, the code of a currency, or an e-mail address in small letters; `None` where the kind has no such form or
        the value is unclear.
    """
    text = narrow(value).strip()
    if kind is ValueKind.DATE:
        return parse_date(text, order)
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
            in brackets, behind △ or 红字, or with a minus before or after it, it is negative. Which way a credit (`CR`)
            or debit (`DR`) counts depends on whose account it is, so that it is unclear.
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
    if re.match(r"\s*(?:CR|DR)(?![A-Za-z])", after, re.IGNORECASE):
        return None
    minus = (
        re.search(r"[-−–]\s*[^\w\s]?$|^[-−–]|\((?:\w{2,3}|[^\w\s])?$|[△▲]|红字", before) is not None
        or re.match(r"\s*[-−]\s*$", after) is not None
    )
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
