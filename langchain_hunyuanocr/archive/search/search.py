"""Search by words and by meaning together; how the two are weighed is told in `fusion`."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from langchain_hunyuanocr.archive.search.hits import SearchHit, rerank
from langchain_hunyuanocr.archive.search.query import Query, parse_query, with_names_in_one
from langchain_hunyuanocr.archive.search.ranking import (
    GROUPS,
    Group,
    RankedChunk,
    best_of_each,
    coverage,
    fuse,
    with_neighbours,
)
from langchain_hunyuanocr.archive.storage import fulltext
from langchain_hunyuanocr.archive.storage.filters import Filter, Wanted, make_filter
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.vectors import Vectors
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.results import Box

if TYPE_CHECKING:
    from langchain_core.documents import BaseDocumentCompressor

    from langchain_hunyuanocr.archive.protocols import Embeds

Half = Literal["fused", "bm25", "dense"]

_CANDIDATES = 60
"""Chunks that each half may propose; enough that the right page is among them, few enough to weigh each."""
_MOST_CANDIDATES = 4000
_MOST_HITS = 10_000
_MOST_CONTEXT = 100
_LONGEST_QUERY = 2000
"""Characters: what is longer is a page and no question."""
_RERANKED = 30
"""Hits that a reranker is given at least."""
_FEW = 5000
"""Chunks that Chroma is given by name."""
_FEW_FOR_WORDS = 500
"""Chunks that are all weighed by their words, so that no frequent word is left out."""


class SearchOptions(TypedDict, total=False):
    """How is to be searched, see `Search.search`; what is left out is as it is there."""

    half: Half
    group: Group
    context: int
    reranker: BaseDocumentCompressor | None


class Search:
    """Searches one archive.

    Args:
        ledger: Holds the text index.
        vectors: Hold the meanings.
        embeddings: What made the vectors.
    """

    def __init__(self, ledger: Ledger, vectors: Vectors, embeddings: Embeds) -> None:
        self._ledger = ledger
        self._vectors = vectors
        self._embeddings = embeddings

    def search(
        self,
        query: str,
        k: int = 5,
        where: Mapping[str, Wanted] | None = None,
        *,
        half: Half = "fused",
        group: Group = "page",
        context: int = 0,
        reranker: BaseDocumentCompressor | None = None,
        vector: list[float] | None = None,
    ) -> list[SearchHit]:
        """The best places for a query.

        All of it is seen as it was at one moment: a file that an ingest stores meanwhile is there whole or not at all.

        Args:
            query: Words or a question, in any language; of a longer one the first 2,000 characters.
            k: Most hits to give, at most 10,000.
            where: Conditions that the metadata of chunks must meet, see `make_filter`.
            half: `bm25` or `dense` to see one half alone.
            group: `page`, `section` and `document` give the best chunk of each, `chunk` gives chunks.
            context: Chunks before and after each hit that its `context` joins with it.
            reranker: Puts the best hits in a new order, as it may leave some out. Where it gives no `relevance_score`
                in the metadata, a hit's score is 1 / (1 + its place).
            vector: The query's embedding, where it was made beforehand.

        Raises:
            ArchiveError: There is no word in the query, `k`, `group` or `context` makes no sense, no chunk has a key of
                `where`, a condition is ill-formed, or the reranker fails.
        """
        _check(k, group, context)
        connection = self._ledger.connection
        question = known_query(connection, query)
        if vector is None and half != "bm25":
            vector = self._embeddings.embed_query(question.text)
        wanted = k if reranker is None else max(k, _RERANKED)
        with _one_moment(connection):
            limit = max(_CANDIDATES, 3 * wanted)
            while True:
                ranked = self.rank(question, where, half=half, limit=limit, vector=vector)
                best = best_of_each(connection, ranked, group)
                # Many chunks may share a document: then more are needed, where there are more.
                if len(best) >= wanted or len(ranked) < limit or limit >= _MOST_CANDIDATES:
                    break
                limit *= 4
            hits = {one.id: self.hit(one, context) for one in best[:wanted]}
        return (list(hits.values()) if reranker is None else rerank(reranker, query, hits))[:k]

    async def asearch(
        self,
        query: str,
        k: int = 5,
        where: Mapping[str, Wanted] | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[SearchHit]:
        """As `search`; the embeddings are awaited, the ledger and Chroma looked up in a worker thread.

        A thread is needed for SQLite in any case, so that Chroma's async client would save none.

        Raises:
            ArchiveError: As `search`.
        """
        text = checked_query(query).text
        vector = None if options.get("half") == "bm25" else await self._embeddings.aembed_query(text)
        return await asyncio.to_thread(self.search, query, k, where, vector=vector, **options)

    def rank(
        self,
        question: Query,
        where: Mapping[str, Wanted] | None = None,
        *,
        half: Half = "fused",
        limit: int = _CANDIDATES,
        vector: list[float] | None = None,
    ) -> list[RankedChunk]:
        """Candidates of both halves, best first; equal ones in the order of file, page and id.

        `vector` is the question's embedding, where it was made beforehand.
        """
        connection = self._ledger.connection
        if vector is None and half != "bm25":
            vector = self._embeddings.embed_query(question.text)
        with _one_moment(connection):
            chosen = make_filter(connection, where)
            few = self._few(chosen)
            words = _words_of(question)
            counts = fulltext.count(connection, words)
            found: dict[int, RankedChunk] = {}
            if half != "dense":
                if few is not None and len(few) <= _FEW_FOR_WORDS:
                    numbers = list(few.values())
                else:
                    numbers = fulltext.propose(connection, counts, limit=limit, chosen=chosen)
                for candidate in self._candidates("number", numbers):
                    found[candidate.number] = candidate
            if half != "bm25" and vector is not None:
                near = self._nearest(vector, limit, chosen, few)
                for candidate in self._candidates("id", list(near)):
                    found.setdefault(candidate.number, candidate).cosine = near[candidate.id]
            return self._ordered(question, counts, half, list(found.values()))[: 2 * limit]

    def _ordered(
        self, question: Query, counts: Mapping[str, int], half: Half, candidates: list[RankedChunk]
    ) -> list[RankedChunk]:
        connection = self._ledger.connection
        held, usual_length = fulltext.size(connection)
        idf = fulltext.idf_of(_words_of(question), counts, held)
        stored = fulltext.stored(connection, [candidate.number for candidate in candidates])
        for candidate in candidates:
            terms = stored.get(candidate.number)
            if terms is None:  # a damaged index; `archive repair` builds it anew
                continue
            candidate.bm25 = fulltext.bm25(terms, idf, usual_length)
            candidate.coverage = coverage(question, set(terms.body), set(terms.context), idf)
        if half == "fused":
            fuse(candidates, fulltext.highest_score(idf[term.text] for term in question.terms))
        else:
            for candidate in candidates:
                candidate.score = candidate.bm25 if half == "bm25" else candidate.cosine or 0.0
        if half == "bm25":
            candidates = [candidate for candidate in candidates if candidate.bm25]
        return sorted(candidates, key=lambda c: (-round(c.score, 9), c.sha256, c.page, c.id))

    def _few(self, chosen: Filter) -> dict[str, int] | None:
        """The chunks that a filter lets through, where they are few enough to be named: number by id."""
        if not chosen.sql:
            return None
        rows = self._ledger.connection.execute(
            f"SELECT c.id, c.number FROM chunks c WHERE {chosen.sql} LIMIT ?",  # noqa: S608 - its values are bound
            (*chosen.values, _FEW + 1),
        ).fetchall()
        return dict(rows) if len(rows) <= _FEW else None

    def _nearest(
        self, vector: list[float], limit: int, chosen: Filter, few: Mapping[str, int] | None
    ) -> dict[str, float]:
        """The nearest chunks that a filter lets through, with their cosines.

        Chroma's own filters know no dates, no text forms and not what holds for a whole document. So the ledger names
        what is let through, or, where that is a good part of the archive, picks it out of enough neighbours.
        """
        if few is not None:
            return dict(self._vectors.nearest(vector, limit=min(limit, len(few)), ids=list(few))) if few else {}
        if not chosen.sql:
            return dict(self._vectors.nearest(vector, limit=limit))
        asked = 4 * limit
        while True:
            near = dict(self._vectors.nearest(vector, limit=asked))
            passed = {
                chunk: near[chunk]
                for part in _parts(list(near))
                for (chunk,) in self._ledger.connection.execute(
                    f"SELECT c.id FROM chunks c WHERE c.id IN ({','.join('?' * len(part))}) AND {chosen.sql}",  # noqa: S608 - its values are bound
                    (*part, *chosen.values),
                )
            }
            if len(passed) >= limit or len(near) < asked:
                return passed
            asked *= 4

    def _candidates(self, column: Literal["number", "id"], keys: list[Any]) -> Iterable[RankedChunk]:
        """Those of these chunks that the ledger knows: a vector that outlived its chunk is no hit."""
        connection = self._ledger.connection
        for part in _parts(keys):
            marks = ",".join("?" * len(part))
            for number, chunk, sha256, page in connection.execute(
                f"SELECT number, id, sha256, page FROM chunks WHERE {column} IN ({marks}) AND {fulltext.SOUND}",  # noqa: S608
                part,
            ):
                yield RankedChunk(number, sha256, page, chunk)

    def hit(self, candidate: RankedChunk, context: int = 0) -> SearchHit:
        """A candidate as users see it, joined with `context` chunks before and after it."""
        text, metadata = self._ledger.connection.execute(
            "SELECT text, metadata FROM chunks WHERE number = ?", (candidate.number,)
        ).fetchone()
        flat = json.loads(metadata)
        box = flat.get("box")
        return SearchHit(
            source=flat.get("source", ""),
            page=candidate.page,
            text=text,
            score=round(candidate.score, 6),
            box=Box(*box) if box else None,
            metadata=flat,
            context=with_neighbours(self._ledger.connection, candidate, context) if context else None,
        )


def checked_query(query: str) -> Query:
    """A query, taken apart.

    Raises:
        ArchiveError: There is no word and no number in it.
    """
    if not query.strip():
        raise ArchiveError("the question is empty", remedy="write what you are looking for")
    question = parse_query(query[:_LONGEST_QUERY].encode("utf-8", "replace").decode("utf-8"))
    if not question.terms:
        raise ArchiveError("there is no word in the question", remedy="write what you are looking for in words")
    return question


def known_query(connection: sqlite3.Connection, query: str) -> Query:
    """As `checked_query`, with the names that pages write as one word.

    Raises:
        ArchiveError: There is no word and no number in it.
    """
    return with_names_in_one(checked_query(query), lambda term: fulltext.holds(connection, term))


def rarities(connection: sqlite3.Connection, question: Query) -> dict[str, float]:
    """Inverse document frequency of the question's terms and of what else they may be called."""
    return fulltext.idf(connection, _words_of(question))


def _words_of(question: Query) -> list[str]:
    words = [term.text for term in question.terms]
    words += [term for other in question.others for way in other.by for term in way]
    return list(dict.fromkeys(words))


def _check(k: int, group: str, context: int) -> None:
    if not 1 <= k <= _MOST_HITS:
        raise ArchiveError(f"{k} hits cannot be given", remedy=f"ask for 1 to {_MOST_HITS}")
    if group not in GROUPS:
        raise ArchiveError(f"hits cannot be grouped by {group!r}", remedy=f"use one of {', '.join(GROUPS)}")
    if not 0 <= context <= _MOST_CONTEXT:
        raise ArchiveError(f"{context} neighbours cannot be joined", remedy=f"ask for 0 to {_MOST_CONTEXT}")


def _parts(keys: list[Any]) -> Iterator[list[Any]]:
    return (keys[at : at + 500] for at in range(0, len(keys), 500))


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is read within is what was there at its beginning; nothing is locked."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
