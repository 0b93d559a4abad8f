"""What on a page could be an answer: sentences, labelled values and table cells, each with the words around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from langchain_hunyuanocr.archive.glossary import is_label
from langchain_hunyuanocr.archive.grounding import box_of_row, box_of_text, holds
from langchain_hunyuanocr.archive.terms import fold, terms_of
from langchain_hunyuanocr.results import Block, Box, Field, FieldState, Line, PageReading, Table

_SENTENCE_END = re.compile(r"(?<=[。！？；!?])\s*|(?<=[a-z0-9)\]%][.;])\s+(?=[A-Z(£$€“\"])|\n+")
_COLUMN_GAP = re.compile(r"[ \t]{2,}|　+|\t")
_LABELLED = re.compile(r"^\W*(?P<label>[^:：\d]{1,40}?(?:\([^)]*\)|（[^）]*）)?)\s*[:：]\s*(?P<value>\S.*)$")
_LABEL_THEN_NUMBER = re.compile(
    r"^\W*(?P<label>[^\d:：¥￥$£€]{2,40}?)\s+(?P<value>(?:[A-Z]{3}\s)?[¥￥$£€]?\s?[\w/#-]*\d[\w.,/#%-]*(?:\s\S+){0,4})$"
)
_LABEL_ALONE = re.compile(r"^[^\d。.;；]{2,40}[:：]$|^[^\d。.;；，,]{2,20}$")
_LABEL_WORDS = 4
"""Most words of a label that nothing but a space parts from its value."""
_HEADING_LENGTH = 60
"""A block of at most so many characters may be the heading of what follows."""
_NEAR_BLOCKS = 2

Kind = Literal["field", "pair", "cell", "row", "sentence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something on a page that could be an answer.

    Attributes:
        kind: What it is.
        answer: The answer that it would give.
        quote: The words on the page that prove it, as they stand there.
        label: What the page calls it: a label, or the headers of the cell's row and column; empty for a sentence.
        near: Text around it that says what it is about.
        locate: Finds its box.
    """

    kind: Kind
    answer: str
    quote: str
    label: str
    near: str
    locate: Callable[[], Box | None]


def evidence_of(reading: PageReading) -> Iterator[Evidence]:
    """Everything on a page that could be an answer."""
    for field in reading.fields:
        yield from _field(reading, field)
    for table in reading.tables:
        yield from _table(reading, table)
    yield from _pairs(reading)
    yield from _sentences(reading)


@lru_cache(maxsize=16384)
def words_of(text: str) -> frozenset[str]:
    """The terms of a text."""
    return frozenset(term.text for term in terms_of(text))


def _field(reading: PageReading, field: Field) -> Iterator[Evidence]:
    if field.value and field.state is not FieldState.MISSING:
        value, box = field.value, field.box
        yield Evidence(
            "field", value, value, field.name.replace("_", " "), "", lambda: box or box_of_text(reading, value)
        )


def _table(reading: PageReading, table: Table) -> Iterator[Evidence]:
    header = [
        " ".join(dict.fromkeys(row[column] for row in table.rows[: table.header_rows]))
        for column in range(len(table.rows[0]) if table.rows else 0)
    ]
    near = f"{table.caption or ''}\n{_before_table(reading, table)}"
    for row in table.rows[table.header_rows :]:
        quote = " | ".join(row)

        def locate(row: Sequence[str] = row) -> Box | None:
            return box_of_row(reading, table, row)

        for column, cell in enumerate(row):
            if cell.strip():
                others = " ".join(text for at, text in enumerate(row) if at != column)
                yield Evidence("cell", cell, quote, header[column], f"{others}\n{near}", locate)


def _before_table(reading: PageReading, table: Table) -> str:
    """The heading and caption over a table."""
    at = next((i for i, b in enumerate(reading.blocks) if b.kind == "table" and b.box == table.box), None)
    return "" if at is None else _around(reading, at, text_wanted=False)


def _pairs(reading: PageReading) -> Iterator[Evidence]:
    tables = [table.box for table in reading.tables if table.box is not None]
    rows = rows_of_lines([line for line in reading.lines if not any(holds(box, line) for box in tables)])
    texts = ["　".join(line.text for line in row) for row in rows]
    for at, row in enumerate(rows):
        near = "\n".join(texts[max(0, at - 3) : at] + texts[at + 1 : at + 2])
        segments = [part.strip() for line in row for part in _COLUMN_GAP.split(line.text) if part.strip()]
        for place, segment in enumerate(segments):
            for label, value in _splits(segment):
                yield _pair(reading, label, value, segment, near)
            if place + 1 < len(segments) and len(segment) <= _HEADING_LENGTH:
                yield _pair(reading, segment, segments[place + 1], segments[place + 1], f"{near}\n{segment}")
        if at + 1 < len(rows) and len(row) == 1 and _LABEL_ALONE.match(texts[at]) and not texts[at].isupper():
            below = rows[at + 1][0].text
            yield _pair(reading, texts[at].rstrip(":："), below, below, near)


def _splits(segment: str) -> Iterator[tuple[str, str]]:
    """Label and value of one piece of a line: `Date: 3 May`, `Total due $12.00`, `收货人 Consignee Quarwick Ltd`."""
    match = _LABELLED.match(segment) or _LABEL_THEN_NUMBER.match(segment)
    if match:
        yield match["label"], match["value"]
    elif len(segment) <= _HEADING_LENGTH:
        words = segment.split()
        for cut in range(1, min(len(words), _LABEL_WORDS + 1)):
            label = " ".join(words[:cut])
            # Nothing but a space parts any two words: `收货人 Consignee` is a label, `Product` may be none.
            value = " ".join(words[cut:])
            if not label.isascii() and is_label(fold(label)) and not is_label(fold(value)):
                yield label, value


def _pair(reading: PageReading, label: str, value: str, quote: str, near: str) -> Evidence:
    return Evidence("pair", value.strip(), quote, label.strip(), near, lambda: box_of_text(reading, quote))


def rows_of_lines(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand side by side, from left to right; rows from top to bottom."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: (one.box.y0 + one.box.y1, one.box.x0)):
        middle = (line.box.y0 + line.box.y1) / 2
        if rows and rows[-1][0].box.y0 <= middle <= rows[-1][0].box.y1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda one: one.box.x0) for row in rows]


def _sentences(reading: PageReading) -> Iterator[Evidence]:
    for at, block in enumerate(reading.blocks):
        if block.kind in ("table", "figure", "formula"):
            continue
        text = reading.markdown[block.start : block.end]
        near = _around(reading, at)
        for sentence in _SENTENCE_END.split(text):
            quote = sentence.strip().lstrip("#*->").strip()
            if len(fold(quote)) > 3:

                def locate(quote: str = quote, block: Block = block) -> Box | None:
                    return box_of_text(reading, quote, block)

                yield Evidence("sentence", quote, quote, "", near, locate)


def _around(reading: PageReading, at: int, *, text_wanted: bool = True) -> str:
    """A block's own text, the short blocks and headings over it, and what stands just before it."""
    blocks = reading.blocks
    parts = [reading.markdown[blocks[at].start : blocks[at].end]] if text_wanted else []
    for before in range(at - 1, -1, -1):
        block = blocks[before]
        text = reading.markdown[block.start : block.end]
        short = len(text) <= _HEADING_LENGTH
        if block.kind != "table" and (short or at - before <= _NEAR_BLOCKS):
            parts.append(text)
        if block.kind == "heading" or (at - before >= _NEAR_BLOCKS and short):
            break
    return "\n".join(parts)
