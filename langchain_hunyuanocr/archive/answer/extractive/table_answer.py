"""Table answer: the one figure of the best pages that a question names by row, column, year and company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.aggregate.period import Period, period_in
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.figures import Figure, Match, figures_of, match
from langchain_hunyuanocr.archive.answer.locate import box_of_row
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.search.query import Query
from langchain_hunyuanocr.archive.text.tokenizer import MONTHS, fold
from langchain_hunyuanocr.results import PageReading

_ASKING = (
    "spend spent make made earn earned book booked report reported fiscal year years end ended company amount "
    "total value figure cast get got receive received number high low much many fall fell amounts months month day "
    "quarter according be percentage percent"
)
"""Words that ask for a figure and need not stand on the page."""
_TELLING = "total amount percentage percent value number"
"""Those among them that tell a row where one says them."""
_ENOUGH = 0.99
"""Share of the question's own words that must be found for the figure to be its answer."""
_NEARLY = 0.85
"""The same for a figure that may be its answer."""
_WHOLLY = 0.99
"""Share of a label that the question must say where it is surely meant."""
_ROUGHLY = 0.5
"""The same where it may be."""


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    reading: PageReading
    sure: bool


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
    period, _ = period_in(fold(question.text))
    dates = set(re.findall(r"\d+", period.start)) | {str(int(part)) for part in re.findall(r"\d+", period.start)}
    ways: dict[str, list[tuple[str, ...]]] = {}
    for other in question.others:
        for term in other.of:
            ways.setdefault(term, []).extend(other.by)
    words = {
        term.text: idf.get(term.text, 1.0)
        for term in question.terms
        if term.text not in words_of(_ASKING)
        and term.kind != "date"
        and term.text not in dates
        and not _is_month(term.text)
    }
    if not words:
        return None
    asking = frozenset(term.text for term in question.terms if term.text in words_of(_ASKING) & words_of(_TELLING))
    found: list[_Found] = []
    elsewhere = False
    for reading, document in pages:
        names = document | _names(reading)
        matches = [
            one
            for figure in figures_of(reading)
            if (one := match(figure, words, ways, names, period, asking)) is not None
        ]
        matches = [one for one in matches if one.asked >= _NEARLY and one.named >= _ROUGHLY]
        of_period = [one for one in matches if one.period is not False and _year_stands(period, one, reading)]
        elsewhere = elsewhere or (bool(matches) and not of_period)
        for one in of_period:
            found.append(_Found(one, reading, one.asked >= _ENOUGH and one.named >= _WHOLLY))
    if not found:
        return Answer(answer=None) if elsewhere else None
    return _best(found, period)


def _best(found: Sequence[_Found], period: Period) -> Answer:
    top = max(one.match.rank for one in found)
    best = [one for one in found if one.match.rank == top]
    column = max(one.match.column for one in best)
    best = [one for one in best if one.match.column >= column]
    first = best[0]
    rivals = {_bare(one.match.figure) for one in best}
    told = _told(first.match.figure)
    if len(rivals) > 1:
        # Of several columns or rows the question names none.
        others = [one for one in best if _bare(one.match.figure) != _bare(first.match.figure)]
        told = f"{told}; {_told(others[0].match.figure)}" if len(rivals) == 2 else told
    figure = first.match.figure
    sure = (
        first.sure
        and len(rivals) == 1
        and figure.well_formed
        and (first.match.period is not None or figure.kin == 1 or (not period.start and first.match.column >= _WHOLLY))
    )
    quote = " | ".join(dict.fromkeys(cell for cell in figure.row if cell.strip()))
    place = box_of_row(first.reading, figure.table, figure.row)
    citation = Citation(source=first.reading.source, page=first.reading.page, quote=quote, box=place)
    return Answer(
        answer=told, citations=(citation,), confident=sure and (not period.start or first.match.period is True)
    )


def _told(figure: Figure) -> str:
    plain = figure.unit and "%" not in figure.text and "share" not in fold(figure.label)
    return f"{figure.text} ({figure.unit})" if plain else figure.text


def _bare(figure: Figure) -> str:
    return re.sub(r"[^\d.]", "", figure.text)


def _names(reading: PageReading) -> frozenset[str]:
    """What stands at the top of a page, where it says whose it is."""
    return words_of(reading.markdown[:400].partition("\n| ")[0])


def _year_stands(period: Period, one: Match, reading: PageReading) -> bool:
    """Whether the year that was asked for is that of the column, or else of the page."""
    return one.period is True or not period.year or period.year in reading.markdown[:600]


def _is_month(term: str) -> bool:
    return term in words_of(" ".join(MONTHS))
