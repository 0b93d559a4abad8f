"""Value kinds: what a date, an amount, an identifier look like; a value under a label must look its part."""

# ruff: noqa: E501 - a Chinese character counts as two columns, and patterns read better unbroken
from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from langchain_hunyuanocr.reading.fields.dates import DATE
from langchain_hunyuanocr.reading.han_forms import fold_han


class ValueKind(StrEnum):
    """What a value looks like."""

    TEXT = "text"
    NAME = "name"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    MEASURE = "measure"
    IDENTIFIER = "identifier"
    CARD_NUMBER = "card_number"
    PHONE = "phone"
    EMAIL = "email"
    CURRENCY = "currency"
    CAPITALS = "capitals"
    PERSON = "person"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    ADDRESS = "address"
    URL = "url"
    MONTH = "month"
    VALIDITY = "validity"
    POST = "post"
    BANK = "bank"
    AUTHORITY = "authority"


# A comma may have been read with a point beside it.
_NUMBER = r"[-+]?\d{1,3}(?:[,.'\s]\d{3}|,\.\d{3}|\.,\d{3})+(?:[.,]\d{1,2})?|[-+]?\d+(?:[.,]\d{1,2})?"
_SIGN = r"(?:[$€£¥₹]|RM|USD|EUR|GBP|CNY|RMB|INR|JPY|CHF|HK\$|US\$|Rs\.?|人民币)"
_BEHIND = r"(?:\s*(?:元|万元|USD|EUR|GBP|CNY|RMB|INR|€)(?![A-Za-z]))?(?:[-−](?![\w(])|\s[-−](?=\s*$)|\s?(?:CR|DR)(?![A-Za-z]))?"
"""What belongs to an amount behind it: a currency, a minus, or whether it is a credit or a debit."""
_AMOUNT = re.compile(
    # In brackets, or with a mark before it, an amount is negative: accounts print it so.
    rf"\((?:{_SIGN}\s*)?(?:\d[\d.,']*[.,]\d{{2}})(?:\s*{_SIGN})?\)"
    rf"|(?:[△▲]\s?|红字\s?|(?<!\w)[-−–]\s?(?={_SIGN}))?"
    rf"(?:{_SIGN}\s*)?(?<![\d.,/-])(?:{_NUMBER})(?!\d|\.\d|\s*[%年月日]|/\d){_BEHIND}",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]{3,}")
