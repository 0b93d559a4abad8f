"""Choose the limits of `archive/answer/certainty.py` by cross-validation over papers.

    python -m training.certainty ARCHIVE [--data ../shared/data/real]

`ARCHIVE` is the one that `python -m benchmarks.real_questions` made. Every question is asked with all limits at 0, so
that an answer is confident unless something else than its likelihood speaks against it. Of each source the limit is
the lowest from which on 99 in 100 such answers are right. It is chosen on four fifths of the papers and tried on the
questions about the others, in turn; questions without an answer are wrong wherever they get a confident one.
"""

from __future__ import annotations

import argparse
import collections
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.real_questions import DATA, SECOND, Asked, is_right, own, questions, wilson
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.answer import certainty

_FOLDS = 5
_WANTED = 0.99
"""Share of right answers from a limit on."""
_FEWEST = 10
"""Answers above a limit that say anything of it."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with nothing but its likelihood against it."""

    source: certainty.Source
    likelihood: float
    right: bool
    papers: frozenset[str]


class _Heard(logging.Handler):
    """Keeps the likelihoods of one question."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[tuple[certainty.Source, float]] = []

    def emit(self, record: logging.LogRecord) -> None:
        told, _, likelihood = record.getMessage().partition(" ")
        self.said += [(source, float(likelihood)) for source in certainty.LIMITS if source == told]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    answers = collect(given.archive, [*questions(given.data), *own(SECOND)])
    held_out: list[Given] = []
    for fold in range(_FOLDS):
        trained = [one for one in answers if _fold(one) != fold]
        limits = {source: limit_of(trained, source) for source in certainty.LIMITS}
        held_out += [one for one in answers if _fold(one) == fold and one.likelihood >= limits[one.source]]
    for source in certainty.LIMITS:
        ours = [one for one in answers if one.source == source]
        kept = [one for one in held_out if one.source == source]
        print(f"{source}: {len(ours)} answers, limit {limit_of(answers, source):.2f}; held out {_told(kept)}")
    print(f"all held out: {_told(held_out)}")


def collect(archive: Path, asked: Iterable[Asked]) -> list[Given]:
    """Ask, with no limits."""
    heard = _Heard()
    log = logging.getLogger(certainty.__name__)
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    found = []
    was = dict(certainty.LIMITS)
    certainty.LIMITS.update(dict.fromkeys(certainty.LIMITS, 0.0))
    with Archive(archive, engine="rapid") as opened:
        for one in asked:
            heard.said.clear()
            answer = opened.ask(one.text)
            if answer.confident and heard.said:
                source, _ = heard.said[-1]
                likelihood = min(value for name, value in heard.said if name == source)
                right = one.answer is not None and is_right(one, answer)
                found.append(Given(source, likelihood, right, frozenset(one.files) or frozenset({one.text})))
    certainty.LIMITS.update(was)
    return found


def limit_of(answers: Sequence[Given], source: certainty.Source) -> float:
    """The lowest likelihood, in steps of a hundredth, from which on answers are right as often as wanted."""
    best = 1.0
    for step in range(100, 0, -1):
        above = [one.right for one in answers if one.source == source and one.likelihood >= step / 100]
        if len(above) >= _FEWEST and sum(above) >= _WANTED * len(above):
            best = step / 100
    return best


def _fold(one: Given) -> int:
    """All questions about a paper are of one fold; of several papers, that of the first."""
    counted = collections.Counter(min(one.papers))
    return sum(ord(char) * count for char, count in counted.items()) % _FOLDS


def _told(answers: Sequence[Given]) -> str:
    right = sum(one.right for one in answers)
    low, high = wilson(right, len(answers))
    share = right / len(answers) if answers else 0.0
    return f"{right} of {len(answers)} right, {share:.3f} (95 %: {low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
