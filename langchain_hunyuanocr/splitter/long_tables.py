"""Cutting a long table at its rows: every piece repeats the header, and the caption where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_hunyuanocr.reading.tables.headers import header_rows_of_grid
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table
from langchain_hunyuanocr.splitter.cutter import Cutter, LengthLimit
from langchain_hunyuanocr.splitter.units import Unit

_SEPARATOR = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_ROW = re.compile(r"<tr\b.*?(?:</tr\s*>|(?=<tr\b)|$)", re.IGNORECASE | re.DOTALL)
_HEAD_END = re.compile(r"</thead\s*>", re.IGNORECASE)
_ROWSPAN = re.compile(r"<t[dh]\b[^>]*\browspan\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE)

_ROWS_SEARCHED = 6
"""Rows of a table in which the end of its header is looked for."""


@dataclass(frozen=True, slots=True)
class ChunkSpan:
    """What becomes a chunk: `[start, end)` of the text, between what is repeated."""

    start: int
    end: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    end: int
    held: bool = False
    """Whether a merged cell reaches from this row into the next; a cut comes between them only where it must."""


@dataclass(frozen=True, slots=True)
class _Grid:
    head: int
    """Where the header begins, after the caption."""
    body: int
    """Where the rows begin, after the header."""
    rows: tuple[_Row, ...]
    closing: str


def cut_table(text: str, unit: Unit, ruler: LengthLimit, *, lead: int) -> Iterator[ChunkSpan]:
    """Pieces of a table that does not fit in one chunk.

    Args:
        text: What all offsets point into.
        unit: The table with its caption.
        ruler: What fits.
        lead: Where the first piece begins: before `unit.start` where a heading goes along.
    """
    grid = _html_grid(text, unit) if text[unit.body : unit.end].lstrip()[:6].lower() == "<table" else _grid(text, unit)
    if 2 * ruler.length(grid.closing) > ruler.size:
        grid = replace(grid, closing="")
    before = _repeated(text, unit, grid, ruler)
    first = grid.rows[0].end if grid.rows else unit.end
    room = ruler.around("", grid.closing)
    start = next((begin for begin in (lead, unit.start) if room.fits(text[begin:first])), grid.body)
    # Where heading, caption and header leave no room for a row, they are chunks of their own.
    for begin, end in Cutter(text, ruler, [unit.start, unit.body]).cut(lead, start):
        yield ChunkSpan(begin, end)
    rows = list(grid.rows)
    while rows:
        own_before = before if start >= grid.body else ""
        room = ruler.around(own_before, grid.closing)
        count = _rows_that_fit(text, start, rows, room)
        if count:
            last = count == len(rows)
            yield ChunkSpan(start, rows[count - 1].end, own_before, "" if last else grid.closing)
        else:
            count = 1
            for begin, end in Cutter(text, room, _cells(text, rows[0])).cut(start, rows[0].end):
                yield ChunkSpan(begin, end, own_before, grid.closing)
        start = rows[count - 1].end
        del rows[:count]


def _rows_that_fit(text: str, start: int, rows: Sequence[_Row], room: LengthLimit) -> int:
    count = 0
    for number, row in enumerate(rows, 1):
        if not room.fits(text[start : row.end]):
            break
        count = number
    if count == len(rows):
        return count
    whole = count
    while whole and rows[whole - 1].held:
        whole -= 1
    return whole or count


def _repeated(text: str, unit: Unit, grid: _Grid, ruler: LengthLimit) -> str:
    """What later pieces begin with: caption and header if the rows leave room, else the header, else nothing."""
    header = text[grid.head : grid.body].strip()
    if not header:
        return ""
    choices = [header + "\n"]
    if caption := text[unit.start : grid.head].strip():
        choices.insert(0, f"{caption}\n\n{header}\n")
    for choice in choices:
        room = ruler.around(choice, grid.closing)
        if all(room.fits(text[row.start : row.end]) for row in grid.rows):
            return choice
    return next((choice for choice in choices if 2 * ruler.length(choice + grid.closing) <= ruler.size), "")


def _cells(text: str, row: _Row) -> list[int]:
    """Where the cells of a row begin, to cut a row that is longer than a chunk."""
    return [row.start + match.end() for match in re.finditer(r"(?<!\\)\||</t[dh]\s*>", text[row.start : row.end])]


def _grid(text: str, unit: Unit) -> _Grid:
    """A Markdown table: the header is what stands above the line of dashes, with the rows below that belong to it."""
    separator = _SEPARATOR.search(text, unit.body, unit.end)
    if separator is None:
        return _Grid(unit.body, unit.body, _lines(text, unit.body, unit.end), "")
    above = _lines(text, unit.body, separator.start())
    head = above[-1].start if above else separator.start()
    dashes, *rows = _lines(text, separator.start(), unit.end)
    searched = parse_markdown_table(text[head : [dashes, *rows][: _ROWS_SEARCHED + 1][-1].end])
    more = max(header_rows_of_grid(searched) - 1, 0)
    return _Grid(head, rows[more - 1].end if more else dashes.end, tuple(rows[more:]), "")


def _lines(text: str, start: int, end: int) -> tuple[_Row, ...]:
    matches = _LINE.finditer(text, start, end)
    return tuple(_Row(match.start(), match.end()) for match in matches if match.end() > match.start())


def _html_grid(text: str, unit: Unit) -> _Grid:
    """An HTML table: the header is its `<thead>`, else what `parse_html_tables` takes for its header."""
    found = list(_ROW.finditer(text, unit.body, unit.end))
    head_end = _HEAD_END.search(text, unit.body, unit.end)
    if head_end is not None:
        count = sum(match.start() < head_end.start() for match in found)
    else:
        searched = parse_html_tables(text[unit.body : found[: _ROWS_SEARCHED + 1][-1].end()] if found else "")
        count = searched[0].header_rows if searched else 1
    count = min(max(count, 1), len(found))
    body = head_end.end() if head_end is not None else (found[count - 1].end() if found else unit.body)
    rows: list[_Row] = []
    start, open_rows = body, 0
    for match in found[count:]:
        spans = [int(span) for span in _ROWSPAN.findall(match[0])]
        open_rows = max([open_rows - 1, *(span - 1 for span in spans)])
        rows.append(_Row(start, match.end(), held=open_rows > 0))
        start = match.end()
    if rows:
        rows[-1] = _Row(rows[-1].start, unit.end)
    else:
        rows = [_Row(body, unit.end)] if body < unit.end else []
    return _Grid(unit.body, body, tuple(rows), "</table>")
