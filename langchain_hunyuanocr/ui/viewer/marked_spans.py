"""Marked spans: stretches of a page's Markdown, lines and doubts, that are marked in the HTML it is rendered to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from langchain_hunyuanocr.results import Box, PageReading

_FIRST = 0xF0000
_LAST = 0xFFFFD
_END = "\U00100000"
"""Characters of Unicode's private planes stand for the tags until the text is HTML; no document has them afterwards."""
_PRIVATE = re.compile("[\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_OPENING = re.compile("[\U000f0000-\U000ffffd]")
_SYNTAX = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)]|#{1,6}|>)\s+")
"""What Markdown must find at the head of a line."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text.

    Attributes:
        start: Offset of the first character in the page's Markdown.
        end: Offset after the last one.
        line: Index of the line of print that stands there.
        doubt: Index of the doubt about it.
    """

    start: int
    end: int
    line: int | None = None
    doubt: int | None = None


def spans_of(reading: PageReading) -> list[Span]:
    """The stretches of a page that have a line or a doubt of their own, in order and apart from each other."""
    lines = list(_placed_lines(reading))
    doubts = [
        (doubt.start, doubt.start + len(doubt.text), number)
        for number, doubt in enumerate(reading.doubts)
        if doubt.start is not None and doubt.text
    ]
    cuts = sorted({at for start, end, _ in (*lines, *doubts) for at in (start, end)})
    found = []
    for start, end in pairwise(cuts):
        line = next((number for first, last, number in lines if first <= start and end <= last), None)
        doubt = next((number for first, last, number in doubts if first <= start and end <= last), None)
        if line is not None or doubt is not None:
            found.append(Span(start, end, line, doubt))
    return found


def tagged(text: str, offset: int, spans: Sequence[Span]) -> str:
    """A slice of the Markdown, each stretch between two private characters.

    Args:
        text: The slice.
        offset: Where it begins in the page's Markdown.
        spans: All stretches of the page; those that reach out of the slice are left out.
    """
    pieces, at = [], 0
    text = _PRIVATE.sub("\N{REPLACEMENT CHARACTER}", text)
    for number, span in enumerate(spans[: _LAST - _FIRST]):
        start, end = span.start - offset, span.end - offset
        if start < at or end > len(text):
            continue
        head = text.rfind("\n", 0, start) + 1
        syntax = _SYNTAX.match(text, head, end)
        if syntax is not None and start < syntax.end() < end:
            start = syntax.end()
        # A tag must not stand over two lines of Markdown, nor over two cells.
        for first, last in _in_lines(text, start, end):
            pieces += [text[at:first], chr(_FIRST + number), text[first:last], _END]
            at = last
    return "".join([*pieces, text[at:]])


def untagged(html: str, opening: Callable[[int], str], closing: str) -> str:
    """HTML in which the private characters have become tags.

    Args:
        html: Escaped already.
        opening: The tag of a stretch, by its index.
        closing: The tag that ends any.
    """
    return _OPENING.sub(lambda found: opening(ord(found.group()) - _FIRST), html).replace(_END, closing)


def plain(text: str) -> str:
    """Text without private characters, for what goes into attributes."""
    return _PRIVATE.sub("", text)


def _in_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for piece in re.finditer(r"[^\n|]+", text[start:end]):
        if piece.group().strip():
            yield start + piece.start(), start + piece.end()


def _placed_lines(reading: PageReading) -> Iterator[tuple[int, int, int]]:
    """Where the lines of a page stand in its Markdown, each in the block that it lies in, equal ones from the top."""
    taken: list[tuple[int, int]] = []
    for block in reading.blocks:
        if block.box is None:
            continue
        for number, line in enumerate(reading.lines):
            if not line.text.strip() or not _within(line.box, block.box):
                continue
            words = re.compile(rf"(?<!\w){re.escape(line.text.strip())}(?!\w)")
            for found in words.finditer(reading.markdown, block.start, block.end):
                if all(found.end() <= start or end <= found.start() for start, end in taken):
                    taken.append(found.span())
                    yield *found.span(), number
                    break


def _within(box: Box, around: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return around.x0 <= x <= around.x1 and around.y0 <= y <= around.y1
