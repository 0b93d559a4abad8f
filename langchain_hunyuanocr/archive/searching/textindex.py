"""Full-text search with BM25: SQLite FTS5 in the ledger's own database.

The terms are cut in Python (see `terms`), so FTS5 has only to split at spaces. Each row has two columns: the chunk's
own text, and its context (heading path, file name, head of the page and of the document), which counts less.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence

from langchain_hunyuanocr.archive.searching.terms import terms_of

TABLES = """
CREATE VIRTUAL TABLE chunk_terms USING fts5 (
    body, context, tokenize = "unicode61 remove_diacritics 0 tokenchars '-_/.#'"
);
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab (chunk_terms, row);
"""
CONTEXT_WEIGHT = 0.4
"""Of a term in the context beside one in the text; a choice, not yet measured against others."""


def add(connection: sqlite3.Connection, number: int, text: str, context: str) -> None:
    """Index a chunk, in the caller's transaction."""
    connection.execute(
        "INSERT INTO chunk_terms (rowid, body, context) VALUES (?, ?, ?)", (number, _joined(text), _joined(context))
    )


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Take a chunk out of the index, in the caller's transaction."""
    connection.execute("DELETE FROM chunk_terms WHERE rowid = ?", (number,))


def search(
    connection: sqlite3.Connection, terms: Iterable[str], *, limit: int, where: str = "", values: Sequence[object] = ()
) -> list[tuple[int, float]]:
    """Chunks that hold any of the terms.

    Args:
        connection: To the ledger.
        terms: Folded terms.
        limit: Most chunks to give.
        where: SQL condition over `chunks c` that chunks must meet.
        values: Values of the condition's parameters.

    Returns:
        Chunk number and BM25 score (higher is better), best first, ties in the order of page and place.
    """
    quoted = " OR ".join('"' + term.replace('"', "") + '"' for term in dict.fromkeys(terms))
    if not quoted:
        return []
    condition = f"AND {where}" if where else ""
    rows = connection.execute(
        f"""
        SELECT c.number, -bm25(chunk_terms, 1.0, {CONTEXT_WEIGHT}) AS score
        FROM chunk_terms JOIN chunks c ON c.number = chunk_terms.rowid
        WHERE chunk_terms MATCH ? {condition}
        ORDER BY score DESC, c.sha256, c.page, c.id LIMIT ?
        """,  # noqa: S608 - the condition is built from constants, its values are bound
        (quoted, *values, limit),
    )
    return [(int(number), float(score)) for number, score in rows]


def rarity(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, float]:
    """How much each term tells: its inverse document frequency, always above 0."""
    count = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    found: dict[str, float] = {}
    for term in terms:
        row = connection.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (term,)).fetchone()
        held = row[0] if row else 0
        found[term] = math.log(1 + (count - held + 0.5) / (held + 0.5))
    return found


def holds(connection: sqlite3.Connection, term: str) -> bool:
    """Whether any chunk holds a term."""
    return connection.execute("SELECT 1 FROM chunk_vocabulary WHERE term = ?", (term,)).fetchone() is not None


def highest_score(rarity: Iterable[float]) -> float:
    """The BM25 score that a chunk cannot pass, for terms of these rarities: FTS5 has k1 = 1.2."""
    return 2.2 * sum(rarity)


def stored_terms(connection: sqlite3.Connection, number: int) -> tuple[set[str], set[str]]:
    """The terms of a chunk's text and those of its context."""
    row = connection.execute("SELECT body, context FROM chunk_terms WHERE rowid = ?", (number,)).fetchone()
    return (set(row[0].split()), set(row[1].split())) if row else (set(), set())


def _joined(text: str) -> str:
    return " ".join(term.text for term in terms_of(text))
