"""Borderless tables (stream): between rules of equal length, or where short pieces stand in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.column_alignment import Aligned, align
from langchain_hunyuanocr.reading.layout.figures import signs_joined, with_commas
from langchain_hunyuanocr.reading.layout.labelled_values import is_labelled_value, is_list_of_values
from langchain_hunyuanocr.reading.layout.reading_order import TextGutters
from langchain_hunyuanocr.reading.layout.ruled_tables import Grid
from langchain_hunyuanocr.reading.layout.ruling_lines import Rules
from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of
from langchain_hunyuanocr.reading.tables.build import table_from_cells
from langchain_hunyuanocr.results import Box

Span = tuple[float, float, float]
"""A rule across: `(y, x0, x1)` in page heights."""

_WIDE_GAP = 0.9
"""Gap between two cells of a row, in type heights."""
_TALLEST_ROW = 3.0
_PROSE_EMS = 14.0
_TEXT_EMS = 9.0
_LONGEST_CELL = 45.0
_CROWDED = 0.12
_FEWEST_ROWS = 3
_FEWEST_BESIDE = 3
"""Pieces of a row from which on the first labels the others."""
_MOST_WORDY = 0.3
"""Share of the text in long pieces of words."""
_SHORT_VALUE = 8.0
"""Mean length of values that stand beside long labels, in characters."""
_BRACKETS = re.compile(r"[（(]?\s*[)）]?")
_CHOICE = re.compile(r"[A-H]\s?[.．、)）]\s?\S")
_DEEPEST = 5
_MOST_ROWS_OUTSIDE = 4


def tables_between_rules(
    segments: list[Segment], rules: Rules, type_size: float, scale: float
) -> tuple[list[Segment], list[Segment]]:
    """Tables that have rules above, below and between, as scientific papers set them.

    Args:
        segments: Of the page.
        rules: Of the picture.
        type_size: Height of the body type in page heights.
        scale: Pixels in a page height.

    Returns:
        The tables, and the segments that none of them took.
    """
    spans = [(r.at / scale, r.start / scale, r.end / scale) for r in rules.across if r.length > 6 * type_size * scale]
    tables: list[Segment] = []
    for group in _equal_rules(sorted(spans), type_size):
        _, x0, x1 = group[0]
        bands = [
            [s for s in segments if upper[0] < s.middle < lower[0] and x0 - type_size < s.centre < x1 + type_size]
            for upper, lower in pairwise(group)
        ]
        for tabular in _tabular_regions(bands, type_size):
            if not set(map(id, tabular)) <= set(map(id, segments)):
                continue  # the table above took of it, as its last rows
            table = _table(tabular, type_size, spans, ruled=True)
            region = tabular if table is None else _extended(tabular, segments, type_size)
            if table is not None:
                tables.append(_table(region, type_size, spans, ruled=True) or table)
                taken = set(map(id, region))
                segments = [s for s in segments if id(s) not in taken]
    return tables, segments


def _tabular_regions(bands: Sequence[Sequence[Segment]], type_size: float) -> list[list[Segment]]:
    """Join the bands between rules that belong to one table: text runs in none of them, and their columns agree.

    A short line between two bands is a heading within the table where their columns go on.
    """
    regions: list[list[Segment]] = []
    heading: list[Segment] = []
    for band in bands:
        if not band:
            continue
        if not _is_tabular(band, type_size):
            short = sum(len(segment.text) for segment in band) <= _LONGEST_CELL and not any(
                segment.table for segment in band
            )
            if regions and short and not heading:
                heading = list(band)
            else:
                regions.append([])
                heading = []
        elif regions and regions[-1] and _columns_agree(regions[-1], band, type_size):
            regions[-1] += [*heading, *band]
            heading = []
        else:
            regions.append(list(band))
            heading = []
    return [region for region in regions if region]


def _extended(region: list[Segment], segments: Sequence[Segment], type_size: float) -> list[Segment]:
    """Add the rows right above and below the outermost rules that stand in the same columns: headers and totals."""
    inside = set(map(id, region))
    left, right = min(s.x0 for s in region) - type_size, max(s.x1 for s in region) + type_size
    others = [s for s in segments if id(s) not in inside and not s.table and left < s.x0 and s.x1 < right]
    rows = rows_of(others)
    top, bottom = min(s.y0 for s in region), max(s.y1 for s in region)
    above = [row for row in reversed(rows) if row[0].middle < top]
    below = [row for row in rows if row[0].middle > bottom]
    found = align(region, type_size)
    columns = found.columns if found else 0
    if found is None or found.rows < _FEWEST_ROWS:
        return region
    for side in (above, below):
        for row in side[:_MOST_ROWS_OUTSIDE]:
            top, bottom = min(s.y0 for s in region), max(s.y1 for s in region)
            gap = max(top - max(s.y1 for s in row), min(s.y0 for s in row) - bottom)
            both = align([*region, *row], type_size, crossed=0.0)
            if gap > 1.8 * type_size or both is None or both.columns != columns or both.crowded > 0:
                break
            if len(row) < 0.6 * columns:
                break
            region = [*region, *row]
    return region


def _is_tabular(band: Sequence[Segment], type_size: float) -> bool:
    if any(segment.table for segment in band):
        return False
    rows = rows_of(band)
    several = sum(_is_multiple(row, type_size) for row in rows)
    characters = sum(len(segment.text) for segment in band)
    long = sum(len(segment.text) for segment in band if segment.width > _PROSE_EMS * type_size)
    return several >= 0.4 * len(rows) and long < 0.6 * characters


def _columns_agree(upper: Sequence[Segment], lower: Sequence[Segment], type_size: float) -> bool:
    both = align([*upper, *lower], type_size, crossed=0.0)
    if both is None or both.crowded > _CROWDED:
        return False
    alone = [part for part in (align(upper, type_size), align(lower, type_size)) if part is not None and part.rows >= 2]
    return both.columns >= max((part.columns for part in alone), default=2)


def _equal_rules(spans: Sequence[Span], type_size: float) -> list[list[Span]]:
    """Rules below each other with the same ends."""
    groups: list[list[Span]] = []
    for span in spans:
        for group in groups:
            last = group[-1]
            if abs(last[1] - span[1]) < 1.5 * type_size and abs(last[2] - span[2]) < 1.5 * type_size:
                group.append(span)
                break
        else:
            groups.append([span])
    return [group for group in groups if len(group) >= 2]


def is_finer(segments: Sequence[Segment], others: Sequence[Segment], grid: Grid, type_size: float) -> bool:
    """Whether the text that a grid took stands in more rows and columns than its few rules show."""
    left_out = set(map(id, others))
    taken = [segment for segment in segments if id(segment) not in left_out]
    found = align(taken, type_size)
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    if found is None or found.crowded > _CROWDED:
        return False
    return found.columns >= columns + 2 and found.rows >= 2 * rows


def tables_in_rows(
    segments: list[Segment], type_size: float, rules: Sequence[Span], *, gutters: TextGutters | None = None
) -> list[Segment]:
    """Find runs of rows whose pieces stand in columns, and put tables in their place.

    Args:
        segments: Of a column of the page, or of the whole page.
        type_size: Height of the body type in page heights.
        rules: Rules across.
        gutters: Those of a whole page, of which only the clearest tables are taken, as is right before it is cut into
            columns; `None` for a column.

    Returns:
        The segments, with a table in the place of those that it holds.
    """
    rows = rows_of(segments)
    result: list[Segment] = []
    number = 0
    while number < len(rows):
        if is_labelled_value(rows[number]):
            # A line such as "Date: 3 May   Till: 4" names itself: it is neither header nor row.
            result.extend(rows[number])
            number += 1
            continue
        end = _run_end(rows, number, type_size)
        # A title in two pieces may stand before a table: without it the run is tried once more.
        for start in range(number, min(number + 2, end)):
            tables = _tables_of_run(rows[start:end], type_size, rules, gutters)
            if tables:
                result.extend(segment for row in rows[number:start] for segment in row)
                result.extend(tables)
                break
        else:
            end = max(end, number + 1)
            result.extend(segment for row in rows[number:end] for segment in row)
        number = end
    return result


def _tables_of_run(
    rows: Sequence[Sequence[Segment]],
    type_size: float,
    rules: Sequence[Span],
    gutters: TextGutters | None,
    *,
    depth: int = 0,
) -> list[Segment]:
    """The tables of a run of rows with what lies between them; none where there is no table.

    A run whose columns are not found as a whole is parted at its widest gap.
    """
    if (
        len(rows) < _FEWEST_ROWS and not _labels_over_values([[s.text for s in row] for row in rows])
    ) or depth > _DEEPEST:
        return []
    segments = [segment for row in rows for segment in row]
    if _is_prose(segments, type_size):
        return []
    table = _table(segments, type_size, rules, ruled=False, gutters=gutters)
    if table is not None:
        return [table]
    gaps = [min(s.y0 for s in below) - max(s.y1 for s in above) for above, below in pairwise(rows)]
    at = max(range(len(gaps)), key=lambda number: gaps[number]) + 1
    parts = rows[:at], rows[at:]
    found = [_tables_of_run(part, type_size, rules, gutters, depth=depth + 1) for part in parts]
    if not any(found):
        return []
    return [
        segment
        for part, tables in zip(parts, found, strict=True)
        for segment in (tables or [segment for row in part for segment in row])
    ]


def _is_prose(segments: Sequence[Segment], type_size: float) -> bool:
    """Whether nearly all the text is long pieces of words, those aside that label several values at their right."""
    labels = {
        id(row[0])
        for row in rows_of(segments)
        if len(row) >= _FEWEST_BESIDE and sum(any(map(str.isalnum, piece.text)) for piece in row) >= _FEWEST_BESIDE
    }
    characters = sum(len(segment.text) for segment in segments)
    long = sum(
        sum(map(str.isalpha, segment.text))
        for segment in segments
        if segment.width > _TEXT_EMS * type_size and id(segment) not in labels
    )
    return long > 0.75 * characters


def _run_end(rows: Sequence[Sequence[Segment]], start: int, type_size: float) -> int:
    """The end of the run of rows with several pieces that begins at `start`."""
    if not _is_multiple(rows[start], type_size):
        return start
    end = start + 1
    single = 0
    for number in range(start + 1, len(rows)):
        gap = min(s.y0 for s in rows[number]) - max(s.y1 for s in rows[number - 1])
        if gap > _TALLEST_ROW * type_size or any(s.table for s in rows[number]):
            break
        if _is_multiple(rows[number], type_size):
            end, single = number + 1, 0
        else:
            single += 1
            text = sum(len(segment.text) for segment in rows[number])
            if single > 2 or (
                text > _LONGEST_CELL and rows[number][-1].x1 - rows[number][0].x0 > _PROSE_EMS * type_size
            ):
                break
    return end


def _is_multiple(row: Sequence[Segment], type_size: float) -> bool:
    return any(after.x0 - before.x1 > _WIDE_GAP * type_size for before, after in pairwise(row)) and row[0].table is None


def _table(
    segments: Sequence[Segment],
    type_size: float,
    rules: Sequence[Span],
    *,
    ruled: bool,
    gutters: TextGutters | None = None,
) -> Segment | None:
    if len(segments) < 4:
        return None
    x0, x1 = min(s.x0 for s in segments), max(s.x1 for s in segments)
    y0, y1 = min(s.y0 for s in segments), max(s.y1 for s in segments)
    within = [span for span in rules if y0 < span[0] < y1 and span[1] < x1 and span[2] > x0]
    segments = [piece for row in with_commas([signs_joined(row) for row in rows_of(segments)]) for piece in row]
    found = align(segments, type_size, within)
    if found is None or not _looks_like_table(found, segments, type_size, gutters, ruled=ruled):
        return None
    lines = tuple(line for row in rows_of(segments) for segment in row for line in segment.lines)
    box = Box.around(line.box for line in lines)
    table = table_from_cells(found.cells, header_rows=found.header_rows, box=box)
    return Segment("", x0, y0, x1, y1, type_size, lines, table=table)


def _are_cells(texts: Sequence[str]) -> bool:
    """Whether texts are such as cells hold: some words, not the single letters of a drawing or brackets to fill in."""
    letters = sum(len(text) == 1 and text.isalpha() for text in texts)
    brackets = sum(bool(_BRACKETS.fullmatch(text)) for text in texts)
    words = any(sum(map(str.isalpha, text)) > 1 for text in texts)
    return words and letters < 0.5 * len(texts) and brackets < 0.1 * len(texts)


def _labels_over_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether two rows are labels and, below each of them, its value: the shortest table."""
    if len(rows) != 2 or len(rows[0]) != len(rows[1]) or len(rows[0]) < _FEWEST_BESIDE:
        return False
    labels, values = rows
    return not any(any(map(str.isdigit, text)) for text in labels) and all(
        any(map(str.isdigit, text)) for text in values
    )


