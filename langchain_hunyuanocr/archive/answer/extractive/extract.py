"""Extractive answers: from the records, a table's figure, or the best candidate of the best pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from langchain_hunyuanocr.archive.answer.aggregate.compute import computed_answer
from langchain_hunyuanocr.archive.answer.aggregate.question import Plan, is_order, plan_of
from langchain_hunyuanocr.archive.answer.aggregate.table_column import column_answer, speaks_of_a_column
from langchain_hunyuanocr.archive.answer.extractive.answer_type import tells_money
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.collect import evidence_of
from langchain_hunyuanocr.archive.answer.extractive.objections import is_sure, names_stand
from langchain_hunyuanocr.archive.answer.extractive.scoring import ScoredCandidate, Scorer, cosine
from langchain_hunyuanocr.archive.answer.extractive.several import asked_of_each
from langchain_hunyuanocr.archive.answer.extractive.table_answer import table_answer
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.answer.spelling import mend
from langchain_hunyuanocr.archive.protocols import Embeds
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.search.query import Query
from langchain_hunyuanocr.archive.search.ranking import RankedChunk, best_of_each_page
from langchain_hunyuanocr.archive.search.search import Search, checked_query, known_query, rarities
from langchain_hunyuanocr.archive.storage import fulltext, readings
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.reading.tables.across_pages import under_header
from langchain_hunyuanocr.results import PageReading

_ENOUGH = 0.5
"""Confidence from which on an answer is given."""
_PAGES = 8
"""Best pages of the search that are looked through for an answer."""
_BESIDE = 3
"""Pages of the best document that are looked through besides: it names whom it is about on few of them."""
_WEIGHED = 40
"""Best candidates by words whose meaning is compared with the question's as well."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it is understood.

    Attributes:
        question: Taken apart.
        plan: What it asks of papers; `None` where that is nothing.
        where: Metadata that chunks must have.
    """

    question: Query
    plan: Plan | None
    where: Mapping[str, Wanted] | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A page that is looked through: its reading, and what the whole document calls itself."""

    reading: PageReading
    document: frozenset[str]


