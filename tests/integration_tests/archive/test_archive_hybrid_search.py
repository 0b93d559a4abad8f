"""Search in a real archive: filters, groups, neighbours, rerankers, and an ingest going on meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from typer.testing import CliRunner

from langchain_hunyuanocr.archive import Archive, Progress, SearchHit
from langchain_hunyuanocr.cli.main import app
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.tasks import TaskKind
from tests.integration_tests.files import scanned_pdf

pytest.importorskip("chromadb")

PAGES = [
    "# Terms\n\nInvoice of Harbour Cranes Ltd. The buyer pays within 30 days.\n\n# Delivery\n\nThe crane goes to Oslo.",
    "Total: 1,234.50\n\nDate: 2024-05-03\n\nThank you for your order of the crane.",
    "Total: 98.00\n\nDate: 2025-01-15\n\nA small crane for the roof.",
]
FIELDS = [
    '{"total": null, "date": null}',
    '{"total": "1,234.50", "date": "2024-05-03"}',
    '{"total": "98.00", "date": "2025-01-15"}',
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The archive's folder; one invoice of two pages, one of one."""
    (tmp_path / "in").mkdir()
    scanned_pdf(tmp_path / "in" / "a.pdf", ["1", "2"])
    scanned_pdf(tmp_path / "in" / "b.pdf", ["3"])
    with Archive(
        tmp_path / "archive",
        engine=ScriptedEngine({TaskKind.DOCUMENT: PAGES, TaskKind.FIELDS: FIELDS}),
        fields=["total", "date"],
        embeddings=DeterministicFakeEmbedding(size=16),
    ) as archive:
        archive.ingest(tmp_path / "in", workers=1)
    return tmp_path / "archive"


@pytest.fixture
def archive(folder: Path) -> Iterator[Archive]:
    with Archive(folder, embeddings=DeterministicFakeEmbedding(size=16)) as archive:
        yield archive


def places(hits: Sequence[SearchHit]) -> set[tuple[str, int]]:
    return {(Path(hit.source).name, hit.page) for hit in hits}


@pytest.mark.parametrize("half", ["bm25", "dense", "fused"])
def test_a_total_on_the_last_page_holds_for_the_whole_document(archive: Archive, half: str) -> None:
    def found(where: dict[str, object]) -> set[tuple[str, int]]:
        return places(archive.search("crane", k=9, where=where, half=half))  # type: ignore[arg-type]

    assert found({"field_total": (">=", 1000)}) == {("a.pdf", 0), ("a.pdf", 1)}
    assert found({"field_date": (">", "2024")}) == {("b.pdf", 0)}
    assert found({"field_total": (">", 90), "page": 1}) == {("a.pdf", 1)}
    assert found({"section": ("~", "deliv"), "page": 0}) == {("a.pdf", 0)}
    assert found({"field_total": ("<", 0)}) == set()


def test_values_and_names_of_fields_are_found(archive: Archive) -> None:
    assert places(archive.search("total 1234.5", k=1, half="bm25")) == {("a.pdf", 1)}


@pytest.mark.parametrize(("group", "count"), [("chunk", 4), ("section", 3), ("page", 3), ("document", 2)])
def test_groups(archive: Archive, group: str, count: int) -> None:
    hits = archive.search("crane", k=9, group=group)  # type: ignore[arg-type]
    assert len(hits) == count
    assert all(hit.context is None for hit in hits)


def test_neighbours_of_a_hit_are_joined(archive: Archive) -> None:
    (hit,) = archive.search("Where does the crane go? Oslo", k=1, half="bm25", context=1)
    assert "Oslo" in hit.text
    assert hit.context is not None
    assert hit.context.index("30 days") < hit.context.index("Oslo") < hit.context.index("1,234.50")
    assert hit.context.count("Oslo") == 1


class Backwards(BaseDocumentCompressor):
    """Gives all but the first Document, last first, as copies without their ids."""

    def compress_documents(
        self,
        documents: Sequence[Document],
        query: str,
        callbacks: Callbacks | None = None,
    ) -> Sequence[Document]:
        if query == "fail":
            raise RuntimeError("no quota left")
        copies = [Document(page_content=one.page_content, metadata=dict(one.metadata)) for one in documents]
        if query == "stranger":
            return [Document(page_content="mine")]
        return copies[:0:-1]


