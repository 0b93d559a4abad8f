"""Runs what a Markdown page shows: its Python as one session, its commands in one shell, on a desk with a few scans."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests import tiny_pages
from tests.integration_tests.files import picture

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NOT_RUN = ("pip", "make")
"""They would change the machine; `check_installs` sees that what they name is there."""


def lay_desk(folder: Path) -> Path:
    """A folder with the scans that the pages speak of."""
    (folder / "scans").mkdir()
    picture("LEASE\nThe lease is for nine years.\nThe annual budget is 5,400.").save(folder / "scans" / "lease.png")
    picture("Invoice No: INV-2041\nTotal: 96.50").save(folder / "invoice.png")
    tiny_pages.picture(tiny_pages.page("Raj 42")).save(folder / "page.png")
    (folder / "HunyuanOCR").symlink_to(ROOT / "tests" / "checkpoint")
    return folder


class MarkdownPage:
    """A page of the documentation.

    Args:
        path: Of the file, from the root of the repository.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = (ROOT / path).read_text(encoding="utf-8")
        self._fences: list[tuple[str, str]] = _FENCE.findall(self.text)

    def blocks(self, language: str) -> list[str]:
        """What stands in fences of a language."""
        return [body for found, body in self._fences if found == language]

    def commands(self) -> Iterator[list[str]]:
        """The words of each command."""
        for line in "".join(self.blocks("sh")).splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words

    def run_python(self) -> str:
        """Run the snippets, which build on each other as a reader would type them.

        Where a fence of `text` follows, it must be what was printed.

        Returns:
            All that was printed.
        """
        names: dict[str, object] = {}
        printed = ""
        for (language, body), (follows, expected) in zip(self._fences, [*self._fences[1:], ("", "")], strict=True):
            if language != "python":
                continue
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(body, self.path, "exec", dont_inherit=True), names)
            if follows == "text":
                assert out.getvalue() == expected, f"{body}printed\n{out.getvalue()}"
            printed += out.getvalue()
        return printed

    def shell(self) -> str:
        """All commands, save those that install."""
        lines = "".join(self.blocks("sh")).splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(_NOT_RUN))

    def check_installs(self) -> None:
        """See that targets of `make` and extras for `pip` exist."""
        makefile = (ROOT / "Makefile").read_text()
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        for words in self.commands():
            if words[0] == "make":
                assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words
            elif words[:2] == ["pip", "install"]:
                named = re.fullmatch(r"langchain-hunyuanocr\[([\w,]+)\]", words[2])
                assert named is not None, words
                assert set(named.group(1).split(",")) <= set(extras)


def run_shell(script: str, folder: Path) -> str:
    """Run commands in one shell, which ends at the first that fails.

    Returns:
        What they wrote to stdout.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        stdin=subprocess.DEVNULL,  # which ends `mcp`
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
    return done.stdout
