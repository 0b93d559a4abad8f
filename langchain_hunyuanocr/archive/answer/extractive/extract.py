"""Extractive answers: the best candidate of the best pages; a question about several companies is asked of each."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from langchain_hunyuanocr.archive.answer.aggregate.compute import computed_answer
from langchain_hunyuanocr.archive.answer.aggregate.period import period_in
from langchain_hunyuanocr.archive.answer.aggregate.question import plan_of
from langchain_hunyuanocr.archive.answer.aggregate.table_column import column_answer, speaks_of_a_column
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.extractive.collect import evidence_of
from langchain_hunyuanocr.archive.answer.extractive.scoring import ScoredCandidate, Scorer, cosine, language_of
from langchain_hunyuanocr.archive.answer.extractive.table_answer import table_answer
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.answer.spelling import mend
from langchain_hunyuanocr.archive.protocols import Embeds
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.search.query import Query
from langchain_hunyuanocr.archive.search.ranking import RankedChunk, best_of_each_page
from langchain_hunyuanocr.archive.search.search import Search, checked_query, rarities
from langchain_hunyuanocr.archive.storage import fulltext, readings
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.text.names import ORGANISATION
from langchain_hunyuanocr.archive.text.tokenizer import fold, terms_of
from langchain_hunyuanocr.reading.tables.across_pages import under_header
from langchain_hunyuanocr.results import PageReading

_COMPARES = re.compile(r"\b(?:compare|respectively|each of|both)\b|比较|对比|分别|各是|各为|各自", re.IGNORECASE)
_BETWEEN = re.compile(r"^(?:[\s,，、]|and|with|和|与|及|以及|跟)+$", re.IGNORECASE)

_PARTS = re.compile(r"[^,，、]+")


def asked_of_each(text: str) -> dict[str, str]:
    """A question for each company that stands in a list of them; empty where the question compares none.

    `What are the totals of Acme Ltd and Bolt plc respectively` asks for that of Acme Ltd, and for that of Bolt plc.
    """
    # A comma may stand in a name, but in a list it parts two.
    places = [
        place for part in _PARTS.finditer(text) for place in ORGANISATION.finditer(text, part.start(), part.end())
    ]
    asked = _COMPARES.search(text)
    if asked is None or len(places) < 2:
        return {}
    if not all(_BETWEEN.match(text[first.end() : second.start()]) for first, second in pairwise(places)):
        return {}
    before, after = text[: places[0].start()], text[places[-1].end() :]
    return {place.group(): _COMPARES.sub(" ", before) + place.group() + _COMPARES.sub(" ", after) for place in places}


_ENOUGH = 0.5
"""Confidence from which on an answer is given."""


_SURE = 0.8
"""Confidence from which on it is called confident."""


_OF_ITS_KIND = 0.5
"""How far a confident answer is of the kind that was asked for: a day is no length of time."""


_TOLD = 0.9
"""How much of what a question wants to know a confident answer says, names and numbers aside: of 9 answers to real
questions that said less, 5 were right; of 26 that said as much, all."""


_RIVAL = 0.02
"""How much less likely another answer must be, for the best one to be sure."""


_CAPITAL = re.compile(r"(?<![\w'])[A-Z][\w&-]+")
_LATIN = re.compile(r"[A-Za-z][\w&-]+", re.ASCII)


_PAGES = 8
"""Best pages of the search that are looked through for an answer."""


_BESIDE = 3
"""Pages of the best document that are looked through besides: it names whom it is about on few of them."""


_WEIGHED = 40
"""Best candidates by words whose meaning is compared with the question's as well."""


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
        """Answer a question.

        Raises:
            ArchiveError: The question is empty, or no chunk has a key of `where`.
        """
        checked_query(text)
        spelled = mend(self._ledger.connection, text)
        answer = self._ask(spelled.text, where)
        return answer.model_copy(update={"confident": False}) if spelled.guessed else answer

    def _ask(self, text: str, where: Mapping[str, Wanted] | None) -> Answer:
        question = checked_query(text)
        complete = record_store.make(self._ledger.connection, self._ledger.transaction)
        computed = computed_answer(self._ledger.connection, text, where, complete=complete)
        if computed is not None:
            return computed
        pages = None
        if speaks_of_a_column(text):
            pages = self._pages(question, where)
            summed = column_answer(self._ledger.connection, text, pages)
            if summed is not None:
                return summed
        several = asked_of_each(text)
        if several:
            return self._compare(several, where)
        return self._single(question, where, pages)

    def _pages(self, question: Query, where: Mapping[str, Wanted] | None) -> list[RankedChunk]:
        """The pages that fit best, the best first."""
        return best_of_each_page(self._search.rank(question, where))[:_PAGES]

    def _compare(self, several: Mapping[str, str], where: Mapping[str, Wanted] | None) -> Answer:
        """The same asked of each of several companies, the answers side by side; `None` unless each has one."""
        found = {name: self._single(checked_query(text), where) for name, text in several.items()}
        if any(answer.answer is None for answer in found.values()):
            return Answer(answer=None)
        return Answer(
            answer="; ".join(f"{name}: {answer.answer}" for name, answer in found.items()),
            citations=tuple(citation for answer in found.values() for citation in answer.citations),
            confident=all(answer.confident for answer in found.values()),
        )

    def _single(
        self, question: Query, where: Mapping[str, Wanted] | None, pages: list[RankedChunk] | None = None
    ) -> Answer:
        found = self._pages(question, where) if pages is None else pages
        tabled = table_answer(question, self._with_documents(found), rarities(self._ledger.connection, question))
        if tabled is not None:
            return tabled
        weighed = self._weigh(question, where, found)
        if not weighed or weighed[0].confidence < _ENOUGH:
            return Answer(answer=None)
        best = weighed[0]
        stands = self._stands(question, best)
        if stands is None:
            return Answer(answer=None)
        citation = Citation(
            source=best.reading.source,
            page=best.reading.page,
            quote=best.evidence.quote,
            box=best.evidence.locate(),
        )
        return Answer(
            answer=best.evidence.answer,
            citations=(citation,),
            confident=stands and _is_sure(question, weighed),
        )

    def _stands(self, question: Query, best: ScoredCandidate) -> bool | None:
        """Whether the cited place has the names and the year of a question; `None` where the archive has not."""
        connection = self._ledger.connection
        head = connection.execute("SELECT head FROM chunks WHERE sha256 = ? LIMIT 1", (best.reading.sha256,)).fetchone()
        there = words_of(f"{best.reading.markdown}\n{best.reading.file_name}\n{head[0] if head else ''}")
        ways = {term: other.by for other in question.others for term in other.of}
        missing = [
            name
            for name in named_in(question)
            if name not in there and not any(there.issuperset(way) for way in ways.get(name, ()))
        ]
        year = period_in(fold(question.text))[0].year
        if year and not any(year in word for word in there):
            return None
        if any(not fulltext.holds(connection, name) for name in missing):
            return None
        return not missing

    def _with_documents(self, pages: Sequence[RankedChunk]) -> Iterator[tuple[PageReading, frozenset[str]]]:
        connection = self._ledger.connection
        for page in pages:
            reading = readings.load(connection, page.sha256, page.page)
            if reading is not None and reading.tables:
                yield under_header(reading, partial(readings.load, connection, page.sha256)), self._document_words(page)

    def _weigh(
        self, question: Query, where: Mapping[str, Wanted] | None, pages: Sequence[RankedChunk]
    ) -> list[ScoredCandidate]:
        """Everything on these pages that could be the answer, best first."""
        connection = self._ledger.connection
        if where is None:
            pages = [*pages, *_beside(connection, pages)]
        heard = frozenset(term.text for term in question.terms if fulltext.holds(connection, term.text))
        judge = Scorer(question, rarities(connection, question), heard)
        found: list[ScoredCandidate] = []
        for page in pages:
            reading = readings.load(connection, page.sha256, page.page)
            if reading is not None:
                # Cells of a table that began on the page before stand under the header there.
                reading = under_header(reading, partial(readings.load, connection, page.sha256))
                found += judge.weigh(list(evidence_of(reading)), reading, self._document_words(page))
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


