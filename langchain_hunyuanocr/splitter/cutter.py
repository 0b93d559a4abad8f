"""Cutter: cuts text that is longer than a chunk."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from langchain_hunyuanocr.splitter.boundaries import clause_starts, formula_spans, splits_character, word_starts


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """Measures what would become a chunk.

    Attributes:
        size: Most that a chunk may measure.
        length: Measures a text: characters, tokens or what the user counts.
        before: What is repeated before the text of its own.
        after: What is added behind it.
    """

    size: int
    length: Callable[[str], int]
    before: str = ""
    after: str = ""

    def fits(self, own: str) -> bool:
        """Whether `own`, without the white space around it, makes a chunk."""
        return self.length(self.before + own.strip() + self.after) <= self.size

    def around(self, before: str, after: str = "") -> LengthLimit:
        """The same measure for texts that stand between `before` and `after`."""
        return LengthLimit(self.size, self.length, before, after)


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts one text into stretches that fit, at the best place there is.

    Attributes:
        text: What all offsets point into.
        ruler: What fits.
        stops: Where a sentence or block begins, ascending; the places to cut at before any other.
        overlap: Most that a stretch may repeat of the one before, in the ruler's measure.
    """

    text: str
    ruler: LengthLimit
    stops: Sequence[int]
    overlap: int = 0

    def cut(self, start: int, end: int, *, lead_end: int = -1) -> Iterator[tuple[int, int]]:
        """Stretches of `[start, end)`, each as long as fits; together they cover it.

        A sentence is cut only where it is longer than a chunk; then at a comma, else between words, else between
        characters.

        Args:
            start: First offset.
            end: Offset after the last.
            lead_end: Where a heading at the start ends: it does not stand alone if what follows must be cut anyway.
        """
        while start < end:
            stop = self.stop(start, end, lead_end=lead_end)
            if stop >= end or self.text[stop:end].isspace():
                yield start, end
                return
            yield start, stop
            start = self.overlapped(start, stop, partial(self._reaches, end, stop))

    def stop(self, start: int, end: int, *, lead_end: int = -1) -> int:
        """Where the stretch that begins at `start` ends, at most `end`."""
        stops = [*self.stops[bisect_right(self.stops, start) : bisect_right(self.stops, end - 1)], end]
        count = _most(len(stops), lambda n: self._fits(start, stops[n - 1]))
        stop = stops[count - 1] if count else start
        if start < stop <= lead_end and not self._fits(stop, stops[count]):
            return self._inside(start, end)
        return stop if count else self._inside(start, end)

    def overlapped(self, start: int, stop: int, useful: Callable[[int], bool]) -> int:
        """Where the stretch after `[start, stop)` begins: at most `overlap` before `stop`, at the start of a sentence.

        Args:
            start: First offset of the stretch before.
            stop: Where it ended.
            useful: Whether a stretch that begins there still holds something new.
        """
        if not self.overlap:
            return stop
        low = bisect_right(self.stops, start)
        for begin in self.stops[low : bisect_right(self.stops, stop - 1)]:
            if self.ruler.length(self.text[begin:stop].strip()) <= self.overlap and useful(begin):
                return begin
        return stop

    def _fits(self, start: int, end: int) -> bool:
        return self.ruler.fits(self.text[start:end])

    def _reaches(self, end: int, beyond: int, begin: int) -> bool:
        return self.stop(begin, end) > beyond

    def _inside(self, start: int, end: int) -> int:
        """Where to cut within a sentence: at a comma or a space unless that gives away more than half of the chunk."""
        room = _most(end - start, lambda n: self._fits(start, start + n))
        hard = start + max(room, 1)
        # One more character tells whether a word ends exactly at the limit.
        part = self.text[start : min(hard + 1, end)]
        formulas = self._formulas(start, min(start + 2 * room + 2, end))
        for starts in (clause_starts(part), word_starts(part)):
            allowed = [s for s in starts if s <= room and not any(a < s < b for a, b in formulas)]
            if allowed and 2 * allowed[-1] >= room:
                return start + allowed[-1]
        for begin, stop in formulas:
            if 0 < begin < room < stop:
                return start + begin
        whole = hard
        while whole > start + 1 and splits_character(self.text, whole):
            whole -= 1
        return whole if whole > start + 1 or not splits_character(self.text, whole) else hard

    def _formulas(self, start: int, end: int) -> list[tuple[int, int]]:
        """Spans, from `start`, of the formulas that fit in a chunk."""
        part = self.text[start:end]
        return [(a, b) for a, b in formula_spans(part) if self.ruler.fits(part[a:b])]


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest n of 1 to `limit` that fits, 0 for none; found by doubling, so that no huge text is measured."""
    low, high = 0, 1
    while high <= limit and fits(high):
        low, high = high, high * 2
    high = min(high, limit + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low
