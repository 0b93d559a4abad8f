"""An answer in parts, each of which one step has understood; put together, they are the Markdown of a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.markdown_blocks import blocks_in
from langchain_hunyuanocr.results import Block, Box, Region, Status, Table

_HEADING_MARKS = re.compile(r"\s{0,3}(#{1,6})(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer."""

    kind: Literal["text", "code", "caption", "table", "figure", "formula"]
    """What no step has claimed yet is `text`."""
    text: str
    """As it stands in the Markdown."""
    table: Table | None = None
    """Of a part of kind `table`."""
    box: Box | None = None


def claim(parts: Iterable[Part], step: Callable[[str], Iterable[Part]]) -> list[Part]:
    """Let a step divide whatever no step before it has claimed."""
    return [piece for part in parts for piece in (step(part.text) if part.kind == "text" else (part,))]


def content_of(parts: Iterable[Part], *, status: Status = Status.OK) -> Content:
    """Put parts together, a blank line between them.

    Args:
        parts: In reading order. A figure without a caption is a region and leaves no text.
        status: Of the content.

    Returns:
        The Markdown with its blocks, tables and figures.
    """
    blocks: list[Block] = []
    tables: list[Table] = []
    regions: list[Region] = []
    written: list[str] = []
    length = 0
    placed: list[tuple[Part, int, int]] = []
    for part in parts:
        text = part.text.strip() if part.kind == "text" else part.text.strip("\r\n")
        if part.kind == "figure":
            regions.append(Region(kind="figure", text=text, box=part.box))
        if part.table is not None:
            tables.append(part.table)
        if text.strip():
            length += 2 if written else 0
            placed.append((part, length, length + len(text)))
            written.append(text)
            length += len(text)
    markdown = "\n\n".join(written)
    for part, start, end in placed:
        blocks += _blocks(part, markdown, start, end)
    return Content(markdown=markdown, blocks=tuple(blocks), tables=tuple(tables), regions=tuple(regions), status=status)


def _blocks(part: Part, markdown: str, start: int, end: int) -> Iterator[Block]:
    if part.kind in ("code", "caption"):
        yield Block(kind="paragraph", start=start, end=end, box=part.box)
    elif part.kind != "text":
        yield Block(kind=part.kind, start=start, end=end, box=part.box)
    else:
        for kind, first, last in blocks_in(markdown, start, end):
            words = markdown[first:last]
            first += len(words) - len(words.lstrip("\r\n"))
            last = first + len(words.strip("\r\n"))
            # A table that could not be read is text: a block of kind `table` has its table.
            shown = "paragraph" if kind == "table" else kind
            level = _level(words) if kind == "heading" else 0
            yield Block(kind=shown, start=first, end=last, box=part.box, level=level)


def _level(heading: str) -> int:
    marks = _HEADING_MARKS.match(heading)
    # A heading without marks is underlined, and what dashes underline is no heading any more.
    return len(marks[1]) if marks else 1
