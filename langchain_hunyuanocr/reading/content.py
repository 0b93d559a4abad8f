"""Content: what the reading of a page comes to, before it is tied to a source."""

from __future__ import annotations

from dataclasses import dataclass, replace

from langchain_hunyuanocr.reading.tables.build import once, repeated
from langchain_hunyuanocr.results import Block, Field, Line, Region, RepeatMerged, Status, Table

_MOST_REPEATED = 0.5
"""Characters that repeated cells may add to a page, over those that were read."""


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


def with_merged_cells(content: Content, repeat_merged: RepeatMerged) -> Content:
    """The same content with the merged cells of its tables as they are wanted, in the tables and in the Markdown.

    Repeated `labels` never make the text of a page longer than one and a half times what was read: tables for which
    there is no room have each merged cell once.

    Args:
        content: Its Markdown holds the Markdown of each of its tables, in their order.
        repeat_merged: Where the text of a merged cell stands.
    """
    parts: list[str] = []
    moved: list[tuple[int, int]] = []
    """For each table where it ended, and how much longer it has become."""
    done = 0
    tables = (
        _with_labels(content)
        if repeat_merged == "labels"
        else tuple(repeated(table, repeat_merged) for table in content.tables)
    )
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


def _with_labels(content: Content) -> tuple[Table, ...]:
    """The tables with repeated labels, those that grow least first, while there is room on the page."""
    tables = [once(table) for table in content.tables]
    labels = [repeated(table, "labels") for table in content.tables]
    outside = len(content.markdown) - sum(len(table.markdown) for table in content.tables)
    room = _MOST_REPEATED * (max(0, outside) + sum(map(_characters, tables)))
    growth = [_characters(long) - _characters(short) for long, short in zip(labels, tables, strict=True)]
    for number in sorted(range(len(tables)), key=growth.__getitem__):
        if growth[number] <= room:
            tables[number] = labels[number]
            room -= growth[number]
    return tuple(tables)


def _characters(table: Table) -> int:
    return sum(len(text) for row in table.rows for text in row)
