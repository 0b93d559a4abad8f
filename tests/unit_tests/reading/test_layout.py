from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from langchain_hunyuanocr.reading.content import with_merged_cells
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line, Status

PAGE = (1000, 1400)
"""Pixels: the pages below are written with type of 20 px on lines of 28 px."""
BLANK = Image.new("RGB", PAGE, "white")


def line(text: str, x: float, y: float, *, size: float = 20, width: float | None = None, bold: bool = False) -> Line:
    """A line of text whose left end and top are at `x` and `y`."""
    if width is None:
        width = sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text) * size
    box = Box.from_pixels(x, y, x + width, y + size * 0.83, width=PAGE[0], height=PAGE[1])
    return Line(text=text, box=box, bold=bold)


def paragraph(texts: Sequence[str], x: float, y: float, width: float) -> list[Line]:
    """Lines set to one width, the last as long as it is."""
    lines = [line(text, x, y + 28 * n, width=width) for n, text in enumerate(texts[:-1])]
    return [*lines, line(texts[-1], x, y + 28 * (len(texts) - 1))]


LEFT = [
    "The first column of this page tells",
    "of a scanner that stood in a cellar",
    "and read all the letters of a firm",
    "from the year in which it was found-",
    "ed to the day on which it was sold.",
]
RIGHT = [
    "The second column of the page tells",
    "what became of the letters later on",
    "when nobody remembered the scanner",
    "and the cellar had been let to some",
    "people who kept their bicycles there.",
]


def test_no_lines_is_a_blank_page() -> None:
    assert read_lines([], BLANK).status is Status.BLANK
    assert read_lines([line(" ", 10, 10)], None).markdown == ""


def line_with_fractions(n: int, x: float, y: float) -> list[Line]:
    """A line 370 px wide with two fractions somewhere in it, their storeys half a line above and below."""
    first, second = 90 + 31 * (n % 4), 230 + 17 * (n % 3)
    return [
        line(f"so that v{n}", x, y, width=first - 6),
        *(line(top, x + at, y - 14, width=14) for top, at in ((f"{n}", first), ("g", second))),
        *(line(foot, x + at, y + 14, width=14) for foot, at in (("6", first), ("2h", second))),
        line("of x", x + first + 20, y, width=second - first - 26),
        line(f"holds at {n}", x + second + 20, y, width=350 - second),
    ]


def test_columns_whose_lines_hold_fractions_are_read_one_after_the_other() -> None:
    lines: list[Line] = []
    for n in range(9):
        for side, x, y in (("Left", 60, 120 + 84 * n), ("Right", 500, 140 + 84 * n)):
            lines += line_with_fractions(n, x, y)
            lines.append(line(f"{side} sentence {n} goes on for its column", x, y + 42, width=370))
    text = read_lines(lines, BLANK).markdown
    places = [text.index(f"{side} sentence {n}") for side in ("Left", "Right") for n in range(9)]
    assert places == sorted(places)


def test_one_figure_beside_each_long_label_is_a_table_and_no_fraction() -> None:
    lines = [
        piece
        for n in range(10)
        for piece in (
            line(f"Expenses of the branch in street {n}", 80, 120 + 28 * n, width=380),
            line(f"{n + 3}{n}1", 470 + 60, 120 + 28 * n, width=36),
            line(f"{n + 2}{n}7", 650, 120 + 28 * n, width=36),
        )
    ]
    rows = read_lines(lines, BLANK).markdown.splitlines()
    assert all(
        any(f"street {n} " in row and f"{n + 3}{n}1" in row and f"{n + 2}{n}7" in row for row in rows)
        for n in range(10)
    )


def test_two_columns_below_a_heading_are_read_one_after_the_other() -> None:
    lines = [
        line("A heading across both columns", 250, 60, size=36),
        *paragraph(LEFT, 80, 150, 380),
        *paragraph(RIGHT, 520, 150, 400),
    ]
    content = read_lines(list(reversed(lines)), BLANK)
    heading, first, second = content.markdown.split("\n\n")
    assert heading == "## A heading across both columns"
    assert first.startswith("The first column")
    assert first.endswith("was founded to the day on which it was sold.")
    assert second.startswith("The second column")
    assert [read.text for read in content.lines] == ["A heading across both columns", *LEFT, *RIGHT]


