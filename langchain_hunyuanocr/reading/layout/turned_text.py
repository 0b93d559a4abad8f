"""Text that does not run from left to right: parts turned by a quarter, and vertical Chinese and Japanese.

Such a part is read as a page of its own: turned, its lines run level from top to bottom. For vertical text the page is
turned counterclockwise: the first column, on the right, comes to the top, and tiers of columns come beside each other.
Labels that stand on their side in a ruled table of level text stay in its cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from langchain_hunyuanocr.reading.layout.paragraphs import TextBlock
from langchain_hunyuanocr.reading.layout.ruled_tables import Grid, find_grids
from langchain_hunyuanocr.reading.layout.ruling_lines import find_rules
from langchain_hunyuanocr.reading.layout.segments import A4, Segment, em_of, strips_of
from langchain_hunyuanocr.rectangles import around, groups_between, holds_centre, in_pixels
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image

_TALL = 1.5
"""Height of a line over its width from which it runs down the page."""
_SHORT = 2
"""Characters of a line that can stand alone in a column, as its end or as a number in it."""
_NEAR = 4.0
"""Widest space between two columns, in widths of a column."""
_CJK = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_Kind = Literal["level", "vertical", 90, 270]


@dataclass(frozen=True, slots=True)
class TurnedPart:
    """A part of a page whose lines run otherwise than from left to right."""

    turn: Literal[90, 270]
    """Degrees clockwise by which the page is turned to read it."""
    vertical: bool
    """Whether its characters stand upright in columns."""
    lines: tuple[Line, ...]
    """In shares of the page as it is."""
    box: Box
    """The part with the paper around it."""

    def turned_lines(self) -> list[Line]:
        """Its lines on the turned page."""
        return [line.model_copy(update={"box": line.box.turned(self.turn)}) for line in self.lines]

    def turned_picture(self, picture: Image | None) -> Image | None:
        """The turned page, white but for the part; `None` for vertical text, whose rules part columns, not cells."""
        from PIL import Image
        from PIL.Image import Transpose

        if picture is None or self.vertical:
            return None
        alone = Image.new("RGB", picture.size, "white")
        edges = in_pixels(self.box, picture.size)
        alone.paste(picture.crop(edges), edges[:2])
        return alone.transpose(Transpose.ROTATE_270 if self.turn == 90 else Transpose.ROTATE_90)

    def back(self, passages: Iterable[TextBlock]) -> list[TextBlock]:
        """What was read on the turned page, at its place on the page as it is."""
        return [replace(passage, segments=tuple(map(self._back, passage.segments))) for passage in passages]

    def _back(self, segment: Segment) -> Segment:
        turn = 360 - self.turn
        lines = tuple(line.model_copy(update={"box": line.box.turned(turn)}) for line in segment.lines)
        table = segment.table
        if table is not None and table.box is not None:
            table = table.model_copy(update={"box": table.box.turned(turn)})
        return replace(segment, lines=lines, table=table)


def turned_parts(lines: Sequence[Line], picture: Image | None) -> tuple[list[Line], list[TurnedPart]]:
    """Part a page by the direction of its lines.

    Args:
        lines: Of the page; boxes in shares of it.
        picture: The page, RGB.

    Returns:
        The lines that run from left to right, and the parts of others.
    """
    aspect = picture.width / picture.height if picture is not None else A4
    kinds = [_kind(line, aspect) for line in lines]
    if not any(kind != "level" for kind in kinds):
        return list(lines), []
    walls = [line.box for line, kind in zip(lines, kinds, strict=True) if kind == "level" and not _is_short(line)]
    grids = _grids(lines, picture)
    parts: list[TurnedPart] = []
    taken: set[int] = set()
    for kind in ("vertical", 90, 270):
        members = [number for number, other in enumerate(kinds) if other == kind]
        for group in groups_between([(number, lines[number].box) for number in members], walls):
            place = Box(*around(lines[number].box for number in group))
            if any(_is_inside(place, grid, picture, walls) for grid in grids):
                continue
            if kind == "vertical":
                if not _side_by_side([lines[number].box for number in group]):
                    continue
                wider = _wider(place, max(lines[number].box.width for number in group))
                group += [n for n, line in enumerate(lines) if kinds[n] == "level" and _is_short(line)
                          and holds_centre(wider, line.box)]  # fmt: skip
            found = tuple(lines[number] for number in group)
            box = _with_paper(Box(*around(line.box for line in found)), walls)
            parts.append(TurnedPart(90 if kind == 90 else 270, kind == "vertical", found, box))
            taken.update(group)
    return [line for number, line in enumerate(lines) if number not in taken], parts


def without_parts(picture: Image | None, parts: Sequence[TurnedPart]) -> Image | None:
    """The page with its turned parts left white, so that their rules make no tables of level text."""
    if picture is None or not parts:
        return picture
    rest = picture.copy()
    for part in parts:
        rest.paste("white", in_pixels(part.box, picture.size))
    return rest


def put_in(passages: Sequence[TextBlock], part: TurnedPart, found: Sequence[TextBlock]) -> list[TextBlock]:
    """Passages with those of a turned part at their place.

    A part stands before all that begins below it. What stands beside it is read after vertical text, which begins on
    the right, and before a turned part if it is on its left.
    """
    top, bottom = min(line.box.y0 for line in part.lines), max(line.box.y1 for line in part.lines)
    middle = sum(line.box.x0 + line.box.x1 for line in part.lines) / (2 * len(part.lines))
    for number, passage in enumerate(passages):
        box = _place(passage)
        if box is None or box.y1 <= top:
            continue
        if box.y0 >= bottom or part.vertical or (box.x0 + box.x1) / 2 > middle:
            return [*passages[:number], *found, *passages[number:]]
    return [*passages, *found]


def _place(passage: TextBlock) -> Box | None:
    boxes = [segment.table.box if segment.table else segment.box for segment in passage.segments]
    return Box.around(box for box in boxes if box is not None)


def _kind(line: Line, aspect: float) -> _Kind:
    if line.turn:
        return line.turn
    tall = line.box.height >= _TALL * line.box.width * aspect
    characters = len(line.text.strip())
    return "vertical" if tall and characters > 1 and 2 * len(_CJK.findall(line.text)) > characters else "level"


def _is_short(line: Line) -> bool:
    return len(line.text.strip()) <= _SHORT


def _grids(lines: Sequence[Line], picture: Image | None) -> list[Grid]:
    if picture is None:
        return []
    size = em_of(strips_of(lines, picture.width / picture.height)) * picture.height
    rules = find_rules(picture, size)
    return find_grids(rules, size) if rules is not None else []


def _is_inside(group: Box, grid: Grid, picture: Image | None, walls: Sequence[Box]) -> bool:
    """Whether lines stand in a ruled table that has level text as well."""
    if picture is None:
        return False
    outline = Box.from_pixels(
        grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1], width=picture.width, height=picture.height
    )
    return holds_centre(outline, group) and any(holds_centre(outline, wall) for wall in walls)


def _side_by_side(columns: Sequence[Box]) -> bool:
    """Whether at least two lines stand beside each other, as columns of text do and a single label does not."""
    for number, one in enumerate(columns):
        for other in columns[number + 1 :]:
            gap = max(one.x0, other.x0) - min(one.x1, other.x1)
            shared = min(one.y1, other.y1) - max(one.y0, other.y0)
            if -0.5 * min(one.width, other.width) < gap <= _NEAR * max(one.width, other.width) and (
                shared > 0.5 * min(one.height, other.height)
            ):
                return True
    return False


def _with_paper(box: Box, walls: Sequence[Box]) -> Box:
    """A part as far as no level line stands there: the frame of a table lies outside of its text."""
    x0, y0, x1, y1 = box
    beside = [wall for wall in walls if wall.x0 < x1 and x0 < wall.x1]
    y0 = max((wall.y1 for wall in beside if wall.y1 <= y0), default=0.0)
    y1 = min((wall.y0 for wall in beside if wall.y0 >= y1), default=1.0)
    beside = [wall for wall in walls if wall.y0 < y1 and y0 < wall.y1]
    x0 = max((wall.x1 for wall in beside if wall.x1 <= x0), default=0.0)
    x1 = min((wall.x0 for wall in beside if wall.x0 >= x1), default=1.0)
    return Box(x0, y0, x1, y1)


def _wider(box: Box, by: float) -> Box:
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)
