"""Lettering that is no text of the page: signs in its photographs, and pale watermarks. It makes no headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.reading.layout.paragraphs import TextBlock
from langchain_hunyuanocr.results import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_AROUND = 0.45
"""Width of the ring around lettering that is looked at, in its heights."""
_LIKE = 18.0
"""Grey levels by which the paper of one place differs: dust, and the grain of a scan."""
_EVEN = 0.6
"""Share of the ring around text that is like its median: headings of the papers at hand have at least 0.79, signs in
photographs at most 0.44."""
_NO_PAPER = 40.0
"""Grey levels between the ring's median and the paper's: shaded boxes are lighter, or even."""
_PALE = 0.25
"""Contrast of a watermark, as a share of the contrast of the page's text: 0.06 of those at hand, of grey headings 0.5
and more."""
_MOST_COMPARED = 40


def without_lettering(passages: Sequence[TextBlock], picture: Image) -> list[TextBlock]:
    """A page's passages; headings that are lettering of a photograph or of a watermark are plain text.

    Args:
        passages: In reading order.
        picture: The page, RGB.
    """
    headings = [passage for passage in passages if passage.kind == "heading"]
    if not headings:
        return list(passages)
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    paper = float(np.median(grey[:: max(1, grey.shape[0] // 500), :: max(1, grey.shape[1] // 500)]))
    text = [box for passage in passages if passage.kind != "heading" for box in _boxes(passage)][:_MOST_COMPARED]
    usual = float(np.median([_contrast(grey, box) for box in text])) if text else 0.0

    def is_lettering(passage: TextBlock) -> bool:
        boxes = _boxes(passage)
        if not boxes:
            return False
        in_photograph = all(_is_in_photograph(grey, box, paper) for box in boxes)
        return in_photograph or all(_contrast(grey, box) < _PALE * usual for box in boxes)

    return [
        replace(passage, kind="paragraph", level=0) if passage.kind == "heading" and is_lettering(passage) else passage
        for passage in passages
    ]


def _boxes(passage: TextBlock) -> list[Box]:
    return [line.box for segment in passage.segments for line in segment.lines]


def _is_in_photograph(grey: np.ndarray, box: Box, paper: float) -> bool:
    ring = _ring(grey, box)
    if not ring.size:
        return False
    median = float(np.median(ring))
    return abs(median - paper) > _NO_PAPER and float((abs(ring - median) < _LIKE).mean()) < _EVEN


def _ring(grey: np.ndarray, box: Box) -> np.ndarray:
    """The pixels around a box."""
    height, width = grey.shape
    margin = _AROUND * box.height * height
    top, foot, left, right = (
        int(edge)
        for edge in (
            max(0, box.y0 * height - margin),
            box.y1 * height + margin + 1,
            max(0, box.x0 * width - margin),
            box.x1 * width + margin + 1,
        )
    )
    outside = np.ones(grey[top:foot, left:right].shape, dtype=bool)
    y0, y1 = int(box.y0 * height) - top, int(box.y1 * height) + 1 - top
    x0, x1 = int(box.x0 * width) - left, int(box.x1 * width) + 1 - left
    outside[y0:y1, x0:x1] = False
    return grey[top:foot, left:right][outside]


def _contrast(grey: np.ndarray, box: Box) -> float:
    """Grey levels between a line's ink and what it stands on."""
    height, width = grey.shape
    inside = grey[int(box.y0 * height) : int(box.y1 * height) + 1, int(box.x0 * width) : int(box.x1 * width) + 1]
    if not inside.size:
        return 0.0
    return float(np.percentile(abs(inside - np.median(inside)), 95))
