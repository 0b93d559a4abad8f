"""Candidate answers of a page, and the words around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from langchain_hunyuanocr.archive.answer.locate import holds
from langchain_hunyuanocr.archive.text.tokenizer import terms_of
from langchain_hunyuanocr.results import Box, Line, PageReading

Kind = Literal["field", "pair", "cell", "sentence"]


@dataclass(frozen=True, slots=True)
class CandidateAnswer:
    """Something on a page that could be an answer.

    Attributes:
        kind: What it is.
        answer: The answer that it would give.
        quote: The words on the page that prove it, as they stand there.
        label: What the page calls it: a label, or the headers of the cell's row and column; empty for a sentence.
        near: Text around it that says what it is about.
        locate: Finds its box.
        sure: Whether it was read right for all that is known: a field that was not confirmed may be misread.
    """

    kind: Kind
    answer: str
    quote: str
    label: str
    near: str
    locate: Callable[[], Box | None]
    sure: bool = True


@lru_cache(maxsize=16384)
def words_of(text: str) -> frozenset[str]:
    """The terms of a text."""
    return frozenset(term.text for term in terms_of(text))


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
