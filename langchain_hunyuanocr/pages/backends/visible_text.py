"""Visible text: which glyphs of a page somebody sees who looks at it.

Not seen: what is not drawn at all (render mode 3, no alpha), drawn as white on white or under a bar, so small that it
is a speck, outside the page, or under a picture that was drawn later. The page picture is the witness: where a glyph
stands there must be its colour and another one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from langchain_hunyuanocr.pages.backends.glyphs import Glyph, GlyphLine

_CONTRAST = 16.0
"""Grey levels, of 255, by which ink must differ from its ground: less is not seen."""
_FULLEST = 0.85
"""Most of its place that the ink of a letter fills; a bar over it fills more."""
_OWN, _THINNEST = 20.0, 0.02
"""Grey levels within which a place has the glyph's colour, and the least share of such places in a letter."""
_COARSE = 4.0
"""Height of type in pixels below which the picture is no witness."""
_SPECK = (2.0, 0.0025)
"""Type below this many points, and below this share of the page's height, is read by nobody."""
_LETTER_HEIGHT = 0.6
"""Height above the baseline that is looked at, in type sizes."""
_STRAIGHT = 0.999
_AT_ONCE = 4000
"""Glyphs that are looked at together, so that a page of a hundred thousand takes no more memory."""
_MOST_PICTURES = 200
"""The largest of a page that are looked at; a page of many more is a picture in pieces."""
_ACROSS, _DOWN = 8, 10
"""Places that are looked at in the place of each glyph."""


