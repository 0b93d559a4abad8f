"""Ranking: words and meaning fused so that the weaker cannot hurt; hits grouped, with their neighbours."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.archive.search.query import Query

_CLEAR = 6.0
"""Spreads above the middle of its neighbours from which on a cosine stands clear; the best of 60 random vectors is
expected near 3.6, as their tail falls off exponentially."""


@dataclass(slots=True)
class RankedChunk:
    """A chunk that one half or both proposed.

    Attributes:
        number: Of the chunk in the ledger.
        bm25: Its BM25 score; 0 where it holds none of the words.
        cosine: Its similarity; `None` where only the words proposed it.
        coverage: Share of the question's terms, by idf, that stand in its text (or, counting less, its context).
        score: After fusion.
    """

    number: int
    sha256: str
    page: int
    id: str
    bm25: float = 0.0
    cosine: float | None = None
    coverage: float = 0.0
    score: float = 0.0


def coverage(question: Query, body: Collection[str], context: Collection[str], idf: Mapping[str, float]) -> float:
    """Share of the question's terms, by idf, that a chunk holds, 0 to 1.

    A term counts in full in the text and for a good part in the context; a translation of it that is held whole
    counts as well.
    """
    total = held = 0.0
    translated: dict[str, float] = {}
    for other in question.others:
        best = max((_held(way, body, context) for way in other.by), default=0.0)
        for said in other.of:
            translated[said] = max(translated.get(said, 0.0), best)
    for term in question.terms:
        weight = idf.get(term.text, 1.0)
        total += weight
        held += weight * max(_held((term.text,), body, context), translated.get(term.text, 0.0))
    return held / total if total else 0.0


def _held(way: tuple[str, ...], body: Collection[str], context: Collection[str]) -> float:
    if all(term in body for term in way):
        return 1.0
    return 0.7 if all(term in body or term in context for term in way) else 0.0


def fuse(candidates: list[RankedChunk], highest: float) -> None:
    """Score candidates by words where words tell, and by meaning where they do not.

    The BM25 score is taken as a share of the highest that the question could reach, not of the best one found: where
    no page holds the question's words (another language, other words), it stays small for all and the cosine decides.
    Equal-weight ranks would let weak embeddings push exact finds down; so cosines count little as long as they lie in
    one crowd, as those of weak embeddings do, and outweigh all words where one stands clear of the others. Developed on
    the generated archive of seed 11 (100 pages, 160 answerable questions), page in five: words .969, the embedded
    encoder .700, both .988; with random vectors .988, with vectors that always know 1.0.

    Args:
        candidates: Of one question; their `score` is set, at most 1.
        highest: BM25 score of a chunk that holds every term of the question many times.
    """
    cosines = sorted(c.cosine for c in candidates if c.cosine is not None)
    lowest = cosines[0] if cosines else 0.0
    for candidate in candidates:
        # What the vectors did not propose is no nearer than the last that they did.
        cosine = lowest if candidate.cosine is None else candidate.cosine
        words = min(candidate.bm25 / highest, 1.0) if highest else 0.0
        candidate.score = (words + candidate.coverage + 0.8 * cosine + 2.0 * _clearness(cosine, cosines)) / 4.8


def _clearness(cosine: float, cosines: list[float]) -> float:
    """How far a cosine stands above the crowd of the proposed ones, 0 to 1."""
    if len(cosines) < 8:
        return 0.0
    middle = cosines[len(cosines) // 2]
    spread = max(cosines[len(cosines) * 3 // 4] - cosines[len(cosines) // 4], 1e-3)
    return min(max((cosine - middle) / spread - _CLEAR, 0.0) / _CLEAR, 1.0)


Group = Literal["chunk", "page", "section", "document"]


GROUPS: tuple[Group, ...] = ("chunk", "page", "section", "document")


_LEAST_OVERLAP = 8
"""Characters: splitters repeat whole sentences, and fewer may be the same by chance."""


_DASHES = re.compile(r"\|?[\s:|-]*-[\s:|-]*")


def best_of_each_page(ranked: Iterable[RankedChunk]) -> list[RankedChunk]:
    """The first candidate of each page, order kept."""
    found: dict[Hashable, RankedChunk] = {}
    for candidate in ranked:
        found.setdefault((candidate.sha256, candidate.page), candidate)
    return list(found.values())


def best_of_each(connection: sqlite3.Connection, ranked: list[RankedChunk], group: Group) -> list[RankedChunk]:
    """The first candidate of each group, order kept.

    A section is one heading path in one document; a chunk under no heading stands for its page.
    """
    if group == "chunk":
        return ranked
    if group == "page":
        return best_of_each_page(ranked)
    found: dict[Hashable, RankedChunk] = {}
    for candidate in ranked:
        key: Hashable = candidate.sha256
        if group == "section":
            section = json.loads(_metadata(connection, candidate)).get("section")
            key = (candidate.sha256, section or candidate.page)
        found.setdefault(key, candidate)
    return list(found.values())


def with_neighbours(connection: sqlite3.Connection, candidate: RankedChunk, count: int) -> str:
    """The text of a chunk joined with that of up to `count` chunks before and after it in its document."""
    rows = connection.execute(
        "SELECT number, text FROM chunks WHERE sha256 = ? ORDER BY page, json_extract(metadata, '$.chunk'), id",
        (candidate.sha256,),
    ).fetchall()
    at = next(i for i, (number, _) in enumerate(rows) if number == candidate.number)
    joined = ""
    for _, text in rows[max(at - count, 0) : at + count + 1]:
        joined = _join(joined, text)
    return joined


def _join(before: str, text: str) -> str:
    """Two neighbouring chunks, what the second repeats of the first once: an overlap, or the header of a table."""
    for length in range(min(len(before), len(text)), _LEAST_OVERLAP - 1, -1):
        if before.endswith(text[:length]):
            return before + text[length:]
    lines = text.split("\n")
    for at in range(1, len(lines)):
        if _DASHES.fullmatch(lines[at]) and "\n".join(lines[: at + 1]) in before:
            return f"{before}\n" + "\n".join(lines[at + 1 :])
    return f"{before}\n\n{text}" if before else text


def _metadata(connection: sqlite3.Connection, candidate: RankedChunk) -> str:
    row = connection.execute("SELECT metadata FROM chunks WHERE number = ?", (candidate.number,)).fetchone()
    return str(row[0])