_POST = (
    r"(?:(?:高级|中级|初级|资深|首席|执行|副|常务|财务|销售|市场|采购|项目|法务|技术|人事|行政|产品|区域|大区|客户|运营|业务|人力资源|研发|生产|质量|总)部?)*"
    r"(?:总经理|经理|总监|工程师|主管|专员|顾问|董事长|总裁|主任|教授|律师|会计师?|秘书|助理|代表|部长|厂长|院长|设计师|合伙人)"
    r"|(?<![A-Za-z])(?:(?:senior|junior|chief|managing|project|purchasing|sales|marketing|general|executive|vice|legal|financial"
    r"|technical|regional|account|product|operations|deputy|assistant|associate|human|resources|area|office|business|key|lead"
    r"|principal|development|software|hardware|quality|design|information|systems|it|hr|of|and|&)\s+)*"
    r"(?:manager|director|officer|engineer|agent|counsel|president|partner|consultant|assistant|analyst|accountant|attorney"
    r"|designer|developer|architect|founder|chairman|secretary|professor|representative|buyer|head\s+of\s+[a-z]+(?:\s[a-z]+)?)(?![A-Za-z])"
)
_MONTH_OF_YEAR = r"(?<![\d/])(?:0[1-9]|1[0-2])\s?/\s?(?:20)?\d{2}(?![\d/])"
_PATTERNS: dict[ValueKind, re.Pattern[str]] = {
    ValueKind.DATE: DATE,
    ValueKind.TIME: re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?(?!\d)", re.IGNORECASE),
    ValueKind.AMOUNT: _AMOUNT,
    ValueKind.MEASURE: re.compile(
        rf"(?<![\d.,])(?:{_NUMBER})(?!\d)(?:\s*(?:kg|g|lbs?|t|公斤|千克|吨|克)\b)?", re.IGNORECASE
    ),
    # A word without a digit is no identifier.
    ValueKind.IDENTIFIER: re.compile(r"#?(?=[A-Za-z/_-]*\d)[A-Za-z0-9][A-Za-z0-9/_.-]{2,}(?<![.-])"),
    # Dust between groups of digits is read as a point.
    ValueKind.CARD_NUMBER: re.compile(r"(?<!\d)\d{4}(?:[\s.·-]{0,2}\d{4}){2,3}(?:[\s.·-]{0,2}\d{1,3})?(?!\d)"),
    ValueKind.PHONE: re.compile(r"\+?\(?\d[\d\s()./·-]{5,}\d"),
    ValueKind.EMAIL: re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ValueKind.CURRENCY: re.compile(
        r"(?<![A-Za-z])(?:USD|EUR|GBP|CNY|RMB|INR|JPY|CHF|HKD|AUD|CAD|MYR|SGD|US dollars?|euros?|pounds sterling|rupees|Rs\.?(?=\s?\d))(?![A-Za-z])|人民币|[$€£¥₹]",
        re.IGNORECASE,
    ),
    ValueKind.CAPITALS: _CAPITALS,
    # Two to four Chinese characters that stand alone, or two to four words with capitals.
    ValueKind.PERSON: re.compile(
        r"(?<![\u3400-\u9fff])[\u3400-\u9fff](?:\s?[\u3400-\u9fff]){1,3}(?:·[\u3400-\u9fff]{2,6})?(?![\u3400-\u9fff])"
        r"|(?<![^\W_])(?:[A-Z][a-z]+|[A-Z]\.?|[A-Z]{2,})(?:(?:[\s'-]+|(?<=\.))(?:[A-Z][a-z]+(?:[A-Z][a-z]+)?|[A-Z]\.?|[A-Z]{2,})){1,3}(?![^\W_])"
    ),
    ValueKind.SEX: re.compile(r"[男女](?![\u3400-\u9fff])|(?<![A-Za-z])(?:male|female|[MF])(?![A-Za-z])", re.IGNORECASE),
    ValueKind.ETHNICITY: re.compile(r"(?<![\u3400-\u9fff])[\u3400-\u9fff]{1,4}(?![\u3400-\u9fff])"),
    ValueKind.ADDRESS: re.compile(r"(?=.*(?:\d|[省市县区镇乡村路街号]))[^\W_].{4,}[^\s,;.]"),
    ValueKind.URL: re.compile(r"(?<![@\w])(?:https?://|www\.)[\w-]+(?:\.[\w-]+)+(?:/[\w./-]*)?", re.IGNORECASE),
    ValueKind.AUTHORITY: re.compile(r"[\u3400-\u9fff]{2,}(?:局|所|厅|部)(?![\u3400-\u9fff])"),
    ValueKind.MONTH: re.compile(_MONTH_OF_YEAR),
    ValueKind.VALIDITY: re.compile(
        rf"\d{{4}}[./-]?\d{{2}}[./-]?\d{{2}}\s*[-—–至到~]\s*(?:\d{{4}}[./-]?\d{{2}}[./-]?\d{{2}}|长期)|{_MONTH_OF_YEAR}|长期"
    ),
    ValueKind.POST: re.compile(_POST, re.IGNORECASE),
    ValueKind.BANK: re.compile(
        r"[\u3400-\u9fff]*银行(?:股份有限公司)?(?![\u3400-\u9fff])|[A-Z][\w&. ]*\bBank\b(?: of [A-Z]\w+)?|Bank of [A-Z]\w+(?: [A-Z]\w+)?"
    ),
}  # fmt: skip
_COMPANY = re.compile(
    r"公司|商店|超市|酒店|中心|集团"
    r"|(?<![A-Za-z])(?:Ltd|Limited|Inc|LLC|plc|GmbH|AG|Corp(?:oration)?|Co|B\.?V|S\.?A|Group|Stores)(?![A-Za-z])"
)
_BEFORE = re.compile(r"(?:[ :.]|-(?!\d))*")
"""Marks between a label and its value; the minus of a number is none."""
_ADDRESS = re.compile(r"\s+[-–·|•]\s+|,\s(?=.*\d)")
"""Where an address begins that stands behind a name."""
_STREET = re.compile(
    r"^(?:\w+:\s*)?\d{1,5}[A-Za-z]?,?\s+[A-Z][\w' ]+,|.{2,}(?:路|街|大道|巷|弄|工业园|开发区).*\d+\s*[号栋室弄]|^P\.?O\.? Box \d+"
)
_LETTERS = re.compile(r"[^\W\d_]")


