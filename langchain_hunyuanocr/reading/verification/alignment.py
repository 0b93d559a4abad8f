"""Alignment: where the lines of one reader stand in the text of another.

Each line is placed by itself, so that readers may disagree about columns and the order of cells. Long lines are placed
first: where their words stand only once, or where most of their short runs of characters fall. Short ones, which stand
in many places, then go where their neighbours on the page stand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from langchain_hunyuanocr.reading.verification.plain_text import PlainText, hidden_in, plain_of
from langchain_hunyuanocr.results import Box, Line, Unsure

_GRAM = 4
_MOST_PLACES = 64
"""A run of characters that stands in more places than this tells nothing."""
_UNIQUE = 6
"""Characters of a line that is placed where it stands, if it stands once."""
_LEAST_FUZZY = 7
_LIKE = 0.6
"""Share of a line's characters that must be the same where it is placed."""
_NEAR_LIKE = 0.34
"""The same where its neighbours tell its place."""
_REACH = 60
"""Characters from where the neighbours tell that a line is looked for."""


@dataclass(frozen=True, slots=True)
class LineMatch:
    """A line's place in a text, in folded characters."""

    line: int
    start: int
    end: int
    same: tuple[tuple[int, int], ...]
    """Characters that are the same: offset in the line's folded text, offset in the text's."""


@dataclass(slots=True)
class Alignment:
    """All lines that found their place."""

    text: PlainText
    lines: tuple[Line, ...]
    folded: tuple[PlainText, ...]
    """The lines' own words."""
    places: dict[int, LineMatch] = field(default_factory=dict)
    """By line."""
    owner: dict[int, tuple[int, int]] = field(default_factory=dict)
    """For a folded character of the text that a line confirms: the line, and the offset in its folded words."""

    def expected(self, box: Box, size: int) -> list[int]:
        """Where the neighbours of a line say that it begins in the text, the most telling first.

        Args:
            box: Of the line.
            size: Its length in folded characters.
        """
        beside: list[tuple[float, int]] = []
        over: list[tuple[float, int]] = []
        for other, place in self.places.items():
            near = self.lines[other].box
            if min(box.y1, near.y1) - max(box.y0, near.y0) > 0.4 * min(box.height, near.height):
                left = near.x0 < box.x0
                gap = box.x0 - near.x1 if left else near.x0 - box.x1
                beside.append((abs(gap), place.end if left else place.start - size))
            elif min(box.x1, near.x1) - max(box.x0, near.x0) > 0:
                above = near.y0 < box.y0
                gap = box.y0 - near.y1 if above else near.y0 - box.y1
                over.append((abs(gap), place.end if above else place.start - size))
        return [place for _, place in (*sorted(beside)[:2], *sorted(over)[:2])]


def place_lines(text: PlainText, lines: Sequence[Line]) -> Alignment:
    """Find the place of each line in a text.

    Args:
        text: Of the first reader.
        lines: Of the second reader, in any order; their boxes tell which are neighbours.

    Returns:
        The placement; no character of the text has two lines.
    """
    order = sorted(range(len(lines)), key=lambda number: (lines[number].box.y0, lines[number].box.x0))
    result = Alignment(text, tuple(lines), tuple(plain_of(line.text) for line in lines))
    placer = _Placer(result)
    waiting = [number for number in order if result.folded[number].text]
    for attempt in (placer.where_unique, placer.where_alike, placer.beside_neighbours, placer.in_gap):
        # What was placed tells where its neighbours are, so the short ones are tried until nothing more is found.
        while True:
            left = [number for number in waiting if not attempt(number)]
            done, waiting = len(left) == len(waiting), left
            if done or attempt in (placer.where_unique, placer.where_alike):
                break
    return result


