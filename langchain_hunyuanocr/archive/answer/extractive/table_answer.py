"""Table answer: the one figure of the best pages that a question names by row, column, year and company.

A question that names two years of one row is answered by both figures, and by what changed where it asks for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.aggregate.period import NO_PERIOD, Period, period_in, years_in
from langchain_hunyuanocr.archive.answer.certainty import is_certain
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.change import asks_for_change, told_change
from langchain_hunyuanocr.archive.answer.extractive.figures import Figure, Match, figures_of, match
from langchain_hunyuanocr.archive.answer.locate import box_of_row
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.search.query import Query, names_in
from langchain_hunyuanocr.archive.text.tokenizer import MONTHS, fold
from langchain_hunyuanocr.results import PageReading, Table

_ASKING = (
    "spend spent make made earn earned book booked report reported fiscal year years end ended company amount "
    "total value figure cast get got receive received number high low much many fall fell amounts months month day "
    "quarter according be percentage percent period data"
)
"""Words that ask for a figure and need not stand on the page."""
_OF_CHANGE = (
    "change changed increase increased decrease decreased growth grow grew rise rose decline declined drop dropped fall"
    " fell cagr compound annual differ difference compare compared improve improved yoy"
)
"""Those that ask what became of it."""
_TELLING = "total amount percentage percent value number"
"""Those among them that tell a row where one says them."""
_IN_STATEMENT = re.compile(
    r"\b(?:on|in|from|of|by|using|per|according to)\s+(?:the\s|its\s|their\s)?(?:consolidated\s)?"
    r"(?:balance sheets?|income statements?|cash flow statements?|statements? of [a-z]+(?: flows?)?)\b"
)
"""Where a figure is to be taken from, which the page itself need not say."""
_IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_YEAR_OVER_YEAR = re.compile(r"\byear[\s-]over[\s-]year\b|\b\d[\s-]years?\b|同比")
_NEARLY = 0.85
"""Share of the question's own words that must be found for a figure to be its answer."""
_ROUGHLY = 0.5
"""Share of a label that the question must say."""
_WHOLLY = 0.99
"""The same of the header of a column, where nothing else tells the column."""
_SEGMENT = re.compile(r"\b((?:[A-Z][\w&-]*[ ,]+(?:and )?){1,4})[Ss]egments?\b")
_START = 60
"""Characters by which a table is found in the text of its page."""
_BEFORE = 240
"""Characters before it that say what it is of."""
_YEARS = 2
"""Of a row, that are held against each other."""

