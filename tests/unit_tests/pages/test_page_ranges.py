from __future__ import annotations

import pytest

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.page_ranges import select_pages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("1-3,7", [0, 1, 2, 6]),
        ("5-", [4, 5, 6, 7, 8, 9]),
        ("-2", [0, 1]),
        ("10", [9]),
        (" 2 - 3 , 2", [1, 2]),
        ("9-12", [8, 9]),
        ("3,1", [0, 2]),
        ("1–2", [0, 1]),
    ],
)
def test_select(text: str | None, expected: list[int]) -> None:
    assert select_pages(text, 10) == expected


@pytest.mark.parametrize(
    "text", ["", "0", "a", "3-1", "1,,2", "-", "1-2-3", "1.5", "0-3", "²", "9" * 5000, "1-" + "9" * 5000]
)
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SourceError, match=r"1-3,7"):
        select_pages(text, 10)


def test_a_choice_of_nothing_says_how_many_pages_there_are() -> None:
    with pytest.raises(SourceError, match=r"scan\.pdf: none of the pages '11-' exists \(it has 10 pages\)"):
        select_pages("11-", 10, source="scan.pdf")
