"""Units: the blocks of a text in reading order, covering all of it that is not white space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from langchain_hunyuanocr.reading.markdown_blocks import Kind, blocks_in
from langchain_hunyuanocr.results import Block

_HEADING_MARKS = re.compile(r"^\s{0,3}(#{1,6})(?=\s|$)")
_TITLE_NOISE = re.compile(r"^\s{0,3}#{1,6}(?=\s|$)|\s#+\s*$|^\s*(?:=+|-+)\s*$", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|[*_`])(?=\S)(.+?)(?<=\S)\1")
_CAPTION = re.compile(
    r"\s*[*_]*\s*(?:(?:Table|TABLE|Tab\.|Exhibit|Schedule)\s*(?:\d|[IVX]+\b|[A-Z]\b)"
    r"|[续附]?表\s*[\d一二三四五六七八九十A-Z]|[续附]表)"
)
_ALL_BOLD = re.compile(r"\s*(\*\*|__)[^*_\n]+\1\s*")
_CAPTION_MOST = 200
"""Characters beyond which a paragraph before a table is prose that speaks of it, not its caption."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A block as the splitter sees it: `[start, end)` of the text."""

    kind: Kind
    start: int
    end: int
    level: int = 0
    title: str = ""
    """A heading's words."""
    body: int = 0
    """Where a table itself begins after its caption; `start` for everything else."""


def units_of(text: str, blocks: Iterable[Block]) -> list[Unit]:
    """The units of `text`: the given blocks, and between them whatever Markdown says.

    Args:
        text: What the offsets of `blocks` point into.
        blocks: In any order; what overlaps or lies outside is cut off.
    """
    units: list[Unit] = []
    done = 0
    for block in sorted(blocks, key=lambda block: block.start):
        start, end = max(block.start, done), min(block.end, len(text))
        if start < end and not text[start:end].isspace():
            units += _parsed(text, done, start)
            units.append(_unit(text, block.kind, start, end, block.level))
            done = end
    units += _parsed(text, done, len(text))
    return list(_with_captions(text, units))


def _parsed(text: str, start: int, end: int) -> Iterator[Unit]:
    for kind, first, last in blocks_in(text, start, end):
        yield _unit(text, kind, first, last)


def _unit(text: str, kind: str, start: int, end: int, level: int = 0) -> Unit:
    content = text[start:end]
    known: Kind = next((known for known in get_args(Kind) if known == kind), "paragraph")
    if known != "heading":
        return Unit(known, start, end, body=start)
    marks = _HEADING_MARKS.match(content)
    if not level:
        level = len(marks[1]) if marks else (2 if re.search(r"^\s{0,3}-+\s*$", content, re.MULTILINE) else 1)
    title = _EMPHASIS.sub(r"\2", _TITLE_NOISE.sub(" ", content))
    return Unit(known, start, end, level=level, title=" ".join(title.split()), body=start)


def _with_captions(text: str, units: list[Unit]) -> Iterator[Unit]:
    """The units, a short paragraph that names the table after it made a part of that table."""
    waiting: Unit | None = None
    for unit in units:
        if waiting is not None and unit.kind == "table":
            yield Unit("table", waiting.start, unit.end, body=unit.start)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = unit if _is_caption(text, unit) else None
        if waiting is None:
            yield unit
    if waiting is not None:
        yield waiting


def _is_caption(text: str, unit: Unit) -> bool:
    content = text[unit.start : unit.end].strip()
    if unit.kind != "paragraph" or len(content) > _CAPTION_MOST:
        return False
    return bool(_CAPTION.match(content) or _ALL_BOLD.fullmatch(content))
