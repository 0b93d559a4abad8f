"""Markdown to HTML: tables as tables, formulas as MathML, lines and doubts marked in it.

Whatever the document says is escaped: HTML in a page is shown, never made.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, tostring

from langchain_hunyuanocr.display.notebook_card import table_html
from langchain_hunyuanocr.errors import ServiceError, require
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table
from langchain_hunyuanocr.results import Block, PageReading
from langchain_hunyuanocr.ui.viewer.marked_spans import Span, spans_of, tagged, untagged

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FIRST_HEADING = 4
"""Level of the document's highest headings: below those of the page itself."""
_MATHML_ATTRIBUTES = frozenset(
    (
        "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle",
        "fence", "form", "height", "largeop", "linebreak", "linethickness", "lspace", "mathvariant", "maxsize",
        "minsize", "movablelimits", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
        "symmetric", "voffset", "width", "xmlns",
    )
)  # fmt: skip
"""What says how a formula is drawn, and nothing else."""


class MarkdownHtml:
    """Makes the HTML of one page's text.

    Args:
        reading: The page.
        doubt_titles: What is said of each doubt, in their order; shown where the pointer rests.
        table_label: What a table is called, for those who cannot see it.
    """

    def __init__(self, reading: PageReading, doubt_titles: tuple[str, ...], table_label: str) -> None:
        self._reading = reading
        self._spans: list[Span] = spans_of(reading)
        self._titles = doubt_titles
        self._table_label = escape(table_label)
        levels = sorted({block.level for block in reading.blocks if block.level})
        self._levels = {level: min(6, _FIRST_HEADING + rank) for rank, level in enumerate(levels)}
        self._tables = {table.markdown: table for table in reading.tables}

    def block(self, block: Block) -> str:
        """A block as HTML."""
        text = self._reading.markdown[block.start : block.end]
        html = (self._table(text, block.start) if block.kind == "table" else None) or self._rendered(text, block.start)
        return untagged(html, self._opening, "</mark>")

    def _rendered(self, text: str, offset: int) -> str:
        return str(_markdown().render(tagged(text, offset, self._spans), {"levels": self._levels}))

    def _table(self, text: str, offset: int) -> str | None:
        """A table with its merged cells, its caption as it stands around it; `None` where it is not as it was read."""
        for grid, table in self._tables.items():
            if grid and (start := text.find(grid)) >= 0:
                end = start + len(grid)
                rows = parse_markdown_table(tagged(grid, offset + start, self._spans))
                if [len(row) for row in rows] != [len(row) for row in table.rows]:
                    return None
                before, after = (text[:start], offset), (text[end:], offset + end)
                made = table_html({**table.model_dump(), "rows": rows, "caption": None})
                return (
                    self._rendered(*before)
                    + f'<div class="hv-wide" tabindex="0" role="group" aria-label="{self._table_label}">{made}</div>'
                    + self._rendered(*after)
                )
        return None

    def _opening(self, number: int) -> str:
        span = self._spans[number]
        classes, place, title = [], "", ""
        if span.line is not None:
            classes.append("hv-line")
            place = f' data-line="{span.line}"'
        if span.doubt is not None:
            classes.append("hv-doubt")
            place += f' data-doubt="{span.doubt}"'
            title = f' title="{escape(self._titles[span.doubt])}"'
        return f'<mark class="{" ".join(classes)}"{place}{title}>'


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    dollarmath = require("mdit_py_plugins.dollarmath", extra="ui", error=ServiceError)
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    # A scan's own addresses are no links of this page, and no picture is fetched because a page names it.
    parser.disable(["link", "image", "autolink", "reference"])
    parser.use(dollarmath.dollarmath_plugin, renderer=_formula, double_inline=True)
    parser.core.ruler.push("deeper", _deeper)
    return parser


def _deeper(state: Any) -> None:
    """Headings of a document stand below those of the page, and none of the levels between is left out."""
    levels: dict[int, int] = state.env["levels"]
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{levels.get(int(token.tag[1:]), 6)}"


def _formula(latex: str, options: dict[str, Any]) -> str:
    """MathML, which browsers draw and read aloud; what is no LaTeX is shown as it stands."""
    converter = require("latex2mathml.converter", extra="ui", error=ServiceError)
    plain = untagged(latex, lambda _: "", "")
    try:
        made = converter.convert_to_element(plain, display="block" if options.get("display_mode") else "inline")
    except Exception:  # the package raises errors of many kinds, IndexError among them
        return f"<code>{escape(plain)}</code>"
    return _escaped(made)


def _escaped(made: Element) -> str:
    """MathML in which whatever the document says is text; the package itself lets tags and links through."""
    for element in made.iter():
        for name in set(element.attrib) - _MATHML_ATTRIBUTES:
            del element.attrib[name]
        element.text, element.tail = unescape(element.text or ""), unescape(element.tail or "")
    return tostring(made, encoding="unicode")
