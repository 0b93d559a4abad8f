"""Text that does not run from left to right: where it is read, and that it leads back to its place on the page."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.reading.layout.turned_text import turned_parts
from langchain_hunyuanocr.results import Box, Line, Status

PAGE = Image.new("RGB", (1000, 1400), "white")


def column(text: str, x: int, y: int, size: int = 40) -> Line:
    """A vertical line that begins at a place in pixels of the page."""
    box = Box.from_pixels(x, y, x + size, y + size * len(text), width=1000, height=1400)
    return Line(text=text, box=box)


def level(text: str, x: int, y: int, size: int = 30) -> Line:
    box = Box.from_pixels(x, y, x + 0.55 * size * len(text), y + size, width=1000, height=1400)
    return Line(text=text, box=box)


def test_vertical_columns_are_read_from_the_right() -> None:
    lines = [
        column("夜は静かに更けてゆく", 300, 200),
        column("山の向こうに月が出た", 440, 200),
        column("秋の便り", 580, 200),
    ]
    markdown = read_lines(lines, PAGE).markdown
    assert "".join(markdown.split()) == "秋の便り山の向こうに月が出た夜は静かに更けてゆく"


def test_tiers_of_columns_are_read_from_the_top() -> None:
    upper = [
        "他在河边走了很久才回家去",
        "路上遇见一位卖花的老人家",
        "两个人谈起了从前的旧事情",
        "不知不觉天色就暗了下来了",
    ]
    lower = [
        "第二天他又来到这座小桥边",
        "老人却没有再来卖他的花了",
        "只有桥下的水还在静静地流",
        "他站了一会儿便独自走开了",
    ]
    lines = [
        column(text, 800 - 70 * row, top) for top, tier in ((150, upper), (760, lower)) for row, text in enumerate(tier)
    ]
    assert "".join(read_lines(lines[::-1], PAGE).markdown.split()) == "".join([*upper, *lower])


def test_a_level_headline_comes_before_its_columns_and_a_page_number_after() -> None:
    lines = [
        level("- 31 -", 480, 1330),
        column("桜が満開になりました", 500, 300),
        column("公園は人でいっぱいです", 570, 300),
        level("春の町だより", 300, 100, 60),
    ]
    markdown = read_lines(lines, PAGE).markdown
    places = [markdown.find(text) for text in ("春の町だより", "公園は人で", "桜が満開", "31")]
    assert places == sorted(places)
    assert -1 not in places


def test_a_single_column_is_a_label_and_stays_in_the_flow() -> None:
    lines = [column("備考欄", 100, 300), level("No remarks were made", 200, 320)]
    assert turned_parts(lines, PAGE) == (lines, [])


def test_labels_on_their_side_stay_in_a_ruled_table_of_level_text() -> None:
    page = PAGE.copy()
    for x in (100, 200, 300, 600, 900):
        ImageDraw.Draw(page).line((x, 100, x, 700), fill="black", width=3)
    for y in (100, 400, 700):
        ImageDraw.Draw(page).line((100, y, 900, y), fill="black", width=3)
    labels = [column("申请人情况", 130, 140), column("单位的意见", 230, 140), column("家庭的情况", 130, 440)]
    texts = [level("Mei Lin, born 1990", 330, 200), level("Agreed on 4 May", 630, 200), level("Two children", 330, 500)]
    found, parts = turned_parts([*labels, *texts], page)
    assert parts == []
    assert len(found) == 6


@pytest.mark.parametrize("turn", [90, 270])
def test_a_turned_table_is_read_along_its_rows_and_keeps_its_place(turn: int) -> None:
    cells = [("Pump", "Load"), ("A1", "12.5"), ("A2", "30.1"), ("A3", "7.75")]
    table = Image.new("RGB", (420, 322), "white")
    upright = []
    for row, texts in enumerate(cells):
        for part, text in enumerate(texts):
            left, top = 10 + 200 * part, 1 + 80 * row
            ImageDraw.Draw(table).rectangle((left, top, left + 200, top + 80), outline="black", width=2)
            upright.append((text, (left + 20, top + 25, left + 20 + 18 * len(text), top + 55)))
    back = 360 - turn
    turned = table.rotate(-back, expand=True)
    page = PAGE.copy()
    page.paste(turned, (300, 500))
    lines = [level("Pumps in the lower hall", 100, 100), level("Read on 8 July", 100, 1200)]
    for text, edges in upright:
        box = Box.from_pixels(*edges, width=420, height=322).turned(back)
        place = Box.from_pixels(
            300 + box.x0 * turned.width,
            500 + box.y0 * turned.height,
            300 + box.x1 * turned.width,
            500 + box.y1 * turned.height,
            width=1000,
            height=1400,
        )
        lines.append(Line(text=text, box=place, turn=turn))
    content = read_lines(lines, page)
    (found,) = content.tables
    assert found.rows == tuple(cells)
    assert found.box is not None
    assert list(found.box) == pytest.approx([0.3, 510 / 1400, 0.62, 910 / 1400], abs=0.02)
    places = {line.text: line.box for line in lines}
    for line in content.lines:
        assert list(line.box) == pytest.approx(list(places.pop(line.text)), abs=0.001)
    assert not places
    assert [block.kind for block in content.blocks] == ["paragraph", "table", "paragraph"]


def test_a_page_of_turned_lines_alone_is_not_blank() -> None:
    assert read_lines([column("山の上", 300, 200), column("海の底", 400, 200)], PAGE).status is Status.OK
    assert read_lines([], PAGE).status is Status.BLANK


@pytest.mark.parametrize(
    ("turn", "edges"), [(0, (0.1, 0.2, 0.4, 0.3)), (90, (0.7, 0.1, 0.8, 0.4)), (270, (0.2, 0.6, 0.3, 0.9))]
)
def test_a_box_turns_with_its_picture(turn: int, edges: tuple[float, ...]) -> None:
    assert Box(0.1, 0.2, 0.4, 0.3).turned(turn) == edges