def test_columns_that_lean_are_still_columns() -> None:
    lines = []
    for n in range(20):
        lean = 0.4 * n
        lines.append(line(LEFT[n % 5], 80 + lean, 100 + 28 * n, width=400))
        lines.append(line(RIGHT[n % 5], 492 + lean, 100 + 28 * n, width=400))
    read = [found.text for found in read_lines(lines, BLANK).lines]
    assert read == LEFT * 4 + RIGHT * 4


def test_blocks_are_slices_of_the_markdown_with_their_boxes() -> None:
    lines = [
        line("Report", 80, 60, size=40),
        *paragraph(LEFT, 80, 150, 380),
        line("- milk", 80, 400),
        line("- bread", 80, 428),
    ]
    content = read_lines(lines, BLANK)
    assert [block.kind for block in content.blocks] == ["heading", "paragraph", "list"]
    assert [content.markdown[block.start : block.end] for block in content.blocks] == content.markdown.split("\n\n")
    assert content.blocks[0].level == 1
    assert content.blocks[2].box == Box.around(found.box for found in lines[-2:])


def test_chinese_is_joined_without_spaces_and_paragraphs_begin_with_an_indent() -> None:
    rows = [
        "　　甲方应当在本合同签订之日起十",
        "五个工作日内向乙方支付首期款项。",
        "　　乙方收到款项后三日内开具发票",
        "并将设备运抵甲方指定的地点验收。",
    ]
    lines = [line(text.strip("　"), 120 if text.startswith("　") else 80, 100 + 28 * n) for n, text in enumerate(rows)]
    assert read_lines(lines, BLANK).markdown.split("\n\n") == [
        "甲方应当在本合同签订之日起十五个工作日内向乙方支付首期款项。",
        "乙方收到款项后三日内开具发票并将设备运抵甲方指定的地点验收。",
    ]


def test_short_lines_are_not_run_together() -> None:
    lines = [line("Invoice no: 2024-17", 80, 100), line("Date: 3 May 2024", 80, 128), line("Due: 2 June 2024", 80, 156)]
    lines.append(line("This line is a good deal longer than the three above it are.", 80, 300))
    assert read_lines(lines, BLANK).markdown.split("\n\n")[:3] == [
        "Invoice no: 2024-17",
        "Date: 3 May 2024",
        "Due: 2 June 2024",
    ]


def test_a_label_is_read_with_its_value_across() -> None:
    pairs = [("Name:", "Ada Lovelace"), ("City:", "London"), ("Post:", "analyst"), ("Since:", "May 1842")]
    lines = [
        line(text, 80 if n == 0 else 500, 100 + 40 * row)
        for row, pair in enumerate(pairs)
        for n, text in enumerate(pair)
    ]
    markdown = read_lines(lines, BLANK).markdown
    assert [markdown.index(value) for _, value in pairs] == sorted(markdown.index(value) for _, value in pairs)
    assert markdown.index("City:") > markdown.index("Ada Lovelace")


def test_text_that_would_be_markdown_is_escaped() -> None:
    assert read_lines([line("# 5 is the number", 80, 100)], BLANK).markdown == "\\# 5 is the number"


TABLE = [("Item", "Quantity", "Price"), ("Pencils", "12", "3.40"), ("Paper", "5", "21.00"), ("Ink", "2", "18.50")]


def ruled(xs: Sequence[int], ys: Sequence[int], *, without: Sequence[tuple[int, int, int, int]] = ()) -> Image.Image:
    """A page with a grid drawn on it, less some stretches."""
    picture = BLANK.copy()
    draw = ImageDraw.Draw(picture)
    for x in xs:
        draw.line((x, ys[0], x, ys[-1]), fill="black", width=2)
    for y in ys:
        draw.line((xs[0], y, xs[-1], y), fill="black", width=2)
    for stretch in without:
        draw.rectangle(stretch, fill="white")
    return picture


