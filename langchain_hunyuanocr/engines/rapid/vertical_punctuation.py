"""Punctuation of vertical Chinese and Japanese.

RapidOCR reads a column turned by a quarter, and so loses most commas and stops, which stand alone in their square. They
are found by their ink, set level between the characters beside them, where the recogniser knows them well, and put into
the text where it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.binarization import inked_rows
from langchain_hunyuanocr.engines.rapid.recognition import Prepared
from langchain_hunyuanocr.engines.rapid.turned_parts import CJK, is_tall, rect_of, upright_crop
from langchain_hunyuanocr.results import Line

if TYPE_CHECKING:
    import numpy as np

_MARKS = {
    "，": "，",
    ",": "，",
    "'": "，",
    "。": "。",
    ".": "。",
    "○": "。",
    "、": "、",
    "：": "：",
    ":": "：",
    "；": "；",
    ";": "；",
}
"""What the recogniser says of a mark that is set level, and what it is."""
_OF_TWO = "：；"
_MISREAD = "·.'"
"""What a turned mark is taken for: never right between the characters of a column where another one was found."""
_MARGIN = 0.09
"""Of a crop's width at either side, in which the neighbouring columns' ink may stand."""
_SPECK = 0.1
"""Of a crop's width; smaller ink is none."""
_TALLEST, _WIDEST = 0.52, 0.5
"""Of a mark, in characters; of a colon or semicolon each part."""
_TALLEST_OF_TWO = 0.75
_BETWEEN_PARTS = 0.3
_OWN_SQUARE = 0.62
"""Least distance of the characters above and below a mark, in characters."""
_STEP = 1.06
"""From a character to the next where type is set solid."""
_BESIDE = 2
"""Characters at either side that are set level with a mark."""
_SURE = 0.7
_MOST_SHIFT = 2
"""Characters by which the place of a mark is moved to stand between those that were read beside it."""


@dataclass(frozen=True, slots=True)
class ColumnMark:
    """Ink that may be a mark of punctuation, in pixels of its column."""

    y0: int
    y1: int
    x0: int
    x1: int
    parts: int
    """One, or two as of a colon."""


