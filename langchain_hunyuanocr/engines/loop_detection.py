"""Loop detection: noticing that a language model repeats itself without end, while it generates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_REPEATS = 8
"""Copies that make a loop, as in the live stop that users of HunyuanOCR share (its issues 22, 53, 80, 95)."""
_TAG = re.compile(r"<[^<>]*>|^[^<>]*>|<[^<>]*$")
"""A tag, or what a cut left of one."""
_SAID = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class LoopRule:
    """When a repeating tail is a loop: eight copies, and a stretch beyond them.

    Pages do repeat themselves: rows of zeros, dotted leaders, the empty rows of a form. So the copies must go on for
    `beyond` more, and copies that say nothing (no letter and no digit outside tags) for `beyond_filler` more.
    """

    longest_unit: int
    beyond: int
    beyond_filler: int
    probe_every: int
    """How much may be added between two looks, so that a loop ends within `beyond + probe_every` of its eighth copy."""

    @property
    def window(self) -> int:
        """How much of the tail a look needs."""
        return _REPEATS * self.longest_unit + self.beyond_filler


TOKENS = LoopRule(longest_unit=256, beyond=64, beyond_filler=512, probe_every=32)
"""For tokens of a model."""
CHARACTERS = LoopRule(longest_unit=512, beyond=160, beyond_filler=1280, probe_every=80)
"""For the characters of a text, where the tokens are not known: about two and a half to a token."""


def repeated_unit(answer: Sequence[Any], rule: LoopRule, text_of: Callable[[Any], str] = str) -> int | None:
    """Length of the unit that the tail of an answer repeats; `None` where it is no loop.

    Args:
        answer: Tokens, or a string; only its last `rule.window` are looked at.
        rule: What counts as a loop.
        text_of: Turns a slice of `answer` into text.
    """
    count = len(answer)
    for unit in range(1, rule.longest_unit + 1):
        run = _REPEATS * unit + rule.beyond
        if run > count:
            return None
        # Cheap first: most units fail on their last token.
        if answer[-1] != answer[-1 - unit] or not _repeats(answer, unit, run):
            continue
        # A unit may begin within a tag; of three copies, one is whole.
        if _SAID.search(_TAG.sub("", text_of(answer[count - 3 * unit :]))):
            return unit
        run = _REPEATS * unit + rule.beyond_filler
        if run <= count and _repeats(answer, unit, run):
            return unit
    return None


def without_repetition(answer: Sequence[Any], unit: int) -> Sequence[Any]:
    """`answer` with one copy of the unit that its tail repeats."""
    begin = len(answer) - unit
    while begin > 0 and answer[begin - 1] == answer[begin - 1 + unit]:
        begin -= 1
    return answer[: begin + unit]


def _repeats(answer: Sequence[Any], unit: int, run: int) -> bool:
    count = len(answer)
    return bool(answer[count - run + unit :] == answer[count - run : count - unit])
