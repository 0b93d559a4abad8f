"""Paragraphs, lists and headings from the rows of a column."""

from __future__ import annotations

import math
import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from langchain_hunyuanocr.reading.layout.segments import Segment, joined, rows_of
from langchain_hunyuanocr.reading.layout.text_lines.line_ends import LineEnds
from langchain_hunyuanocr.reading.layout.text_lines.own_lines import parted
from langchain_hunyuanocr.reading.layout.text_lines.set_letters import closed_up

_BULLET = re.compile(r"[•●○▪■◆◇◦‣·∙➢➤►▶]\s*(?=\S)|[*\u2013\u2014-]\s+(?=[^\W\d])")
_BOXES = frozenset("☐☑☒□")
"""Begin an item as bullets do, and stay: they say whether it holds."""
_NUMBER = re.compile(
    r"(?:\d{1,3}[.)、](?!\d)|[a-zA-Z][.)](?=\s)|[(（](?:\d{1,3}|[a-z]|[一二三四五六七八九十]{1,3})[)）]|[①-⑳])\s*"
)
_SECTION = re.compile(
    r"(?:(?P<depth>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z\u4e00-\u9fff])|第[一二三四五六七八九十百零\d]{1,4}[章节条编部分]|"
    r"(?P<zh>[一二三四五六七八九十]{1,3}、)|(?:Chapter|Section|Article|Appendix|Part)\s+[\dIVXA-Z]{1,4}\b)"
)
_NUMBERED_SECTION = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.\s+(?=[A-Z\u4e00-\u9fff])|\d{1,2}(?:\.\d{1,2}){1,3}\s+(?=[A-Z\u4e00-\u9fff])|"
    r"第[一二三四五六七八九十百零\d]{1,4}[章节条编部分]|[一二三四五六七八九十]{1,3}、|(?:Chapter|Section|Article|Appendix)\s)"
)
_QUESTION = re.compile(r"(\d{1,3})[.、．]\s*(?=[^\W\d])")
"""The number of a question, or of a section without a part."""
_ANSWER_SLOT = re.compile(r"(?:[(（][\s　]*[)）]|_{3,})\W*$")
_CAPTION = re.compile(r"(?:Table|TABLE|Figure|FIGURE|Fig\.|FIG\.)\s*(?:\d{1,3}|[IVX]{1,5})\b|[表图]\s*\d")
_BRACKETED = re.compile(r"【[^【】]{1,20}】")
"""A Chinese head of what follows, on a line of its own."""
_SENTENCE_END = re.compile(r"[.!?。！？；;:：…][\"'”’)）」』]*$")
_NO_HEADING = re.compile(r"[.,;，。；、][\"'”’)）]*$")
_LETTERS = re.compile(r"[^\W\d_]{3}|[\u4e00-\u9fff]{2}")

_HEADING_SIZE = 1.28
"""Times the body type; the box of a line of the same type varies by a fifth with its ascenders."""
_OPEN_END = re.compile(
    r"(?:[,&/\u2013\u2014-]|\b(?:of|the|and|for|in|on|to|an|with|from|by|der|die|das|und|für|von|zur|de|la|et|du|des))$",
    re.IGNORECASE,
)
"""How the first line of a title ends that goes on."""
_LONGEST_HEADING = 120
_LONGEST_SECTION = 60
_FEW_GAPS = 4
_APART = 2.0
_TITLE_SPARE = 6.0
"""In type heights: lines of a title are broken early, to look well."""
_SUREST_NOISE = 0.85
"""Score below which large writing is rather a signature or a stamp than a heading."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block of text: its kind, its words and the segments it came from."""

    kind: Literal["heading", "paragraph", "list", "table"]
    text: str
    segments: tuple[Segment, ...]
    level: int = 0


def passages_of(column: Sequence[Segment], type_size: float, line_ends: LineEnds) -> list[TextBlock]:
    """Read a column.

    Args:
        column: Its segments; tables stand among them as segments of their own.
        type_size: Height of the body type of the page.
        line_ends: Joins lines, by the words of the page.
    """
    passages: list[TextBlock] = []
    rows: list[list[Segment]] = []
    edge = max((segment.x1 for segment in column if segment.table), default=0.0)
    for row in rows_of(column):
        if row[0].table is not None:
            passages.extend(_text_passages(rows, type_size, edge, line_ends))
            passages.extend(TextBlock("table", segment.table.markdown, (segment,)) for segment in row if segment.table)
            rows = []
        else:
            rows.append(row)
    passages.extend(_text_passages(rows, type_size, edge, line_ends))
    return _merged_lists(_in_step(_with_section_headings(_with_captions(passages)), type_size))


