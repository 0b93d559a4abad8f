"""Rows of a page: its lines from the top, each row from the left, as if the page lay straight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from langchain_hunyuanocr.reading.fields.ranking.line_bands import LineBands
from langchain_hunyuanocr.reading.fields.value_kinds import character_width
from langchain_hunyuanocr.results import Box, Line

_GROUPS = re.compile(r"\d{3,4}(?: \d{3,4})*(?: \d{1,3})?")
_GROUP_AT_END = re.compile(r"(?<![.,\d])\d{2,4}\)?$")
_WIDE_SPACE = 0.9
"""In sizes of the type; words farther apart belong to different columns."""
_ONE_CHARACTER = re.compile(r"\s*[\u3400-\u9fff]\s*")
_END_OF_LABEL = re.compile(r"\s*[\u3400-\u9fff]{1,2}\s*[:：]")
_WIDEST = 4.0
"""Room between the characters of a label set wide, in widths of one."""
_NO_GAP = 0.0006
"""Between two pieces of one line, as a share of the page's width."""
_NEAR_ON_ROW = 0.35
_LEAST_STEPS = 8
"""Neighbours on a row that must be there before the page is believed to lie askew."""


class PageRows:
    """The lines of a page in rows.

    Args:
        lines: In any order.

    Attributes:
        lines: Pieces that were parted without a gap as one, row by row from the top, each from the left.
        boxes: Of the lines, as if the page lay straight.
        bands: The lines by their height on the page.
        rows: The numbers of the lines of each row.
        row_of: The number of the row of each line.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        whole = _mended(lines)
        slope = _slope([line.box for line in whole])
        placed = sorted(((_level(line.box, slope), line) for line in whole), key=lambda item: middle_of(item[0]))
        rows: list[list[tuple[Box, Line]]] = []
        for box, line in placed:
            if rows and middle_of(box) < rows[-1][-1][0].y0 + 0.75 * rows[-1][-1][0].height:
                rows[-1].append((box, line))
            else:
                rows.append([(box, line)])
        for row in rows:
            row.sort(key=lambda item: item[0].x0)
        self.lines = [line for row in rows for _, line in row]
        self.boxes = [box for row in rows for box, _ in row]
        self.bands = LineBands(self.boxes)
        self.rows: list[list[int]] = []
        for row in rows:
            first = self.rows[-1][-1] + 1 if self.rows else 0
            self.rows.append(list(range(first, first + len(row))))
        self.row_of = [number for number, row in enumerate(self.rows) for _ in row]


def type_size(line: Line) -> float:
    """Size of a line's type as a share of the page's width, from its length: the page's proportions are not known."""
    return 2 * line.box.width / (character_width(line.text) or 1)


def _mended(lines: Sequence[Line]) -> list[Line]:
    """Lines as they were read: what was parted without a gap, for the sake of a table, is one again."""
    whole: list[Line] = []
    for line in sorted(lines, key=lambda item: (item.box.y0, item.box.y1, item.box.x0)):
        last = whole[-1] if whole else None
        if last is not None and line.score is not None and _touch(last, line):
            box = last.box._replace(x1=line.box.x1)
            whole[-1] = last.model_copy(update={"text": last.text + line.text, "box": box})
        else:
            whole.append(line)
    return _with_wide_labels(_with_groups(whole))


def _with_wide_labels(lines: list[Line]) -> list[Line]:
    """Chinese labels of two or three characters set wide, `名　　称：`, that were parted are one again."""
    ordered = sorted(lines, key=lambda item: item.box.x0)
    bands = LineBands([line.box for line in ordered])
    done: dict[int, Line] = {}
    for place, line in enumerate(ordered):
        if _END_OF_LABEL.match(line.text):
            beside = [(n, done[n]) for n in bands.at(line.box.y0, line.box.y1) if n in done]
            before = [n for n, left in beside if _ONE_CHARACTER.fullmatch(left.text) and _is_wide(left, line)]
            for number in sorted(before, key=lambda n: done[n].box.x1)[-1:]:
                left = done.pop(number)
                box = Box.around([left.box, line.box]) or line.box
                scores = [score for score in (left.score, line.score) if score is not None]
                text = left.text.strip() + line.text.strip()
                line = line.model_copy(update={"text": text, "box": box, "score": min(scores, default=None)})
        done[place] = line
    return list(done.values())


def _is_wide(left: Line, right: Line) -> bool:
    tall = max(right.box.height, 1e-6)
    same = abs(middle_of(left.box) - middle_of(right.box)) < 0.5 * tall and left.box.height < 1.6 * tall
    return same and 0.0 < right.box.x0 - left.box.x1 < _WIDEST * left.box.width


def _with_groups(lines: list[Line]) -> list[Line]:
    """Numbers in groups of digits, as on cards, that were parted at a wide space are one again."""
    ordered = sorted(lines, key=lambda item: item.box.x0)
    bands = LineBands([line.box for line in ordered])
    done: list[Line] = []
    holder: dict[int, int] = {}  # in which of `done` each line is
    for place, line in enumerate(ordered):
        before: list[int] = []
        if _GROUPS.fullmatch(line.text.strip()):
            height = middle_of(line.box)
            beside = sorted({holder[n] for n in bands.at(height, height) if n in holder})
            before = [n for n in beside if _goes_on(done[n], line)]
        holder[place] = len(done)
        if before:
            number = max(before, key=lambda n: done[n].box.x1)
            holder[place] = number
            left = done[number]
            box = Box.around([left.box, line.box]) or left.box
            scores = [score for score in (left.score, line.score) if score is not None]
            done[number] = left.model_copy(
                update={"text": f"{left.text} {line.text}", "box": box, "score": min(scores, default=None)}
            )
        else:
            done.append(line)
    return done


def _goes_on(left: Line, right: Line) -> bool:
    """Whether a group of digits ends one line and the next begins another close to the right of it."""
    if _GROUP_AT_END.search(left.text.rstrip()) is None:
        return False
    apart = abs(middle_of(left.box) - middle_of(right.box)) / max(left.box.height, 1e-6)
    return apart < 0.5 and -0.005 < right.box.x0 - left.box.x1 < _WIDE_SPACE * type_size(left)


def _touch(left: Line, right: Line) -> bool:
    same = (left.box.y0, left.box.y1, left.score) == (right.box.y0, right.box.y1, right.score)
    return same and abs(left.box.x1 - right.box.x0) < _NO_GAP


def _slope(boxes: Sequence[Box]) -> float:
    """By how much rows fall from left to right, in page heights a page width: the median over neighbours on a row."""
    steps = []
    bands = LineBands(boxes)
    for left in boxes:
        beside = [
            (right.x0 - left.x1, middle_of(right) - middle_of(left), right.x0 - left.x0)
            for right in (boxes[number] for number in bands.at(left.y0, left.y1))
            if 0 < right.x0 - left.x1 < _NEAR_ON_ROW
            and abs(middle_of(right) - middle_of(left)) < 0.7 * min(left.height, right.height)
        ]
        if beside:
            _, fall, run = min(beside)
            steps.append(fall / run)
    return median(steps) if len(steps) >= _LEAST_STEPS else 0.0


def _level(box: Box, slope: float) -> Box:
    fall = slope * (box.x0 + box.x1) / 2
    return Box(box.x0, box.y0 - fall, box.x1, box.y1 - fall)


def middle_of(box: Box) -> float:
    """Half its height down the page."""
    return (box.y0 + box.y1) / 2
