"""Content: what the reading of a page comes to, before it is tied to a source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from langchain_hunyuanocr.reading.tables.build import once
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
    header: str | None = None
    """Running heads that are no part of `markdown`, a line each; `lines` has them."""
    footer: str | None = None
    """The same below."""
    status: Status = Status.OK


def with_merged_cells_once(content: Content) -> Content:
    """The same content with each merged cell of its tables written once, in the tables and in the Markdown.

    Args:
        content: Its Markdown holds the Markdown of each of its tables, in their order.
    """
    parts: list[str] = []
    moved: list[tuple[int, int]] = []
    """For each table where it ended, and how much longer it has become."""
    done = 0
    tables = tuple(once(table) for table in content.tables)
    for table, written in zip(content.tables, tables, strict=True):
        start = content.markdown.find(table.markdown, done)
        if start >= 0:
            parts += [content.markdown[done:start], written.markdown]
            done = start + len(table.markdown)
            moved.append((done, len(written.markdown) - len(table.markdown)))

    def place(offset: int) -> int:
        return offset + sum(longer for end, longer in moved if end <= offset)

    return replace(
        content,
        markdown="".join((*parts, content.markdown[done:])),
        tables=tables,
        blocks=tuple(
            block.model_copy(update={"start": place(block.start), "end": place(block.end)}) for block in content.blocks
        ),
    )
