"""Ink mask and blank pages: whether there is anything on a page to read."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

_SIDE = 1000
"""Long side of the copy that is looked at, pixels: noise is averaged away, letters are not."""
_EDGE = 0.03
"""Scanners leave shadows within this share of the edges."""
_LONG = 3
"""Short sides to a long one from which on a copy by the long side alone would be too small to show letters."""
_AREA = 1_200_000
_PAPER_RADIUS = 25
_DARK_PAPER = 128
_BLOCK = 16
_NOISE_FACTOR = 7.0
_CONTRAST = (26.0, 64.0)
"""Least and most grey levels by which ink must differ from the paper around it; noise decides between the two."""
_LEAST_INK = 45
"""Pixels of a full copy: the ink of two or three digits."""
_LEAST_INK_OF_ANY = 8


def small_copy(picture: Image.Image) -> Image.Image:
    """A grey copy (mode L) of 750 to 1500 pixels on its long side; a smaller picture keeps its size."""
    return picture.convert("L").reduce(max(1, round(max(picture.size) / _SIDE)))


def ink_mask(grey: Image.Image) -> NDArray[np.bool_]:
    """Where there is ink: what differs from the paper around it by more than noise does.

    Args:
        grey: Mode L, from `small_copy`.

    Returns:
        A mask of the shape of the picture, rows first, specks of single pixels taken out.
    """
    paper = grey.filter(ImageFilter.BoxBlur(_PAPER_RADIUS))
    difference = ImageChops.difference(grey, paper)
    contrast = np.clip(_NOISE_FACTOR * _noise(difference), *_CONTRAST)
    # Light on light is no ink but the halo that a dark edge leaves in the blurred paper.
    dark_paper, darker = np.asarray(paper) < _DARK_PAPER, np.asarray(grey) < np.asarray(paper)
    mask = (np.asarray(difference) > contrast) & (dark_paper | darker)
    ones = mask.view(np.uint8)
    neighbours = np.zeros(mask.shape, np.uint8)
    neighbours[1:] += ones[:-1]
    neighbours[:-1] += ones[1:]
    neighbours[:, 1:] += ones[:, :-1]
    neighbours[:, :-1] += ones[:, 1:]
    lasting: NDArray[np.bool_] = mask & (neighbours >= 2)
    return lasting


def _noise(difference: Image.Image) -> float:
    """Deviation of the emptiest tenth of the page, in grey levels."""
    return float(np.percentile(np.asarray(difference.reduce(_BLOCK)), 10)) * 1.25  # mean to standard deviation


def is_blank(mask: NDArray[np.bool_]) -> bool:
    """Whether a page holds no ink but specks and the shadows of its edges.

    Args:
        mask: From `ink_mask`.
    """
    rows, columns = (round(side * _EDGE) for side in mask.shape)
    inner = mask[rows : mask.shape[0] - rows or None, columns : mask.shape[1] - columns or None]
    least = _LEAST_INK * min(1.0, mask.size / _SIDE**2)
    return int(inner.sum()) < max(_LEAST_INK_OF_ANY, least)


def has_ink(picture: Image.Image, mask: NDArray[np.bool_] | None = None) -> bool:
    """Whether there is anything on a page to read; the one test that says whether a page is blank.

    Args:
        picture: The page.
        mask: Of its `small_copy`, where it has been made.
    """
    if not is_blank(ink_mask(small_copy(picture)) if mask is None else mask):
        return True
    if max(picture.size) <= _LONG * min(picture.size):
        return False
    finer = max(1, round(math.sqrt(picture.width * picture.height / _AREA)))
    return not is_blank(ink_mask(picture.convert("L").reduce(finer)))
