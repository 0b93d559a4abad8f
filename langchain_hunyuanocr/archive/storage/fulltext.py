"""Full-text index with BM25: SQLite FTS5 in the ledger's own database.

The terms are cut in Python (see `terms`), so FTS5 has only to split at spaces. Each row has two columns: the chunk's
own text, and its context (heading path, file name, head of the page and of the document, fields), which counts less.

FTS5 weighs every row that holds any of the words, which for frequent words is a large part of the archive. So it is
asked for the rare words alone, as many as lead to `_MOST_ROWS` rows; what they lead to is scored here by all words.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from langchain_hunyuanocr.archive.storage.filters import Filter
from langchain_hunyuanocr.archive.text.tokenizer import terms_of

TABLES = """
CREATE VIRTUAL TABLE chunk_terms USING fts5 (
    body, context, tokenize = "unicode61 remove_diacritics 0 tokenchars '-_/.#'"
);
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab (chunk_terms, row);
"""
COUNTERS = """
CREATE TABLE IF NOT EXISTS index_size AS SELECT
    (SELECT count(*) FROM chunk_terms) AS chunks,
    (SELECT coalesce(sum(cnt), 0) FROM chunk_vocabulary) AS terms,
    0 AS changes
"""
"""How much the index holds, in one row that `add` and `remove` keep: counting would read an index of the whole archive.

Made once, by counting, where an earlier version made the archive.
"""
SOUND = "typeof(page) = 'integer' AND typeof(text) = 'text' AND json_valid(metadata) AND json_type(metadata) = 'object'"
"""What holds of a chunk that is not damaged; one that is cannot be shown, and `archive repair` makes it anew."""
CONTEXT_WEIGHT = 0.4
"""Of a term in the context beside one in the text; a choice, not yet measured against others."""
_K1, _B = 1.2, 0.75
_MOST_ROWS = 10_000
"""Rows that FTS5 weighs for one question: 2 to 3 µs each."""
_MOST_TERMS = 64
"""Terms of one question that are looked up, the rarest first."""
_FREQUENT = 1000
"""Chunks that hold a term from which on their number is kept in memory."""
_NO_TERM = re.compile(r"(?<!\S)[\u3099-\u309c\u30a0\u30fb]+(?!\S)")
"""Marks between Japanese words that stand alone: separators to FTS5, which does not count them."""
_PART = 500
"""Values bound to one statement."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the index holds of a chunk: its terms, in order."""

    body: tuple[str, ...]
    context: tuple[str, ...]


def add(connection: sqlite3.Connection, number: int, text: str, context: str) -> None:
    """Index a chunk, in the caller's transaction."""
    row = _joined(text), _context(context)
    connection.execute("INSERT INTO chunk_terms (rowid, body, context) VALUES (?, ?, ?)", (number, *row))
    _count(connection, 1, *row)


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Take a chunk out of the index, in the caller's transaction."""
    row = connection.execute("SELECT body, context FROM chunk_terms WHERE rowid = ?", (number,)).fetchone()
    if row is not None:
        connection.execute("DELETE FROM chunk_terms WHERE rowid = ?", (number,))
        _count(connection, -1, *row)


def count(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, int]:
    """How many chunks hold each term, without those that none holds, rarest first."""
    frequent = _frequent(connection)
    found = {}
    for term in dict.fromkeys(terms):
        held = frequent.get(term)
        if held is None:
            row = connection.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (term,)).fetchone()
            held = int(row[0]) if row else 0
            if held >= _FREQUENT:
                frequent[term] = held
        if held:
            found[term] = held
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


_counted: dict[str, tuple[tuple[int, ...], dict[str, int]]] = {}


def _frequent(connection: sqlite3.Connection) -> dict[str, int]:
    """How many chunks hold the terms that many hold, for as long as the index stays as it is.

    FTS5 walks all that a term leads to in order to count it: 30 ms for one that stands in 300,000 chunks.
    """
    path = str(connection.execute("PRAGMA database_list").fetchone()[2])
    record = connection.execute("SELECT chunks, terms, changes FROM index_size").fetchone()
    known, counts = _counted.get(path, ((), {}))
    if known != record or not path:
        counts = {}
        _counted[path] = record, counts
    return counts


def propose(connection: sqlite3.Connection, counts: Mapping[str, int], *, limit: int, chosen: Filter) -> list[int]:
    """Numbers of the chunks that the rarest of some terms lead to: the best `limit`, and more where they are equal.

    Args:
        connection: To the ledger.
        counts: Terms as `count` gives them.
        limit: About how many chunks to give.
        chosen: What chunks must meet.
    """
    rare: list[str] = []
    rows = 0
    for term, held in list(counts.items())[:_MOST_TERMS]:
        if rare and rows + held > _MOST_ROWS:
            break
        rare.append(term)
        rows += held
    if not rare:
        return []
    found: list[tuple[float, int]] = []
    if rows > _MOST_ROWS and len(counts) > 1:
        # Even the rarest word is everywhere: what holds the two rarest comes first.
        found = _weighed(connection, " AND ".join(map(_quoted, list(counts)[:2])), chosen)
    if len(found) < limit:
        found = _weighed(connection, " OR ".join(map(_quoted, rare)), chosen)
    found.sort()
    if len(found) > limit:
        last = found[limit - 1][0]
        found = [one for one in found[: 4 * limit] if one[0] <= last + 1e-9]
    return [number for _, number in found]