Pages = Sequence[tuple[PageReading, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    reading: PageReading
    of_part: bool
    """Whether its table is of a part of the company that the question does not name."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What a question says of the figure that it asks for."""

    said: frozenset[str]
    own: Mapping[str, float]
    ways: Mapping[str, Sequence[tuple[str, ...]]]
    asking: frozenset[str]
    company: frozenset[str]


def table_answer(
    question: Query, pages: Iterable[tuple[PageReading, frozenset[str]]], idf: Mapping[str, float]
) -> Answer | None:
    """The figure that a question names.

    Args:
        question: What is asked.
        pages: The best pages, best first, each with the words that its document says of itself.
        idf: What each term of the question weighs.

    Returns:
        `None` where no row of these tables is named by it; an answer whose text is `None` where the row is there, and
        the year that was asked for is not.
    """
    if question.wants in ("date", "who", "place", "duration"):
        return None  # a figure is none of these
    folded = fold(question.text)
    years = years_in(folded)
    held = [page for page in pages if page[0].tables]
    if len(years) == _YEARS:
        return _of_two_years(question, held, idf, years)
    period, _ = period_in(folded)
    words = _words(question, idf, period, two_years=False)
    found, elsewhere = _find(held, words, period) if words.own else ([], False)
    if not found:
        return Answer(answer=None) if elsewhere else None
    best = _best(found)
    first = best[0]
    told = _told(first.match.figure)
    others = [one for one in best if _bare(one.match.figure) != _bare(first.match.figure)]
    if others and len({_bare(one.match.figure) for one in best}) == _YEARS:
        # Of two columns or rows the question names neither.
        told = f"{told}; {_told(others[0].match.figure)}"
    return Answer(answer=told, citations=(_citation(first),), confident=_is_sure(first, period, alone=not others))


def _of_two_years(question: Query, pages: Pages, idf: Mapping[str, float], years: Sequence[str]) -> Answer | None:
    """The figures of one row in two years."""
    words = _words(question, idf, NO_PERIOD, two_years=True)
    if not words.own:
        return None
    early, late = (_find(pages, words, Period(year)) for year in sorted(years))
    if not (early[0] and late[0]):
        return Answer(answer=None) if early[1] or late[1] or early[0] or late[0] else None
    first = _best(early[0])
    row = first[0].match.figure.row
    second = [one for one in _best(late[0]) if one.match.figure.row == row]
    if not second:
        return None
    ends = (first[0], second[0])
    texts = [(one.match.figure.text, year) for one, year in zip(ends, sorted(years), strict=True)]
    told = told_change(texts, fold(question.text)) if asks_for_change(fold(question.text)) else ""
    said = f"{'; '.join(f'{text} ({year})' for text, year in texts)}{told}{_told_unit(first[0].match.figure)}"
    sure = all(
        _is_sure(one, Period(year), alone=len({_bare(other.match.figure) for other in among}) == 1)
        for one, year, among in zip(ends, sorted(years), (first, second), strict=True)
    )
    return Answer(answer=said, citations=(_citation(first[0]),), confident=sure)


def _words(question: Query, idf: Mapping[str, float], period: Period, *, two_years: bool) -> _Words:
    ways: dict[str, list[tuple[str, ...]]] = {}
    for other in question.others:
        for term in other.of:
            ways.setdefault(term, []).extend(other.by)
    dates = set(re.findall(r"\d+", period.start)) | {str(int(part)) for part in re.findall(r"\d+", period.start)}
    asks = words_of(_ASKING) | (words_of(_OF_CHANGE) if two_years else frozenset())
    beside = _beside(fold(question.text), two_years=two_years)
    own = {
        term.text: idf.get(term.text, 1.0)
        for term in question.terms
        if term.text not in asks
        and term.kind != "date"
        and term.text not in dates
        and term.text not in words_of(" ".join(MONTHS))
        and term.text not in beside
    }
    asking = frozenset(term.text for term in question.terms if term.text in asks & words_of(_TELLING))
    return _Words(words_of(question.text), own, ways, asking - beside, frozenset(names_in(question)))


def _beside(folded: str, *, two_years: bool) -> frozenset[str]:
    """Words that say where to look and how to answer, and stand nowhere else in the question."""
    # `Calculate it by the line items of the statement` follows the question.
    asked, mark, _ = folded.partition("?")
    told = _IN_STATEMENT.sub(" ", _IN_BRACKETS.sub(" ", asked + mark))
    if two_years:
        told = _YEAR_OVER_YEAR.sub(" ", told)
        told = re.sub(r"\b(?:19|20)\d\d\b", " ", told)
    return words_of(folded) - words_of(told)


def _find(pages: Pages, words: _Words, period: Period) -> tuple[list[_Found], bool]:
    """The figures that are named, and whether any is but for the year."""
    found: list[_Found] = []
    elsewhere = False
    for reading, document in pages:
        names = document | _names(reading)
        matches = [
            one
            for figure in figures_of(reading)
            if (one := match(figure, words.own, words.ways, names, period, words.asking, words.company)) is not None
        ]
        matches = [one for one in matches if one.asked >= _NEARLY and one.nearly >= _ROUGHLY]
        of_period = [one for one in matches if one.period is not False and _year_stands(period, one, reading)]
        # `Change` stands beside the years and says none.
        dated = {one.figure.row for one in of_period if one.period}
        of_period = [one for one in of_period if one.period or one.figure.row not in dated]
        elsewhere = elsewhere or (bool(matches) and not of_period)
        found += [_Found(one, reading, _is_of_part(reading, one.figure.table, words.said)) for one in of_period]
    return found, elsewhere


def _best(found: Sequence[_Found]) -> list[_Found]:
    """Those of the best row and column."""
    top = max(one.match.rank for one in found)
    best = [one for one in found if one.match.rank == top]
    column = max(one.match.column for one in best)
    return [one for one in best if one.match.column >= column]


def _is_sure(one: _Found, period: Period, *, alone: bool) -> bool:
    figure = one.match.figure
    column = (
        one.match.period is not None or figure.kin == 1 or (not period.start and one.match.column >= _WHOLLY)
    ) and (not period.start or one.match.period is True)
    plain = alone and figure.well_formed and column and not one.of_part
    return plain and is_certain("tables", min(one.match.asked, one.match.named))


def _is_of_part(reading: PageReading, table: Table, said: frozenset[str]) -> bool:
    """Whether the words over a table name a segment, and the question none."""
    before = reading.markdown.partition(table.markdown[:_START])[0][-_BEFORE:]
    named = [words_of(name[1]) for name in _SEGMENT.finditer(f"{before}\n{table.caption or ''}")]
    return bool(named) and not any(name and name <= said for name in named)


def _citation(one: _Found) -> Citation:
    figure = one.match.figure
    quote = " | ".join(dict.fromkeys(cell for cell in figure.row if cell.strip()))
    place = box_of_row(one.reading, figure.table, figure.row)
    return Citation(source=one.reading.source, page=one.reading.page, quote=quote, box=place)


def _told(figure: Figure) -> str:
    return f"{figure.text}{_told_unit(figure)}"


def _told_unit(figure: Figure) -> str:
    plain = figure.unit and "%" not in figure.text and "share" not in fold(figure.label)
    return f" ({figure.unit})" if plain else ""


def _bare(figure: Figure) -> str:
    return re.sub(r"[^\d.]", "", figure.text)


def _names(reading: PageReading) -> frozenset[str]:
    """What stands at the top of a page, where it says whose it is."""
    return words_of(reading.markdown[:400].partition("\n| ")[0])


def _year_stands(period: Period, one: Match, reading: PageReading) -> bool:
    """Whether the year that was asked for is that of the column, or else of the page."""
    return one.period is True or not period.year or period.year in reading.markdown[:600]
