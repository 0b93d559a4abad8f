"""What a table offers as answers: its cells under their headers, and values beside their labels where it is a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langchain_hunyuanocr.archive.answer.extractive.candidates import CandidateAnswer
from langchain_hunyuanocr.archive.answer.extractive.labelled_values import pair, splits
from langchain_hunyuanocr.archive.answer.locate import box_of_row
from langchain_hunyuanocr.archive.text.glossary import is_label
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.results import Box, PageReading, Table

_FIGURE = re.compile(r"\d{3}|^\W*\d[\d.,]*\W*$")
"""What no header holds; `Q1` is one."""
_YEAR = re.compile(r"^\W*(?:19|20)\d\d\s*年?\W*$")
_FORM_COLUMNS = 2
"""Different cells of a row in a form: a label and its value."""


def cells_of(reading: PageReading, table: Table, before: str) -> Iterator[CandidateAnswer]:
    """The cells of a table.

    Args:
        reading: Of the page.
        table: On it.
        before: The heading and caption over the table.
    """
    about = f"{table.caption or ''}\n{before}"
    header = [_joined(row[column] for row in table.rows[: table.header_rows]) for column in range(_width(table))]
    columns = len(set(header))
    for number, row in enumerate(table.rows):
        runs = _runs(row)
        texts = [text for _, text in runs]
        if number >= table.header_rows and len(texts) > columns and not any(_FIGURE.search(text) for text in texts):
            # The head of a form comes first, the head of its list later and in more columns.
            header, columns = list(row), len(texts)
            continue
        yield from _form_row(reading, texts, about)
        if number < table.header_rows or any(_FIGURE.search(text) for text in header if not _YEAR.match(text)):
            continue  # where the head holds values, the table is a form

        def locate(row: Sequence[str] = row) -> Box | None:
            return box_of_row(reading, table, row)

        quote = " | ".join(texts)
        for place, (column, text) in enumerate(runs):
            others = " ".join(texts[:place] + texts[place + 1 :])
            yield CandidateAnswer("cell", text, quote, header[column], f"{others}\n{about}", locate)


def _form_row(reading: PageReading, texts: Sequence[str], about: str) -> Iterator[CandidateAnswer]:
    near = "\n".join((*texts, about))
    for place, text in enumerate(texts):
        for line in text.split("\n"):
            for label, value in splits(line):
                yield pair(reading, label, value, line, near)
        following = texts[place + 1] if place + 1 < len(texts) else ""
        label = fold(text)
        if following and not _FIGURE.search(label) and (len(texts) == _FORM_COLUMNS or is_label(label)):
            # `销售方 | 名称：...` is the seller's name; anything else beside a label is its value.
            inner = [(one, value, line) for line in following.split("\n") for one, value in splits(line)]
            for one, value, line in inner:
                yield pair(reading, f"{text} {one}", value, line, near)
            if not inner:
                yield pair(reading, text, following, following, near)


def _runs(row: Sequence[str]) -> list[tuple[int, str]]:
    """The filled cells with the column they begin in; a merged cell, repeated in the grid, once."""
    return [
        (column, text) for column, text in enumerate(row) if text.strip() and (column == 0 or row[column - 1] != text)
    ]


def _joined(texts: Iterator[str]) -> str:
    return " ".join(dict.fromkeys(texts))


def _width(table: Table) -> int:
    return len(table.rows[0]) if table.rows else 0
