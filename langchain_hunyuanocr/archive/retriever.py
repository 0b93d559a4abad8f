"""The archive as a LangChain retriever."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PositiveInt

from langchain_hunyuanocr.archive.search.hits import SearchHit
from langchain_hunyuanocr.archive.search.ranking import Group
from langchain_hunyuanocr.archive.search.search import Search


class ArchiveRetriever(BaseRetriever):
    """Gives the best chunks of an archive as Documents; `score` is added to their metadata.

    Attributes:
        search: Of the archive.
        k: Most Documents to give.
        where: Conditions that the metadata of chunks must meet, see `Archive.search`.
        group: `chunk` gives chunks, `page`, `section` and `document` the best chunk of each.
        reranker: Puts the best hits in a new order; `None` leaves them as they were found.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: Search
    k: PositiveInt = 5
    where: dict[str, Any] | None = None
    group: Group = "chunk"
    reranker: BaseDocumentCompressor | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun | None = None,  # noqa: ARG002 - LangChain's signature
        k: int | None = None,
    ) -> list[Document]:
        wanted = self.k if k is None else k
        hits = self.search.search(query, wanted, self.where, group=self.group, reranker=self.reranker)
        return [_document(hit) for hit in hits]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun | None = None,  # noqa: ARG002 - LangChain's signature
        k: int | None = None,
    ) -> list[Document]:
        wanted = self.k if k is None else k
        hits = await self.search.asearch(query, wanted, self.where, group=self.group, reranker=self.reranker)
        return [_document(hit) for hit in hits]


def _document(hit: SearchHit) -> Document:
    return Document(page_content=hit.text, metadata={**hit.metadata, "score": hit.score})
