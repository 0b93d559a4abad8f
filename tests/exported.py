"""A ledger with readings for the tests of exports, without anything having been read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.results import Box, Field, FieldState, FieldValue, PageReading, Table
from tests.unit_tests.readings import reading


def sha(name: str) -> str:
    """A hash that sorts by `name`."""
    return name.ljust(64, "0")


def keep(ledger: Ledger, pages: Iterable[PageReading]) -> None:
    """Store readings as an ingest would, under their sources."""
    with ledger.transaction() as connection:
        for page in pages:
            readings.store(connection, page, "made")
            connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, 1)", (page.sha256, page.total_pages))
            connection.execute(
                "INSERT OR REPLACE INTO files (source, sha256, run) VALUES (?, ?, 1)", (page.source, page.sha256)
            )


def forget(ledger: Ledger, source: str) -> None:
    """Take a file away, as a prune would."""
    with ledger.transaction() as connection:
        connection.execute("DELETE FROM files WHERE source = ?", (source,))


def damage(ledger: Ledger, name: str) -> None:
    """Spoil the stored reading of a file's page."""
    ledger.connection.execute("UPDATE readings SET reading = x'00' WHERE content LIKE ?", (sha(name) + "/%",))


def make_ledger(folder: Path, pages: Iterable[PageReading]) -> Ledger:
    """A new archive's ledger that holds them."""
    ledger = Ledger(folder, create=True)
    keep(ledger, pages)
    return ledger


def table(rows: Sequence[Sequence[str]]) -> Table:
    """A table with one row of header."""
    return Table(rows=tuple(map(tuple, rows)), html="", markdown="", caption="Votes 投票")


def field(name: str, value: str | None) -> Field:
    """A field, found at one place or missing."""
    if value is None:
        return Field(name=name, value=None, state=FieldState.MISSING)
    return Field(
        name=name,
        value=value,
        state=FieldState.CONFIRMED,
        page=0,
        box=Box(0.1, 0.2, 0.3, 0.4),
        normalised=value.replace(",", ""),
        others=(FieldValue(value="7", page=1),),
    )


def invoice(name: str, page: int = 0, *, total: str = "1,234.50", text: str = "发票 Invoice") -> PageReading:
    """A page with two fields and a table of two rows; whatever its number, its file says that it has one page."""
    return reading(
        text,
        source=f"{name}.pdf",
        file_name=f"{name}.pdf",
        sha256=sha(name),
        page=page,
        page_label="iv",
        agreement=0.75,
        fields=(field("合计", total), field("iban", None)),
        tables=(table([("Name", "票数"), ("Ann", "5"), ("李", "7")]),),
    )


def failed(name: str) -> PageReading:
    """A page that could not be read."""
    return reading("", source=f"{name}.pdf", file_name=f"{name}.pdf", sha256=sha(name), status="failed", error="torn")
