"""Change: what became of a figure from one year to another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from langchain_hunyuanocr.reading.fields.normalize import decimal_of

_ASKS = re.compile(
    r"\b(?:changed?|increased?|decreased?|grow(?:th|n)?|grew|rise|risen|rose|declined?|drop(?:ped)?|fall(?:en)?|fell"
    r"|cagr|differ(?:ence)?|improv\w+|year-over-year|yoy)\b|增长|增加|减少|下降|上升|变化|变动|同比"
)
_A_YEAR = re.compile(r"\bcagr\b|\bcompound annual\b|年(?:均|复合)")
_PLAIN = re.compile(r"[-(−–$€£¥￥\s]*(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?[)\s%％]*")


def asks_for_change(folded: str) -> bool:
    """Whether a question asks what became of a figure."""
    return _ASKS.search(folded) is not None


def told_change(ends: Sequence[tuple[str, str]], folded: str) -> str:
    """What to say of it: the difference, and its share where that tells; empty where a figure cannot be read.

    Args:
        ends: A figure as printed and its year, the earlier one first.
        folded: The question: of a growth rate a year, that alone is told.
    """
    numbers = [_number(text) for text, _ in ends]
    early, late = numbers[0], numbers[-1]
    if early is None or late is None:
        return ""
    in_percent = any("%" in text for text, _ in ends)
    if _A_YEAR.search(folded) and early > 0 and late > 0 and not in_percent:
        years = int(ends[-1][1]) - int(ends[0][1])
        rate = (Decimal(float(late / early) ** (1 / years)) - 1) * 100
        return f": {_signed(rate)} % a year"
    told = f": {late - early:+,}"
    if in_percent or early <= 0:
        return told
    return f"{told} ({_signed((late - early) / early * 100)} %)"


def _number(text: str) -> Decimal | None:
    """A figure that is printed as figures are; brackets make it negative."""
    if not _PLAIN.fullmatch(text):
        return None
    number = decimal_of(text.replace("%", ""), amount=False)
    return -number if number is not None and number > 0 and "(" in text else number


def _signed(share: Decimal) -> str:
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP):+}"
