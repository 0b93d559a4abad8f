"""Ink in lines: where on a page ink stands as type does, whatever its script, and whether anybody can read it.

Letters are connected components of the ink, lines are letters of a like height beside each other with paper around
them; pictures, rules, blots and specks are neither.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask
from langchain_hunyuanocr.results import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_AREA = 850_000
"""Pixels of the copy that is looked at: an A4 page at 100 dpi, where type of 6 points is 5 pixels high."""
_LETTER = (4, 80)
"""Lowest and highest letter, in pixels of that copy."""
_WIDEST_LETTER = 12.0
"""In heights: letters of one word run together, a rule is longer."""
_BLOB = (8, 0.6, 0.85)
"""A component this high that is this wide, in heights, and this full is a blot or a punched hole, no letter."""
_GAP = 1.5
"""Widest space between two letters of a line, in heights of the letter before it."""
_LIKE, _ALIKE = (0.45, 2.2), 0.6
"""Heights of letters of one line, in medians, and the share of them that keep to it."""
_TALLEST = 3.0
"""Height of a line, in medians of its letters."""
_CLEAR = (0.35, 0.04)
"""How far around a line there is paper, in heights, and the share of ink that dust may have there."""
_SOLID = (0.85, 0.6)
"""A component that fills so much of its box is a bar, a dot or a dash; letters are few of a line that is mostly these."""
_LETTERS_OF_TEXT = 3
_TEXT_SHARE = 0.2
_LEAST_LETTERS = 2
_MOST_MARKS = 6
"""On a page with no more than so many components, one that stands alone may be a page number."""


_MOST_SPECKS = 60
"""Components lower and narrower than a letter that dust on a page comes to; more are a texture or very small type."""


@dataclass(frozen=True, slots=True)
class InkLine:
    """Ink that looks like a line of type."""

    box: Box
    letters: int
    """Components; letters that touch count as one."""
    spans: tuple[tuple[float, float], ...] = ()
    """Left and right end of each, in shares of the page, from left to right."""


def ink_lines(picture: Image) -> tuple[InkLine, ...]:
    """Find ink that stands in lines.

    Args:
        picture: The page, RGB, upright.

    Returns:
        Lines, in no particular order. Time is bounded by the pixels, about a quarter of a second for a full page.
    """
    return _look(picture)[0]


def has_text(picture: Image) -> bool:
    """Whether the ink of a page is text: a fair part of what has the size of letters stands in lines of three or more.

    Of photographs and textures up to an eighth does by chance (18 were looked at), of most printed pages two fifths and
    more. Some real pages, such as a photographed book, fall below the mark of a fifth: what is not read on those is not
    told from a picture.

    Args:
        picture: The page, RGB, upright.
    """
    lines, letters = _look(picture)
    in_lines = sum(line.letters for line in lines if line.letters >= _LETTERS_OF_TEXT)
    return in_lines > _TEXT_SHARE * letters


def _look(picture: Image) -> tuple[tuple[InkLine, ...], int]:
    """Lines, and how many components have the size of letters, in lines or not."""
    reduced, grey = _reduction(picture), picture.convert("L")
    lines, letters = _lines_of(ink_mask(grey.reduce(reduced)))
    if reduced > 1 and not any(line.letters >= _LETTERS_OF_TEXT for line in lines):
        lines, letters = _lines_of(ink_mask(grey.reduce(reduced // 2)))  # type of a large drawing is that small
    return tuple(lines), letters


def only_specks(picture: Image) -> bool:
    """Whether all the ink of a page is dust: a few marks, each smaller than a letter of 6 points.

    Args:
        picture: The page, RGB.
    """
    marks = _components(ink_mask(picture.convert("L").reduce(_reduction(picture))))
    return len(marks) <= _MOST_SPECKS and bool((marks[:, 2:4] - marks[:, :2] < _LETTER[0]).all())


def _reduction(picture: Image) -> int:
    return max(1, round(math.sqrt(picture.width * picture.height / _AREA)))


def _lines_of(mask: NDArray[np.bool_]) -> tuple[list[InkLine], int]:
    marks = _components(mask)
    letters = marks[_are_letters(marks)]
    height, width = mask.shape
    found = []
    for inside in _side_by_side(letters, mask.shape):
        count = len(inside)
        if count < _LEAST_LETTERS and len(marks) > _MOST_MARKS:
            continue
        heights = inside[:, 3] - inside[:, 1]
        middle = float(np.median(heights))
        alike = (heights >= _LIKE[0] * middle) & (heights <= _LIKE[1] * middle)
        x0, y0 = (int(edge) for edge in inside[:, :2].min(axis=0))
        x1, y1 = (int(edge) for edge in inside[:, 2:4].max(axis=0))
        if alike.mean() < _ALIKE or y1 - y0 > _TALLEST * middle or not _stands_clear(mask, (x0, y0, x1, y1), middle):
            continue
        if count >= _LETTERS_OF_TEXT and _are_solid(inside):
            continue
        spans = sorted((float(left / width), float(right / width)) for left, right in inside[:, [0, 2]])
        found.append(InkLine(Box.from_pixels(x0, y0, x1, y1, width=width, height=height), count, tuple(spans)))
    return found, len(letters)


def _are_letters(marks: NDArray[np.int64]) -> NDArray[np.bool_]:
    wide, high = marks[:, 2] - marks[:, 0], marks[:, 3] - marks[:, 1]
    full = marks[:, 4] / np.maximum(wide * high, 1)
    blobs = (high >= _BLOB[0]) & (wide >= _BLOB[1] * high) & (full >= _BLOB[2])
    letters: NDArray[np.bool_] = (high >= _LETTER[0]) & (high <= _LETTER[1]) & (wide <= _WIDEST_LETTER * high) & ~blobs
    return letters


def _are_solid(marks: NDArray[np.int64]) -> bool:
    """Whether these are the bars of a barcode, leading dots or dashes."""
    full = marks[:, 4] / ((marks[:, 2] - marks[:, 0]) * (marks[:, 3] - marks[:, 1]))
    return bool((full >= _SOLID[0]).mean() > _SOLID[1])


def _side_by_side(letters: NDArray[np.int64], shape: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Letters that follow each other from left to right."""
    smeared = np.zeros(shape, np.bool_)
    for x0, y0, x1, y1, _ in letters.tolist():
        quarter = (y1 - y0) // 4
        smeared[y0 + quarter : y1 - quarter, x0 : x1 + round(_GAP * (y1 - y0))] = True
    strips = _components(smeared)
    found = []
    across, down = (letters[:, 0] + letters[:, 2]) // 2, (letters[:, 1] + letters[:, 3]) // 2
    free = np.ones(len(letters), np.bool_)
    for x0, y0, x1, y1, _ in strips.tolist():
        inside = free & (across >= x0) & (across < x1) & (down >= y0) & (down < y1)
        if inside.any():
            found.append(letters[inside])
            free &= ~inside
    return found


