"""Skew detection: by how much a page's lines of text slant.

The lower edges of ink gather on few rows when the page is sheared by the angle at which its lines run: the profile of
these edges is sharpest there (projection profiles, after W. Postl, "Detection of linear oblique structures and skew
scan in digitized documents", 1986).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langchain_hunyuanocr.pages.ink_lines import letters_of
from langchain_hunyuanocr.pages.orientation.line_slopes import slope_by_lines

MAX_SKEW = 15.0
"""Degrees; what slants more is no scan that went in crooked."""
_MIN_SKEW = 0.3
_COARSE_STEP = 0.5
_FINE_STEP = 0.05
_MOST_POINTS = 10_000
_FEWEST_POINTS = 150
_CLEAR_PEAK = 1.3
"""How much sharper than the median of all angles the profile must be at the best one."""
_CLEAR_GAIN = 1.05
"""How much sharper than unturned."""
_AGREED = 1.5
"""Degrees by which the lines of a page that is photographed differ from its profile."""

Mask = NDArray[np.bool_]


def find_skew(mask: Mask) -> float:
    """Degrees clockwise by which a page must be turned for its lines to be level; 0 where that is not clear.

    The sharpest profile proposes, the lines of the page decide: where they slant otherwise, something else than text
    made it sharp, such as the frame of a slanting stamp.

    Args:
        mask: Where there is ink, rows first.
    """
    skew = _sharpest(*_lower_edges(mask), mask.shape[0])
    if not skew:
        return 0.0
    slope = slope_by_lines(letters_of(mask))
    if slope is None or abs(slope + skew) <= _AGREED:
        return skew
    return 0.0 if abs(slope) < _MIN_SKEW else round(-slope, 2)


def _sharpest(x: NDArray[np.float32], y: NDArray[np.float32], height: int) -> float:
    """Degrees clockwise that make the profile of points sharpest; 0 where no turn is clearly better than none."""
    if x.size < _FEWEST_POINTS:
        return 0.0
    angles = np.arange(-MAX_SKEW, MAX_SKEW + _COARSE_STEP / 2, _COARSE_STEP)
    scores = np.array([_sharpness(x, y, angle, height) for angle in angles])
    best = float(angles[scores.argmax()])
    if scores.max() < _CLEAR_PEAK * np.median(scores) or abs(best) > MAX_SKEW - _COARSE_STEP:
        return 0.0
    fine = np.arange(best - _COARSE_STEP, best + _COARSE_STEP + _FINE_STEP / 2, _FINE_STEP)
    fine_scores = np.array([_sharpness(x, y, angle, height) for angle in fine])
    found = float(fine[fine_scores.argmax()])
    gain = fine_scores.max() / max(_sharpness(x, y, 0.0, height), 1.0)
    if abs(found) < _MIN_SKEW or gain < _CLEAR_GAIN:
        return 0.0
    return round(-found, 2)


def row_evidence(mask: Mask) -> float:
    """How much clearer a page's ink falls into rows than into columns: above 1 for rows, below for columns."""
    return _profile_energy(mask) / max(_profile_energy(mask.T), 1e-9)


def _profile_energy(mask: Mask) -> float:
    x, y = _lower_edges(mask)
    if x.size < _FEWEST_POINTS:
        return 0.0
    angles = np.arange(-4.0, 4.1, 1.0)
    best = max(_sharpness(x, y, float(angle), mask.shape[0]) for angle in angles)
    return float(best / x.size**2 * mask.shape[0])


def _lower_edges(mask: Mask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.nonzero(mask[:-1] & ~mask[1:])
    step = max(1, -(-x.size // _MOST_POINTS))
    return x[::step].astype(np.float32), y[::step].astype(np.float32)


def _sharpness(x: NDArray[np.float32], y: NDArray[np.float32], angle: float, height: int) -> float:
    """Sum of squares of the profile along lines that fall by `angle` degrees to the right."""
    rows = (y - x * np.float32(np.tan(np.radians(angle)))).astype(np.int32)
    rows -= rows.min()
    profile = np.bincount(rows, minlength=height).astype(np.float64)
    return float(np.dot(profile, profile))
