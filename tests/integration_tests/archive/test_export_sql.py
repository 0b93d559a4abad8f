"""Exports into real databases: SQLite, and a PostgreSQL server that the tests start."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive import Archive, ExportReport
from langchain_hunyuanocr.archive.export import sql
from langchain_hunyuanocr.archive.export.rows import ROWS, columns, rows_of, values
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.results import PageReading
from tests.exported import failed, field, forget, invoice, keep, make_ledger, sha, table
from tests.integration_tests.postgresql import Server, serve

sqlalchemy = pytest.importorskip("sqlalchemy")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    started = serve()
    try:
        server = started.__enter__()
    except (OSError, subprocess.SubprocessError) as exc:
        pytest.skip(f"PostgreSQL's binaries do not run here: {exc}")
    yield server
    started.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/out.sqlite"
    address = request.getfixturevalue("postgresql").url()
    engine = sqlalchemy.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    engine.dispose()
    return str(address)


def tables(url: str, prefix: str = "hunyuanocr_") -> list[list[dict[str, Any]]]:
    """The rows of the three tables by key, as Python values."""
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = []
        for kind in ROWS:
            made = sqlalchemy.Table(prefix + kind.table, sqlalchemy.MetaData(), autoload_with=connection)
            rows = connection.execute(sqlalchemy.select(made).order_by(*(made.c[name] for name in kind.key)))
            found.append([dict(row._mapping) for row in rows])
    engine.dispose()
    return found


def wanted(*pages: PageReading) -> list[list[dict[str, Any]]]:
    made = [rows_of(page) for page in pages]
    return [
        [values(page.page) for page in made],
        [values(row) for page in made for row in page.fields],
        [values(row) for page in made for row in page.table_rows],
    ]


def export(folder: Path, url: str, **options: Any) -> ExportReport:
    with Archive(folder) as archive:
        return archive.export("sql", url=url, **options)


def test_a_second_export_changes_nothing_and_a_changed_page_replaces_its_rows(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "archive"
    pages = [invoice("a"), invoice("a", 1), failed("b"), invoice("c", text="中文" * 3)]
    ledger = make_ledger(folder, pages)
    first = export(folder, url)
    assert first.model_dump() == {
        "pages": 4, "fields": 6, "table_rows": 6, "unchanged": 0, "removed": 0, "failures": ()}  # fmt: skip
    assert tables(url) == wanted(*pages)
    assert export(folder, url) == first
    assert tables(url) == wanted(*pages)

    changed = pages[1].model_copy(
        update={"fields": (field("total", "8"),), "tables": (table([("Name",), ("Zoë",)]),), "markdown": "anew"}
    )
    keep(ledger, [changed])
    export(folder, url)
    assert tables(url) == wanted(pages[0], changed, *pages[2:])


def test_pages_that_have_gone_are_taken_away_wherever_they_stood(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_BATCH_PAGES", 2)
    folder = tmp_path / "archive"
    pages = [invoice(name) for name in "abcdefgh"]
    ledger = make_ledger(folder, pages)
    export(folder, url)
    for name in "adgh":
        forget(ledger, f"{name}.pdf")
    assert export(folder, url).removed == 4
    assert tables(url) == wanted(*(pages[number] for number in (1, 2, 4, 5)))
    for name in "bcef":
        forget(ledger, f"{name}.pdf")
    assert export(folder, url).removed == 4
    assert tables(url) == [[], [], []]


def test_nul_characters_are_left_out_and_said(tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    page = invoice("a", text="one\0two", total="1\x002").model_copy(
        update={"tables": (table([("A\0", "b"), ("c\0d", "e")]),)}
    )
    make_ledger(tmp_path / "archive", [page, invoice("b")])
    with caplog.at_level(logging.WARNING):
        export(tmp_path / "archive", url)
    (pages, fields, rows) = tables(url)
    assert pages[0]["markdown"] == "onetwo"
    assert fields[0]["value"] == "12"
    assert (rows[0]["record"], rows[0]["cells"]) == ({"A": "cd", "b": "e"}, ["cd", "e"])
    assert [record.message for record in caplog.records] == [
        "NUL characters were left out of 1 pages: databases do not take them"
    ]


def test_a_large_page_and_a_wide_table_are_kept(tmp_path: Path, url: str) -> None:
    wide = table([[f"列 {number}" for number in range(2000)], [str(number) for number in range(2000)]])
    page = invoice("a", text="页" * 1_000_000).model_copy(update={"tables": (wide,)})
    make_ledger(tmp_path / "archive", [page])
    export(tmp_path / "archive", url)
    assert tables(url) == wanted(page)


def test_two_processes_may_export_at_once(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "archive"
    pages = [invoice(name, page) for name in "abcd" for page in range(50)]
    make_ledger(folder, pages)
    program = (
        "import sys; from langchain_hunyuanocr.archive import Archive\n"
        "Archive(sys.argv[1]).export('sql', url=sys.argv[2])"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, folder, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert tables(url) == wanted(*pages)


def test_an_export_that_breaks_off_leaves_whole_batches_and_the_next_one_makes_it_good(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_BATCH_PAGES", 2)
    pages = [invoice(name) for name in "abcdef"]
    make_ledger(tmp_path / "archive", pages)

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "archive", url, on_progress=stop)
    assert tables(url) == wanted(*pages[:4])
    export(tmp_path / "archive", url)
    assert tables(url) == wanted(*pages)


def test_tables_of_another_archive_or_shape_are_not_touched(tmp_path: Path, url: str) -> None:
    make_ledger(tmp_path / "one", [invoice("a")])
    make_ledger(tmp_path / "two", [invoice("b")])
    export(tmp_path / "one", url)
    with pytest.raises(ArchiveError, match=r"another archive.*--prefix"):
        export(tmp_path / "two", url)
    export(tmp_path / "two", url, prefix="two_")
    assert (tables(url), tables(url, "two_")) == (wanted(invoice("a")), wanted(invoice("b")))
    (tmp_path / "one").rename(tmp_path / "moved")
    assert export(tmp_path / "moved", url).pages == 1

    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("ALTER TABLE two_fields DROP COLUMN others"))
    engine.dispose()
    with pytest.raises(ArchiveError, match="two_fields has other columns"):
        export(tmp_path / "two", url, prefix="two_")


def test_a_prefix_that_is_no_name_is_refused(tmp_path: Path, url: str) -> None:
    make_ledger(tmp_path / "archive", [])
    with pytest.raises(ArchiveError, match="prefix"):
        export(tmp_path / "archive", url, prefix="a; DROP TABLE b")


def refusal(folder: Path, url: str) -> str:
    with pytest.raises(ArchiveError) as caught:
        export(folder, url)
    said = str(caught.value)
    assert "\n" not in said
    assert "heim" not in said
    return said


def test_a_database_that_cannot_be_used_is_an_error_on_one_line(tmp_path: Path, postgresql: Server) -> None:
    folder = tmp_path / "archive"
    make_ledger(folder, [invoice("a")])
    assert "password authentication failed" in refusal(folder, postgresql.url("wrongheim"))
    assert "127.0.0.1" in refusal(folder, postgresql.url(port=1))
    assert "read-only" in refusal(folder, postgresql.url(query="?options=-cdefault_transaction_read_only%3Don"))


def test_a_sqlite_file_that_cannot_be_used_is_an_error_on_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    make_ledger(folder, [invoice("a")])
    assert "unable to open" in refusal(folder, f"sqlite:///{tmp_path}/none/out.sqlite")
    (tmp_path / "text").write_bytes(b"no database" * 100)
    assert "not a database" in refusal(folder, f"sqlite:///{tmp_path}/text")
    sqlite3.connect(tmp_path / "ro.sqlite").execute("CREATE TABLE a (b)")
    assert "readonly" in refusal(folder, f"sqlite:///file:{tmp_path}/ro.sqlite?mode=ro&uri=true")


def test_an_ingest_may_write_during_an_export(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "archive"
    ledger = make_ledger(folder, [invoice(name) for name in "abc"])
    written = threading.Event()

    def write(done: int, total: int) -> None:
        if done == 1:
            keep(ledger, [invoice("z")])
            written.set()

    export(folder, url, on_progress=write)
    assert written.is_set()
    export(folder, url)
    assert tables(url) == wanted(*(invoice(name) for name in "abcz"))


def test_the_command_exports_and_hides_the_password(tmp_path: Path, postgresql: Server) -> None:
    make_ledger(tmp_path / "archive", [invoice("命令")])

    def run(url: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("hunyuanocr")
        return subprocess.run(
            [program, "export", "--archive", "archive", "--to", "sql", "--prefix", "cli_", "--json"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={**os.environ, "HUNYUANOCR_EXPORT_URL": url},
        )  # fmt: skip

    done = run(postgresql.url())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pages"] == 1
    assert tables(postgresql.url(), "cli_")[0][0]["sha256"] == sha("命令")
    wrong = run(postgresql.url("wrongheim"))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "wrongheim" not in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1


def test_columns_are_the_same_in_the_database(tmp_path: Path, url: str) -> None:
    make_ledger(tmp_path / "archive", [])
    export(tmp_path / "archive", url)
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    found = sqlalchemy.inspect(engine)
    for kind in ROWS:
        names = [column["name"] for column in found.get_columns(f"hunyuanocr_{kind.table}")]
        assert names == [column.name for column in columns(kind)]
        assert found.get_pk_constraint(f"hunyuanocr_{kind.table}")["constrained_columns"] == list(kind.key)
    engine.dispose()
