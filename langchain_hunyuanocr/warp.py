"""Warp: where each part of a straightened page picture lies on the picture that the file holds."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, PositiveInt


class Warp(BaseModel):
    """A grid of points laid over a straightened page, each with the place that it came from.

    Attributes:
        columns: Points from left to right, evenly spaced from edge to edge.
        rows: Points from top to bottom.
        points: For each point, row by row, where it lies in the file's picture: across and down, in shares of its width
            and height; a little outside of 0 to 1 where the straightened page is wider than the picture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: PositiveInt
    rows: PositiveInt
    points: tuple[float, ...]

    def back(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the straightened page lies in the file's picture, in shares; bilinear between points."""
        across, down = x * (self.columns - 1), y * (self.rows - 1)
        left, top = min(int(across), self.columns - 2), min(int(down), self.rows - 2)
        right_share, lower_share = across - left, down - top

        def blended(axis: int) -> float:
            def at(row: int, column: int) -> float:
                return self.points[2 * (row * self.columns + column) + axis]

            upper = at(top, left) * (1 - right_share) + at(top, left + 1) * right_share
            lower = at(top + 1, left) * (1 - right_share) + at(top + 1, left + 1) * right_share
            return upper * (1 - lower_share) + lower * lower_share

        return blended(0), blended(1)

    def moved(self, place: Callable[[float, float], tuple[float, float]]) -> Warp:
        """The same grid after the picture that it leads to was moved.

        Args:
            place: Where a place of that picture lies now, both in shares.
        """
        pairs = zip(self.points[::2], self.points[1::2], strict=True)
        points = tuple(round(value, 5) for pair in pairs for value in place(*pair))
        return self.model_copy(update={"points": points})

    def box_back(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The rectangle around a part of the straightened page, in shares of the file's picture."""
        x0, y0, x1, y1 = box
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        left, right = self.back(x0, middle_y), self.back(x1, middle_y)
        top, bottom = self.back(middle_x, y0), self.back(middle_x, y1)
        xs, ys = [p[0] for p in (left, right, top, bottom)], [p[1] for p in (left, right, top, bottom)]
        return min(xs), min(ys), max(xs), max(ys)
