"""What is exported of a page, the ledger read page by page, and files that appear when they are complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.export import ledger_pages
from langchain_hunyuanocr.archive.export.export import Target, export
from langchain_hunyuanocr.archive.export.kafka_state import Sent
from langchain_hunyuanocr.archive.export.rows import FieldRow, PageKey, PageRow, PageRows, columns, rows_of, to_record
from langchain_hunyuanocr.archive.export.sql_schema import Address
from langchain_hunyuanocr.atomic_write import atomic_export_file, atomic_export_folder
from langchain_hunyuanocr.errors import ArchiveError
from tests.exported import damage, failed, forget, invoice, keep, make_ledger, sha


def test_a_page_becomes_a_row_for_itself_each_field_and_each_table_row() -> None:
    page, fields, table_rows = rows_of(invoice("a", 3))
    assert (page.sha256, page.page, page.source, page.page_label) == (sha("a"), 3, "a.pdf", "iv")
    assert (page.status, page.route, page.agreement, page.markdown) == ("ok", "ocr", 0.75, "发票 Invoice")
    assert [(row.field_number, row.name, row.value, row.normalised, row.state) for row in fields] == [
        (0, "合计", "1,234.50", "1234.50", "confirmed"),
        (1, "iban", None, None, "missing"),
    ]
    assert (fields[0].x0, fields[0].y0, fields[0].x1, fields[0].y1) == (0.1, 0.2, 0.3, 0.4)
    assert (fields[1].x0, fields[1].value_page) == (None, None)
    assert fields[0].others == [{"value": "7", "page": 1, "box": None}]
    assert [(row.table_number, row.row_number, row.record, row.cells) for row in table_rows] == [
        (0, 0, {"Name": "Ann", "票数": "5"}, ["Ann", "5"]),
        (0, 1, {"Name": "李", "票数": "7"}, ["李", "7"]),
    ]


def test_a_failed_page_is_exported_with_its_error() -> None:
    rows = rows_of(failed("a"))
    assert (rows.page.status, rows.page.error, rows.fields, rows.table_rows) == ("failed", "torn", [], [])


def test_columns_say_their_kind_and_whether_they_may_be_empty() -> None:
    kinds = {column.name: (column.kind, column.nullable) for column in columns(PageRow)}
    assert kinds["sha256"] == ("text", False)
    assert kinds["page_label"] == ("text", True)
    assert kinds["width"] == ("integer", False)
    assert kinds["agreement"] == ("number", True)
    assert kinds["doubts"] == ("json", False)
    assert {column.name: column.kind for column in columns(FieldRow)}["x0"] == "number"


def test_a_record_is_json_and_names_the_page_once() -> None:
    record = to_record(rows_of(invoice("a")))
    assert json.loads(json.dumps(record)) == record
    assert record["sha256"] == sha("a")
    assert "sha256" not in record["fields"][0] | record["table_rows"][0]


def test_pages_come_in_the_order_of_their_keys_whatever_was_read_first(tmp_path: Path) -> None:
    pages = [invoice(name, page) for name in "cab" for page in (2, 0, 1)]
    ledger = make_ledger(tmp_path / "archive", pages)
    assert list(ledger_pages.keys(ledger)) == [PageKey(sha(name), page) for name in "abc" for page in range(3)]
    assert ledger_pages.expected(ledger) == 3


def test_pages_beyond_one_batch_of_keys_all_come_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_pages, "_BATCH", 2)
    ledger = make_ledger(tmp_path / "archive", [invoice("a", page) for page in range(5)])
    assert [rows.key.page for rows in ledger_pages.pages(ledger) if isinstance(rows, PageRows)] == [0, 1, 2, 3, 4]


def test_an_ingest_goes_on_while_pages_are_drawn(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path / "archive", [invoice("b", page) for page in range(3)])
    drawn = ledger_pages.pages(ledger)
    next(drawn)
    keep(ledger, [invoice("b", 1, total="9")])
    changed = next(drawn)
    assert isinstance(changed, PageRows)
    assert changed.fields[0].value == "9"
    ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_what_no_file_holds_any_more_is_left_out_and_a_renamed_file_has_its_new_name(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path / "archive", [invoice("a"), invoice("b")])
    ledger.connection.execute("UPDATE files SET source = 'new/name.pdf' WHERE source = 'b.pdf'")
    forget(ledger, "a.pdf")
    (page,) = (rows for rows in ledger_pages.pages(ledger) if isinstance(rows, PageRows))
    assert (page.page.source, page.page.file_name) == ("new/name.pdf", "name.pdf")
    assert [ledger_pages.holds(ledger, PageKey(sha(name), 0)) for name in "ab"] == [False, True]


def test_a_damaged_reading_costs_its_page_only(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path / "archive", [invoice("a"), invoice("b")])
    damage(ledger, "a")
    report = export(ledger, Target.JSONL, out=tmp_path / "out.jsonl")
    assert (report.pages, report.complete) == (1, False)
    assert [(failure.source, failure.page) for failure in report.failures] == [("a.pdf", 0)]
    assert ledger_pages.holds(ledger, PageKey(sha("a"), 0))


def test_jsonl_holds_every_page_on_a_line(tmp_path: Path) -> None:
    pages = [invoice("a", text="two\nlines\u2028and\x00more"), invoice("b"), failed("c")]
    seen: list[tuple[int, int]] = []
    report = export(
        make_ledger(tmp_path / "archive", pages),
        Target.JSONL,
        out=tmp_path / "new" / "out.jsonl",
        on_progress=lambda done, total: seen.append((done, total)),
    )
    lines = (tmp_path / "new" / "out.jsonl").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [to_record(rows_of(page)) for page in pages]
    assert report.model_dump() == {
        "pages": 3, "fields": 4, "table_rows": 4, "unchanged": 0, "removed": 0, "failures": ()}  # fmt: skip
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_export_of_an_empty_archive_is_an_empty_file(tmp_path: Path) -> None:
    report = export(make_ledger(tmp_path / "archive", []), Target.JSONL, out=tmp_path / "out.jsonl")
    assert report.pages == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_an_export_that_breaks_off_leaves_the_earlier_file_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("earlier")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    ledger = make_ledger(tmp_path / "archive", [invoice("a")])
    with pytest.raises(KeyboardInterrupt):
        export(ledger, Target.JSONL, out=tmp_path / "out.jsonl", on_progress=stop)
    assert (tmp_path / "out.jsonl").read_text() == "earlier"
    assert {entry.name for entry in tmp_path.iterdir()} == {"archive", "out.jsonl"}


def test_a_folder_takes_the_place_of_an_earlier_one_and_of_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text in ("first", "second"):
        with atomic_export_folder(out, {"a"}) as folder:
            (folder / "a").write_text(text)
    assert (out / "a").read_text() == "second"
    (out / "mine").touch()
    with pytest.raises(ArchiveError, match="other things"), atomic_export_folder(out, {"a"}):
        pass
    assert {entry.name for entry in out.iterdir()} == {"a", "mine"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="cannot be written"), atomic_export_file(tmp_path / "file" / "out.jsonl"):
        pass
    with pytest.raises(ArchiveError, match="folder"), atomic_export_file(tmp_path):
        pass


@pytest.mark.parametrize(
    ("to", "options", "message"),
    [
        ("parquet", {}, "needs --out"),
        ("sql", {}, "needs --url"),
        ("kafka", {"topic": "t"}, "needs --brokers"),
        ("kafka", {}, "needs --brokers and --topic"),
        ("jsonl", {"url": "sqlite://"}, "does not take --url"),
        ("sql", {"url": "sqlite://", "topic": "t"}, "does not take --topic"),
    ],
)
def test_options_that_do_not_fit_are_named(tmp_path: Path, to: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        export(make_ledger(tmp_path / "archive", []), Target(to), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:geheim@b/c", "postgresql://a:geheim@host:port/x", ""])
def test_an_address_that_is_not_understood_is_not_repeated(url: str) -> None:
    pytest.importorskip("sqlalchemy")
    with pytest.raises(ArchiveError, match="not understood") as caught:
        Address(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u:s%2Fcret@h/d", "postgres+asyncpg://u@h/d?password=s%2Fcret"])
def test_a_password_is_shown_nowhere(url: str) -> None:
    pytest.importorskip("sqlalchemy")
    address = Address(url)
    assert address.url.drivername == "postgresql+psycopg"
    assert "cret" not in address.shown
    assert address.hide("no s/cret\nnor s%2Fcret") == "no *** nor ***"


def test_what_was_sent_is_kept_for_each_topic_and_locked(tmp_path: Path) -> None:
    key = PageKey(sha("a"), 0)
    with Sent(tmp_path, "b:1, a:1", "pages") as sent:
        sent.note([(key, "first"), (PageKey(sha("b"), 1), "x")])
        sent.note([(key, "second")])
        with pytest.raises(ArchiveError, match="another export"):
            Sent(tmp_path, "a:1,b:1", "pages")
        with Sent(tmp_path, "a:1", "other") as other:
            assert other.digest(key) is None
    with Sent(tmp_path, "a:1,b:1", "pages") as sent:
        assert sent.digest(key) == "second"
        sent.note([(key, None)])
        assert list(sent.keys()) == [PageKey(sha("b"), 1)]


def test_a_damaged_note_of_what_was_sent_says_what_to_do(tmp_path: Path) -> None:
    with Sent(tmp_path, "a:1", "pages"):
        pass
    next(tmp_path.iterdir()).write_bytes(b"not a database" * 100)
    with pytest.raises(ArchiveError, match="delete this file"):
        Sent(tmp_path, "a:1", "pages")
