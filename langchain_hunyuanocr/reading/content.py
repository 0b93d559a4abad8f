"""What the reading of a page comes to, before it is tied to a source."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_hunyuanocr.results import Block, Field, Line, Region, Status, Table


@dataclass(frozen=True, slots=True)
class Content:
    """A page as Markdown, and the parts of it."""

    markdown: str = ""
    blocks: tuple[Block, ...] = ()
    """In reading order; `start` and `end` are offsets into `markdown`."""
    lines: tuple[Line, ...] = ()
    """In reading order."""
    tables: tuple[Table, ...] = ()
    """In reading order, one a block of kind `table`."""
    fields: tuple[Field, ...] = ()
    regions: tuple[Region, ...] = ()
    """Figures, and for the layout tasks every part of the page."""
    translation: str | None = None
    status: Status = Status.OK
