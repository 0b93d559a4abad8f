"""Ink of a picture as the models get it, and the stretches in which it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_DARKER = 25
"""Grey levels by which ink is darker than what is around it."""


def ink_of(bgr: np.ndarray, height: float) -> np.ndarray:
    """Where ink is, on paper of any shade.

    Args:
        bgr: uint8 of shape (height, width, 3).
        height: Of a line, in pixels.

    Returns:
        uint8 of shape (height, width), 1 where there is ink.
    """
    import cv2

    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    block = 2 * round(2 * height) + 1
    ink: np.ndarray = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, _DARKER)
    return ink


def inked_rows(ink: np.ndarray) -> list[tuple[int, int]]:
    """Top and foot of each stretch of rows that hold ink.

    Args:
        ink: Of shape (height, width), set where there is ink.
    """
    import numpy as np

    held = np.any(ink, axis=1).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.r_[0, held, 0])).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
