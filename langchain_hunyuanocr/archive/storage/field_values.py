"""Values of fields as they can be compared, one row a page and field, and the names of all metadata keys.

Metadata is JSON beside each chunk and says what is printed (`1,234.50`); a comparison needs the number or the date, and
an index, so that no filter has to look through every chunk.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_hunyuanocr.archive.text.tokenizer import canonical_date, canonical_number, fold

TABLES = """
CREATE TABLE metadata_keys (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE facts (
    key TEXT NOT NULL,         -- field_<name>
    sha256 TEXT NOT NULL,
    page INTEGER NOT NULL,
    text TEXT NOT NULL,        -- as printed, folded
    number REAL,               -- where it is an amount or another number
    day TEXT,                  -- ISO 8601, where it is a date
    PRIMARY KEY (key, sha256, page)
) WITHOUT ROWID;
CREATE INDEX facts_page ON facts (sha256, page);
"""
PREFIX = "field_"
_BESIDE = ("_normalised", "_state", "_confidence", "_others", "_box")
"""Ends of the keys that say something about a field beside its value."""
_NUMBER = re.compile(r"[^\d\-.,]*(-?\d[\d.,]*)[^\d]*")
_LONGEST = 200
"""Characters of a value that are told to the text index with every chunk of its page."""


def is_field(key: str) -> bool:
    """Whether a metadata key holds a field's value."""
    return key.startswith(PREFIX) and not key.endswith(_BESIDE)


def store(connection: sqlite3.Connection, sha256: str, pages: Mapping[int, Mapping[str, Any]], keys: set[str]) -> None:
    """Write what a content's pages say, in the caller's transaction; what was noted of it before is replaced.

    Args:
        connection: To the ledger.
        sha256: Of the content.
        pages: Metadata of any chunk of each page, by page number.
        keys: All metadata keys of its chunks.
    """
    remove(connection, sha256)
    connection.executemany("INSERT OR IGNORE INTO metadata_keys VALUES (?)", ((key,) for key in sorted(keys)))
    connection.executemany(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
        (
            (key, sha256, page, fold(value), number_of(normalised), canonical_date(normalised))
            for page, metadata in pages.items()
            for key, value, normalised in _values(metadata)
        ),
    )


def remove(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop what was noted of a content, in the caller's transaction."""
    connection.execute("DELETE FROM facts WHERE sha256 = ?", (sha256,))


def as_text(metadata: Mapping[str, Any]) -> str:
    """Names and values of a page's fields, for the text index."""
    return "\n".join(f"{key[len(PREFIX) :]} {value[:_LONGEST]}" for key, value, _ in _values(metadata))


def number_of(text: str) -> float | None:
    """The one number in a text that has no other; `None` for a date and for what is no number."""
    folded = fold(text)
    match = _NUMBER.fullmatch(folded)
    if match is None or canonical_date(text) is not None:
        return None
    digits = match.group(1).rstrip(".,")
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    return float(sign + canonical_number(digits))


def known_keys(connection: sqlite3.Connection) -> list[str]:
    """Every metadata key that a chunk has or had, sorted."""
    return [key for (key,) in connection.execute("SELECT key FROM metadata_keys ORDER BY key")]


def _values(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, printed value and normalised value of each field."""
    for key, value in metadata.items():
        if is_field(key) and isinstance(value, str | int | float):
            yield key, str(value), str(metadata.get(f"{key}_normalised", value))
