"""Text spotting: text with coordinates, in the forms HunyuanOCR writes them, as lines with boxes.

Coordinates are integers in 0 to 1000 of the picture, origin top left (model card of `tencent/HunyuanOCR`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from langchain_hunyuanocr.reading.answers.phrases import says_empty, without_preamble
from langchain_hunyuanocr.results import Box, Line

_FULL = 1000
_OUTERMOST = 1050
"""A corner may lie a little outside the picture; what is further out is no coordinate."""
_TINY = 4
"""Thousandths of the picture: nothing that small can be read, so such corners within a line are its text."""
_NUMBER = r"(?:1050|10[0-4][0-9]|0?[0-9]{1,3})"
_POINT = rf"\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)"
_POINTS = re.compile(_POINT)
_PIECES = re.compile(
    r"<ref>(?P<ref>[^<]*+(?:<(?!/?ref>)[^<]*+)*+)</ref>"
    rf"|(?P<points>{_POINT}(?:\s*,\s*{_POINT})++)"
    r"|(?P<positions>(?:<pos_[0-9]{1,4}>\s*)++)"
    r"|</?(?:ref|quad|box)>"
)
_DIGITS = re.compile(r"[0-9]+")
_DECIMALS = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")
_CUT_POINTS = re.compile(rf"(?:{_POINT}\s*,\s*)?\(\s*[0-9]{{0,4}}(?:\s*,\s*[0-9]{{0,4}})?\s*\Z|{_POINT}\s*,\s*\Z")
_CUT_TAG = re.compile(r"<(?:/?(?:r(?:ef?)?|q(?:u(?:ad?)?)?|b(?:ox?)?)?|p(?:o(?:s(?:_[0-9]{0,4})?)?)?)\Z")
_LONGEST_CUT = 40
_LINE_ENDS = ("\r", "\n", "</", "<ref>")
_FENCE = re.compile(r"```[A-Za-z]{0,10}[ \t]{0,9}(?:\n|(?=[\[{]))")
_QUAD_POINTS = 4
_SKEW = 0.2
"""Share of a quad's longer diagonal by which its diagonals may miss each other's middle; none in a parallelogram."""

_BOX_KEYS = ("box", "bbox", "bbox_2d", "quad")
_TEXT_KEYS = ("text", "transcription", "content")
_BOX_KEY = re.compile(rf"[\"'](?:{'|'.join(_BOX_KEYS)})[\"']\s*:", re.IGNORECASE)
_TEXT_KEY = re.compile(rf"[\"'](?:{'|'.join(_TEXT_KEYS)})[\"']\s*:", re.IGNORECASE)
_JSON_START = re.compile(r"[\[{]\s{0,40}(?:\{\s{0,40})?[\"'][A-Za-z_0-9]{1,20}[\"']\s{0,40}:")
_OBJECT_START = re.compile(r"\{\s*[\"'][A-Za-z_0-9]{1,20}[\"']\s*:")
_LONGEST_REPAIRED = 4000
"""Characters of one entry; repairing a longer one takes too long to be worth it."""

_Points = Sequence[tuple[float, float]]


class _Spotted(NamedTuple):
    """Words, and where they are if that was said."""

    text: str
    box: Box | None


class _Corners(NamedTuple):
    """Coordinates as they stand in the answer."""

    raw: str
    points: _Points
    exact: bool
    """Whether they can be nothing but coordinates."""


class _Words(NamedTuple):
    """Text between coordinates."""

    text: str
    exact: bool
    """Whether the model marked where it begins and ends."""


def read_spotting(answer: str) -> tuple[Line, ...]:
    """The lines of a spotting answer, in the order in which the model gave them.

    Understood are `text(x0,y0),(x1,y1)` without separators (the text may hold parentheses itself), the same with four
    points, `<ref>text</ref><quad>...</quad>`, `text<pos_..><pos_..>...`, these with the place before the text, and
    JSON lists of `{"box", "text"}`, also fenced, cut off or slightly broken. What bears no coordinates is no line.
    """
    return tuple(Line(text=text, box=box) for text, box in _spotted(answer) if box is not None)


def spotted_text(answer: str) -> str:
    """All words of a spotting answer, line by line, also those that came without coordinates."""
    return "\n".join(text for text, _ in _spotted(answer))


def _spotted(answer: str) -> list[_Spotted]:
    if says_empty(answer):
        return []
    body = _unfenced(without_preamble(answer))
    start = _JSON_START.search(body) if _BOX_KEY.search(body) else None
    if start is not None:
        found = _from_json(body, start.start())
        if any(spotted.box is not None for spotted in found) or not _POINTS.search(body, start.end()):
            return found
    pieces = _pieces(body)
    if not pieces:
        return []
    if isinstance(pieces[0], _Corners):
        if isinstance(pieces[-1], _Words):
            return _stripped(_after_their_boxes(pieces))
        # A line that reads like a preamble has a box of its own.
        pieces = _pieces(answer)
    return _stripped(_before_their_boxes(pieces))


def _stripped(found: Iterable[_Spotted]) -> list[_Spotted]:
    stripped = (_Spotted(text.strip(), box) for text, box in found)
    return [spotted for spotted in stripped if spotted.text]


def _unfenced(answer: str) -> str:
    answer = answer.strip()
    opening = _FENCE.match(answer)
    return answer if opening is None else answer[opening.end() :].removesuffix("```")


def _pieces(answer: str) -> list[_Words | _Corners]:
    """Words and coordinates in turn; neither empty words nor coordinates that can be none."""
    pieces: list[_Words | _Corners] = []
    pending: list[str] = []
    begin = 0

    def close() -> None:
        text = "".join(pending)
        pending.clear()
        if pieces and isinstance(pieces[-1], _Corners):
            text = text.lstrip(",; \t\r\n")
        if text.strip():
            pieces.append(_Words(text, exact=False))

    for match in _PIECES.finditer(answer):
        pending.append(answer[begin : match.start()])
        begin = match.end()
        if match["ref"] is not None:
            close()
            pieces.append(_Words(match["ref"], exact=True))
        elif match["points"] is not None:
            points = [_point(point) for point in _POINTS.findall(match["points"])]
            ends = begin == len(answer) or answer.startswith(_LINE_ENDS, begin)
            if _is_tiny(points[-2:]) and not ends:
                pending.append(match["points"])
                continue
            close()
            pieces.append(_Corners(match["points"], points, exact=False))
        elif match["positions"] is not None:
            values = [int(number) for number in _DIGITS.findall(match["positions"])][: 2 * _QUAD_POINTS]
            close()
            if len(values) >= _QUAD_POINTS:
                points = list(zip(values[0::2], values[1::2], strict=False))
                pieces.append(_Corners("", points, exact=True))
    pending.append(_without_cut_end(answer[begin:], answer) if begin else answer[begin:])
    close()
    return pieces


def _without_cut_end(tail: str, answer: str) -> str:
    """The text after the last coordinates without the beginning of its own, where the answer was cut off there."""
    begin = max(0, len(tail) - _LONGEST_CUT)
    cut = _CUT_POINTS.search(tail, begin)
    if cut is None and ("<pos_" in answer or "</" in answer):
        cut = _CUT_TAG.search(tail, begin)
    return tail if cut is None else tail[: cut.start()]


def _before_their_boxes(pieces: Sequence[_Words | _Corners]) -> Iterator[_Spotted]:
    words: _Words | None = None
    for piece in pieces:
        if isinstance(piece, _Words):
            if words is not None:
                yield _Spotted(words.text, None)
            words = piece
        elif words is not None:
            # A line that ends in something like "(3,4)" runs into its own corners: the corners are what stands last.
            count = _corners_of(piece, piece.points[-_QUAD_POINTS:], exact=words.exact)
            text = words.text + _raw(piece, 0, len(piece.points) - count)
            yield _Spotted(text, _box(piece.points[-count:]))
            words = None
    if words is not None:
        yield _Spotted(words.text, None)


def _after_their_boxes(pieces: Sequence[_Words | _Corners]) -> Iterator[_Spotted]:
    corners: _Corners | None = None
    for piece in pieces:
        if isinstance(piece, _Corners):
            corners = piece
        elif corners is None:
            yield _Spotted(piece.text, None)
        else:
            count = _corners_of(corners, corners.points[:_QUAD_POINTS], exact=piece.exact)
            text = _raw(corners, count, len(corners.points)) + piece.text
            yield _Spotted(text, _box(corners.points[:count]))
            corners = None


def _corners_of(corners: _Corners, nearest: _Points, *, exact: bool) -> int:
    """How many of the points are the place of a line; the others are text."""
    if exact or corners.exact:
        return len(corners.points)
    return _QUAD_POINTS if _is_quad(nearest) else 2


def _raw(corners: _Corners, begin: int, end: int) -> str:
    """Points that are text, as they were written."""
    if begin == end:
        return ""
    spans = [match.span() for match in _POINTS.finditer(corners.raw)]
    return corners.raw[spans[begin][0] : spans[end - 1][1]]


def _point(written: str) -> tuple[float, float]:
    x, y = _DIGITS.findall(written)
    return int(x), int(y)


def _is_tiny(points: _Points) -> bool:
    (ax, ay), (bx, by) = points
    return abs(bx - ax) <= _TINY and abs(by - ay) <= _TINY


def _is_quad(points: _Points) -> bool:
    """Whether four points go round a line of text: convex, and nearly a parallelogram."""
    if len(points) != _QUAD_POINTS:
        return False
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    turns = []
    for index in range(_QUAD_POINTS):
        (px, py), (qx, qy), (rx, ry) = (points[(index + step) % _QUAD_POINTS] for step in range(3))
        turns.append((qx - px) * (ry - qy) - (qy - py) * (rx - qx))
    if min(turns) < 0 < max(turns):
        return False
    diagonal = max(abs(cx - ax) + abs(cy - ay), abs(dx - bx) + abs(dy - by))
    apart = (abs(ax + cx - bx - dx) + abs(ay + cy - by - dy)) / 2
    return apart <= _SKEW * diagonal


def _box(points: _Points) -> Box | None:
    """The box around points; `None` where they lie outside the picture."""
    values = [value for point in points for value in point]
    if not all(_FULL - _OUTERMOST <= value <= _OUTERMOST for value in values):
        return None
    xs, ys = zip(*points, strict=True)
    return Box.from_pixels(min(xs), min(ys), max(xs), max(ys), width=_FULL, height=_FULL)


def _from_json(answer: str, start: int) -> list[_Spotted]:
    found = [_Spotted(answer[:start], None)]
    try:
        entries, end = json.JSONDecoder().raw_decode(answer, start)
        rest = answer[end:].strip(" \t\r\n`,;]")
    except (ValueError, RecursionError):
        entries, rest = _repaired(answer[start:]), ""
    for entry in _listed(entries):
        if isinstance(entry, dict):
            values = {str(key).lower(): value for key, value in entry.items()}
            text = next((str(values[key]) for key in _TEXT_KEYS if values.get(key) is not None), "")
            box = next((_json_box(values[key]) for key in _BOX_KEYS if key in values), None)
            found.append(_Spotted(text, box))
        elif isinstance(entry, str):
            found.append(_Spotted(entry, None))
    found.append(_Spotted(rest, None))
    return _stripped(found)


def _listed(entries: object) -> list[object]:
    """The entries of an answer that may be one entry, or a list under some name."""
    if isinstance(entries, dict) and not any(key in entries for key in (*_TEXT_KEYS, *_BOX_KEYS)):
        return next((value for value in entries.values() if isinstance(value, list)), [])
    return entries if isinstance(entries, list) else [entries]


def _repaired(answer: str) -> list[object]:
    """The entries of a list that is no JSON, each by itself: a broken one costs no other."""
    from json_repair import repair_json

    starts = [match.start() for match in _OBJECT_START.finditer(answer)]
    entries: list[object] = []
    for start, end in pairwise([*starts, len(answer)]):
        entry = answer[start:end].rstrip(" \t\r\n,;`")
        try:
            entries.append(json.loads(entry.removesuffix("]").rstrip()))
        except (ValueError, RecursionError):
            if not _TEXT_KEY.search(entry):
                continue
            try:
                entries.append(repair_json(entry[:_LONGEST_REPAIRED], return_objects=True))
            except (ValueError, RecursionError):
                entries.append(entry)
    return entries


def _json_box(value: object) -> Box | None:
    numbers = list(_flat(value, depth=3))
    if len(numbers) < _QUAD_POINTS or len(numbers) % 2:
        return None
    return _box(list(zip(numbers[0::2], numbers[1::2], strict=True)))


def _flat(value: object, *, depth: int) -> Iterator[float]:
    if isinstance(value, str):
        yield from (float(number) for number in _DECIMALS.findall(value))
    elif isinstance(value, int | float):
        yield value
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from _flat(inner, depth=depth - 1)