@dataclass(frozen=True, slots=True)
class Column:
    """Ink of a vertical line.

    Attributes:
        ink: bool of shape (height, width).
        size: Of a character, in pixels.
        marks: What may be punctuation, from the top.
    """

    ink: np.ndarray
    size: float
    marks: tuple[ColumnMark, ...]

    @classmethod
    def of(cls, crop: np.ndarray) -> Column:
        """Look for the marks of a column.

        Args:
            crop: uint8 of shape (height, width, 3), dark on light.
        """
        import numpy as np

        ink = _ink(crop)
        runs = _runs(ink)
        if not runs:
            return cls(ink, float(crop.shape[1]), ())
        wide = float(np.percentile([run.x1 - run.x0 for run in runs], 80))
        high = [run.y1 - run.y0 for run in runs if 0.8 * wide <= run.y1 - run.y0 <= 1.35 * wide]
        size = max(wide, float(np.median(high)) if high else wide)
        return cls(ink, size, tuple(_marks(runs, size)))

    def shares(self) -> list[float]:
        """What share of the column's characters stands above each mark."""
        edges = [0, *(edge for mark in self.marks for edge in (mark.y0, mark.y1)), len(self.ink)]
        heights = [self._height(top, foot) for top, foot in zip(edges[::2], edges[1::2], strict=True)]
        total = sum(heights) or 1.0
        return [sum(heights[: number + 1]) / total for number in range(len(self.marks))]

    def _height(self, top: int, foot: int) -> float:
        import numpy as np

        inked = np.flatnonzero(self.ink[top:foot].any(axis=1))
        return float(inked[-1] - inked[0] + 1) + (_STEP - 1) * self.size if len(inked) else 0.0

    def level(self, crop: np.ndarray, number: int) -> tuple[np.ndarray, int]:
        """A mark and the characters beside it as they stand in a level line.

        Args:
            crop: What the column was made of.
            number: Of the mark.

        Returns:
            uint8 of shape (height, width, 3), and how many characters stand before the mark.
        """
        import numpy as np

        mark = self.marks[number]
        top = self.marks[number - 1].y1 if number else 0
        foot = self.marks[number + 1].y0 if number + 1 < len(self.marks) else len(self.ink)
        before, after = self._characters(top, mark.y0)[-_BESIDE:], self._characters(mark.y1, foot)[:_BESIDE]
        high = int(1.3 * self.size)
        paper = np.median(crop.reshape(-1, 3), axis=0).astype(np.uint8)
        squares = []
        for y0, y1 in (*before, (0, 0), *after):
            if y1:
                part = crop[y0 : min(y1, y0 + high)]
                square, left, at = np.tile(paper, (high, crop.shape[1], 1)), 0, (high - len(part)) // 2
            else:
                part = crop[mark.y0 : mark.y1, mark.x0 : mark.x1]
                square = np.tile(paper, (high, max(int(0.95 * self.size), part.shape[1]), 1))
                left = min(int(0.14 * self.size), square.shape[1] - part.shape[1])
                at = high - int(0.16 * high) - len(part)
            square[at : at + len(part), left : left + part.shape[1]] = part
            squares.append(square)
        return np.ascontiguousarray(np.concatenate(squares, axis=1)), len(before)

    def _characters(self, top: int, foot: int) -> list[tuple[int, int]]:
        """Heights between which the characters of a stretch stand: even steps, moved to where there is least ink."""
        import numpy as np

        inked = np.flatnonzero(self.ink[top:foot].any(axis=1))
        if not len(inked):
            return []
        top, foot = top + int(inked[0]), top + int(inked[-1]) + 1
        count = max(1, round((foot - top) / (_STEP * self.size)))
        profile = self.ink[top:foot].sum(axis=1)
        cuts = [0]
        for step in range(1, count):
            at = step * (foot - top) / count
            near = np.arange(int(at - 0.2 * self.size), int(at + 0.2 * self.size) + 1)
            near = near[(near > cuts[-1]) & (near < foot - top)]
            if len(near):
                cuts.append(int(near[np.argmin(profile[near] + 0.02 * abs(near - at))]))
        return [(top + y0, top + y1) for y0, y1 in pairwise([*cuts, foot - top])]


def with_punctuation(
    reader: Any, prepared: Prepared, quads: np.ndarray, read: Sequence[tuple[Line, ...]]
) -> list[tuple[Line, ...]]:
    """The lines of a page, those of vertical columns with the punctuation that was lost.

    Args:
        reader: RapidOCR.
        prepared: The picture.
        quads: Corners of its lines, as `detect` gave them.
        read: What they say, as `recognise` gave it.

    Returns:
        Lines as in `read`; only texts differ.
    """
    result = list(read)
    for number, lines in enumerate(read[: len(quads)]):
        if len(lines) != 1 or lines[0].turn or not is_tall(rect_of(quads[number])):
            continue
        text = lines[0].text
        if 2 * len(CJK.findall(text)) > len(text) > 1:
            text = _punctuated(reader, upright_crop(prepared, quads[number]), text)
            result[number] = (lines[0].model_copy(update={"text": text}),)
    return result


def _punctuated(reader: Any, crop: np.ndarray, text: str) -> str:
    column = Column.of(crop)
    if not column.marks:
        return text
    level = [column.level(crop, number) for number in range(len(column.marks))]
    read = reader.recognize_txt([picture for picture, _ in level])
    found = []
    for mark, share, (_, before), said, score in zip(
        column.marks, column.shares(), level, read.txts, read.scores, strict=True
    ):
        one = _said(str(said), before, mark.parts) if score >= _SURE else None
        if one is not None:
            found.append((share, *one))
    return put_in(text, found)


