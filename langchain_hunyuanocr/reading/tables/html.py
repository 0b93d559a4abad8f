"""Tables out of HTML, however badly it is formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from langchain_hunyuanocr.reading.tables.build import Cell, LooseCell, place_cells, table_from_cells
from langchain_hunyuanocr.reading.tables.cell_markup import KEPT_TAGS, Markup
from langchain_hunyuanocr.reading.tables.headers import has_mostly_numbers, header_rows_of_grid
from langchain_hunyuanocr.results import Table

_STRUCTURE = ("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th")
_INLINE = (
    *KEPT_TAGS,
    *("a", "abbr", "bdi", "big", "blockquote", "body", "br", "button", "center", "cite", "dd", "details", "dfn", "div"),
    *("dl", "dt", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head"),
    *("header", "hr", "html", "iframe", "img", "input", "kbd", "label", "li", "link", "main", "math", "meta", "mfrac"),
    *("mi", "mn", "mo", "mrow", "msqrt", "msub", "msubsup", "msup", "mtext", "nav", "nobr", "noscript", "object"),
    *("ol", "option", "p", "pre", "q", "samp", "script", "section", "select", "semantics", "span", "style", "summary"),
    *("svg", "template", "textarea", "title", "tspan", "ul", "var", "video", "wbr"),
)
_STRAY = re.compile(
    # Not the tag of a table, whatever follows its name, and no other tag that is complete.
    rf"<(?!/?(?:{'|'.join(_STRUCTURE)})(?=[\s/>]|\Z)|/?(?:{'|'.join(_INLINE)})(?:\s[^<>]*|/)?>)",
    re.IGNORECASE,
)
"""A `<` that opens no tag: in `p<0.05`, `$a<b$` or `<LOD`."""
_CUT_OFF = re.compile(r"</?([A-Za-z]*)(\s[^<>]*)?\Z")
"""What may be the beginning of a tag at which an answer was cut off."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""Characters that no tree of XML may hold."""
_TABLE_TAG = re.compile(r"<(/?)table\b[^<>]*(?:>|\Z)", re.IGNORECASE)
_MOST_TIED = 3
"""Most rows that a merged cell of the first one makes header."""
_NEW_LINE = frozenset(
    {
        "p",
        "div",
        "li",
        "tr",
        "table",
        "caption",
        "blockquote",
        "pre",
        "dt",
        "dd",
        "hr",
        "option",
        "section",
        "figcaption",
    }
    | {f"h{level}" for level in range(1, 7)}
)
_UNSEEN = ("script", "style")


def parse_html_tables(html: str) -> list[Table]:
    """Every outermost table of a piece of HTML, however badly it is formed.

    Cells and rows that are not closed, a table cut off in the middle, entities, merged cells, absurd spans and signs of
    comparison that look like tags are understood. `<br>` and paragraphs become line breaks, a table within a cell its
    text. Bold, italic, raised and lowered text stay as they are in the table's `html`, without attributes; scripts
    and styles are dropped, every other tag leaves its text. Text that stands between the cells is kept: before the
    first row as the caption, elsewhere as a cell.

    Args:
        html: HTML, or Markdown with HTML tables in it.

    Returns:
        The tables in order; those without a single cell are left out.
    """
    return [table for element in _outermost(html) if (table := _TableReader(element).table()) is not None]


def cells_of_html(html: str) -> list[Cell]:
    """The cells of the first table of a piece of HTML, at their places."""
    for element in _outermost(html):
        return place_cells(_TableReader(element).rows)
    return []


def table_places(text: str) -> list[tuple[int, int]]:
    """Where the outermost HTML tables of a text stand, as `[start, end)`; one that is not closed reaches to the end."""
    places: list[tuple[int, int]] = []
    depth = start = 0
    for match in _TABLE_TAG.finditer(text):
        if not match[1]:
            start = match.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                places.append((start, match.end()))
    return [*places, (start, len(text))] if depth else places


def _outermost(html: str) -> Iterator[Any]:
    if "<table" not in html.lower():
        return
    from lxml import etree

    clean = _STRAY.sub("&lt;", _CUT_OFF.sub(_without_start, _without_comments(_FORBIDDEN.sub("", html))))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(f"<body>{clean}</body>".encode(), parser)
    except etree.XMLSyntaxError:
        return
    if root is None:
        return
    inner: set[Any] = set()
    for element in root.iter("table"):
        if element not in inner:
            inner = set(element.iter("table"))
            yield element


def _without_start(match: re.Match[str]) -> str:
    name, more = match[1].lower(), match[2]
    names = (*_STRUCTURE, *_INLINE)
    return "" if (name in names if more else any(known.startswith(name) for known in names)) else match[0]


def _without_comments(html: str) -> str:
    """The HTML without `<!-- -->`; what is opened and never closed is no comment."""
    parts: list[str] = []
    done = 0
    while (start := html.find("<!--", done)) >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            parts += [html[done:start], "&lt;"]
            done = start + 1
            break
        parts.append(html[done:start])
        done = end + 3
    return "".join((*parts, html[done:]))


