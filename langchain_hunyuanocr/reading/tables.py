"""The table as a value: a grid with merged cells, and its faces as rows, HTML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from langchain_hunyuanocr.results import Box, Table

MAX_SLOTS = 200_000
"""Most grid places of one table; what lies beyond them joins the last column, so no text is lost."""
MAX_LONE_SPAN = 100
"""Most columns a cell may span where no row has that many cells: a broken model writes `colspan="100000"`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and the grid places it covers, counted from 0."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


def table_from_cells(
    cells: Iterable[Cell], *, header_rows: int = 1, caption: str | None = None, box: Box | None = None
) -> Table:
    """Build a table from cells that do not overlap; places that no cell covers are empty cells."""
    placed = sorted(cells, key=lambda cell: (cell.row, cell.column))
    height = max((cell.row + cell.rowspan for cell in placed), default=0)
    width = max((cell.column + cell.colspan for cell in placed), default=0)
    owner: dict[tuple[int, int], Cell] = {}
    for cell in placed:
        for row in range(cell.row, cell.row + cell.rowspan):
            for column in range(cell.column, cell.column + cell.colspan):
                owner[row, column] = cell
    for row in range(height):
        for column in range(width):
            owner.setdefault((row, column), Cell("", row, column))
    grid = [[owner[row, column] for column in range(width)] for row in range(height)]
    header_rows = min(header_rows, height)
    return Table(
        rows=tuple(tuple(cell.text for cell in row) for row in grid),
        header_rows=header_rows,
        html=_html(grid, header_rows, caption),
        markdown=_markdown(grid, header_rows),
        caption=caption,
        box=box,
    )


def table_from_rows(
    rows: Sequence[Sequence[str]], *, header_rows: int = 1, caption: str | None = None, box: Box | None = None
) -> Table:
    """Build a table from rows of text; short rows are filled with empty cells."""
    cells = (Cell(text, row, column) for row, texts in enumerate(rows) for column, text in enumerate(texts))
    return table_from_cells(cells, header_rows=header_rows, caption=caption, box=box)


