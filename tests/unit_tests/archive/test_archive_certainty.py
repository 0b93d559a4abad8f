"""From which likelihood on an answer is called confident, and how that is chosen."""

from __future__ import annotations

from langchain_hunyuanocr.archive.answer.certainty import LIMITS, is_certain
from training.certainty import Given, limit_of


def test_an_answer_is_certain_from_its_limit_on() -> None:
    for source, limit in LIMITS.items():
        assert is_certain(source, limit)
        assert not is_certain(source, limit - 0.01)


def answers(*given: tuple[float, bool]) -> list[Given]:
    return [Given("records", likelihood, right, frozenset({"a.jpg"})) for likelihood, right in given]


def test_the_limit_is_the_lowest_from_which_on_answers_are_right() -> None:
    right = [(0.9 + number / 1000, True) for number in range(20)]
    assert limit_of(answers(*right, (0.85, False), (0.8, True)), "records") == 0.86
    assert limit_of(answers(*right[:5]), "records") == 1.0  # five tell nothing