class _TableReader:
    """Walks over a table once and gathers its rows."""

    def __init__(self, element: Any) -> None:
        from lxml import etree

        self.rows: list[list[LooseCell]] = []
        self._caption: list[str] = []
        self._heads: list[bool] = []
        """For each row whether it stands in a `<thead>`."""
        self._in_head = self._in_row = False
        self._into: Markup | None = None
        self._opener: Any = None
        """The element whose end closes the cell; `None` for text that stands between cells."""
        self._spans = (1, 1)
        self._heading = False
        self._unseen: Any = None
        for event, node in etree.iterwalk(element, events=("start", "end")):
            if event == "start":
                if node is not element:
                    self._start(node)
                self._write(node.text)
            else:
                self._end(node)
                if node is not element:
                    self._write(node.tail)
        self._close()

    def table(self) -> Table | None:
        """What was found; `None` without a single cell."""
        if not any(self.rows):
            return None
        cells = place_cells(self.rows)
        caption = " ".join(self._caption) or None
        header_rows = self._marked_header_rows()
        if header_rows:
            return table_from_cells(cells, header_rows=header_rows, caption=caption)
        # A model's table has no <thead>: its first row is the header, with every row that a merged cell ties to it.
        table = table_from_cells(cells, caption=caption)
        height = len(table.rows)
        tied = max((cell.rowspan for cell in cells if cell.row == 0), default=1)
        tied = tied if tied < height and tied <= _MOST_TIED else 1
        while tied > 1 and has_mostly_numbers(table.rows[tied - 1]):
            tied -= 1
        found = header_rows_of_grid(table.rows, at_least=tied)
        return table if found == 1 else table_from_cells(cells, header_rows=found, caption=caption)

    def _marked_header_rows(self) -> int:
        """Leading rows in a `<thead>`, or without one those of `<th>` alone."""
        count = 0
        any_head = any(self._heads)
        for row, in_head in zip(self.rows, self._heads, strict=True):
            if not (in_head if any_head else row and all(cell.heading for cell in row)):
                break
            count += 1
        return count

    def _start(self, node: Any) -> None:
        tag = node.tag
        if self._unseen is not None:
            return
        if tag in _UNSEEN:
            self._unseen = node
        elif self._opener is not None:
            self._inside(tag)
        elif tag in ("td", "th"):
            self._open_cell(node, tag == "th", (_span(node, "rowspan"), _span(node, "colspan")))
        elif tag == "tr":
            self._close()
            self._new_row()
        elif tag == "caption":
            self._close()
            self._into, self._opener = Markup(), node
        elif tag == "thead":
            self._in_head = True
        elif tag == "table":
            # Between the cells: it is the content of a cell that was left out.
            self._open_cell(node, False, (1, 1))
        elif tag not in _STRUCTURE and self._into is not None:
            self._inside(tag)

    def _open_cell(self, node: Any, heading: bool, spans: tuple[int, int]) -> None:
        self._close()
        if not self._in_row:
            self._new_row()
        self._into, self._opener, self._heading, self._spans = Markup(), node, heading, spans

    def _inside(self, tag: str) -> None:
        into = self._into
        if into is None:
            return
        if tag == "br":
            into.line_break()
        elif tag in _NEW_LINE:
            into.part(line=True)
        elif tag in ("td", "th"):
            into.part(line=False)
        else:
            into.start(tag)

    def _end(self, node: Any) -> None:
        tag = node.tag
        if self._unseen is not None:
            if node is self._unseen:
                self._unseen = None
        elif self._opener is not None and node is self._opener:
            self._close()
        elif self._opener is not None or (self._into is not None and tag not in _STRUCTURE):
            if self._into is not None and tag in _NEW_LINE:
                self._into.part(line=True)
            elif self._into is not None:
                self._into.end(tag)
        elif tag in ("tr", "thead", "tbody", "tfoot"):
            self._close()
            self._in_row = False
            self._in_head = self._in_head and tag != "thead"

    def _write(self, text: str | None) -> None:
        if not text or self._unseen is not None:
            return
        if self._into is None:
            if text.isspace():
                return
            self._into, self._spans, self._heading = Markup(), (1, 1), False
        self._into.write(text)

    def _new_row(self) -> None:
        self.rows.append([])
        self._heads.append(self._in_head)
        self._in_row = True

    def _close(self) -> None:
        """End the cell, caption or stray text that is open."""
        into, opener = self._into, self._opener
        self._into = self._opener = None
        if into is None:
            return
        text, html = into.finished()
        if opener is None:
            if not text:
                return
            if self.rows and not self._in_row:
                self._new_row()
                self._in_row = False
        if (opener is None and not self.rows) or (opener is not None and opener.tag == "caption"):
            self._caption += [text] if text else []
        else:
            self.rows[-1].append(LooseCell(text, *self._spans, html, self._heading))


def _span(cell: Any, name: str) -> int:
    found = re.match(r"\s*\+?(\d{1,9})", cell.get(name) or "")
    return int(found[1]) if found else 1
