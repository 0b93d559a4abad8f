"""A file's readings become the chunks that search sees: cut beforehand, written in one transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.documents import Document

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.storage import field_values, fulltext, readings, records
from langchain_hunyuanocr.results import PageReading

_HEAD = 160
"""Characters from the top of a page, or of a file's first page, that give a chunk its context."""
_TITLE = 120
"""Characters of the first page that are embedded with each chunk: the right page among the first five by meaning alone
rose from .65 to .75 on the generated archive."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that is ready to be written."""

    id: str
    page: int
    text: str
    head: str
    context: str
    metadata: str


def split(connection: sqlite3.Connection, sha256: str, source: str, splitter: Splitter) -> list[Chunk]:
    """A file's stored readings cut into chunks; nothing is written, so that no writer waits meanwhile."""
    heads: dict[int, str] = {}
    taken: set[str] = set()
    pieces = []
    for document in splitter.split_readings(_noting_heads(readings.load_all(connection, sha256, source), heads)):
        text = document.page_content
        if not text.strip():
            continue
        chunk = _id(sha256, document, taken)
        taken.add(chunk)
        metadata = json.dumps(document.metadata, ensure_ascii=False, sort_keys=True)
        page = int(document.metadata.get("page", 0))
        pieces.append(Chunk(chunk, page, text, _title(heads), _context(document.metadata, heads), metadata))
    return pieces


def write(connection: sqlite3.Connection, sha256: str, pieces: Iterable[Chunk]) -> None:
    """Let these be a file's chunks, in the caller's transaction; those that stay as they were keep their vectors."""
    before = {
        chunk: (number, metadata, head)
        for number, chunk, metadata, head in connection.execute(
            "SELECT number, id, metadata, head FROM chunks WHERE sha256 = ?", (sha256,)
        )
    }
    keys: set[str] = set()
    pages: dict[int, Mapping[str, Any]] = {}
    for piece in pieces:
        described = json.loads(piece.metadata)
        keys.update(described)
        pages.setdefault(piece.page, described)
        number, metadata, head = before.pop(piece.id, (None, None, None))
        if number is None:
            _insert(connection, piece, sha256)
            continue
        if (metadata, head) == (piece.metadata, piece.head):
            continue
        # A vector that is still to be written takes the metadata along; another head is another vector.
        connection.execute(
            """
            UPDATE chunks SET metadata = ?1, pending = CASE WHEN pending = 1 OR head <> ?2 THEN 1 ELSE 2 END, head = ?2
            WHERE number = ?3
            """,
            (piece.metadata, piece.head, number),
        )
        fulltext.remove(connection, number)
        fulltext.add(connection, number, piece.text, piece.context)
    _drop(connection, ((number, chunk) for chunk, (number, *_) in before.items()))
    field_values.store(connection, sha256, pages, keys)


def drop(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop a content's chunks, in the caller's transaction."""
    _drop(connection, connection.execute("SELECT number, id FROM chunks WHERE sha256 = ?", (sha256,)).fetchall())


def forget(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop all that is known of a content that no file has any more, in the caller's transaction."""
    if connection.execute("SELECT 1 FROM files WHERE sha256 = ?", (sha256,)).fetchone():
        return
    drop(connection, sha256)
    field_values.remove(connection, sha256)
    records.remove(connection, sha256)
    readings.forget(connection, sha256)
    connection.execute("DELETE FROM contents WHERE sha256 = ?", (sha256,))


def rename(connection: sqlite3.Connection, sha256: str, splitter: Splitter) -> None:
    """Give a content's chunks the name of a file that still has it, in the caller's transaction.

    They are cut anew: the name is indexed with the words of each. Their vectors stay.
    """
    source = readings.present_source(connection, sha256)
    named = connection.execute(
        "SELECT json_extract(metadata, '$.source') FROM chunks WHERE sha256 = ? LIMIT 1", (sha256,)
    ).fetchone()
    if source is not None and named is not None and named[0] != source:
        write(connection, sha256, split(connection, sha256, source, splitter))


def _noting_heads(pages: Iterable[PageReading], heads: dict[int, str]) -> Iterator[PageReading]:
    for reading in pages:
        heads[reading.page] = "\n".join(filter(None, (reading.header, reading.markdown)))[:_HEAD]
        yield reading


def _title(heads: Mapping[int, str]) -> str:
    """How a file begins: what it calls itself, and often whose it is."""
    return next((head for head in heads.values() if head.strip()), "")[:_TITLE]


def _context(metadata: Mapping[str, Any], heads: Mapping[int, str]) -> str:
    first = next((head for head in heads.values() if head.strip()), "")
    page = heads.get(metadata.get("page", 0), "")
    named = (metadata.get("section", ""), metadata.get("file_name", ""))
    parts = (*named, page, first, metadata.get("footer", ""), field_values.as_text(metadata))
    return "\n".join(dict.fromkeys(str(part) for part in parts if part))


def _id(sha256: str, document: Document, taken: set[str]) -> str:
    metadata = document.metadata
    seed = f"{sha256}\n{metadata.get('page')}\n{metadata.get('start')}\n{document.page_content}"
    chunk = hashlib.sha256(seed.encode("utf-8")).hexdigest()
    while chunk in taken:
        chunk = hashlib.sha256(chunk.encode("ascii")).hexdigest()
    return chunk


def _insert(connection: sqlite3.Connection, piece: Chunk, sha256: str) -> None:
    cursor = connection.execute(
        "INSERT INTO chunks (id, sha256, page, text, head, metadata, pending) VALUES (?, ?, ?, ?, ?, ?, 1)",
        (piece.id, sha256, piece.page, piece.text, piece.head, piece.metadata),
    )
    fulltext.add(connection, int(cursor.lastrowid or 0), piece.text, piece.context)
    # The same text may have been dropped by a run that was killed before its vector was taken away.
    connection.execute("DELETE FROM gone WHERE id = ?", (piece.id,))


def _drop(connection: sqlite3.Connection, chunks: Iterable[tuple[int, str]]) -> None:
    for number, chunk in chunks:
        fulltext.remove(connection, number)
        connection.execute("DELETE FROM chunks WHERE number = ?", (number,))
        connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (chunk,))
