"""Outline of a photographed page: the four corners of a sheet that lies on something darker.

The largest bright area is found by Otsu's threshold (N. Otsu, "A threshold selection method from gray-level
histograms", 1979), and its convex hull is simplified to four corners. What is no clear sheet is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_SIDE = 700
"""Long side of the copy that is looked at, pixels."""
_TYPE = 15
"""Pixels of that copy that type is closed over."""
_AREA = (0.12, 0.97)
"""Share of the picture that a sheet takes."""
_SOLID = 0.9
"""Least share of its convex hull that is bright."""
_FOUR_SIDED = (0.93, 1.12)
"""Area between its corners over its own: a curled edge takes some away or adds some."""
_CONTRAST = 40.0
"""Grey levels by which it is brighter inside than outside, all around."""
_ANGLES = (60.0, 120.0)
_SKEWED = 1.5
"""Degrees by which a corner must differ from 90: a rectangle was not photographed from aside, and a light panel on a
dark slide is one."""


def find_outline(picture: Image) -> NDArray[np.float64] | None:
    """The corners of a sheet that was photographed from aside.

    Args:
        picture: RGB.

    Returns:
        Top left, top right, bottom right and bottom left as rows of x and y in pixels; `None` where there is no clear
        sheet, or OpenCV is not installed, which comes with the `rapid` extra.
    """
    try:
        import cv2
    except ImportError:
        return None
    reduced = max(1, round(max(picture.size) / _SIDE))
    grey = cv2.medianBlur(np.asarray(picture.convert("L").reduce(reduced)), 7)
    grey = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((_TYPE, _TYPE), np.uint8))
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    sheet = max(contours, key=cv2.contourArea)
    hull = cv2.convexHull(sheet)
    area = cv2.contourArea(sheet)
    if not _AREA[0] <= area / grey.size <= _AREA[1] or area < _SOLID * cv2.contourArea(hull):
        return None
    around = cv2.arcLength(hull, True)
    rough = (cv2.approxPolyDP(hull, share * around, True) for share in np.arange(0.01, 0.12, 0.005))
    four = next((corners[:, 0].astype(np.float64) for corners in rough if len(corners) == 4), None)
    if four is None or not _FOUR_SIDED[0] <= cv2.contourArea(four.astype(np.float32)) / area <= _FOUR_SIDED[1]:
        return None
    corners = _in_order(four)
    inside = np.zeros_like(grey)
    cv2.fillConvexPoly(inside, corners.astype(np.int32), 1)
    kernel = np.ones((_TYPE, _TYPE), np.uint8)
    within, without = (inside - cv2.erode(inside, kernel)) > 0, (cv2.dilate(inside, kernel) - inside) > 0
    # All around, not side by side: a curled edge lies beside the straight line between its corners.
    if not without.any() or np.median(grey[within]) - np.median(grey[without]) < _CONTRAST:
        return None
    return corners * reduced if is_seen_from_aside(corners) else None


def is_seen_from_aside(corners: NDArray[np.float64]) -> bool:
    """Whether four corners, in order, are those of a sheet in perspective: no rectangle, and nothing too sharp."""
    angles = []
    for number in range(4):
        one, other = corners[number - 1] - corners[number], corners[(number + 1) % 4] - corners[number]
        cosine = float(one @ other) / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9)
        angles.append(float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))))
    sharp = all(_ANGLES[0] <= angle <= _ANGLES[1] for angle in angles)
    return sharp and max(abs(angle - 90) for angle in angles) >= _SKEWED


def _in_order(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    total, difference = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [total.argmin(), difference.argmin(), total.argmax(), difference.argmax()]
    found: NDArray[np.float64] = corners[order]
    return found
