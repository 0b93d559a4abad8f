"""The subtitle among the lines of a frame: what stands in the middle, in type not much smaller than the rest."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.results import Block, Box, Line, Status

_MIDDLE = (1 / 3, 2 / 3)
"""A line of a subtitle reaches into this part of the width; a station's mark in a corner does not."""
_LEAST_SCORE = 0.5
_LEAST_HEIGHT = 0.5
"""Of the tallest line's height."""


def read_subtitle(lines: Sequence[Line]) -> Content:
    """Pick the subtitle from the lines of a frame, or of the part of it where subtitles stand.

    Args:
        lines: In any order.

    Returns:
        The subtitle, each of its rows on a line of its own; `blank` where there is none.
    """
    read = [line for line in lines if line.text.strip() and (line.score is None or line.score >= _LEAST_SCORE)]
    middle = [line for line in read if line.box.x1 > _MIDDLE[0] and line.box.x0 < _MIDDLE[1]]
    tallest = max((line.box.height for line in middle), default=0.0)
    rows = _rows([line for line in middle if line.box.height >= _LEAST_HEIGHT * tallest])
    if not rows:
        return Content(status=Status.BLANK)
    kept = tuple(line for row in rows for line in row)
    text = "\n".join(" ".join(line.text.strip() for line in row) for row in rows)
    block = Block(kind="paragraph", start=0, end=len(text), box=Box.around(line.box for line in kept))
    return Content(markdown=text, blocks=(block,), lines=kept)


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines in rows from top to bottom, each from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.y0 + line.box.y1):
        middle = (line.box.y0 + line.box.y1) / 2
        if rows and middle < rows[-1][0].box.y1 and rows[-1][0].box.y0 < middle:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.x0) for row in rows]
