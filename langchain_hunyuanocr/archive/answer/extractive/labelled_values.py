"""Values under their labels: `Date: 3 May`, `Total due $12.00`, a label with its value beside or below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langchain_hunyuanocr.archive.answer.extractive.candidates import CandidateAnswer, text_around_line
from langchain_hunyuanocr.archive.answer.locate import box_of_text, holds
from langchain_hunyuanocr.archive.text.glossary import is_city, is_label
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.results import Line, PageReading

_COLUMN_GAP = re.compile(r"[ \t]{2,}|　+|\t")
_LABELLED = re.compile(r"^\W*(?P<label>[^:：\d]{1,40}?(?:\([^)]*\)|（[^）]*）)?)\s*[:：]\s*(?P<value>\S.*)$")
_LABEL_THEN_NUMBER = re.compile(
    r"^\W*(?P<label>[^\d:：¥￥$£€]{2,40}?)\s+(?P<value>(?:[A-Z]{3}\s)?[¥￥$£€]?\s?[\w/#-]*\d[\w.,/#%-]*(?:\s\S+){0,4})$"
)
_LABEL_ALONE = re.compile(r"^[^\d。.;；]{2,40}[:：]$")
_COUNTED = re.compile(r"^(?P<label>[\u4e00-\u9fff]{2,8})(?P<value>\d[\d,.]*%?[\u4e00-\u9fff]{0,2})[。.]?$")
_BETWEEN = re.compile(r"(?<=[.;])\s+|[;；，、。](?!\d)")
"""What parts several labelled values in one line: `In favour: 5. Against: 1.`"""
_LABEL_WORDS = 4
"""Most words of a label that nothing but a space parts from its value."""
_LONGEST_LINE = 60
"""Characters of a line that may be a label, or a label and its value, without a colon."""
_VALUE_WORDS = 6
"""Most words of a value beside what is not known to be a label."""
_IN_BRACKETS = re.compile(r"\([^)]*\)|（[^）]*）")


def pairs_of_lines(reading: PageReading) -> Iterator[CandidateAnswer]:
    """Values under their labels, outside of tables."""
    tables = [table.box for table in reading.tables if table.box is not None]
    rows = rows_of_lines([line for line in reading.lines if not any(holds(box, line) for box in tables)])
    texts = ["　".join(line.text for line in row) for row in rows]
    for at, row in enumerate(rows):
        lines_near = texts[max(0, at - 3) : at] + texts[at + 1 : at + 2]
        near = text_around_line(reading, row[0]) or "\n".join(lines_near)
        segments = [part.strip() for line in row for part in _COLUMN_GAP.split(line.text) if part.strip()]
        for place, segment in enumerate(segments):
            for label, value in splits(segment):
                yield pair(reading, label, value, segment, near)
            if place + 1 < len(segments) and _may_label(segment, segments[place + 1]):
                yield pair(reading, segment, segments[place + 1], segments[place + 1], f"{near}\n{segment}")
        if at + 1 < len(rows) and len(row) == 1 and _heads_what_is_below(texts[at]):
            below = rows[at + 1][0].text
            if _LABELLED.match(below):
                continue
            yield pair(reading, texts[at].rstrip(":："), below, below, near)


def _may_label(segment: str, beside: str) -> bool:
    """Whether what stands to the left of another piece may be its label, and not the next column of a text."""
    if len(segment) > _LONGEST_LINE or not _is_whole(segment):
        return False
    return len(beside.split()) <= _VALUE_WORDS or bool(_LABEL_ALONE.match(segment)) or _is_label(segment)


def _heads_what_is_below(text: str) -> bool:
    if not _is_whole(text):
        return False
    return bool(_LABEL_ALONE.match(text)) or (len(text) <= _LONGEST_LINE and not text.isupper() and _is_label(text))


def _is_whole(label: str) -> bool:
    """Whether no bracket of a label was opened on the line before, or is closed on the next."""
    plain = fold(label)
    return plain.count("(") == plain.count(")")


def _is_label(text: str) -> bool:
    bare = fold(_IN_BRACKETS.sub("", text)).strip()
    return is_label(bare) and not is_city(bare)


def splits(segment: str) -> Iterator[tuple[str, str]]:
    """Labels and values of a line: `Date: 3 May`, `Total due $12.00`, `收货人 Consignee Acme`, `同意5票，反对1票`."""
    parts = [part.strip() for part in _BETWEEN.split(segment)]
    if sum(bool(_LABELLED.match(part) or _counted(part)) for part in parts) > 1:
        for part in parts:
            yield from _split(part)
    else:
        yield from _split(segment)


def _split(segment: str) -> Iterator[tuple[str, str]]:
    counted = _counted(segment) or _counted(segment.rpartition("：")[2])
    if counted:
        yield counted["label"], counted["value"]
        return
    match = _LABELLED.match(segment) or _LABEL_THEN_NUMBER.match(segment)
    if match:
        if _is_whole(match["label"]):
            yield match["label"], match["value"]
        return
    if len(segment) <= _LONGEST_LINE:
        words = segment.split()
        for cut in range(1, min(len(words), _LABEL_WORDS + 1)):
            label = " ".join(words[:cut])
            # Nothing but a space parts any two words: `收货人 Consignee` is a label, `Product` may be none.
            value = " ".join(words[cut:])
            if not label.isascii() and _is_label(label) and not is_label(fold(value)):
                yield label, value


def _counted(segment: str) -> re.Match[str] | None:
    """`同意5票`: a label that nothing parts from its number."""
    match = _COUNTED.match(segment)
    return match if match and is_label(fold(match["label"])) else None


def pair(reading: PageReading, label: str, value: str, quote: str, near: str) -> CandidateAnswer:
    """A value under its label, with the words that prove it."""
    return CandidateAnswer(
        "pair", value.strip().removesuffix("."), quote, label.strip(), near, lambda: box_of_text(reading, quote)
    )


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