def _stands_clear(mask: NDArray[np.bool_], edges: tuple[int, int, int, int], height: float) -> bool:
    x0, y0, x1, y1 = edges
    paper = max(2, round(_CLEAR[0] * height))
    ring = [
        mask[max(0, y0 - paper) : y0, x0:x1],
        mask[y1 : y1 + paper, x0:x1],
        mask[y0:y1, max(0, x0 - paper) : x0],
        mask[y0:y1, x1 : x1 + paper],
    ]
    return all(not part.size or float(part.mean()) <= _CLEAR[1] for part in ring)


def _components(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Connected components, corners touching: rows of left, top, right, bottom and pixels.

    Made of the runs of each row, joined where they touch the next row's: OpenCV does the same, but is not installed
    where a language model reads alone.
    """
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    if not len(rows):
        return np.zeros((0, 5), np.int64)
    wide = padded.shape[1]
    first = np.searchsorted(rows * wide + ends, (rows + 1) * wide + starts, "left")
    touching = np.maximum(np.searchsorted(rows * wide + starts, (rows + 1) * wide + ends, "right") - first, 0)
    upper = np.repeat(np.arange(len(rows)), touching)
    lower = np.arange(len(upper)) + np.repeat(first - np.cumsum(touching) + touching, touching)
    parent = list(range(len(rows)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = run = parent[parent[run]]
        return run

    for one, other in zip(upper.tolist(), lower.tolist(), strict=True):
        a, b = root(one), root(other)
        parent[max(a, b)] = min(a, b)
    _, of = np.unique([root(run) for run in range(len(rows))], return_inverse=True)
    found = np.zeros((int(of.max()) + 1, 5), np.int64)
    found[:, 0], found[:, 1] = mask.shape[1], mask.shape[0]
    np.minimum.at(found[:, 0], of, starts)
    np.minimum.at(found[:, 1], of, rows)
    np.maximum.at(found[:, 2], of, ends)
    np.maximum.at(found[:, 3], of, rows + 1)
    np.add.at(found[:, 4], of, ends - starts)
    return found