def _is_choice(texts: Sequence[str]) -> bool:
    """Whether a row or column is the answers to choose from, "A. ..." beside "B. ..."."""
    return sum(bool(_CHOICE.match(text)) for text in texts) > 1


def _looks_like_table(
    found: Aligned, segments: Sequence[Segment], type_size: float, gutters: TextGutters | None, *, ruled: bool
) -> bool:
    """Whether cells are short, most rows have several, and the text is no prose set in columns."""
    rows: dict[int, list[str]] = {}
    for cell in found.cells:
        rows.setdefault(cell.row, []).append(cell.text)
    several = sum(len(texts) >= 2 for texts in rows.values())
    if found.crowded > _CROWDED or several < 2 or several < 0.4 * len(rows):
        return False
    # The first column may hold sentences; what stands beside it tells a table from prose in columns.
    values = [cell.text for cell in found.cells if cell.column > 0]
    if sum(map(len, values)) > _LONGEST_CELL * len(values):
        return False
    characters = sum(len(segment.text) for segment in segments)
    if ruled:
        long = sum(len(segment.text) for segment in segments if segment.width > _PROSE_EMS * type_size)
        return found.columns >= 2 and long < 0.8 * characters
    texts = [cell.text for cell in found.cells]
    if is_list_of_values(rows) or not _are_cells(texts) or any(map(_is_choice, rows.values())):
        return False
    numeric = sum(any(c.isdigit() for c in text) for text in values) / max(1, len(values))
    if numeric < 0.5 and _is_choice([cell.text for cell in found.cells if cell.column == 0]):
        return False
    fill = len(found.cells) / (found.rows * found.columns)
    wordy = sum(len(segment.text) for segment in segments if segment.width > _TEXT_EMS * type_size) / characters
    # Long labels in the first column, each with short values beside it, are no text in columns.
    beside = sum(len(text) for text in values) / max(1, len(values))
    regular = found.columns >= 3 and fill > 0.75 and several > 0.9 * len(rows) and beside < _SHORT_VALUE
    few = found.rows < _FEWEST_ROWS and not _labels_over_values(list(rows.values()))
    if fill < 0.4 or few or (wordy > _MOST_WORDY and numeric < 0.5 and not regular):
        return False
    if gutters is not None:
        if wordy > _MOST_WORDY and gutters.part(segments):
            return False
        return found.columns >= 3 and (numeric > 0.3 or found.columns >= 4) and several >= 0.6 * len(rows)
    return found.columns >= 3 or (numeric > 0.6 and several >= 0.8 * len(rows))
