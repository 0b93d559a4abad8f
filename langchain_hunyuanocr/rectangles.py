"""Rectangles as tuples of left, top, right and bottom: in pixels, or in shares of a page as `results.Box` is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Rect = tuple[float, float, float, float]
"""Left, top, right and bottom, origin top left; all rectangles of a call in one unit."""


def around(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle that holds all of `rects`.

    Raises:
        ValueError: There are none.
    """
    left, top, right, bottom = zip(*rects, strict=True)
    return min(left), min(top), max(right), max(bottom)


def touch(one: Rect, other: Rect) -> bool:
    """Whether two rectangles share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def shared_area(one: Rect, other: Rect) -> float:
    """The area that two rectangles share."""
    across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0


def holds_centre(outer: Rect, inner: Rect) -> bool:
    """Whether the centre of `inner` lies in `outer` or on its edge."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def groups_between(rects: Iterable[tuple[int, Rect]], walls: Sequence[Rect]) -> list[list[int]]:
    """Group numbered rectangles that no wall parts: the rectangle around a group touches none.

    Args:
        rects: Each with its number.
        walls: What parts them.

    Returns:
        The numbers of each group.
    """
    groups: list[tuple[list[int], Rect]] = []
    for number, rect in sorted(rects, key=lambda item: item[1][0]):
        new = ([number], rect)
        apart = []
        for members, place in groups:
            together = around((place, new[1]))
            if any(touch(together, wall) for wall in walls):
                apart.append((members, place))
            else:
                new = ([*members, *new[0]], together)
        groups = [*apart, new]
    return [members for members, _ in groups]


def in_pixels(rect: Rect, size: tuple[int, int], *, margin: int = 0) -> tuple[int, int, int, int]:
    """The pixels of a picture that hold a rectangle given in shares of it: at least one each way.

    Args:
        rect: In shares.
        size: Width and height of the picture.
        margin: Pixels around it, as far as the picture reaches.
    """
    wide, high = size
    left, top = int(rect[0] * wide), int(rect[1] * high)
    right, bottom = max(left + 1, round(rect[2] * wide)), max(top + 1, round(rect[3] * high))
    return max(0, left - margin), max(0, top - margin), min(wide, right + margin), min(high, bottom + margin)