def extract(text: str, kind: ValueKind) -> tuple[int, int] | None:
    """Where in `text` a value of this kind stands.

    Args:
        text: What was found under or beside a label, of normal width (see `fold`).
        kind: What is looked for.

    Returns:
        Start and end of the value; `None` where nothing looks like one.
    """
    if kind in _PATTERNS:
        found = _PATTERNS[kind].search(text)
        return found.span() if found else None
    start, end = _BEFORE.match(text).end(), len(text.rstrip(" ,;"))  # type: ignore[union-attr]
    value = text[start:end]
    if not value or (kind is ValueKind.NAME and (letters(value) < 2 or DATE.fullmatch(value))):
        return None
    name = company_name(value) if kind is ValueKind.NAME else None
    return start, start + len(name) if name else end


def every(text: str, kind: ValueKind) -> list[str]:
    """All values of a kind that a text has, in order; none for kinds of free wording."""
    return [found.group() for found in _PATTERNS[kind].finditer(text)] if kind in _PATTERNS else []


def chosen(text: str, choices: tuple[str, ...]) -> tuple[int, int] | None:
    """Where in `text` one of `choices` stands as a whole word, width and case aside, the longest first."""
    folded = flat(text)
    for choice in sorted(map(flat, choices), key=len, reverse=True):
        edge = r"(?<![^\W_]){}(?![^\W_])" if choice.isascii() else "{}"
        found = re.search(edge.format(re.escape(choice)), folded)
        if choice and found:
            return found.span()
    return None


def is_address(text: str) -> bool:
    """Whether `text` looks like an address even where no label says so: a street with its number."""
    return _STREET.search(narrow(text).strip()) is not None


def character_width(text: str) -> int:
    """How wide `text` is, in narrow characters: a Chinese one counts twice."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def letters(text: str) -> int:
    """How many letters, Chinese characters included, `text` holds."""
    return len(_LETTERS.findall(text))


def company_name(text: str) -> str | None:
    """The name of a company or shop with which `text` begins, without the address that may follow; `None` for none."""
    name = text.strip()
    form = _COMPANY.search(name)
    if ":" in narrow(name) or form is None:
        return None
    cut = _ADDRESS.search(name, form.end())
    return name[: cut.start()] if cut else name


def narrow(text: str) -> str:
    """`text` with full-width characters made narrow, one character for one."""
    if text.isascii():
        return text
    return "".join(_single(unicodedata.normalize("NFKC", char), char) for char in text)


def flat(text: str) -> str:
    """`text` narrow, without case and with Chinese characters in one form, one character for one."""
    if text.isascii():
        return text.lower()
    return fold_han("".join(_single(char.lower(), char) for char in narrow(text)))


def _single(changed: str, char: str) -> str:
    return changed if len(changed) == 1 else char


IGNORED = frozenset(" \t\n\u3000:.#。_*-")
"""Characters that do not count when labels are compared."""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`text` for comparison as a label: flat, without spaces and the marks that end labels."""
    return "".join(char for char in flat(text) if char not in IGNORED)
