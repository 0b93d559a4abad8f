"""Disks that are not mounted when an archive is told to forget what is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.storage import forgotten
from langchain_hunyuanocr.engines import ScriptedEngine

pytest.importorskip("chromadb")


def letters(folder: Path, count: int, word: str = "letter") -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{word} {number}.pdf" for number in range(count)]
    for number, path in enumerate(paths):
        document = pymupdf.open()
        document.new_page().insert_text((72, 100), f"The {word} number {number} is about the harbour", fontsize=14)
        document.save(path)
    return paths


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    engine, embeddings = ScriptedEngine("scan"), DeterministicFakeEmbedding(size=4)
    with Archive(tmp_path / "archive", engine=engine, embeddings=embeddings) as opened:
        yield opened
    assert engine.requests == 0  # nothing here is a scan: what is taken back is not read


def unmounted(folder: Path) -> None:
    """The folder is there and empty, as the mount point of a disk that is away."""
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("disk", ["scans", "scans/2024/north"])
def test_an_empty_folder_takes_nothing_with_it(tmp_path: Path, archive: Archive, disk: str) -> None:
    letters(tmp_path / "scans", 2)
    letters(tmp_path / "scans/2024/north", 5)
    archive.ingest(tmp_path / "scans")
    unmounted(tmp_path / disk)
    report = archive.ingest(tmp_path / "scans", prune=True)
    assert archive.status().files == 7
    files = "5 files" if disk != "scans" else "7 files"
    assert [note.split(" (")[0] for note in report.notes] == [
        f"{tmp_path / disk}: {files} that are gone are not forgotten: "
        "the folder is empty, as one is whose disk is not mounted"
    ]
    archive.ingest(tmp_path / "scans", prune=True, sure=True)
    assert archive.status().files == (0 if disk == "scans" else 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_takes_nothing_with_it(tmp_path: Path, archive: Archive) -> None:
    letters(tmp_path / "scans" / "locked", 1)
    letters(tmp_path / "scans", 2)
    archive.ingest(tmp_path / "scans")
    locked = tmp_path / "scans" / "locked"
    locked.chmod(0)
    try:
        archive.ingest(tmp_path / "scans", prune=True)
    finally:
        locked.chmod(0o700)
    assert archive.status().files == 3


def test_a_folder_on_another_device_takes_nothing_with_it(tmp_path: Path, archive: Archive) -> None:
    first, second, third = letters(tmp_path / "scans", 3)
    archive.ingest(tmp_path / "scans")
    connection = archive._parts.ledger.connection
    connection.execute("UPDATE devices SET device = device + 1 WHERE source = ?", (str(first),))
    first.unlink()
    report = archive.ingest(tmp_path / "scans", prune=True)
    assert "1 file that is gone is not forgotten: the folder lies on another device than before" in report.notes[0]
    # Numbers of devices change between two starts of a machine: then those of the files that are there did so too.
    connection.execute("UPDATE devices SET device = 99")
    assert archive.ingest(tmp_path / "scans", prune=True).notes == ()
    assert archive.status().files == 2
    assert third.exists()
    assert second.exists()


def test_much_at_once_wants_to_be_meant(tmp_path: Path, archive: Archive) -> None:
    paths = letters(tmp_path / "scans", 40)
    archive.ingest(tmp_path / "scans")
    for path in paths[:5]:
        path.unlink()
    report = archive.ingest(tmp_path / "scans", prune=True)
    assert report.notes[0].startswith("5 of 40 files are gone, more than 4: none was forgotten")
    assert archive.status().files == 40
    assert archive.ingest(tmp_path / "scans", prune=True, prune_most=5).notes == ()
    assert archive.status().files == 35
    for path in paths[5:8]:
        path.unlink()
    assert archive.ingest(tmp_path / "scans", prune=True).notes == ()
    assert archive.status().files == 32


def test_what_was_forgotten_is_taken_back_unread(tmp_path: Path, archive: Archive) -> None:
    paths = letters(tmp_path / "scans", 6)
    archive.ingest(tmp_path / "scans")
    before = [(hit.source, hit.text) for hit in archive.search("letter number 1", k=9, half="bm25")]
    paths[0].unlink()
    archive.ingest(tmp_path / "scans", prune=True)
    paths[1].unlink()
    paths[2].unlink()
    archive.ingest(tmp_path / "scans", prune=True)
    assert not archive.search("letter", where={"source": str(paths[1])})
    assert archive.undo().files == 2
    assert archive.undo().files == 1
    assert archive.undo().files == 0
    assert archive.status().pages == 6
    assert [(hit.source, hit.text) for hit in archive.search("letter number 1", k=9, half="bm25")] == before
    assert archive.search("letter", where={"source": str(paths[0])})


def test_what_came_back_by_itself_is_not_taken_back(tmp_path: Path, archive: Archive) -> None:
    paths = letters(tmp_path / "scans", 3)
    archive.ingest(tmp_path / "scans")
    paths[0].unlink()
    archive.ingest(tmp_path / "scans", prune=True)
    letters(tmp_path / "scans", 1, "telegram")[0].replace(paths[0])
    archive.ingest(tmp_path / "scans")
    assert archive.undo().files == 0
    assert "telegram" in archive.search("telegram", k=1)[0].text


def test_readings_of_forgotten_files_go_in_time(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stored() -> int:
        return int(archive._parts.ledger.connection.execute("SELECT count(*) FROM readings").fetchone()[0])

    paths = letters(tmp_path / "scans", 3)
    archive.ingest(tmp_path / "scans")
    paths[0].unlink()
    archive.ingest(tmp_path / "scans", prune=True)
    assert stored() == 3
    monkeypatch.setattr(forgotten, "KEPT_S", -1.0)
    archive.ingest(tmp_path / "scans", prune=True)
    assert stored() == 2
    assert archive.undo().files == 0


def test_a_home_of_nobody_beside_a_folder_costs_only_itself(tmp_path: Path, archive: Archive) -> None:
    paths = letters(tmp_path / "scans", 3)
    archive.ingest(tmp_path / "scans")
    paths[0].unlink()
    report = archive.ingest([tmp_path / "scans", "~nosuchuser/scans"], prune=True)
    assert [failure.source for failure in report.failures] == ["~nosuchuser/scans"]
    assert archive.status().files == 2
