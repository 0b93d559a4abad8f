"""Signs between figures that a recogniser takes for letters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from langchain_hunyuanocr.engines.rapid.misread_signs import with_signs
from langchain_hunyuanocr.results import Box, Line


def row_of(*pieces: tuple[float, str], y: float = 0.1) -> list[Line]:
    """Lines of one row that begin at the given shares of the page's width."""
    return [Line(text=text, box=Box(x, y, x + 0.008 * len(text), y + 0.01)) for x, text in pieces]


def mended(*texts: str) -> list[str]:
    """What lines that stand below each other say after it."""
    lines = [line for number, text in enumerate(texts) for line in row_of((0.1, text), y=0.05 + 0.03 * number)]
    return [line.text for line in with_signs(lines)]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("S 4,756", "$ 4,756"),
        ("s 1.19", "$ 1.19"),
        ("S5.50", "$5.50"),
        ("§ 36,397", "$ 36,397"),
        ("S (529)", "$ (529)"),
        ("S 11", "$ 11"),
        ("of S57 million, S56 million and", "of $57 million, $56 million and"),
        ("net of tax of $5, S(12), and $2", "net of tax of $5, $(12), and $2"),
        ("Sales of S1,250 in May", "Sales of $1,250 in May"),
        ("(S2.7 billion after tax)", "($2.7 billion after tax)"),
        ("S1", "S1"),
        ("S. 11", "S. 11"),
        ("3.70 S", "3.70 S"),
        ("Galaxy S23", "Galaxy S23"),
        ("MS5.50", "MS5.50"),
        ("Is 12", "Is 12"),
    ],
)
def test_an_s_before_a_figure_is_a_dollar_on_a_page_of_dollars(text: str, right: str) -> None:
    assert mended("$ 9.80", text) == ["$ 9.80", right]
    assert "$" in text or mended("EUR 9.80", text)[1] == text


def test_a_sign_apart_is_one_where_a_figure_follows_in_its_row() -> None:
    lines = [
        *row_of((0.1, "$"), (0.2, "1,971"), (0.3, "S"), (0.4, "(594) S"), (0.55, "1,377"), y=0.1),
        *row_of((0.1, "S"), (0.2, "Barley"), (0.4, "3.70 S"), y=0.2),
    ]
    assert [line.text for line in with_signs(lines)] == [
        *("$", "1,971", "$", "(594) $", "1,377"),
        *("S", "Barley", "3.70 S"),
    ]


def test_beside_other_sizes_an_s_is_one() -> None:
    lines = [*row_of((0.1, "S"), (0.2, "12.50")), *row_of((0.1, "M"), (0.2, "$13.50"), y=0.2)]
    assert with_signs(lines) == lines


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (("Oats", "一", "14"), ("Oats", "—", "14")),
        (("Oats", "$ 一%"), ("Oats", "$ —%")),
        (("数量", "一"), ("数量", "一")),
        (("カフェ", "一"), ("カフェ", "一")),
    ],
)
def test_a_chinese_one_on_a_page_without_chinese_is_a_dash(texts: Sequence[str], right: Sequence[str]) -> None:
    assert mended(*texts) == list(right)


def test_a_circled_digit_in_brackets_is_the_digit() -> None:
    assert mended("(④)", "① Oats", "见（②）") == ["(4)", "① Oats", "见（2）"]
