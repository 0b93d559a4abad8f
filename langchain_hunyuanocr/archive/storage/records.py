"""Records as the ledger keeps them: what each page is, and the values that papers of its kind are compared by.

A record is made of a stored reading, by the present rules (`version`): one whose page was read anew, or that older
rules made, is stale and is made again by whoever needs it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from langchain_hunyuanocr.archive.storage.filters import Filter

TABLES = """
CREATE TABLE IF NOT EXISTS records (
    sha256 TEXT NOT NULL,
    page INTEGER NOT NULL,
    content TEXT NOT NULL,     -- of the reading it was made of, with
    fingerprint TEXT NOT NULL, -- who read it
    version INTEGER NOT NULL,  -- of the rules that made it
    kind TEXT NOT NULL,        -- invoice, receipt, contract ...; empty where it is none of them
    number TEXT NOT NULL,      -- its own, as printed; empty where it has none
    head TEXT NOT NULL,        -- the lines at its top: whose it is
    day TEXT NOT NULL,         -- ISO 8601; empty where it is not known
    total TEXT NOT NULL,       -- plain decimal; empty where it is not known
    currency TEXT NOT NULL,    -- code; empty where it is not known
    fields TEXT NOT NULL,      -- JSON, a list of Field
    PRIMARY KEY (sha256, page)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_kind ON records (kind, day);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A record; the columns of `records` say what each value is."""

    sha256: str
    page: int
    kind: str
    number: str
    head: str
    day: str
    total: str
    currency: str
    fields: str


_SOUND = (
    "typeof(r.head) = 'text' AND typeof(r.number) = 'text' AND typeof(r.page) = 'integer'"
    " AND json_valid(r.fields) AND json_type(r.fields) = 'array'"
)
"""What holds of a record that is not damaged; another one is made anew."""
_COLUMNS = "sha256, page, kind, number, head, day, total, currency, fields"


def store(connection: sqlite3.Connection, rows: Iterable[Row], version: int) -> None:
    """Write records of pages as they are stored now, in the caller's transaction."""
    connection.executemany(
        f"INSERT OR REPLACE INTO records ({_COLUMNS}, version, content, fingerprint)"  # noqa: S608 - constants
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, content, fingerprint FROM pages"
        " WHERE sha256 = ?1 AND page = ?2",
        (
            (
                row.sha256,
                row.page,
                row.kind,
                row.number,
                row.head,
                row.day,
                row.total,
                row.currency,
                row.fields,
                version,
            )
            for row in rows
        ),
    )


def stale(connection: sqlite3.Connection, version: int, limit: int, sha256: str | None = None) -> list[tuple[str, int]]:
    """Pages whose record is still to be made, at most so many; of one content, or of all."""
    of_page = f"r.sha256 = p.sha256 AND r.page = p.page AND r.content = p.content AND {_SOUND}"
    return connection.execute(
        "SELECT p.sha256, p.page FROM pages p"  # noqa: S608 - constants
        f" LEFT JOIN records r ON {of_page} AND r.fingerprint = p.fingerprint AND r.version = ?1"
        " WHERE r.sha256 IS NULL AND p.status NOT IN ('failed', 'blank') AND (?2 IS NULL OR p.sha256 = ?2)"
        " ORDER BY p.sha256, p.page LIMIT ?3",
        (version, sha256, limit),
    ).fetchall()


def remove(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop what was made of a content, in the caller's transaction."""
    connection.execute("DELETE FROM records WHERE sha256 = ?", (sha256,))


def select(connection: sqlite3.Connection, kinds: Iterable[str], chosen: Filter) -> list[Row]:
    """The records of these kinds whose pages a filter lets through, in the order of their files' names."""
    wanted = list(kinds)
    narrower = ""
    if chosen.sql:
        of_page = "SELECT 1 FROM chunks c WHERE c.sha256 = r.sha256 AND c.page = r.page"
        narrower = f" AND EXISTS ({of_page} AND {chosen.sql})"
    among = f"kind IN ({','.join('?' * len(wanted))})"
    ordered = "(SELECT min(source) FROM files f WHERE f.sha256 = r.sha256), page"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM records r WHERE {_SOUND} AND {among}{narrower} ORDER BY {ordered}",  # noqa: S608 - constants
        (*wanted, *chosen.values),
    )
    return [Row(*row) for row in rows]


def unread(connection: sqlite3.Connection) -> int:
    """Pages of the archive that could not be read, on which any paper may stand."""
    return int(connection.execute("SELECT count(*) FROM pages WHERE status = 'failed'").fetchone()[0])
