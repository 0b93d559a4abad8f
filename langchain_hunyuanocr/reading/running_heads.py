"""Running heads: lines at the edge of a page that the pages around it repeat in the same place.

Pages are seen one after the other; one is held until the next one is there, unless the pages before tell already what
stands at its edges. Of pages that are given only their edges are kept, so that memory is flat. Heads that alternate
from left to right pages are found by the page before the last. Headings, and the first line of an address, are none: a
running head stands apart and in small type.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz

from langchain_hunyuanocr.reading.tables.page_furniture import fold, is_page_number
from langchain_hunyuanocr.results import Block, PageReading

_EDGE = 0.1
"""Share of the page, from above and from below, in which running heads and feet stand."""
_TALLEST = 0.03
"""Of a single line, as a share of the page."""
_APART = 1.0
"""Free space between a running head and the text, in heights of its own line."""
_SAME_PLACE = 0.015
"""Share of the page by which a running head may move from page to page: scans are not laid down alike."""
_LONGEST = 100
_MOST = 2
"""Running heads at one edge."""
_BEFORE = 2
_NUMBER = re.compile(r"^(?P<first>\d{1,3})(?!\S)|(?<!\S)(?P<last>\d{1,3})(?:\s?(?:/|of|von)\s?\d{1,3})?$")
_ALIKE = 90.0
"""Per cent of the letters of a longer head that are read alike on two scans."""
_LONG = 10

Side = Literal["header", "footer"]


@dataclass(frozen=True, slots=True)
class _Edge:
    """What stands at an edge of a page."""

    side: Side
    text: str
    """Folded, without the page number."""
    numbering: int | None
    """The page number that it holds, less that of the page; one number for a whole file."""
    at: float | None
    """Top; `None` where it is known to be a running head."""

    @classmethod
    def of(cls, side: Side, text: str, page: int, at: float | None) -> _Edge:
        number = _NUMBER.search(text)
        if number is None:
            return cls(side, fold(text), None, at)
        rest = text[: number.start()] + text[number.end() :]
        return cls(side, fold(rest), int(number["first"] or number["last"]) - page, at)

    def repeats(self, other: _Edge) -> bool:
        """Whether this and what stands on another page are one running head."""
        if (self.side, self.numbering) != (other.side, other.numbering):
            return False
        if self.at is not None and other.at is not None and abs(self.at - other.at) > _SAME_PLACE:
            return False
        if len(self.text) < _LONG or _digits(self.text) != _digits(other.text):
            return self.text == other.text
        return fuzz.ratio(self.text, other.text) >= _ALIKE


@dataclass(frozen=True, slots=True)
class _Page:
    reading: PageReading
    edges: frozenset[_Edge]


class RunningHeads:
    """Takes the pages of files as they come, and gives them without their running heads."""

    def __init__(self) -> None:
        self._held: _Page | None = None
        self._next: tuple[str, int] | None = None
        self._before: deque[frozenset[_Edge]] = deque(maxlen=_BEFORE)

    def take(self, reading: PageReading) -> Iterator[PageReading]:
        """What is settled by the next page; pages of a file come in their order, of several files one after another."""
        page = _Page(reading, frozenset(_edges_of(reading)))
        follows = self._next == (reading.sha256, reading.page)
        yield from self.end(page.edges if follows else frozenset())
        if not follows:
            self._before.clear()
        self._held, self._next = page, (reading.sha256, reading.page + 1)
        if reading.page + 1 >= reading.total_pages or self._settled(reading):
            yield from self.end()

    def _settled(self, reading: PageReading) -> bool:
        """Whether no page that follows can show more running heads."""
        sides: tuple[Side, ...] = ("header", "footer")
        known = {side: _repeated(reading, side, self._before) for side in sides}
        return all(block in known[side] for side in sides for block in _outermost(reading, side))

    def end(self, after: frozenset[_Edge] = frozenset()) -> Iterator[PageReading]:
        """What is still held; `after` is what stands at the edges of the page that follows."""
        held, self._held = self._held, None
        if held is not None:
            yield _without(held.reading, [*self._before, after])
            self._before.append(held.edges)


def _edges_of(reading: PageReading) -> Iterator[_Edge]:
    sides: tuple[tuple[Side, str | None], ...] = (("header", reading.header), ("footer", reading.footer))
    for side, known in sides:
        for line in (known or "").splitlines():
            yield _Edge.of(side, line, reading.page, None)
        for block in _outermost(reading, side):
            yield _edge_of(reading, block, side)


def _edge_of(reading: PageReading, block: Block, side: Side) -> _Edge:
    return _Edge.of(side, _text(reading, block), reading.page, block.box.y0 if block.box is not None else None)


def _outermost(reading: PageReading, side: Side) -> Iterator[Block]:
    """The blocks at an edge that may be running heads, from outside."""
    blocks = reading.blocks if side == "header" else reading.blocks[::-1]
    for block, inner in pairwise(blocks[: _MOST + 1]):
        if not _may_be_head(block, inner, side, reading.markdown[block.start : block.end]):
            return
        yield block


def _may_be_head(block: Block, inner: Block, side: Side, text: str) -> bool:
    if block.kind != "paragraph" or block.box is None or inner.box is None or len(text) > _LONGEST or "\n" in text:
        return False
    box, height = block.box, block.box.height
    if height > _TALLEST:
        return False
    if side == "header":
        return box.y1 <= _EDGE and inner.box.y0 - box.y1 >= _APART * height
    return box.y0 >= 1 - _EDGE and box.y0 - inner.box.y1 >= _APART * height


def _without(reading: PageReading, around: Sequence[frozenset[_Edge]]) -> PageReading:
    """A reading without the running heads that the pages around it show; one that holds nothing else keeps them."""
    found = {side: _repeated(reading, side, around) for side in ("header", "footer")}
    gone = [*found["header"], *found["footer"]]
    if not gone or len(gone) >= len(reading.blocks):
        return reading
    header = [reading.header, *(_text(reading, block) for block in found["header"])]
    footer = [*(_text(reading, block) for block in reversed(found["footer"])), reading.footer]
    return _cut(reading, gone).model_copy(update={"header": _lines(header), "footer": _lines(footer)})


def _repeated(reading: PageReading, side: Side, around: Iterable[frozenset[_Edge]]) -> list[Block]:
    """Running heads at an edge, from outside; a page number within them goes along."""
    blocks: list[Block] = []
    for block in _outermost(reading, side):
        edge = _edge_of(reading, block, side)
        known = any(edge.repeats(other) for edges in around for other in edges)
        if not known and not (blocks and is_page_number(_text(reading, block))):
            break
        blocks.append(block)
    return blocks


def _cut(reading: PageReading, gone: Sequence[Block]) -> PageReading:
    """A reading without some of the first and last blocks of its Markdown."""
    kept = [block for block in reading.blocks if block not in gone]
    start, end = kept[0].start, kept[-1].end
    return reading.model_copy(
        update={
            "markdown": reading.markdown[start:end],
            "blocks": tuple(b.model_copy(update={"start": b.start - start, "end": b.end - start}) for b in kept),
            "doubts": tuple(
                doubt
                if doubt.start is None
                else doubt.model_copy(update={"start": doubt.start - start if start <= doubt.start < end else None})
                for doubt in reading.doubts
            ),
        }
    )


def _text(reading: PageReading, block: Block) -> str:
    return reading.markdown[block.start : block.end]


def _lines(parts: Iterable[str | None]) -> str | None:
    return "\n".join(part for part in parts if part) or None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