def named_in(question: Query) -> list[str]:
    """The terms of a question that are written as names: with a capital letter, or in Latin among Chinese."""
    pattern = _LATIN if question.language == "zh" else _CAPITAL
    known = {term.text for term in question.terms if term.kind == "word"}
    starts = {place.start() for place in pattern.finditer(question.text) if question.language == "zh" or place.start()}
    words = [word.group() for word in pattern.finditer(question.text) if word.start() in starts]
    return [term.text for word in words for term in terms_of(word) if term.text in known]


def _is_sure(question: Query, weighed: Sequence[ScoredCandidate]) -> bool:
    """Whether nothing speaks against the best candidate; a figure in a table is for `table_answer` to be sure of."""
    best = weighed[0]
    plan = plan_of(question.text)
    if plan is not None and (plan.named or plan.over == "address"):
        return False  # a paper whose record does not say it, says it nowhere for sure
    foreign = language_of(best.reading.markdown) != question.language and question.wants not in (
        "amount",
        "number",
        "date",
    )
    return (
        best.evidence.sure
        and (best.evidence.kind != "cell" or (best.label >= 1 and question.wants not in ("amount", "number")))
        and best.confidence >= _SURE
        and best.fits >= _OF_ITS_KIND
        and best.told >= _TOLD
        and not foreign
        and not _has_rival(weighed)
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
        for other in weighed[1:8]
    )


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
