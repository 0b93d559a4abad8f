"""Cell assignment: text goes into the cells of a grid; a line over several cells is parted between them."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.ruled_tables import Grid
from langchain_hunyuanocr.reading.layout.segments import Segment, joined, rows_of
from langchain_hunyuanocr.reading.layout.text_lines.line_ends import LineEnds
from langchain_hunyuanocr.reading.tables.build import Cell, table_from_cells
from langchain_hunyuanocr.results import Box, Line

Place = tuple[int, int, int, int]
"""`(row, column, rowspan, colspan)`."""

_FEWEST_BROKEN = 3
_BROKEN = 0.35
"""Words that the walls of a grid cut through, over the lines in it, from which on it is none."""
_FEWEST_VERTICAL = 3
"""Characters of a line from which on its shape tells its direction."""
_FEWEST_INNER = 3
"""Rows and columns within one cell that are a table of their own."""
_FEWEST_LISTED = 4
_LISTED_CHARACTERS = 16
_MEANT_BREAK = 5.0
"""Room left in a cell, in type heights, that shows a line break to be meant."""
_ITEM = re.compile(r"[(（]?(\d{1,2})[.．、)）]\s?(?=[^\W\d])")
"""The number of an item at the start of a line."""


def fill_grid(
    grid: Grid, segments: Sequence[Segment], type_size: float, scale: float
) -> tuple[Segment | None, list[Segment]]:
    """Make a table of a ruled grid.

    Args:
        grid: In pixels.
        segments: Of the page.
        type_size: Height of the body type in page heights.
        scale: Pixels in a page height.

    Returns:
        The table as a segment, and the segments that it did not take; `None` and all of them where too little is in it.
    """
    xs, ys = [x / scale for x in grid.xs], [y / scale for y in grid.ys]
    inside: list[Segment] = []
    outside: list[Segment] = []
    for segment in segments:
        within = segment.table is None and xs[0] <= segment.centre <= xs[-1] and ys[0] <= segment.middle <= ys[-1]
        (inside if within else outside).append(segment)
    held: dict[Place, list[Segment]] = {cell: [] for cell in grid.cells}
    broken = 0
    for segment in inside:
        pieces = _parted(segment, grid, xs, ys)
        broken += sum(_breaks_word(segment.text, before.text, after.text) for before, after in pairwise(pieces))
        for piece in pieces:
            held[_cell_at(piece, grid, xs, ys)].append(piece)
    filled = sum(bool(pieces) for pieces in held.values())
    # Walls that run through words are strokes of large letters, or edges in a photograph.
    if filled < 3 or filled < 0.2 * len(held) or (broken >= _FEWEST_BROKEN and broken > _BROKEN * len(inside)):
        return None, list(segments)
    if _runs_down(inside) or any(_holds_table(pieces, type_size) for pieces in held.values()):
        return None, list(segments)
    held = _with_missed_walls(held, xs, type_size)
    cells = _without_empty_lines(_texts(held, grid, xs, type_size))
    # The first row is the header, with every row that a merged cell of it reaches down to.
    reach = max((cell.rowspan for cell in cells if cell.row == 0), default=1)
    height = max(cell.row + cell.rowspan for cell in cells)
    lines = tuple(line for cell in sorted(held) for piece in held[cell] for line in piece.lines)
    box = Box.from_pixels(
        grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1], width=_page_width(inside) * scale, height=scale
    )
    table = table_from_cells(cells, header_rows=reach if reach < height and reach <= 3 else 1, box=box)
    return Segment("", xs[0], ys[0], xs[-1], ys[-1], type_size, lines, table=table), outside


def _with_missed_walls(
    held: dict[Place, list[Segment]], xs: Sequence[float], type_size: float
) -> dict[Place, list[Segment]]:
    """Part a cell over several columns that holds one piece in each of them: a wall on a dark ground was not seen."""
    result: dict[Place, list[Segment]] = {}
    for (row, column, down, across), pieces in held.items():
        ordered = sorted(pieces, key=lambda piece: piece.x0)
        apart = all(after.x0 - before.x1 > type_size for before, after in pairwise(ordered))
        places = [(xs[column + n], xs[column + n + 1]) for n in range(across)]
        single = across > 1 and len(ordered) == across and apart
        if single and all(x0 < piece.centre < x1 for piece, (x0, x1) in zip(ordered, places, strict=True)):
            result.update({(row, column + n, down, 1): [piece] for n, piece in enumerate(ordered)})
        else:
            result[row, column, down, across] = pieces
    return result


def _runs_down(inside: Sequence[Segment]) -> bool:
    """Whether what stands in a grid is columns of writing from top to bottom, with rules between them."""
    upright = [segment for segment in inside if len(segment.text) >= _FEWEST_VERTICAL]
    return sum(segment.height > 2 * segment.width for segment in upright) > 0.5 * len(inside)


def _holds_table(pieces: Sequence[Segment], type_size: float) -> bool:
    """Whether one cell holds rows of several pieces each: rules enclose the table, not its cells."""
    if len(pieces) < _FEWEST_INNER**2:
        return False
    rows = rows_of(pieces)
    apart = [1 + sum(after.x0 - before.x1 > type_size for before, after in pairwise(row)) for row in rows]
    full = sum(count >= _FEWEST_INNER for count in apart)
    return full >= _FEWEST_INNER and full > 0.6 * len(rows)


def _texts(
    held: dict[Place, list[Segment]], grid: Grid, walls: Sequence[float], type_size: float
) -> list[tuple[Place, str]]:
    """The text of each cell; a row of the grid that holds several rows of a list without rules is parted into them."""
    rows_in = {cell: rows_of(pieces) for cell, pieces in held.items()}
    parted = {row: _list_rows(row, rows_in) for row in range(len(grid.ys) - 1)}
    base, first = [], 0
    for row in range(len(grid.ys) - 1):
        base.append(first)
        first += len(parted[row]) or 1
    base.append(first)
    texts: list[tuple[Place, str]] = []
    for cell, pieces in held.items():
        row, column, down, across = cell
        middles = parted[row]
        if down > 1 or len(middles) < 2 or len(rows_in[cell]) == 1:
            texts.append(
                (
                    (base[row], column, base[row + down] - base[row], across),
                    cell_text(pieces, type_size, walls[column + across]),
                )
            )
            continue
        parts: list[list[Segment]] = [[] for _ in middles]
        for segment in pieces:
            nearest = min(range(len(middles)), key=lambda n: abs(middles[n] - segment.middle))
            parts[nearest].append(segment)
        texts += [((base[row] + n, column, 1, across), cell_text(part, type_size)) for n, part in enumerate(parts)]
    return texts


def _list_rows(row: int, rows_in: dict[Place, list[list[Segment]]]) -> list[float]:
    """How far down the rows of a list without rules stand in a row of the grid; nothing where there is no list.

    A list has the same number of short rows in most cells; wrapped text has not.
    """
    cells = [(cell, rows) for cell, rows in rows_in.items() if cell[0] == row and cell[2] == 1 and rows]
    counts = Counter(len(rows) for _, rows in cells)
    if not counts:
        return []
    count, often = counts.most_common(1)[0]
    if count < _FEWEST_LISTED or often < 2 or often < 0.6 * len(cells):
        return []
    listed = [rows for _, rows in cells if len(rows) == count]
    characters = sum(len(segment.text) for rows in listed for line in rows for segment in line)
    if characters > _LISTED_CHARACTERS * count * len(listed):
        return []
    return [statistics.mean(segment.middle for rows in listed for segment in rows[n]) for n in range(count)]


def cell_text(pieces: Sequence[Segment], type_size: float, wall: float | None = None) -> str:
    """The text of a cell: its rows, joined as those of a paragraph are.

    Args:
        pieces: What stands in the cell.
        type_size: Height of the body type.
        wall: Right side of the cell, where it is known: a row that leaves much room before it ends with a line break.
    """
    if len(pieces) == 1:
        return pieces[0].text
    text = ""
    end = 0.0
    for row in rows_of(pieces):
        line = joined(row, type_size)
        if not text:
            text = line.text
        elif _is_next_item(text, line.text) or (
            wall is not None and wall - end > _MEANT_BREAK * type_size + _first_word(line)
        ):
            text = f"{text}\n{line.text}"
        else:
            text = LineEnds().joined(text, line.text)
        end = line.x1
    return text


def _is_next_item(text: str, line: str) -> bool:
    """Whether a line begins an item whose number follows that of the last item above: items have lines of their own."""
    number = _ITEM.match(line)
    last = _ITEM.match(text[text.rfind("\n") + 1 :])
    return bool(number and last and int(number[1]) == int(last[1]) + 1)


def _first_word(line: Segment) -> float:
    return line.width * len(line.text.split(maxsplit=1)[0]) / len(line.text) if " " in line.text else 0.0


def _page_width(segments: Sequence[Segment]) -> float:
    """In page heights: a segment knows its place both in page heights and in shares of the page's width."""
    widest = max(segments, key=lambda segment: segment.x1)
    return widest.x1 / max(line.box.x1 for line in widest.lines)


