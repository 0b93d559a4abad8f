"""Short rows close above each other that the detector takes for one tall box: small figures in a column of a table.

Read as one line they give figures that are nowhere on the page. Such a box is cut where its ink leaves rows of pixels
free, and each row is read; they are kept apart where they are legible so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.binarization import inked_rows
from langchain_hunyuanocr.engines.rapid.recognition import Prepared, recognise
from langchain_hunyuanocr.engines.rapid.turned_parts import upright_crop
from langchain_hunyuanocr.results import Line

if TYPE_CHECKING:
    import numpy as np

_TALL = 1.5
"""Height of a box over its width from which RapidOCR turns it."""
_FLATTEST, _TALLEST = 0.25, 1.4
"""Height of a row over the width of its box."""
_INSIDE = 0.25
"""Share of a row that its box must hold."""
_MOST_ROWS = 8
_MOST_BOXES = 200
"""Tall boxes that are looked at; more are a texture."""
_SURE = 0.85
"""Least mean score of the rows."""
_SURER = 0.05
"""By how much it must be better than that of the box read from either side, where each row is a single character, as
those of text on its side are."""
_BESIDE, _ALIKE = 0.35, 2.0
"""How far the middle of a line beside a row may be, and how high it may be, in heights of the row."""
_PAPER = 0.15
"""Paper kept above and below a row, in its heights."""


def with_rows_apart(
    reader: Any, prepared: Prepared, quads: np.ndarray, read: Sequence[tuple[Line, ...]]
) -> tuple[np.ndarray, list[tuple[Line, ...]]]:
    """Boxes and what they say, tall boxes that hold rows replaced by these.

    Args:
        reader: RapidOCR.
        prepared: The picture.
        quads: Corners as `detect` gave them.
        read: What they say, as `recognise` gave it.
    """
    import numpy as np

    kept = np.ones(len(quads), bool)
    more_quads: list[np.ndarray] = []
    more: list[tuple[Line, ...]] = []
    sizes = np.ptp(quads, axis=1)
    flat = quads[sizes[:, 0] > 2 * sizes[:, 1]]
    for number in np.flatnonzero(sizes[:, 1] >= _TALL * sizes[:, 0])[:_MOST_BOXES].tolist():
        left, top = quads[number].min(axis=0)
        right, bottom = quads[number].max(axis=0)
        latin = all(line.text.isascii() for line in read[number])
        # A box may begin or end within a row.
        first = max(0, int(top - (right - left)))
        crop = prepared.bgr[first : int(bottom + right - left) + 1, max(0, int(left)) : int(right) + 1]
        rows = _rows(crop, top - first, bottom - first)
        if not 2 <= len(rows) <= _MOST_ROWS:
            continue
        # Characters of Chinese one below the other are writing from top to bottom, unless each has a line beside it.
        beside = _each_beside_a_line([(first + a, first + b) for a, b in rows], flat)
        if not latin and not beside:
            continue
        apart = np.array(
            [[[left, first + a], [right, first + a], [right, first + b], [left, first + b]] for a, b in rows],
            np.float32,
        )
        found = recognise(reader, prepared, apart)
        if not all(found):
            continue
        score = float(np.mean([line.score or 0.0 for lines in found for line in lines]))
        least = _SURE
        if not beside and all(len(line.text) == 1 for lines in found for line in lines):
            upward = np.rot90(upright_crop(prepared, quads[number]), -1)
            up = float(reader.recognize_txt([np.ascontiguousarray(upward)]).scores[0])
            down = max((line.score or 0.0 for line in read[number]), default=0.0)
            least = max(_SURE, up + _SURER, down + _SURER)
        if score >= least:
            kept[number] = False
            more_quads.append(apart)
            more += found
    if not more:
        return quads, list(read)
    rest = [lines for lines, keep in zip(read, kept, strict=True) if keep]
    return np.concatenate([quads[kept], *more_quads]), [*rest, *more]


def _each_beside_a_line(rows: Sequence[tuple[float, float]], flat: np.ndarray) -> bool:
    """Whether each row stands beside a flat line of its own, as cells of a column do."""
    if len(flat) < len(rows):
        return False
    tops, bottoms = flat[:, :, 1].min(axis=1), flat[:, :, 1].max(axis=1)
    taken: set[int] = set()
    for top, bottom in rows:
        middle, height = (top + bottom) / 2, bottom - top
        near = [
            number
            for number in range(len(flat))
            if number not in taken
            and abs((tops[number] + bottoms[number]) / 2 - middle) < _BESIDE * height
            and bottoms[number] - tops[number] < _ALIKE * height
        ]
        if not near:
            return False
        taken.update(near)
    return True


def _rows(crop: np.ndarray, top: float, bottom: float) -> list[tuple[float, float]]:
    """Top and bottom of the rows of a crop that stand between two heights, none where they are no rows of type."""
    import cv2

    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    runs = [
        (above, below)
        for above, below in inked_rows(ink)
        if min(below, bottom) - max(above, top) >= _INSIDE * (below - above)
    ]
    heights = [below - above for above, below in runs]
    wide = crop.shape[1]
    if not runs or min(heights) < _FLATTEST * wide or max(heights) > _TALLEST * wide:
        return []
    if max(heights) > 1.6 * min(heights) or any(below[0] - above[1] < 1 for above, below in pairwise(runs)):
        return []
    return [(above - _PAPER * (below - above), below + _PAPER * (below - above)) for above, below in runs]
