"""Build a table: a grid with merged cells, and its lossless HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from langchain_hunyuanocr.reading.tables.cell_markup import as_html
from langchain_hunyuanocr.reading.tables.markdown import markdown_of
from langchain_hunyuanocr.results import Box, RepeatMerged, Span, Table

MAX_SLOTS = 200_000
"""Most grid places of one table; what lies beyond them joins the last column, so no text is lost."""
MAX_LONE_SPAN = 100
"""Most columns a cell may span where no row has that many cells: a broken model writes `colspan="100000"`."""
MAX_REPEATED = 1_000_000
"""Most characters that merged cells may add to a grid by being repeated; one that is beyond is written once."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and the grid places it covers, counted from 0."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1
    html: str | None = None
    """What it holds, where that is more than `text`: inline tags of `cell_markup.KEPT_TAGS` without attributes."""
    heading: bool = False
    """Whether it heads its row; the cells of header rows need not say so."""


class LooseCell(NamedTuple):
    """A cell before it has its place; the spans may be absurd."""

    text: str
    rowspan: int = 1
    colspan: int = 1
    html: str | None = None
    heading: bool = False


def table_from_cells(
    cells: Iterable[Cell], *, header_rows: int = 1, caption: str | None = None, box: Box | None = None
) -> Table:
    """Build a table from cells that do not overlap; places that no cell covers are empty cells.

    Merged cells are repeated in `rows`, and named in `spans`.
    """
    placed = sorted(cells, key=lambda cell: (cell.row, cell.column))
    height = max((cell.row + cell.rowspan for cell in placed), default=0)
    width = max((cell.column + cell.colspan for cell in placed), default=0)
    header_rows = min(header_rows, height)
    rows = _rows(placed, height, width)
    return Table(
        rows=rows,
        header_rows=header_rows,
        spans=tuple(
            Span(cell.row, cell.column, cell.rowspan, cell.colspan)
            for cell in placed
            if cell.rowspan > 1 or cell.colspan > 1
        ),
        html=_html(placed, height, header_rows, caption),
        markdown=markdown_of(rows),
        caption=caption,
        box=box,
    )


def table_from_rows(
    rows: Sequence[Sequence[str]], *, header_rows: int = 1, caption: str | None = None, box: Box | None = None
) -> Table:
    """Build a table from rows of text; short rows are filled with empty cells."""
    cells = (Cell(text, row, column) for row, texts in enumerate(rows) for column, text in enumerate(texts))
    return table_from_cells(cells, header_rows=header_rows, caption=caption, box=box)


def repeated(table: Table, repeat_merged: RepeatMerged) -> Table:
    """The same table with its merged cells in `rows` and `markdown` as they are wanted, see `RepeatMerged`."""
    if not table.spans:
        return table
    rows = table.grid(repeat_merged)
    return table.model_copy(update={"rows": rows, "markdown": markdown_of(rows)})


def once(table: Table) -> Table:
    """The same table with each merged cell written once in `rows` and `markdown`, the other places it covers empty."""
    return repeated(table, repeat_merged=False)


def place_cells(rows: Sequence[Sequence[LooseCell]]) -> list[Cell]:
    """Give each cell its place, as a browser does, within bounds.

    Args:
        rows: For each row its cells.

    Returns:
        Cells that do not overlap and lie within the rows given and `MAX_SLOTS` places.
    """
    widest = max((len(row) for row in rows), default=0)
    span_limit = max(widest, MAX_LONE_SPAN)
    max_columns = max(1, MAX_SLOTS // max(1, len(rows)))
    taken_until: dict[int, int] = {}
    """For each column the row from which on it is free."""
    cells: list[Cell] = []
    for row, loose in enumerate(rows):
        column = 0
        for number, cell in enumerate(loose):
            while taken_until.get(column, 0) > row:
                column += 1
            if column >= max_columns:
                cells.append(_crowded(cells.pop(), loose[number:]))
                break
            down = min(max(cell.rowspan, 1), len(rows) - row)
            across = 1
            wanted = min(max(cell.colspan, 1), span_limit, max_columns - column)
            while across < wanted and taken_until.get(column + across, 0) <= row:
                across += 1
            cells.append(Cell(cell.text, row, column, down, across, cell.html, cell.heading))
            for covered in range(column, column + across):
                taken_until[covered] = row + down
            column += across
    return cells


def _crowded(last: Cell, rest: Sequence[LooseCell]) -> Cell:
    """The last cell that has a place, with what the cells beyond it say."""
    text = " ".join(filter(None, [last.text, *(cell.text for cell in rest)]))
    return Cell(text, last.row, last.column, last.rowspan, last.colspan, heading=last.heading)


def _rows(cells: Sequence[Cell], height: int, width: int) -> tuple[tuple[str, ...], ...]:
    rows = [[""] * width for _ in range(height)]
    left = MAX_REPEATED
    for cell in cells:
        cost = len(cell.text) * (cell.rowspan * cell.colspan - 1)
        if cost > left:
            rows[cell.row][cell.column] = cell.text
            continue
        left -= cost
        for row in rows[cell.row : cell.row + cell.rowspan]:
            row[cell.column : cell.column + cell.colspan] = [cell.text] * cell.colspan
    return tuple(map(tuple, rows))


def _html(cells: Sequence[Cell], height: int, header_rows: int, caption: str | None) -> str:
    parts = ["<table>"]
    if caption:
        parts.append(f"<caption>{as_html(caption)}</caption>")
    begun = _by_row(cells, height)
    for name, rows in (("thead", range(header_rows)), ("tbody", range(header_rows, height))):
        if not rows:
            continue
        parts.append(f"<{name}>")
        for row in rows:
            parts.append("<tr>")
            for cell in begun[row]:
                tag = "th" if name == "thead" or cell.heading else "td"
                down = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
                across = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
                parts.append(f"<{tag}{down}{across}>{as_html(cell.text) if cell.html is None else cell.html}</{tag}>")
            parts.append("</tr>")
        parts.append(f"</{name}>")
    parts.append("</table>")
    return "".join(parts)


def _by_row(cells: Iterable[Cell], height: int) -> list[list[Cell]]:
    """The cells that begin in each row, with an empty one for each place before the last of them that none covers.

    Places after it need no cell: every reader of HTML leaves them empty.
    """
    rows: list[list[Cell]] = [[] for _ in range(height)]
    held: dict[int, list[Cell]] = {}
    """For each row the cells that reach into it from above."""
    for cell in cells:
        above = sorted(held.get(cell.row, []), key=lambda other: other.column)
        begun = rows[cell.row]
        free = begun[-1].column + begun[-1].colspan if begun else 0
        begun.extend(Cell("", cell.row, column) for column in _uncovered(free, cell.column, above))
        begun.append(cell)
        for row in range(cell.row + 1, cell.row + cell.rowspan):
            held.setdefault(row, []).append(cell)
    return rows


def _uncovered(start: int, end: int, above: Sequence[Cell]) -> Iterator[int]:
    covered = {column for cell in above for column in range(cell.column, cell.column + cell.colspan)} if above else ()
    return (column for column in range(start, end) if column not in covered)