def _text_passages(pieces: list[list[Segment]], type_size: float, edge: float, line_ends: LineEnds) -> list[TextBlock]:
    if not pieces:
        return []
    rows = [closed_up(joined(row, type_size), row) for row in pieces]
    if _from_right(rows):
        # Seen in a mirror, so that lines begin at the left; their boxes stay.
        rows = [replace(row, x0=-row.x1, x1=-row.x0) for row in rows]
        edge = -math.inf
    # A label and its value, or two dates at either end: no row of running text has such a gap.
    apart = {id(row) for row, parts in zip(rows, pieces, strict=True) if _widest_gap(parts) > _APART * type_size}
    left = sorted(row.x0 for row in rows)[len(rows) // 10]
    right = max(edge, sorted(row.x1 for row in rows)[-1 - len(rows) // 20])
    gaps = [below.middle - above.middle for above, below in pairwise(rows)]
    near = [gap for gap in gaps if gap < 2.2 * type_size]
    pitch = statistics.median(near) if near else 1.5 * type_size
    if len(near) < _FEW_GAPS:
        pitch = min(pitch, 1.7 * type_size)
    groups: list[list[Segment]] = []
    for row in rows:
        alone = groups and (id(row) in apart or id(groups[-1][-1]) in apart)
        if groups and not alone and not _begins(groups[-1], row, left, right, pitch, type_size):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [passage for group in groups for passage in _passages(group, type_size, line_ends)]


def _passages(group: list[Segment], type_size: float, line_ends: LineEnds) -> list[TextBlock]:
    """A group as one block, or the lines of it that belong to themselves, each a block; a title or item stays whole."""
    whole = _is_item(group[0].text) or group[0].size >= _HEADING_SIZE * type_size
    blocks = [group] if whole else list(parted(group, type_size))
    passages = [_passage(rows, type_size, line_ends) for rows in blocks]
    if len(passages) == 1:
        return passages
    # Lines of an address or of a total in bold type are no headings.
    return [replace(one, kind="paragraph", level=0) if one.kind == "heading" else one for one in passages]


def _from_right(rows: Sequence[Segment]) -> bool:
    """Whether most letters are of a script that is written from the right, as Arabic and Hebrew are."""
    letters = [unicodedata.bidirectional(char) in ("R", "AL") for row in rows for char in row.text if char.isalpha()]
    return 2 * sum(letters) > len(letters)


def _widest_gap(parts: list[Segment]) -> float:
    return max((after.x0 - before.x1 for before, after in pairwise(parts)), default=0.0)


def _begins(group: list[Segment], row: Segment, left: float, right: float, pitch: float, type_size: float) -> bool:
    """Whether `row` begins something new after `group`."""
    before = group[-1]
    distance = row.middle - before.middle
    if distance > 1.45 * pitch * max(1.0, row.size / type_size) or distance < 0:
        return True
    if _is_item(row.text) or _SECTION.match(row.text) or _CAPTION.match(row.text):
        return True
    if _BRACKETED.fullmatch(row.text) or _BRACKETED.fullmatch(before.text):
        return True
    ratio = row.size / before.size
    if max(ratio, 1 / ratio) > 1.3 or row.bold != before.bold or (len(group) == 1 and ratio < 1 / 1.22):
        return True
    if min(before.size, row.size) >= _HEADING_SIZE * type_size and _goes_on(before.text, row.text):
        return False
    if _is_item(group[0].text):
        # A list item's further lines hang at or right of its own start.
        return row.x0 < group[0].x0 - 0.5 * type_size or _had_room(before, row, right, type_size)
    if len(group) == 1 and before.x0 > left + 0.8 * type_size and abs(row.x0 - left) < 0.8 * type_size:
        return _had_room(before, row, right, type_size)
    indented = row.x0 > left + 0.9 * type_size and row.x0 > before.x0 + 0.9 * type_size
    if (
        indented
        and not _centred(before, row, type_size)
        and (_SENTENCE_END.search(before.text) or _near_left(before, left, type_size))
    ):
        return True
    return _had_room(before, row, right, type_size)


def _goes_on(title: str, text: str) -> bool:
    """Whether words after the first line of a title are its second line, as they show by themselves."""
    return text[:1].islower() or _OPEN_END.search(title) is not None


def _near_left(row: Segment, left: float, type_size: float) -> bool:
    return row.x0 < left + 0.8 * type_size


def _centred(first: Segment, second: Segment, type_size: float) -> bool:
    return abs(first.centre - second.centre) < 0.5 * type_size


def _had_room(before: Segment, row: Segment, right: float, type_size: float) -> bool:
    """Whether the first word of a line would have fitted at the end of the line before: then the break is meant."""
    word = row.text.split(maxsplit=1)[0]
    if re.match(r"[\u2e80-\u9fff]", word):
        word = row.text[:2]
    per_character = row.width / max(1, len(row.text))
    room = right - before.x1
    spare = 0.5 if _SENTENCE_END.search(before.text) else 2.5
    if before.size > 1.2 * type_size and _centred(before, row, type_size):
        spare = _TITLE_SPARE
    return room > per_character * (len(word) + 1) + spare * type_size


def _bullet(text: str) -> re.Match[str] | None:
    """The bullet that a text begins with; a sign at both ends frames a title: `·News·`."""
    return _BULLET.match(text) if text[:1] != text[-1:] else None


def _is_item(text: str) -> bool:
    return bool(_bullet(text) or _NUMBER.match(text) or text[:1] in _BOXES)


def _passage(rows: list[Segment], type_size: float, line_ends: LineEnds) -> TextBlock:
    text = rows[0].text
    for row in rows[1:]:
        text = line_ends.joined(text, row.text)
    segments = tuple(rows)
    level = _heading_level(rows, text, type_size)
    if level:
        return TextBlock("heading", text, segments, level)
    bullet = _bullet(text)
    if bullet:
        return TextBlock("list", f"- {text[bullet.end() :].strip()}", segments)
    if _NUMBER.match(text):
        return TextBlock("list", text, segments)
    return TextBlock("paragraph", text, segments)


def _heading_level(rows: list[Segment], text: str, type_size: float) -> int:
    """The level of a heading, 0 for what is none."""
    if len(text) > _LONGEST_HEADING or len(rows) > 3 or not _LETTERS.search(text):
        return 0
    if any(line.score is not None and line.score < _SUREST_NOISE for row in rows for line in row.lines):
        return 0
    if _NO_HEADING.search(text) or _bullet(text):
        return 0
    ratio = statistics.median(row.size for row in rows) / type_size
    if ratio >= _HEADING_SIZE:
        return 1 if ratio >= 1.9 else 2 if ratio >= 1.5 else 3
    section = _SECTION.match(text)
    bold = all(row.bold for row in rows)
    if section and len(text) <= 60 and len(rows) == 1 and not _SENTENCE_END.search(text) and (bold or ratio >= 1.12):
        return min(2 + (section["depth"] or "").count("."), 4)
    if bold and len(rows) == 1 and len(text) <= 80 and not _SENTENCE_END.search(text) and ratio >= 1.0:
        return 3
    return 0


def _with_section_headings(passages: list[TextBlock]) -> list[TextBlock]:
    """Make headings of short numbered lines that stand alone above what they number."""

    def is_short(passage: TextBlock | None) -> bool:
        return (
            passage is not None
            and len(passage.segments) == 1
            and len(passage.text) <= _LONGEST_SECTION
            and bool(_NUMBERED_SECTION.match(passage.text))
            and not _SENTENCE_END.search(passage.text)
            and not _NO_HEADING.search(passage.text)
            and not _ANSWER_SLOT.search(passage.text)
        )

    # Where some of what is numbered alike runs on, as the questions of an examination do, all of it is text.
    asked = any(
        len(passage.segments) > 1 or bool(_ANSWER_SLOT.search(passage.text))
        for passage in passages
        if passage.kind in ("list", "paragraph") and _QUESTION.match(passage.text)
    )
    result = []
    neighbours = zip([None, *passages], passages, [*passages[1:], None], strict=False)
    for before, passage, after in neighbours:
        if (
            passage.kind in ("list", "paragraph")
            and is_short(passage)
            and not is_short(before)
            and not is_short(after)
            and after is not None
            and not (asked and _QUESTION.match(passage.text))
        ):
            depth = re.match(r"[\d.]*", passage.text)
            level = 2 + (depth[0].rstrip(".").count(".") if depth else 0)
            passage = TextBlock("heading", passage.text, passage.segments, min(level, 4))
        result.append(passage)
    return result


def _in_step(passages: list[TextBlock], type_size: float) -> list[TextBlock]:
    """Of lines numbered one after the other, all are headings or none, but for those in large type."""
    numbered = [(at, int(found[1])) for at, one in enumerate(passages) if (found := _QUESTION.match(one.text))]
    result = list(passages)
    for (at, number), (other_at, other) in [*pairwise(numbered), *pairwise(numbered[::-1])]:
        one = passages[at]
        small = statistics.median(row.size for row in one.segments) < _HEADING_SIZE * type_size
        if one.kind == "heading" and small and abs(number - other) == 1 and passages[other_at].kind != "heading":
            result[at] = replace(one, kind="list", level=0)
    return result


def _with_captions(passages: list[TextBlock]) -> list[TextBlock]:
    """Give tables the caption that stands above or below them."""
    result = list(passages)
    for number, passage in enumerate(passages):
        if passage.kind != "table":
            continue
        for near in (number - 1, number + 1):
            if 0 <= near < len(passages) and passages[near].kind == "paragraph" and _CAPTION.match(passages[near].text):
                segment = passage.segments[0]
                if segment.table is not None:
                    table = segment.table.model_copy(update={"caption": passages[near].text})
                    result[number] = TextBlock("table", table.markdown, (replace(segment, table=table),))
                break
    return result


def _merged_lists(passages: list[TextBlock]) -> list[TextBlock]:
    merged: list[TextBlock] = []
    for passage in passages:
        if passage.kind == "list" and merged and merged[-1].kind == "list":
            last = merged[-1]
            merged[-1] = TextBlock("list", f"{last.text}\n{passage.text}", (*last.segments, *passage.segments))
        else:
            merged.append(passage)
    return merged
