"""Lone characters: figures of one digit in a column, such as quantities, that the detector overlooks.

It is made for words; a `1` with paper on all sides is less than it looks for. Ink of the height of type that no line
covers, beside lines and in a column of its like, is cut out and read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.binarization import ink_of
from langchain_hunyuanocr.engines.rapid.recognition import Prepared, edges
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    import numpy as np

_HEIGHT = (0.4, 1.2)
"""Of a character, in heights of the lines' boxes, which reach beyond the type."""
_WIDEST = 1.1
"""Of a component, in its heights."""
_TOGETHER = 0.35
"""Gap up to which two components are one figure, in heights of a line."""
_LONGEST = 2.0
"""Of a figure, in heights of a line."""
_CLEAR = 0.6
"""Paper at either side, in heights of a line."""
_BESIDE = 0.6
"""Share of a character's height that lies beside a line of its row."""
_COLUMN = 0.45
"""How far the middles or ends of a column's characters stray, in heights of a line."""
_FEWEST = 3
"""Characters of a column."""
_MOST = 150
"""Characters that are looked at, and the share of a picture's components beyond which they are a texture."""
_SURE = 0.85
_LEGIBLE = 0.7
"""Share of a column that must be legible."""
_PAPER = 0.4
"""Kept around what is cut out, in its heights."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Ink between two columns and two rows of pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


def lone_characters(reader: Any, prepared: Prepared, quads: np.ndarray) -> list[Line]:
    """Read figures of one or two characters in columns, of which no line was found.

    Args:
        reader: RapidOCR.
        prepared: The picture.
        quads: Corners of the lines that were found, as `detect` gives them.

    Returns:
        A line for each, boxes in shares of the picture.
    """
    if len(quads) < _FEWEST:
        return []
    lines = [_Mark(*edges(quad)) for quad in quads]
    size = sorted(line.y1 - line.y0 for line in lines)[len(lines) // 2]
    figures = [figure for figure in _figures(prepared, lines, size) if _stands_beside(figure, lines)]
    if len(figures) > _MOST:
        return []
    read: list[Line] = []
    for column in _columns(figures, size):
        said = [(figure, *_said(reader, prepared, figure)) for figure in column]
        legible = [(figure, text, score) for figure, text, score in said if text]
        if len(legible) < max(_FEWEST, _LEGIBLE * len(column)):
            continue
        for figure, text, score in legible:
            box = Box.from_pixels(
                figure.x0,
                figure.y0 - prepared.padding,
                figure.x1,
                figure.y1 - prepared.padding,
                width=prepared.width,
                height=prepared.height,
            )
            read.append(Line(text=text, box=box, score=round(score, 4)))
    return read


def _figures(prepared: Prepared, lines: Sequence[_Mark], size: float) -> list[_Mark]:
    """Ink of the height of type that no line covers, with paper at either side."""
    import cv2
    import numpy as np

    ink = ink_of(prepared.bgr, size)
    for line in lines:
        ink[max(0, int(line.y0)) : int(line.y1) + 1, max(0, int(line.x0)) : int(line.x1) + 1] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, wide, high, _ = (stats[1:, part].astype(float) for part in range(5))
    fits = (high >= _HEIGHT[0] * size) & (high <= _HEIGHT[1] * size) & (wide <= _WIDEST * high)
    marks = [_Mark(*one) for one in np.stack([x, y, x + wide, y + high], 1)[fits].tolist()]
    if len(marks) > 4 * _MOST:
        return []
    figures: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.x0):
        for number, figure in enumerate(figures):
            if mark.x0 - figure.x1 < _TOGETHER * size and _overlap(mark, figure) > 0.5 * (mark.y1 - mark.y0):
                figures[number] = _Mark(
                    figure.x0, min(mark.y0, figure.y0), max(mark.x1, figure.x1), max(mark.y1, figure.y1)
                )
                break
        else:
            figures.append(mark)
    obstacles = [*figures, *lines]
    return [
        figure
        for figure in figures
        if figure.x1 - figure.x0 <= _LONGEST * size
        and not any(
            other is not figure
            and _overlap(figure, other) > 0
            and figure.x0 - _CLEAR * size < other.x1
            and other.x0 < figure.x1 + _CLEAR * size
            for other in obstacles
        )
    ]


def _stands_beside(figure: _Mark, lines: Sequence[_Mark]) -> bool:
    return any(_overlap(figure, line) >= _BESIDE * (figure.y1 - figure.y0) for line in lines)


def _overlap(one: _Mark, other: _Mark) -> float:
    return min(one.y1, other.y1) - max(one.y0, other.y0)


def _places(mark: _Mark) -> tuple[float, float, float]:
    """Left end, middle and right end."""
    return mark.x0, (mark.x0 + mark.x1) / 2, mark.x1


def _columns(figures: Sequence[_Mark], size: float) -> list[list[_Mark]]:
    """Figures one below the other, by their left ends, middles or right ends."""
    left = list(figures)
    columns: list[list[_Mark]] = []
    while left:
        best: list[_Mark] = []
        for first in left:
            for at in range(3):
                column = [one for one in left if abs(_places(one)[at] - _places(first)[at]) <= _COLUMN * size]
                if len(column) > len(best):
                    best = column
        if len(best) < _FEWEST:
            break
        columns.append(sorted(best, key=lambda one: one.middle))
        left = [one for one in left if one not in best]
    return columns


def _said(reader: Any, prepared: Prepared, figure: _Mark) -> tuple[str, float]:
    """What a figure says and how surely; empty where it is illegible or no figure, letter or character."""
    import numpy as np

    margin = _PAPER * (figure.y1 - figure.y0)
    top, bottom = max(0, round(figure.y0 - margin)), round(figure.y1 + margin)
    left, right = max(0, round(figure.x0 - margin)), round(figure.x1 + margin)
    crop = np.ascontiguousarray(prepared.bgr[top:bottom, left:right])
    result = reader.recognize_txt([crop])
    text, score = str(result.txts[0]).strip(), float(result.scores[0])
    if score < _SURE or not text.isalnum() or len(text) > 3:
        return "", score
    return text, score
