"""Objections: what speaks against the best candidate of the pages; another name or year, another kind, a rival.

What is asked of papers has records to be sure of, and a figure of a table is for `table_answer` to be sure of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from langchain_hunyuanocr.archive.answer.aggregate.period import period_in
from langchain_hunyuanocr.archive.answer.certainty import is_certain
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.scoring import ScoredCandidate, language_of
from langchain_hunyuanocr.archive.search.query import Query, names_in
from langchain_hunyuanocr.archive.text.tokenizer import fold

_OF_ITS_KIND = 0.5
"""How far a confident answer is of the kind that was asked for: a day is no length of time."""
_RIVAL = 0.02
"""How much less likely another answer must be, for the best one to be sure."""
_RIVALS = 8
"""Best candidates that are held against each other."""


def names_stand(connection: sqlite3.Connection, question: Query, best: ScoredCandidate) -> bool:
    """Whether the cited place has the names and the year of a question.

    Args:
        connection: To the ledger.
        question: What is asked.
        best: The candidate for its answer.
    """
    head = connection.execute("SELECT head FROM chunks WHERE sha256 = ? LIMIT 1", (best.reading.sha256,)).fetchone()
    there = words_of(f"{best.reading.markdown}\n{best.reading.file_name}\n{head[0] if head else ''}")
    ways = {term: other.by for other in question.others for term in other.of}
    year = period_in(fold(question.text))[0].year
    return all(
        name in there or any(there.issuperset(way) for way in ways.get(name, ())) for name in names_in(question)
    ) and (not year or any(year in word for word in there))


def is_sure(question: Query, weighed: Sequence[ScoredCandidate], *, asks_of_papers: bool) -> bool:
    """Whether nothing speaks against the best candidate.

    Args:
        question: What is asked.
        weighed: All candidates, the best first.
        asks_of_papers: Whether a record would say it: a paper whose record does not, says it nowhere for sure.
    """
    best = weighed[0]
    if asks_of_papers:
        return False
    foreign = language_of(best.reading.markdown) != question.language and question.wants not in (
        "amount",
        "number",
        "date",
    )
    return (
        best.evidence.sure
        and (best.evidence.kind != "cell" or (best.label >= 1 and question.wants not in ("amount", "number")))
        and best.fits >= _OF_ITS_KIND
        and not foreign
        and not _has_rival(weighed)
        and is_certain("pages", min(best.confidence, best.told))
    )


def _has_rival(weighed: Sequence[ScoredCandidate]) -> bool:
    """Whether another answer is about as likely as the best."""
    best = weighed[0]
    return any(
        fold(other.evidence.answer) != fold(best.evidence.answer)
        and other.evidence.kind == best.evidence.kind
        and other.evidence.label == best.evidence.label
        and other.confidence >= best.confidence - _RIVAL
        and fold(other.evidence.answer) not in fold(best.evidence.answer)
        for other in weighed[1:_RIVALS]
    )
