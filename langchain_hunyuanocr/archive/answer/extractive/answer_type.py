"""Answer type: how far a value is of the kind asked for, an amount, a day, a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.search.query import AnswerKind, Query
from langchain_hunyuanocr.archive.text.glossary import is_city, is_label, translations_in
from langchain_hunyuanocr.archive.text.names import companies_in, people_in
from langchain_hunyuanocr.archive.text.tokenizer import Term, fold, terms_of

_VALUE = re.compile(r"^\W{0,2}(?:[A-Z]{3}\s?)?[¥￥$£€]?\s?-?\d[\d,.]*\s?(?:[%％‰]|[^\W\d]{1,6})?\W?$")
_DURATION = re.compile(
    r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|forty|fifty|"
    r"sixty|ninety|hundred)[\s-]+(?:(?:calendar|working|business|full)[\s-]+)?(?:year|month|week|day|hour|minute)s?\b"
    r"|[\d一二三四五六七八九十两百半]+\s*个?(?:年|月|周|星期|天|日|小时|分钟)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(r"[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,}[元圆整角分]")
DATE_ALONE = re.compile(
    r"^\W*(?!(?:received|paid|entered|posted|copied)\b)(?:[^\W\d]{3,9},?\s)?[\w\s,./年月日-]{8,18}\W*$", re.IGNORECASE
)
_COMPANY = re.compile(r"\b(?:company|firm|supplier|vendor|seller|buyer|customer)\b|哪家|公司(?:叫|名)|什么公司")
_PERSON = re.compile(r"\b(?:person|member|employee|colleague|manager|engineer|director|chair)\b|哪位|何人|姓名")
_DEADLINE = re.compile(r"\b(?:due|by (?:when|which|what)|deadline|latest|have to|must)\b|最迟|截止|期限|之前|到期|应在")
_OF_OTHERS = re.compile(
    r"^\W*\d[\d,.]*\s?(?:[票人次天日月年周台件箱个项名位]|votes?\b|days?\b|months?\b|years?\b|people\b)"
)
_CITY = re.compile(r"\b(?:city|town)\b|城市")
_CENTS = re.compile(r"(?<![\d.,/-])\d[\d.,]*[.,]\d\d(?![\d.,/%]*[\d%])")
_MONEY = re.compile(r"[¥￥$£€]\s?\d|\d\s?(?:[千万亿]?元|(?:USD|EUR|GBP|CNY|RMB)\b)|(?:USD|EUR|GBP|CNY|RMB|人民币)\s?\d")


def fits(question: Query, answer: str, *, exact: bool) -> float:
    """How far an answer is what a question asks for; names that it says itself are none.

    Args:
        question: What is asked.
        answer: The words.
        exact: Whether the answer is meant to be the value and nothing else.
    """
    plain = fold(answer)
    if question.wants in ("who", "place") and exact and is_label(plain) and not is_city(plain):
        return 0.0  # the label beside it is no name
    if question.wants == "date" and not exact and not _DEADLINE.search(fold(question.text)):
        # `within 30 days` is a day only where a term is asked for.
        return value_fits(answer, "date", exact=False) if "date" in _kinds(answer) else 0.0
    if question.wants == "place" and not exact and _CITY.search(fold(question.text)):
        return 0.8 if _new(_cities_in(answer), words_of(question.text)) else 0.0
    if question.wants != "who":
        return value_fits(answer, question.wants, exact=exact)
    if _VALUE.match(answer):
        return 0.0
    folded = fold(question.text)
    said = words_of(question.text)
    company, person = bool(_COMPANY.search(folded)), bool(_PERSON.search(folded))
    named = [_new(companies_in(answer), said)] if company or not person else []
    named += [_new(people_in(answer), said)] if person or not company else []
    if any(named):
        return 1.0 if exact else 0.8
    if not exact or (person and any(companies_in(answer))):
        return 0.1
    # What stands under its label is a name even where it is not written like one.
    return 0.7


def tells_money(answer: str) -> bool:
    """Whether a text holds a sum of money: a figure with its currency, or with cents."""
    return _MONEY.search(answer) is not None or _CENTS.search(answer) is not None


def _cities_in(text: str) -> Iterator[str]:
    return (phrase for phrase, _ in translations_in(fold(text)) if is_city(phrase))


def _kinds(text: str) -> set[str]:
    return {term.kind for term in terms_of(text)}


def _is_identifier(terms: Sequence[Term]) -> bool:
    """Whether a text is one identifier, which its parts follow, and nothing else."""
    return bool(terms) and terms[0].kind == "identifier" and len({(term.start, term.end) for term in terms}) == 1


def _new(names: Iterable[str], said: Set[str]) -> bool:
    return any(not words_of(name) <= said for name in names)


def value_fits(answer: str, wants: AnswerKind, *, exact: bool) -> float:
    """How far an answer is of a kind.

    Args:
        answer: The words.
        wants: The kind.
        exact: Whether the answer is meant to be the value and nothing else.
    """
    terms = list(terms_of(answer))
    kinds = _kinds(answer)
    if wants == "date":
        if "date" in kinds:
            return 1.0 if exact or not DATE_ALONE.match(answer) else 1.1
        return 0.5 if not exact and _DURATION.search(answer) else 0.0
    if wants == "duration":
        return 1.0 if _DURATION.search(answer) else 0.3 * ("number" in kinds)
    if wants in ("amount", "number"):
        if exact:
            if wants == "amount" and _OF_OTHERS.search(answer):
                return 0.3  # six votes are no sum
            if _VALUE.match(answer) or _IN_WORDS.search(answer) or _is_identifier(terms):
                return 1.0
            return 0.3 * bool(kinds & {"number", "identifier"})
        if wants == "amount" and _MONEY.search(answer):
            return 1.0
        dates = {(term.start, term.end) for term in terms if term.kind == "date"}
        return 0.8 if any(term.kind == "number" and (term.start, term.end) not in dates for term in terms) else 0.0
    if wants == "place":
        named = bool(kinds & {"word", "cjk"}) and not _VALUE.match(answer)
        # Any sentence holds words; only under a label is it likely that they are a place.
        return (1.0 if exact else 0.6) * named
    return 0.5
