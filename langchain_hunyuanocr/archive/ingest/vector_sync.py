"""Vector synchronisation: the vectors follow the ledger, however often a run was killed."""

from __future__ import annotations

import json

from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.vectors import BATCH, Vectors


def sync_vectors(ledger: Ledger, vectors: Vectors) -> None:
    """Take away, write and rename vectors until none is pending.

    Runs beside those that write chunks, in one thread. Each step may be repeated after a kill: vectors are dropped
    before they are added, and a mark in the ledger goes only after Chroma has done its part.
    """
    connection = ledger.connection
    while gone := [row[0] for row in connection.execute("SELECT id FROM gone LIMIT ?", (BATCH,))]:
        vectors.drop(gone)
        with ledger.transaction():
            connection.executemany("DELETE FROM gone WHERE id = ?", ((chunk,) for chunk in gone))
    for state in (1, 2):
        while rows := connection.execute(
            "SELECT number, id, text, head, metadata FROM chunks WHERE pending = ? ORDER BY number LIMIT ?",
            (state, BATCH),
        ).fetchall():
            ids = [chunk for _, chunk, *_ in rows]
            metadatas = [json.loads(metadata) for *_, metadata in rows]
            if state == 1:
                said = [text if text.startswith(head) else f"{head}\n{text}" for _, _, text, head, _ in rows]
                vectors.put(ids, [text for _, _, text, _, _ in rows], said, metadatas)
            else:
                vectors.describe(ids, metadatas)
            with ledger.transaction():
                # One that got other metadata meanwhile stays marked.
                connection.executemany(
                    "UPDATE chunks SET pending = 0 WHERE id = ? AND pending = ? AND head = ? AND metadata = ?",
                    ((chunk, state, head, metadata) for _, chunk, _, head, metadata in rows),
                )


def reconcile(ledger: Ledger, vectors: Vectors) -> None:
    """Where the two do not count the same, note what is missing and what is too much."""
    connection = ledger.connection
    expected = connection.execute("SELECT count(*) FROM chunks WHERE pending <> 1").fetchone()[0]
    if vectors.count() == expected:
        return
    stored = vectors.ids()
    known = {chunk: number for number, chunk in connection.execute("SELECT number, id FROM chunks")}
    with ledger.transaction():
        connection.executemany(
            "UPDATE chunks SET pending = 1 WHERE number = ?",
            ((number,) for chunk, number in known.items() if chunk not in stored),
        )
        connection.executemany("INSERT OR IGNORE INTO gone VALUES (?)", ((chunk,) for chunk in stored - known.keys()))
