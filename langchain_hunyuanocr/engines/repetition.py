"""Noticing that a language model repeats itself without end, while it generates."""

from __future__ import annotations

from collections.abc import Sequence

PROBE_EVERY = 64
"""Tokens between two looks, as in the live stop that users of HunyuanOCR share (its issues 22, 53, 80, 95)."""
_REPEATS = 8
_LONGEST_UNIT = 256
_SHORTEST_RUN = 512
"""Tokens. A form may well hold eight empty rows or a long dotted line; no page repeats itself for longer than this."""
WINDOW = max(_REPEATS * _LONGEST_UNIT, _SHORTEST_RUN)
"""How many of the last tokens are looked at."""


def repeated_unit(tokens: Sequence[int]) -> int | None:
    """Length of the unit that the tail repeats, at least 8 times and for 512 tokens; `None` if it repeats none."""
    count = len(tokens)
    for unit in range(1, _LONGEST_UNIT + 1):
        run = max(_REPEATS * unit, _SHORTEST_RUN)
        if run > count:
            continue
        # Cheap first: most units fail on their last token.
        if tokens[-1] == tokens[-1 - unit] and tokens[count - run + unit :] == tokens[count - run : count - unit]:
            return unit
    return None


def without_repetition(tokens: Sequence[int]) -> Sequence[int] | None:
    """`tokens` with one copy of what their tail repeats; `None` if it repeats nothing."""
    unit = repeated_unit(tokens[-WINDOW:])
    if unit is None:
        return None
    begin = len(tokens) - unit
    while begin > 0 and tokens[begin - 1] == tokens[begin - 1 + unit]:
        begin -= 1
    return tokens[: begin + unit]
