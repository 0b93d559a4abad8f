"""Protocol of a page whose tables may go on over its end."""

from __future__ import annotations

from typing import Protocol

from langchain_hunyuanocr.results import Block, Table


class PageLike(Protocol):
    """What is asked of a page to find the tables that go on over it; a `PageReading` has it."""

    @property
    def source(self) -> str:
        """The file of the page."""
        ...

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        ...

    @property
    def page(self) -> int:
        """Its number in the file, from 0."""
        ...

    @property
    def markdown(self) -> str:
        """Its text."""
        ...

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the text; those without a box say nothing here."""
        ...

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in the text, in reading order."""
        ...
