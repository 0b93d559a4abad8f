"""Question: what is asked of papers; a value, a sum, a count, an extreme, of whom, when, and under which limits.

All words that ask are known here, everyday ones among them: who pays, bills, spends asks for a total, who shops or buys
for a merchant or a day. What is left of a question is a name, or the question is none of papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from langchain_hunyuanocr.archive.answer.aggregate.period import NO_PERIOD, Period, period_in
from langchain_hunyuanocr.archive.records.bearer import bare
from langchain_hunyuanocr.archive.records.paper_kind import RECORDS
from langchain_hunyuanocr.archive.text.names import ORGANISATION
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.reading.fields.normalize import decimal_of

Operation = Literal["value", "sum", "count", "average", "maximum", "minimum", "list"]
Role = Literal["seller", "buyer", "any"]

_NOUNS_ZH = "|".join(noun for record in RECORDS.values() for noun in record.nouns_zh)
_BILL = re.compile(r"\bbills?\b|账单|单据")
"""What may be an invoice or a receipt."""
_SEVERAL = re.compile(r"\b(?:bills|visits|times)\b")
_COUNT = re.compile(
    r"\bhow (?:many|often)\b|(?<!invoice )(?<!receipt )(?<!contract )\b(?:number|count) of\b"
    r"|几[张份次]|多少[张份次]|[张份次]数|数量是",
    re.IGNORECASE,
)
_AVERAGE = re.compile(r"\b(?:average|mean)\b|平均")
_MAXIMUM = re.compile(
    r"\b(?:highest|largest|biggest|greatest|maximum|(?:the )?most expensive|dearest|most money"
    r"|(?:pay|paid|spen[dt]|cost)s?(?: the)? most"
    r"|latest|newest|last|most recent)\b|最[大高多贵晚新近]|最后一"
)
_MINIMUM = re.compile(
    r"\b(?:lowest|smallest|least|minimum|(?:the )?least expensive|cheapest|earliest|oldest"
    r"|first)\b|最[小低少早]|最便宜|第一次"
)
_OF_DATES = re.compile(r"\b(?:latest|newest|last|most recent|earliest|oldest|first)\b|最[晚新近早]|最后一|第一次")
_SUM = re.compile(
    r"\b(?:sums?|add up|altogether|in all|in total|overall|total spending|total spent)\b"
    r"|合计|总[和计共]|一共|共计|加起来"
)
_ALL = re.compile(
    r"\b(?:all|every|each|any|together)\b"
    rf"|所有|全部|各张?份?(?={_NOUNS_ZH}|\s*$)|每[张份]|哪些[张份]?|一共有|共有|列出"
)
_LIST = re.compile(r"\b(?:list|show)\b|列出|哪些")
_WHICH = re.compile(r"\bwhich\b|哪[几一]?[张份]")
_OVER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "total",
            r"税价合计|价税合计|含税(?:总?金?额|总价)?|\btotals? including (?:tax|vat)\b|\b(?:tax|vat) included\b",
        ),
        (
            "subtotal",
            r"不含税(?:总?金?额)?|小计|\bsub-?totals?\b|\bnet (?:amounts?|totals?)\b"
            r"|\b(?:before|without|excluding) (?:tax|vat)\b",
        ),
        ("tax", r"税额|税金|\b(?:vat|gst|sales tax|tax)(?: amounts?)?\b"),
        (
            "address",
            r"\b(?:what |which )?address(?:es)?\b|\bwhere (?:is|are|can i find|do i find|to find)\b"
            r"|\b(?:in |on )?(?:which|what) street\b"
            r"|\blocat(?:ed|ion)\b|地址|在哪里?|哪条街|位于",
        ),
        (
            "merchant",
            r"\bwho (?:sold|billed|charged)\b(?: us| me)?"
            r"|\b(?:at |from |in )?(?:which|what) (?:shop|store|merchant|restaurant|seller|supplier)\b"
            r"|\bfrom whom\b|\bwhere did (?:we|i)\b|哪家(?:店|商店|超市|餐厅)?",
        ),
        ("payment_method", r"\bhow (?:did|do) (?:we|i) pay\b|\bpayment method\b|付款方式|怎么付"),
        ("number", r"\b(?:invoice|receipt|bill|contract) (?:number|no)\b|(?:发票|收据|合同)(?:号码?|编号)"),
        (
            "date",
            r"\bwhen\b|\b(?:on )?(?:which|what) (?:day|date)\b|\bdates?\b|何时|什么时候|日期|哪[一]?天|几号",
        ),
        (
            "total",
            r"\bhow (?:much|expensive|dear)\b|\b(?:total|amount|price|sum)s?\b|\bcosts?\b|\bpaid\b|\bpay\b"
            r"|\bspen[dt]\b|\bspending\b|\bcharged?\b"
            r"|\bexpensive\b|\bcheap\b|\bcome to\b|\bcame to\b|多少钱|总?金额|总[额价计]|花了?|付了?|贵|便宜|价格",
        ),
    )
)
_SPENDS = re.compile(
    r"(?=.*\b(?:we|i|us|me|our)\b).*\b(?:pa(?:y|id)|spen[dt]|charged?|cost|buy|bought|sold|shop(?:ped)?|eat|ate|leave|left|were|been|lunch|dine)\b"
    r"|\b(?:what|how much)\b.*\b(?:paid|spent|charged?|cost)\b|花了|付了|去了|买了?|吃"
)
"""Whoever asks so means receipts and invoices, though he names none."""
_SELLER = re.compile(r"\b(?:from|by|issued by|sent by|at)\b|开具|开[的出了来]")
_BUYER = re.compile(r"\b(?:billed to|addressed to|made out to|to)\b|开给|给")
_LIMIT = re.compile(
    r"(?P<over>\b(?:over|above|more than|exceed(?:s|ing)?|at least|greater than)\b|超过|大于|高于|不低于|不少于)"
    r"|(?P<under>\b(?:under|below|less than|at most)\b|低于|小于|少于|不超过|不高于)"
    r"|(?P<equal>\b(?:for|of|paid|pay|exactly|spen[dt]|cost)\b)(?=\s*[^\s\d]{0,4}\s*\d[\d,]*\.\d\d\b)"
)
_LIMIT_VALUE = re.compile(
    r"^\s*(?:[a-z]{2,3}\s?)?[¥￥$£€]?\s*(?P<value>\d[\d,.]*\s*[千万亿]?)\s*(?:元|(?:usd|eur|gbp|cny|rmb|myr|rm)\b)?"
)
_AT_LIMIT = ("at least", "at most", "不低于", "不少于", "不超过", "不高于")
_CURRENCIES = {
    "USD": r"\busd\b|\bus dollars?\b|\bdollars?\b|美元",
    "EUR": r"\beur\b|\beuros?\b|欧元",
    "GBP": r"\bgbp\b|\bpounds?(?: sterling)?\b|英镑",
    "CNY": r"\b(?:cny|rmb|yuan)\b|人民币",
}
_DUE = re.compile(r"\b(?:due|payable)\b|到期")
_FILLING = re.compile(
    r"\b(?:what(?:'?s)?|which|who|whom|when|where|how|is|are|was|were|be|been|has|have|had|do|does|did|a|an|the|of|on|in|at|for|from|by|to"
    r"|with|and|or|it|its|this|that|these|those|there|we|i|us|our|me|my|you|your|please|tell|give|show|find|can|could|should|"
    r"amounts?|values?|together|dated?|archive|received?|issued?|sent|billed|made|out|addressed|documents?|papers?|file|grand|worth"
    r"|numbers?|currency|signed|years?|months?|due|payable|owed?|comes?|came|each|all|any|every|count|total|different|than|one|ones"
    r"|money|much|many|often|times?|visits?|went|go|left|leave|once|shop(?:s|ped|ping)?|store|buy|bought|eat|ate|meal|lunch|dinner|written"
    r"|merchant|something|anything|ever|recent|most|least|ago|name|named|called|printed|say|says|said|stand|last|first|cost|purchase|billing|send|sends)\b"
    r"|'s\b|请问|金额|总[和额计共价]|档案[库中里]*|里面|多少|几|张|份|次|元|钱|什么|怎么|哪|是|的|了|吗|呢|我们|我|你|有|在|从|向|到|于|由|和|与|中|里"
    r"|那|这|共|数量|数|上|一|年|月|日|号|最|计|应付|付|签订|签署|号码|编号|收到|为|去|店|给|开具?"
)
_REST = re.compile(r"[^\W_]+")
_SHORTEST_NAME = 3
"""Letters of a company's name that is looked for in a question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of papers.

    Attributes:
        how: With the values.
        kinds: Of papers that are meant, see `paper_kind`.
        named: Whether the question says what papers it means, or that somebody paid.
        over: The field that holds the value: `total`, `tax`, `subtotal`, `date`, `address`, `merchant`,
            `number`, `payment_method`.
        period: In which they were written, or are due.
        period_of: The date that must lie in it.
        names: Of companies that the papers must bear; one that no paper bears stands there as it was asked.
        left: What else the question says: a name as it is typed, or words that were not understood.
        role: Whose name it is, where there is one.
        currency: Code, or empty for any.
        above: Values must be greater than this.
        below: Values must be less than this.
        equal: Values must be this.
        or_equal: Whether the limits themselves count.
        several: Whether more than one paper is meant.
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
    role: Role = "any"
    currency: str = ""
    above: Decimal | None = None
    below: Decimal | None = None
    equal: Decimal | None = None
    or_equal: bool = False
    several: bool = False
    language: Literal["zh", "en"] = "en"

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
    rest = fold(ORGANISATION.sub(" , ", rest) if unknown else rest)
    language: Literal["zh", "en"] = "zh" if re.search(r"[\u4e00-\u9fff]", rest) else "en"
    spends = _SPENDS.search(rest) is not None
    named = _kinds(rest)
    kinds = named or (("receipt", "invoice") if spends else ())
    over = next((field for field, pattern in _OVER if pattern.search(rest)), "")
    how = _how(rest, over)
    if not kinds and over in ("address", "date", "total", "merchant"):
        kinds = ("receipt", "invoice")
    if how is None or not kinds:
        return None
    currency = next((code for code, pattern in _CURRENCIES.items() if re.search(pattern, rest)), "")
    rest, limits = _limits(rest)
    period, rest = period_in(rest)
    if how in ("maximum", "minimum") and _OF_DATES.search(rest):
        over = "date"
    elif how in ("maximum", "minimum", "sum", "average", "count") and over not in ("tax", "subtotal"):
        over = "total"
    bearers = (*known, *unknown)
    role: Role = "any"
    if len(bearers) == 1 or not bearers:
        role = "buyer" if _BUYER.search(rest) else "seller" if _SELLER.search(rest) else "any"
    several = bool(
        _ALL.search(rest) or _SEVERAL.search(rest) or any(RECORDS[kind].several.search(rest) for kind in RECORDS)
    )
    return Plan(
        how,
        kinds,
        bool(named) or spends,
        over or "total",
        period,
        "due_date" if period.start and _DUE.search(rest) else "date",
        bearers,
        _left(rest),
        role,
        currency,
        limits.above,
        limits.below,
        limits.equal,
        limits.or_equal,
        several=several,
        language=language,
    )


