"""Ink in lines: where on a page ink stands as type does, whatever its script, and whether anybody can read it.

Letters are connected components of the ink, lines are letters of a like height beside each other with paper around
them; pictures, rules, blots and specks are neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
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
_STOP = 0.35
"""Height of a full stop, comma or dot beside a line, in heights of the line."""
_SOLID = (0.85, 0.6)
"""A component that fills so much of its box is a bar or a dot; a line of mostly these has no letters."""
_BARS = (8, 0.25)
"""So many components, half of them at most this wide, in heights, are a barcode."""
_DASHES = (1.5, 0.72)
"""Median width, in heights, and fullness from which on the components of a line are dashes."""
_SIGN = 0.5
"""Height, in heights of the higher letters of a line, up to which a component is a dot, a dash, an accent or a star."""
_ALL_ALIKE = (0.15, 6)
"""Deviation of the components' pixels, in means, and height up to which they are one small sign over and over, as
asterisks: figures of one font differ as little, but are higher."""
_OVER_AND_OVER = (5, 0.8, 0.12, 0.25)
"""So many components of so like a shape (mean overlap of two of them), at distances and of widths that deviate so
little, in means, are one sign over and over: stars, windows of a drawing. Of 7,400 lines of real pages none that was so
was a word; letters of a word came up to 0.79, figures deviate in width by 0.31 and more."""
_CUT_OFF = 0.6
"""Share of a line's components that lie at the edge of the page where it is a torn edge or a line cut off."""
_LETTERS_OF_TEXT = 3
TEXT_SHARE = 0.2
"""Of what has the size of letters, the share that stands in lines where there is text rather than a picture."""
_LEAST_LETTERS = 2
_SAME_ROW = 0.4
"""Overlap, in heights of the lower one, from which on two boxes stand in one row."""
_REACH = 0.6
"""How far beyond its box what was read may reach, in heights of the line."""
_LEAST_IN_ROW = 5
"""Letters in a row that are told where the rest of their line is covered."""
_MOST_OF_LINE = 0.7
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
    """Left and right end of each, in shares of the page, from left to right; without dots, dashes and asterisks."""


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of a page that may be text."""

    lines: tuple[InkLine, ...]
    letters: int
    """Components that have the size of letters, in lines or not."""

    @property
    def is_text(self) -> bool:
        """Whether a fair part of what has the size of letters stands in lines of three or more."""
        in_lines = sum(line.letters for line in self.lines if line.letters >= _LETTERS_OF_TEXT)
        return in_lines > TEXT_SHARE * self.letters


def ink_lines(picture: Image) -> tuple[InkLine, ...]:
    """Find ink that stands in lines.

    Args:
        picture: The page, RGB, upright.

    Returns:
        Lines, in no particular order. Time is bounded by the pixels, about a quarter of a second for a full page.
    """
    return look_for_ink(picture).lines


def has_text(picture: Image) -> bool:
    """Whether the ink of a page is text: a fair part of what has the size of letters stands in lines of three or more.

    Of photographs and textures up to an eighth does by chance (18 were looked at), of most printed pages two fifths and
    more. Some real pages, such as a photographed book, fall below the mark of a fifth: what is not read on those is not
    told from a picture.

    Args:
        picture: The page, RGB, upright.
    """
    return look_for_ink(picture).is_text


def look_for_ink(picture: Image) -> Ink:
    """Find ink that stands in lines, and ink of the size of letters that does not.

    Args:
        picture: The page, RGB, upright.
    """
    reduced, grey = _reduction(picture), picture.convert("L")
    lines, letters = _lines_of(ink_mask(grey.reduce(reduced)))
    if reduced > 1 and not any(line.letters >= _LETTERS_OF_TEXT for line in lines):
        lines, letters = _lines_of(ink_mask(grey.reduce(reduced // 2)))  # type of a large drawing is that small
    return Ink(tuple(lines), letters)


def in_row(one: Box, other: Box) -> bool:
    """Whether two boxes stand side by side or over each other in one row: their heights overlap by much."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > _SAME_ROW * min(one.height, other.height)


