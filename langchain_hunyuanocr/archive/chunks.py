"""A file's readings become the chunks that search sees, in one transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from langchain_core.documents import Document

from langchain_hunyuanocr.archive import readings
from langchain_hunyuanocr.archive.searching import facts, textindex
from langchain_hunyuanocr.results import PageReading

_HEAD = 160
"""Characters from the top of a page, or of a file's first page, that give a chunk its context."""
_TITLE = 120
"""Characters of the first page that are embedded with each chunk: the right page among the first five by meaning alone
rose from .65 to .75 on the generated archive."""


class Splitter(Protocol):
    """What the archive asks of a splitter."""

    def split_readings(self, readings: Iterable[PageReading]) -> Iterator[Document]:
        """Chunks with flat metadata, `page` among it."""
        ...


def rewrite(connection: sqlite3.Connection, sha256: str, source: str, splitter: Splitter) -> None:
    """Split a file's stored readings again; chunks that stay as they were keep their vectors.

    Runs in the caller's transaction.
    """
    heads: dict[int, str] = {}
    before = {
        chunk: (number, metadata)
        for number, chunk, metadata in connection.execute(
            "SELECT number, id, metadata FROM chunks WHERE sha256 = ?", (sha256,)
        )
    }
    kept: set[str] = set()
    keys: set[str] = set()
    pages: dict[int, Mapping[str, Any]] = {}
    for document in splitter.split_readings(_noting_heads(readings.load_all(connection, sha256, source), heads)):
        text = document.page_content
        if not text.strip():
            continue
        chunk = _id(sha256, document, kept)
        kept.add(chunk)
        keys.update(document.metadata)
        pages.setdefault(int(document.metadata.get("page", 0)), document.metadata)
        metadata = json.dumps(document.metadata, ensure_ascii=False, sort_keys=True)
        if chunk not in before:
            _insert(connection, chunk, sha256, document, metadata, heads)
        elif before[chunk][1] != metadata:
            # A vector that is still to be written takes the metadata along.
            connection.execute(
                "UPDATE chunks SET metadata = ?, pending = CASE pending WHEN 1 THEN 1 ELSE 2 END WHERE id = ?",
                (metadata, chunk),
            )
            number = before[chunk][0]
            textindex.remove(connection, number)
            textindex.add(connection, number, text, _context(document.metadata, heads))
    _drop(connection, ((number, chunk) for chunk, (number, _) in before.items() if chunk not in kept))
    facts.note(connection, sha256, pages, keys)


def forget(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop all that is known of a content that no file has any more, in the caller's transaction."""
    if connection.execute("SELECT 1 FROM files WHERE sha256 = ?", (sha256,)).fetchone():
        return
    _drop(connection, connection.execute("SELECT number, id FROM chunks WHERE sha256 = ?", (sha256,)).fetchall())
    facts.forget(connection, sha256)
    connection.execute("DELETE FROM pages WHERE sha256 = ?", (sha256,))
    connection.execute("DELETE FROM contents WHERE sha256 = ?", (sha256,))


def rename(connection: sqlite3.Connection, sha256: str) -> None:
    """Give a content's chunks the name of a file that still has it, in the caller's transaction."""
    source = readings.present_source(connection, sha256)
    if source is None:
        return
    for number, text in connection.execute(
        "SELECT number, metadata FROM chunks WHERE sha256 = ?", (sha256,)
    ).fetchall():
        metadata = json.loads(text)
        if metadata.get("source") == source:
            continue
        metadata |= {"source": source, "file_name": readings.file_name_of(source)}
        connection.execute(
            "UPDATE chunks SET metadata = ?, pending = CASE pending WHEN 1 THEN 1 ELSE 2 END WHERE number = ?",
            (json.dumps(metadata, ensure_ascii=False, sort_keys=True), number),
        )


def _noting_heads(pages: Iterable[PageReading], heads: dict[int, str]) -> Iterator[PageReading]:
    for reading in pages:
        heads[reading.page] = reading.markdown[:_HEAD]
        yield reading


def _title(heads: Mapping[int, str]) -> str:
    """How a file begins: what it calls itself, and often whose it is."""
    return next((head for head in heads.values() if head.strip()), "")[:_TITLE]


def _context(metadata: Mapping[str, Any], heads: Mapping[int, str]) -> str:
    first = next((head for head in heads.values() if head.strip()), "")
    page = heads.get(metadata.get("page", 0), "")
    parts = (metadata.get("section", ""), metadata.get("file_name", ""), page, first, facts.words(metadata))
    return "\n".join(dict.fromkeys(str(part) for part in parts if part))


def _id(sha256: str, document: Document, taken: set[str]) -> str:
    metadata = document.metadata
    seed = f"{sha256}\n{metadata.get('page')}\n{metadata.get('start')}\n{document.page_content}"
    chunk = hashlib.sha256(seed.encode("utf-8")).hexdigest()
    while chunk in taken:
        chunk = hashlib.sha256(chunk.encode("ascii")).hexdigest()
    return chunk


def _insert(
    connection: sqlite3.Connection, chunk: str, sha256: str, document: Document, metadata: str, heads: Mapping[int, str]
) -> None:
    text = document.page_content
    cursor = connection.execute(
        "INSERT INTO chunks (id, sha256, page, text, head, metadata, pending) VALUES (?, ?, ?, ?, ?, ?, 1)",
        (chunk, sha256, int(document.metadata.get("page", 0)), text, _title(heads), metadata),
    )
    textindex.add(connection, int(cursor.lastrowid or 0), text, _context(document.metadata, heads))
    # The same text may have been dropped by a run that was killed before its vector was taken away.
    connection.execute("DELETE FROM gone WHERE id = ?", (chunk,))


def _drop(connection: sqlite3.Connection, chunks: Iterable[tuple[int, str]]) -> None:
    for number, chunk in chunks:
        textindex.remove(connection, number)
        connection.execute("DELETE FROM chunks WHERE number = ?", (number,))
        connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (chunk,))
