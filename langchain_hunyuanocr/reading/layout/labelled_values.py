"""Labels with their values: lines of a receipt or form that look like rows of a table and are none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from langchain_hunyuanocr.reading.layout.segments import Segment

_LABEL = re.compile(r"[^\W\d_][^:：]{0,30}[:：](?!\d\d\b|//)")
"""A label with its colon; not the hour of a time, not the scheme of an address."""
_VALUE = re.compile(r"[:：]\s*\S")
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT = re.compile(r"[A-Z]{2,3}|[$€£¥]|[:：]")
_MOST_OTHERS = 0.3
"""Share of the rows of a list that are no label with a value."""


def is_labelled_value(row: Sequence[Segment]) -> bool:
    """Whether a row of writing holds labels with their values: "Server: 113", or "Date" beside ": 3 May"."""
    if row[0].table is not None:
        return False
    texts = [segment.text for segment in row]
    # As many values as labels: "Total:" beside two figures is a row of a table.
    pairs = len(texts) == 2 * sum(bool(_LABEL.fullmatch(text)) for text in texts)
    named = any(_LABEL.match(text) and _VALUE.search(text) for text in texts)
    return named or pairs or any(_VALUE.match(text) for text in texts[1:])


def is_list_of_values(rows: Mapping[int, Sequence[str]]) -> bool:
    """Whether the rows of a grid are labels with one value each, the first row as the others: a list without header.

    Args:
        rows: The texts of the cells by row, empty ones left out.
    """
    pairs = [
        [text for number, text in enumerate(rows[key]) if number == 0 or not _UNIT.fullmatch(text)]
        for key in sorted(rows)
    ]
    others = sum(not _is_pair(pair) for pair in pairs)
    return bool(pairs) and _is_pair(pairs[0]) and others <= _MOST_OTHERS * len(pairs) and max(map(len, pairs)) <= 2


def _is_pair(texts: Sequence[str]) -> bool:
    if len(texts) != 2:
        return False
    label, value = texts
    return any(map(str.isalpha, label)) and any(map(str.isdigit, value)) and not _YEAR.fullmatch(value)
