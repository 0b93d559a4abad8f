"""Curl of a page: how its lines of type bend, and by how much each place must be moved for them to be level.

The feet of the letters of each line tell how it bends. One smooth surface, a polynomial in both directions, is fitted
so that moved by it every line has its letters on one height; what fits badly loses weight (least squares, reweighted
after P. Huber). The same was done with cubic sheets by M. Zucker ("Page dewarping", 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.pages.orientation.line_slopes import letter_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ACROSS, _DOWN = 5, 3
"""Highest powers of the surface; a page curls across more than down."""
_FEWEST_LETTERS = 6
_LEAST_EXTENT = 6.0
"""Length of a line in heights of its letters."""
_FEWEST_FEET = 60
_ROUNDS = 8
_STIFF = 0.01
_BENT = 0.12
"""Mean deviation of a page's feet from level, in heights of its letters, from which it is worth moving anything."""
_STRAIGHTENED = 0.6
"""Share of that deviation that may be left."""


@dataclass(frozen=True, slots=True)
class Curl:
    """A surface over a page: how far below its level place the ink stands."""

    weights: tuple[float, ...]
    """Of the powers of the place across and down, both from -1 to 1."""
    extent: tuple[float, float, float, float]
    """Left, top, right and bottom of the text it was fitted to; outside it goes on as at its edge."""
    bend: float
    """Mean deviation of the feet from lines of one common slope, in heights of letters."""
    slope: float
    """The common slope of the lines in degrees, falling to the right."""

    def offset(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shares of the page's height by which to look further down, for places in shares of the straightened page."""
        across = np.clip(2 * x - 1, self.extent[0], self.extent[2])
        level = 2 * y - 1
        at = level
        for _ in range(6):  # the surface is known over the curled page, the place on the level one
            at = level + _powers(across.ravel(), np.clip(at, self.extent[1], self.extent[3]).ravel()).dot(
                np.asarray(self.weights)
            ).reshape(level.shape)
        offset: NDArray[np.float64] = (at - level) / 2
        return offset


def find_curl(letters: NDArray[np.int64], size: tuple[int, int]) -> Curl | None:
    """How the lines of a page bend; `None` where they are straight, too few, or do not bend together.

    Args:
        letters: As `ink_lines.letters_of` gives them.
        size: Width and height of the picture that they stand in.
    """
    feet, numbers, height = _feet(letters)
    if len(feet) < _FEWEST_FEET:
        return None
    across, down = 2 * feet[:, 0] / size[0] - 1, 2 * feet[:, 1] / size[1] - 1
    powers = _from_mean(_powers(across, down), numbers)
    down_from_mean = _from_mean(down[:, None], numbers)[:, 0]
    stiff = _STIFF * np.sqrt(len(feet)) * np.eye(powers.shape[1])
    trust = np.ones(len(feet))
    for _ in range(_ROUNDS):
        weighted = np.vstack([powers * trust[:, None], stiff])
        wanted = np.concatenate([down_from_mean * trust, np.zeros(len(stiff))])
        weights = np.linalg.lstsq(weighted, wanted, rcond=None)[0]
        off = np.abs(down_from_mean - powers @ weights)
        trust = np.sqrt(1 / np.maximum(1.0, off / (1.5 * float(np.median(off)) + 1.0 / size[1])))
    letter = 2 * height / size[1]
    before, after = float(np.abs(down_from_mean).mean()) / letter, float(off.mean()) / letter
    if before < _BENT or after > _STRAIGHTENED * before:
        return None
    across_from_mean = powers[:, 0]
    slope = float(across_from_mean @ down_from_mean) / max(float(across_from_mean @ across_from_mean), 1e-9)
    bend = float(np.abs(down_from_mean - slope * across_from_mean).mean()) / letter
    degrees = float(np.degrees(np.arctan(slope * size[1] / size[0])))
    extent = (float(across.min()), float(down.min()), float(across.max()), float(down.max()))
    return Curl(tuple(float(weight) for weight in weights), extent, bend, degrees)


def _feet(letters: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64], float]:
    """Feet of letters as x and y, the number of their line, and the height of the letters."""
    feet, numbers, heights = [np.zeros((0, 2))], [np.zeros(0, np.int64)], []
    for number, line in enumerate(letter_lines(letters)):
        left, top, right, bottom = line[:, :4].T
        height = float(np.median(bottom - top))
        if len(line) < _FEWEST_LETTERS or right[-1] - left[0] < _LEAST_EXTENT * height:
            continue
        x, y = (left + right) / 2.0, bottom.astype(np.float64)
        off = np.abs(np.polyval(np.polyfit(x, y, 2), x) - y)
        keep = off <= max(1.0, 1.5 * float(np.median(off)))
        feet.append(np.stack([x[keep], y[keep]], axis=1))
        numbers.append(np.full(int(keep.sum()), number))
        heights.append(height)
    return np.concatenate(feet), np.concatenate(numbers), float(np.median(heights)) if heights else 1.0


def _powers(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = [(i, j) for i in range(1, _ACROSS + 1) for j in range(_DOWN + 1) if i + j <= _ACROSS]
    return np.stack([across**i * down**j for i, j in powers], axis=1)


def _from_mean(values: NDArray[np.float64], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Values less the mean of their line: how high a line stands as a whole is not asked."""
    count = np.bincount(numbers)
    sums = np.zeros((len(count), values.shape[1]))
    np.add.at(sums, numbers, values)
    found: NDArray[np.float64] = values - (sums / np.maximum(count, 1)[:, None])[numbers]
    return found
