"""What the reading of a page comes to, before it is tied to a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    def with_tables(self, tables: Sequence[Table]) -> Content:
        """The same page with other tables in the places of its own.

        Args:
            tables: As many as there are.
        """
        markdown, blocks, done = "", [], 0
        changes = iter(zip(self.tables, tables, strict=True))
        for block in self.blocks:
            markdown += self.markdown[done : block.start]
            start, text = len(markdown), self.markdown[block.start : block.end]
            if block.kind == "table":
                before, after = next(changes)
                text = text.replace(before.markdown, after.markdown)
            markdown += text
            blocks.append(block.model_copy(update={"start": start, "end": len(markdown)}))
            done = block.end
        return replace(self, markdown=markdown + self.markdown[done:], blocks=tuple(blocks), tables=tuple(tables))
