"""Ledgers of which something is spoilt: an error that says so, or one page less, and the others go on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import HunyuanOCRError
from tests.hostile import rounds

pytest.importorskip("chromadb")

SPOILT = ["spoilt", None, "", b"\x00\xff", -1, "{}", "[1]"]
_PAGES = 3


def opened(folder: Path) -> Archive:
    return Archive(folder, engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two invoices with fields, and the folder of these."""
    place = tmp_path_factory.mktemp("whole")
    (place / "in").mkdir()
    for name in ("north", "south"):
        document = pymupdf.open()
        for number in range(_PAGES):
            page = document.new_page()
            page.insert_text((72, 100), f"Harbour office {name}, sheet {number}", fontsize=14)
            page.insert_text((72, 140), f"Invoice No: {name.upper()}-{number}", fontsize=14)
            page.insert_text((72, 180), f"Total due: {number + 1}4.50", fontsize=14)
        document.save(place / "in" / f"{name}.pdf")
    with opened(place / "archive") as archive:
        archive.ingest(place / "in")
        archive._parts.ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place


def columns() -> list[tuple[str, str]]:
    """Every column of a new ledger's own tables."""
    from langchain_hunyuanocr.archive.storage import field_values, file_paths, ledger, records

    memory = sqlite3.connect(":memory:")
    memory.executescript(ledger._TABLES + field_values.TABLES + file_paths.TABLES + records.TABLES)
    tables = [name for (name,) in memory.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [(table, row[1]) for table in tables for row in memory.execute(f"PRAGMA table_info({table})")]


def uses(folder: Path, papers: Path) -> dict[str, Callable[[Archive], object]]:
    return {
        "status": lambda archive: archive.status(),
        "search": lambda archive: archive.search("harbour office sheet", k=9),
        "ask": lambda archive: archive.ask("What is the total of invoice NORTH-1?"),
        "sum": lambda archive: archive.ask("What is the sum of all invoices?"),
        "export": lambda archive: archive.export("jsonl", out=folder / "out"),
        "ingest": lambda archive: archive.ingest(papers),
        "reread": lambda archive: archive.ingest(papers, reread=True),
        "retry": lambda archive: archive.retry(),
    }


@pytest.mark.parametrize(("table", "column"), columns())
def test_whatever_is_spoilt_no_error_but_ours_comes_out(tmp_path: Path, whole: Path, table: str, column: str) -> None:
    unexpected = []
    for number, value in enumerate(SPOILT[:: rounds(7, 1)]):
        folder = tmp_path / str(number)
        shutil.copytree(whole / "archive", folder)
        with sqlite3.connect(folder / "archive.sqlite") as connection:
            try:
                connection.execute(
                    f"UPDATE {table} SET {column} = ?1 WHERE {column} IS (SELECT min({column}) FROM {table})", (value,)
                )
            except sqlite3.IntegrityError:
                continue
        connection.close()
        for name, use in uses(folder, whole / "in").items():
            try:
                with opened(folder) as archive:
                    use(archive)
            except HunyuanOCRError:
                pass
            except Exception as exc:
                unexpected.append(f"{name} with {value!r}: {type(exc).__name__}: {exc}")
    assert unexpected == []


def spoil(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "archive.sqlite") as connection:
        connection.execute(statement, values)
    connection.close()


DAMAGES = {
    "a reading cut short": "UPDATE readings SET reading = substr(reading, 1, 40) WHERE rowid = 2",
    "a reading that is no reading": "UPDATE readings SET reading = x'789c' WHERE rowid = 2",
    "metadata of a chunk": "UPDATE chunks SET metadata = '{\"page\": ' WHERE number = 3",
    "the index of a chunk": "DELETE FROM chunk_terms WHERE rowid = 3",
    "the number of pages": "UPDATE contents SET total_pages = x'00'",
    "the fields of a record": "UPDATE records SET fields = '[{' WHERE page = 1",
    "the number of the run": "UPDATE settings SET value = 'x' WHERE key = 'run'",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_repaired_archive_is_as_it_was(tmp_path: Path, whole: Path, damage: str) -> None:
    shutil.copytree(whole / "archive", tmp_path / "archive")
    spoil(tmp_path / "archive", DAMAGES[damage])
    with opened(whole / "archive") as archive:
        before = held(archive)
    with opened(tmp_path / "archive") as archive:
        told = archive.status(check=True).failures
        assert bool(told) == (damage not in ("the fields of a record", "the number of the run"))
        assert archive.repair() == told
        archive.ingest(whole / "in")
        assert archive.status(check=True).failures == ()
        assert held(archive) == before


def held(archive: Archive) -> dict[str, object]:
    """What an archive gives to those who ask."""
    hits = archive.search("harbour office sheet", k=20)
    return {
        "pages": archive.status().pages,
        "hits": sorted((hit.source, hit.page, hit.text) for hit in hits),
        "sum": archive.ask("What is the sum of all invoices?").answer,
        "vectors": sorted(archive._parts.vectors.ids()),
    }


def test_a_damaged_page_is_told_and_costs_no_other(
    tmp_path: Path, whole: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(whole / "archive", tmp_path / "archive")
    with opened(tmp_path / "archive") as archive:
        place = archive._parts.ledger.connection.execute(
            "SELECT f.source, p.page FROM readings r JOIN pages p USING (content) JOIN files f USING (sha256) "
            "WHERE r.rowid = 2"
        ).fetchone()
    spoil(tmp_path / "archive", DAMAGES["a reading cut short"])
    with opened(tmp_path / "archive") as archive:
        (told,) = archive.status(check=True).failures
        assert (told.source, told.page) == place
        report = archive.export("jsonl", out=tmp_path / "out.jsonl")
        assert [(one.source, one.page) for one in report.failures] == [place]
        other = "SOUTH-1" if "north" in place[0] else "NORTH-1"
        assert archive.ask(f"What is the total of invoice {other}?").answer == "24.50"
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 2 * _PAGES - 1
