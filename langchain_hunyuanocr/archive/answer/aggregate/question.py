"""Question: what is asked of papers; a value, a sum, a count, an extreme, of whom, when, and under which limits.

All words that ask are known (`wording`). What is left of a question is a name, or the question is none of papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from langchain_hunyuanocr.archive.answer.aggregate import wording
from langchain_hunyuanocr.archive.answer.aggregate.period import NO_PERIOD, Period, period_in
from langchain_hunyuanocr.archive.records.bearer import bare
from langchain_hunyuanocr.archive.records.paper_kind import RECORDS
from langchain_hunyuanocr.archive.text.names import ORGANISATION
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.reading.fields.normalize import decimal_of

Operation = Literal["value", "sum", "count", "average", "maximum", "minimum", "list"]
Role = Literal["seller", "buyer", "any"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CAPITAL = re.compile(r"(?<![\w'’])[A-Z0-9][\w'’]+")
_GRAMMAR = frozenset(
    ("the", "a", "an", "of", "and", "or", "at", "in", "on", "for", "from", "by", "to", "with", "i", "we")
)
"""Words that no capital letter makes a name."""
_AT = re.compile(r".*\b(?:at|from|by)\s+")
_SHORTEST_NAME = 3
"""Letters of a company's name that is looked for in a question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question asks of papers.

    Attributes:
        how: What is done with the values.
        kinds: Of papers.
        named: Whether the question names papers or says that something was paid.
        over: Value: `total`, `subtotal`, `tax`, `date`, `due_date`, `merchant`, `address`, `number`.
        period: That papers are of.
        period_of: Date that the period is of: `date` or `due_date`.
        names: Of companies that papers bear.
        left: Words that no pattern knows, folded: a name as it is printed at the top of papers, or nothing.
        part: What is surely a name among them: `gusto pizza` in `flowers at gusto pizza`; empty where that is all.
        role: In which the companies stand.
        currency: Code; empty for any.
        above: Least value, itself excluded.
        below: Greatest value, itself excluded.
        equal: Value that the sum has.
        or_equal: Whether the limits themselves are included.
        several: Whether more than one paper is meant.
        of_papers: Whether it says so: `the receipt`, `invoices`.
        language: Of the question.
    """

    how: Operation
    kinds: tuple[str, ...]
    named: bool
    over: str = "total"
    period: Period = NO_PERIOD
    period_of: str = "date"
    names: tuple[str, ...] = ()
    left: str = ""
    part: str = ""
    role: Role = "any"
    currency: str = ""
    above: Decimal | None = None
    below: Decimal | None = None
    equal: Decimal | None = None
    or_equal: bool = False
    several: bool = False
    of_papers: bool = False
    language: Literal["zh", "en"] = "en"

    @property
    def scoped(self) -> bool:
        """Whether it is said which papers are meant: whose, of when, or of what size."""
        return bool(self.left or self.names or self.period.start or self.limited)

    @property
    def asks_of_several(self) -> bool:
        """Whether it asks for what only several papers together say."""
        # `How many units are on the invoice` counts no papers; in Chinese the measure word is theirs.
        counts = self.of_papers and self.how == "count" and (self.several or self.language == "zh")
        return counts or (self.named and self.several and self.how in ("sum", "average"))

    @property
    def asks_for_money(self) -> bool:
        """Whether it asks for what was paid."""
        return self.named and self.how != "count" and self.over in ("total", "subtotal", "tax")

    @property
    def of_one(self) -> bool:
        """Whether a single paper is meant."""
        return self.of_papers and not self.several

    @property
    def limited(self) -> bool:
        """Whether only values of a certain size are meant."""
        return not self.above is self.below is self.equal is None


def plan_of(text: str, names: Iterable[str] = ()) -> Plan | None:
    """The plan for a question; `None` where it asks nothing of papers.

    Args:
        text: The question.
        names: Of the companies on the papers.
    """
    rest, known = _without_names(text, names)
    found = ORGANISATION.findall(rest)
    unknown = [] if known and not found else found
    bare_text = ORGANISATION.sub(" , ", rest) if unknown else rest
    rest = fold(bare_text)
    language: Literal["zh", "en"] = "zh" if re.search(r"[\u4e00-\u9fff]", rest) else "en"
    spends = wording.SPENDS.search(rest) is not None
    named = _kinds(rest)
    kinds = named or (("receipt", "invoice") if spends else ())
    over = next((field for field, pattern in wording.OVER if pattern.search(rest)), "")
    how = _how(rest, over)
    if not kinds and over in ("address", "date", "total", "merchant"):
        kinds = ("receipt", "invoice")
    if how is None or not kinds:
        return None
    currency = next((code for code, pattern in wording.CURRENCIES.items() if re.search(pattern, rest)), "")
    rest, limits = _limits(rest)
    period, rest = period_in(rest)
    if how in ("maximum", "minimum") and wording.OF_DATES.search(rest):
        over = "date"
    elif how in ("maximum", "minimum", "sum", "average", "count") and over not in ("tax", "subtotal"):
        over = "total"
    elif over == "date" and wording.DUE.search(rest):
        over = "due_date"
    bearers = (*known, *unknown)
    role: Role = "any"
    if len(bearers) <= 1:
        role = "buyer" if wording.BUYER.search(rest) else "seller" if wording.SELLER.search(rest) else "any"
    several = _speaks_of_several(rest)
    written = _capitals(bare_text)
    left = _left(rest, written)
    return Plan(
        how,
        kinds,
        named=bool(named) or spends,
        over=over or "total",
        period=period,
        period_of="due_date" if period.start and over != "due_date" and wording.DUE.search(rest) else "date",
        names=bearers,
        left=left,
        part="" if wording.PRICE.search(rest) else _part(left, written),
        role=role,
        currency=currency,
        above=limits.above,
        below=limits.below,
        equal=limits.equal,
        or_equal=limits.or_equal,
        several=several,
        of_papers=bool(named),
        language=language,
    )


def prints_a_name(text: str, names: Iterable[str]) -> bool:
    """Whether a question holds any of these names of companies."""
    said = bare(text)
    return any(len(letters := bare(name)) >= _SHORTEST_NAME and letters in said for name in names)


def asks(word: str) -> bool:
    """Whether a word, folded, is one of asking and names nothing."""
    return not _left(word, frozenset())


def is_order(text: str) -> bool:
    """Whether a text tells to do something, and asks nothing."""
    return wording.ORDER.search(fold(text)) is not None


def _kinds(rest: str) -> tuple[str, ...]:
    found = [kind for kind, record in RECORDS.items() if record.asked.search(rest)]
    if wording.BILL.search(rest):
        found = [*found, "receipt", "invoice"]
    return tuple(dict.fromkeys(found))


def _speaks_of_several(rest: str) -> bool:
    return any(pattern.search(rest) for pattern in (wording.ALL, *wording.PLURAL))


def _how(rest: str, over: str) -> Operation | None:
    """What is done with the values; a question that names a value and nothing to do with it asks for that one."""
    if wording.COUNT.search(rest):
        return "count"
    if wording.AVERAGE.search(rest):
        return "average"
    if wording.MAXIMUM.search(rest):
        return "maximum"
    if wording.MINIMUM.search(rest):
        return "minimum"
    many = _speaks_of_several(rest)
    if wording.LIST.search(rest) or (wording.WHICH.search(rest) and many):
        return "list"
    money = over in ("total", "tax", "subtotal")
    if wording.SUM.search(rest) or (many and money):
        return "sum"
    return "value" if over else None


def _without_names(text: str, names: Iterable[str]) -> tuple[str, list[str]]:
    """The question without the names that it holds, which are told; a name within a longer one is none."""
    found: list[str] = []
    said = bare(text)
    for name in sorted(set(names), key=len, reverse=True):
        letters = bare(name)
        if len(letters) < _SHORTEST_NAME or letters not in said:
            continue
        spelled = r"[\W_]*".join(map(re.escape, letters))
        edge = r"(?<![A-Za-z0-9])" if letters.isascii() else ""
        place = re.search(edge + spelled, text, re.IGNORECASE)
        if place and not _goes_on(text[place.end() :]):
            found.append(name)
            text = f"{text[: place.start()]} , {text[place.end() :]}"
    return text, found


def _goes_on(after: str) -> bool:
    """Whether what follows a name belongs to it: `Western Eastern` in `Western Eastern Stationery` is another name."""
    following = re.match(r"[\s&.]*([A-Z][\w'’]*)", after)
    return following is not None and not asks(fold(following[1]))


@dataclass(frozen=True, slots=True)
class _Limits:
    above: Decimal | None = None
    below: Decimal | None = None
    equal: Decimal | None = None
    or_equal: bool = False


def _limits(rest: str) -> tuple[str, _Limits]:
    found = wording.LIMIT.search(rest)
    value = wording.LIMIT_VALUE.match(rest[found.end() :]) if found else None
    number = decimal_of(value["value"], amount=False) if value else None
    if found is None or value is None or number is None:
        return rest, _Limits()
    cut = rest[: found.start()] + " " + rest[found.end() + value.end() :]
    or_equal = found.group() in wording.AT_LIMIT
    if found["over"]:
        return cut, _Limits(above=number, or_equal=or_equal)
    return cut, _Limits(below=number, or_equal=or_equal) if found["under"] else _Limits(equal=number)


def _capitals(text: str) -> frozenset[str]:
    """The words that are written as names, folded; none where every word is written so, or none."""
    words = _WORD.findall(text)
    large = [word for word in words[1:] if _CAPITAL.fullmatch(word)]
    return frozenset(map(fold, large)) - _GRAMMAR if any(word.islower() for word in words) else frozenset()


def _left(rest: str, written: frozenset[str]) -> str:
    """What remains when all words that ask are taken away.

    Args:
        rest: Of the question, folded.
        written: Words that are written as names: `Buy` in `Best Buy` asks nothing.
    """
    for pattern in wording.TAKEN_AWAY:
        rest = pattern.sub(" ", rest)
    words = _WORD.findall(rest)
    kept = [word for word in words if word in written or not wording.FILLING.fullmatch(word)]
    if any(not word.isascii() for word in kept):
        kept = _WORD.findall(wording.FILLING.sub(" ", " ".join(kept)))
    if not kept:
        return ""
    # Small words within a name belong to it: `Guardian Health and Beauty`, `The Roti Man`.
    first, last = rest.find(kept[0]), rest.rfind(kept[-1]) + len(kept[-1])
    inside = rest[first:last]
    return " ".join(_WORD.findall(inside if inside.isascii() else " ".join(kept)))


def _part(left: str, written: frozenset[str]) -> str:
    """What is surely a name among words that are left: those in capital letters, or what stands behind `at`."""
    words = left.split()
    named = [at for at, word in enumerate(words) if word in written]
    if named:
        part = " ".join(words[named[0] : named[-1] + 1])
    else:
        place = _AT.match(left)
        part = left[place.end() :] if place else ""
    return part if part != left else ""
