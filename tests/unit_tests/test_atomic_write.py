"""Files that are written beside their place: what killed processes left there is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_hunyuanocr.atomic_write import atomic_file, temporary_sibling

KILLED = """
import os, sys
from pathlib import Path
from langchain_hunyuanocr.atomic_write import atomic_file, temporary_sibling
with atomic_file(Path(sys.argv[1])) as part:
    part.write_text("half")
    temporary_sibling(Path(sys.argv[1]), "old").mkdir()
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name != "posix", reason="other systems cannot be asked for a process")
def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    out = tmp_path / "pages.md"
    assert subprocess.run([sys.executable, "-c", KILLED, out], check=False).returncode == -9
    assert len(list(tmp_path.iterdir())) == 2
    with atomic_file(out) as part:
        part.write_text("whole")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("pages.md", "whole")]


def test_what_others_write_stays(tmp_path: Path) -> None:
    out = tmp_path / "pages.md"
    own = temporary_sibling(out, "part")
    others = [
        own.with_name(own.name.replace(str(os.getpid()), "1")),  # of a process that runs
        own.with_name(own.name.replace("pages", "rows")),
        tmp_path / ".pages.md.000000-999999999.part",  # of another machine
        tmp_path / ".pages.md.part",
    ]
    for path in others:
        path.write_text("theirs")
    with atomic_file(out) as part:
        part.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"pages.md", *(path.name for path in others)}
