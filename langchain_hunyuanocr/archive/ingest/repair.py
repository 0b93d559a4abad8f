"""Check and repair: what of an archive makes no sense any more, and how it is made good.

What can be made of something else is made anew: chunks and records of readings, counts of the index. What cannot is
dropped, so that the next ingest reads it once more: the reading of a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.storage import chunks, fulltext, readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.report import Failure

_UNSOUND = f"""
SELECT DISTINCT sha256 FROM chunks c WHERE NOT ({fulltext.SOUND})
OR NOT EXISTS (SELECT 1 FROM chunk_terms t WHERE t.rowid = c.number)
"""  # noqa: S608 - constants
"""Contents whose chunks are to be made anew."""
_UNCOUNTED = """
SELECT sha256 FROM contents
WHERE typeof(total_pages) <> 'integer' OR total_pages < 1 OR complete NOT IN (0, 1)
"""
"""Contents of which it is not known any more how many pages they have."""


def damages(ledger: Ledger) -> Iterator[Failure]:
    """What cannot be read of an archive: pages, and files whose text cannot be searched.

    Raises:
        ArchiveError: The file of the ledger itself is damaged.
    """
    connection = ledger.connection
    (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise ArchiveError(
            f"the file of the ledger is damaged: {state}",
            source=str(ledger.folder),
            remedy="restore the folder from a backup, or ingest the documents into a new one",
        )
    yield from (Failure(source=one.source or "", page=one.page, error=one.message) for _, one in _unreadable(ledger))
    for query, what in ((_UNSOUND, "the text to be searched"), (_UNCOUNTED, "the number of its pages")):
        for (sha256,) in connection.execute(query).fetchall():
            source = readings.present_source(connection, sha256)
            yield Failure(source=source or str(sha256), error=f"{what} is damaged in the archive")


def repair(ledger: Ledger, splitter: Splitter) -> list[Failure]:
    """Make good what `damages` finds; vectors follow with the next look at them.

    Args:
        ledger: The archive's, held for writing.
        splitter: Cuts readings into chunks.

    Returns:
        What was damaged: pages that the next ingest reads once more, and files whose chunks were made anew.

    Raises:
        ArchiveError: As `damages`.
    """
    found = list(damages(ledger))
    connection = ledger.connection
    anew = {sha256 for (sha256,) in connection.execute(_UNSOUND)}
    for (sha256, page), _ in _unreadable(ledger):
        with ledger.transaction():
            connection.execute(
                "DELETE FROM readings WHERE content = (SELECT content FROM pages WHERE sha256 = ?1 AND page = ?2)",
                (sha256, page),
            )
            connection.execute("DELETE FROM pages WHERE sha256 = ? AND page = ?", (sha256, page))
            connection.execute("UPDATE contents SET complete = 0 WHERE sha256 = ?", (sha256,))
        anew.add(sha256)
    uncounted = {sha256 for (sha256,) in connection.execute(_UNCOUNTED)}
    for sha256 in uncounted:
        # Its readings stay: the next ingest finds them by what its pages look like.
        with ledger.transaction():
            chunks.drop(connection, sha256)
            connection.execute("DELETE FROM pages WHERE sha256 = ?", (sha256,))
            connection.execute("DELETE FROM contents WHERE sha256 = ?", (sha256,))
    for sha256 in sorted(anew - uncounted):
        _make_anew(ledger, sha256, splitter)
    with ledger.transaction():
        fulltext.recount(connection)
        ledger.set("run", str(ledger.run_number()))
    return found


def _unreadable(ledger: Ledger) -> Iterator[tuple[tuple[str, int], readings.DamagedPageError]]:
    """Pages whose reading makes no sense; of contents that have a number of pages, without which none does."""
    connection = ledger.connection
    places = connection.execute(
        f"SELECT sha256, page FROM pages WHERE sha256 NOT IN ({_UNCOUNTED}) ORDER BY sha256, page"  # noqa: S608
    ).fetchall()
    for place in places:
        try:
            readings.load_strict(connection, *place)
        except readings.DamagedPageError as damage:
            yield place, damage


def _make_anew(ledger: Ledger, sha256: str, splitter: Splitter) -> None:
    """Chunks and records of a content, from its readings."""
    connection = ledger.connection
    source = readings.present_source(connection, sha256)
    with ledger.transaction():
        chunks.drop(connection, sha256)
    if source is None:
        return
    pieces = chunks.split(connection, sha256, source, splitter)
    with ledger.transaction():
        chunks.write(connection, sha256, pieces)
    record_store.make(connection, ledger.transaction, sha256)
