"""Drawings: where the pictures and the curves of a page are, which may show text that its text layer does not have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pymupdf

from langchain_hunyuanocr.results import Box

_LEAST = (0.02, 0.006)
"""Least width and height of a picture, in shares of the page, that can show a word."""
_PATHS_OF_LETTERS = 8
"""Drawn shapes of the size of letters that make a word."""
_LETTER = (2.0, 60.0)
"""Lowest and highest letter, points."""
_NEAR = 0.02
"""Pictures this close to each other, in shares of the page, are looked at as one."""


def picture_places(page: pymupdf.Page, images: Sequence[dict[str, Any]]) -> tuple[Box, ...]:
    """Where a page shows pictures, and shapes of the size of letters.

    Args:
        page: As the file has it.
        images: As `Page.get_image_info` gives them.

    Returns:
        Boxes in 0 to 1 of the page as it is seen (with `/Rotate`), joined where they are close to each other.
    """
    matrix, width, height = page.rotation_matrix, page.rect.width, page.rect.height
    boxes: list[tuple[Box, int]] = []
    for image in images:
        box = pymupdf.Rect(image["bbox"]) * matrix & page.rect
        if not box.is_empty:
            boxes.append((Box.from_pixels(box.x0, box.y0, box.x1, box.y1, width=width, height=height), 1))
    shapes: list[tuple[Box, int]] = []
    for kind, bounds in page.get_bboxlog():
        if kind != "fill-path":
            continue
        box = pymupdf.Rect(bounds) * matrix & page.rect
        if _LETTER[0] < box.height < _LETTER[1] and box.width < 3 * box.height:
            shapes.append((Box.from_pixels(box.x0, box.y0, box.x1, box.y1, width=width, height=height), 1))
    if len(shapes) >= _PATHS_OF_LETTERS:
        boxes += [(box, count) for box, count in _joined(shapes) if count >= _PATHS_OF_LETTERS]
    return tuple(box for box, _ in _joined(boxes) if box.width >= _LEAST[0] and box.height >= _LEAST[1])


def _joined(boxes: Iterable[tuple[Box, int]]) -> list[tuple[Box, int]]:
    """Boxes that are close to each other as one, with how many they are."""
    cells: dict[tuple[int, int], tuple[Box, int]] = {}
    for box, count in boxes:  # a map has a hundred thousand of them
        cell = int(box.x0 / _NEAR), int(box.y0 / _NEAR)
        before = cells.get(cell)
        cells[cell] = (box, count) if before is None else _both((box, count), before)
    joined: list[tuple[Box, int]] = []
    for grown in cells.values():
        while near := [other for other in joined if _close(other[0], grown[0])]:
            joined = [other for other in joined if not _close(other[0], grown[0])]
            for other in near:
                grown = _both(grown, other)
        joined.append(grown)
    return joined


def _both(one: tuple[Box, int], other: tuple[Box, int]) -> tuple[Box, int]:
    a, b = one[0], other[0]
    return Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1)), one[1] + other[1]


def _close(one: Box, other: Box) -> bool:
    across = max(one.x0, other.x0) - min(one.x1, other.x1)
    down = max(one.y0, other.y0) - min(one.y1, other.y1)
    return across < _NEAR and down < _NEAR
