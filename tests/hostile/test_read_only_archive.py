"""Archives that may not be written: another user's, a snapshot's, on a disk that is mounted so."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.storage.chroma import ChromaOnDisk
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import ArchiveError
from tests.integration_tests.files import typed_pdf

pytest.importorskip("chromadb")


def opened(folder: Path) -> Archive:
    return Archive(folder, engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4))


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """An archive of one page that this process cannot write, which for root takes a mount."""
    letter = typed_pdf(tmp_path / "a.pdf", ["The harbour crane was let to the northern company for nine years."])
    with opened(tmp_path / "made") as archive:
        archive.ingest(letter)
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() == 0:
        mount = ["mount", "-t", "tmpfs", "tmpfs", str(place)]
        if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("root may write everywhere, and nothing can be mounted here")
    shutil.copytree(tmp_path / "made", place / "archive")
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    else:
        subprocess.run(["chmod", "-R", "a-w", str(place)], check=True)
    yield place / "archive"
    if os.geteuid() == 0:
        subprocess.run(["umount", str(place)], check=True)
    else:
        subprocess.run(["chmod", "-R", "u+w", str(place)], check=True)


def test_it_is_searched_asked_and_exported(read_only: Path, tmp_path: Path) -> None:
    with opened(read_only) as archive:
        assert archive.status().pages == 1
        assert "crane" in archive.search("harbour crane", k=1)[0].text
        assert archive.search("harbour crane", k=1, half="dense")
        assert "northern company" in (archive.ask("To whom was the harbour crane let?").answer or "")
        assert archive.export("jsonl", out=tmp_path / "out.jsonl").pages == 1
        with pytest.raises(ArchiveError, match="may not be written"):
            archive.ingest(tmp_path / "a.pdf")


def test_vectors_that_could_not_be_opened_are_once_they_can(tmp_path: Path) -> None:
    place = tmp_path / "vectors"
    place.write_text("in the way")
    for _ in range(2):
        with pytest.raises(ArchiveError, match="the vectors cannot be used"):
            ChromaOnDisk(place).connect()
    place.unlink()
    client = ChromaOnDisk(place).connect()
    assert client.list_collections() == []
    client.close()
