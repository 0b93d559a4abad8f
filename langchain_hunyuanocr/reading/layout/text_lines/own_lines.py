"""Own lines: what stands on a line of its own, as on receipts, forms and in addresses, and what is running text.

Told by what is written and where: a label with its value begins a line of its own; of the rest, lines run on where most
words are lower-case, as in sentences, or where many words fill lines of one left edge. Elsewhere a line goes on only
where it says so: at an open bracket, after `of`, before a lower-case word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from langchain_hunyuanocr.reading.layout.segments import Segment

_LABEL = re.compile(
    r"\W{0,2}(?P<label>[^\W\d_][^:：]{0,30}?)\s?[:：](?!//)(?P<value>.*)$",
)
_FIGURE = re.compile(r"^[^:：]*[:：]\s?[^\w\s]?\d")
"""A label before a number, which is seldom part of a sentence."""
_LABEL_WORDS = 5
_LABEL_CHARACTERS = 12
"""Of a label written without spaces, as in Chinese."""
_SENTENCE_END = re.compile(r"[.!?。！？；;…][\"'”’)）」』]*$")
_CLAUSE_MARK = re.compile(r"[，。；、？！]")
_WORD = re.compile(r"[^\W\d_]+")
_GOES_ON_AFTER = re.compile(
    r"(?:[-‐/&+(（\[]|\b(?:of|and|or|the|a|an|to|for|in|on|at|by|with|within|from|is|are|not|und|oder|der|die|das|des|"
    r"von|zu|für|mit|et|ou|de|du|des|la|le|les|y|o|del|el))$",
    re.IGNORECASE,
)
_GOES_ON_WITH = re.compile(
    r"(?:[&/+)）\]]|(?:of|and|or|to|for|by|with|within|under|und|oder|von|für|mit|et|ou|de|du|des|y|o|del)\b)",
    re.IGNORECASE,
)
_LOWER = 0.35
"""Share of words that begin with a small letter from which on lines are sentences; German, with its nouns, has .5."""
_FEWEST_WORDS = 4
_FULL_LINE_WORDS = 8
"""Words of a line that is too long for a label with its value or for a line of an address."""
_CAPITAL_WORDS = 5
"""The same, of three lines and more in capitals: terms and warnings."""
_TERMS = 5
"""Lines in capitals without a figure that are rather terms than an address."""
_TITLE_WORDS = 7
"""Words of a line that is rather the first of a title than of a name."""
_PART = re.compile(r"[,:：]|\d{5}|\d-\d")
"""What stands in addresses and under labels."""
_LINE_CHARACTERS = 12
"""Characters of a line of running text without spaces."""
_SAME = 0.5
_ROOM = 4.0
"""Room at the end of a line into which a word would have gone, in type heights."""
_INDENT = 4.5
"""Most indent of a first line, in type heights."""


def parted(rows: Sequence[Segment], type_size: float) -> Iterator[list[Segment]]:
    """Part rows that stand like a paragraph where lines belong to themselves.

    Args:
        rows: At least one, at the distance of lines of one block, from top to bottom.
        type_size: Height of the body type of the page.
    """
    for run in _at_labels(rows, type_size):
        first, last = _prose_within(run, type_size)
        yield from _apart(run[:first])
        if first < last:
            yield run[first:last]
        yield from _apart(run[last:])


def is_labelled(text: str) -> bool:
    """Whether a line begins with a label and a colon: `Date: 3 May`, `请求书编号：17`."""
    found = _LABEL.match(text)
    if found is None:
        return False
    label, value = found["label"], found["value"]
    if " " not in label.strip() and not label.isascii():
        return len(label) <= _LABEL_CHARACTERS and not _CLAUSE_MARK.search(label)
    # `at 8:30`, and a sentence that a list follows
    clock = label[-1:].isdigit() and value[:1].isdigit()
    return not clock and len(label.split()) <= _LABEL_WORDS and (label[0].isupper() or bool(value.strip()))


def is_prose(rows: Sequence[Segment], type_size: float) -> bool:
    """Whether rows are running text."""
    if len(rows) == 1:
        return True
    text = " ".join(row.text for row in rows)
    letters = [character for character in text if character.isalpha()]
    cased = sum(character.lower() != character.upper() for character in letters)
    aligned = _left_aligned(rows, type_size)
    if 2 * cased < len(letters):
        full = min(len(row.text) for row in rows[:-1]) >= _LINE_CHARACTERS
        return aligned and (full or bool(_CLAUSE_MARK.search(text)))
    words = _WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return False
    if sum(word[0].islower() for word in words) >= _LOWER * len(words):
        return True
    if text.isupper() and len(rows) >= _TERMS and not any(character.isdigit() for character in text):
        return aligned
    shortest = min(len(row.text.split()) for row in rows[:-1])
    return aligned and shortest >= (_CAPITAL_WORDS if len(rows) > 2 and text.isupper() else _FULL_LINE_WORDS)


def _at_labels(rows: Sequence[Segment], type_size: float) -> Iterator[list[Segment]]:
    """Rows parted before labels; of running text only where they are plain."""
    labelled = [is_labelled(row.text) for row in rows]
    prose = is_prose(rows, type_size) and 2 * sum(labelled) < len(rows)
    right = max(row.x1 for row in rows) - _ROOM * type_size
    run = [rows[0]]
    for at, (before, row) in enumerate(pairwise(rows)):
        own = not prose or before.x1 < right or len(rows) == 2 or _FIGURE.search(row.text)
        if labelled[at + 1] and own and (_SENTENCE_END.search(before.text) or labelled[at]):
            yield run
            run = []
        run.append(row)
    yield run


def _prose_within(run: Sequence[Segment], type_size: float) -> tuple[int, int]:
    """Which rows of a run are running text: all, those below a caption, or those above a signature; else none."""
    for first, last in ((0, len(run)), (1, len(run)), (0, len(run) - 1)):
        if last - first > 1 and is_prose(run[first:last], type_size):
            return first, last
    return 0, 0


def _apart(rows: Sequence[Segment]) -> Iterator[list[Segment]]:
    if not rows:
        return
    run = [rows[0]]
    for before, row in pairwise(rows):
        if not _goes_on(before.text, row.text):
            yield run
            run = []
        run.append(row)
    yield run


def _goes_on(before: str, after: str) -> bool:
    """Whether a line that is no running text goes on with the next one."""
    if is_labelled(after):
        return False
    if after[:1].islower() or _GOES_ON_AFTER.search(before) or _GOES_ON_WITH.match(after):
        return True
    if len(before.split()) >= _TITLE_WORDS and not _PART.search(before) and not re.search(r"[:：\d]", after):
        return True
    opened = max(before.rfind(mark) for mark in "(（[")
    if opened > max(before.rfind(mark) for mark in ")）]"):
        return True
    return is_labelled(before) and before.endswith((",", "，", "、"))


def _left_aligned(rows: Sequence[Segment], type_size: float) -> bool:
    """Whether rows begin at one left edge, the first perhaps indented, or the first ones beside a large initial."""
    left = min(row.x0 for row in rows)
    indented = 1
    while indented < len(rows) - 1 and abs(rows[indented].x0 - rows[0].x0) < _SAME * type_size:
        indented += 1
    return rows[0].x0 - left < _INDENT * type_size and all(row.x0 - left < type_size for row in rows[indented:])
