"""Collect the candidates of a page: fields, table cells, labelled values, sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from langchain_hunyuanocr.archive.answer.extractive.candidates import CandidateAnswer, text_around
from langchain_hunyuanocr.archive.answer.extractive.labelled_values import pairs_of_lines
from langchain_hunyuanocr.archive.answer.extractive.table_cells import cells_of
from langchain_hunyuanocr.archive.answer.locate import box_of_text
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.results import Block, Box, Field, FieldState, PageReading, Table

_SENTENCE_END = re.compile(r"(?<=[。！？；!?])\s*|(?<=[a-z0-9)\]%][.;])\s+(?=[A-Z(£$€“\"])|\n+")


def evidence_of(reading: PageReading) -> Iterator[CandidateAnswer]:
    """Everything on a page that could be an answer."""
    for field in reading.fields:
        yield from _field(reading, field)
    for table in reading.tables:
        yield from cells_of(reading, table, _before_table(reading, table))
    yield from pairs_of_lines(reading)
    yield from _sentences(reading)


def _field(reading: PageReading, field: Field) -> Iterator[CandidateAnswer]:
    if field.value and field.state is not FieldState.MISSING:
        value, box = field.value, field.box
        yield CandidateAnswer(
            "field",
            value,
            value,
            field.name.replace("_", " "),
            "",
            lambda: box or box_of_text(reading, value),
            sure=field.state is FieldState.CONFIRMED,
        )


def _before_table(reading: PageReading, table: Table) -> str:
    """The heading and caption over a table."""
    at = next((i for i, b in enumerate(reading.blocks) if b.kind == "table" and b.box == table.box), None)
    return "" if at is None else text_around(reading, at, text_wanted=False)


def _sentences(reading: PageReading) -> Iterator[CandidateAnswer]:
    for at, block in enumerate(reading.blocks):
        if block.kind in ("table", "figure", "formula"):
            continue
        text = reading.markdown[block.start : block.end]
        near = text_around(reading, at)
        for sentence in _SENTENCE_END.split(text):
            quote = sentence.strip().lstrip("#*->").strip()
            if len(fold(quote)) > 3:

                def locate(quote: str = quote, block: Block = block) -> Box | None:
                    return box_of_text(reading, quote, block)

                yield CandidateAnswer("sentence", quote, quote, "", near, locate)