def cells(rows: Sequence[Sequence[str]], xs: Sequence[int], ys: Sequence[int]) -> list[Line]:
    return [line(text, xs[c] + 10, ys[r] + 10) for r, row in enumerate(rows) for c, text in enumerate(row) if text]


def test_a_ruled_table() -> None:
    pytest.importorskip("cv2")
    xs, ys = (80, 400, 600, 800), (200, 250, 300, 350, 400)
    content = read_lines([line("Stock", 80, 100, size=36), *cells(TABLE, xs, ys)], ruled(xs, ys))
    (table,) = content.tables
    assert table.rows == tuple(TABLE)
    assert table.box is not None
    assert table.box == pytest.approx((0.08, 200 / 1400, 0.8, 400 / 1400), abs=0.005)
    block = content.blocks[-1]
    assert content.markdown[block.start : block.end] == table.markdown


def test_merged_cells_of_a_ruled_table() -> None:
    pytest.importorskip("cv2")
    xs, ys = (80, 300, 500, 700), (200, 250, 300, 350)
    rows = [("Region", "Sales", ""), ("", "2023", "2024"), ("North", "1", "2")]
    picture = ruled(xs, ys, without=[(496, 204, 504, 246), (84, 246, 296, 254)])
    (table,) = read_lines(cells(rows, xs, ys), picture).tables
    assert table.rows == (("Region", "Sales", "Sales"), ("Region", "2023", "2024"), ("North", "1", "2"))
    assert table.header_rows == 2
    assert 'rowspan="2">Region' in table.html
    assert 'colspan="2">Sales' in table.html


def test_a_line_across_two_cells_is_parted_at_the_wall() -> None:
    pytest.importorskip("cv2")
    xs, ys = (80, 300, 500), (200, 250, 300, 350)
    lines = cells([("Name", "Town"), ("Ann", "Bath"), ("", "")], xs, ys)
    lines.append(line("Bob Smith Exeter City", 90, 310, width=400))
    (table,) = read_lines(lines, ruled(xs, ys)).tables
    assert table.rows[-1] == ("Bob Smith", "Exeter City")


def test_a_table_without_rules() -> None:
    xs, ys = (80, 400, 600), (200, 240, 280, 320)
    content = read_lines([*paragraph(LEFT, 80, 40, 600), *cells(TABLE, xs, ys)], BLANK)
    (table,) = content.tables
    assert table.rows == tuple(TABLE)
    assert [block.kind for block in content.blocks] == ["paragraph", "table"]


def test_a_header_over_several_columns_without_rules() -> None:
    xs = (80, 400, 500, 640, 740)
    rows = [
        ("Region", "m", "f", "m", "f"),
        ("North", "11", "12", "13", "14"),
        ("South", "21", "22", "23", "24"),
        ("West", "31", "32", "33", "34"),
    ]
    lines = [line("2023", 446, 200), line("2024", 686, 200), *cells(rows, xs, (240, 280, 320, 360))]
    (table,) = read_lines(lines, BLANK).tables
    assert table.rows[0] == ("", "2023", "2023", "2024", "2024")
    assert table.header_rows == 2


def test_columns_of_prose_are_no_table() -> None:
    lines = [*paragraph(LEFT, 80, 150, 380), *paragraph(RIGHT, 520, 150, 400)]
    assert read_lines(lines, BLANK).tables == ()


def test_a_frame_around_text_is_no_table() -> None:
    pytest.importorskip("cv2")
    content = read_lines(paragraph(LEFT, 100, 150, 380), ruled((80, 520), (130, 320)))
    assert content.tables == ()
    assert content.markdown.startswith("The first column")


def test_a_headline_of_large_letters_is_not_cut_into_cells() -> None:
    xs, ys = [100, *range(160, 900, 60), 900], [100, 180, 260]
    lines = [line("Marmalade & Daughters Report", 110, 110, size=60, width=780)]
    lines += [line("Harvest and Full-Season Results", 110, 190, size=60, width=780)]
    content = read_lines(lines, ruled(xs, ys))
    assert content.tables == ()
    assert "Marmalade & Daughters Report" in content.markdown