def _span(cell: Place, xs: Sequence[float]) -> tuple[float, float]:
    return xs[cell[1]], xs[cell[1] + cell[3]]


def _row_of(middle: float, ys: Sequence[float]) -> int:
    return max(0, min(len(ys) - 2, sum(y <= middle for y in ys) - 1))


def _cell_at(piece: Segment, grid: Grid, xs: Sequence[float], ys: Sequence[float]) -> Place:
    row, column = _row_of(piece.middle, ys), _row_of(piece.centre, xs)
    for cell in grid.cells:
        if cell[0] <= row < cell[0] + cell[2] and cell[1] <= column < cell[1] + cell[3]:
            return cell
    return grid.cells[0]


def _parted(segment: Segment, grid: Grid, xs: Sequence[float], ys: Sequence[float]) -> list[Segment]:
    """Part a line at the walls that it lies across by more than a character."""
    row = _row_of(segment.middle, ys)
    slack = 0.8 * segment.height
    walls = sorted(
        {
            wall
            for cell in grid.cells
            if cell[0] <= row < cell[0] + cell[2]
            for wall in _span(cell, xs)
            if segment.x0 + slack < wall < segment.x1 - slack
        }
    )
    pieces = []
    for wall in walls:
        cut = _cut_at(segment.text, (wall - segment.x0) / segment.width)
        if 0 < cut < len(segment.text):
            pieces.append(_part(segment, 0, cut, segment.x0, wall))
            segment = _part(segment, cut, len(segment.text), wall, segment.x1)
    return [*pieces, segment]


