"""Readings as the ledger keeps them: once for all pages that look alike, JSON pressed together.

A reading is kept under the digest of the page as it was read and the fingerprint of its reader. Each page of each file
points to one and takes it as its own. A reading by another reader stays as long as the archive has the page, so that
who goes back finds it again; it goes with the last file that has the page.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from langchain_hunyuanocr.archive.storage import file_paths
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.pages import Page
from langchain_hunyuanocr.results import PageReading

_log = logging.getLogger(__name__)


class DamagedPageError(ArchiveError):
    """The stored reading of a page makes no sense any more."""


_DAMAGE = (zlib.error, ValueError, TypeError)
"""What comes of bytes that are spoilt: pressed, as JSON, or as a reading."""


def content_of(page: Page) -> str:
    """Digest (sha256) of all of a page that decides what is read from it, wherever it lies.

    The picture, pixel by pixel, how it was turned and rendered, the text layer where it may be trusted, and what a PDF
    holds besides, of which a reading warns.
    """
    layer = page.text_layer
    said = {
        "picture": [page.picture.mode, *page.picture.size, page.dpi, page.rotation],
        "blank": page.blank,
        "text": [line.model_dump(mode="json") for line in layer.lines] if layer.good else None,
    }
    beside = [*page.notes, *(line.text for line in (*layer.watermarks, *layer.comments))]
    if beside or layer.unseen:  # left out where there is nothing, as in the digests of older archives
        said["beside"] = [*beside, layer.unseen]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8"))
    digest.update(page.picture.tobytes())
    return digest.hexdigest()


def store(connection: sqlite3.Connection, reading: PageReading, fingerprint: str, content: str | None = None) -> None:
    """Write what was read from a page, in the caller's transaction.

    Args:
        connection: To the ledger.
        reading: Of the page.
        fingerprint: Of who read it.
        content: Digest of the page; `None`, or a failed reading, is kept for this page alone.
    """
    if content is None or reading.failed:
        content = f"{reading.sha256}/{reading.page}"
        connection.execute("DELETE FROM readings WHERE content = ?", (content,))
    keep(connection, reading, fingerprint, content)
    link_page(
        connection,
        (reading.sha256, reading.page),
        status=reading.status.value,
        error=reading.error,
        fingerprint=fingerprint,
        content=content,
        label=reading.page_label,
    )


def keep(connection: sqlite3.Connection, reading: PageReading, fingerprint: str, content: str) -> None:
    """Write a reading that no page points to yet, in the caller's transaction; one that is there already stays."""
    packed = zlib.compress(reading.model_dump_json().encode("utf-8"))
    connection.execute("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", (content, fingerprint, packed))


def link_page(
    connection: sqlite3.Connection,
    place: tuple[str, int],
    *,
    status: str,
    error: str | None,
    fingerprint: str,
    content: str,
    label: str | None,
) -> None:
    """Let a page (sha256 of its file, number) have a stored reading, in the caller's transaction.

    Failing again counts as one more try.
    """
    before = connection.execute("SELECT content FROM pages WHERE sha256 = ? AND page = ?", place).fetchone()
    connection.execute(
        """
        INSERT INTO pages VALUES (?, ?, ?, ?, 1, ?, ?, ?)
        ON CONFLICT (sha256, page) DO UPDATE SET
            tries = CASE WHEN excluded.status = 'failed' AND status = 'failed' THEN tries + 1 ELSE 1 END,
            status = excluded.status, error = excluded.error, fingerprint = excluded.fingerprint,
            content = excluded.content, label = excluded.label
        """,
        (*place, status, error, fingerprint, content, label),
    )
    if before is not None and before[0] != content:
        _drop_unused(connection, before)


