"""Hostile files: each ends in its pages or in one line, in bounded time and memory, and costs no other file."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.hostile import rounds
from tests.hostile.hostile_files import hostile_files

_MOST_S = 10.0
"""Seconds for a file."""
_MOST_MB = 2_000
"""By which the most memory that the process has had may rise."""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_each_is_accounted_for_and_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary, folder = tmp_path / "tmp", tmp_path / "in"
    temporary.mkdir()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    names = []
    for name, data in hostile_files(rounds(45, 600)):
        (folder / name).write_bytes(data)
        names.append(name)
    Image.new("L", (80, 40), 230).save(folder / "good.png")
    before = peak_mb()
    for name in names:
        begun = time.monotonic()
        loader = HunyuanOCRLoader(
            [folder / name, folder / "good.png"], engine=ScriptedEngine("read"), on_error="skip", force_ocr=True
        )
        documents = [document for document in loader.lazy_load() if document.metadata["file_name"] == "good.png"]
        report = loader.report()
        assert time.monotonic() - begun < _MOST_S, name
        assert len(documents) == 1, name
        unopened = [failure for failure in report.failures if failure.page is None]
        assert report.files + len(unopened) == 2, name
        assert report.pages == report.done + report.blank + report.failed, name
        assert all("\n" not in failure.error and "Traceback" not in failure.error for failure in report.failures), name
        assert list(temporary.iterdir()) == [], name
    assert peak_mb() - before < _MOST_MB
