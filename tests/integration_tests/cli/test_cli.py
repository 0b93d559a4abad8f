"""The command line as a user runs it: a process, its two streams and its exit status."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from tests.integration_tests.files import picture, scanned_pdf, typed_pdf

LEASE = (
    "The lease runs for nine years. It begins on 4 March 2021. The rent is 1,250.00 a month and is due on the first. "
    * 3
)


def run(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`hunyuanocr ...`; whatever happens, no traceback reaches the user."""
    program = Path(sys.executable).with_name("hunyuanocr")
    environment = {**os.environ, "COLUMNS": "200", **variables}
    done = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    typed_pdf(
        tmp_path / "lease 租约.pdf", [LEASE, "Signed in Ghent by both parties on 2 February 2021, in two copies. " * 4]
    )
    return tmp_path


def test_read_prints_markdown_and_nothing_else(folder: Path) -> None:
    done = run("read", "lease 租约.pdf", cwd=folder)
    assert done.returncode == 0
    assert "nine years" in done.stdout
    assert "Signed in Ghent" in done.stdout


def test_read_as_json_keeps_the_contract(folder: Path) -> None:
    first, second = as_json(run("read", "lease 租约.pdf", "--format", "json", cwd=folder))
    assert {"source", "page", "status", "markdown", "tables", "lines", "fields", "agreement", "doubts"} <= set(first)
    assert (first["page"], second["page"], first["total_pages"]) == (0, 1, 2)
    assert first["lines"][0].keys() == {"text", "box"}
    lines = run("read", "lease 租约.pdf", "--pages", "2", "--format", "jsonl", cwd=folder).stdout.splitlines()
    assert [json.loads(line)["page"] for line in lines] == [1]


def test_read_reads_a_scan_and_finds_fields(folder: Path) -> None:
    picture("Invoice No: INV-2041\nTotal: 96.50").save(folder / "scan.png")
    done = run(
        "read", "scan.png", "--engine", "rapid", "--fields", "invoice_number,total,iban", "--format", "json", cwd=folder
    )
    (page,) = as_json(done)
    assert done.returncode == 0
    assert [(f["name"], f["value"], f["state"]) for f in page["fields"]] == [
        ("invoice_number", "INV-2041", "confirmed"),
        ("total", "96.50", "confirmed"),
        ("iban", None, "missing"),
    ]
    x0, y0, x1, y1 = page["fields"][1]["box"]
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1


def test_searchable_pdf_xlsx_and_csv_from_the_command_line(folder: Path) -> None:
    picture("Invoice No: INV-2041\nTotal: 96.50").save(folder / "scan.png")
    fields = ("--engine", "rapid", "--fields", "invoice_number,total")
    for form in ("pdf", "xlsx"):
        assert run("read", "scan.png", *fields, "--format", form, "-o", "out", cwd=folder).returncode == 0
        refused = run("read", "scan.png", *fields, "--format", form, cwd=folder)
        assert refused.returncode == 2
        assert "name a folder with -o" in refused.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["scan.png.pdf", "scan.png.xlsx"]
    with pymupdf.open(folder / "out" / "scan.png.pdf") as document:
        assert document[0].search_for("INV-2041")
    done = run("read", "scan.png", *fields, "--format", "csv", cwd=folder)
    assert done.stdout.splitlines()[1].startswith("scan.png,1,invoice_number,INV-2041,")


def test_read_into_a_folder_writes_a_whole_file_for_each_input_that_opens(folder: Path) -> None:
    (folder / "empty.pdf").touch()
    (folder / "page.html").write_text("<html></html>")
    (folder / "page.html").rename(folder / "page.pdf")
    done = run(
        "read", "lease 租约.pdf", "empty.pdf", "page.pdf", "missing.pdf", "-o", "out", "--format", "jsonl", cwd=folder
    )
    assert done.returncode == 1
    assert [path.name for path in (folder / "out").iterdir()] == ["lease 租约.pdf.jsonl"]
    assert all(name in done.stderr for name in ("empty.pdf", "page.pdf", "missing.pdf"))


