"""Check and repair: what of an archive makes no sense any more, and how it is made good.

What can be made of something else is made anew: chunks and records of readings, counts of the index. What cannot is
dropped, so that the next ingest reads it once more: the reading of a page.
"""

from __future__ import annotations

from dataclasses import dataclass

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
_UNCOUNTED = """
SELECT sha256 FROM contents
WHERE typeof(total_pages) <> 'integer' OR total_pages < 1 OR complete NOT IN (0, 1)
"""


@dataclass(frozen=True, slots=True)
class _Damages:
    """What makes no sense any more.

    Attributes:
        pages: Contents and numbers of pages whose reading is lost, each with what is said of it.
        unsound: Contents whose chunks are to be made anew.
        uncounted: Contents of which it is not known any more how many pages they have.
    """

    pages: dict[tuple[str, int], readings.DamagedPageError]
    unsound: frozenset[str]
    uncounted: frozenset[str]


def damages(ledger: Ledger) -> list[Failure]:
    """What cannot be read of an archive: pages, and files whose text cannot be searched.

    Raises:
        ArchiveError: The file of the ledger itself is damaged.
    """
    return _told(ledger, _find(ledger))


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
    found = _find(ledger)
    told = _told(ledger, found)
    connection = ledger.connection
    for sha256, page in found.pages:
        with ledger.transaction():
            connection.execute(
                "DELETE FROM readings WHERE content = (SELECT content FROM pages WHERE sha256 = ?1 AND page = ?2)",
                (sha256, page),
            )
            connection.execute("DELETE FROM pages WHERE sha256 = ? AND page = ?", (sha256, page))
            connection.execute("UPDATE contents SET complete = 0 WHERE sha256 = ?", (sha256,))
    for sha256 in found.uncounted:
        # Its readings stay: the next ingest finds them by what its pages look like.
        with ledger.transaction():
            chunks.drop(connection, sha256)
            connection.execute("DELETE FROM pages WHERE sha256 = ?", (sha256,))
            connection.execute("DELETE FROM contents WHERE sha256 = ?", (sha256,))
    for sha256 in sorted({*found.unsound, *(sha256 for sha256, _ in found.pages)} - found.uncounted):
        _make_anew(ledger, sha256, splitter)
    with ledger.transaction():
        fulltext.recount(connection)
        ledger.set("run", str(ledger.run_number()))
    return told


def _find(ledger: Ledger) -> _Damages:
    connection = ledger.connection
    (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise ArchiveError(
            f"the file of the ledger is damaged: {state}",
            source=str(ledger.folder),
            remedy="restore the folder from a backup, or ingest the documents into a new one",
        )
    unsound, uncounted = (
        frozenset(sha256 for (sha256,) in connection.execute(query)) for query in (_UNSOUND, _UNCOUNTED)
    )
    pages = {}
    for place in connection.execute("SELECT sha256, page FROM pages ORDER BY sha256, page").fetchall():
        if place[0] in uncounted:
            continue  # without the number of pages no reading of it makes sense
        try:
            readings.load_strict(connection, *place)
        except readings.DamagedPageError as damage:
            pages[place] = damage
    return _Damages(pages, unsound, uncounted)


def _told(ledger: Ledger, found: _Damages) -> list[Failure]:
    told = [Failure(source=one.source or "", page=one.page, error=one.message) for one in found.pages.values()]
    for contents, what in ((found.unsound, "the text to be searched"), (found.uncounted, "the number of its pages")):
        for sha256 in sorted(contents):
            source = readings.present_source(ledger.connection, sha256)
            told.append(Failure(source=source or str(sha256), error=f"{what} is damaged in the archive"))
    return told


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
