"""A small archive for tests, filled by hand: no engine, no vectors; and chat models that say what a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, PrivateAttr

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.storage import chunks, readings
from langchain_hunyuanocr.results import Block, Box, Line, PageReading
from langchain_hunyuanocr.splitter import HunyuanOCRSplitter
from tests.unit_tests.readings import reading

LEASE = ("Lease of 4 Quay Street", "The lease runs for nine years.", "The rent is 1,250.00 a month, due on 3 May 2024.")
NOTICE = ("租赁合同", "合同期限为九年，自2021年3月4日起。", "Notice must be given three months before the lease ends.")


class NoVectors:
    """Finds nothing by meaning, so that words decide."""

    def nearest(self, *args: Any, **options: Any) -> list[tuple[str, float]]:
        return []

    def close(self) -> None:
        pass


def page_of(texts: tuple[str, ...], page: int, source: str = "lease.pdf", **changes: Any) -> PageReading:
    """A page with one line and one paragraph a text, from top to bottom."""
    lines, blocks, at = [], [], 0
    for number, text in enumerate(texts):
        box = Box(0.1, 0.1 * (number + 1), 0.9, 0.1 * (number + 1) + 0.05)
        lines.append(Line(text=text, box=box))
        blocks.append(Block(kind="paragraph", start=at, end=at + len(text), box=box))
        at += len(text) + 2
    values = {"source": source, "file_name": source, "page": page, "total_pages": 2, "blocks": tuple(blocks)}
    return reading("\n\n".join(texts), **{**values, "lines": tuple(lines), **changes})


def make_archive(folder: Path, *pages: PageReading, **options: Any) -> Archive:
    """An archive that holds these pages of one file; the lease and its notice where none are given."""
    archive = Archive(folder, embeddings=DeterministicFakeEmbedding(size=8), create=True, **options)
    archive._parts._vectors = NoVectors()  # type: ignore[assignment]
    ledger = archive._parts.ledger
    held = pages or (page_of(LEASE, 0), page_of(NOTICE, 1))
    with ledger.transaction() as connection:
        first = held[0]
        connection.execute(
            "INSERT INTO files (source, path, sha256, size, mtime_ns, error, run) VALUES (?, ?, ?, 1, 1, NULL, 1)",
            (first.source, str(folder / first.source), first.sha256),
        )
        for page in held:
            readings.store(connection, page, "f")
        splitter = HunyuanOCRSplitter(chunk_size=80, chunk_overlap=0)
        chunks.write(connection, first.sha256, chunks.split(connection, first.sha256, first.source, splitter))
    return archive


class SaysModel(BaseChatModel):
    """Says what it is told to, a few characters at a time, and remembers what it was asked."""

    says: str = ""
    fails: Exception | None = None
    at_once: int = 7
    model_config = ConfigDict(arbitrary_types_allowed=True)
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "says"

    def _generate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.says))])

    def _stream(self, messages: list[BaseMessage], *args: Any, **options: Any) -> Iterator[ChatGenerationChunk]:
        self._asked.append(messages)
        for at in range(0, max(1, len(self.says)), self.at_once):
            yield ChatGenerationChunk(message=AIMessageChunk(self.says[at : at + self.at_once]))
        if self.fails is not None:
            raise self.fails

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **options: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages):
            yield chunk
