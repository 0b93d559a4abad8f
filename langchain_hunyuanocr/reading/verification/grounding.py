"""Grounding: where on the page the parts of a text stand, by the lines of a second reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.verification.alignment import Alignment, LineMatch
from langchain_hunyuanocr.results import Block, Box, Line

_LEAST_SHARE = 0.08
"""Share of a block's characters below which a line that lies far from the others was misplaced."""
_GROWTH = 1.6
"""How much larger the box gets by such a line."""
_OPENING = re.compile(r"[(\[{“‘\"'《（【$€£¥￥#+-]*\Z")
_CLOSING = re.compile(r"[.,;:!?%)\]}”’\"'。，；：！？）】》°]*")


def ground(content: Content, placement: Alignment) -> Content:
    """Give the blocks, tables and words of a text their boxes.

    Args:
        content: What a model said; boxes that it gave itself are kept.
        placement: The second reader's lines in `content.markdown`.

    Returns:
        The content with boxes, and with the lines that were placed, in the order of the text: the words as the model
        has them, the boxes as the second reader has them.
    """
    blocks = tuple(_grounded(block, placement) for block in content.blocks)
    boxes = [block.box for block in blocks if block.kind == "table"]
    tables = content.tables
    if len(boxes) == len(tables):
        tables = tuple(
            table if table.box is not None else table.model_copy(update={"box": box})
            for table, box in zip(tables, boxes, strict=True)
        )
    lines = content.lines or tuple(_lines(content.markdown, placement))
    return replace(content, blocks=blocks, tables=tables, lines=lines)


def _grounded(block: Block, placement: Alignment) -> Block:
    if block.box is not None:
        return block
    start, end = placement.text.within(block.start, block.end)
    held = []
    for place in placement.places.values():
        inside = sum(start <= there < end for _, there in place.same)
        if 2 * inside > len(place.same):
            held.append((inside, placement.lines[place.line].box))
    return block.model_copy(update={"box": _around(held)})


def _around(held: Sequence[tuple[int, Box]]) -> Box | None:
    """The box of lines, without one that holds little of the text and lies far away."""
    total = sum(count for count, _ in held)
    kept = list(held)
    for one in sorted(held, key=lambda item: item[0]):
        others = [item[1] for item in kept if item is not one]
        without, with_it = Box.around(others), Box.around(box for _, box in kept)
        if without is None or with_it is None or one[0] >= _LEAST_SHARE * total:
            break
        if with_it.width * with_it.height > _GROWTH * without.width * without.height:
            kept.remove(one)
    return Box.around(box for _, box in kept)


def _lines(markdown: str, placement: Alignment) -> list[Line]:
    lines = []
    for place in sorted(placement.places.values(), key=lambda place: place.start):
        line = placement.lines[place.line]
        text = _words(markdown, place, placement)
        if text:
            lines.append(line.model_copy(update={"text": text}))
    return lines


def _words(markdown: str, place: LineMatch, placement: Alignment) -> str:
    """The model's words for a line, with the marks that stand around them."""
    if place.start == place.end:
        return ""
    start, end = placement.text.origin(place.start, place.end)
    opening = _OPENING.search(markdown, max(0, start - 4), start)
    closing = _CLOSING.match(markdown, end, end + 4)
    start = opening.start() if opening else start
    end = closing.end() if closing else end
    return " ".join(markdown[start:end].replace("|", " ").split())
