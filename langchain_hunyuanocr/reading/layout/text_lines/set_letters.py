"""Letters set for looks: a large initial beside the lines that it begins, and titles whose letters stand apart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.segments import Segment, touches_cjk

_INITIAL = 1.6
"""Times the body type."""
_BESIDE = 1.5
"""Space between an initial and its lines, in type heights."""
_WORD_SPACE = 0.35
"""The same, from which on an initial is a word of its own: `A`, `I`."""
_LETTER = 0.6
"""Width of a capital over its height."""
_WORD_GAP = 1.7
"""Times the space between the letters of a title."""
_FEWEST_LETTERS = 4
_MOST_CHARACTERS = 8
"""Of a Chinese title or label whose characters stand apart."""


def with_initials(segments: Sequence[Segment], type_size: float) -> list[Segment]:
    """Put initials that reach over two lines and more before the first of these.

    Args:
        segments: Of the whole page, in any order.
        type_size: Height of the body type.
    """
    result = list(segments)
    for initial in segments:
        if len(initial.text) != 1 or not initial.text.isalpha() or initial.size < _INITIAL * type_size:
            continue
        beside = sorted((s for s in result if _stands_beside(s, initial, type_size)), key=lambda s: s.middle)
        if len(beside) < 2:
            continue
        result = [segment for segment in result if segment is not initial and segment not in beside]
        first, *others = (replace(segment, x0=initial.x0) for segment in beside)
        apart = beside[0].x0 - initial.x1 > _WORD_SPACE * type_size and initial.text in "AIOEYÀ"
        space = " " if apart and not touches_cjk(initial.text, first.text) else ""
        lines = (*initial.lines, *first.lines)
        result += [replace(first, text=f"{initial.text}{space}{first.text}", lines=lines), *others]
    return result


def _stands_beside(segment: Segment, initial: Segment, type_size: float) -> bool:
    near = -0.5 * type_size < segment.x0 - initial.x1 < _BESIDE * type_size
    level = initial.y0 - 0.4 * type_size < segment.middle < initial.y1 + 0.1 * type_size
    return near and level and segment.size < _INITIAL * type_size and segment.table is None and len(segment.text) > 1


def closed_up(row: Segment, pieces: Sequence[Segment]) -> Segment:
    """A row whose letters stand apart with its words closed up: `I N V O I C E`, `请 购 单`; others as they are.

    Args:
        row: The pieces as one.
        pieces: What it was joined from, from left to right.
    """
    letters = row.text.split()
    if any(len(letter) != 1 or not letter.isalpha() for letter in letters):
        return row
    if all(touches_cjk(letter, "") for letter in letters):
        return replace(row, text="".join(letters)) if 1 < len(letters) <= _MOST_CHARACTERS else row
    if len(letters) < _FEWEST_LETTERS or not all(letter.isupper() for letter in letters):
        return row
    gaps = [after.x0 - before.x1 for before, after in pairwise(pieces)]
    inner = [_gap_within(piece) for piece in pieces if len(piece.text) > 1]
    usual = statistics.median([*inner, *(gaps if not inner else [])]) if gaps else 0.0
    text = "".join(pieces[0].text.split())
    for piece, gap in zip(pieces[1:], gaps, strict=True):
        text += (" " if gap > _WORD_GAP * usual else "") + "".join(piece.text.split())
    return replace(row, text=text)


def _gap_within(piece: Segment) -> float:
    """Space between the letters of a piece."""
    letters = len(piece.text.split())
    return max(0.0, (piece.width - letters * _LETTER * piece.size) / (letters - 1))
