"""Whatever lines stand wherever on a page: all are said, none in two places, and no text much more than once."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

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


LABELS = ("Net loss", "Sales of goods", "Less: noncontrolling interest", "Loss attributable to holders of the shares")
FIGURES = ("55,893", "(9)", "($4,935)", "743", "")


def statement(seed: int) -> tuple[list[Line], Image.Image]:
    """Labels with up to three figures, closer and farther below each other, with a rule below some of them."""
    chance = random.Random(seed)
    shift = chance.choice((0, 5, 10))
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    lines, y = [], 100
    for _ in range(chance.randint(4, 12)):
        y += chance.choice((0, 0, 0, 6, 14))
        cells = [(50, chance.choice(LABELS)), *((right, chance.choice(FIGURES)) for right in (640, 780, 940))]
        for x, text in cells:
            if text:
                at = chance.choice((0, shift))
                left, right = (x, x + 8 * len(text)) if x == 50 else (x - 10 * len(text) + at, x + at)
                box = Box.from_pixels(left, y, right, y + 17, width=WIDTH, height=HEIGHT)
                lines.append(Line(text=text, box=box))
        y += 28
        if chance.random() < 0.5:
            pen.line((45, y - 5, 945, y - 5), fill="black", width=2)
    return lines, picture


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
@example(63)
@example(80)
def test_no_line_stands_in_two_tables(seed: int) -> None:
    found = Counter(line.box for line in read_lines(*statement(seed)).lines)
    assert [box for box, times in found.items() if times > 1] == []
