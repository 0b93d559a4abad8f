"""The words around a piece of a page that say what it is about."""

from __future__ import annotations

from langchain_hunyuanocr.archive.grounding import holds
from langchain_hunyuanocr.results import Line, PageReading

_HEADING_LENGTH = 60
"""A block of at most so many characters may be the heading of what follows."""
_NEAR_BLOCKS = 2
"""Blocks before another one that may say what it is about."""


def text_around(reading: PageReading, at: int, *, text_wanted: bool = True) -> str:
    """A block's own text, the short blocks and headings over it, and what stands just before it."""
    blocks = reading.blocks
    parts = [reading.markdown[blocks[at].start : blocks[at].end]] if text_wanted else []
    for before in range(at - 1, -1, -1):
        block = blocks[before]
        text = reading.markdown[block.start : block.end]
        short = len(text) <= _HEADING_LENGTH
        if block.kind != "table" and (short or at - before <= _NEAR_BLOCKS):
            parts.append(text)
        if block.kind == "heading" or (at - before >= _NEAR_BLOCKS and short):
            break
    return "\n".join(parts)


def text_around_line(reading: PageReading, line: Line) -> str:
    """What stands around the block of a line; empty where no block holds it."""
    at = next((i for i, b in enumerate(reading.blocks) if b.box is not None and holds(b.box, line)), None)
    return "" if at is None else text_around(reading, at)
