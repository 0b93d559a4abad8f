"""Watermarks: slanting and pale text across a page, which belongs to no sentence and no cell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from langchain_hunyuanocr.pages.backends.glyphs import GlyphLine

_PALE = 120.0
"""Grey level from which type is pale on white paper."""
_LARGE = 1.5
"""Size of a watermark over that of the body type."""
_STRAIGHT = 0.999
"""Least cosine between the writing and an edge of the page."""


def part_watermarks(lines: Sequence[GlyphLine]) -> tuple[list[GlyphLine], list[GlyphLine]]:
    """Part the lines of a page into its text and its watermarks.

    A watermark slants or is pale and large, and lies over other lines, is large, or says what such a one says. Slanting
    labels of a diagram are text.

    Returns:
        The text and the watermarks, each in the order of `lines`.
    """
    size_of = {id(line): line.size for line in lines}
    sizes = [size_of[id(line)] for line in lines for _ in line.glyphs]
    body = statistics.median_low(sizes) if sizes else 0.0

    def is_large(line: GlyphLine) -> bool:
        return size_of[id(line)] > _LARGE * body

    straight = [line for line in lines if _is_straight(line)]
    suspects = [line for line in lines if not _is_straight(line) or (is_large(line) and _is_pale(line))]
    if not suspects:
        return list(lines), []
    suspected = set(map(id, suspects))
    others = [line.bounds for line in straight if id(line) not in suspected]
    said = {
        line.text.strip()
        for line in suspects
        if (not _is_straight(line) and (is_large(line) or _is_pale(line))) or _lies_over(line, others)
    }
    marks = [line for line in suspects if line.text.strip() in said]
    marked = set(map(id, marks))
    return [line for line in lines if id(line) not in marked], marks


def _is_straight(line: GlyphLine) -> bool:
    return max(map(abs, line.direction)) > _STRAIGHT


def _is_pale(line: GlyphLine) -> bool:
    shown = [glyph.colour for glyph in line.glyphs if not glyph.is_space]
    levels = [0.299 * (c >> 16 & 255) + 0.587 * (c >> 8 & 255) + 0.114 * (c & 255) for c in shown]
    return statistics.fmean(levels) >= _PALE


def _lies_over(line: GlyphLine, others: Sequence[tuple[float, float, float, float]]) -> bool:
    """Whether the middle of another line, or a good part of it, lies in the place of this one."""
    x0, y0, x1, y1 = line.bounds
    for left, top, right, bottom in others:
        across, down = min(x1, right) - max(x0, left), min(y1, bottom) - max(y0, top)
        if across > bottom - top and down > 0.5 * (bottom - top):
            return True
    return False
