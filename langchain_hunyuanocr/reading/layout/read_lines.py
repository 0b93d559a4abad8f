"""Read lines at their places as a page: tables, columns, headings, paragraphs and lists, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.layout.borderless_tables import Span, is_finer, tables_between_rules, tables_in_rows
from langchain_hunyuanocr.reading.layout.cell_assignment import fill_grid
from langchain_hunyuanocr.reading.layout.lettering import without_lettering
from langchain_hunyuanocr.reading.layout.paragraphs import TextBlock, passages_of
from langchain_hunyuanocr.reading.layout.reading_order import TextGutters, reading_order
from langchain_hunyuanocr.reading.layout.ruled_tables import Grid, find_grids
from langchain_hunyuanocr.reading.layout.ruling_lines import Rule, Rules, find_rules
from langchain_hunyuanocr.reading.layout.segments import A4, Segment, em_of, rows_of, strips_of
from langchain_hunyuanocr.reading.layout.statement_tables import Statement, find_statements, table_of
from langchain_hunyuanocr.reading.layout.text_lines.check_boxes import with_check_boxes
from langchain_hunyuanocr.reading.layout.text_lines.line_ends import LineEnds
from langchain_hunyuanocr.reading.layout.text_lines.page_numbers import PageEdges, page_edges
from langchain_hunyuanocr.reading.layout.text_lines.set_letters import with_initials
from langchain_hunyuanocr.reading.layout.turned_text import TurnedPart, put_in, turned_parts, without_parts
from langchain_hunyuanocr.results import Block, Box, Line, Status, Table

if TYPE_CHECKING:
    from PIL.Image import Image

_MARKS = re.compile(r"^(#{1,6}\s|>|\||={3,}\s*$|`{3})")
"""What would make Markdown of plain text at the start of a line."""


def read_lines(lines: Sequence[Line], picture: Image | None, *, edges_apart: bool = False) -> Content:
    """Turn the lines of a page into content.

    Args:
        lines: In any order, from OCR or from a PDF's own text; boxes in shares of the page.
        picture: The page, RGB; its rules show where tables are. Without it no ruled table is found.
        edges_apart: Whether running heads and feet are told apart and left out of the Markdown.

    Returns:
        Markdown with its blocks, all lines in reading order and the tables. A page without lines is `blank`.
    """
    level, parts = turned_parts(lines, picture)
    segments = strips_of(level, _aspect(picture))
    type_size = em_of(segments)
    if picture is not None and all(line.size is None for line in lines):
        segments = with_check_boxes(segments, picture, type_size)
    edges = page_edges(segments, type_size) if edges_apart and segments else PageEdges((), tuple(segments), ())
    passages = _passages(edges.body, type_size, without_parts(picture, parts))
    for part in parts:
        passages = put_in(passages, part, part.back(_turned_passages(part, picture)))
    if not (passages or segments):
        return Content(status=Status.BLANK)
    return _with_edges(_content(passages), edges)


def _with_edges(content: Content, edges: PageEdges) -> Content:
    """The content of a page's body with what stands above and below it."""

    def text(segments: Sequence[Segment]) -> str | None:
        return "\n".join("  ".join(segment.text for segment in row) for row in rows_of(segments)) or None

    above, below = (tuple(line for one in part for line in one.lines) for part in (edges.header, edges.footer))
    return replace(
        content, lines=(*above, *content.lines, *below), header=text(edges.header), footer=text(edges.footer)
    )


def _turned_passages(part: TurnedPart, picture: Image | None) -> list[TextBlock]:
    """A turned part, read on the turned page; columns of vertical text make no tables."""
    turned = part.turned_picture(picture)
    # Vertical columns are put in order at the shape of the page as it is seen, as lines are.
    segments = strips_of(part.turned_lines(), 1 / _aspect(picture) if part.vertical else _aspect(turned))
    type_size = em_of(segments)
    if not part.vertical:
        return _passages(segments, type_size, turned)
    ends = LineEnds.of(segment.text for segment in segments)
    columns = reading_order(segments, type_size)
    return [passage for column in columns for passage in passages_of(column, type_size, ends)]


def _aspect(picture: Image | None) -> float:
    return picture.width / picture.height if picture is not None else A4


def _passages(body: Sequence[Segment], type_size: float, picture: Image | None) -> list[TextBlock]:
    """Read lines that run from left to right."""
    if not body:
        return []
    segments = with_initials(body, type_size)
    line_ends = LineEnds.of(segment.text for segment in segments)
    spans: list[Span] = []
    rules = find_rules(picture, type_size * picture.height) if picture is not None else None
    if picture is not None and rules is not None:
        scale = float(picture.height)
        rules = _without_writing(rules, segments, scale)
        spans = [(rule.at / scale, rule.start / scale, rule.end / scale) for rule in rules.across]
        segments = _with_ruled_tables(segments, rules, type_size, picture)
    else:
        segments = _with_statements(segments, [], type_size, spans)
    segments = tables_in_rows(segments, type_size, spans, gutters=TextGutters(segments, type_size))
    passages: list[TextBlock] = []
    for column in reading_order(segments, type_size):
        passages.extend(passages_of(tables_in_rows(column, type_size, spans), type_size, line_ends))
    return passages if picture is None else without_lettering(passages, picture)


def _without_writing(rules: Rules, segments: list[Segment], scale: float) -> Rules:
    """Leave out rules that run through the middle of a line: small or blurred type looks like one."""
    writing = np.array([(s.x0, s.y0 + 0.25 * s.height, s.x1, s.y1 - 0.25 * s.height) for s in segments]) * scale

    def is_writing(rule: Rule) -> bool:
        x0, y0, x1, y1 = writing.T
        shared = np.minimum(x1, rule.end) - np.maximum(x0, rule.start)
        return bool(shared[(y0 < rule.at) & (rule.at < y1)].clip(min=0).sum() > 0.5 * rule.length)

    return replace(rules, across=tuple(rule for rule in rules.across if not is_writing(rule)))


