"""Every command and snippet of the README does what it says."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny_pages
from tests.integration_tests.files import picture

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [body for found, body in FENCE.findall(README) if found == language]


def commands() -> Iterator[list[str]]:
    for line in "".join(blocks("sh")).splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the scans that the README speaks of."""
    (tmp_path / "scans").mkdir()
    picture("LEASE\nThe lease is for nine years.\nThe annual budget is 5,400.").save(tmp_path / "scans" / "lease.png")
    picture("Invoice No: INV-2041\nTotal: 96.50").save(tmp_path / "invoice.png")
    tiny_pages.picture(tiny_pages.page("Raj 42")).save(tmp_path / "page.png")
    (tmp_path / "HunyuanOCR").symlink_to(ROOT / "tests" / "checkpoint")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_python_snippet_runs(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for body in blocks("python"):
        exec(
            compile(body, "README.md", "exec", dont_inherit=True), names
        )  # the snippets build on each other, as a reader would type them
    printed = capsys.readouterr().out
    assert "lease.png 0" in printed
    assert "96.50 confirmed" in printed
    assert "Raj 42 ok" in printed
    assert "1 pages: 1 done, 0 blank, 0 failed" in printed
    assert "number 98.50 or 96.50" in printed
    assert "INV-2041 97.50" in printed
    assert "[{'Item': 'Pen', 'Price net': '1', 'Price gross': '2'}]" in printed
    assert (desk / "marked.png").is_file()


def test_every_hunyuanocr_command_runs(desk: Path) -> None:
    ran = []
    for words in commands():
        if words[0] == "hunyuanocr":
            program = Path(sys.executable).with_name("hunyuanocr")
            done = subprocess.run(
                [program, *words[1:]],
                stdin=subprocess.DEVNULL,  # which ends `mcp`
                capture_output=True,
                text=True,
                cwd=desk,
                timeout=120,
            )
            assert done.returncode == 0, (words, done.stderr)
            ran.append(words[1])
    assert {"read", "ingest", "status", "search", "ask", "retry", "export", "mcp"} <= set(ran)
    assert all((desk / name).stat().st_size for name in ("pages.jsonl", "pages.db", "tables/pages.parquet"))
    assert (desk / "out" / "lease.png.jsonl").is_file()
    assert (desk / "answer.png").is_file()


def test_every_make_target_and_extra_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for words in commands():
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words
        elif words[:2] == ["pip", "install"]:
            named = re.fullmatch(r"langchain-hunyuanocr\[([\w,]+)\]", words[2])
            assert named is not None, words
            assert set(named.group(1).split(",")) <= set(extras)
        else:
            assert words[0] == "hunyuanocr", words


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