class _Placer:
    def __init__(self, result: Alignment) -> None:
        self._result = result
        self._text = result.text.text
        self._grams: dict[str, list[int]] = defaultdict(list)
        for start in range(len(self._text) - _GRAM + 1):
            self._grams[self._text[start : start + _GRAM]].append(start)
        # Whether a word, a number or a cell begins at a character: between it and the one before stands something.
        self._begins = _begins(result.text)

    def where_unique(self, number: int) -> bool:
        """Where the line's words stand, if they stand once."""
        words = self._words(number)
        if len(words) < _UNIQUE:
            return False
        found = list(self._occurrences(words, most=2))
        return len(found) == 1 and self._put(number, found[0], found[0] + len(words))

    def where_alike(self, number: int) -> bool:
        """Where most of the line's runs of characters are."""
        words = self._words(number)
        if len(words) < _LEAST_FUZZY:
            return False
        votes: Counter[int] = Counter()
        for offset in range(len(words) - _GRAM + 1):
            places = self._grams.get(words[offset : offset + _GRAM], ())
            if len(places) <= _MOST_PLACES:
                votes.update({(place - offset) // _GRAM for place in places})
        expected = self._result.expected(self._result.lines[number].box, len(words))
        best: tuple[float, float, int, int] | None = None
        for bucket, _ in votes.most_common(4):
            start = max(0, (bucket - 1) * _GRAM)
            found = self._alike(words, start, min(len(self._text), start + len(words) + 4 * _GRAM))
            if found is None or found[0] < _LIKE or self._is_taken(*found[1:]):
                continue
            away = min((abs(found[1] - place) for place in expected), default=0)
            choice = (-round(found[0], 1), away, *found[1:])
            best = min(best, choice) if best is not None else choice
        return best is not None and self._put(number, best[2], best[3])

    def beside_neighbours(self, number: int) -> bool:
        """Where the line's words stand nearest to its neighbours."""
        words = self._words(number)
        expected = self._result.expected(self._result.lines[number].box, len(words))
        if not expected:
            return False
        short = len(words) < _GRAM and words.isascii()
        inner = _begins(self._result.folded[number])[1:-1]
        # 1.09 is rather 1.09 than the cells 10 and 9.
        choices = [
            (
                words.isdigit() and self._begins[start + 1 : start + len(words)] != inner,
                min(abs(start - place) for place in expected),
                start,
            )
            for start in self._occurrences(words, most=4 * _MOST_PLACES)
            if not self._is_taken(start, start + len(words))
            and (not short or (self._begins[start] and self._begins[start + len(words)]))
        ]
        return bool(choices) and self._put(number, min(choices)[2], min(choices)[2] + len(words))

    def in_gap(self, number: int) -> bool:
        """Where the text beside a neighbour belongs to no line and is a little alike."""
        words = self._words(number)
        for place in self._result.expected(self._result.lines[number].box, len(words))[:2]:
            gap = self._gap(place, len(words))
            if gap is None or not 0.5 * len(words) <= gap[1] - gap[0]:
                continue
            found = self._alike(words, *gap)
            digits = words.isdigit() and found is not None and self._text[found[1] : found[2]].isdigit()
            if found is not None and (found[0] >= _NEAR_LIKE or digits) and self._put(number, *found[1:]):
                return True
        return False

    def _words(self, number: int) -> str:
        return self._result.folded[number].text

    def _occurrences(self, words: str, *, most: int) -> Iterator[int]:
        start = self._text.find(words)
        while start >= 0 and most:
            yield start
            most -= 1
            start = self._text.find(words, start + 1)

    def _alike(self, words: str, start: int, end: int) -> tuple[float, int, int] | None:
        """The part of `[start, end)` that is likest to `words`: share of the same characters, and its ends."""
        window = self._text[start:end]
        if len(window) > len(words):
            best = fuzz.partial_ratio_alignment(words, window)
            if best is None or best.dest_start == best.dest_end:
                return None
            start, window = start + best.dest_start, window[best.dest_start : best.dest_end]
        if not window:
            return None
        same = len(words) - Levenshtein.distance(words, window)
        return same / len(words), start, start + len(window)

    def _put(self, number: int, start: int, end: int) -> bool:
        if self._is_taken(start, end):
            return False
        words = self._words(number)
        same = tuple(
            (block.a + step, start + block.b + step)
            for block in Levenshtein.editops(words, self._text[start:end]).as_matching_blocks()
            for step in range(block.size)
            if start + block.b + step not in self._result.owner
        )
        if not same:
            start, end = start, start
        self._result.places[number] = LineMatch(number, start, end, same)
        self._result.owner.update({there: (number, here) for here, there in same})
        return True

    def _is_taken(self, start: int, end: int) -> bool:
        taken = sum(place in self._result.owner for place in range(start, end))
        return taken > 0.3 * (end - start)

    def _gap(self, place: int, size: int) -> tuple[int, int] | None:
        """The free stretch of the text at, or nearest after or before, a place; no longer than the line could be."""
        owner, last = self._result.owner, len(self._text)
        for away in range(_REACH):
            for middle in (place + away, place - away):
                if not 0 <= middle < last or middle in owner:
                    continue
                start = end = middle
                while start > 0 and start - 1 not in owner and middle - start < 2 * size:
                    start -= 1
                while end < last and end not in owner and end - middle < 2 * size:
                    end += 1
                return start, end
        return None


def _begins(text: PlainText) -> list[bool]:
    """For each folded character, and the end, whether something that does not count stands before it."""
    return [True, *(after > before + 1 for before, after in pairwise(text.at)), True]


def carry_spans(unsure: Sequence[Unsure], answer: str, markdown: str) -> tuple[Unsure, ...]:
    """The stretches in `markdown` that come from those in `answer`; one whose characters went away is left out.

    Args:
        unsure: Offsets are into `answer`.
        answer: As the model gave it.
        markdown: What it was turned into; letters and digits keep their order.
    """
    if not unsure or answer == markdown:
        return tuple(unsure)
    before, after = plain_of(answer, hidden_in(answer)), plain_of(markdown, hidden_in(markdown))
    blocks = Levenshtein.editops(before.text, after.text).as_matching_blocks()
    starts = [block.a for block in blocks]
    found = []
    for stretch in unsure:
        places = []
        for place in range(*before.within(stretch.start, stretch.end)):
            block = blocks[max(0, bisect_left(starts, place + 1) - 1)]
            if block.a <= place < block.a + block.size:
                places.append(block.b + place - block.a)
        if places:
            start, end = after.origin(min(places), max(places) + 1)
            found.append(Unsure(start, end, stretch.probability))
    return tuple(found)
