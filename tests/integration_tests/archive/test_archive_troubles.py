"""What goes wrong in the middle of an ingest costs nothing but itself, and the next run makes it good."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive, Progress
from langchain_hunyuanocr.engines import ScriptedEngine, ServerEngine
from langchain_hunyuanocr.errors import EngineError
from tests.integration_tests.files import scanned_pdf
from tests.integration_tests.scripted_server import Reply, scripted_server

pytest.importorskip("chromadb")

EMBEDDINGS = DeterministicFakeEmbedding(size=16)


def held(archive: Archive) -> dict[str, Any]:
    """All that an archive holds of pages and chunks, and the ids of its vectors."""
    connection = archive._parts.ledger.connection
    return {
        "pages": connection.execute("SELECT sha256, page, status, tries, content FROM pages ORDER BY 1, 2").fetchall(),
        "chunks": connection.execute("SELECT id, text, metadata, pending FROM chunks ORDER BY 1").fetchall(),
        "words": connection.execute(
            "SELECT c.id, t.body, t.context FROM chunk_terms t JOIN chunks c ON c.number = t.rowid ORDER BY 1"
        ).fetchall(),
        "vectors": sorted(archive._parts.vectors.ids()),
    }


def bomb(path: Path, side: int = 100_000) -> Path:
    """A PNG of a few hundred bytes that says it has 10 milliard pixels."""

    def part(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = side.to_bytes(4) + side.to_bytes(4) + bytes((1, 0, 0, 0, 0))
    parts = part(b"IHDR", header) + part(b"IDAT", zlib.compress(bytes(1000))) + part(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def test_hostile_files_are_listed_and_cost_no_other_page(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    scanned_pdf(folder / "a good.pdf", ["one", "two"])
    whole = scanned_pdf(folder / "b cut.pdf", ["three", "four"]).read_bytes()
    (folder / "b cut.pdf").write_bytes(whole[: len(whole) // 3])
    bomb(folder / "c bomb.png")
    (folder / "d empty.pdf").write_bytes(b"")
    (folder / "e text.pdf").write_text("no PDF at all")
    scanned_pdf(folder / "f locked.pdf", ["secret"], password="x")
    scanned_pdf(folder / "g good.pdf", ["five"])
    with Archive(tmp_path / "archive", engine=ScriptedEngine("words"), embeddings=EMBEDDINGS) as archive:
        report = archive.ingest(folder, workers=3)
        assert report.pages == report.done + report.blank + report.failed
        assert report.done >= 3
        named = {Path(failure.source).name for failure in report.failures}
        assert named >= {"c bomb.png", "d empty.pdf", "e text.pdf", "f locked.pdf"}
        assert not named & {"a good.pdf", "g good.pdf"}
        assert report.files + len({failure.source for failure in report.failures if failure.page is None}) == 7
        assert archive.status() == report


def test_a_server_that_is_lost_stops_the_run_and_the_next_finishes_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        scanned_pdf(folder / f"{name}.pdf", [f"{name} one", f"{name} two"])

    def reader_of(address: str) -> ServerEngine:
        return ServerEngine(address, outage_s=0.3, max_retries=0, max_concurrency=1)

    with (
        scripted_server() as server,
        Archive(tmp_path / "whole", engine=reader_of(server.address), embeddings=EMBEDDINGS) as whole,
    ):
        whole.ingest(folder)
        expected = held(whole)
    read = 0
    with scripted_server() as server:

        def lose(event: Progress) -> None:
            nonlocal read
            read += event.stage == "page"
            if read == 2:
                server.always = Reply(pieces=[], finish=None, ends=False)  # open connections are cut
                server.shutdown()
                server.server_close()

        with (
            Archive(tmp_path / "archive", engine=reader_of(server.address), embeddings=EMBEDDINGS) as archive,
            pytest.raises(EngineError),
        ):
            archive.ingest(folder, workers=1, on_progress=lose)
    with (
        scripted_server() as server,
        Archive(tmp_path / "archive", engine=reader_of(server.address), embeddings=EMBEDDINGS) as archive,
    ):
        before = archive.status()
        assert 2 <= before.pages < 6
        assert before.failed == 0
        archive.ingest(folder)
        assert held(archive) == expected
        assert len(server.bodies) == 6 - before.pages