def place_cells(rows: Sequence[Sequence[tuple[str, int, int]]]) -> list[Cell]:
    """Give each cell its place, as a browser does, within bounds.

    Args:
        rows: For each row its cells as `(text, rowspan, colspan)`; the spans may be absurd.

    Returns:
        Cells that do not overlap and lie within the rows given and `MAX_SLOTS` places.
    """
    widest = max((len(row) for row in rows), default=0)
    span_limit = max(widest, MAX_LONE_SPAN)
    max_columns = max(1, MAX_SLOTS // max(1, len(rows)))
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, texts in enumerate(rows):
        column = 0
        for text, rowspan, colspan in texts:
            while (row, column) in taken:
                column += 1
            if column >= max_columns:
                last = cells.pop()
                cells.append(Cell(f"{last.text} {text}".strip(), last.row, last.column, last.rowspan, last.colspan))
                continue
            down = min(max(rowspan, 1), len(rows) - row)
            across = 1
            wanted = min(max(colspan, 1), span_limit, max_columns - column)
            while across < wanted and (row, column + across) not in taken:
                across += 1
            cells.append(Cell(text, row, column, down, across))
            taken.update((r, c) for r in range(row, row + down) for c in range(column, column + across))
            column += across
    return cells


def parse_html_tables(html: str) -> list[Table]:
    """Every outermost table of a piece of HTML, however badly it is formed.

    Cells and rows that are not closed, a table cut off in the middle, entities, merged cells and absurd spans are
    understood; `<br>` and paragraphs become line breaks, a table within a cell its text.

    Args:
        html: HTML, or Markdown with HTML tables in it.

    Returns:
        The tables in order; those without a single cell are left out.
    """
    from lxml import etree
    from lxml import html as lxml_html

    if "<t" not in html.lower():
        return []
    # Control characters are not allowed in XML trees and would end the parse.
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", html)
    try:
        root = lxml_html.fragment_fromstring(clean, create_parent="div", parser=lxml_html.HTMLParser(huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError):
        return []
    found = []
    for element in root.iter("table"):
        if next(element.iterancestors("table"), None) is None:
            table = _parsed(element)
            if table is not None:
                found.append(table)
    return found


def _parsed(element: object) -> Table | None:
    rows: list[list[tuple[str, int, int]]] = []
    header_rows = 0
    in_header = True
    for row in _own(element, "tr"):
        own = list(_own(row, "td", "th"))
        rows.append([(_cell_text(cell), _span(cell, "rowspan"), _span(cell, "colspan")) for cell in own])
        parent = row.getparent()  # type: ignore[attr-defined]
        is_header = parent is not None and parent.tag == "thead"
        in_header = in_header and (is_header or (bool(own) and all(cell.tag == "th" for cell in own)))  # type: ignore[attr-defined]
        header_rows += in_header
    if not any(rows):
        return None
    caption = " ".join(_cell_text(part) for part in _own(element, "caption")).strip() or None
    # A model's table has no <thead>: its first row is the header, with every row that a merged cell ties to it.
    if header_rows == 0:
        header_rows = max((down for _, down, _ in rows[0]), default=1)
        header_rows = header_rows if 1 <= header_rows < len(rows) and header_rows <= 3 else 1
    return table_from_cells(place_cells(rows), header_rows=header_rows, caption=caption)


def _own(element: object, *tags: str) -> Iterator[object]:
    """Descendants with one of `tags` that belong to this table and not to one inside it."""
    for child in element.iterchildren():  # type: ignore[attr-defined]
        if child.tag in tags:
            yield child
        elif child.tag in ("thead", "tbody", "tfoot", "tr", "colgroup"):
            yield from _own(child, *tags)


def _span(cell: object, name: str) -> int:
    found = re.match(r"\s*\+?(\d{1,9})", cell.get(name) or "")  # type: ignore[attr-defined]
    return int(found[1]) if found else 1


def _cell_text(cell: object) -> str:
    parts: list[str] = []
    for node in cell.iter():  # type: ignore[attr-defined]
        if not isinstance(node.tag, str):
            text = ""
        else:
            if node.tag in ("br", "p", "div", "li", "tr") and node is not cell:
                parts.append("\n")
            elif node.tag in ("td", "th") and node is not cell:
                parts.append(" ")
            text = node.text or ""
        parts.append(re.sub(r"\s+", " ", text))
        if node is not cell:
            parts.append(re.sub(r"\s+", " ", node.tail or ""))
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _starts(grid: list[list[Cell]], row: int) -> Iterator[Cell]:
    """The cells whose first place is in this row."""
    for column, cell in enumerate(grid[row]):
        if cell.row == row and cell.column == column:
            yield cell


def _html(grid: list[list[Cell]], header_rows: int, caption: str | None) -> str:
    parts = ["<table>"]
    if caption:
        parts.append(f"<caption>{_html_text(caption)}</caption>")
    for name, tag, rows in (
        ("thead", "th", range(header_rows)),
        ("tbody", "td", range(header_rows, len(grid))),
    ):
        if not rows:
            continue
        parts.append(f"<{name}>")
        for row in rows:
            parts.append("<tr>")
            for cell in _starts(grid, row):
                down = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
                across = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
                parts.append(f"<{tag}{down}{across}>{_html_text(cell.text)}</{tag}>")
            parts.append("</tr>")
        parts.append(f"</{name}>")
    parts.append("</table>")
    return "".join(parts)


def _html_text(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _markdown(grid: list[list[Cell]], header_rows: int) -> str:
    """GFM, which knows one header row and no merged cells.

    The header rows are joined column by column, so that every column keeps its full name: a cell over several
    columns is repeated above the cells below it. In the body a cell merged downward is repeated, so that each row
    stands on its own; one merged across is written once.
    """
    if not grid or not grid[0]:
        return ""
    heads = []
    for column in range(len(grid[0])):
        names: list[str] = []
        for row in range(header_rows):
            cell = grid[row][column]
            over_others = cell.row + cell.rowspan < header_rows
            if cell.text and cell.text not in names and (over_others or cell.column == column):
                names.append(cell.text)
        heads.append("\n".join(names))
    lines = [_markdown_row(heads), "|" + " --- |" * len(heads)]
    for row in range(header_rows, len(grid)):
        lines.append(
            _markdown_row([cell.text if cell.column == column else "" for column, cell in enumerate(grid[row])])
        )
    return "\n".join(lines)


def _markdown_row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(_markdown_text(text) for text in texts) + " |"


def _markdown_text(text: str) -> str:
    return re.sub(r"\s*\n\s*", "<br>", text.strip().replace("|", "\\|"))
