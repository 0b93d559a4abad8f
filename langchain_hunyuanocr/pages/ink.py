"""Whether there is anything on a page to read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_SIDE = 1000
"""Long side of the copy that is looked at, pixels: noise is averaged away, letters are not."""
_EDGE = 0.03
"""Scanners leave shadows within this share of the edges."""
_BACKGROUND_RADIUS = 25
_LEAST_CONTRAST = 26
_NOISE_FACTOR = 7.0
_LEAST_INK = 45
"""Pixels of the copy: the ink of two or three digits."""


def ink_mask(grey: Image.Image) -> NDArray[np.bool_]:
    """Where there is ink: what differs from the paper around it by more than noise does.

    Args:
        grey: Mode L.

    Returns:
        A mask of the shape of the picture, rows first, specks of single pixels taken out.
    """
    values = np.asarray(grey, dtype=np.int16)
    paper = np.asarray(grey.filter(ImageFilter.BoxBlur(_BACKGROUND_RADIUS)), dtype=np.int16)
    difference = np.abs(values - paper)
    noise = float(np.median(difference)) * 1.4826
    mask = difference > max(_LEAST_CONTRAST, _NOISE_FACTOR * noise)
    neighbours = np.zeros(mask.shape, np.uint8)
    neighbours[1:] += mask[:-1]
    neighbours[:-1] += mask[1:]
    neighbours[:, 1:] += mask[:, :-1]
    neighbours[:, :-1] += mask[:, 1:]
    lasting: NDArray[np.bool_] = mask & (neighbours >= 2)
    return lasting


def is_blank(grey: Image.Image) -> bool:
    """Whether a page picture (mode L) holds no ink but specks, noise and the shadows of its edges."""
    small = grey.reduce(max(1, round(max(grey.size) / _SIDE)))
    rows, columns = round(small.height * _EDGE), round(small.width * _EDGE)
    mask = ink_mask(small)
    inner = mask[rows : mask.shape[0] - rows or None, columns : mask.shape[1] - columns or None]
    return int(inner.sum()) < _LEAST_INK
