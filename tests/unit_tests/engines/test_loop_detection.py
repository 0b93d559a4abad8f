"""When a repeating tail is a loop, and what is kept of it."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.engines.loop_detection import CHARACTERS, TOKENS, LoopRule, repeated_unit, without_repetition

PAGE = list("The page says this before it loops.\n")


def words(tokens: list[str]) -> str:
    return "".join(tokens)


@pytest.mark.parametrize("unit", [["ha"], list("again and again, "), [f"w{n} " for n in range(256)]])
def test_a_loop_is_found_within_its_mark_after_the_eighth_copy(unit: list[str]) -> None:
    looping = PAGE + unit * 200
    eighth = len(PAGE) + 8 * len(unit)
    assert repeated_unit(looping[:eighth], TOKENS, words) is None
    found = looping[: eighth + TOKENS.beyond]
    assert repeated_unit(found, TOKENS, words) == len(unit)
    assert without_repetition(found, len(unit)) == PAGE + unit
    assert TOKENS.beyond + TOKENS.probe_every < 128


def test_characters_are_looked_at_as_tokens_are() -> None:
    looping = "Total 12.00\n" + "no no no, never; " * 20
    assert repeated_unit(looping, CHARACTERS) == len("no no no, never; ")
    assert without_repetition(looping, 17) == "Total 12.00\nno no no, never; "


@pytest.mark.parametrize(
    "page",
    [
        ["."] * 500,
        ["<tr>", "<td>", "</td>", "<td>", "</td>", "</tr>"] * 80,
        ["| ", "--- "] * 200,
        ["<td>", "0", "</td>"] * 28,
        ["x", "y"] * 60 + ["z"],
        [],
    ],
)
def test_what_a_page_may_repeat_is_left_alone(page: list[str]) -> None:
    assert repeated_unit(PAGE + page, TOKENS, words) is None


def test_what_says_nothing_is_a_loop_in_the_end() -> None:
    assert repeated_unit(PAGE + ["."] * 600, TOKENS, words) == 1
    rows = ["<tr>", "<td>", "</td>", "</tr>"] * 150
    assert repeated_unit(PAGE + rows, TOKENS, words) == 4


@pytest.mark.parametrize("rule", [TOKENS, CHARACTERS])
def test_the_window_holds_all_that_a_look_needs(rule: LoopRule) -> None:
    unit = [f"{n}," for n in range(rule.longest_unit)]
    looping = PAGE + unit * 20
    assert repeated_unit(looping[-rule.window :], rule, words) == rule.longest_unit
