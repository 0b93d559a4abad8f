"""Support: whether the quotes of a sentence carry what it claims, and whether that answers the question.

Struck is what the quotes speak against or do not know: a figure, a unit, a name, a denial of the sentence's own.
Unsure is what they do not carry whole. Everything is compared by form, so that a true sentence in other words may end
up unsure; the other way round is what must not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from langchain_hunyuanocr.archive.answer.sentence_claims import (
    Figure,
    denies,
    figures_in,
    figures_of_quote,
    han_in_order,
    is_common,
    limits_in,
    may_deny,
    names_in,
    plain_of,
    tokens_in,
    uncovered_han,
    units_in,
    words_in,
)
from langchain_hunyuanocr.archive.answer.number_words import declared_scales
from langchain_hunyuanocr.archive.answer.proof import Proof
from langchain_hunyuanocr.archive.search.query import parse_query
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
_YEAR = re.compile(r"(?:19|20)\d\d")
_BORDER = re.compile(r"(:(?!\d)|：|[|\n]|(?<!\d),|,(?!\d)|[;，；、。]|(?<!\w)(?:and|while|but)(?!\w)|(?<=[\u3400-\u9fff])[和与及而](?=[\u3400-\u9fff]))")
_CELL = re.compile(r"[:：|\n]")
_HAN = re.compile(r"[\u3400-\u9fff]")


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
    held = figures_of_quote(quotes)
    scales = declared_scales(fold(quotes))
    return any(not _alike(figure, held, scales) for figure in figures_in(sentence))


def _against(question: str, sentence: str, quotes: str) -> str | None:
    """What speaks against a sentence."""
    held = figures_of_quote(quotes)
    scales = declared_scales(fold(quotes))
    for figure in figures_in(sentence):
        alike = _alike(figure, held, scales)
        if not alike:
            return "it holds a number that its quotes do not"
        if figure.units and all(one.units and not one.units & figure.units for one in alike):
            return "it gives a number another unit than its quotes do"
    known = {*words_in(quotes), *words_in(question)}
    for name in names_in(sentence):
        if len(name) > 1 and 2 * sum(word not in known for word in name) > len(name):
            return "it names what its quotes do not"
    if denies(sentence) and not may_deny(quotes):
        return "it denies what its quotes do not"
    return None


def _alike(figure: Figure, held: Sequence[Figure], scales: Iterable[int]) -> list[Figure]:
    """The figures of the quotes that a figure may be, thousands that the quotes tell of reckoned in."""
    if figure.kind != "number":
        return [one for one in held if one.kind == figure.kind and one.text == figure.text]
    zeros = (0, *scales)
    value = Decimal(figure.text)
    numbers = [one for one in held if one.kind == "number"]
    return [one for one in numbers if any(abs(Decimal(one.text)).scaleb(zero) == abs(value) for zero in zeros)]


def _short_of(question: str, sentence: str, main: Proof, proofs: Sequence[Proof]) -> str | None:
    """What a sentence lacks where one of its quotes carries its figures, and those of the same page its names."""
    beside = [proof for proof in proofs if proof.page == main.page]
    quotes = "\n".join(proof.citation.quote for proof in beside)
    return (
        _figures_short(question, sentence, main, quotes)
        or _words_short(question, sentence, main, quotes)
        or _turned(question, sentence, main)
        or _beside_the_question(question, sentence, main, quotes)
        or _unbound(question, sentence, main, quotes)
    )


def _figures_short(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    told = declared_scales(fold(quotes))
    of_page = declared_scales(fold(main.page.text))
    held = figures_of_quote(main.citation.quote)
    units = units_in(quotes)
    # What was asked for may stand in the header over the quoted row.
    asked = [figure for figure in figures_in(question) if _alike(figure, figures_of_quote(main.around), ())]
    for figure in figures_in(sentence):
        if figure in asked:
            continue
        alike = _alike(figure, held, told)
        if not alike:
            return "no one quote holds its numbers"
        if figure.kind != "number":
            continue
        if figure.text not in {one.text for one in alike} and figure.text.startswith("-") != any(
            one.text.startswith("-") for one in alike
        ):
            return "it leaves a minus out, or adds one"
        if figure.units and not any(one.units & figure.units for one in alike) and not figure.units & units:
            return "its quotes do not tell the unit"
        if not figure.units and any("percent" in one.units for one in alike):
            return "it leaves the per cent out"
        counted = figure.units & (_DURATION | {"percent", "point", "times"}) or _YEAR.fullmatch(figure.text)
        bare = figure.text in {one.text for one in alike}
        if of_page and bare and not counted and not any(_scaled_in_text(one, main) for one in alike):
            return "the page counts in thousands or millions, the sentence does not say so"
    return None


def _scaled_in_text(figure: Figure, main: Proof) -> bool:
    """Whether a figure of a quote has its thousands or millions beside it: `5.4 million` on a page of thousands."""
    plain = {canonical_number(number) for number in re.findall(r"\d+(?:[.,]\d+)*", fold(main.citation.quote))}
    return figure.text.lstrip("-") not in plain


def _words_short(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    held = set(words_in(main.citation.quote)) | _translated(quotes)
    asked = set(words_in(question))
    named = {word for name in names_in(sentence) for word in name}
    said = [word for word in words_in(sentence) if not (denies(word) and denies(sentence))]
    everywhere = set(words_in(quotes))
    if not named <= everywhere:
        return "a name stands in none of its quotes"
    if any(word not in held and word not in asked and not (word in named and word in everywhere) for word in said):
        return "its quotes do not hold all of its words"
    if uncovered_han(sentence, f"{quotes}\n{question}\n{_han_translations(quotes)}"):
        return "its quotes do not hold all of its words"
    new = [word for word in said if word not in asked] or figures_in(sentence)
    if not new and not uncovered_han(sentence, question) and (
        not set(said) <= everywhere or uncovered_han(sentence, quotes)
    ):
        return "it only says the question again"
    return None


def _turned(question: str, sentence: str, main: Proof) -> str | None:
    if denies(main.around) and not may_deny(sentence):
        return "the page denies there, the sentence does not"
    if limits_in(main.around) - limits_in(sentence) - limits_in(question):
        return "it leaves out what limits the words on the page"
    if limits_in(sentence) - limits_in(main.around):
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


def _unbound(question: str, sentence: str, main: Proof, quotes: str) -> str | None:
    """Whether a value may belong to another label of its line, or a name to another deed."""
    names = names_in(sentence)
    if len(names) > 1 and not _in_order(sentence, names, main.around):
        return "its names stand in another order on the page"
    if not han_in_order(sentence, main.around):
        return "its words stand in another order on the page"
    coded = _coded(question, sentence, main.around, declared_scales(fold(quotes)))
    bound = {text for clause in _clauses(coded) for text in _bound(clause)}
    wanted = {text for mark, text in coded if mark in "VF"}
    return None if wanted <= bound else "its words may belong to something else in their line"


def _clauses(coded: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    clause: list[tuple[str, str]] = []
    for mark, text in coded:
        if mark == "&":
            yield clause
            clause = []
        else:
            clause.append((mark, text))
    yield clause


def _bound(clause: Sequence[tuple[str, str]]) -> set[str]:
    """The words and figures of a clause that belong to what was asked, see `_coded` for its marks.

    In running text they stand in one clause with it. Where there are borders, or other figures, what was asked must
    stand before them, with nothing between.
    """
    marks = {mark for mark, _ in clause}
    if "|" not in marks and not {"R", "F"} <= marks:
        return {text for mark, text in clause if mark in "VF"} if "L" in marks else set()
    bound: set[str] = set()
    reach = crossed = strange = False
    for mark, text in clause:
        if mark in "LVF":
            reach = mark == "L" or (reach and not (crossed and strange))
            crossed = strange = False
            if reach and mark != "L":
                bound.add(text)
        reach = reach and mark != "R"
        crossed, strange = crossed or mark == "|", strange or mark == "X"
    return bound


def _in_order(sentence: str, names: Sequence[tuple[str, ...]], around: str) -> bool:
    tokens = [text for _, text in tokens_in(sentence) if text not in ("the", "a", "an")]
    first, last = names[0][0], names[-1][-1]
    if first not in tokens or last not in tokens:
        return False
    wanted = tokens[tokens.index(first) : len(tokens) - tokens[::-1].index(last)]
    there = iter([text for _, text in tokens_in(around)])
    return all(text in there for text in wanted)


def _coded(question: str, sentence: str, around: str, scales: Iterable[int]) -> list[tuple[str, str]]:
    """A line as marks.

    L is a word or figure of the question, V another word of the sentence, F another figure of it, X a word and R a
    figure that neither has, | a border like that of a cell, & one of a clause.
    """
    asked, said = {*words_in(question)} | _pairs(question), {*words_in(sentence)} | _pairs(sentence)
    figures_asked, figures_said = figures_in(question), figures_in(sentence)
    content = set(words_in(around))
    coded: list[tuple[str, str]] = []
    for piece in _BORDER.split(around):
        if _BORDER.fullmatch(piece):
            coded.append(("|" if _CELL.fullmatch(piece) else "&", ""))
            continue
        tokens = tokens_in(piece)
        for at, (kind, text) in enumerate(tokens):
            if kind == "han":
                near = {"".join(two for _, two in tokens[max(0, start) : start + 2]) for start in (at - 1, at)}
                if near & (asked | said) or not is_common(text):
                    coded.append(("L" if near & asked else "V" if near & said else "X", text))
            elif kind == "word":
                if text in content:
                    coded.append(("L" if text in asked else "V" if text in said else "X", text))
            else:
                figure = [Figure(text, kind)]
                there = any(_alike(one, figure, scales) for one in figures_said)
                coded.append(("L" if any(_alike(one, figure, ()) for one in figures_asked) else "F" if there else "R", text))
    return coded


def _pairs(text: str) -> set[str]:
    plain = plain_of(text)
    return {plain[at : at + 2] for at in range(len(plain) - 1) if all(map(_HAN.match, plain[at : at + 2]))}


def _terms(text: str) -> set[str]:
    return {term.text for term in terms_of(text)}


def _translated_terms(here: Set[str], others: Iterable[object]) -> set[str]:
    """The question's words whose names in the other language, or other names, stand there."""
    return {
        term
        for other in others
        if any(here.issuperset(way) for way in other.by)  # type: ignore[attr-defined]
        for term in other.of  # type: ignore[attr-defined]
    }


def _translated(text: str) -> set[str]:
    return {word for _, ways in translations_in(fold(text)) for way in ways for word in words_in(way)}


def _han_translations(text: str) -> str:
    return "\n".join(way for _, ways in translations_in(fold(text)) for way in ways)
