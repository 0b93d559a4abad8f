"""Dense vectors in Chroma on disk, through langchain-chroma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    from langchain_chroma import Chroma

COLLECTION = "chunks"
BATCH = 512
"""Chunks a call: Chroma refuses more than 5461, and a smaller batch keeps memory flat."""


class Vectors:
    """The vectors of an archive.

    Args:
        folder: Where Chroma keeps its files.
        embeddings: What turns text into vectors.

    Raises:
        ArchiveError: Chroma is not installed or cannot open its files.
    """

    def __init__(self, folder: Path, embeddings: Embeddings) -> None:
        chromadb = require("chromadb", extra="chroma", error=ArchiveError)
        langchain_chroma = require("langchain_chroma", extra="chroma", error=ArchiveError)
        self._folder = folder
        self._embeddings = embeddings
        try:
            self._client = chromadb.PersistentClient(
                path=str(folder), settings=chromadb.Settings(anonymized_telemetry=False)
            )
            self.store: Chroma = langchain_chroma.Chroma(
                client=self._client,
                collection_name=COLLECTION,
                embedding_function=embeddings,
                collection_configuration={"hnsw": {"space": "cosine"}},
            )
            self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        except Exception as exc:  # Chroma raises whatever its Rust core gives it, down to bare Exception
            raise self._error(exc) from exc

    def put(
        self, ids: Sequence[str], texts: Sequence[str], said: Sequence[str], metadatas: Sequence[Mapping[str, Any]]
    ) -> None:
        """Embed and store texts; whatever stood under these ids before is replaced.

        Args:
            ids: Unique.
            texts: To be stored; none of them empty.
            said: To be embedded for each text: it and what it needs to be understood alone.
            metadatas: Flat.

        Raises:
            ArchiveError: Chroma or the embeddings refuse.
        """
        self.drop(ids)
        try:
            for at in range(0, len(ids), BATCH):
                part = slice(at, at + BATCH)
                self._collection.add(
                    ids=list(ids[part]),
                    embeddings=self._embeddings.embed_documents(list(said[part])),
                    documents=list(texts[part]),
                    metadatas=[dict(metadata) for metadata in metadatas[part]],
                )
        except Exception as exc:
            raise self._error(exc) from exc

    def describe(self, ids: Sequence[str], metadatas: Sequence[Mapping[str, Any]]) -> None:
        """Write new metadata of the same keys to stored texts, without embedding them again."""
        try:
            self._collection.update(ids=list(ids), metadatas=[dict(metadata) for metadata in metadatas])
        except Exception as exc:
            raise self._error(exc) from exc

    def drop(self, ids: Sequence[str]) -> None:
        """Take vectors away; unknown ids are let pass."""
        try:
            for at in range(0, len(ids), BATCH):
                self._collection.delete(ids=list(ids[at : at + BATCH]))
        except Exception as exc:
            raise self._error(exc) from exc

    def count(self) -> int:
        """How many vectors are stored."""
        return int(self._collection.count())

    def ids(self) -> set[str]:
        """The ids of all stored vectors."""
        found: set[str] = set()
        total = self.count()
        for at in range(0, total, BATCH * 8):
            found.update(self._collection.get(include=[], limit=BATCH * 8, offset=at)["ids"])
        return found

    def nearest(
        self, vector: list[float], *, limit: int, where: dict[str, Any] | None = None
    ) -> list[tuple[str, float]]:
        """The chunks nearest to a vector.

        Args:
            vector: Of the question.
            limit: Most chunks to give.
            where: A Chroma filter over metadata.

        Returns:
            Chunk id and cosine similarity (-1 to 1), best first.

        Raises:
            ArchiveError: Chroma refuses, as it does a vector of another size.
        """
        try:
            found = self.store.similarity_search_by_vector_with_relevance_scores(vector, k=limit, filter=where)
        except Exception as exc:
            raise self._error(exc) from exc
        return [(str(document.id), 1.0 - distance) for document, distance in found]

    def close(self) -> None:
        """Give the files back."""
        self._client.close()

    def _error(self, exc: Exception) -> ArchiveError:
        if isinstance(exc, ArchiveError):
            return exc
        if "dimension" in str(exc):
            return ArchiveError(
                f"these embeddings do not fit the archive: {exc}",
                source=str(self._folder.parent),
                remedy="use those it was made with, or ingest into a new folder",
            )
        reason = " ".join(str(exc).split()) or type(exc).__name__
        return ArchiveError(
            f"the vectors cannot be used: {reason}",
            source=str(self._folder.parent),
            remedy="free some space if the disk is full; without the folder `vectors` the next ingest builds it anew",
        )
