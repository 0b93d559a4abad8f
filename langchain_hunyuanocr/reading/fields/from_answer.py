"""Fields from a language model's answer, and whether each value really stands on the page."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from langchain_hunyuanocr.reading.fields.check_digits import CHECKS
from langchain_hunyuanocr.reading.fields.dates import DateOrder, date_order
from langchain_hunyuanocr.reading.fields.normalize import normalise
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.table_rows import find_rows
from langchain_hunyuanocr.reading.fields.value_kinds import character_width, flat, fold
from langchain_hunyuanocr.results import Box, Field, FieldState, Line, Table

_FENCE = re.compile(r"```[a-z]*\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_BARE_NUMBER = re.compile(r"(:\s*)([-+]?\d[\d,.]*)(?=\s*[,}\]\n]|\s*\Z)")
_UNIT_AFTER = re.compile(r"(?:usd|eur|gbp|cny|rmb|inr|kg|g|t|lbs?|pcs?|days?)(?![a-z])")
_SIGN_BEFORE = re.compile(r"(?<![a-z])(?:usd|eur|gbp|cny|rmb|inr|us|rs|no)\Z")
"""Units and signs that recognisers print without the space before or after a number."""
_MOST_TEXT = 200_000
_MONEY = re.compile(r"[^\w(-]{0,3}(?:[a-z]{2,3})?\d[\d.,']*[.,]\d{2}")
_MINUS_BEFORE = re.compile(r"(?:(?:^|\s)[-−–]|[△▲]|红字|\()\s?(?:[^\w\s)]|[a-z]{2,3})?\s?\Z")
_MINUS_AFTER = re.compile(r"\s?[-−](?![\s]?\w)|\s?(?:cr|dr)(?![a-z])")
"""What makes a sum negative, or a credit or debit: a sum without it is another one."""
_MOST_VALUES = 20_000
_MOST_ROWS = 1_000
_DEEPEST = 20
"""What is read of an answer at most; a model in a loop writes without end."""
_NOTHING = {"", "null", "none", "n/a", "nan", "无", "空", "未提及", "没有"}


def fields_from_answer(
    specs: Sequence[FieldSpec],
    text: str,
    lines: Sequence[Line],
    *,
    page: int | None = None,
    asked: Sequence[str] = (),
    tables: Sequence[Table] = (),
) -> tuple[Field, ...]:
    """The fields of a page by a language model's answer, each looked for among the lines of another reader.

    Args:
        specs: What was asked for, as `FieldPlan.specs`.
        text: The answer: JSON, perhaps fenced, nested, broken, cut off or wrapped in words.
        lines: Of the second reader, or of spotting; without them nothing is confirmed.
        page: Physical page from 0.
        asked: The names that the model was asked for, in the order of `specs`, as `FieldPlan.asked`.
        tables: Of the page; rows that the answer does not give are taken from them.

    Returns:
        A field a spec, in order: `confirmed` with its box where the value stands on the page and passes its kind's
        check, else `unconfirmed`; `missing` where the answer has none. Lists are JSON in `value`.
    """
    words = asked or [spec.name for spec in specs]
    told = _told(text, {spec.name: (word, spec.name) for spec, word in zip(specs, words, strict=True)})
    paper = SearchableText(lines)
    order = date_order(flat(line.text) for line in lines)
    return tuple(_field(spec, told[spec.name], paper, order, page, tables) for spec in specs)


def _field(
    spec: FieldSpec,
    value: Any,
    paper: SearchableText,
    order: DateOrder | None,
    page: int | None,
    tables: Sequence[Table],
) -> Field:
    if spec.rows:
        rows = _rows(spec, value)
        return _listed(spec, rows, paper, page) if rows else find_rows(spec, tables, page=page or 0)
    if spec.many:
        items = value if isinstance(value, list) else re.split(r"\s*[,;，；、]\s*", _as_text(value) or "")
        return _listed(spec, [text for item in items[:_MOST_ROWS] if (text := _as_text(item))], paper, page)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    text = _as_text(value)
    if text is None:
        return Field(name=spec.name, value=None, state=FieldState.MISSING, page=page)
    box = paper.find(text)
    sound = spec.check is None or CHECKS[spec.check](text)
    return Field(
        name=spec.name,
        value=text,
        state=FieldState.CONFIRMED if box is not None and sound else FieldState.UNCONFIRMED,
        page=page,
        box=box,
        normalised=normalise(text, spec.kind, order=order),
    )


def _rows(spec: FieldSpec, value: Any) -> list[dict[str, str]]:
    """The objects of a list, by the names of their columns; anything else in it is left out."""
    keys = {fold(word): column.name for column in reversed(spec.rows) for word in (*column.labels, column.name)}
    rows = []
    for item in value[:_MOST_ROWS] if isinstance(value, list) else [value]:
        pairs = (
            [(keys.get(fold(str(key))), _as_text(cell)) for key, cell in item.items()] if isinstance(item, dict) else []
        )
        row = {name: text for name, text in reversed(pairs) if name is not None and text is not None}
        if row:
            rows.append({column.name: row[column.name] for column in spec.rows if column.name in row})
    return rows


def _listed(spec: FieldSpec, items: Sequence[Any], paper: SearchableText, page: int | None) -> Field:
    """A list as JSON; confirmed where each of its values stands on the page."""
    if not items:
        return Field(name=spec.name, value=None, state=FieldState.MISSING, page=page)
    cells = [cell for item in items for cell in (item.values() if isinstance(item, dict) else (item,))]
    boxes = [paper.find(cell) for cell in cells]
    found = [box for box in boxes if box is not None]
    return Field(
        name=spec.name,
        value=json.dumps(items, ensure_ascii=False),
        state=FieldState.CONFIRMED if len(found) == len(boxes) else FieldState.UNCONFIRMED,
        page=page,
        box=Box.around(found),
    )


def _told(text: str, asked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What an answer says for each name, under any of the words that it was asked by; the first value counts."""
    fenced = _FENCE.search(text)
    body = (fenced.group(1) if fenced else text).strip()[:_MOST_TEXT]
    values: dict[str, Any] = dict.fromkeys(asked)
    known = {fold(word): name for name, words in asked.items() for word in reversed(words)}
    for path, value in islice(_paths(_load(body)), _MOST_VALUES):
        # `seller: {name: ...}` was asked for as `seller.name`; wrapped in something else, its own name must do.
        name = next((known[way] for k in range(len(path)) if (way := "".join(path[k:])) in known), None)
        if name is not None and values[name] is None and _as_text(value) is not None:
            values[name] = value
    if len(values) == 1 and not any(values.values()) and "{" not in body and "[" not in body:
        values = dict.fromkeys(values, body)
    return values