def test_a_reranker_orders_and_leaves_out(archive: Archive) -> None:
    before = archive.search("crane", k=9)
    after = archive.search("crane", k=9, reranker=Backwards())
    assert [hit.text for hit in after] == [hit.text for hit in before[:0:-1]]
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert "chunk_id" not in after[0].metadata
    for query, reason in (("fail", "no quota left"), ("stranger", "was not given")):
        with pytest.raises(ArchiveError, match=reason):
            archive.search(query, reranker=Backwards())


async def test_a_retriever_takes_a_reranker(archive: Archive) -> None:
    before = archive.search("crane", k=9, group="chunk")
    retriever = archive.as_retriever(k=9, reranker=Backwards())
    for found in (retriever.invoke("crane"), await retriever.ainvoke("crane")):
        assert [one.page_content for one in found] == [hit.text for hit in before[:0:-1]]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("crane", {"k": 0}),
        ("crane", {"k": 10**12}),
        ("crane", {"group": "house"}),
        ("crane", {"context": -1}),
        ("crane", {"where": {"colour": "red"}}),
        ("crane", {"where": {"field_total": (">", "much")}}),
        ("!?…", {}),
        ("🏗", {}),
    ],
)
def test_bad_input_is_refused(archive: Archive, query: str, options: dict[str, object]) -> None:
    with pytest.raises(ArchiveError):
        archive.search(query, **options)  # type: ignore[arg-type]


def test_a_query_as_long_as_a_book_and_odd_characters_are_searched(archive: Archive) -> None:
    assert archive.search("crane " * 20_000, k=1)
    assert archive.search("crane \ud800 \x00", k=1)


def test_ties_are_broken_the_same_way_in_another_archive(tmp_path: Path) -> None:
    files = [scanned_pdf(tmp_path / f"{number}.pdf", [str(number)] * 3) for number in range(4)]
    orders = []
    for name, given, workers in (("one", files, 1), ("two", files[::-1], 3)):
        with Archive(
            tmp_path / name, engine=ScriptedEngine("The same words."), embeddings=DeterministicFakeEmbedding(size=4)
        ) as archive:
            archive.ingest(given, workers=workers)
            orders.append([(hit.source, hit.page) for hit in archive.search("same words", k=5, half="bm25")])
    assert orders[0] == orders[1]


def test_an_ingest_meanwhile_shows_whole_files_only(folder: Path, tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "new.pdf", ["4", "5", "6"])
    embeddings = DeterministicFakeEmbedding(size=16)
    seen: list[int] = []

    def look(_: Progress) -> None:
        with Archive(folder, embeddings=embeddings) as reader:
            seen.append(sum(hit.source == str(scan) for hit in reader.search("zebra", k=9)))

    texts = ScriptedEngine("The zebra stands here.")
    with Archive(folder, engine=texts, embeddings=embeddings) as writer:
        writer.ingest(scan, on_progress=look)
    assert set(seen) <= {0, 3}
    assert seen[-1] == 3


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs `hunyuanocr search`, with embeddings that cost nothing."""

    def opened(path: Path, **_: object) -> Archive:
        return Archive(path, embeddings=DeterministicFakeEmbedding(size=16))

    monkeypatch.setattr("langchain_hunyuanocr.archive.Archive", opened)

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["search", "crane", "--archive", str(folder), "--json", *options])
        return result.exit_code, result.stdout

    return run


def test_conditions_on_the_command_line(command: Callable[..., tuple[int, str]]) -> None:
    status, out = command("--where", "field_total>=90", "--where", "field_total < 1,000")
    assert status == 0
    assert [Path(hit["source"]).name for hit in json.loads(out)] == ["b.pdf"]
    assert json.loads(out)[0].keys() == {"source", "page", "text", "score", "box", "metadata"}
    _, out = command("--where", "file_name in b.pdf, c.pdf", "--context", "1", "--group", "document")
    assert "context" in json.loads(out)[0]
