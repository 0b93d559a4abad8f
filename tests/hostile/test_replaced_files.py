"""Files that become others while they are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pymupdf
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive, Progress
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.pages import ChangedSourceError, Page, Source, iter_pages, sha256_of
from tests.hostile import rounds

pytest.importorskip("chromadb")

_PAGES = 30


def pdf(word: str) -> bytes:
    """Pages with text, alike for words of equal length but for the word."""
    document = pymupdf.open()
    for number in range(_PAGES):
        document.new_page().insert_text((72, 100), f"{word} sheet {number} of the register", fontsize=14)
    return bytes(document.tobytes())


def renamed(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".beside")
    beside.write_bytes(data)
    beside.replace(path)


def written_over(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def cut_off(path: Path, data: bytes) -> None:
    """As a copy that is under way: half of it is there."""
    path.write_bytes(data[: len(data) // 2])


def removed(path: Path, _: bytes) -> None:
    path.unlink()


CHANGES = [renamed, written_over, cut_off, removed]


def words_of(path: Path, at: int, change: Callable[[], None]) -> Iterator[str]:
    """The first words of pages, the file being changed after one of them."""
    for page in iter_pages(Source.of(path)):
        assert isinstance(page, Page)
        yield page.text_layer.lines[0].text.split()[0]
        if page.index == at:
            change()


@pytest.mark.parametrize("change", CHANGES)
def test_no_page_of_another_file_is_taken(tmp_path: Path, change: Callable[[Path, bytes], None]) -> None:
    first, second = pdf("alder"), pdf("birch")
    path = tmp_path / "a.pdf"
    for at in range(_PAGES - 2)[:: rounds(11, 1)]:  # of the last two, one was rendered already
        path.write_bytes(first)
        words: list[str] = []
        with pytest.raises(ChangedSourceError, match="changed while it was read"):
            words.extend(words_of(path, at, partial(change, path, second)))
        # The page after it was rendered meanwhile.
        assert words in (["alder"] * (at + 1), ["alder"] * (at + 2))


def test_what_lay_there_for_a_moment_is_not_taken_either(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.pdf", tmp_path / "kept"
    path.write_bytes(pdf("alder"))
    pages = iter_pages(Source.of(path))
    next(pages)
    path.rename(kept)
    path.write_bytes(pdf("birch"))
    assert next(iter_pages(Source.of(path))).text_layer.lines[0].text.startswith("birch")
    kept.replace(path)
    words = set()
    with suppress(ChangedSourceError):  # where a page was rendered in that moment
        for page in pages:
            assert isinstance(page, Page)
            words.add(page.text_layer.lines[0].text.split()[0])
    assert words <= {"alder"}


def test_a_file_that_grows_while_it_is_hashed_is_not_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("alder"))
    digest = hashlib.file_digest

    def meanwhile(*given: object) -> object:
        with path.open("ab") as file:
            file.write(b"more")
        return digest(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", meanwhile)
    with pytest.raises(ChangedSourceError):
        sha256_of(Source.of(path))


@pytest.mark.parametrize("change", CHANGES[:2])
def test_an_archive_never_holds_a_mixture(tmp_path: Path, change: Callable[[Path, bytes], None]) -> None:
    first, second = pdf("alder"), pdf("birch")
    hashes = {hashlib.sha256(data).hexdigest(): word for data, word in ((first, "alder"), (second, "birch"))}
    for at in range(_PAGES)[:: rounds(14, 1)]:
        folder = tmp_path / f"{change.__name__} {at}"
        folder.mkdir()
        path = folder / "a.pdf"
        path.write_bytes(first)
        (folder / "twin of the first.pdf").write_bytes(first)

        def moved(progress: Progress, at: int = at, path: Path = path) -> None:
            if progress.stage == "page" and progress.page == at and path.read_bytes() == first:
                change(path, second)

        with Archive(
            folder / "archive", engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4)
        ) as archive:
            archive.ingest(folder / "*.pdf", workers=1, on_progress=moved)
            report = archive.ingest(folder / "*.pdf", workers=1)
            assert (report.failed, report.failures, report.done) == (0, (), 2 * _PAGES)
            readings = archive._parts.ledger.connection.execute(
                "SELECT p.sha256, c.text FROM pages p JOIN chunks c ON c.sha256 = p.sha256 AND c.page = p.page"
            ).fetchall()
            assert len(readings) == 2 * _PAGES
            assert all(text.startswith(hashes[sha256]) for sha256, text in readings)


def test_a_change_that_keeps_size_and_time_is_found_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("alder"))
    state = path.stat()
    with Archive(
        tmp_path / "archive", engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4)
    ) as archive:
        archive.ingest(path)
        path.write_bytes(pdf("birch").ljust(state.st_size)[: state.st_size])
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert archive.ingest(path).skipped == 1
        assert archive.ingest(path, checksum=True).skipped == 0
        assert "birch" in archive.search("sheet 3", k=1)[0].text
