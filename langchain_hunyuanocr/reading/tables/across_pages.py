"""Tables across pages: told from those that do not go on, and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from langchain_hunyuanocr.reading.tables.build import Cell, repeated, table_from_cells
from langchain_hunyuanocr.reading.tables.continuation import PageSeam, find_seam, may_continue
from langchain_hunyuanocr.reading.tables.html import cells_of_html
from langchain_hunyuanocr.reading.tables.page_like import PageLike
from langchain_hunyuanocr.results import PageReading, RepeatMerged, Table

P = TypeVar("P", bound=PageLike)

_FARTHEST = 30
"""Most pages back to where the header of a table is looked for."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """The first table of a page, as the rest of the last table of the page before."""

    table: Table
    """With the header and the caption of the table that it continues, and the rows of its own page."""
    own: Table
    """As it was read on its page."""
    seam: PageSeam


def continuations(pages: Iterable[P]) -> Iterator[tuple[P, Continuation | None]]:
    """Each page of a file, with what on it continues the page before; no more than two pages are held.

    Args:
        pages: Of any files, those of each in order.
    """
    before: P | None = None
    opened: Table | None = None
    for page in pages:
        found = None if before is None or opened is None else _continuation(opened, before, page)
        yield page, found
        before = page
        opened = page.tables[-1] if page.tables else None
        if found is not None and len(page.tables) == 1:
            opened = found.table


def under_header(reading: PageReading, load: Callable[[int], PageReading | None]) -> PageReading:
    """A page whose first table, if it goes on from the page before, has the header and the caption from there.

    Its Markdown stays as it is.

    Args:
        reading: The page.
        load: Gives another page of the same file by its number from 0; `None` where there is none. It is asked for no
            page farther back than the table reaches, and seldom for more than one.
    """
    run = [reading]
    while len(run) < _FARTHEST and run[0].tables:
        before = load(run[0].page - 1) if run[0].page else None
        if before is None or not may_continue(before, run[0]):
            break
        run.insert(0, before)
        if len(before.tables) > 1:
            break
    (_, continued) = list(continuations(run))[-1]
    if continued is None:
        return reading
    return reading.model_copy(update={"tables": (continued.table, *reading.tables[1:])})


@dataclass(frozen=True, slots=True)
class Joined:
    """A table that goes on over several pages."""

    table: Table
    """All its rows under the header of the first page, with `pages` and the box on the first of them."""
    begins: int
    """The number of the page, among those given, whose last table it is."""
    start: int
    """Where it stands in that page's Markdown."""
    end: int
    rest: tuple[tuple[PageReading, Continuation], ...]
    """The pages after it, each with what goes on there."""


def joined_tables(found: Sequence[tuple[PageReading, Continuation | None]]) -> list[Joined]:
    """The tables that go on over several pages, joined.

    Args:
        found: As `continuations` gives it.
    """
    chains: dict[int, list[tuple[PageReading, Continuation]]] = {}
    begins = 0
    for number, (reading, continued) in enumerate(found):
        if continued is None:
            continue
        before, was_continued = found[number - 1]
        if was_continued is None or len(before.tables) > 1:
            begins = number - 1
        chains.setdefault(begins, []).append((reading, continued))
    joined = []
    for begins, rest in chains.items():
        reading = found[begins][0]
        first = reading.tables[-1]
        start = reading.markdown.rfind(first.markdown)
        parts = [(part.table, part.table.header_rows, len(part.table.rows)) for _, part in rest]
        table = _stacked([(first, 0, len(first.rows)), *parts])
        pages = (reading.page, *(page.page for page, _ in rest))
        table = table.model_copy(update={"pages": pages, "box": first.box})
        joined.append(Joined(table, begins, start, start + len(first.markdown), tuple(rest)))
    return joined


def tables_of(found: Sequence[tuple[PageReading, Continuation | None]]) -> list[Table]:
    """The tables of a file's pages, those that go on over several pages joined.

    Args:
        found: As `continuations` gives it.
    """
    joined = {one.begins: one.table for one in joined_tables(found)}
    tables: list[Table] = []
    for number, (reading, continued) in enumerate(found):
        own = list(reading.tables[1:] if continued else reading.tables)
        if number in joined:
            own[-1] = joined[number]
        tables += own
    return tables


def _continuation(opened: Table, before: PageLike, after: PageLike) -> Continuation | None:
    if (before.source, before.sha256, before.page + 1) != (after.source, after.sha256, after.page):
        return None
    seam = find_seam(opened, before, after)
    if seam is None:
        return None
    own = after.tables[0]
    table = _stacked([(opened, 0, opened.header_rows), (own, seam.dropped, len(own.rows))])
    return Continuation(table.model_copy(update={"box": own.box}), own, seam)


def _stacked(parts: Sequence[tuple[Table, int, int]]) -> Table:
    """Rows `[first, last)` of each table below each other, under the header and the caption of the first."""
    cells: list[Cell] = []
    height = 0
    for table, first, last in parts:
        for cell in _cells(table):
            begin, end = max(cell.row, first), min(cell.row + cell.rowspan, last)
            if begin < end:
                # What was a header on its own page may be a row of the body here.
                heading = cell.heading and cell.row >= table.header_rows
                cells.append(replace(cell, row=height + begin - first, rowspan=end - begin, heading=heading))
        height += last - first
    whole = parts[0][0]
    table = table_from_cells(cells, header_rows=whole.header_rows, caption=whole.caption)
    return repeated(table, _repeat_merged([part for part, _, _ in parts]))


def _repeat_merged(tables: Sequence[Table]) -> RepeatMerged:
    """Which way of repeating merged cells tables were written in."""
    ways: tuple[RepeatMerged, ...] = ("labels", True, False)
    return next((way for way in ways if all(table.rows == table.grid(way) for table in tables)), "labels")


def _cells(table: Table) -> list[Cell]:
    cells = cells_of_html(table.html)
    if max((cell.row + cell.rowspan for cell in cells), default=0) == len(table.rows):
        return cells
    return [Cell(text, row, column) for row, texts in enumerate(table.rows) for column, text in enumerate(texts)]
