"""Check boxes on a scan: found in the picture by their frames, ticked or empty, and written into the lines beside them.

A line recogniser reads some boxes and loses others, mostly the ticked ones, so that what it writes says the opposite
of the page. So its own boxes count only where a frame is found there: an empty one that is not found is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.reading.layout.segments import Segment, touches_cjk

if TYPE_CHECKING:
    from PIL.Image import Image

EMPTY, TICKED = "☐", "☑"
_EMPTY_READ = frozenset("□☐▢◻")
_READ = _EMPTY_READ | frozenset("☑☒⊠")
_SMALLEST, _LARGEST = 0.58, 1.2
"""Side of a box, in type heights: small letters without a stem are about half as high as their line."""
_SQUARE = 0.12
"""Most difference of its sides, as a share of them."""
_SIDE = 0.6
"""Share of what looks like a frame that its sides fill."""
_ROUND = 0.04
"""Share of its size by which a frame may reach out of its straight sides: scans lie askew."""
_STRAIGHT = 0.88
"""Least share of each side that is ink: round letters have less."""
_LEAST_PIXELS = 16
"""Side of a box below which letters look like one."""
_FREE = 0.3
"""Paper around a box, in sides."""
_SPECKS = 0.04
"""Share of that paper that may be ink."""
_EDGE = 0.22
"""Share of the box, at each side, that is its frame."""
_TICKED = 0.06
"""Share of the inside that is ink from which on a box is ticked."""
_FULL = 0.95
_BESIDE = 2.0
"""Most space between a box and what it belongs to, in type heights."""
_END = 1.5
"""How far within a line a box may stand that the recogniser took for its end, in type heights."""
_OVERLAP = 0.35
"""The same of a box and a Chinese character, many of which have a frame in them."""
_ALIKE = 0.1
_NEIGHBOUR = 0.25
"""Space, in sides, within which squares beside each other are the places of a form for single letters."""
_MOST = 400
"""Boxes of a page; more are a pattern, squared paper or a screen."""
_LOCAL, _DARKER = 41, 12


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A box in the units of segments."""

    x0: float
    y0: float
    x1: float
    y1: float
    ticked: bool

    @property
    def centre(self) -> float:
        """Half way across."""
        return (self.x0 + self.x1) / 2

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.y0 + self.y1) / 2

    @property
    def mark(self) -> str:
        """What is written for it."""
        return TICKED if self.ticked else EMPTY


def with_check_boxes(segments: Sequence[Segment], picture: Image, type_size: float) -> list[Segment]:
    """Write check boxes into the segments that they stand beside or in.

    Args:
        segments: As they were recognised in the picture.
        picture: The page, RGB.
        type_size: Height of the body type, in heights of the picture.
    """
    owned: dict[int, list[CheckBox]] = {}
    for box in find_check_boxes(picture, type_size):
        if any(_is_in_column(box, segment) for segment in segments):
            continue
        near = [(gap, n) for n, s in enumerate(segments) if (gap := _gap(box, s)) <= _BESIDE * type_size]
        if near:
            owned.setdefault(min(near)[1], []).append(box)
    written = (_written(segment, owned.get(number, []), type_size) for number, segment in enumerate(segments))
    return [segment for segment in written if segment.text]


