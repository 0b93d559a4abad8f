"""Protocols: what the archive asks of a reader of pages and of a splitter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

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
