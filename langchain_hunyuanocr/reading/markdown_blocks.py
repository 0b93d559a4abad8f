"""Where the blocks of a Markdown text are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "list", "table", "formula", "figure"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_HTML_TABLE = re.compile(r"\s*<table\b", re.IGNORECASE)
_MARKDOWN_KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
}


def blocks_in(text: str, start: int, end: int) -> Iterator[tuple[Kind, int, int]]:
    """Kind, start and end of each block of the Markdown in `text[start:end]`; what no rule claims is a paragraph."""
    part = text[start:end]
    if not part or part.isspace():
        return
    lines = [0, *(match.end() for match in _LINE_END.finditer(part)), len(part)]
    done = 0
    for token in _markdown().parse(part):
        if token.level or token.nesting < 0 or token.map is None:
            continue
        first, last = lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)]
        if first >= last or first < done or part[first:last].isspace():
            continue
        yield from _loose(text, start + done, start + first)
        yield _kind(token, part[first:last]), start + first, start + last
        done = last
    yield from _loose(text, start + done, end)


def _loose(text: str, start: int, end: int) -> Iterator[tuple[Kind, int, int]]:
    if start < end and not text[start:end].isspace():
        yield "paragraph", start, end


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    # Where the blocks are is all that is asked; what stands inside them need not be parsed.
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _kind(token: Token, content: str) -> Kind:
    if token.type in _MARKDOWN_KINDS:
        return _MARKDOWN_KINDS[token.type]
    if _HTML_TABLE.match(content):
        return "table"
    stripped = content.strip()
    if stripped.startswith("$$") and stripped.endswith("$$") and len(stripped) > 3:
        return "formula"
    return "figure" if re.fullmatch(r"!\[[^\]\n]*\]\([^)\n]*\)", stripped) else "paragraph"
