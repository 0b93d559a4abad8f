"""Locate a quote on its page: its box is as narrow as the lines that hold it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_hunyuanocr.results import Block, Box, Line, PageReading, Table

_MARKS = re.compile(r"[\s|*_`#>\\]+")

_SLACK = 0.005
"""Share of the page by which boxes of different makers may differ."""


def box_of_text(reading: PageReading, quote: str, block: Block | None = None) -> Box | None:
    """The box of the lines that hold a quote, else that of its block."""
    within = block.box if block is not None else None
    # In its own block first: the same words may stand twice on a page.
    for lines in (_inside(reading.lines, within) if within else (), reading.lines):
        found = _lines_holding(lines, _bare(quote))
        if found:
            return Box.around(line.box for line in found)
    return within


def box_of_row(reading: PageReading, table: Table, row: Sequence[str]) -> Box | None:
    """The box of the lines that hold a table's row, else that of the table."""
    lines = _inside(reading.lines, table.box) if table.box else list(reading.lines)
    cells = {_bare(cell) for cell in row if _bare(cell)}
    best: list[Line] = []
    for anchor in lines:
        band = [line for line in lines if _same_height(anchor, line)]
        held = {_bare(line.text) for line in band}
        if len(cells & held) > len(cells & {_bare(line.text) for line in best}):
            best = band
    if not best:
        best = _lines_holding(lines, "".join(_bare(cell) for cell in row))
    return Box.around(line.box for line in best) or table.box


def _lines_holding(lines: Sequence[Line], quote: str) -> list[Line]:
    """The consecutive lines whose text, put together, holds the quote."""
    if not quote:
        return []
    text = ""
    ends: list[int] = []
    for line in lines:
        text += _bare(line.text)
        ends.append(len(text))
    at = text.find(quote)
    if at < 0:
        return []
    return [
        line
        for line, end, start in zip(lines, ends, [0, *ends[:-1]], strict=True)
        if end > at and start < at + len(quote)
    ]


def holds(box: Box, line: Line) -> bool:
    """Whether the middle of a line lies in a box."""
    x, y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    return box.x0 - _SLACK <= x <= box.x1 + _SLACK and box.y0 - _SLACK <= y <= box.y1 + _SLACK


def _inside(lines: Sequence[Line], box: Box) -> list[Line]:
    return [line for line in lines if holds(box, line)]


def _same_height(first: Line, second: Line) -> bool:
    middle = (second.box.y0 + second.box.y1) / 2
    return first.box.y0 <= middle <= first.box.y1


def _bare(text: str) -> str:
    return _MARKS.sub("", text)
