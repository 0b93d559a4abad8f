"""Checked embeddings: vectors are looked at before anything is stored or searched by them."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_hunyuanocr.archive.protocols import Embeds
from langchain_hunyuanocr.errors import ArchiveError, HunyuanOCRError


class CheckedEmbeddings:
    """Passes on to other embeddings; whatever goes wrong with them is an `ArchiveError`.

    Args:
        embeddings: Any LangChain embeddings, or what does as they do.
        name: What to call them in messages.
        dimensions: Numbers in each vector, where it is known.
    """

    def __init__(self, embeddings: Embeds, name: str, dimensions: int | None = None) -> None:
        self._embeddings = embeddings
        self.name = name
        self.dimensions = dimensions

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text.

        Raises:
            ArchiveError: The embeddings fail, or give too few or too many vectors, another size, or no numbers.
        """
        try:
            vectors = self._embeddings.embed_documents(texts)
        except Exception as exc:  # any provider's own errors
            raise self._failed(exc) from exc
        return self._checked(vectors, len(texts))

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question.

        Raises:
            ArchiveError: As `embed_documents`.
        """
        try:
            vector = self._embeddings.embed_query(text)
        except Exception as exc:
            raise self._failed(exc) from exc
        return self._checked([vector], 1)[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, by the embeddings' own async way."""
        try:
            vectors = await self._embeddings.aembed_documents(texts)
        except Exception as exc:
            raise self._failed(exc) from exc
        return self._checked(vectors, len(texts))

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, by the embeddings' own async way."""
        try:
            vector = await self._embeddings.aembed_query(text)
        except Exception as exc:
            raise self._failed(exc) from exc
        return self._checked([vector], 1)[0]

    def _failed(self, exc: Exception) -> HunyuanOCRError:
        if isinstance(exc, HunyuanOCRError):
            return exc
        said = " ".join(str(exc).split())[:300] or type(exc).__name__
        return ArchiveError(
            f"the embeddings {self.name} failed: {said}",
            remedy="what was read is kept; the next ingest embeds what is left",
        )

    def _checked(self, vectors: Sequence[Sequence[float]], count: int) -> list[list[float]]:
        import numpy as np

        try:
            given = len(vectors)
        except TypeError as exc:
            raise self._wrong("gave what are no vectors") from exc
        if given != count:
            raise self._wrong(f"gave {given} vectors for {count} texts")
        try:
            table = np.asarray(vectors, dtype=np.float64)
        except (TypeError, ValueError) as exc:
            raise self._wrong("gave vectors of different sizes, or what are no numbers") from exc
        if count and (table.ndim != 2 or not table.shape[1]):
            raise self._wrong("gave what are no vectors")
        if count and self.dimensions is not None and table.shape[1] != self.dimensions:
            raise ArchiveError(
                f"the embeddings {self.name} give {table.shape[1]} dimensions, the archive has {self.dimensions}",
                remedy="use those it was made with, or ingest into a new folder",
            )
        if not np.isfinite(table).all():
            raise self._wrong("gave a vector with NaN or infinity")
        checked: list[list[float]] = table.tolist()
        return checked

    def _wrong(self, what: str) -> ArchiveError:
        return ArchiveError(
            f"the embeddings {self.name} {what}", remedy="look at the model behind them; nothing of it was stored"
        )
