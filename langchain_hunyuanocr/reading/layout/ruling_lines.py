"""Ruling lines of a page picture: found by morphology, as long thin runs of ink across or down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

_REACH_EMS = 2.2
"""Shortest run taken for a rule, in type heights: longer than any stroke of a character."""
_THICKEST_EMS = 0.45
_LOCAL = 25
_DARKER = 12
"""Grey levels by which a rule is darker than the paper around it."""
_FAINT = 5
"""The same where a part of the rule is darker than that: pale and dotted rules come out in pieces otherwise."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule in pixels: `at` is its place across its direction, `start` and `end` along it."""

    at: float
    start: float
    end: float

    @property
    def length(self) -> float:
        """Along its direction, pixels."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a picture, and where their ink is."""

    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    across_ink: np.ndarray
    """Mask of the picture's shape, rows first."""
    down_ink: np.ndarray


def find_rules(picture: Image, type_size: float, *, faint: bool = False) -> Rules | None:
    """Find the rules of a page.

    Args:
        picture: The page, RGB.
        type_size: Height of the body type in pixels.
        faint: Whether rules are followed where they are paler than they may be elsewhere.

    Returns:
        The rules; `None` where OpenCV is not installed, which comes with the `rapid` extra.
    """
    try:
        import cv2
    except ImportError:
        return None
    grey = np.asarray(picture.convert("L"))

    def darker(by: int) -> np.ndarray:
        kind, inverse = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
        return np.asarray(cv2.adaptiveThreshold(grey, 255, kind, inverse, _LOCAL, by))

    ink = darker(_DARKER)
    reach = max(16, round(_REACH_EMS * type_size))
    across = _long_runs(ink, (reach, 1))
    down = _long_runs(ink, (1, reach))
    if faint:
        pale = darker(_FAINT)
        across = _followed(across, _long_runs(pale, (reach, 1)))
        down = _followed(down, _long_runs(pale, (1, reach)))
    thickest = max(5.0, _THICKEST_EMS * type_size)
    return Rules(
        tuple(_segments(across, thickest, upright=False)), tuple(_segments(down, thickest, upright=True)), across, down
    )


def _followed(runs: np.ndarray, further: np.ndarray) -> np.ndarray:
    """Runs with those of the further ones that touch them (hysteresis)."""
    import cv2

    _, labels = cv2.connectedComponents(further, connectivity=8)
    touched = np.unique(labels[runs > 0])
    result: np.ndarray = np.where(np.isin(labels, touched[touched > 0]), 255, runs).astype(np.uint8)
    return result


def _long_runs(ink: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    import cv2

    # Thickened by one pixel first: a rule that slopes a little moves from one row of pixels to the next.
    across = shape[1] == 1
    thick = cv2.dilate(ink, np.ones((3, 1) if across else (1, 3), np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, shape)
    runs: np.ndarray = cv2.morphologyEx(thick, cv2.MORPH_OPEN, kernel)
    gap = max(3, max(shape) // 3)
    closing = cv2.getStructuringElement(cv2.MORPH_RECT, (gap, 1) if across else (1, gap))
    return np.asarray(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, closing))


def _segments(mask: np.ndarray, thickest: float, *, upright: bool) -> list[Rule]:
    import cv2

    _, _, stats, centroids = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for (x, y, width, height, area), (centre_x, centre_y) in zip(stats[1:], centroids[1:], strict=True):
        length, extent = (height, width) if upright else (width, height)
        # A sloping rule is as wide as it slopes, but its ink is thin.
        if area / length > thickest or extent > max(thickest, 0.06 * length):
            continue
        start = y if upright else x
        found.append(Rule(float(centre_x if upright else centre_y), float(start), float(start + length)))
    return found
