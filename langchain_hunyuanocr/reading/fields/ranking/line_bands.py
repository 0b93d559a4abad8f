"""Line bands: which lines of a page stand at a height, without asking every line about every other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from statistics import median

from langchain_hunyuanocr.results import Box

_BANDS_OF_LINE = 2
"""Bands over which a line of middling height reaches."""
_MOST_BANDS = 4096
_MOST_BANDS_OF_LINE = 64
"""A line that is taller is looked at wherever one asks."""
_ROUNDING = 1e-9
"""Room above and below for the rounding of those who ask."""
MOST_BESIDE = 300
"""Lines that are looked at of those in one band, and of those at one height. No row of a page has more; without a bound
a page on which ten thousand lines stand on each other costs minutes, where no limit of time reaches."""


class LineBands:
    """The lines of a page by their height on it.

    Args:
        boxes: Of the lines; a line's number is its place among them.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        self._top = min((box.y0 for box in boxes), default=0.0)
        foot = max((box.y1 for box in boxes), default=1.0)
        lowest = median([box.height for box in boxes] or [1.0]) / _BANDS_OF_LINE
        self._pitch = max((foot - self._top) / _MOST_BANDS, lowest, 1e-9)
        count = int((foot - self._top) / self._pitch) + 1
        self._bands: list[list[int]] = [[] for _ in range(count)]
        self._tall: list[int] = []
        for number, box in enumerate(boxes):
            first, last = self._band(box.y0), self._band(box.y1)
            if last - first >= _MOST_BANDS_OF_LINE:
                if len(self._tall) < MOST_BESIDE:
                    self._tall.append(number)
                continue
            for band in self._bands[first : last + 1]:
                if len(band) < MOST_BESIDE:
                    band.append(number)

    def at(self, top: float, foot: float) -> list[int]:
        """The numbers of the lines between two heights, those that only touch them too, in order.

        Args:
            top: The upper height.
            foot: The lower one.

        Returns:
            All of them, or `MOST_BESIDE` where there are more.
        """
        top, foot = top - _ROUNDING, foot + _ROUNDING
        found = set(self._tall)
        for band in self._bands[self._band(top) : self._band(foot) + 1]:
            found.update(band)
            if len(found) > 2 * MOST_BESIDE:
                break
        within = (n for n in sorted(found) if self._boxes[n].y1 >= top and self._boxes[n].y0 <= foot)
        return list(islice(within, MOST_BESIDE))

    def _band(self, height: float) -> int:
        return min(max(int((height - self._top) / self._pitch), 0), len(self._bands) - 1)