def test_rules_around_a_whole_table_are_not_its_cells() -> None:
    rows = [["Parish", "Mills", "Ponds"], *([f"Parish {n}", str(11 * n), str(700 + n)] for n in range(1, 8))]
    xs, ys = [80, 400, 640, 900], [100 + 50 * n for n in range(9)]
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    for y in (100, 150, 500):
        draw.line((80, y, 900, y), fill="black", width=2)
    for x in (80, 900):
        draw.line((x, 100, x, 500), fill="black", width=2)
    for x in (400, 640):
        draw.line((x, 100, x, 150), fill="black", width=2)
    (table,) = read_lines(cells(rows, xs, ys), picture).tables
    assert table.rows == tuple(map(tuple, rows))


def test_a_wall_that_was_not_seen_between_heads_of_columns() -> None:
    xs, ys = [80, 300, 520, 740], [100, 150, 200, 250]
    picture = ruled(xs, ys)
    ImageDraw.Draw(picture).rectangle((84, 104, 736, 146), fill="white")
    rows = [["Gauge", "Maker", "Tested"], ["Dial", "Orme", "May"], ["Float", "Pell", "June"]]
    (table,) = read_lines(cells(rows, xs, ys), picture).tables
    assert table.rows == tuple(map(tuple, rows))


def test_labels_with_their_values_are_lines() -> None:
    pairs = [("Subtotal :", "41.20"), ("Tip :", "3.00"), ("To pay :", "44.20"), ("Cash", "50.00"), ("Back", "5.80")]
    lines = [
        line(text, x, 100 + 30 * n) for n, pair in enumerate(pairs) for text, x in zip(pair, (80, 600), strict=True)
    ]
    content = read_lines(lines, BLANK)
    assert content.tables == ()
    assert "Cash 50.00" in content.markdown.split("\n\n")


def test_a_line_that_names_itself_is_no_header() -> None:
    lines = [line("Opened: 4", 80, 100), line("07-03-2031", 400, 100), line("19:05", 700, 100)]
    lines += [line("Waiter: 22 BAR", 80, 130)]
    rows = [("Dish", "Count", "Price"), ("Soup", "2", "9.00"), ("Stew", "1", "14.50"), ("Pear", "3", "6.30")]
    lines += [line(t, x, 160 + 30 * n) for n, row in enumerate(rows) for t, x in zip(row, (80, 400, 700), strict=True)]
    (table,) = read_lines(lines, BLANK).tables
    assert table.rows == tuple(rows)


def test_long_labels_with_short_values_are_a_table() -> None:
    rows = [
        ("Treatment", "Unit", "Price", "Class"),
        ("Examination of the left ear with a small lamp", "each", "15.00", "one"),
        ("Tincture of arnica in a bottle of brown glass", "vial", "0.80", "two"),
        ("Bandage of linen for the wrist and the thumb", "roll", "2.40", "one"),
    ]
    lines = [
        line(t, x, 100 + 30 * n) for n, row in enumerate(rows) for t, x in zip(row, (60, 600, 720, 860), strict=True)
    ]
    (table,) = read_lines(lines, BLANK).tables
    assert table.rows == tuple(rows)


def test_labels_over_their_values_are_a_table_of_two_rows() -> None:
    rows = [("Casks", "Duty paid", "Due"), ("14", "3.50", "17.50")]
    lines = [line(t, x, 200 + 30 * n) for n, row in enumerate(rows) for t, x in zip(row, (80, 400, 700), strict=True)]
    lines += [line(text, 80, 400 + 28 * n) for n, text in enumerate(LEFT)]
    (table,) = read_lines(lines, BLANK).tables
    assert table.rows == tuple(rows)


def test_answers_to_choose_from_are_no_table() -> None:
    rows = [("A. in spring", "B. in summer", "C. in autumn"), ("A. by boat", "B. by cart", "C. on foot")]
    rows += [("A. a goose", "B. a heron", "C. a crane")]
    lines = [line(t, x, 100 + 60 * n) for n, row in enumerate(rows) for t, x in zip(row, (80, 400, 700), strict=True)]
    assert read_lines(lines, BLANK).tables == ()


