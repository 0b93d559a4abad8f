"""Parts of a page that are turned by a quarter: a wide table on an upright page, labels along an axis, a margin note.

RapidOCR sets a box that is taller than wide upright by turning it one way. That is right for text that runs down and
for vertical Chinese and Japanese, and wrong for text that runs up, which it then reads upside down. So each group of
tall boxes is looked at from both sides; where its letters lie on their side, it is cut out, turned and read as a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from langchain_hunyuanocr.engines.rapid.recognition import Prepared, detect, prepare, recognise
from langchain_hunyuanocr.rectangles import Rect, around, groups_between, touch
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

_Turn = Literal[0, 90, 270]

_TALL = 1.5
"""Height of a box over its width from which RapidOCR turns it."""
_SURE = 0.8
"""A recogniser's score from which a line is text that stands as it was read."""
_CLEARLY = 0.1
"""By how much its score must be better from the other side; over nine pages upside down it is worse by 0.15 to 0.3."""
_ALIKE = 0.5
"""Share of equal characters when those of a column are set side by side: they stand upright in it."""
_ASKED = 6
"""Longest lines of a group that are asked how they stand."""
_PAPER = 6.0
"""Widest strip around a group that is looked at with it, in widths of its lines: single figures are no tall boxes."""
_MOST_TALL = 400
"""More tall boxes than on any page of text are a texture."""
_KEPT = 0.7
"""Least share of the characters that a part must still have when it was turned."""

