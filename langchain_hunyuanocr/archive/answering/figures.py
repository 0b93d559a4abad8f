"""The numbers and dates in a text, in one form each: what a sentence says in figures must stand in what it quotes."""

from __future__ import annotations

import re
from itertools import groupby

from langchain_hunyuanocr.archive.searching.terms import fold, terms_of

_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
_CHINESE = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_CHINESE_NUMBER = re.compile(r"[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]")
_CHINESE_COUNT = re.compile(rf"(?:{_CHINESE_NUMBER.pattern})(?=\s*(?:年|个|月|日|天|周|元|份|次|倍|名|小时))")
"""A numeral that counts something; alone it may be part of a name or of another word."""


def stated(text: str) -> list[frozenset[str]]:
    """The figures that a text states, each as the forms of which one or all must stand in a proof (see `missing`)."""
    found = []
    for _, group in groupby(terms_of(text), key=lambda term: (term.start, term.end)):
        terms = list(group)
        dates = [term.text for term in terms if term.kind == "date"]
        numbers = [term.text for term in terms if term.kind == "number"]
        if dates or numbers:
            found.append(frozenset(dates or numbers))
    plain = fold(text)
    # `one` and `一` are articles more often than numbers.
    found += [frozenset({value}) for value in _in_words(plain, counted=True) if value != "1"]
    return [*found, *_identifiers(text)]


def forms_of(text: str) -> set[str]:
    """Every form of every figure in a text."""
    forms = {term.text for term in terms_of(text) if term.kind in ("number", "date", "identifier")}
    return forms | set(_in_words(fold(text), counted=False))


def missing(sentence: str, quotes: str) -> bool:
    """Whether a sentence states a figure that its quotes do not hold."""
    held = forms_of(quotes)
    return any(not forms <= held for forms in stated(sentence))


def _identifiers(text: str) -> list[frozenset[str]]:
    """Identifiers like `B7`, whose digits are not parts of their own."""
    found = []
    for _, group in groupby(terms_of(text), key=lambda term: (term.start, term.end)):
        terms = list(group)
        if all(term.kind == "identifier" for term in terms):
            found.append(frozenset(term.text for term in terms))
    return found


def _in_words(plain: str, *, counted: bool) -> list[str]:
    found = [str(_WORDS.index(match.group()) + 1) for match in _WORD.finditer(plain)]
    chinese = _CHINESE_COUNT if counted else _CHINESE_NUMBER
    return found + [str(_chinese(match.group())) for match in chinese.finditer(plain)]


def _chinese(numeral: str) -> int:
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _CHINESE[numeral]
    return (_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0)
