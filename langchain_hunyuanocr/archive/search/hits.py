"""Search hits, and reranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.results import Box

if TYPE_CHECKING:
    from langchain_core.documents import BaseDocumentCompressor

_MARK = "chunk_id"
"""Metadata by which a hit is known again: rerankers copy Documents, and not all copy their ids."""


class SearchHit(BaseModel):
    """A place in the archive that fits a query.

    Attributes:
        source: Path or URL of the file.
        page: Physical page from 0.
        text: Of the chunk.
        score: Higher is better; comparable within one search only.
        box: Of the chunk on the page picture, where it is known.
        metadata: Of the chunk, flat.
        context: The text joined with that of its neighbours, where it was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    page: int
    text: str
    score: float
    box: Box | None = None
    metadata: dict[str, Any]
    context: str | None = None


def rerank(reranker: BaseDocumentCompressor, query: str, hits: Mapping[str, SearchHit]) -> list[SearchHit]:
    """Hits in the order of a reranker, without those that it leaves out.

    Args:
        reranker: Any of LangChain's; its `relevance_score` in the metadata becomes the score.
        query: As it was asked.
        hits: By the id of their chunk.

    Raises:
        ArchiveError: The reranker fails, or gives Documents that it was not given.
    """
    if not hits:
        return []
    from langchain_core.documents import Document

    documents = [
        Document(page_content=hit.text, metadata={**hit.metadata, _MARK: chunk}, id=chunk)
        for chunk, hit in hits.items()
    ]
    try:
        ordered = reranker.compress_documents(documents, query)
    except Exception as exc:  # a model, a server or a user's own code
        raise ArchiveError(
            f"the reranker failed: {exc or type(exc).__name__}",
            remedy=f"search without it, or mend {type(reranker).__name__}",
        ) from exc
    found = []
    for place, document in enumerate(ordered):
        hit = hits.get(str(document.metadata.get(_MARK, document.id)))
        if hit is None:
            raise ArchiveError(
                f"the reranker {type(reranker).__name__} gave a Document that it was not given",
                remedy="use one that keeps the metadata of the Documents",
            )
        score = document.metadata.get("relevance_score", 1 / (1 + place))
        found.append(hit.model_copy(update={"score": float(score)}))
    return found