def test_two_inputs_of_one_name_do_not_overwrite_each_other(folder: Path) -> None:
    (folder / "b").mkdir()
    typed_pdf(folder / "b" / "lease 租约.pdf", ["Another lease altogether, of a garden and its shed. " * 6])
    assert run("read", ".", "-o", "out", cwd=folder).returncode == 0
    texts = [path.read_text() for path in sorted((folder / "out").iterdir())]
    assert len(texts) == 2
    assert sum("garden" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["read"], "Missing argument"),
        (["read", "x.pdf", "--engine", "abacus"], "there is no engine 'abacus'"),
        (["read", "x.pdf", "--task", "poetry"], "there is no task 'poetry'"),
        (["read", "x.pdf", "--engine", "rapid", "--task", "chart"], "cannot do the task 'chart'"),
        (["read", "x.pdf", "--fields", "a", "--schema", "b:C"], "both given"),
        (["read", "x.pdf", "--schema", "nowhere:Invoice"], "cannot be imported"),
        (["read", "x.pdf", "--preset", "poem"], "poem"),
        (["read", "x.pdf", "--pages", "three"], "three"),
        (["status", "--archive", "nothing"], "nothing"),
        (["ask", "why?", "--archive", "nothing"], "nothing"),
        (["search", "x", "--archive", "nothing", "--where", "page"], "key=value"),
        (["frobnicate"], "No such command"),
    ],
)
def test_a_wrong_command_line_ends_in_one_clear_message_and_status_2(
    arguments: list[str], words: str, folder: Path
) -> None:
    done = run(*arguments, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_a_missing_file_and_a_wrong_password_fail_alone(folder: Path) -> None:
    scanned_pdf(folder / "locked.pdf", ["secret"], password="open")
    done = run("read", "locked.pdf", "missing.pdf", "lease 租约.pdf", "--password", "shut", cwd=folder)
    assert done.returncode == 1
    assert "nine years" in done.stdout
    assert "locked.pdf" in done.stderr
    assert "password" in done.stderr
    assert "missing.pdf" in done.stderr


def test_an_archive_from_ingest_to_proof(folder: Path) -> None:
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    done = run("ingest", ".", "--archive", "archive", "--json", cwd=folder)
    report = as_json(done)
    assert done.returncode == 1
    assert (report["files"], report["pages"], report["done"], report["failed"]) == (1, 2, 2, 0)
    assert [(Path(f["source"]).name, f["page"]) for f in report["failures"]] == [("torn.pdf", None)]

    again = as_json(run("ingest", ".", "--archive", "archive", "--json", cwd=folder))
    assert again["skipped"] == 1
    status = as_json(run("status", "--archive", "archive", "--json", cwd=folder))
    assert {key: status[key] for key in ("files", "pages", "done", "blank", "failed")} == {
        key: report[key] for key in ("files", "pages", "done", "blank", "failed")
    }

    hits = as_json(run("search", "monthly rent", "--archive", "archive", "-k", "2", "--json", cwd=folder))
    assert hits[0]["page"] == 0
    assert {"source", "page", "text", "score", "box", "metadata"} <= set(hits[0])

    answer = as_json(
        run("ask", "How long does the lease run?", "--archive", "archive", "--show", "proof.png", "--json", cwd=folder)
    )
    assert "nine years" in answer["answer"]
    assert answer["mode"] == "extractive"
    assert answer["citations"][0]["page"] == 0
    assert (folder / "proof.png").read_bytes().startswith(b"\x89PNG")

    void = as_json(
        run("ask", "What is the serial number of the submarine?", "--archive", "archive", "--json", cwd=folder)
    )
    assert void["answer"] is None

    typed_pdf(folder / "torn.pdf", ["Mended: the boiler was replaced in June 2022 by Harlow and Sons. " * 4])
    mended = run("retry", "--archive", "archive", "--json", cwd=folder)
    assert mended.returncode == 0
    assert as_json(run("status", "--archive", "archive", "--json", cwd=folder))["pages"] == 3


def test_doctor_reads_a_picture_and_says_what_can_run(folder: Path) -> None:
    """A server that is named and away is one line with its remedy, and costs no other check."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    done = run("doctor", "--json", cwd=folder, HUNYUANOCR_BASE_URL=address, HF_HUB_OFFLINE="1")
    assert done.returncode == 0  # RapidOCR reads
    checks = as_json(done)
    assert [{"name", "ok", "detail", "fix"} - set(check) for check in checks] == [set()] * len(checks)
    assert all(check["ok"] or check["fix"] for check in checks)
    named = {check["name"]: check for check in checks}
    assert named["rapid engine"]["read"] == "Page 2041"
    assert named["engine auto"]["ok"] is False
    assert "takes server, which cannot read" in named["engine auto"]["detail"]
    assert named["server engine"]["detail"].startswith(f"{address}: the server is not there")
    assert "read" not in named["server engine"]
    versions = named["versions"]["versions"]
    assert versions["Python"] == platform.python_version()
    assert set(versions) == {
        "Python", "langchain-hunyuanocr", "langchain-core", "PyMuPDF", "RapidOCR", "torch", "transformers", "CUDA"
    }  # fmt: skip


@pytest.mark.parametrize("columns", ["80", "40"])
def test_doctor_cuts_no_remedy_on_a_narrow_terminal(columns: str, folder: Path) -> None:
    done = run("doctor", cwd=folder, COLUMNS=columns, HF_HUB_OFFLINE="1")
    assert done.returncode == 0
    assert "engine auto" in done.stdout
    assert "\n     export HUNYUANOCR_BASE_URL=http://host:8000/v1\n" in done.stdout
    assert "…" not in done.stdout


def test_the_version_is_told(folder: Path) -> None:
    assert run("--version", cwd=folder).stdout == f"hunyuanocr {version('langchain-hunyuanocr')}\n"


def test_what_the_output_cannot_hold_is_escaped_and_the_remedy_told_once(folder: Path) -> None:
    asked = ("read", "lease 租约.pdf", "--format", "json")
    plain = run(*asked, cwd=folder)
    done = run(*asked, cwd=folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert as_json(done) == as_json(plain)
    assert as_json(done)[0]["file_name"] == "lease 租约.pdf"
    assert done.stderr.count("set PYTHONIOENCODING=utf-8") == 1
    assert run("--help", cwd=folder, PYTHONIOENCODING="ascii").stdout.isascii()


def test_the_plainest_locale_changes_nothing(folder: Path) -> None:
    asked = ("read", "lease 租约.pdf", "--format", "json")
    assert as_json(run(*asked, cwd=folder, LANG="C", LC_ALL="C")) == as_json(run(*asked, cwd=folder))


def test_a_home_that_cannot_be_written_costs_nothing_but_what_needs_it(folder: Path) -> None:
    (folder / "file").touch()
    home = str(folder / "file" / "home")  # below a file no folder can be made, not even by root
    picture("Invoice No: INV-2041").save(folder / "scan.png")
    done = run("read", "scan.png", "--engine", "rapid", cwd=folder, HOME=home, XDG_CACHE_HOME=home, XDG_STATE_HOME=home)
    assert done.returncode == 0, done.stderr
    assert "INV-2041" in done.stdout
    refused = run(
        "--install-completion", "bash", cwd=folder, HOME=home, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1"
    )
    assert refused.returncode == 2
    assert refused.stderr == f"hunyuanocr: {home}: not a directory\n"


def test_long_work_says_how_far_it_is_where_stderr_is_no_terminal(folder: Path) -> None:
    """The program with an interval of a few milliseconds, over a page that takes longer."""
    picture("Invoice No: INV-2041").save(folder / "scan.png")
    script = (
        "import langchain_hunyuanocr.cli.progress as progress\n"
        "from functools import partial\n"
        "progress.Lines = partial(progress.Lines, every_s=0.05)\n"
        "from langchain_hunyuanocr.cli import main; main()"
    )
    for command in (
        ("read", "scan.png", "--engine", "rapid"),
        ("ingest", "scan.png", "--archive", "archive", "--engine", "rapid"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, *command], capture_output=True, text=True, cwd=folder, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("after 0 s: ")


def test_demo_makes_scans_and_their_truth(folder: Path) -> None:
    done = run("demo", "--make", "made", "--pages", "3", "--seed", "5", cwd=folder)
    assert done.returncode == 0
    truth = json.loads((folder / "made" / "truth.json").read_text())
    assert all((folder / "made" / file["file"]).is_file() for file in truth["files"])