def uncovered(line: InkLine, boxes: Sequence[Box], aspect: float) -> Iterator[tuple[int, Box]]:
    """Stretches of a line of ink that no box covers.

    Args:
        line: The line.
        boxes: Of what was read, in shares of the page.
        aspect: Height of the page over its width.

    Yields:
        How many letters, and where. A few letters are told only where little else of their line is covered: words are
        placed by recognisers to about a letter.
    """
    reach = _REACH * line.box.height * aspect
    beside = [box for box in boxes if in_row(line.box, box)]

    def is_covered(span: tuple[float, float]) -> bool:
        middle = (span[0] + span[1]) / 2
        return any(box.x0 - reach <= middle <= box.x1 + reach for box in beside)

    open_letters = sum(not is_covered(span) for span in line.spans)
    least = _LETTERS_OF_TEXT if open_letters > _MOST_OF_LINE * len(line.spans) else _LEAST_IN_ROW
    for covered, group in groupby(line.spans, is_covered):
        spans = list(group)
        if not covered and len(spans) >= least:
            right = max(end for _, end in spans)
            yield len(spans), Box(round(spans[0][0], 4), line.box.y0, round(right, 4), line.box.y1)


def letters_of(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Components of the ink that have the size of letters.

    Args:
        mask: From `ink_mask`, at a size where letters are 4 to 80 pixels high.

    Returns:
        Rows of left, top, right, bottom and pixels of ink.
    """
    marks = _components(mask)
    letters: NDArray[np.int64] = marks[_are_letters(marks)]
    return letters


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
    rows = [inside for inside in _side_by_side(letters, mask.shape) if _is_row(inside)]
    between = mask.copy()  # what is neither line: tight lines stand as close to each other as to nothing else
    for inside in rows:
        if len(inside) >= _LETTERS_OF_TEXT:
            for left, top, right, bottom, _ in inside.tolist():
                between[top:bottom, left:right] = False
    found = []
    for inside in rows:
        count = len(inside)
        if count < _LEAST_LETTERS and len(marks) > _MOST_MARKS:
            continue
        x0, y0 = (int(edge) for edge in inside[:, :2].min(axis=0))
        x1, y1 = (int(edge) for edge in inside[:, 2:4].max(axis=0))
        if not _stands_clear(between, (x0, y0, x1, y1), float(np.median(inside[:, 3] - inside[:, 1]))):
            continue
        if count >= _LETTERS_OF_TEXT and (_is_ornament(inside, mask) or _is_cut_off(inside, mask.shape)):
            continue
        heights = inside[:, 3] - inside[:, 1]
        high = inside[heights > _SIGN * np.quantile(heights, 0.8)]
        spans = sorted((float(left / width), float(right / width)) for left, right in high[:, [0, 2]])
        found.append(InkLine(Box.from_pixels(x0, y0, x1, y1, width=width, height=height), count, tuple(spans)))
    return found, len(letters)


def _are_letters(marks: NDArray[np.int64]) -> NDArray[np.bool_]:
    wide, high = marks[:, 2] - marks[:, 0], marks[:, 3] - marks[:, 1]
    full = marks[:, 4] / np.maximum(wide * high, 1)
    blobs = (high >= _BLOB[0]) & (wide >= _BLOB[1] * high) & (full >= _BLOB[2])
    letters: NDArray[np.bool_] = (high >= _LETTER[0]) & (high <= _LETTER[1]) & (wide <= _WIDEST_LETTER * high) & ~blobs
    return letters


def _is_ornament(marks: NDArray[np.int64], mask: NDArray[np.bool_]) -> bool:
    """Whether these are the bars of a barcode, or dots, dashes, asterisks or other signs over and over in a row."""
    wide, high, pixels = marks[:, 2] - marks[:, 0], marks[:, 3] - marks[:, 1], marks[:, 4]
    full = pixels / (wide * high)
    solid = (full >= _SOLID[0]).mean() > _SOLID[1]
    bars = len(marks) >= _BARS[0] and np.median(wide / high) <= _BARS[1]
    dashes = np.median(wide / high) >= _DASHES[0] and np.median(full) >= _DASHES[1]
    alike = pixels.std() < _ALL_ALIKE[0] * pixels.mean() and np.median(high) <= _ALL_ALIKE[1]
    return bool(solid or bars or dashes or alike) or _is_one_sign(marks, mask)


def _is_one_sign(marks: NDArray[np.int64], mask: NDArray[np.bool_]) -> bool:
    count, overlap, steps_deviate, widths_deviate = _OVER_AND_OVER
    steps, widths = np.diff(np.sort(marks[:, 0] + marks[:, 2])), marks[:, 2] - marks[:, 0]
    if len(marks) < count or steps.std() > steps_deviate * steps.mean():
        return False
    if widths.std() > widths_deviate * widths.mean():
        return False
    high, wide = (int(np.median(marks[:, end] - marks[:, start])) + 2 for start, end in ((1, 3), (0, 2)))
    padded = np.pad(mask, ((high, high), (wide, wide)))
    tops = (marks[:, 1] + marks[:, 3]) // 2 + high - high // 2
    lefts = (marks[:, 0] + marks[:, 2]) // 2 + wide - wide // 2
    shapes = [padded[top : top + high, left : left + wide] for top, left in zip(tops, lefts, strict=True)]
    mean = np.mean(shapes, axis=0)
    return bool((mean**2).sum() > overlap * mean.sum())


def _is_cut_off(marks: NDArray[np.int64], shape: tuple[int, ...]) -> bool:
    """Whether most of a line lies at the upper or lower edge of the page."""
    return bool(((marks[:, 1] == 0) | (marks[:, 3] == shape[0])).mean() > _CUT_OFF)


def _side_by_side(letters: NDArray[np.int64], shape: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Letters that follow each other from left to right."""
    smeared = np.zeros(shape, np.bool_)
    for x0, y0, x1, y1, _ in letters.tolist():
        quarter = (y1 - y0) // 4
        smeared[y0 + quarter : y1 - quarter, x0 : x1 + round(_GAP * (y1 - y0))] = True
    strips = _components(smeared)
    found = []
    letters = letters[np.argsort(letters[:, 1] + letters[:, 3], kind="stable")]
    across, down = (letters[:, 0] + letters[:, 2]) // 2, (letters[:, 1] + letters[:, 3]) // 2
    free = np.ones(len(letters), np.bool_)
    tops, bottoms = np.searchsorted(down, strips[:, 1]), np.searchsorted(down, strips[:, 3])
    for (x0, _, x1, _, _), top, bottom in zip(strips.tolist(), tops.tolist(), bottoms.tolist(), strict=True):
        inside = top + np.flatnonzero(free[top:bottom] & (across[top:bottom] >= x0) & (across[top:bottom] < x1))
        if len(inside):
            found.append(letters[inside])
            free[inside] = False
    return found


def _is_row(letters: NDArray[np.int64]) -> bool:
    """Whether these are of a like height and in one row."""
    heights = letters[:, 3] - letters[:, 1]
    middle = float(np.median(heights))
    alike = (heights >= _LIKE[0] * middle) & (heights <= _LIKE[1] * middle)
    high = int(letters[:, 3].max() - letters[:, 1].min())
    return bool(alike.mean() >= _ALIKE) and high <= _TALLEST * middle


def _stands_clear(mask: NDArray[np.bool_], edges: tuple[int, int, int, int], height: float) -> bool:
    """Whether there is paper around a line; a full stop beside it is a part of it."""
    x0, y0, x1, y1 = edges
    paper = max(2, round(_CLEAR[0] * height))
    over_and_under = mask[max(0, y0 - paper) : y0, x0:x1], mask[y1 : y1 + paper, x0:x1]
    beside = mask[y0:y1, max(0, x0 - paper) : x0], mask[y0:y1, x1 : x1 + paper]
    return all(not part.size or float(part.mean()) <= _CLEAR[1] for part in over_and_under) and all(
        not part.size or float(part.mean()) <= _CLEAR[1] or float(part.any(axis=1).mean()) <= _STOP for part in beside
    )


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
    label = np.arange(len(rows))
    while True:  # each run takes the lowest label that touches it, and that of the run which gave it: a few rounds
        lowest = np.minimum(label[upper], label[lower])
        new = label.copy()
        np.minimum.at(new, upper, lowest)
        np.minimum.at(new, lower, lowest)
        np.minimum.at(new, label[upper], lowest)
        np.minimum.at(new, label[lower], lowest)
        new = new[new]
        if (new == label).all():
            break
        label = new
    _, of = np.unique(label, return_inverse=True)
    found = np.zeros((int(of.max()) + 1, 5), np.int64)
    found[:, 0], found[:, 1] = mask.shape[1], mask.shape[0]
    np.minimum.at(found[:, 0], of, starts)
    np.minimum.at(found[:, 1], of, rows)
    np.maximum.at(found[:, 2], of, ends)
    np.maximum.at(found[:, 3], of, rows + 1)
    np.add.at(found[:, 4], of, ends - starts)
    return found
