"""Entailment: whether the quotes of a sentence carry what it claims, and whether that answers the question.

Struck is what the quotes speak against or do not know: a figure, a unit, a name, a denial of the sentence's own.
Unsure is what they do not carry whole. Everything is compared by form, so that a true sentence in other words may end
up unsure; the other way round is what must not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.number_words import declared_scales
from langchain_hunyuanocr.archive.answer.proof import Proof
from langchain_hunyuanocr.archive.answer.sentence_claims import (
    Figure,
    alike,
    denials_in,
    figures_in,
    figures_of_quote,
    has_han,
    hedges_in,
    kinds_in,
    may_deny,
    names_in,
    uncovered_han,
    units_in,
    words_in,
)
from langchain_hunyuanocr.archive.answer.value_binding import unbound
from langchain_hunyuanocr.archive.search.query import Translation, parse_query
from langchain_hunyuanocr.archive.text.glossary import translations_in
from langchain_hunyuanocr.archive.text.tokenizer import canonical_number, fold, terms_of

_ENOUGH = 0.5
"""Share of what a question is about that must stand at or over the quoted place; elsewhere on its page counts half."""
_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:rules?|instructions?|prompts?|above|previous)\b"
    r"|\b(?:answer|respond|reply|say|output|print)\b.{0,20}(?::|\bwith\b|\bthat\b|\")|\b(?:system prompt|you are an? )"
    r"|\b(?:every|any|all|the) questions?\b|\bassistants?\s*:|\bsystem\s*:"
    r"|(?:忽略|无视|忘记).{0,20}(?:规则|指令|指示|提示|以上|上述)|(?:请|必须|一律)?(?:回答|回复|输出)\s*[:：“\"「]|所有问题|系统提示|提示词"
)
_DURATION = frozenset({"year", "month", "week", "day", "hour", "minute"})
_PER_SHARE = re.compile(r"\bper (?:\w+ )?share\b|/ ?share\b|每股")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a sentence.

    Attributes:
        struck: Why it is no part of the answer; `None` where it is.
        unsure: Why it is no sure part; `None` where it is.
    """

    struck: str | None = None
    unsure: str | None = None

    @property
    def sure(self) -> bool:
        """Whether the quotes carry all of it."""
        return self.struck is None and self.unsure is None


def judge(question: str, sentence: str, proofs: Sequence[Proof]) -> Verdict:
    """Whether quotes carry a sentence that is to answer a question.

    Args:
        question: What was asked.
        sentence: Without its citations.
        proofs: Its quotes, all of them found, at least one.
    """
    quotes = "\n".join(proof.citation.quote for proof in proofs)
    struck = _against(question, sentence, quotes)
    if struck is not None:
        return Verdict(struck=struck)
    reasons = [_short_of(question, sentence, main, proofs) for main in proofs]
    return Verdict(unsure=None if None in reasons else reasons[0])


def missing(sentence: str, quotes: str) -> bool:
    """Whether a sentence states a figure that its quotes do not hold."""
    held = figures_of_quote(quotes, parts=True)
    scales = declared_scales(fold(quotes))
    return any(not alike(figure, held, scales) for figure in figures_in(sentence))


def _against(question: str, sentence: str, quotes: str) -> str | None:
    """What speaks against a sentence."""
    held = figures_of_quote(quotes, parts=True)
    scales = declared_scales(fold(quotes))
    for figure in figures_in(sentence):
        same = alike(figure, held, scales)
        if not same:
            return "it holds a number that its quotes do not"
        if figure.units and all(one.units and not one.units & figure.units for one in same):
            return "it gives a number another unit than its quotes do"
    known = {*words_in(quotes), *words_in(question)}
    for name in names_in(sentence):
        if len(name) > 1 and 2 * sum(word not in known for word in name) > len(name):
            return "it names what its quotes do not"
    if denials_in(sentence) and not may_deny(quotes):
        return "it denies what its quotes do not"
    return None


