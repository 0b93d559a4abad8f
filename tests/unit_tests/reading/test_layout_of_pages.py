"""Kinds of pages that were read wrongly once: spreads, papers with pale rules, tables with centred cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line


def written(text: str, x: float, y: float, *, size: float = 20) -> Line:
    wide = sum(size if ord(char) > 0x2E80 else size / 2 for char in text)
    return Line(text=text, box=Box.from_pixels(x, y, x + wide, y + 0.83 * size, width=1200, height=1600))


def rows_in(markdown: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in markdown.splitlines() if row[:1] == "|"]
    return [row for row in rows if set("".join(row)) - set(" -")]


SHEET = Image.new("RGB", (1200, 1600), "white")


def test_a_value_half_way_beside_several_rows_is_theirs() -> None:
    lines = [written(text, x, 200) for text, x in (("Weir", 80), ("Spring", 400), ("Autumn", 600), ("Depth", 800))]
    rows = [
        ("North sluice", "12.4", "11.9", "0.125"),
        ("South sluice", "13.0", "12.2", None),
        ("Mill pond", "45.3", "32.5", "0.001"),
        ("Trout", "22", "28", "0.042"),
        ("Pike", "15", "26", None),
        ("Perch", "7", "3", None),
        ("Carp", "25", "13", None),
    ]
    for number, row in enumerate(rows):
        lines += [written(text, x, 240 + 40 * number) for text, x in zip(row[:3], (80, 400, 600), strict=True) if text]
    lines += [written(text, 800, y) for text, y in (("0.125", 260), ("0.001", 320), ("0.042", 420))]
    content = read_lines(lines, SHEET)
    assert rows_in(content.tables[0].markdown)[1:] == [
        [a, b, c, d or rows[n - 1][3] or "0.042"] for n, (a, b, c, d) in enumerate(rows)
    ]
    assert [(span.row, span.rowspan) for span in content.tables[0].spans] == [(1, 2), (4, 4)]


def test_a_head_half_way_beside_heads_of_two_lines_is_in_their_row() -> None:
    lines = [written("Loom", 80, 212), written("Sold", 800, 212)]
    lines += [written(text, x, y) for x in (400, 600) for text, y in (("Weavers", 200), ("(n)", 224))]
    for number, row in enumerate([("Hand", "12", "14", "3"), ("Water", "40", "38", "9"), ("Steam", "7", "9", "2")]):
        lines += [written(text, x, 270 + 40 * number) for text, x in zip(row, (80, 400, 600, 800), strict=True)]
    assert rows_in(read_lines(lines, SHEET).markdown)[0] == ["Loom", "Weavers (n)", "Weavers (n)", "Sold"]


def test_a_line_that_was_spaced_out_to_fill_it_is_closed_up_and_labels_are_not() -> None:
    lines = [written(char, 80 + 44 * n, 200, size=20) for n, char in enumerate("河岸柳树每年修剪两次以防洪水")]
    lines += [written("船夫", 80, 300), written("甲", 160, 300), written("乙", 240, 300)]
    markdown = read_lines(lines, SHEET).markdown
    assert "河岸柳树每年修剪两次以防洪水" in markdown
    assert "船夫 甲 乙" in markdown


def test_a_wide_space_in_a_line_is_between_words_where_type_is_set_solid_and_none_where_it_is_set_apart() -> None:
    def apart(text: str, x: float, y: float) -> Line:
        wide = 20 * len(text) + 7 * (len(text) - 1)
        return Line(text=text, box=Box.from_pixels(x, y, x + wide, y + 0.83 * 20, width=1200, height=1600))

    lines = [apart("河岸柳树", 80, 200), apart("每年修剪", 194, 200), apart("两次", 308, 200)]
    lines += [written("第三章", 80, 300), written("水闸", 154, 300)]
    markdown = read_lines(lines, SHEET).markdown
    assert "河岸柳树每年修剪两次" in markdown
    assert "第三章 水闸" in markdown


@pytest.mark.parametrize(
    ("first", "second", "headings"),
    [
        ("Pears of the valley", "and how they are pruned", 1),
        ("The Keeping of", "Pears and Quinces in Winter", 1),
        ("WEIRS, SLUICES &", "MILL PONDS OF THE ESTATE", 1),
        ("Pears of the valley", "Quinces of the hills and woods", 2),
    ],
)
def test_a_title_that_goes_on_is_one_heading(first: str, second: str, headings: int) -> None:
    text = "the trees are cut back in the month of February, before the sap rises in them again"
    lines = [written(first, 80, 100, size=34), written(second, 80, 146, size=34)]
    lines += [written(text, 80, 260 + 30 * row) for row in range(8)]
    blocks = [block for block in read_lines(lines, SHEET).blocks if block.kind == "heading"]
    assert len(blocks) == headings


def test_items_in_a_cell_stand_on_lines_of_their_own() -> None:
    picture = SHEET.copy()
    draw = ImageDraw.Draw(picture)
    for x in (60, 260, 660):
        draw.line((x, 180, x, 420), fill="black", width=2)
    for y in (180, 230, 420):
        draw.line((60, y, 660, y), fill="black", width=2)
    lines = [written("Week", 80, 195), written("Work", 280, 195), written("First", 80, 300)]
    for number, text in enumerate(
        ["1. Clear the channel of reeds and", "stones;", "2. Measure it at the upper gate, now", "3. Report."]
    ):
        lines.append(written(text, 280, 250 + 40 * number))
    assert rows_in(read_lines(lines, picture).markdown)[1][1] == (
        "1. Clear the channel of reeds and stones;<br>2. Measure it at the upper gate, now<br>3. Report."
    )


def test_pale_rules_are_followed_from_where_they_are_seen() -> None:
    picture = SHEET.copy()
    draw = ImageDraw.Draw(picture)
    rows = range(200, 441, 60)
    for place in (60, 360, 660):
        draw.line((place, 200, place, 440), fill=(244, 244, 244), width=2)
        draw.line((place, 200, place, 320 if place == 360 else 440), fill=(190, 190, 190), width=2)
    for y in rows:
        draw.line((60, y, 660, y), fill=(247, 247, 247), width=2)
        draw.line((60, y, 660 if y in (200, 260, 440) else 140, y), fill=(190, 190, 190), width=2)
    texts = [("Sign", "Shape"), ("a > 0", "opens upwards"), ("a = 0", "a straight line"), ("a < 0", "opens downwards")]
    lines = [
        written(text, x, 220 + 60 * n) for n, row in enumerate(texts) for text, x in zip(row, (90, 390), strict=True)
    ]
    assert rows_in(read_lines(lines, picture).markdown) == [list(row) for row in texts]


def two_columns(left: Sequence[str], right: Sequence[str], *, top_right: float = 200) -> list[Line]:
    return [
        written(text, x, top + 30 * number)
        for x, top, column in ((80, 260, left), (640, top_right, right))
        for number, text in enumerate(column)
    ]


LEFT = [f"The ferry at the {word} was moored there in" for word in ("ford", "weir", "mill", "quay", "lock", "pond")] * 2
RIGHT = [f"A miller of {word} kept his books upon a" for word in ("Thame", "Ouse", "Nene", "Wye", "Tees", "Exe")] * 2


def test_the_right_column_may_begin_above_the_left_one() -> None:
    markdown = read_lines(two_columns(LEFT, RIGHT), SHEET).markdown
    assert markdown.index(LEFT[-1]) < markdown.index(RIGHT[0])


def test_long_lines_across_the_gutter_of_two_columns_are_no_table() -> None:
    left = [*LEFT[:5], "y = 12 of them, 4", "or 7 from the mouth of the river, 1830", "x = 5 below, 8", *LEFT[5:]]
    right = [
        *RIGHT[:7],
        "in 1831 he sold 14 of his 20 boats",
        "for 8 pounds",
        "and 6 more a year later in 1832",
        *RIGHT[7:],
    ]
    content = read_lines(two_columns(left, right), SHEET)
    assert content.tables == ()
    assert content.markdown.index(LEFT[-1]) < content.markdown.index(RIGHT[0])


def test_a_title_between_two_dots_is_no_list() -> None:
    lines = [written("\u00b7新传说\u00b7", 80, 200), written("\u00b7 新传说集", 80, 500)]
    kinds = [block.kind for block in read_lines(lines, SHEET).blocks]
    assert kinds == ["paragraph", "list"]


def test_a_head_in_brackets_stands_alone() -> None:
    texts = [
        "鸭子把船推到了岸边的柳树下面，所以故选乙。",
        "【第三题答案】",
        "渡口的老人每天清早都在河边上等着那条船",
        "回来。",
    ]
    lines = [written(text, 80, 200 + 30 * number) for number, text in enumerate(texts)]
    assert read_lines(lines, SHEET).markdown.split("\n\n")[:2] == texts[:2]
