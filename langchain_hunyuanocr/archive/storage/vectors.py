"""Dense vectors in Chroma: on disk, or behind its HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive.protocols import Embeds
    from langchain_hunyuanocr.archive.storage.chroma import ChromaLocation

BATCH = 512
"""Chunks a call, if the server takes as many: a batch is all that is in memory at a time."""


class Vectors:
    """The vectors of an archive; any thread may use them. Nothing is opened before the first use.

    Args:
        place: Where Chroma keeps them.
        collection: Gives their name there, as the archive notes it now; `None` where none were ever written.
        embeddings: What turns text into vectors.
    """

    def __init__(self, place: ChromaLocation, collection: Callable[[], str | None], embeddings: Embeds) -> None:
        self.place = place
        self._noted = collection
        self._embeddings = embeddings
        self._client: Any = None
        self._opened: Any = None
        self._guard = threading.RLock()

    def holds(self, collection: str) -> bool:
        """Whether there is such a collection.

        Raises:
            ArchiveError: Chroma cannot be reached.
        """
        said = require("chromadb.errors", extra="chroma", error=ArchiveError)
        with self._errors():
            try:
                self._connected().get_collection(collection, embedding_function=None)
            except said.NotFoundError:
                return False
        return True

    def make(self, collection: str) -> None:
        """Make a collection where it is not there.

        Raises:
            ArchiveError: Chroma cannot be reached or written.
        """
        with self._guard, self._errors():
            self._opened = self._connected().get_or_create_collection(
                # Chroma's own sizes are kept: ten times fewer writes of the index (`sync_threshold`) made ingest no
                # faster, and left more to be replayed after a kill.
                collection,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )

    def keep_only(self, collection: str) -> None:
        """Take every other collection away; for a folder that is the archive's own."""
        with self._errors():
            for other in self._connected().list_collections():
                if other.name != collection:
                    self._connected().delete_collection(other.name)

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
        for part in self._batches(len(ids)):
            # Embedded first: where that fails, what stood there is still there.
            embedded = self._embeddings.embed_documents(list(said[part]))
            with self._errors():
                collection = self._collection()
                # Looked up first: most are new, and Chroma writes a deletion down even for what is not there.
                if there := collection.get(ids=list(ids[part]), include=[])["ids"]:
                    collection.delete(ids=there)
                collection.add(
                    ids=list(ids[part]),
                    embeddings=embedded,
                    documents=list(texts[part]),
                    metadatas=[dict(metadata) for metadata in metadatas[part]],
                )

    def describe(self, ids: Sequence[str], metadatas: Sequence[Mapping[str, Any]]) -> None:
        """Write new metadata of the same keys to stored texts, without embedding them again."""
        for part in self._batches(len(ids)):
            with self._errors():
                self._collection().update(
                    ids=list(ids[part]), metadatas=[dict(metadata) for metadata in metadatas[part]]
                )

    def drop(self, ids: Sequence[str]) -> None:
        """Take vectors away; unknown ids are let pass."""
        for part in self._batches(len(ids)):
            with self._errors():
                self._collection().delete(ids=list(ids[part]))

    def count(self) -> int:
        """How many vectors are stored."""
        with self._errors():
            return int(self._collection().count())

    def ids(self) -> set[str]:
        """The ids of all stored vectors."""
        found: set[str] = set()
        for part in self._batches(self.count()):
            with self._errors():
                page = self._collection().get(include=[], limit=part.stop - part.start, offset=part.start)
            found.update(page["ids"])
        return found

    def nearest(self, vector: list[float], *, limit: int, ids: Sequence[str] | None = None) -> list[tuple[str, float]]:
        """The chunks nearest to a vector; none where none were ever written.

        Args:
            vector: Of the question.
            limit: Most chunks to give.
            ids: Look among these chunks alone; ids that are not stored are let pass.

        Returns:
            Chunk id and cosine similarity (-1 to 1), best first.

        Raises:
            ArchiveError: Chroma refuses, as it does a vector of another size.
        """
        if self._noted() is None:
            return []
        with self._errors():
            found = self._collection().query(
                query_embeddings=[vector],
                n_results=limit,
                ids=None if ids is None else list(ids),
                include=["distances"],
            )
        return [(chunk, 1.0 - distance) for chunk, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        """Give the files or connections back."""
        with self._guard:
            if self._client is not None:
                self._client.close()
            self._client = self._opened = None

    def _connected(self) -> Any:
        with self._guard:
            if self._client is None:
                self._client = self.place.connect()
            return self._client

    def _collection(self) -> Any:
        """The collection that the archive notes; another process may have built the vectors anew since the last use."""
        with self._guard:
            name = self._noted()
            if self._opened is None or self._opened.name != name:
                self._opened = self._connected().get_collection(name, embedding_function=None)
            return self._opened

    def _batches(self, count: int) -> Iterator[slice]:
        with self._errors():
            size = min(BATCH, int(self._connected().get_max_batch_size())) if count else BATCH
        return batches(count, size)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What Chroma has to say, as an `ArchiveError`."""
        said = require("chromadb.errors", extra="chroma", error=ArchiveError)
        try:
            yield
        except ArchiveError:
            raise
        except said.NotFoundError as exc:
            self._opened = None  # it may be made again
            raise ArchiveError(
                "the archive's vectors are not there",
                source=self.place.address,
                remedy="the next ingest builds them there; or open the archive without an address to use the one noted",
            ) from exc
        except Exception as exc:  # Chroma raises whatever its Rust core gives it, down to bare Exception
            raise self.place.error(exc) from exc


def batches(count: int, size: int) -> Iterator[slice]:
    """Slices that cover `count` things, `size` at a time."""
    for at in range(0, count, size):
        yield slice(at, min(at + size, count))