def asks(word: str) -> bool:
    """Whether a word, folded, is one of asking and names nothing."""
    return not _left(word)


def _kinds(rest: str) -> tuple[str, ...]:
    found = [kind for kind, record in RECORDS.items() if record.asked.search(rest)]
    if _BILL.search(rest):
        found = [*found, "receipt", "invoice"]
    return tuple(dict.fromkeys(found))


def _how(rest: str, over: str) -> Operation | None:
    """What is done with the values; a question that names a value and nothing to do with it asks for that one."""
    plural = any(record.several.search(rest) for record in RECORDS.values()) or _SEVERAL.search(rest)
    if _COUNT.search(rest):
        return "count"
    if _AVERAGE.search(rest):
        return "average"
    if _MAXIMUM.search(rest):
        return "maximum"
    if _MINIMUM.search(rest):
        return "minimum"
    many = plural or _ALL.search(rest)
    if _LIST.search(rest) or (_WHICH.search(rest) and many):
        return "list"
    money = over in ("total", "tax", "subtotal")
    if _SUM.search(rest) or (many and money):
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
        if place:
            found.append(name)
            text = f"{text[: place.start()]} , {text[place.end() :]}"
    return text, found


@dataclass(frozen=True, slots=True)
class _Limits:
    above: Decimal | None = None
    below: Decimal | None = None
    equal: Decimal | None = None
    or_equal: bool = False


