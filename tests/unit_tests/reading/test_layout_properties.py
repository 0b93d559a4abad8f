"""Whatever lines stand wherever on a page: its Markdown says all of them, and not more than one and a half times."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

WIDTH, HEIGHT = 1200, 1600
WORDS = ("Alder", "Birch", "Cedar", "1,204", "87.50", "Total", "河岸", "年底", "Elm & oak", "3")


@st.composite
def pages(draw: st.DrawFn) -> list[Line]:
    """Lines in a grid with a few columns, some of them shifted, left out, or in larger type."""
    columns = draw(st.lists(st.integers(40, 1000), min_size=1, max_size=6, unique=True))
    lines = []
    for row in range(draw(st.integers(1, 25))):
        for x in columns:
            if draw(st.booleans()):
                text, size = draw(st.sampled_from(WORDS)), draw(st.sampled_from((18, 18, 18, 30)))
                wide = sum(size if ord(char) > 0x2E80 else size / 2 for char in text)
                left, top = x + draw(st.integers(-20, 20)), 60 + 34 * row + draw(st.integers(-4, 4))
                box = Box.from_pixels(left, top, left + wide, top + 0.83 * size, width=WIDTH, height=HEIGHT)
                lines.append(Line(text=text, box=box))
    return lines


def letters(text: str) -> Counter[str]:
    return Counter(filter(str.isalnum, text))


@settings(max_examples=30, deadline=None)
@given(pages())
def test_the_markdown_of_a_page_is_no_longer_than_its_lines_allow(lines: list[Line]) -> None:
    said, written = letters("".join(line.text for line in lines)), letters(read_lines(lines, None).markdown)
    assert said <= written
    assert written.total() <= 1.5 * said.total()
