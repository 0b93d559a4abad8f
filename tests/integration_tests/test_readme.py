"""Every command and snippet of the README does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration_tests.documented import ROOT, MarkdownPage, lay_desk, run_shell

README = MarkdownPage("README.md")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(lay_desk(tmp_path))
    return tmp_path


def test_every_python_snippet_runs(desk: Path) -> None:
    printed = README.run_python()
    assert "lease.png 0" in printed
    assert "96.50 confirmed" in printed
    assert "Raj 42 ok" in printed
    assert "1 pages: 1 done, 0 blank, 0 failed" in printed
    assert "number 98.50 or 96.50" in printed
    assert "INV-2041 97.50" in printed
    assert "[{'Item': 'Pen', 'Price net': '1', 'Price gross': '2'}]" in printed
    assert (desk / "marked.png").is_file()


def test_every_command_runs(desk: Path) -> None:
    run_shell(README.shell(), desk)
    ran = {words[1] for words in README.commands() if words[0] == "hunyuanocr"}
    assert {"read", "ingest", "status", "search", "ask", "retry", "export", "mcp"} <= ran
    assert all((desk / name).stat().st_size for name in ("pages.jsonl", "pages.db", "tables/pages.parquet"))
    assert (desk / "out" / "lease.png.jsonl").is_file()
    assert (desk / "answer.png").is_file()


def test_every_make_target_and_extra_exists() -> None:
    README.check_installs()
    assert {words[0] for words in README.commands()} == {"pip", "make", "hunyuanocr"}


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README.text):
        assert (ROOT / target).exists(), target