def _limits(rest: str) -> tuple[str, _Limits]:
    found = _LIMIT.search(rest)
    value = _LIMIT_VALUE.match(rest[found.end() :]) if found else None
    number = decimal_of(value["value"], amount=False) if value else None
    if found is None or value is None or number is None:
        return rest, _Limits()
    cut = rest[: found.start()] + " " + rest[found.end() + value.end() :]
    or_equal = found.group() in _AT_LIMIT
    if found["over"]:
        return cut, _Limits(above=number, or_equal=or_equal)
    return cut, _Limits(below=number, or_equal=or_equal) if found["under"] else _Limits(equal=number)


def _left(rest: str) -> str:
    """What remains when all words that ask are taken away."""
    rest = _ALL.sub(" ", rest)
    for record in RECORDS.values():
        rest = record.asked.sub(" ", rest)
    for pattern in (_BILL, _COUNT, _AVERAGE, _MAXIMUM, _MINIMUM, _SUM, _LIST, *(pattern for _, pattern in _OVER), _DUE):
        rest = pattern.sub(" ", rest)
    for code in _CURRENCIES.values():
        rest = re.sub(code, " ", rest)
    words = _REST.findall(rest)
    kept = [word for word in words if not _FILLING.fullmatch(word)]
    if any(not word.isascii() for word in kept):
        kept = _REST.findall(_FILLING.sub(" ", " ".join(kept)))
    if not kept:
        return ""
    # Small words within a name belong to it: `Guardian Health and Beauty`, `The Roti Man`.
    first, last = rest.find(kept[0]), rest.rfind(kept[-1]) + len(kept[-1])
    inside = rest[first:last]
    return " ".join(_REST.findall(inside if inside.isascii() else " ".join(kept)))
