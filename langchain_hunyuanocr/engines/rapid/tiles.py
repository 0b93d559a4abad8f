"""Tiles of a long picture: where the detector looks one after the other, and lines that two tiles see."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LONG = 3
"""A picture with more than so many short sides to its long one, and more than `LONG_SIDE` pixels there, is a receipt, a
panorama or a banner: shrunk as a whole, its type would be lost, so it is looked at in tiles."""
LONG_SIDE = 1600
TILE_SIDE = 1280
"""Pixels of a tile along the long side, if the short side is not longer."""
OVERLAP = 160
"""Least pixels that a tile shares with the next: more than a line is high."""


def tiles_of(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of the tiles that cover a picture evenly, in pixels; one for one that is not long."""
    if max(width, height) <= max(LONG_SIDE, LONG * min(width, height)):
        return [(0, 0, width, height)]
    side = max(TILE_SIDE, min(width, height))
    return [
        (x, y, min(width, x + side), min(height, y + side)) for x in _starts(width, side) for y in _starts(height, side)
    ]


def _starts(length: int, tile: int) -> list[int]:
    if length <= tile:
        return [0]
    steps = math.ceil((length - tile) / (tile - OVERLAP))
    return [round(step * (length - tile) / steps) for step in range(steps + 1)]


def joined_at_seams(found: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Lines of the tiles so far and of another one; a line that both see is kept once, at its full extent.

    Args:
        found: float32 corners of shape (lines, 4, 2) in pixels of the whole picture.
        more: Of the other tile.
    """
    import numpy as np

    if not len(found) or not len(more):
        return found if len(found) else more
    kept = found.copy()
    new = []
    for quad in more:
        low, high = np.maximum(kept.min(axis=1), quad.min(axis=0)), np.minimum(kept.max(axis=1), quad.max(axis=0))
        flatter = np.minimum(np.ptp(kept, axis=1), np.ptp(quad, axis=0))
        across, down = (high - low).T
        # Columns touch where their boxes stand out a little; what is one line is shared for longer than it is high.
        same = (down > 0.5 * flatter[:, 1]) & (across > np.minimum(0.5 * flatter[:, 0], flatter[:, 1]))
        if not same.any():
            new.append(quad)
            continue
        number = int(np.argmax(np.where(same, across, 0.0)))
        kept[number] = _around(kept[number], quad)
    return np.concatenate([kept, np.asarray(new, dtype=np.float32).reshape(-1, 4, 2)])


def _around(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A quad around both; one that holds the other stays as it is, with its slope."""
    import numpy as np

    (x0, y0), (x1, y1) = np.minimum(one.min(axis=0), other.min(axis=0)), np.maximum(one.max(axis=0), other.max(axis=0))
    for quad in (one, other):
        if (np.ptp(quad, axis=0) >= np.array([x1 - x0, y1 - y0]) - 2).all():
            return quad
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float32)
