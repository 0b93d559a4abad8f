"""Claims: what a sentence says that its quotes must carry: figures with their units, names, denials, its other words.

All of it by the form of the text, in English and Chinese: nothing here knows what a sentence means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Literal

from langchain_hunyuanocr.archive.answer.number_words import in_digits
from langchain_hunyuanocr.archive.text.tokenizer import Term, canonical_number, fold, stem, terms_of
from langchain_hunyuanocr.reading.fields.dates import DATE, parse_date

_UNITS = """
usd: us$ usd us-dollars u.s.-dollars 美元 美金
usd hkd sgd aud cad: $ dollars dollar
hkd: hk$ hkd 港元 港币
sgd: s$ sgd
aud: a$ aud
cad: c$ cad
myr: rm myr ringgit
eur: € eur euros euro 欧元
gbp: £ gbp sterling 英镑
gbp pound: pounds pound
cny jpy: ¥
cny: cny rmb yuan 人民币 元 圆
jpy: jpy yen 日元 日圆
inr: ₹ inr rupees rupee rs
chf: chf francs
cent: cents cent
percent: % percent per-cent pct
point: percentage-points percentage-point 个百分点 百分点
permille: ‰
year: years year yrs yr 周年 年
month: months month 个月
week: weeks week 个星期 星期 周
day: days day 天
hour: hours hour hrs 个小时 小时
minute: minutes minute mins min 分钟
times: times 倍
kg: kg kgs kilograms kilogram 公斤 千克
gram: g grams gram 克
tonne: tonnes tonne tons ton t 吨
pound: lbs lb
km: km kilometres kilometers 公里 千米
metre: m metres meters metre meter 米
cm: cm 厘米
mm: mm 毫米
mile: miles mile 英里
foot: ft feet foot 英尺
sqm: m2 sqm square-metres square-meters 平方米 平米
sqft: sqft square-feet 平方英尺
litre: l litres liters litre liter 升
"""
_UNIT_OF = {
    name.replace("-", " "): frozenset(kinds.split())
    for kinds, names in (line.split(": ") for line in _UNITS.strip().splitlines())
    for name in names.split()
}
_UNIT = "|".join(
    rf"{re.escape(name)}(?![a-z])" if name[-1].isascii() and name[-1].isalpha() else re.escape(name)
    for name in sorted(_UNIT_OF, key=len, reverse=True)
)
_MONEY = "|".join(
    re.escape(name)
    for name in sorted(_UNIT_OF, key=len, reverse=True)
    if _UNIT_OF[name] & {"usd", "hkd", "sgd", "aud", "cad", "myr", "eur", "gbp", "cny", "jpy", "inr", "chf"}
)
_HAN_UNIT = re.compile(
    rf"(?<=\d)\s?(?:{'|'.join(sorted((name for name in _UNIT_OF if not name.isascii()), key=len, reverse=True))})"
)
_AHEAD = re.compile(rf"(?:^|(?<![a-z]))({_MONEY})\.?\s?[-−(]?\s?$")
_BEHIND = re.compile(rf"(?:\s*\(\d+\))?\s*\)?[\s-]?\s*({_UNIT})")
_GLUED = re.compile(rf"(\d+(?:[.,]\d+)*)-?({_UNIT})")
_ANY_UNIT = re.compile(rf"(?<![a-z])(?:{_UNIT})")
_OF_A_YEAR = re.compile(r"(?<=(?:19|20)\d\d)\s?年")
_MONEY_GLUED = re.compile(rf"(?<![a-z])({_MONEY})(?=\d)")
"""`RM53.60` is an amount and no identifier."""
_MINUS = re.compile(r"(?:^|[^\w\s)])?(?:^|\s|\()[-−]\s?(?:[$€£¥]\s?)?$")
_CLOSING = re.compile(r"\s?%?\s?\)")

_COMMON_WORDS = """
a an the is are was were be been being am has have had do does did it its this that these those there here he she
they we you i his her their our your my of in on at for to by from with as and into onto about within during per
which who whom whose what when where how why will shall would so also then than such please one ones s amount
value values figure figures no number
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_COMMON_HAN = re.compile(
    r"根据|按照|关于|以及|其中|分别|该|的|是|为|在|于|了|和|与|及|由|其|此|这|那|从|到|至|以|按|也|将|把|被|对|向|给|有|共"
    r"|个|年|月|日|元|天|号|：|上|中|内|之|所|者|即|系|则|并|且|即为|份|名"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")

_DENIED = re.compile(
    r"\b(?:not|never|none|neither|nor|cannot|without|nobody|nothing|nowhere|non(?=-))\b|n't\b"
    r"|\bno\b(?=,|\s+(?![a-z]{0,8}[-/]?\d)\w)"  # not that of `Invoice No. 42`
    r"|不|没|无|未|非|否|勿|莫|别"
)
_NO_DENIAL = re.compile(
    r"\b(?:invoice|inv|doc(?:ument)?|bill|ref(?:erence)?|tel(?:ephone)?|fax|phone|order|reg|receipt|acc(?:oun)?t|gst|tax|co"
    r"|company|id|serial|item|table|page|cheque|card|trans(?:action)?|number)\.? no\b"
    r"|不锈钢|不动产|不断|不仅|不但|不管|不久|未来|未成年|无锡|无论|无线|非常|非洲|非金属|别墅|是否|否则|没收|莫斯科"
    r"|[级性类区分特个识告]别|无纺"
)
_OF_FIGURES = (
    r"\b(?:at least|at most|up to|no more than|no less than|more than|less than|fewer than|over|under|below|above|about"
    r"|approximately|approx|around|nearly|almost|roughly|minimum|maximum|not exceeding|until)\b"
    r"|至少|最少|最多|不超过|不少于|超过|大约|约|近"
)
_BEFORE_FIGURE = re.compile(rf"({_OF_FIGURES})[^\w\d]*(?:[^\W\d]+\W+){{0,2}}?((?:19|20)\d\d-\d\d-\d\d|\d+(?:[.,]\d+)*)")
_HEDGES = re.compile(
    # What narrows or turns what is said: left out, the rest says something else.
    rf"{_OF_FIGURES}"
    r"|\b(?:(?<!\d )(?<!in )may(?! ?\d)|might|could|would|should|if|unless|except|subject to|only|proposed|draft"
    r"|expected|estimated?|planned|failed"
    r"|refus\w+|denie[ds]|den[yi]\w*|prohibit\w*|forbid\w*|banned|cancel\w*|void|voided|revoked|rejected|expired"
    r"|terminated|alleged\w*|waived?|unpaid|unsigned|undated|half|twice|double|quarter|nil|other than|instead of"
    r"|rather than|either|or|otherwise|in case|provided that|as long as)\b"
    r"|以上|以下|以内|左右|如果|如(?!下|图)|若|除非|除|可能|应(?=于|在)|预计|估计"
    r"|计划|拟|曾|取消|作废|撤销|拒绝|失败|禁止|严禁|到期|终止|逾期|一半|或|否则"
)
_KINDS = re.compile(
    # What makes a value another value; a question may have said it already.
    r"\b(?:excluding|exclusive|excl|including|inclusive|incl|before|after|former|formerly|previous|previously|forecast"
    r"|budget(?:ed)?|net|gross|average|sub[ -]?total|deposit|discount|decreas\w*|increas\w*|declin\w*|loss(?:es)?)\b"
    r"|原(?=为|定|价)|前任|平均|减少|增加|下降|增长|亏损|之前|之后|以前|以后|不含|含(?=税)"
)
_DENIED_BY_WORD = re.compile(
    r"prohibit|forbid|banned|refus|denie|void|cancel|revok|reject|waive|\bun(?!it|der|til|i[oqv]|less)[a-z]{4,}|\bnil\b|\bzero\b|(?<![\d.,])0(?:[.,]0+)?(?![\d.,])"
    r"|禁止|严禁|拒绝|作废|取消"
)

_FISCAL = re.compile(r"(?<!\w)fy\s?(?=(?:19|20)\d\d(?!\d))")
_CAPITALISED = re.compile(r"(?<![\w'’])[A-Z][\w&'’.-]*\w|(?<![\w'’])[A-Z]\.?(?!\w)")
_WITHIN_NAME = re.compile(r"\s+(?:(?:of|and|the|van|von|de|der|la|le|&)\s+){0,2}|\s*[-/&]\s*|\.\s")
_DAY_WORDS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
"""
_DAYS = frozenset(_DAY_WORDS.split())


FigureKind = Literal["number", "date", "identifier"]
TokenKind = Literal["word", "han"] | FigureKind


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, a day or an identifier.

    Attributes:
        text: In one form however it is written; a minus before what is below zero.
        kind: What it is.
        units: What it may be counted in: a `$` stands for several currencies; empty where nothing is said.
    """

    text: str
    kind: FigureKind
    units: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def plain_of(text: str, *, ones: bool = False) -> str:
    """A text folded, its days as ISO 8601 and its numbers in digits; see `in_digits`."""
    narrow = unicodedata.normalize("NFKC", text)
    dated = DATE.sub(lambda match: f" {parse_date(match.group()) or match.group()} ", narrow)
    return in_digits(_FISCAL.sub(" ", _MONEY_GLUED.sub(r"\1 ", fold(dated))), ones=ones)


def figures_in(text: str) -> list[Figure]:
    """The figures that a sentence states. `One` and `一` are none, nor are the digits of an identifier."""
    return [figure for figure, _ in _figures(plain_of(text))]


@lru_cache(maxsize=1024)
def figures_of_quote(text: str, *, parts: bool = False) -> tuple[Figure, ...]:
    """The figures that a quote holds, and the years of its days.

    Args:
        text: The quote.
        parts: Whether the numbers within identifiers are given as well: `30-40` is written like one.
    """
    plain = plain_of(text, ones=True)
    figures = tuple(figure for figure, _ in _figures(plain))
    years = tuple(Figure(figure.text[:4], "number") for figure in figures if figure.kind == "date")
    numbers = [
        term.text
        for terms in _groups(plain)
        if len(terms) > 1 and all(term.kind != "date" for term in terms)
        for term in terms
        if term.kind == "number"
    ]
    within = (Figure(canonical_number(number), "number") for number in numbers if parts or _YEAR.fullmatch(number))
    return (*figures, *years, *within)


def alike(figure: Figure, held: Iterable[Figure], scales: Iterable[int]) -> list[Figure]:
    """The figures of the quotes that a figure may be, thousands that the quotes tell of reckoned in."""
    if figure.kind != "number":
        return [one for one in held if one.kind == figure.kind and one.text == figure.text]
    zeros = (0, *scales)
    value = Decimal(figure.text)
    numbers = [one for one in held if one.kind == "number"]
    return [one for one in numbers if any(abs(Decimal(one.text)).scaleb(zero) == abs(value) for zero in zeros)]


def units_in(text: str) -> frozenset[str]:
    """Every unit that a text names, beside a figure or not."""
    plain = _OF_A_YEAR.sub(" ", plain_of(text))
    return frozenset(kind for match in _ANY_UNIT.finditer(plain) for kind in _UNIT_OF[match.group()])


def names_in(text: str) -> list[tuple[str, ...]]:
    """The names of a text as its capital letters tell them, each as its folded words."""
    narrow = unicodedata.normalize("NFKC", text)
    if not any(char.islower() for char in narrow):
        return []
    names: list[list[re.Match[str]]] = []
    for match in _CAPITALISED.finditer(narrow):
        if match.group().casefold().strip(".") in _DAYS | {"i"}:
            continue
        begins = not narrow[: match.start()].strip(" \"'“‘(") or re.search(r"[.!?:。]\s*$", narrow[: match.start()])
        if begins and match.group().casefold() in _COMMON | {"yes", "no", "not", "according", "if", "all", "after"}:
            continue
        if names and _WITHIN_NAME.fullmatch(narrow[names[-1][-1].end() : match.start()]):
            names[-1].append(match)
        else:
            names.append([match])
    # A sentence begins with a capital whatever its first word is.
    return [
        words
        for name in names
        if len(name) > 1 or name[0].start() > 0 or name[0].group()[1:] != name[0].group()[1:].lower()
        if (words := tuple(word for one in name for word in words_in(one.group())))
    ]


def words_in(text: str) -> list[str]:
    """The words of a text that say something of their own, as stems, in order; of Chinese none."""
    return [term.text for term in terms_of(plain_of(text)) if term.kind == "word" and term.text not in _said_little()]


def tokens_in(text: str) -> list[tuple[TokenKind, str]]:
    """Words, Chinese characters and figures of a text in order, each with its kind, function words included."""
    plain = plain_of(text, ones=True)
    figures = {place: figure for figure, place in _figures(plain)}
    found: list[tuple[TokenKind, str]] = []
    for terms in _groups(plain):
        first = terms[0]
        if first.start in figures:
            figure = figures[first.start]
            found.append((figure.kind, figure.text))
        elif first.kind == "cjk":
            found += [("han", char) for char in plain[first.start : first.end]]
        else:
            found.append(("word", first.text))
    return found


def denials_in(text: str) -> int:
    """How often a text says that something is not so."""
    return len(_DENIED.findall(_NO_DENIAL.sub(" ", fold(text))))


def may_deny(text: str) -> bool:
    """Whether a text denies, also by a word such as `prohibited` or `unpaid`, or by a nought."""
    return denials_in(text) > 0 or _DENIED_BY_WORD.search(fold(text)) is not None


def hedges_in(text: str, said: Iterable[Figure] | None = None) -> frozenset[str]:
    """The words of a text that narrow or turn what it says: `at least`, `unless`, `不超过`.

    Args:
        text: What is looked through.
        said: Figures that count: `at least` before another one is left out.
    """
    plain = plain_of(text)
    if said is not None:
        texts = {figure.text for figure in said}
        plain = _BEFORE_FIGURE.sub(
            lambda match: (
                match.group() if (canonical_number(match[2]) if "-" not in match[2] else match[2]) in texts else " "
            ),
            plain,
        )
    return _found(_HEDGES, plain)


def kinds_in(text: str) -> frozenset[str]:
    """The words of a text that make a value another one: `before`, `average`, `不含`."""
    return _found(_KINDS, text)


def _found(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    found = (match.group() for match in pattern.finditer(fold(text)))
    return frozenset(stem(word) if word.isalpha() else word for word in found)


def uncovered_han(sentence: str, held: str) -> str:
    """The Chinese characters of a sentence that stand, two and more together, in no text that it may take from."""
    return "".join(piece for piece, found in _pieces(sentence, held) if not found)


def han_in_order(sentence: str, held: str) -> bool:
    """Whether what a sentence shares of its Chinese with a text stands there in the same order."""
    pool = plain_of(held)
    at = 0
    for piece, found in _pieces(sentence, held):
        at = pool.find(piece, at) if found else at
        if at < 0:
            return False
    return True


def has_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return _HAN.search(text) is not None


def is_common(char: str) -> bool:
    """Whether a Chinese character is a word that says little by itself, like 的 or 年."""
    return _COMMON_HAN.fullmatch(char) is not None


def _pieces(sentence: str, held: str) -> Iterator[tuple[str, bool]]:
    """The Chinese of a sentence in pieces as long as a text has them, and single characters that it does not have."""
    pool = plain_of(held)
    for run in _HAN.findall(_HAN_UNIT.sub(" ", plain_of(sentence))):
        at = 0
        while at < len(run):
            length = next((size for size in range(len(run) - at, 1, -1) if run[at : at + size] in pool), 0)
            common = None if length else _COMMON_HAN.match(run, at)
            if length or common is None:
                yield run[at : at + max(1, length)], length > 0
            at += length or (len(common.group()) if common else 1)


def _figures(plain: str) -> Iterator[tuple[Figure, int]]:
    """Figures of a plain text, with where they begin."""
    for terms in _groups(plain):
        first = terms[0]
        kinds = {term.kind: term for term in reversed(terms)}
        glued = _GLUED.fullmatch(plain, first.start, first.end)
        if "date" in kinds:
            yield Figure(kinds["date"].text, "date"), first.start
        elif glued is not None:
            yield Figure(canonical_number(glued[1]), "number", _UNIT_OF[glued[2]]), first.start
        elif first.kind == "identifier":
            yield Figure(first.text, "identifier"), first.start
        elif first.kind == "number":
            yield _number(plain, first), first.start


def _number(plain: str, term: Term) -> Figure:
    before, behind = plain[max(0, term.start - 14) : term.start], plain[term.end : term.end + 24]
    ahead, after = _AHEAD.search(before), _BEHIND.match(behind)
    unit = ahead[1] if ahead else after[1] if after else ""
    if unit == "年" and _YEAR.fullmatch(term.text):
        unit = ""  # a year, not a length of time
    bracketed = before.endswith("(") and _CLOSING.match(behind) and re.search(r"\D", plain[term.start : term.end])
    below = bool(bracketed) or _MINUS.search(before) is not None
    return Figure(f"{'-' * below}{term.text}", "number", _UNIT_OF.get(unit, frozenset()))


def _groups(plain: str) -> Iterator[list[Term]]:
    for _, group in groupby(terms_of(plain), key=lambda term: (term.start, term.end)):
        yield list(group)


@lru_cache(maxsize=1)
def _said_little() -> frozenset[str]:
    """Stems of common words, and of the units that figures have."""
    units = {name for name in _UNIT_OF if name.isascii() and name.isalpha() and len(name) > 1}
    return frozenset(stem(word) for word in _COMMON | units)
