"""A language model's answer about fields, and whether each value really stands on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_hunyuanocr.reading.values import character_width, flat, fold
from langchain_hunyuanocr.results import Box, Field, FieldState, Line

_FENCE = re.compile(r"```[a-z]*\s*(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_BARE_NUMBER = re.compile(r"(:\s*)([-+]?\d[\d,.]*)(?=\s*[,}\]\n]|\s*\Z)")
_UNIT_AFTER = re.compile(r"(?:usd|eur|gbp|cny|rmb|inr|kg|g|t|lbs?|pcs?|days?)(?![a-z])")
_SIGN_BEFORE = re.compile(r"(?<![a-z])(?:usd|eur|gbp|cny|rmb|inr|us|rs|no)\Z")
"""Units and signs that recognisers print without the space before or after a number."""
_NOTHING = {"", "null", "none", "n/a", "nan", "无", "空", "未提及", "没有"}


def parse_fields_answer(text: str, names: Sequence[str]) -> dict[str, str | None]:
    """The values in a model's answer.

    Args:
        text: JSON, perhaps fenced, cut off, unquoted or wrapped in words. Where one field was asked for, plain words
            are its value.
        names: What was asked for.

    Returns:
        A value for each name, in the order asked, digits as the model wrote them; `None` where the answer has none.
    """
    fenced = _FENCE.search(text)
    body = (fenced.group(1) if fenced else text).strip()
    values: dict[str, str | None] = dict.fromkeys(names)
    known = {fold(name): name for name in names}
    for key, value in _pairs(_load(body)):
        name = known.get(fold(key))
        if name is not None and values[name] is None:
            values[name] = _as_text(value)
    if len(names) == 1 and values[names[0]] is None and "{" not in body and "[" not in body:
        values[names[0]] = _as_text(body)
    return values


def _load(body: str) -> Any:
    start = min((at for at in (body.find("{"), body.find("[")) if at >= 0), default=-1)
    if start < 0:
        return None
    body = body[start:]
    try:
        return json.loads(body, parse_float=str, parse_int=str)
    except ValueError:
        pass
    from json_repair import repair_json

    # Numbers are quoted first: repaired as numbers they would lose their zeros and commas.
    return repair_json(_BARE_NUMBER.sub(r'\1"\2"', body), return_objects=True, skip_json_loads=True)


def _pairs(answer: Any) -> list[tuple[str, Any]]:
    """Keys and values, however the object is wrapped."""
    if isinstance(answer, dict):
        pairs = [(str(key), value) for key, value in answer.items()]
        return pairs + [pair for _, value in pairs if isinstance(value, dict) for pair in _pairs(value)]
    if isinstance(answer, list):
        return [pair for item in answer for pair in _pairs(item)]
    return []


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else None
    text = str(value).strip()
    return None if text.casefold() in _NOTHING else text


def confirm_fields(
    values: Mapping[str, str | None], lines: Sequence[Line], *, page: int | None = None
) -> tuple[Field, ...]:
    """Look for each value on the page.

    Args:
        values: By name; `None` where there is none.
        lines: The page's lines in reading order.
        page: Physical page from 0.

    Returns:
        A field a name: `confirmed` with its box where the value stands in the lines, compared without width, case and
        spaces, digits exactly and never as a part of a longer number or word; else `unconfirmed`; `missing` for `None`.
    """
    text = PageText(lines)
    fields = []
    for name, value in values.items():
        if value is None:
            fields.append(Field(name=name, value=None, state=FieldState.MISSING, page=page))
            continue
        box = text.find(value)
        state = FieldState.UNCONFIRMED if box is None else FieldState.CONFIRMED
        fields.append(Field(name=name, value=value, state=state, page=page, box=box))
    return tuple(fields)


class PageText:
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
