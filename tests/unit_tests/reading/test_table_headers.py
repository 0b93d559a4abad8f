"""Headers of tables without rules: names in several lines, and names that stand over several columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

PAGE = (1400, 1600)
SIZE = 20
MIDDLES = (560, 740, 920, 1100, 1280)
BODY = ("Barley", "Oats, winter", "Rye and wheat of the upper fields", "Total of the harvest")


def centred(text: str, middle: float, y: float) -> Line:
    half = 0.25 * SIZE * len(text)
    box = Box.from_pixels(middle - half, y, middle + half, y + 17, width=PAGE[0], height=PAGE[1])
    return Line(text=text, box=box)


def header_of(
    header: Sequence[Mapping[float, str]], columns: int, rules: Sequence[tuple[int, int, int]] = (), unit: str = ""
) -> list[list[str]]:
    """Header rows of a table whose header lines are given by the middles of their pieces, 20 px below each other.

    Args:
        header: Its lines.
        columns: Of figures.
        rules: `(line, x0, x1)`, below that line of the header.
        unit: Stands over the labels, in the last line.
    """
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    lines = [centred(text, x, 200 + 20 * at) for at, row in enumerate(header) for x, text in row.items()]
    bottom = 200 + 20 * len(header)
    if unit:
        lines.append(centred(unit, 60 + 0.25 * SIZE * len(unit), bottom - 20))
    for at, x0, x1 in rules:
        draw.line((x0, 219 + 20 * at, x1, 219 + 20 * at), fill="black", width=2)
    for number, label in enumerate(BODY):
        y = bottom + 10 + 30 * number
        lines.append(centred(label, 60 + 0.25 * SIZE * len(label), y))
        lines += [centred(f"{number + 1},{345 + 17 * n}", x, y) for n, x in enumerate(MIDDLES[:columns])]
    (table,) = read_lines(lines, picture).tables
    assert [list(row) for row in table.rows[table.header_rows :]] == [
        [label, *(f"{number + 1},{345 + 17 * n}" for n in range(columns))] for number, label in enumerate(BODY)
    ]
    return [list(row) for row in table.rows[: table.header_rows]]


@pytest.mark.parametrize("rules", [(), ((2, 50, 1350),)])
def test_names_in_several_lines_are_one_row(rules: Sequence[tuple[int, int, int]]) -> None:
    lines = [
        {740: "Sold to"},
        {560: "Stock at", 740: "mills and", 1100: "Lost in"},
        {560: "harvest", 740: "brewers", 920: "Sown", 1100: "storage"},
    ]
    assert header_of(lines, 4, rules, unit="(in bushels)") == [
        ["(in bushels)", "Stock at harvest", "Sold to mills and brewers", "Sown", "Lost in storage"]
    ]


@pytest.mark.parametrize("rules", [(), ((0, 500, 980),)])
def test_a_name_over_three_columns_is_no_line_of_the_second_ones_name(rules: Sequence[tuple[int, int, int]]) -> None:
    rows = header_of([{740: "Upper fields"}, {560: "North", 740: "East", 920: "South"}], 3, rules)
    assert rows == [["", "Upper fields", "Upper fields", "Upper fields"], ["", "North", "East", "South"]]


def test_a_rule_below_all_names_widens_none_of_them() -> None:
    lines = [{740: "Lost", 920: "Eaten"}, {560: "Grown", 740: "early", 920: "Sold", 1100: "here"}]
    rows = header_of(lines, 4, ((0, 50, 1350),))
    assert rows == [["", "", "Lost", "Eaten", ""], ["", "Grown", "early", "Sold", "here"]]


def test_a_name_stands_over_whole_names_below_it() -> None:
    lines = [
        {830: "Upper fields"},
        {650: "Before the flood", 1010: "After the flood"},
        {560: "Grown", 740: "Sold", 920: "Grown", 1100: "Sold"},
    ]
    rows = header_of(lines, 4, ((0, 480, 1180), (1, 480, 820), (1, 840, 1180)))
    assert rows == [
        ["", *["Upper fields"] * 4],
        ["", *["Before the flood"] * 2, *["After the flood"] * 2],
        ["", "Grown", "Sold", "Grown", "Sold"],
    ]
