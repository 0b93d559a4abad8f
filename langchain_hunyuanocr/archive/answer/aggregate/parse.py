"""Parse questions over many documents: what is computed, over which records, under which conditions.

A plan is made only where every word of the question is understood: the names on the papers of the archive are known,
and whatever else is left over shows that the question asks for something that cannot be reckoned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.archive.text.names import ORGANISATION
from langchain_hunyuanocr.archive.text.tokenizer import fold, terms_of
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.reading.fields.presets import PRESETS

Operation = Literal["sum", "count", "average", "maximum", "minimum", "list"]
Role = Literal["seller", "buyer", "any"]

RECORDS = {name: preset.record for name, preset in PRESETS.items() if preset.record is not None}
"""What the presets say of papers that can be reckoned with, by the name of the preset."""
_NOUNS_ZH = "|".join(noun for record in RECORDS.values() for noun in record.nouns_zh)
_MANY = re.compile(
    r"\b(?:all|every|each|any)\b"
    rf"|所有|全部|各张?份?(?={_NOUNS_ZH}|\s*$)|每[张份]|哪[些几一]?[张份]|[几多][少]?[张份]|一共有|共有|几[张份]|列出|哪些"
)
_HOWS: tuple[tuple[Operation, str], ...] = (
    ("count", r"\bhow many\b|\b(?:number|count) of\b|几[张份]|多少[张份]|[张份]数|数量是"),
    ("average", r"\b(?:average|mean)\b|平均"),
    (
        "maximum",
        r"\b(?:highest|largest|biggest|greatest|maximum|most expensive|latest|newest|last)\b|最[大高多贵晚新近]",
    ),
    ("minimum", r"\b(?:lowest|smallest|least|minimum|cheapest|earliest|oldest|first)\b|最[小低少早]|最便宜"),
    ("list", r"\b(?:list|which)\b|哪[些几]|列出"),
    ("sum", r"\b(?:total|sum|add up|altogether|how much)\b|合计|总[和额计共价]|一共|共计|多少"),
)
_OF_DATES = re.compile(r"\b(?:latest|newest|last|earliest|oldest|first)\b|最[晚新近早]")
_OVER: tuple[tuple[str, str], ...] = (
    ("total", r"税价合计|价税合计|含税(?:总?金?额|总价)?|\btotals? including (?:tax|vat)\b|\b(?:tax|vat) included\b"),
    (
        "subtotal",
        r"不含税(?:总?金?额)?|小计|\bsub-?totals?\b|\bnet(?: amounts?| totals?)?\b"
        r"|\b(?:before|without|excluding) (?:tax|vat)\b",
    ),
    ("tax", r"税额|税金|\b(?:vat|tax)(?: amounts?)?\b"),
)
_SELLER = re.compile(r"\b(?:from|by|issued by|sent by)\b|开具|开[的出了来]")
_BUYER = re.compile(r"\b(?:to|for|billed to|addressed to)\b|开给|给")
_PERIOD = re.compile(r"(?P<year>(?:19|20)\d\d)\s*年(?:度|份)?(?:\s*(?P<month>1[0-2]|0?[1-9])\s*月份?)?")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_PERIOD_EN = re.compile(rf"\b(?:(?P<month>{'|'.join(_MONTHS)})\s+)?(?P<year>(?:19|20)\d\d)\b(?![-/年])")
_LIMIT = re.compile(
    r"(?P<over>\b(?:over|above|more than|exceed(?:s|ing)?|at least|greater than)\b|超过|大于|高于|不低于|不少于)"
    r"|(?P<under>\b(?:under|below|less than|at most)\b|低于|小于|少于|不超过|不高于)"
)
_LIMIT_VALUE = re.compile(r"^\s*(?:[a-z]{3}\s)?[¥￥$£€]?\s*(?P<value>\d[\d,.]*\s*[千万亿]?)\s*(?:元|[a-z]{3}\b)?")
_AT_LIMIT = ("at least", "at most", "不低于", "不少于", "不超过", "不高于")
_CURRENCIES = {
    "USD": r"\busd\b|\bus dollars?\b|\bdollars?\b|美元",
    "EUR": r"\beur\b|\beuros?\b|欧元",
    "GBP": r"\bgbp\b|\bpounds?(?: sterling)?\b|英镑",
    "CNY": r"\b(?:cny|rmb|yuan)\b|人民币",
}
_DUE = re.compile(r"\b(?:due|payable)\b|到期")
_FILLING = re.compile(
    r"\b(?:amounts?|values?|sums?|totals?|together|dated?|in|with|archive|have|received?|issued?|sent|billed|made|out"
    r"|addressed|documents?|papers?|file|grand|price|worth|number|numbers|currency|signed|year|month|due|payable|owe|come"
    r"|we|is|are|there|that|those|these|add|up|total|paid|pay|spent|owed|overall|different|count|every|each|all|any|us|"
    r"than|more|less|mean|list|which|one|ones|bill)\b"
    r"|金额|合计|总[和额计共价]|共计|一共|共有|总共|档案[库中里]*|里面|有多少|多少钱?|几[张份]|[张份]|元|"
    r"所有|全部|每|各|列出|哪些?|一共有|开具?|开给|给|收到|日期|为|在|从|向|到|于|由|和|与|中|里|有|那|这|共|总|数量|数|上|一|年|月|份|最|计|加起来|要付|应付|付|签订|签署|号码|编号"
)

_SHORTEST_NAME = 3
"""Letters of a company's name that is looked for in a question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be reckoned.

    Attributes:
        how: With the values.
        paper: The preset of the papers, one of `RECORDS`.
        over: The field that holds the value: `total`, `tax`, `subtotal`, `date`.
        period: Beginning of the ISO date: `2023` or `2023-05`; empty for any.
        period_of: The date that must lie in it.
        names: Of companies that the papers must bear; one that no paper bears stands there as it was asked.
        role: Whose name it is, where there is one.
        currency: Code, or empty for any.
        above: Values must be greater than this.
        below: Values must be less than this.
        or_equal: Whether the limits themselves count.
        language: Of the question.
    """

    how: Operation
    paper: str
    over: str = "total"
    period: str = ""
    period_of: str = "date"
    names: tuple[str, ...] = ()
    role: Role = "any"
    currency: str = ""
    above: Decimal | None = None
    below: Decimal | None = None
    or_equal: bool = False
    language: Literal["zh", "en"] = "en"


def papers_of(text: str) -> str | None:
    """The preset of the papers that a question asks about in the plural; `None` for one about a single document."""
    folded = fold(text)
    papers = [paper for paper, record in RECORDS.items() if record.asked.search(folded)]
    if len(papers) != 1 or _how(folded) is None or any(term.kind == "identifier" for term in terms_of(folded)):
        return None
    several = any(record.several.search(folded) for record in RECORDS.values())
    many = several or _MANY.search(folded) or _how(folded) in ("average", "maximum", "minimum")
    return papers[0] if many else None


def plan_of(text: str, paper: str, names: Iterable[str]) -> Plan | None:
    """The plan for a question; `None` where it is not wholly understood.

    Args:
        text: The question.
        paper: As `papers_of` gives it.
        names: Of the companies on the papers.
    """
    rest, known = _without_names(text, names)
    rest, unknown = _without_organisations(rest)
    rest = fold(rest)
    language: Literal["zh", "en"] = "zh" if re.search(r"[\u4e00-\u9fff]", rest) else "en"
    how = _how(rest)
    if how is None:
        return None
    currency = next((code for code, pattern in _CURRENCIES.items() if re.search(pattern, rest)), "")
    rest, above, below, or_equal = _limits(rest)
    period, rest = _period(rest)
    over = next((field for field, pattern in _OVER if re.search(pattern, rest)), "total")
    if how in ("maximum", "minimum") and _OF_DATES.search(rest):
        over = "date"
    bearers = (*known, *unknown)
    role: Role = "any"
    if len(bearers) == 1:
        role = "buyer" if _BUYER.search(rest) else "seller" if _SELLER.search(rest) else "any"
    plan = Plan(
        how,
        paper,
        RECORDS[paper].total if over == "total" else over,
        period,
        "due_date" if period and _DUE.search(rest) else "date",
        bearers,
        role,
        currency,
        above,
        below,
        or_equal,
        language,
    )
    return None if _not_understood(rest) else plan


def bare(text: str) -> str:
    """A name for comparison: folded, letters and digits only."""
    return re.sub(r"[\W_]", "", fold(text))


def _how(folded: str) -> Operation | None:
    return next((how for how, pattern in _HOWS if re.search(pattern, folded)), None)


def _without_names(text: str, names: Iterable[str]) -> tuple[str, list[str]]:
    """The question without the names that it holds, which are told; a name within a longer one is none."""
    found = []
    for name in sorted(set(names), key=len, reverse=True):
        letters = bare(name)
        if len(letters) < _SHORTEST_NAME:
            continue
        place = re.search(r"[\W_]*".join(map(re.escape, letters)), text, re.IGNORECASE)
        if place:
            found.append(name)
            text = f"{text[: place.start()]} , {text[place.end() :]}"
    return text, found


def _without_organisations(text: str) -> tuple[str, list[str]]:
    found = ORGANISATION.findall(text)
    return ORGANISATION.sub(" ", text), found


def _limits(rest: str) -> tuple[str, Decimal | None, Decimal | None, bool]:
    found = _LIMIT.search(rest)
    value = _LIMIT_VALUE.match(rest[found.end() :]) if found else None
    number = decimal_of(value["value"], amount=False) if value else None
    if found is None or value is None or number is None:
        return rest, None, None, False
    or_equal = found.group() in _AT_LIMIT
    bare = rest[: found.start()] + " " + rest[found.end() + value.end() :]
    return (bare, number, None, or_equal) if found["over"] else (bare, None, number, or_equal)


def _period(rest: str) -> tuple[str, str]:
    found = _PERIOD.search(rest) or _PERIOD_EN.search(rest)
    if found is None:
        return "", rest
    month = found["month"]
    number = None if month is None else int(month) if month.isdigit() else _MONTHS.index(month) + 1
    period = found["year"] if number is None else f"{found['year']}-{number:02d}"
    return period, rest[: found.start()] + " " + rest[found.end() :]


def _not_understood(rest: str) -> bool:
    """Whether anything is left when all that was understood, and the words of asking, are taken away."""
    for record in RECORDS.values():
        rest = record.asked.sub(" ", rest)
    for table in (_OVER, tuple(_CURRENCIES.items()), _HOWS):
        for _, pattern in table:
            rest = re.sub(pattern, " ", rest)
    rest = _FILLING.sub(" ", rest)
    # Words of asking leave nothing only where another word stands beside them.
    beside = {term.text for term in terms_of("archive")}
    return any(term.text not in beside for term in parse_query(f"{rest} archive").terms)
