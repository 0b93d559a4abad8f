"""From a place on the page picture as it was read back to the page as its file shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placing:
    """Undoes what set a page upright: first a quarter turn, then a few degrees about the middle of a picture that grew.

    Attributes:
        width: Of the page as its file shows it, in any unit.
        height: Of that page, in the same unit.
        rotation: Degrees clockwise by which it was turned, as a reading has it.
    """

    width: float
    height: float
    rotation: float

    def __call__(self, x: float, y: float) -> Point:
        """The place on the page, in its unit from its top left, of a place in shares of the picture as read."""
        turn = round(self.rotation / 90) * 90
        skew = math.radians(self.rotation - turn)
        quarter = turn % 360
        width, height = (self.width, self.height) if quarter in (0, 180) else (self.height, self.width)
        sine, cosine = math.sin(skew), math.cos(skew)
        across = (x - 0.5) * (width * cosine + height * abs(sine))
        down = (y - 0.5) * (width * abs(sine) + height * cosine)
        u = (across * cosine + down * sine) / width + 0.5
        v = (down * cosine - across * sine) / height + 0.5
        x, y = {0: (u, v), 90: (v, 1 - u), 180: (1 - u, 1 - v), 270: (1 - v, u)}[quarter]
        return x * self.width, y * self.height