def _said(text: str, before: int, parts: int) -> tuple[str, str, str] | None:
    """The mark that was read, and the characters to its left and right."""
    places = [place for place, character in enumerate(text) if character in _MARKS]
    if not places:
        return None
    place = min(places, key=lambda place: abs(sum(one not in _MARKS for one in text[:place]) - before))
    mark, left, right = _MARKS[text[place]], text[place - 1 : place], text[place + 1 : place + 2]
    if parts == 2 and mark not in _OF_TWO:
        if _MARKS.get(right) != "，":
            return None
        mark, right = "；", text[place + 2 : place + 3]  # its dot and its comma
    elif parts == 1 and mark in _OF_TWO:
        return None
    return mark, left, right


def put_in(text: str, found: Sequence[tuple[float, str, str, str]]) -> str:
    """A column's text with marks where it has none.

    Args:
        text: As it was read.
        found: Of each mark, from the top: what share of the characters stands above it, the mark itself, and the
            characters that were read to its left and right, empty where there are none.
    """
    plain = [character for character in text if character not in _MARKS and character not in _MISREAD]
    marks: dict[int, str] = {}
    count = 0
    for character in text:
        if character in _MARKS or character in _MISREAD:
            marks[count] = marks.get(count, "") + character
        else:
            count += 1
    for share, mark, left, right in found:
        about = share * len(plain)

        def fit(place: int, about: float = about, left: str = left, right: str = right) -> float:
            beside = (place > 0 and plain[place - 1] == left) + (place < len(plain) and plain[place] == right)
            return beside - 0.4 * abs(place - about)

        places = range(max(0, round(about) - _MOST_SHIFT), min(len(plain), round(about) + _MOST_SHIFT) + 1)
        place = max(places, key=fit)
        if not marks.get(place, "").strip(_MISREAD):
            marks[place] = mark
    return "".join(marks.get(place, "") + character for place, character in enumerate([*plain, ""]))


def _ink(crop: np.ndarray) -> np.ndarray:
    """Where a column's ink is, without its margins and specks: bool of shape (height, width)."""
    import cv2
    import numpy as np

    darkest = crop.min(axis=2)
    _, ink = cv2.threshold(darkest, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    width = crop.shape[1]
    margin = round(_MARGIN * width)
    ink[:, :margin] = 0
    ink[:, width - margin :] = 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = stats[:, 2:4].max(axis=1) >= _SPECK * width
    kept[0] = False
    return np.asarray(kept[labels], dtype=bool)


def _runs(ink: np.ndarray) -> list[ColumnMark]:
    """Stretches of rows with ink, parted by paper."""
    import numpy as np

    runs = []
    for top, foot in inked_rows(ink):
        across = np.flatnonzero(ink[top:foot].any(axis=0))
        runs.append(ColumnMark(top, foot, int(across[0]), int(across[-1]) + 1, 1))
    return runs


def _marks(runs: Sequence[ColumnMark], size: float) -> list[ColumnMark]:
    """Small ink, of one part or two, that stands in a square of its own."""
    marks: list[ColumnMark] = []
    first = 0
    while first < len(runs):
        end = first
        while end < len(runs) and _is_small(runs[end], size):
            if end > first and runs[end].y0 - runs[end - 1].y1 >= _BETWEEN_PARTS * size:
                break
            end += 1
        parts = runs[first:end]
        if 0 < len(parts) <= 2:
            above = runs[first - 1].y1 if first else 0
            alone = end == len(runs) or runs[end].y0 - above >= _OWN_SQUARE * size
            y0, y1 = parts[0].y0, parts[-1].y1
            if alone and end - first < len(runs) and y1 - y0 <= (_TALLEST, _TALLEST_OF_TWO)[len(parts) - 1] * size:
                x0, x1 = min(part.x0 for part in parts), max(part.x1 for part in parts)
                marks.append(ColumnMark(y0, y1, x0, x1, len(parts)))
        first = max(end, first + 1)
    return marks


def _is_small(run: ColumnMark, size: float) -> bool:
    return run.y1 - run.y0 <= _TALLEST * size and run.x1 - run.x0 <= _WIDEST * size
