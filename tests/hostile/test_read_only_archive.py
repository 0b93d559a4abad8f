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


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="a full disk takes a mount")
def test_vectors_are_opened_once_the_disk_has_room(tmp_path: Path) -> None:
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(tmp_path)], check=False, capture_output=True
    ).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        for _ in range(2):
            with pytest.raises(ArchiveError, match=r"vectors cannot be used.*full"):
                ChromaOnDisk(tmp_path / "vectors").connect()
        subprocess.run(["mount", "-o", "remount,size=50m", str(tmp_path)], check=True)
        client = ChromaOnDisk(tmp_path / "vectors").connect()
        assert client.list_collections() == []
        client.close()
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)
