"""Slopes of single lines: each line of type says by how much it slants, and all together on how the page does.

Letters are linked to their next neighbour on the right, links make lines (nearest-neighbour clustering, after
L. O'Gorman, "The document spectrum for page layout analysis", 1993), and a straight line is laid through their feet.
The profile of a whole page can be ruled by one bold stroke, such as the frame of a stamp; a vote of its lines cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GAP = 1.5
"""Widest space between two letters of a line, in heights of the first: more than between words."""
_LIKE = (0.45, 2.2)
"""Height of the next letter, in heights of the first."""
_OVERLAP = 0.4
"""Least share of the lower of two neighbours beside the other."""
_SHORTEST = 5
"""Letters; fewer say little about a slope."""
_LEAST_EXTENT = 6.0
"""Length of a line in heights of its letters, below which the feet of letters such as g and p decide its slope."""
_MOST_LETTERS = 6000
"""A full page of small type has about as many; more would only take time."""

_LONG = 12
"""Letters of a line that is no cell of a table."""
_LEVEL = 6.0
"""Degrees."""
_ON_FOOT, _LEAST_OFF = 0.08, 0.6
"""How far the letters of a line may stand off its foot, in heights and in pixels. Of 133 upright pages, seven have as
many letters in such lines on their side: vertical text, tables, and four that do not stand upright."""
_FEWEST_VOTES = 30
"""Letters in lines, below which a page has too few lines to say how it slants."""


def slope_by_lines(letters: NDArray[np.int64]) -> float | None:
    """Degrees by which the lines of a page fall to the right: the median over their letters; `None` for too few.

    Args:
        letters: Rows of left, top, right, bottom and more, in pixels, as `ink_lines.letters_of` gives them.
    """
    slopes = sorted(_line_slopes(letters))
    votes = np.cumsum([count for _, count in slopes])
    if not slopes or votes[-1] < _FEWEST_VOTES:
        return None
    return slopes[int(np.searchsorted(votes, votes[-1] / 2))][0]


def level_letters(letters: NDArray[np.int64]) -> int:
    """How many letters stand in long level lines, all on one foot.

    Letters on their side make lines as well, across those that are printed, but their feet stand at odds.

    Args:
        letters: As for `slope_by_lines`.
    """
    found = 0
    for line in letter_lines(letters):
        fitted = _fit(line) if len(line) >= _LONG else None
        if fitted is None:
            continue
        slope, off = fitted
        height = float(np.median(line[:, 3] - line[:, 1]))
        if abs(slope) <= _LEVEL and off <= max(_LEAST_OFF, _ON_FOOT * height):
            found += len(line)
    return found


def _line_slopes(letters: NDArray[np.int64]) -> list[tuple[float, int]]:
    """The slope of each line in degrees, and how many letters it has."""
    fits = [(_fit(line), len(line)) for line in letter_lines(letters)]
    return [(fit[0], count) for fit, count in fits if fit is not None]


def letter_lines(letters: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Letters that follow each other from left to right."""
    letters = letters[:_MOST_LETTERS]
    letters = letters[np.argsort(letters[:, 0], kind="stable")]
    following = _following(letters)
    begins = np.ones(len(letters), np.bool_)
    begins[following[following >= 0]] = False
    lines = []
    for first in np.flatnonzero(begins).tolist():
        line = []
        while first >= 0:
            line.append(first)
            first = int(following[first])
        lines.append(letters[line])
    return lines


def _following(letters: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each letter the next one of its line, -1 for the last; each letter follows one."""
    following = np.full(len(letters), -1, np.int64)
    taken = np.zeros(len(letters), np.bool_)
    left, top, right, bottom = letters[:, :4].T
    height = bottom - top
    reach = right + np.round(_GAP * height).astype(np.int64)
    ends = np.searchsorted(left, reach, "right")
    for number in range(len(letters)):
        near = slice(number + 1, ends[number])
        shared = np.minimum(bottom[near], bottom[number]) - np.maximum(top[near], top[number])
        ratio = height[near] / height[number]
        fits = (
            (shared > _OVERLAP * np.minimum(height[near], height[number]))
            & (ratio > _LIKE[0])
            & (ratio < _LIKE[1])
            & ~taken[near]
            & (left[near] + right[near] > left[number] + right[number])
        )
        if fits.any():
            following[number] = number + 1 + int(fits.argmax())
            taken[following[number]] = True
    return following


def _fit(line: NDArray[np.int64]) -> tuple[float, float] | None:
    """Degrees by which a line falls to the right, and by how many pixels half of its letters stand off at most."""
    left, top, right, bottom = line[:, :4].T
    if len(line) < _SHORTEST or right[-1] - left[0] < _LEAST_EXTENT * float(np.median(bottom - top)):
        return None
    across = (left + right) / 2.0
    # Twice: what stands below or above the first fit, as commas and the feet of g and p do, has no say in the second.
    keep = np.ones(len(line), np.bool_)
    for _ in range(2):
        slope, at = np.polyfit(across[keep], bottom[keep], 1)
        off = np.abs(bottom - (slope * across + at))
        keep = off <= max(1.0, float(np.median(off)))
        if np.count_nonzero(keep) < 3 or np.ptp(across[keep]) == 0:
            break
    return float(np.degrees(np.arctan(slope))), float(np.median(off))