def _load(body: str) -> Any:
    start = min((at for at in (body.find("{"), body.find("[")) if at >= 0), default=-1)
    if start < 0:
        return None
    body = body[start:]
    try:
        return json.loads(body, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        pass
    from json_repair import repair_json

    try:
        # Numbers are quoted first: repaired as numbers they would lose their zeros and commas.
        return repair_json(_BARE_NUMBER.sub(r'\1"\2"', body), return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError):  # brackets within brackets, as a model in a loop writes them
        return None


def _paths(answer: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value with the folded keys that lead to it, however the objects are wrapped, outer ones first."""
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), answer)])
    while waiting:
        path, value = waiting.popleft()
        if path:
            yield path, value
        if len(path) > _DEEPEST:
            continue
        if isinstance(value, dict):
            waiting.extend(((*path, fold(str(key))), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((path, inner) for inner in value if isinstance(inner, dict | list))


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else None
    text = str(value).strip()
    return None if text.casefold() in _NOTHING else text


class SearchableText:
    """The characters of a page without spaces, each with the line and the place it came from."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._flat = [flat(line.text) for line in lines]
        self._text = ""
        self._from: list[tuple[int, int]] = []
        for number, line in enumerate(self._flat):
            for place, char in enumerate(line):
                if not char.isspace():
                    self._text += char
                    self._from.append((number, place))

    def find(self, value: str) -> Box | None:
        """The box of the first place where `value` stands as a whole; `None` where it does not."""
        wanted = re.sub(r"\s", "", flat(value))
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            if self._whole(at, at + len(wanted)):
                return self._box(at, at + len(wanted))
            at = self._text.find(wanted, at + 1)
        return None

    def _whole(self, start: int, end: int) -> bool:
        """Whether the stretch is no part of a longer word or number, and no number in it runs over a line's end."""
        first, last = self._from[start], self._from[end - 1]
        before, after = self._flat[first[0]][: first[1]], self._flat[last[0]][last[1] + 1 :]
        if _joined(before, self._text[start], ahead=False) or _joined(after, self._text[end - 1], ahead=True):
            return False
        if _MONEY.fullmatch(self._text[start:end]) and (_MINUS_BEFORE.search(before) or _MINUS_AFTER.match(after)):
            return False
        return not any(
            self._from[k][0] != self._from[k + 1][0] and self._text[k].isdigit() and self._text[k + 1].isdigit()
            for k in range(start, end - 1)
        )

    def _box(self, start: int, end: int) -> Box | None:
        spans: dict[int, tuple[int, int]] = {}
        for number, place in self._from[start:end]:
            low, high = spans.get(number, (place, place))
            spans[number] = (min(low, place), max(high, place))
        return Box.around(part_of(self._lines[number], low, high + 1) for number, (low, high) in spans.items())


def _joined(beside: str, edge: str, *, ahead: bool) -> bool:
    """Whether what stands `beside` the `edge` of a stretch belongs to the same number or Latin word."""
    if not beside or not edge.isalnum():
        return False
    near = beside[0] if ahead else beside[-1]
    if edge.isdigit():
        if near.isdigit():
            return True
        if len(beside) > 1 and near in ".,":
            return (beside[1] if ahead else beside[-2]).isdigit()
        if (_UNIT_AFTER.match(beside) if ahead else _SIGN_BEFORE.search(beside)) is not None:
            return False
    return edge.isascii() and edge.isalnum() and near.isascii() and near.isalnum()


def part_of(line: Line, start: int, end: int) -> Box:
    """The box of the characters from `start` to `end` of a line; Chinese ones count twice as wide as Latin ones."""
    full = character_width(line.text) or 1
    left, right = character_width(line.text[:start]) / full, character_width(line.text[:end]) / full
    box = line.box
    return Box(round(box.x0 + left * box.width, 4), box.y0, round(box.x0 + right * box.width, 4), box.y1)
