"""Stretches of a raw answer of which the model was not sure, carried over to the Markdown that was made of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from langchain_hunyuanocr.reading.plain import plain_of
from langchain_hunyuanocr.results import Unsure


def carried(unsure: Sequence[Unsure], answer: str, markdown: str) -> tuple[Unsure, ...]:
    """The stretches in `markdown` that come from those in `answer`; one whose characters went away is left out.

    Args:
        unsure: Offsets are into `answer`.
        answer: As the model gave it.
        markdown: What it was turned into; letters and digits keep their order.
    """
    if not unsure or answer == markdown:
        return tuple(unsure)
    before, after = plain_of(answer), plain_of(markdown)
    blocks = Levenshtein.editops(before.text, after.text).as_matching_blocks()
    starts = [block.a for block in blocks]
    found = []
    for stretch in unsure:
        places = []
        for place in range(*before.within(stretch.start, stretch.end)):
            block = blocks[max(0, bisect_left(starts, place + 1) - 1)]
            if block.a <= place < block.a + block.size:
                places.append(block.b + place - block.a)
        if places:
            start, end = after.origin(min(places), max(places) + 1)
            found.append(Unsure(start, end, stretch.probability))
    return tuple(found)
