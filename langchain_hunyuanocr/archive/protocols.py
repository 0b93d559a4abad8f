"""Protocols: what the archive asks of a reader of pages, of a splitter, and of embeddings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from langchain_hunyuanocr.pages import Page, PageFailure
    from langchain_hunyuanocr.results import PageReading


class PageReader(Protocol):
    """What the archive asks of a reader."""

    @property
    def fingerprint(self) -> str:
        """Names all that decides what a page gives."""
        ...

    @property
    def in_flight(self) -> int:
        """How many pages it can read at once."""

    def read_all(self, pages: Iterable[Page | PageFailure | PageReading]) -> Iterator[PageReading]:
        """Readings in the order of the pages; a page that fails gives a reading that says so.

        A reading that is given in the place of a page comes out as it is.
        """
        ...


class Splitter(Protocol):
    """What the archive asks of a splitter."""

    def split_readings(self, readings: Iterable[PageReading]) -> Iterator[Document]:
        """Chunks with flat metadata, `page` among it."""
        ...


class Embeds(Protocol):
    """What turns text into vectors; every `Embeddings` of LangChain is one."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        ...

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`, without blocking the event loop."""
        ...

    async def aembed_query(self, text: str) -> list[float]:
        """As `embed_query`, without blocking the event loop."""
        ...