class ExtractiveAnswerer:
    """Answers questions about one archive.

    Args:
        ledger: Holds the readings.
        search: Finds the pages.
        embeddings: Compare meanings.
    """

    def __init__(self, ledger: Ledger, search: Search, embeddings: Embeds) -> None:
        self._ledger = ledger
        self._search = search
        self._embeddings = embeddings

    def ask(self, text: str, where: Mapping[str, Wanted] | None = None) -> Answer:
        """Answer a question; what tells to do something is none.

        Raises:
            ArchiveError: The question is empty, or no chunk has a key of `where`.
        """
        checked_query(text)
        if is_order(text):
            return Answer(answer=None)
        spelled = mend(self._ledger.connection, text)
        answer = self._ask(self._understood(spelled.text, where))
        return answer.model_copy(update={"confident": False}) if spelled.guessed else answer

    def _understood(self, text: str, where: Mapping[str, Wanted] | None) -> _Asked:
        return _Asked(known_query(self._ledger.connection, text), plan_of(text), where)

    def _ask(self, asked: _Asked) -> Answer:
        connection = self._ledger.connection
        text, plan = asked.question.text, asked.plan
        complete = record_store.make(connection, self._ledger.transaction)
        if plan is not None:
            computed = computed_answer(connection, text, plan, asked.where, complete=complete)
            if computed is not None:
                return computed
        pages = None
        if speaks_of_a_column(text):
            pages = self._pages(asked)
            summed = column_answer(connection, text, pages)
            if summed is not None:
                return summed
        several = asked_of_each(text)
        if several:
            return self._compare(several, asked)
        if plan is not None and plan.asks_of_several:
            return Answer(answer=None)  # no page says what several papers come to, or how many there are
        return self._single(asked, pages)

    def _pages(self, asked: _Asked) -> list[RankedChunk]:
        """The pages that fit best, the best first."""
        return best_of_each_page(self._search.rank(asked.question, asked.where))[:_PAGES]

    def _compare(self, several: Mapping[str, str], asked: _Asked) -> Answer:
        """The same asked of each of several companies, the answers side by side; `None` unless each has one."""
        found = {name: self._single(self._understood(text, asked.where)) for name, text in several.items()}
        if any(answer.answer is None for answer in found.values()):
            return Answer(answer=None)
        return Answer(
            answer="; ".join(f"{name}: {answer.answer}" for name, answer in found.items()),
            citations=tuple(citation for answer in found.values() for citation in answer.citations),
            confident=all(answer.confident for answer in found.values()),
        )

    def _single(self, asked: _Asked, pages: list[RankedChunk] | None = None) -> Answer:
        question, connection = asked.question, self._ledger.connection
        found = self._pages(asked) if pages is None else pages
        held = list(self._held(found))
        rare = rarities(connection, question)
        tabled = table_answer(question, [(one.reading, one.document) for one in held], rare)
        if tabled is not None:
            return tabled
        if asked.where is None:
            held += self._held(_beside(connection, found))
        weighed = self._weigh(question, held, rare)
        if asked.plan is not None and asked.plan.asks_for_money:
            weighed = [one for one in weighed if tells_money(one.evidence.answer)]
        if not weighed or weighed[0].confidence < _ENOUGH:
            return Answer(answer=None)
        best = weighed[0]
        if not names_stand(connection, question, best):
            return Answer(answer=None)
        citation = Citation(
            source=best.reading.source,
            page=best.reading.page,
            quote=best.evidence.quote,
            box=best.evidence.locate(),
        )
        of_papers = asked.plan is not None and (asked.plan.named or asked.plan.over == "address")
        return Answer(
            answer=best.evidence.answer,
            citations=(citation,),
            confident=is_sure(question, weighed, asks_of_papers=of_papers),
        )

    def _held(self, pages: Sequence[RankedChunk]) -> Iterator[_Held]:
        """The readings of pages; cells of a table that began on the page before stand under the header there."""
        load = partial(readings.load, self._ledger.connection)
        for page in pages:
            reading = load(page.sha256, page.page)
            if reading is not None:
                yield _Held(under_header(reading, partial(load, page.sha256)), self._document_words(page))

    def _weigh(self, question: Query, held: Sequence[_Held], rare: Mapping[str, float]) -> list[ScoredCandidate]:
        """Everything on these pages that could be the answer, best first."""
        connection = self._ledger.connection
        heard = frozenset(term.text for term in question.terms if fulltext.holds(connection, term.text))
        judge = Scorer(question, rare, heard)
        found: list[ScoredCandidate] = []
        for one in held:
            found += judge.weigh(list(evidence_of(one.reading)), one.reading, one.document)
        found.sort(key=lambda weighed: -weighed.score)
        del found[_WEIGHED:]
        if found:
            asked, *said = self._embeddings.embed_documents(
                [judge.target_text, *(f"{weighed.evidence.label} {weighed.evidence.quote}" for weighed in found)]
            )
            for weighed, vector in zip(found, said, strict=True):
                weighed.cosine = cosine(asked, vector)
        found.sort(key=lambda weighed: -round(weighed.score, 6))
        return found

    def _document_words(self, page: RankedChunk) -> frozenset[str]:
        """What the whole document calls itself: its name and how it begins."""
        head, source = self._ledger.connection.execute(
            "SELECT c.head, min(f.source) FROM chunks c JOIN files f USING (sha256) WHERE c.number = ?", (page.number,)
        ).fetchone()
        return words_of(f"{head}\n{readings.file_name_of(source)}")


def _beside(connection: sqlite3.Connection, pages: Sequence[RankedChunk]) -> list[RankedChunk]:
    """Further pages of the document of the best page, nearest first."""
    if not pages:
        return []
    best = pages[0]
    seen = [page.page for page in pages if page.sha256 == best.sha256]
    rows = connection.execute(
        "SELECT min(number), page, id FROM chunks WHERE sha256 = ? GROUP BY page ORDER BY abs(page - ?), page LIMIT ?",
        (best.sha256, best.page, len(seen) + _BESIDE),
    ).fetchall()
    found = [RankedChunk(number, best.sha256, page, chunk) for number, page, chunk in rows if page not in seen]
    return found[:_BESIDE]