def _short_of(question: str, sentence: str, main: Proof, proofs: Sequence[Proof]) -> str | None:
    """What a sentence lacks where one of its quotes carries its figures, and those of the same page its names."""
    beside = [proof for proof in proofs if proof.page == main.page]
    quotes = "\n".join(proof.citation.quote for proof in beside)
    return (
        _figures_short(question, sentence, main, quotes)
        or _words_short(question, sentence, main, quotes)
        or _turned(question, sentence, main)
        or _beside_the_question(question, sentence, main, quotes)
        or unbound(question, sentence, main, declared_scales(fold(quotes)))
    )


def _figures_short(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    told = declared_scales(fold(quotes))
    of_page = declared_scales(fold(main.page.text))
    held = figures_of_quote(main.citation.quote)
    around = figures_of_quote(main.around)
    units = units_in(quotes)
    # What was asked for may stand in the header over the quoted row.
    asked = [figure for figure in figures_in(question) if alike(figure, around, ())]
    for figure in figures_in(sentence):
        if figure in asked:
            continue
        same = alike(figure, held, told)
        if not same:
            return "no one quote holds its numbers"
        if figure.kind != "number":
            continue
        # A quote can be cut before the `%` or the `million` of its number.
        whole = [one for one in same if one.text in {other.text for other in around}]
        if not whole:
            return "the page goes on behind the number"
        percent = [one for one in around if one.text in {other.text for other in whole} and "percent" in one.units]
        below = any(one.text.startswith("-") for one in whole)
        if below != figure.text.startswith("-"):
            return "it leaves a minus out, or adds one"
        if figure.units and not any(one.units & figure.units for one in same) and not figure.units & units:
            return "its quotes do not tell the unit"
        if percent and not figure.units:
            return "it leaves the per cent out"
        bare = figure.text in {one.text for one in same}
        counted = figure.units & (_DURATION | {"percent", "point", "times"}) or _is_year(figure, main)
        counted = counted or ("." in figure.text and _PER_SHARE.search(fold(main.around)) is not None)
        if counted and not bare:
            return "what it counts in thousands or millions the page does not"
        if of_page and bare and not counted and not any(_scaled_in_text(one, main) for one in same):
            return "the page counts in thousands or millions, the sentence does not say so"
    return None


def _is_year(figure: Figure, main: Proof) -> bool:
    """Whether a figure is a year: without a separator, which an amount has."""
    return _YEAR.fullmatch(figure.text) is not None and figure.text in main.citation.quote


def _scaled_in_text(figure: Figure, main: Proof) -> bool:
    """Whether a figure of a quote has its thousands or millions beside it: `5.4 million` on a page of thousands."""
    plain = {canonical_number(number) for number in re.findall(r"\d+(?:[.,]\d+)*", fold(main.citation.quote))}
    return figure.text.lstrip("-") not in plain


def _words_short(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    """Words of a sentence must stand in its quote; those of the question, beside it or over it."""
    quote, place = main.citation.quote, f"{main.citation.quote}\n{main.around}\n{main.over}"
    held, here = {*words_in(quote)} | _translated(quote), {*words_in(place)} | _translated(place)
    asked = set(words_in(question))
    # A page in another script has none of the question's words.
    may_repeat = asked & here if words_in(place) else asked
    # Whose value it is may stand elsewhere on the page, where the question names it.
    may_name = {word for name in names_in(sentence) for word in name} & asked & {*words_in(quotes)}
    said = {word for word in words_in(sentence) if not denials_in(word)}
    said_han = f"{place}\n{_han_translations(place)}{'' if has_han(place) else question}"
    if (
        not said <= held | may_repeat | may_name
        or not units_in(sentence) & _DURATION <= units_in(quotes)  # `a year`, which is said of no figure
        or uncovered_han(sentence, f"{quote}\n{question}\n{_han_translations(quote)}")
        or uncovered_han(sentence, said_han)
    ):
        return "its quotes do not hold all of its words"
    repeats = said <= asked and not uncovered_han(sentence, question) and not figures_in(sentence)
    if repeats and (not said <= held or uncovered_han(sentence, quote)):
        return "it only says the question again"
    return None


def _turned(question: str, sentence: str, main: Proof) -> str | None:
    row = main.row
    if denials_in(question) and not may_deny(main.around):
        return "the question denies, the page does not"
    # What stands in a header limits its column alone.
    around = main.around if row is None else " | ".join((row.section, row.label, *(cell for _, cell in row.cells)))
    if denials_in(around) != denials_in(sentence):
        return "the page denies there and the sentence does not, or the other way round"
    asked, said, there = kinds_in(question), kinds_in(sentence), kinds_in(around)
    if hedges_in(around, figures_in(sentence)) - hedges_in(sentence) or there - said - asked:
        return "it leaves out what limits the words on the page"
    if hedges_in(sentence) - hedges_in(around) or (said | asked) - there:
        return "it limits what the page does not"
    if _TO_A_MODEL.search(fold(main.around)):
        return "the page speaks to whoever answers there"
    return None


def _beside_the_question(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    asked = parse_query(question)
    here = _terms(f"{main.around}\n{main.over}\n{quotes}")
    page = here | _terms(main.page.text) | _terms(main.page.file_name)
    here, page = here | _translated_terms(here, asked.others), page | _translated_terms(page, asked.others)
    words = [term.text for term in asked.terms if term.kind == "word"]
    pairs = [term.text for term in asked.terms if term.kind == "cjk"]
    # Of Chinese, characters are counted: the pairs that reach from one word into the next stand nowhere else.
    covered = {char: 0.5 for pair in pairs if pair in page for char in pair}
    covered |= {char: 1.0 for pair in pairs if pair in here for char in pair}
    told = [covered.get(char, 0.0) for char in dict.fromkeys("".join(pairs))]
    told += [1.0 if word in here else 0.5 * (word in page) for word in words]
    if told and (1.0 not in told or sum(told) < _ENOUGH * len(told)):
        return "what it quotes does not speak of what was asked"
    about = {term.text for term in asked.terms}
    if main.page.most_of(about) > len(about & here):
        return "another place on the page speaks more of what was asked"
    if any(word not in page for name in names_in(question) for word in name):
        return "its page does not have a name of the question"
    context = {one.text for one in figures_of_quote(f"{main.around}\n{main.over}\n{quotes}")}
    on_page = {one.text for one in figures_of_quote(f"{main.page.text}\n{main.page.file_name}")}
    for figure in figures_in(question):
        year = _YEAR.fullmatch(figure.text)
        years = {text for text in on_page if _YEAR.fullmatch(text)}
        if figure.text not in (context if year and years != {figure.text} else on_page):
            return "what it quotes does not have a figure of the question"
    return None if _of_its_kind(asked.wants, sentence, question) else "it is not of the kind that was asked for"


def _of_its_kind(wants: str, sentence: str, question: str) -> bool:
    said = [figure for figure in figures_in(sentence) if figure not in figures_in(question)]
    if wants in ("amount", "number"):
        return any(figure.kind != "date" for figure in said)
    if wants == "date":
        return any(figure.kind == "date" or _YEAR.fullmatch(figure.text) or figure.units & _DURATION for figure in said)
    if wants == "duration":
        return any(figure.units & _DURATION for figure in said)
    if wants in ("who", "place"):
        return bool(set(words_in(sentence)) - set(words_in(question)) or uncovered_han(sentence, question))
    return True


def _terms(text: str) -> set[str]:
    return {term.text for term in terms_of(text)}


def _translated_terms(here: set[str], others: Iterable[Translation]) -> set[str]:
    """The question's words whose names in the other language, or other names, stand there."""
    return {term for other in others if any(here.issuperset(way) for way in other.by) for term in other.of}


def _translated(text: str) -> set[str]:
    return {word for _, ways in translations_in(fold(text)) for way in ways for word in words_in(way)}


def _han_translations(text: str) -> str:
    return "\n".join(way for _, ways in translations_in(fold(text)) for way in ways)