CJK = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Chinese and Japanese characters."""


def with_turned_parts(
    reader: Any, picture: Image, prepared: Prepared, quads: np.ndarray, read: Sequence[tuple[Line, ...]]
) -> list[tuple[Line, ...]]:
    """The lines of a page, those of turned parts read anew.

    Args:
        reader: RapidOCR.
        picture: The page, RGB.
        prepared: The same as the models saw it.
        quads: Corners of its lines, as `detect` gave them.
        read: What they say, as `recognise` gave it.

    Returns:
        Lines as in `read`; those of turned parts have their `turn`, and stand at the end.
    """
    rects = [rect_of(quad) for quad in quads]
    tall = [n for n, rect in enumerate(rects) if is_tall(rect) and sum(len(line.text) for line in read[n]) > 1]
    if not tall or len(tall) > _MOST_TALL:
        return list(read)
    level = [n for n, rect in enumerate(rects) if _is_level(rect) and any((x.score or 0) >= _SURE for x in read[n])]
    walls = [rects[n] for n in level]
    result: list[tuple[Line, ...]] = list(read)
    more: list[tuple[Line, ...]] = []
    for group in groups_between([(n, rects[n]) for n in tall], walls):
        turn = _turn_of(reader, prepared, quads, read, group)
        if not turn:
            continue
        part = _with_paper(around([rects[n] for n in group]), walls, prepared, _width([rects[n] for n in group]))
        inside = [n for n, rect in enumerate(rects) if _holds(part, rect)]
        lines = _read_turned(reader, picture, prepared, part, turn)
        before = [line for n in inside for line in result[n]]
        if lines and _letters(lines) >= _KEPT * _letters(before) and (turn == 270 or _score(lines) > _score(before)):
            more.append(lines)
            for n in inside:
                result[n] = ()
    return [*result, *more]


def _turn_of(
    reader: Any, prepared: Prepared, quads: np.ndarray, read: Sequence[tuple[Line, ...]], group: Sequence[int]
) -> _Turn:
    """Degrees clockwise by which a group of tall boxes must be turned for its letters to stand upright."""
    import numpy as np

    asked = sorted(group, key=lambda n: -sum(len(line.text) for line in read[n]))[:_ASKED]
    texts = ["".join(line.text for line in read[n]) for n in asked]
    down = float(np.mean([read[n][0].score or 0.0 for n in asked]))
    chinese = 2 * len(CJK.findall("".join(texts))) > sum(map(len, texts))
    crops = [upright_crop(prepared, quads[n]) for n in asked]
    if not (chinese and down >= 1 - _CLEARLY):
        up = float(np.mean(reader.recognize_txt([np.ascontiguousarray(np.rot90(crop, -1)) for crop in crops]).scores))
        if up > max(_SURE, down + _CLEARLY):
            return 90
    if down < _SURE:
        return 0
    if chinese:
        side_by_side = reader.recognize_txt([_set_level(crop, len(t)) for crop, t in zip(crops, texts, strict=True)])
        pairs = zip(texts, side_by_side.txts, strict=True)
        if np.mean([SequenceMatcher(None, text, str(other)).ratio() for text, other in pairs]) >= _ALIKE:
            return 0
    return 270


def _set_level(column: np.ndarray, count: int) -> np.ndarray:
    """The characters of a column, cut apart at even steps, beside each other."""
    import numpy as np

    cuts = np.linspace(0, column.shape[0], max(1, count) + 1).astype(int).tolist()
    cells = [column[top:bottom] for top, bottom in pairwise(cuts) if bottom > top]
    high = max(len(cell) for cell in cells)
    return np.concatenate([np.pad(cell, ((0, high - len(cell)), (0, 0), (0, 0)), mode="edge") for cell in cells], 1)


def _read_turned(reader: Any, picture: Image, prepared: Prepared, part: Rect, turn: _Turn) -> tuple[Line, ...]:
    from PIL.Image import Transpose

    scale = picture.width / prepared.width
    left, right = (round(x * scale) for x in part[::2])
    top, bottom = (round((y - prepared.padding) * scale) for y in part[1::2])
    left, top, right, bottom = max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)
    if right - left < 2 or bottom - top < 2:
        return ()
    cut = picture.crop((left, top, right, bottom))
    upright = prepare(cut.transpose(Transpose.ROTATE_270 if turn == 90 else Transpose.ROTATE_90))
    lines = []
    for line in (line for found in recognise(reader, upright, detect(reader, upright)) for line in found):
        box = line.box.turned(360 - turn)
        place = Box.from_pixels(
            left + box.x0 * cut.width,
            top + box.y0 * cut.height,
            left + box.x1 * cut.width,
            top + box.y1 * cut.height,
            width=picture.width,
            height=picture.height,
        )
        lines.append(line.model_copy(update={"box": place, "turn": turn}))
    return tuple(lines)


def _with_paper(rect: Rect, walls: Sequence[Rect], prepared: Prepared, width: float) -> Rect:
    """A rectangle with the paper around it, as far as no level line stands there."""
    edges = list(rect)
    full = (0.0, 0.0, float(prepared.bgr.shape[1]), float(prepared.bgr.shape[0]))
    for side in range(4):
        sign = -1.0 if side < 2 else 1.0
        for reach in (_PAPER, _PAPER / 2, 1.0, 0.5):
            wider = list(edges)
            wider[side] = edges[side] + sign * reach * width
            wider[side] = max(full[side], wider[side]) if side < 2 else min(full[side], wider[side])
            if not any(touch((wider[0], wider[1], wider[2], wider[3]), wall) for wall in walls):
                edges = wider
                break
    return edges[0], edges[1], edges[2], edges[3]


def upright_crop(prepared: Prepared, quad: np.ndarray) -> np.ndarray:
    """A line as it stands on the page: uint8 of shape (height, width, 3)."""
    left, top, right, bottom = rect_of(quad)
    crop: np.ndarray = prepared.bgr[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    return crop


def rect_of(quad: np.ndarray) -> Rect:
    """The rectangle around a line's corners, in pixels."""
    (x0, y0), (x1, y1) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
    return x0, y0, x1, y1


def is_tall(rect: Rect) -> bool:
    """Whether RapidOCR turns a line before it reads it."""
    return rect[3] - rect[1] >= _TALL * (rect[2] - rect[0])


def _is_level(rect: Rect) -> bool:
    return rect[2] - rect[0] >= _TALL * (rect[3] - rect[1])


def _holds(part: Rect, rect: Rect) -> bool:
    return part[0] < (rect[0] + rect[2]) / 2 < part[2] and part[1] < (rect[1] + rect[3]) / 2 < part[3]


def _width(rects: Sequence[Rect]) -> float:
    widths = sorted(rect[2] - rect[0] for rect in rects)
    return widths[len(widths) // 2]


def _letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _score(lines: Sequence[Line]) -> float:
    return sum((line.score or 0.0) * len(line.text) for line in lines) / max(1, _letters(lines))
