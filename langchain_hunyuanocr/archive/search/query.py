"""Query parsing: a question's terms without the words of asking, its language, the kind of value wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from langchain_hunyuanocr.archive.text.glossary import is_city, is_label, translations_in
from langchain_hunyuanocr.archive.text.tokenizer import Term, fold, stem, terms_of

AnswerKind = Literal["amount", "number", "duration", "date", "who", "place", "any"]

_ASKING_WORDS_EN = """
a an and are as at be been but by can could did do does for from give had has have how i in into is it its let list many
me much my of on or our please shall should show so tell that the their them there these they this those to under was we
were what when where which who whom whose why will with would you your find out about according both between say said
name per any if go goes come comes get take takes took place happen figure figures value values fy
"""
_ASKING_WORDS_ZH = """
请问 请告诉我 告诉我 是什么时候 什么时候 什么时间 是多少 多少钱 多少 是什么 什么 为什么 怎么样 怎么 如何 哪一天
哪一年 哪些 哪个 哪家 哪里 哪儿 哪位 哪天 哪年 谁是 是谁 谁 几个 几天 几月 几号 几次 几 何时 何处 何人 吗 呢 了 的 是
以及 根据 关于 按照 我们 分别 各是 各为
"""
# Characters that also stand in names (上, 中, 和, 为 ...) are left: the pairs they make weigh little.
_ASKING = re.compile(
    # "How long does it run": neither word says what it is about, though `long` alone might.
    r"\bhow (?:long|often|far|soon|old|big|large|high)\b|多长时间|多久|多长"
    r"|哪[条张份次座款种项层届批笔艘只辆部所]|哪个城市|"
    + "|".join(sorted(_ASKING_WORDS_ZH.split(), key=len, reverse=True))
)
_WANTS: tuple[tuple[AnswerKind, str], ...] = (
    (
        "amount",
        r"how much|total|amount|price|cost|fee\b|salary|revenue|balance|pay\b|what was paid|budget|deposit|rent\b"
        r"|\bsums?\b|figure|\bowe"
        r"|多少钱|金额|价格|单价|总价|合计|费用|总额|租金|押金|收入|预算",
    ),
    ("duration", r"how long|多久|多长时间"),
    (
        "number",
        r"how (?:many|large|high|big)\b|number of|quantity|percent|\brate\b|\bratio\b"
        r"|几|多少|数量|号码|编号|单号|比例|百分|增长率|人数|期限",
    ),
    (
        "date",
        r"\bwhen\b|\bdates?\b|(?:which|what) (?:day|year|month)|deadline"
        r"|何时|什么时候|日期|哪天|哪一天|哪年|时间|到期",
    ),
    (
        "who",
        r"\bwho(?:m|se)?\b|谁|何人|哪位|哪家|姓名"
        r"|\b(?:which|what) (?:[\w-]+ ){0,2}"
        r"(?:company|firm|person|party|member|employee|colleague|supplier|customer)\b",
    ),
    ("place", r"\bwhere\b|address|\bcity\b|\btown\b|城市|哪里|哪儿|何处|地址|地点|会议室|meeting room"),
)
_UNIT = re.compile(r"(?:多少|几)([箱吨页人票件台支把张只套次天年元])")
_GLUED_YEAR = re.compile(r"(?<=[A-Za-z]{2})(?=(?:19|20)\d\d年)|(?<=\b[Ff][Yy])(?=(?:19|20)\d\d\b)")
_CAPITAL = re.compile(r"(?<![\w'])[A-Z][\w&-]+")
_LATIN = re.compile(r"[A-Za-z][\w&-]+", re.ASCII)
_BETWEEN_NAMES = re.compile(r"[ &.-]{1,3}")
_COUNTER = re.compile(r"(?<=\d{5})号")
"""`48268206号小票`: no word of its own."""
_WHO_FIRST = re.compile(r"^\W*who(?:m|se)?\b|谁")
"""Whoever pays the total is no sum."""
_WANTS_DATE = next(pattern for kind, pattern in _WANTS if kind == "date")
# A word such as `total` or `number` may only describe; a word that asks for a day is always meant.


@dataclass(frozen=True, slots=True)
class Query:
    """A question, taken apart.

    Attributes:
        text: As it was asked.
        terms: Its own terms, without the words of asking; never empty for a text with any letter or digit.
        others: What the terms may be called in the other language, with the words of the question they stand for.
        wants: The kind of value asked for.
        unit: The Chinese measure word asked for: 箱 in 多少箱, which a column may be named after.
        language: Of the question.
    """

    text: str
    terms: tuple[Term, ...]
    others: tuple[Translation, ...]
    wants: AnswerKind
    unit: str | None
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Translation:
    """Terms of the other language that may stand for some of the question's.

    Attributes:
        of: Terms of the question.
        by: Ways to say it, each a tuple of terms that belong together.
        city: Whether it is the name of a city.
        name: Whether it is a name that is written as one word elsewhere, as in the names of files: `BESTBUY_2024`.
    """

    of: tuple[str, ...]
    by: tuple[tuple[str, ...], ...]
    city: bool = False
    name: bool = False


def parse_query(text: str) -> Query:
    """Take a question apart."""
    # `Acme Ltd2021年` is a name and a year, written without the space that would part them.
    folded = _COUNTER.sub(" ", _GLUED_YEAR.sub(" ", fold(text)))
    language: Literal["zh", "en"] = "zh" if re.search(r"[\u4e00-\u9fff]", folded) else "en"
    terms = _content(folded)
    others = tuple(
        Translation(
            of=_of(phrase, terms),
            by=tuple(tuple(term.text for term in terms_of(other)) for other in ways),
            city=is_city(phrase),
        )
        for phrase, ways in translations_in(folded)
    )
    wants: AnswerKind = next((kind for kind, pattern in _WANTS if re.search(pattern, folded)), "any")
    if wants in ("amount", "number") and re.search(_WANTS_DATE, folded):
        wants = "date"
    if _WHO_FIRST.search(folded):
        wants = "who"
    return Query(
        text=_GLUED_YEAR.sub(" ", text), terms=terms, others=others, wants=wants, unit=_unit(folded), language=language
    )


def names_in(question: Query) -> list[str]:
    """The terms of a question that are written as names: with a capital letter, or in Latin among Chinese."""
    pattern = _LATIN if question.language == "zh" else _CAPITAL
    known = {term.text for term in question.terms if term.kind == "word"}
    starts = {place.start() for place in pattern.finditer(question.text) if question.language == "zh" or place.start()}
    words = [word.group() for word in pattern.finditer(question.text) if word.start() in starts]
    return [term.text for word in words for term in terms_of(word) if term.text in known]


def with_names_in_one(question: Query, is_known: Callable[[str], bool]) -> Query:
    """A question that knows which of its words stand somewhere as one: `Best Buy` as `bestbuy`.

    Args:
        question: As `parse_query` gives it.
        is_known: Whether any page holds a term.
    """
    folded = fold(question.text)
    words = [term for term in terms_of(folded) if term.kind == "word"]
    kept = {term.text for term in question.terms}
    found = []
    for first, second in pairwise(words):
        between = folded[first.end : second.start]
        if not _BETWEEN_NAMES.fullmatch(between) or not {first.text, second.text} <= kept:
            continue
        glued = stem(folded[first.start : first.end] + folded[second.start : second.end])
        if is_known(glued):
            found.append(Translation(of=(first.text, second.text), by=((glued,),), name=True))
    return replace(question, others=(*question.others, *found)) if found else question


def _of(phrase: str, terms: Iterable[Term]) -> tuple[str, ...]:
    """The terms that a phrase is made of; one of a single character stands in pairs with its neighbours."""
    of = tuple(term.text for term in terms_of(phrase))
    if len(phrase) > 1 or phrase.isascii():
        return of
    return tuple(term.text for term in terms if term.kind == "cjk" and phrase in term.text) or of


def _unit(folded: str) -> str | None:
    match = _UNIT.search(folded)
    return match.group(1) if match else None


def _content(folded: str) -> tuple[Term, ...]:
    bare = _ASKING.sub(" ", folded)
    found = {term.text: term for term in terms_of(bare) if not (term.kind == "word" and term.text in _stop_words())}
    # One character says little in Chinese; it is kept only where nothing else is left.
    telling = {
        text: term for text, term in found.items() if not (term.kind == "cjk" and len(text) == 1) or is_label(text)
    }
    kept = telling or found or {term.text: term for term in terms_of(folded)}
    return tuple(kept.values())


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    return frozenset(stem(word) for word in _ASKING_WORDS_EN.split())