def forget(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop a file's pages and the readings that no other page looks like, in the caller's transaction."""
    contents = [row[0] for row in connection.execute("SELECT content FROM pages WHERE sha256 = ?", (sha256,))]
    connection.execute("DELETE FROM pages WHERE sha256 = ?", (sha256,))
    _drop_unused(connection, contents)


def drop_unused(connection: sqlite3.Connection) -> None:
    """Drop every reading whose page is in no file, in the caller's transaction: a killed run may have left some.

    Those of files that were forgotten stay as long as these can be taken back.
    """
    connection.execute(
        "DELETE FROM readings WHERE content NOT IN (SELECT content FROM pages) "
        "AND content NOT IN (SELECT content FROM forgotten_pages)"
    )


def known(connection: sqlite3.Connection, content: str, fingerprint: str) -> PageReading | None:
    """What this reader has read from a page that looks like this, under the place where it was read first.

    A damaged reading is none: the page is read once more.
    """
    row = connection.execute(
        "SELECT reading FROM readings WHERE content = ? AND fingerprint = ?", (content, fingerprint)
    ).fetchone()
    try:
        return None if row is None else _unpack(row[0])
    except _DAMAGE:
        connection.execute("DELETE FROM readings WHERE content = ? AND fingerprint = ?", (content, fingerprint))
        return None


def relabelled(reading: PageReading, place: Mapping[str, Any]) -> PageReading:
    """A reading as the own one of another page that looks the same.

    Args:
        reading: Of the page that was read.
        place: `source`, `file_name`, `sha256`, `page`, `total_pages` and `page_label` of the other one.
    """
    page = place["page"]
    fields = reading.fields
    if page != reading.page:
        fields = tuple(
            field.model_copy(
                update={
                    "page": None if field.page is None else page,
                    "others": tuple(
                        other.model_copy(update={"page": None if other.page is None else page})
                        for other in field.others
                    ),
                }
            )
            for field in fields
        )
    return reading.model_copy(update={**place, "fields": fields})


_STORED = """
SELECT r.reading, p.sha256, p.page, c.total_pages, p.label
FROM pages p JOIN readings r ON r.content = p.content AND r.fingerprint = p.fingerprint
LEFT JOIN contents c ON c.sha256 = p.sha256
WHERE p.sha256 = ? AND p.page = ?
"""


def load(connection: sqlite3.Connection, sha256: str, page: int) -> PageReading | None:
    """A page's reading; its `source` is the file's present name. One that is damaged is logged, and taken for none."""
    try:
        return load_strict(connection, sha256, page)
    except DamagedPageError as damage:
        _log.warning("%s", damage)
        return None


def load_strict(connection: sqlite3.Connection, sha256: str, page: int) -> PageReading | None:
    """A page's reading; its `source` is the file's present name.

    Raises:
        DamagedPageError: The ledger no longer makes sense of it.
    """
    row = connection.execute(_STORED, (sha256, page)).fetchone()
    return None if row is None else _own(row, present_source(connection, sha256))


def load_all(connection: sqlite3.Connection, sha256: str, source: str) -> Iterator[PageReading]:
    """A file's readings in the order of its pages, one at a time, under the name `source`.

    Damaged ones are logged and left out.
    """
    numbers = [
        page for (page,) in connection.execute("SELECT page FROM pages WHERE sha256 = ? ORDER BY page", (sha256,))
    ]
    for page in numbers:
        row = connection.execute(_STORED, (sha256, page)).fetchone()
        try:
            if row is not None:
                yield _own(row, source)
        except DamagedPageError as damage:
            _log.warning("%s", damage)


def outcomes(connection: sqlite3.Connection, sha256: str) -> Iterator[tuple[int, bool, int, str]]:
    """Of each page of a file that was tried: number, whether it failed, how often it was tried, and by whom."""
    for page, status, tries, fingerprint in connection.execute(
        "SELECT page, status, tries, fingerprint FROM pages WHERE sha256 = ? ORDER BY page", (sha256,)
    ):
        yield page, status == "failed", tries, fingerprint


def present_source(connection: sqlite3.Connection, sha256: str) -> str | None:
    """Under which name a content is known; the first in the alphabet where it lies in several places."""
    row = connection.execute("SELECT CAST(min(source) AS TEXT) FROM files WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else row[0]


def named(connection: sqlite3.Connection, source: str) -> tuple[str, str] | None:
    """Content and present name of a file, from its name or a path to it; `None` where there is none."""
    for name in (source, *(file_paths.names_of(connection, source) if "\0" not in source else ())):
        row = connection.execute("SELECT sha256 FROM files WHERE source = ? AND sha256 IS NOT NULL", (name,)).fetchone()
        if row is not None:
            return row[0], name
    return None


def file_name_of(source: str) -> str:
    """The last part of a path or URL."""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source


def _own(row: tuple[bytes, str, int, int | None, str | None], source: str | None) -> PageReading:
    packed, sha256, page, total, label = row
    try:
        if not (isinstance(page, int) and isinstance(total, int | None) and isinstance(label, str | None)):
            raise TypeError
        reading = _unpack(packed)
    except _DAMAGE as exc:
        raise DamagedPageError(
            "its stored reading is damaged",
            source=source or sha256,
            page=page if isinstance(page, int) else None,
            remedy="hunyuanocr archive repair --archive DIR, then ingest it once more",
        ) from exc
    place: dict[str, Any] = {"sha256": sha256, "page": page, "page_label": label}
    place["total_pages"] = reading.total_pages if total is None else total
    if source is not None and (source != reading.source or sha256 != reading.sha256):
        place |= {"source": source, "file_name": file_name_of(source)}
    return relabelled(reading, place)


def _unpack(packed: bytes) -> PageReading:
    return PageReading.model_validate_json(zlib.decompress(packed))


def _drop_unused(connection: sqlite3.Connection, contents: Iterable[str]) -> None:
    connection.executemany(
        "DELETE FROM readings WHERE content = ?1 AND NOT EXISTS (SELECT 1 FROM pages WHERE content = ?1) "
        "AND NOT EXISTS (SELECT 1 FROM forgotten_pages WHERE content = ?1)",
        ((content,) for content in dict.fromkeys(contents)),
    )
