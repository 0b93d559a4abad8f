"""Model: how likely each candidate of a field is the one, as a conditional logit (McFadden 1974).

A candidate's score is the weighted sum of its features; the likelihoods of a page's candidates, and that it has none,
are the softmax of their scores. The weights are fitted by `training/fields.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from functools import cache
from importlib.resources import files
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Weights = Mapping[str, float]
"""By the name of a feature; `none` is the score of there being no value."""
NONE = "none"


@cache
def weights() -> Mapping[str, Weights]:
    """The fitted weights by the role of a field."""
    told: dict[str, dict[str, float]] = json.loads((files(__package__) / "weights.json").read_text(encoding="utf-8"))
    return told


def likelihoods(candidates: Mapping[Key, Mapping[str, float]], role: Weights) -> dict[Key, float]:
    """How likely each candidate is the one, 0 to 1; what is left to 1 is that none is."""
    scores = {
        key: sum(role.get(name, 0.0) * value for name, value in features.items())
        for key, features in candidates.items()
    }
    top = max([role.get(NONE, 0.0), *scores.values()])
    powers = {key: math.exp(score - top) for key, score in scores.items()}
    whole = sum(powers.values()) + math.exp(role.get(NONE, 0.0) - top)
    return {key: power / whole for key, power in powers.items()}
