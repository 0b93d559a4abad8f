"""What the loader yields, in the stores of LangChain: written as bytes, and read again."""

from __future__ import annotations

from pathlib import Path

from langchain_classic.retrievers import ParentDocumentRetriever
from langchain_classic.storage import LocalFileStore, create_kv_docstore
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

from langchain_hunyuanocr import HunyuanOCRLoader, ScriptedEngine
from tests.integration_tests.files import scanned_pdf

PAGES = [
    "# Minutes\n\nThe board approved the budget.",
    "| item | price |\n| --- | --- |\n| tea | 3.50 |\n| cake | 4.20 |",
    "The next meeting is in June.",
]


def test_a_parent_is_found_in_a_file_store_by_its_chunk(tmp_path: Path) -> None:
    documents = HunyuanOCRLoader(
        scanned_pdf(tmp_path / "三页 scan.pdf", ["one", "two", "three"]), engine=ScriptedEngine(PAGES)
    ).load()
    vectors = InMemoryVectorStore(DeterministicFakeEmbedding(size=64))
    splitter = RecursiveCharacterTextSplitter(chunk_size=40, chunk_overlap=0)

    def retriever() -> ParentDocumentRetriever:
        return ParentDocumentRetriever(
            vectorstore=vectors,
            docstore=create_kv_docstore(LocalFileStore(tmp_path / "parents")),
            child_splitter=splitter,
            search_kwargs={"k": 1},
        )

    retriever().add_documents(documents)
    # A second one over the same folder has what the first wrote, and nothing else.
    for parent in documents:
        for chunk in splitter.split_documents([parent]):
            (found,) = retriever().invoke(chunk.page_content)
            assert type(found) is Document
            assert (found.page_content, found.metadata) == (parent.page_content, parent.metadata)
            assert found == parent
