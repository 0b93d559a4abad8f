"""A document answer becomes clean Markdown: one step after the other claims what it understands, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from langchain_hunyuanocr.reading.answers.code_fences import fence_parts, without_outer_fence
from langchain_hunyuanocr.reading.answers.figures import bare_figures, tagged_figures
from langchain_hunyuanocr.reading.answers.formulas import formula_parts, with_dollars
from langchain_hunyuanocr.reading.answers.parts import Part, claim
from langchain_hunyuanocr.reading.markdown_blocks import blocks_in
from langchain_hunyuanocr.reading.tables.build import table_from_rows
from langchain_hunyuanocr.reading.tables.headers import header_rows_of_grid
from langchain_hunyuanocr.reading.tables.html import parse_html_tables, table_places
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table

_GLUED_HEADING = re.compile(
    r"^( {0,3}#{1,6})(?=[^\W\d_])(?!(?:include|define|if|ifdef|ifndef|endif)\b)(?![^\n]*\s#\w)", re.MULTILINE
)
_DEEP_HEADING = re.compile(r"^( {0,3})#{7,}[ \t]*(?=[^\s#])", re.MULTILINE)
_GAPS = re.compile(r"\n(?:[ \t\r]*\n){2,}")
_UNDERLINED = re.compile(r"(?<=[^\s\n])([ \t\r]*\n)(?= {0,3}-+[ \t\r]*(?:\n|\Z))")


def markdown_parts(text: str) -> list[Part]:
    """The parts of a document answer.

    Args:
        text: The answer without a preamble.

    Returns:
        In order: tables, figures, formulas and code, each by itself, and text between them with sane headings. All
        that the text says is in them.
    """
    return unfenced_parts(fence_parts(without_outer_fence(text)))


def unfenced_parts(parts: Iterable[Part]) -> list[Part]:
    """The same for an answer whose fences have been claimed already."""
    for step in (html_tables, tagged_figures, formula_parts, bare_figures, pipe_tables, sane_headings):
        parts = claim(parts, step)
    return list(parts)


def html_tables(text: str) -> Iterator[Part]:
    """The HTML tables of a text, a caption over its table, and what stands between; what is no table stays text."""
    done = 0
    for start, end in table_places(text):
        tables = parse_html_tables(with_dollars(text[start:end]))
        if not tables:
            continue
        yield Part("text", text[done:start])
        done = end
        for table in tables:
            yield Part("caption", table.caption or "")
            yield Part("table", table.markdown, table=table)
    yield Part("text", text[done:])


def pipe_tables(text: str) -> Iterator[Part]:
    """The Markdown tables of a text, written anew, and what stands between."""
    done = 0
    for kind, start, end in blocks_in(text, 0, len(text)) if "|" in text else ():
        if kind != "table":
            continue
        # To Markdown every line up to a blank one is a row; a line without a pipe is rather the text below the table.
        lines = text[start:end].splitlines(keepends=True)
        height = next((row for row, line in enumerate(lines) if row > 1 and "|" not in line), len(lines))
        end = start + sum(map(len, lines[:height]))
        rows = parse_markdown_table(text[start:end])
        if not rows:
            continue
        table = table_from_rows(rows, header_rows=header_rows_of_grid(rows))
        yield Part("text", text[done:start])
        yield Part("table", table.markdown, table=table)
        done = end
    yield Part("text", text[done:])


def sane_headings(text: str) -> Iterator[Part]:
    """The text with `# Title` for `#Title`, at most six `#`, no dashes that make a heading of text, no gaps."""
    text = _DEEP_HEADING.sub(r"\1###### ", _GLUED_HEADING.sub(r"\1 ", text))
    yield Part("text", _GAPS.sub("\n\n", _UNDERLINED.sub(r"\1\n", text)))
