"""Subtitle merging: readings of frames that say the same, or so nearly that only the reading differs, are one.

Frames of one subtitle are read differently where something moves behind it. Readings that follow each other are first
gathered to runs of equal text. Two runs are one subtitle where their texts are nearly equal and have the same digits,
or where they are alike and one of the two was seen in a single look: a slip of the reader, or a fade. The text on which
the most looks agree best, weighted by how long each was seen, is kept (a weighted set median).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from langchain_hunyuanocr.results import PageReading, Status

_NEAR = 90.0
"""Similarity, 0 to 100, from which two texts are one whatever was seen."""
_ALIKE = 60.0
"""From which a text that was seen once is taken for a slip."""
_MOST_TEXTS = 32
"""Different readings of one subtitle that are kept to choose from."""
_NOT_WORDS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\D+")


@dataclass(slots=True)
class _Run:
    """Frames that read the same and follow each other."""

    reading: PageReading
    key: str
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(slots=True)
class _Subtitle:
    """Runs that are one subtitle."""

    start_s: float
    end_s: float
    last: _Run
    texts: dict[str, tuple[float, PageReading]] = field(default_factory=dict)
    """By its key: how long each text was seen, and how it was read."""

    @classmethod
    def of(cls, run: _Run) -> _Subtitle:
        subtitle = cls(run.start_s, run.end_s, run)
        subtitle.add(run)
        return subtitle

    def add(self, run: _Run) -> None:
        seen_s, reading = self.texts.get(run.key, (0.0, run.reading))
        if run.key in self.texts or len(self.texts) < _MOST_TEXTS:
            self.texts[run.key] = seen_s + run.length_s, reading
        self.end_s, self.last = run.end_s, run

    @property
    def key(self) -> str:
        """Of the text that was seen longest."""
        return max(self.texts, key=lambda key: self.texts[key][0])

    @property
    def best(self) -> PageReading:
        def agreement(key: str) -> tuple[float, float, int]:
            _, reading = self.texts[key]
            votes = sum(weight * fuzz.ratio(key, other) for other, (weight, _) in self.texts.items())
            return votes, _confidence(reading), len(key)

        return self.texts[max(self.texts, key=agreement)][1]


class SubtitleMerger:
    """The subtitles of one film, from the readings of its frames in order.

    Args:
        step_s: Seconds from one look to the next; the `page` of a frame's reading is the number of its look.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._shown: _Run | None = None
        self._subtitle: _Subtitle | None = None
        self._count = 0

    def take(self, reading: PageReading) -> Iterator[PageReading]:
        """Take the reading of the next frame; gives the subtitles that are over.

        Args:
            reading: What it says stays on the screen until the next one, or the end.
        """
        start_s = reading.page * self._step_s
        key = _key(reading)
        shown = self._shown
        if shown is not None:
            shown.end_s = start_s
            if shown.key == key and shown.reading.failed == reading.failed:
                return
            yield from self._end_run(shown)
        self._shown = _Run(reading, key, start_s, start_s)

    def end(self, end_s: float) -> Iterator[PageReading]:
        """Give what is left when the film is over, at `end_s`; a film without subtitles gives one blank reading."""
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.end_s = max(end_s, shown.start_s)
            yield from self._end_run(shown)
        yield from self._end_subtitle()
        if not self._count and shown is not None:
            yield self._timed(shown.reading.model_copy(update={"status": Status.BLANK}), 0.0, shown.end_s)

    def _end_run(self, run: _Run) -> Iterator[PageReading]:
        subtitle = self._subtitle
        if run.reading.failed:
            yield from self._end_subtitle()
            at = f"from {run.start_s:.1f} to {run.end_s:.1f} s: {run.reading.error or 'failed'}"
            yield self._timed(run.reading.model_copy(update={"error": at}), run.start_s, run.end_s)
        elif not run.key:
            # A look that read nothing between two that read the same is a slip; the next run tells.
            if subtitle is not None and not self._is_glimpse(run):
                yield from self._end_subtitle()
        elif subtitle is not None and self._is_same(subtitle, run):
            subtitle.add(run)
        else:
            yield from self._end_subtitle()
            self._subtitle = _Subtitle.of(run)

    def _is_same(self, subtitle: _Subtitle, run: _Run) -> bool:
        key = subtitle.key
        if key == run.key:
            return True
        likeness = fuzz.ratio(key, run.key)
        if likeness >= _NEAR and _DIGITS.sub(" ", key) == _DIGITS.sub(" ", run.key):
            return True
        if not (self._is_glimpse(run) or self._is_glimpse(subtitle.last)):
            return False
        # A fade or a wipe shows a part of it.
        return likeness >= _ALIKE or key.startswith(run.key) or run.key.startswith(key)

    def _is_glimpse(self, run: _Run) -> bool:
        return run.length_s < 1.5 * self._step_s

    def _end_subtitle(self) -> Iterator[PageReading]:
        subtitle, self._subtitle = self._subtitle, None
        if subtitle is not None:
            yield self._timed(subtitle.best, subtitle.start_s, subtitle.end_s)

    def _timed(self, reading: PageReading, start_s: float, end_s: float) -> PageReading:
        times = {"page": self._count, "start_s": round(start_s, 3), "end_s": round(end_s, 3)}
        self._count += 1
        return reading.model_copy(update=times)


def _key(reading: PageReading) -> str:
    """The text without what readers differ in: spaces, punctuation, width and case; empty where there is none."""
    if reading.failed:
        return ""
    text = unicodedata.normalize("NFKC", reading.markdown).casefold()
    return _NOT_WORDS.sub("", text) or text.strip()


def _confidence(reading: PageReading) -> float:
    scores = [line.score for line in reading.lines if line.score is not None]
    return sum(scores) / len(scores) if scores else reading.mean_probability or 0.0
