"""Dashed and dotted rules down a table, which a recogniser takes for characters of the figures that they touch.

`2,356` beside a dashed rule is read as `2,3561`: another number. So such rules are painted over before lines are read.
Solid ones are known to the recogniser, which reads past them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from langchain_hunyuanocr.engines.rapid.binarization import ink_of, inked_rows
from langchain_hunyuanocr.engines.rapid.recognition import Prepared

if TYPE_CHECKING:
    import numpy as np

_FEWEST_LINES = 6
"""Of a page that has a table."""
_GAP = 0.4
"""Widest gap between two dashes, in heights of the lines' boxes, as all that follows."""
_SHORTEST, _LONG = 5.0, 10.0
"""Length of a rule: of one that stands free, and of one beside which figures stand on one side."""
_WIDEST = 0.25
_FEWEST_DASHES = 10
_STEP = 0.5
"""From dash to dash: characters one below the other are farther apart."""
_DASH = 0.45
"""Length of three quarters of the dashes."""
_BESIDE = 0.12
"""Width at either side in which there is no ink."""
_FREE, _FREE_ON_ONE_SIDE = 0.9, 0.9
"""Share of the dashes with no ink beside them, on both sides or on one: columns of type have at most 0.41 and 0.88."""
_PAPER = 6
"""Pixels at either side that tell the paper's colour."""


@dataclass(frozen=True, slots=True)
class _Strip:
    """A run of dashes, in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int


def without_dashed_rules(prepared: Prepared, quads: np.ndarray) -> Prepared:
    """A picture without the dashed rules that run down it.

    Args:
        prepared: The picture.
        quads: Corners of its lines, as `detect` gives them.
    """
    import numpy as np

    if len(quads) < _FEWEST_LINES:
        return prepared
    height = float(np.median(np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)))
    strips = list(_dashed_rules(prepared.bgr, height))
    if not strips:
        return prepared
    bgr = prepared.bgr.copy()
    for strip in strips:
        left, right = max(0, strip.x0 - 1), min(bgr.shape[1], strip.x1 + 1)
        sides = [
            bgr[strip.y0 : strip.y1, max(0, left - _PAPER) : left],
            bgr[strip.y0 : strip.y1, right : right + _PAPER],
        ]
        papers = np.stack([np.median(side, axis=1) for side in sides if side.shape[1]])
        lightest = papers.sum(axis=2).argmax(axis=0)
        paper = papers[lightest, np.arange(papers.shape[1])]
        bgr[strip.y0 : strip.y1, left:right] = paper[:, None, :].astype(np.uint8)
    return replace(prepared, bgr=bgr)


def _dashed_rules(bgr: np.ndarray, height: float) -> Iterator[_Strip]:
    import cv2
    import numpy as np

    ink = ink_of(bgr, height)
    gap, shortest = max(2, round(_GAP * height)), round(_SHORTEST * height)
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((gap + 1, 1), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((shortest, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    for x, y, wide, high, _ in stats[1:].tolist():
        strip = _Strip(x, y, x + wide, y + high)
        if wide <= max(3.0, _WIDEST * height) and _is_dashed(ink, strip, height):
            yield strip


def _is_dashed(ink: np.ndarray, strip: _Strip, height: float) -> bool:
    import numpy as np

    dashes = inked_rows(ink[strip.y0 : strip.y1, strip.x0 : strip.x1])
    long = strip.y1 - strip.y0
    if len(dashes) < _FEWEST_DASHES or long > _STEP * height * len(dashes):
        return False
    if np.percentile([foot - top for top, foot in dashes], 75) > _DASH * height:
        return False
    beside = max(2, round(_BESIDE * height))
    free = [
        sum(
            not ink[strip.y0 + top : strip.y0 + foot, max(0, x0) : x1].any()
            for x0, x1 in ((strip.x0 - beside - 1, strip.x0 - 1), (strip.x1 + 1, strip.x1 + 1 + beside))
        )
        for top, foot in dashes
    ]
    on_both, on_one = free.count(2) / len(free), 1 - free.count(0) / len(free)
    return on_both >= _FREE or (on_one >= _FREE_ON_ONE_SIDE and long >= _LONG * height)
