"""Text with coordinates, in the forms HunyuanOCR writes them, becomes lines with boxes.

Coordinates are integers in 0 to 1000 of the picture, origin top left (model card of `tencent/HunyuanOCR`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from langchain_hunyuanocr.results import Box, Line

_FULL = 1000
_POINT = r"\(\s*\d{1,4}\s*,\s*\d{1,4}\s*\)"
_POINTS = re.compile(rf"{_POINT}(?:\s*,\s*{_POINT})+")
_POSITIONS = re.compile(r"(?:<pos_\d{1,4}>\s*){4,}")
_NUMBER = re.compile(r"\d{1,4}")
_TAGS = re.compile(r"</?(?:ref|quad|box)>")
_QUAD_POINTS = 4


def read_spotting(answer: str) -> tuple[Line, ...]:
    """The lines of a spotting answer, in the order in which the model gave them.

    Understood are `text(x0,y0),(x1,y1)` without separators (the text may hold parentheses itself), the same with four
    points, `<ref>text</ref><quad>...</quad>`, `text<pos_..><pos_..>...` and a JSON list of `{"box", "text"}`. What
    bears no coordinates is no line.
    """
    stripped = answer.strip()
    if stripped.startswith("["):
        found = _from_json(stripped)
        if found is not None:
            return found
    return tuple(_from_text(_TAGS.sub("", answer)))


def _from_text(answer: str) -> Iterator[Line]:
    begin = 0
    for match in sorted([*_POINTS.finditer(answer), *_POSITIONS.finditer(answer)], key=lambda m: m.start()):
        numbers = [int(number) for number in _NUMBER.findall(match.group())]
        text = answer[begin : match.start()]
        begin = match.end()
        # A line that ends in something like "(3,4)" runs into its own corners: the corners are what stands last.
        corners = _QUAD_POINTS if len(numbers) == 2 * _QUAD_POINTS else 2
        if len(numbers) > 2 * corners:
            text += "".join(re.findall(_POINT, match.group())[: len(numbers) // 2 - corners])
            numbers = numbers[-2 * corners :]
        line = _line(text, numbers)
        if line is not None:
            yield line


def _from_json(answer: str) -> tuple[Line, ...] | None:
    try:
        entries = json.loads(answer)
    except ValueError:
        return None
    lines = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("box"), list):
            return None
        line = _line(str(entry.get("text", "")), _flat(entry["box"]))
        if line is not None:
            lines.append(line)
    return tuple(lines)


def _flat(values: Sequence[object]) -> list[int]:
    return [int(number) for number in _NUMBER.findall(json.dumps(values))]


def _line(text: str, numbers: Sequence[int]) -> Line | None:
    text = text.strip()
    xs, ys = numbers[0::2], numbers[1::2]
    if not text or not xs or len(xs) != len(ys) or max(numbers) > _FULL:
        return None
    return Line(text=text, box=Box.from_pixels(min(xs), min(ys), max(xs), max(ys), width=_FULL, height=_FULL))
