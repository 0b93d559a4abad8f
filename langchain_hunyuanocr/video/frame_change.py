"""Frame change: do two frames show the same text; strokes are compared, whatever moves behind them.

A pixel belongs to a stroke where it is much lighter or darker than what is around it (a top-hat in both polarities, as
text detectors have used it since the 1990s); scenery that is smooth or out of focus has none. Two frames are the same
where no small block of them holds strokes that the other one lacks. A mistake costs one reading too many, which is
merged again; a subtitle is not lost by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOOK_WIDTH = 640
"""Pixels across a frame when it is compared: strokes of subtitles are then 1 to 3 pixels wide."""
_AROUND = 12
"""Pixels to each side of a pixel that count as around it."""
_STRONG = 45
"""Grey levels from what is around it that make a pixel a stroke; fainter writing cannot be read."""
_WEAK = 25
"""From so many on, a pixel may be the same stroke as in the other frame, in a fade or after lossy coding."""
_BLOCK = 16
_MOST_CHANGED = 6
"""Pixels of strokes that a block may lose or gain: less than a full stop."""
_FEWEST_STROKES = 24
"""Pixels; a frame with fewer holds no writing."""

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FrameText:
    """The strokes in the region of a frame where subtitles stand."""

    strong: Mask
    weak: Mask

    @classmethod
    def at(cls, grey: Grey) -> FrameText:
        """From a grey picture, rows first, `LOOK_WIDTH` across where it is a whole frame's width."""
        contrast = np.abs(grey - _mean_around(grey))
        return cls(contrast > _STRONG, contrast > _WEAK)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that could be writing."""
        return int(self.strong.sum()) < _FEWEST_STROKES

    def same_as(self, other: FrameText) -> bool:
        """Whether both show the same writing."""
        if self.strong.shape != other.strong.shape:
            return False
        gone = self.strong & ~_widened(other.weak)
        come = other.strong & ~_widened(self.weak)
        return _most_in_a_block(gone | come) <= _MOST_CHANGED


def _mean_around(grey: Grey) -> NDArray[np.float32]:
    size = 2 * _AROUND + 1
    padded = np.pad(grey.astype(np.float64), _AROUND, mode="edge")
    sums = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    box: NDArray[np.float64] = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return (box / size**2).astype(np.float32)


def _widened(mask: Mask) -> Mask:
    """With a border of one pixel, for what coding and rescaling shift."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    across = wide.copy()
    across[:, 1:] |= wide[:, :-1]
    across[:, :-1] |= wide[:, 1:]
    return across


def _most_in_a_block(mask: Mask) -> int:
    rows, columns = (-(-side // _BLOCK) for side in mask.shape)
    padded = np.zeros((rows * _BLOCK, columns * _BLOCK), np.uint16)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return int(padded.reshape(rows, _BLOCK, columns, _BLOCK).sum(axis=(1, 3)).max(initial=0))