def _breaks_word(text: str, before: str, after: str) -> bool:
    """Whether two parts of a text were one word."""
    return before[-1:].isalnum() and after[:1].isalnum() and f"{before}{after}" in text


def _cut_at(text: str, share: float) -> int:
    """The offset nearest to a share of a line's width, at a space where there is one near."""
    widths = [2.0 if ord(c) > 0x2E80 else 1.0 for c in text]
    wanted, seen, offset = share * sum(widths), 0.0, 0
    while offset < len(text) and seen < wanted:
        seen += widths[offset]
        offset += 1
    reach = max(2, len(text) // 5)
    spaces = [i for i, c in enumerate(text) if c == " " and abs(i - offset) <= reach]
    return min(spaces, key=lambda i: abs(i - offset)) if spaces else offset


def _part(segment: Segment, start: int, end: int, x0: float, x1: float) -> Segment:
    line = segment.lines[0]
    box = line.box
    per = box.width / segment.width
    part = Box(box.x0 + (x0 - segment.x0) * per, box.y0, box.x0 + (x1 - segment.x0) * per, box.y1)
    text = segment.text[start:end].strip()
    lines: tuple[Line, ...] = (line.model_copy(update={"text": text, "box": part}),)
    return Segment(text, x0, segment.y0, x1, segment.y1, segment.size, lines, segment.bold)


def _without_empty_lines(filled: list[tuple[Place, str]]) -> list[Cell]:
    """Take out grid rows and columns in which no cell begins, or nothing is written in most of them.

    They come of double rules, shadows of rules and the edges of pictures in cells.
    """
    rows, columns = (
        _written([cell[axis] for cell, _ in filled], [cell[axis] for cell, text in filled if text]) for axis in (0, 1)
    )
    row_at = {row: number for number, row in enumerate(rows)}
    column_at = {column: number for number, column in enumerate(columns)}
    cells = []
    for (row, column, down, across), text in filled:
        if row not in row_at or column not in column_at:
            continue
        rowspan = sum(row <= other < row + down for other in rows)
        colspan = sum(column <= other < column + across for other in columns)
        cells.append(Cell(text, row_at[row], column_at[column], max(1, rowspan), max(1, colspan)))
    return cells


def _written(begun: Sequence[int], written: Sequence[int]) -> list[int]:
    """Where cells begin; where text does, if that is in fewer than half of these places."""
    every, some = sorted(set(begun)), sorted(set(written))
    return some if len(some) < 0.5 * len(every) else every