def _with_ruled_tables(segments: list[Segment], rules: Rules, type_size: float, picture: Image) -> list[Segment]:
    """Put tables that have rules in the place of the segments that they hold."""
    scale = float(picture.height)
    grids = []
    found = find_grids(rules, type_size * scale)
    if any(map(_has_holes, found)):
        found = _with_pale_rules(found, picture, type_size * scale)
    # Shaded cells look like little grids with holes, inside a table that rules across show better.
    wide = tables_between_rules(segments, rules, type_size, scale)[0] if any(map(_has_holes, found)) else []
    for grid in found:
        if _has_holes(grid) and any(_holds(table, grid, scale) for table in wide):
            continue
        table, others = fill_grid(grid, segments, type_size, scale)
        if table is not None and not is_finer(segments, others, grid, type_size):
            grids.append(table)
            segments = others
    segments = [*segments, *grids]
    tables, others = tables_between_rules(segments, rules, type_size, scale)
    spans = [(rule.at / scale, rule.start / scale, rule.end / scale) for rule in rules.across]
    with_statements = _with_statements(segments, tables, type_size, spans)
    if len(with_statements) == len(segments):
        return [*others, *tables]
    tables, others = tables_between_rules(with_statements, rules, type_size, scale)
    return [*others, *tables]


def _with_pale_rules(grids: Sequence[Grid], picture: Image, type_size: float) -> list[Grid]:
    """Grids, each that has holes in a whole one's place where its rules are followed into what is pale of them."""
    rules = find_rules(picture, type_size, faint=True)
    whole = [grid for grid in find_grids(rules, type_size) if not _has_holes(grid)] if rules is not None else []
    return [
        next((other for other in whole if _has_holes(grid) and _is_same_place(grid, other, type_size)), grid)
        for grid in grids
    ]


def _is_same_place(one: Grid, other: Grid, type_size: float) -> bool:
    edges = ((one.xs, other.xs), (one.ys, other.ys))
    return all(abs(a[end] - b[end]) < type_size for a, b in edges for end in (0, -1))


def _with_statements(
    segments: list[Segment], tables: Sequence[Segment], type_size: float, spans: Sequence[Span]
) -> list[Segment]:
    """Put tables of labels and figures in the place of what they hold, but for those that another table holds whole."""
    for statement in find_statements(segments, type_size):
        if any(_covers(table, statement) for table in tables if not _is_within(table, statement)):
            continue
        table = table_of(statement, type_size, spans)
        if table is not None:
            taken = set(map(id, statement.taken))
            segments = [*(segment for segment in segments if id(segment) not in taken), table]
    return segments


def _covers(table: Segment, statement: Statement) -> bool:
    """Whether a table holds a statement whole."""
    inside = [s for s in statement.taken if table.x0 <= s.centre <= table.x1 and table.y0 <= s.middle <= table.y1]
    return len(inside) > 0.9 * len(statement.taken)


def _is_within(table: Segment, statement: Statement) -> bool:
    """Whether a statement holds all of a table and more: its header."""
    top, bottom = min(s.y0 for s in statement.taken), max(s.y1 for s in statement.taken)
    left, right = min(s.x0 for s in statement.taken), max(s.x1 for s in statement.taken)
    return left <= table.x0 and table.x1 <= right and top < table.y0 and table.y1 <= bottom


def _has_holes(grid: Grid) -> bool:
    """Whether so many walls are missing as in no ruled table."""
    return len(grid.cells) < 0.75 * (len(grid.xs) - 1) * (len(grid.ys) - 1)


def _holds(table: Segment, grid: Grid, scale: float) -> bool:
    """Whether a grid is a small part of a table."""
    x, y = (grid.xs[0] + grid.xs[-1]) / 2 / scale, (grid.ys[0] + grid.ys[-1]) / 2 / scale
    area = (grid.xs[-1] - grid.xs[0]) * (grid.ys[-1] - grid.ys[0]) / scale**2
    return table.x0 < x < table.x1 and table.y0 < y < table.y1 and area < 0.5 * table.width * table.height


def _content(passages: Sequence[TextBlock]) -> Content:
    markdown = ""
    blocks: list[Block] = []
    lines: list[Line] = []
    tables: list[Table] = []
    for passage in passages:
        text = _markdown(passage)
        if not text:
            continue
        markdown += "\n\n" if markdown else ""
        start = len(markdown)
        markdown += text
        found = [line for segment in passage.segments for line in segment.lines]
        blocks.append(
            Block(
                kind=passage.kind,
                start=start,
                end=len(markdown),
                box=_box(passage, found),
                level=passage.level,
            )
        )
        lines.extend(found)
        tables.extend(segment.table for segment in passage.segments if segment.table)
    return Content(markdown=markdown, blocks=tuple(blocks), lines=tuple(lines), tables=tuple(tables))


def _box(passage: TextBlock, lines: Sequence[Line]) -> Box | None:
    if passage.kind == "table":
        return next((segment.table.box for segment in passage.segments if segment.table), None)
    return Box.around(line.box for line in lines)


def _markdown(passage: TextBlock) -> str:
    if passage.kind == "heading":
        return f"{'#' * passage.level} {passage.text}"
    if passage.kind == "paragraph":
        return _MARKS.sub(r"\\\1", passage.text)
    return passage.text