def find_check_boxes(picture: Image, type_size: float) -> list[CheckBox]:
    """The check boxes of a picture; none where OpenCV is not installed, which comes with the `rapid` extra."""
    try:
        import cv2
    except ImportError:
        return []
    scale = picture.height
    grey = np.asarray(picture.convert("L"))
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _LOCAL, _DARKER)
    reach = max(6, round(_SMALLEST * type_size * scale))
    sides = [
        cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        for shape in ((reach, 1), (1, reach))
    ]
    frames = cv2.dilate(sides[0] | sides[1], np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(frames, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least, most = max(_LEAST_PIXELS, _SMALLEST * type_size * scale), _LARGEST * type_size * scale
    rectangles = [tuple(map(int, cv2.boundingRect(outline))) for outline in outlines]
    # The end of a tick may reach out by half of the box.
    places = [_frame(frames, x, y, w, h) for x, y, w, h in rectangles if least <= min(w, h) and max(w, h) <= 1.5 * most]
    squares = [
        (x, y, w, h)
        for x, y, w, h in places
        if least <= min(w, h) and max(w, h) <= most and abs(w - h) <= _SQUARE * max(w, h)
    ]
    if len(squares) > 10 * _MOST:
        return []
    found = [
        CheckBox(x / scale, y / scale, (x + w) / scale, (y + h) / scale, ticked)
        for x, y, w, h in squares
        if _stands_free(ink, x, y, w, h) and (ticked := _ticked(ink[y : y + h, x : x + w])) is not None
    ]
    if len(found) > _MOST:
        return []
    alone = [box for box in found if not any(_is_neighbour(box, other) for other in found)]
    return [box for box in alone if sum(_is_alike(box, other) for other in alone) > 1]


def _frame(frames: np.ndarray, x: int, y: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of what has two sides in each direction, without the end of a tick."""
    mask = frames[y : y + height, x : x + width] > 0
    across = np.flatnonzero(mask.mean(axis=0) > _SIDE)
    down = np.flatnonzero(mask.mean(axis=1) > _SIDE)
    most = 2 + round(_ROUND * min(width, height))
    # A tick ends above and to the right; at the left and below only a round letter reaches out of its straight sides.
    if not across.size or not down.size or across[0] > most or height - 1 - down[-1] > most:
        return x, y, 0, 0
    # Sides were thickened by a pixel, which is taken off again.
    left, top = x + int(across[0]) + 1, y + int(down[0]) + 1
    return left, top, x + int(across[-1]) - left, y + int(down[-1]) - top


def _ticked(ink: np.ndarray) -> bool | None:
    """Whether a framed square holds ink; `None` where it has no frame, or is all ink."""
    edge = max(2, round(_EDGE * min(ink.shape)))
    corner = 2
    set_ = ink > 0
    sides = (set_[:edge], set_[-edge:], set_[:, :edge].T, set_[:, -edge:].T)
    corners = (set_[:corner, :corner], set_[:corner, -corner:], set_[-corner:, :corner], set_[-corner:, -corner:])
    if min(float(side.mean(axis=1).max()) for side in sides) < _STRAIGHT or not all(part.any() for part in corners):
        return None
    inside = float(set_[edge:-edge, edge:-edge].mean())
    return None if inside > _FULL else inside >= _TICKED


def _stands_free(ink: np.ndarray, x: int, y: int, width: int, height: int) -> bool:
    """Whether there is paper around a square, as there is none around the letters of a word.

    A tick may reach out above and to the right.
    """
    near, far = max(1, round(0.08 * width)) + 1, round(_FREE * width)
    left = ink[y : y + height, max(0, x - far) : max(0, x - near)]
    below = ink[y + height + near : y + height + far, x : x + width]
    right = ink[y + height // 3 : y + height, x + width + near : x + width + far]
    return all(not strip.size or float((strip > 0).mean()) < _SPECKS for strip in (left, below, right))


def _is_neighbour(box: CheckBox, other: CheckBox) -> bool:
    side = box.x1 - box.x0
    gap = max(other.x0 - box.x1, box.x0 - other.x1)
    return box is not other and gap < _NEIGHBOUR * side and abs(box.middle - other.middle) < 0.3 * side


def _is_alike(box: CheckBox, other: CheckBox) -> bool:
    """Whether two boxes are of one size, as those of a form are; a letter that looks like a box is mostly alone."""
    sides = [(one.x1 - one.x0 + one.y1 - one.y0) / 2 for one in (box, other)]
    return abs(sides[0] - sides[1]) <= _ALIKE * max(sides)


def _is_in_column(box: CheckBox, segment: Segment) -> bool:
    """Whether a box is a character of a line that runs down the page."""
    runs_down = len(segment.text) > 1 and segment.height > 1.5 * segment.width
    return runs_down and segment.x0 < box.centre < segment.x1 and segment.y0 < box.middle < segment.y1


def _gap(box: CheckBox, segment: Segment) -> float:
    """Space between a box and a segment of its row; infinite where they are not in one row."""
    if (
        segment.table is not None
        or not segment.y0 - 0.2 * segment.height < box.middle < segment.y1 + 0.2 * segment.height
    ):
        return float("inf")
    return max(segment.x0 - box.x1, box.x0 - segment.x1, 0.0)


def _written(segment: Segment, boxes: Sequence[CheckBox], type_size: float) -> Segment:
    """A segment with its boxes, and without those that it only seems to have."""
    text = segment.text
    places = list(_places(segment, boxes, type_size))
    taken = {at: box for at, box in places if at < len(text) and text[at] in _READ}
    parts = []
    for at, char in enumerate((*text, "")):
        beside = "".join(f" {box.mark} " for place, box in places if place == at and box not in taken.values())
        if at in taken:
            char = f" {taken[at].mark} "
        elif char in _EMPTY_READ:
            char = ""
        parts.append(beside + char)
    new = " ".join("".join(parts).split())
    if new == text:
        return segment
    first, *others = segment.lines
    lines = (first.model_copy(update={"text": new}), *others) if not others else segment.lines
    around = (segment.x0, *(box.x0 for box in boxes)), (segment.x1, *(box.x1 for box in boxes))
    return replace(segment, text=new, lines=lines, x0=min(around[0]), x1=max(around[1]))


def _places(segment: Segment, boxes: Sequence[CheckBox], type_size: float) -> Iterator[tuple[int, CheckBox]]:
    """Where in the text of a segment boxes stand: before its characters, or in the place of what was read for them."""
    text = segment.text
    widths = np.array([1.0 if touches_cjk(char, "") or char in _READ else 0.5 for char in text])
    ends = segment.x0 + segment.width * np.cumsum(widths) / widths.sum()
    centres = ends - segment.width * widths / widths.sum() / 2
    read = [at for at, char in enumerate(text) if char in _READ]
    for box in sorted(boxes, key=lambda box: box.x0):
        near = [at for at in read if abs(centres[at] - box.centre) < 1.5 * type_size]
        if near:
            at = min(near, key=lambda at: abs(centres[at] - box.centre))
            read.remove(at)
            yield at, box
        elif box.centre < segment.x0 + _END * type_size and (
            box.x1 < segment.x0 + _OVERLAP * type_size or not touches_cjk(text[:1], "")
        ):
            yield 0, box
        elif box.centre > segment.x1 - _END * type_size and (
            box.x0 > segment.x1 - _OVERLAP * type_size or not touches_cjk(text[-1:], "")
        ):
            yield len(text), box
