"""Folders for temporary files that are missing or full: one line for the source that needs them, and no other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import PageSettings
from langchain_hunyuanocr.pages.local_file import local_file
from langchain_hunyuanocr.pages.sources import Source

_SIZE = 1 << 20


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk on which a source has no room."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root mounts a disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def told(source: Source) -> str:
    with pytest.raises(SourceError) as caught, local_file(source, PageSettings()):
        pass
    return str(caught.value)


def test_a_full_one_is_told_in_a_line_and_nothing_stays(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    words = told(Source(name="letter.pdf", data=bytes(_SIZE)))
    assert "letter.pdf" in words
    assert "no space left on device" in words
    assert "TMPDIR" in words
    assert "\n" not in words
    assert list(full.iterdir()) == []
    with local_file(Source(name="note.pdf", data=b"%PDF"), PageSettings()) as file:
        assert file.path.read_bytes() == b"%PDF"


def test_a_missing_one_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    words = told(Source(name="letter.pdf", data=b"%PDF"))
    assert "letter.pdf" in words
    assert "TMPDIR" in words
    assert "\n" not in words


def test_an_error_of_who_reads_is_not_taken_for_one_of_the_disk() -> None:
    source = Source(name="letter.pdf", data=b"%PDF")
    with pytest.raises(OSError, match="of the reader"), local_file(source, PageSettings()):
        raise OSError("of the reader")


KILLED = """
import os, signal, sys
from langchain_hunyuanocr.pages import PageSettings
from langchain_hunyuanocr.pages.local_file import local_file
from langchain_hunyuanocr.pages.sources import Source
with local_file(Source(name="secret.pdf", data=b"%PDF secret"), PageSettings()) as file:
    print(file.path, flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", KILLED]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen(command, env=environment, text=True, **pipes) as living,
        subprocess.Popen(command, env=environment, text=True, **pipes) as killed,
    ):
        paths = [Path(process.stdout.readline().strip()) for process in (living, killed) if process.stdout]
        (tmp_path / "hunyuanocr-of-a-user").mkdir()
        killed.communicate("\n")
        assert [path.read_bytes() for path in paths] == [b"%PDF secret"] * 2
        subprocess.run(command, env=environment, input="\n", text=True, check=False, capture_output=True)
        assert [path.exists() for path in paths] == [True, False]
        living.communicate("\n")
    assert len(list(tmp_path.iterdir())) == 3