def test_columns_of_vertical_writing_between_rules_are_no_table() -> None:
    xs, ys = [100, 200, 300, 400, 500], [100, 700, 760]
    lines = [
        Line(
            text="風の音にぞおどろかれぬる",
            box=Box.from_pixels(x + 30, 120, x + 70, 680, width=PAGE[0], height=PAGE[1]),
        )
        for x in xs[:-1]
    ]
    assert read_lines(lines, ruled(xs, ys)).tables == ()


@given(
    st.lists(
        st.tuples(st.text("ab 12$%.,", min_size=1, max_size=24), st.integers(0, 9), st.integers(0, 24)), max_size=60
    ),
    st.sets(st.integers(1, 9), max_size=6),
    st.sets(st.integers(1, 24), max_size=8),
)
@settings(max_examples=10, deadline=None)
def test_no_page_says_much_more_than_its_lines(
    texts: list[tuple[str, int, int]], down: set[int], across: set[int]
) -> None:
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    for x in down:
        draw.line((100 * x - 10, 40, 100 * x - 10, 1300), fill="black", width=2)
    for y in across:
        draw.line((90, 50 * y - 8, 890, 50 * y - 8), fill="black", width=2)
    lines = [line(text, 100 * x, 50 * y) for text, x, y in texts]
    content = with_merged_cells(read_lines(lines, picture), "labels")
    outside = "".join(content.markdown[b.start : b.end] for b in content.blocks if b.kind != "table")
    written = outside + "".join(text for table in content.tables for row in table.rows for text in row)
    assert sum(map(str.isalnum, written)) <= 1.5 * sum(map(str.isalnum, "".join(each.text for each in lines)))


def test_questions_that_are_numbered_are_no_headings_though_some_are_short() -> None:
    lines = [
        line("4. Which of the following substances dissolve", 80, 100),
        line("in cold water and give a clear solution?", 104, 128),
        line("A. Chalk", 100, 156),
        line("B. Table salt", 100, 184),
        line("5. Which group holds only metals", 80, 240),
        line("A. Iron, copper, zinc", 100, 268),
        line("B. Iron, carbon, neon", 100, 296),
    ]
    assert "## " not in read_lines(lines, BLANK).markdown


@pytest.mark.parametrize("blank", ["(    )", "（　）", "______", "____."])
def test_a_line_that_leaves_room_for_an_answer_is_no_heading(blank: str) -> None:
    lines = [
        line(f"1. The capital of Norway is {blank}", 80, 100),
        line("A. Bergen", 100, 128),
        line("B. Oslo", 100, 156),
    ]
    assert "## " not in read_lines(lines, BLANK).markdown


def test_numbered_sections_stay_headings() -> None:
    lines = [
        line("1. Scope", 80, 100),
        *paragraph(LEFT, 80, 140, 380),
        line("2. Method", 80, 320),
        *paragraph(RIGHT, 80, 360, 400),
    ]
    markdown = read_lines(lines, BLANK).markdown
    assert "## 1. Scope" in markdown
    assert "## 2. Method" in markdown


def test_of_numbers_in_a_row_all_are_headings_or_none() -> None:
    """The box of a line varies with what stands in it, such as subscripts: that makes no heading among questions."""
    lines = [
        line("4.在透明的溶液中下列各组离子能大量共存的是", 80, 100),
        line("A. 钙离子", 100, 140),
        line("5. 下列物质的分类完全正确的是", 80, 220, size=23.5),
        line("A. 氧化物", 100, 260),
        line("6.下列物质的除杂试剂或方法正确的是", 80, 340),
        line("A. 溶液", 100, 380),
        line("7. 配制下列溶液的操作可导致浓度偏大的是", 80, 460, size=23.5),
        line("A. 用托盘天平称取", 100, 500),
        *paragraph(LEFT, 80, 700, 380),
    ]
    assert "## " not in read_lines(lines, BLANK).markdown
    # Large type is a heading wherever it stands.
    lines[2] = line("5. 下列物质的分类完全正确的是", 80, 220, size=32)
    assert "## 5. 下列物质的分类完全正确的是" in read_lines(lines, BLANK).markdown