def mark_unseen(lines: Sequence[GlyphLine], page: pymupdf.Page, picture: Image.Image) -> None:
    """Say of each glyph whether it is seen: `drawn` is false afterwards where it is not.

    Words are judged as one, by most of their letters.

    Args:
        lines: Of the page.
        page: As the file has it.
        picture: The page as it was rendered, with `/Rotate`, not turned further.
    """
    glyphs = [glyph for line in lines for glyph in line.glyphs]
    if not glyphs:
        return
    directions = [line.direction for line in lines for _ in line.glyphs]
    grey = np.asarray(picture.convert("L"))
    seen = ~_covered(glyphs, page)
    for start in range(0, len(glyphs), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        seen[part] &= _seen(glyphs[part], directions[part], page, grey)
    start = 0
    for line in lines:
        for first, last in words_of(line.glyphs):
            word = range(first, last)
            letters = [number for number in word if line.glyphs[number].text.isalnum()] or list(word)
            share = sum(bool(seen[start + number]) for number in letters) / len(letters)
            for number in word:
                line.glyphs[number].drawn &= share >= 0.5
        start += len(line.glyphs)


def words_of(glyphs: Sequence[Glyph]) -> list[tuple[int, int]]:
    """Where words begin and end, spaces left out."""
    words, begin = [], None
    for number, glyph in enumerate(glyphs):
        if glyph.is_space:
            if begin is not None:
                words.append((begin, number))
            begin = None
        elif begin is None:
            begin = number
    if begin is not None:
        words.append((begin, len(glyphs)))
    return words


def _seen(
    glyphs: Sequence[Glyph], directions: Sequence[tuple[float, float]], page: pymupdf.Page, grey: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    places = np.array([(g.x0, g.y0, g.x1, g.y1) for g in glyphs], np.float64)
    bases = np.array([glyph.base[1] for glyph in glyphs])
    sizes = np.array([glyph.size for glyph in glyphs])
    flat = np.array([abs(across) > _STRAIGHT for across, _ in directions])
    straight = flat | np.array([abs(down) > _STRAIGHT for _, down in directions])
    # Letters stand on their baseline; the box above and below them may reach into what is around.
    top = np.where(flat, np.maximum(places[:, 1], bases - _LETTER_HEIGHT * sizes), places[:, 1])
    bottom = np.where(flat, np.minimum(places[:, 3], bases), places[:, 3])
    matrix = page.rotation_matrix
    across = (np.arange(_ACROSS) + 0.5) / _ACROSS
    down = (np.arange(_DOWN) + 0.5) / _DOWN
    x = places[:, 0, None, None] + (places[:, 2] - places[:, 0])[:, None, None] * across[None, None, :]
    y = top[:, None, None] + (bottom - top)[:, None, None] * down[None, :, None]
    x, y = np.broadcast_arrays(x, y)
    high_side, wide_side = grey.shape
    scale = wide_side / page.rect.width
    column = ((x * matrix.a + y * matrix.c + matrix.e) * scale).astype(np.int64).reshape(len(glyphs), -1)
    row = ((x * matrix.b + y * matrix.d + matrix.f) * scale).astype(np.int64).reshape(len(glyphs), -1)
    within = (column >= 0) & (column < wide_side) & (row >= 0) & (row < high_side)
    looked = grey[row.clip(0, high_side - 1), column.clip(0, wide_side - 1)].astype(np.float64)
    low, high = looked.min(axis=1), looked.max(axis=1)
    colours = np.array([glyph.colour for glyph in glyphs], np.int64)
    own = 0.299 * (colours >> 16 & 255) + 0.587 * (colours >> 8 & 255) + 0.114 * (colours & 255)
    letters = np.array([glyph.text.isalnum() for glyph in glyphs])
    inked = np.abs(looked - own[:, None]) <= _OWN
    # Small type is never quite its own colour: there, what is nearer to it than to its ground counts.
    halves = ((low + high) / 2)[:, None]
    nearer = np.where((np.abs(own - low) <= np.abs(own - high))[:, None], looked < halves, looked > halves)
    share = np.where(inked.mean(axis=1) >= _THINNEST, inked.mean(axis=1), nearer.mean(axis=1))
    # The box around a slanting letter holds much that is not its own.
    clear = (high - low >= _CONTRAST) & ((share <= _FULLEST) | ~letters | ~straight)
    clear |= sizes * scale < _COARSE
    specks = (sizes < _SPECK[0]) & (sizes < _SPECK[1] * page.rect.height)
    drawn = np.array([glyph.drawn for glyph in glyphs])
    seen: NDArray[np.bool_] = drawn & clear & ~specks & (within.mean(axis=1) > 0.5)
    return seen


def _covered(glyphs: Sequence[Glyph], page: pymupdf.Page) -> NDArray[np.bool_]:
    """Which glyphs lie under a picture that was drawn after them."""
    covered = np.zeros(len(glyphs), np.bool_)
    log = page.get_bboxlog()
    images = [(place, box) for place, (kind, box) in enumerate(log) if kind == "fill-image"]
    texts = np.array([place for place, (kind, _) in enumerate(log) if kind in ("fill-text", "stroke-text")], np.int64)
    if not images or not len(texts):
        return covered
    masked = np.array([image["bbox"] for image in page.get_image_info() if image.get("has-mask")]).reshape(-1, 4)
    boxes = np.array([log[place][1] for place in texts], np.float64)
    x = np.array([(glyph.x0 + glyph.x1) / 2 for glyph in glyphs])
    y = np.array([(glyph.y0 + glyph.y1) / 2 for glyph in glyphs])
    images.sort(key=lambda image: (image[1][2] - image[1][0]) * (image[1][3] - image[1][1]), reverse=True)
    for place, (x0, y0, x1, y1) in images[:_MOST_PICTURES]:
        shown_through = len(masked) and (np.abs(masked - (x0, y0, x1, y1)) < 1.0).all(axis=1).any()
        under = boxes[texts < place]
        if shown_through or not _meet(under, x0, y0, x1, y1).any():
            continue
        inside = ~covered & (x > x0) & (x < x1) & (y > y0) & (y < y1)
        later = boxes[texts > place]
        later = later[_meet(later, x0, y0, x1, y1)]
        for number in np.flatnonzero(inside):
            gx, gy = x[number], y[number]
            over = (later[:, 0] <= gx) & (gx <= later[:, 2]) & (later[:, 1] <= gy) & (gy <= later[:, 3])
            covered[number] = not over.any()
    return covered


def _meet(boxes: NDArray[np.float64], x0: float, y0: float, x1: float, y1: float) -> NDArray[np.bool_]:
    meet: NDArray[np.bool_] = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
    return meet
