"""Page numbers and stamps: what a single page shows to be a running head or foot, and no part of its text.

A page number that stands alone at the edge, a line of small type with a page number at its end, a stamp of who
downloaded or printed the page and when. A line without any of these is told by the pages around it, see
`reading.running_heads`: on one page alone, a letterhead looks the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.segments import Segment, rows_of
from langchain_hunyuanocr.reading.tables.page_furniture import is_page_number

_EDGE = 0.1
"""Share of the page, from above and from below, in which running heads and feet stand."""
_FAR_EDGE = 0.15
"""The same for what says that it is a page number."""
_MOST_ROWS = 3
_APART = 0.8
"""Free space between a running head and the text, in type heights; between lines of text there is less than half."""
_SHEET = 0.45
"""Width of the text of a sheet, in heights of the page; a till's paper is longer."""
_TEXT_SIZE = 1.15
"""Times the body type; what is larger is a heading."""
_NUMBER_SIZE = 1.8
_NUMBER_GAP = 1.5
"""Space between a running head and its page number, in type heights."""
_INITIAL = re.compile(r"[A-Z]|\d{4}")
"""A letter of a list, a year: rather than a page number."""
_BARE_NUMBER = re.compile(r"\d{1,3}")
_NUMBER_WITH_TEXT = re.compile(
    r"\d{1,3}\s*[|·•]\s*[^\W\d].*|.*[^\W\d].*[|·•]\s*\d{1,3}|.*\b(?:page|seite|pagina|página)\s\d{1,4}(?:\s?(?:of|von|de|/)\s?\d{1,4})?"
    r"|.*第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:this (?:document|page|copy|content) (?:was |is )?)?(?:downloaded|printed|retrieved|accessed|licensed) "
    r"(?:from|on|by|at|to|via)\b.*"
    r"|(?:heruntergeladen|abgerufen|ausgedruckt|gedruckt) (?:am|von|aus)\b.*"
    r"|(?:téléchargé|imprimé|consulté) (?:le|de|sur|depuis)\b.*"
    r"|(?:下载|打印)(?:于|自|时间|日期|来源|人).*"
    r"|(?=.*\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|.*\s\d{1,3}/\d{1,3}$).*https?://\S+.*",
    re.IGNORECASE,
)
_ISSUE = re.compile(r".*\bvol(?:ume|\.)?\s?\d+\b.*\b(?:issue|no\.?|number|nr\.?|heft)\s?\d+\b.*", re.IGNORECASE)
"""Of which issue of a journal a page is."""


@dataclass(frozen=True, slots=True)
class PageEdges:
    """A page taken apart; each part from top to bottom."""

    header: tuple[Segment, ...]
    body: tuple[Segment, ...]
    footer: tuple[Segment, ...]


def page_edges(segments: Sequence[Segment], type_size: float) -> PageEdges:
    """Tell the running heads and feet of a page from its text, which is never empty.

    Args:
        segments: Of the whole page, in any order, without tables.
        type_size: Height of the body type.
    """
    rows = rows_of(segments)
    first, last = 0, len(rows)
    width = max(segment.x1 for segment in segments) - min(segment.x0 for segment in segments)

    def is_edge(outer: int, inner: int) -> bool:
        return _is_edge(rows[outer], rows[inner], type_size, sheet=width > _SHEET)

    while first < min(_MOST_ROWS, last - 1) and is_edge(first, first + 1):
        first += 1
    while last - 1 > first and len(rows) - last < _MOST_ROWS and is_edge(last - 1, last - 2):
        last -= 1
    header, body, footer = (
        tuple(segment for row in part for segment in row) for part in (rows[:first], rows[first:last], rows[last:])
    )
    return PageEdges(header, body, footer)


def _is_edge(row: Sequence[Segment], inner: Sequence[Segment], type_size: float, *, sheet: bool) -> bool:
    """Whether a row, the outermost of those that are left, is no text.

    Args:
        row: The row.
        inner: The next one towards the middle.
        type_size: Height of the body type.
        sheet: Whether the page is no strip: the last line of a receipt is its text, also where a count ends it.
    """
    y0, y1 = min(segment.y0 for segment in row), max(segment.y1 for segment in row)
    inner_y0, inner_y1 = min(segment.y0 for segment in inner), max(segment.y1 for segment in inner)
    from_edge = min((y0 + y1) / 2, 1 - (y0 + y1) / 2)
    if max(y0 - inner_y1, inner_y0 - y1) < _APART * type_size or from_edge > _FAR_EDGE:
        return False
    text = " ".join(segment.text for segment in row)
    size = max(segment.size for segment in row)
    if is_page_number(text) and not _INITIAL.fullmatch(text) and size <= _NUMBER_SIZE * type_size:
        return from_edge <= _EDGE if text.isalnum() else True
    if not sheet or from_edge > _EDGE or size > _TEXT_SIZE * type_size:
        return False
    return any(told.fullmatch(text) for told in (_NUMBER_WITH_TEXT, _STAMP, _ISSUE)) or _has_number_apart(
        row, type_size
    )


def _has_number_apart(row: Sequence[Segment], type_size: float) -> bool:
    """Whether a page number stands in a row of words, well apart from them: at either end, or in the middle."""
    if len(row) < 2 or ":" in row[-2].text[-1:]:
        return False
    gaps = [after.x0 - before.x1 for before, after in pairwise(row)]
    places = [(0, gaps[:1]), (len(row) - 1, gaps[-1:])]
    if len(row) == 3:
        places.append((1, gaps))
    for place, beside in places:
        worded = all(any(map(str.isalpha, segment.text)) for segment in row if segment is not row[place])
        if _BARE_NUMBER.fullmatch(row[place].text) and worded and min(beside) > _NUMBER_GAP * type_size:
            return True
    return False