def _weighed(connection: sqlite3.Connection, query: str, chosen: Filter) -> list[tuple[float, int]]:
    if chosen.sql:
        source = f"chunk_terms CROSS JOIN chunks c ON c.number = chunk_terms.rowid AND {chosen.sql}"
    else:
        source = "chunk_terms"
    return connection.execute(
        f"""
        SELECT bm25(chunk_terms, 1.0, {CONTEXT_WEIGHT}), chunk_terms.rowid
        FROM {source} WHERE chunk_terms MATCH ? LIMIT {_MOST_ROWS}
        """,  # noqa: S608 - constants, and a condition whose values are bound
        (*chosen.values, query),
    ).fetchall()


def stored(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Stored]:
    """The terms of some chunks."""
    found = {}
    for at in range(0, len(numbers), _PART):
        part = numbers[at : at + _PART]
        for number, body, context in connection.execute(
            f"SELECT rowid, body, context FROM chunk_terms WHERE rowid IN ({','.join('?' * len(part))})",  # noqa: S608 - only question marks
            part,
        ):
            found[number] = Stored(tuple(body.split()), tuple(context.split()))
    return found


def bm25(chunk: Stored, idf: Mapping[str, float], usual_length: float) -> float:
    """The BM25 score of a chunk (k1 1.2, b 0.75), at least 0; a term in the context counts `CONTEXT_WEIGHT`.

    Args:
        chunk: Its terms.
        idf: Inverse document frequency of the terms that are looked for.
        usual_length: Mean number of terms of a chunk.
    """
    body, context = Counter(chunk.body), Counter(chunk.context)
    length = (len(chunk.body) + len(chunk.context)) / max(usual_length, 1.0)
    score = 0.0
    for term, weight in idf.items():
        often = body[term] + CONTEXT_WEIGHT * context[term]
        if often:
            score += weight * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length))
    return score


def idf(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, float]:
    """How much each term tells: its inverse document frequency, always above 0."""
    wanted = list(dict.fromkeys(terms))
    return idf_of(wanted, count(connection, wanted), size(connection)[0])


def idf_of(terms: Iterable[str], counts: Mapping[str, int], chunks: int) -> dict[str, float]:
    """As `idf`, where it is known how many chunks hold each term."""
    return {term: math.log(1 + (chunks - (held := counts.get(term, 0)) + 0.5) / (held + 0.5)) for term in terms}


def size(connection: sqlite3.Connection) -> tuple[int, float]:
    """Number of chunks in the index, and mean number of terms of a chunk."""
    chunks, terms = connection.execute("SELECT chunks, terms FROM index_size").fetchone()
    return chunks, terms / chunks if chunks else 0.0


def _count(connection: sqlite3.Connection, chunks: int, body: str, context: str) -> None:
    """Note that the index has a chunk of these terms more, or where `chunks` is -1, less."""
    terms = sum(len(part.split()) - len(_NO_TERM.findall(part)) for part in (body, context))
    connection.execute(
        "UPDATE index_size SET chunks = chunks + ?, terms = terms + ?, changes = changes + 1", (chunks, chunks * terms)
    )


def recount(connection: sqlite3.Connection) -> None:
    """Take out what no chunk has any more, and count the rest, in the caller's transaction."""
    connection.execute("DELETE FROM chunk_terms WHERE rowid NOT IN (SELECT number FROM chunks)")
    connection.execute(
        "UPDATE index_size SET chunks = (SELECT count(*) FROM chunk_terms), "
        "terms = (SELECT coalesce(sum(cnt), 0) FROM chunk_vocabulary), changes = changes + 1"
    )


def holds(connection: sqlite3.Connection, term: str) -> bool:
    """Whether any chunk holds a term."""
    return connection.execute("SELECT 1 FROM chunk_vocabulary WHERE term = ?", (term,)).fetchone() is not None


def highest_score(idf: Iterable[float]) -> float:
    """The BM25 score that a chunk cannot pass, for terms of these rarities."""
    return (_K1 + 1) * sum(idf)


def _quoted(term: str) -> str:
    return '"' + term.replace('"', "") + '"'


def _joined(text: str) -> str:
    return " ".join(term.text for term in terms_of(text))


@lru_cache(maxsize=64)
def _context(text: str) -> str:
    """The terms of a context, which the chunks of a page share."""
    return _joined(text)
