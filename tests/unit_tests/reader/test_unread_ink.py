from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.reader.unread_ink import find_unread
from langchain_hunyuanocr.results import Box, Generation, Line, Status
from tests.unit_tests.readings import page

SIZE = (800, 1000)


class Sheet:
    """A page with words on it, and where they stand."""

    def __init__(self) -> None:
        self.picture = Image.new("RGB", SIZE, "white")
        self.draw = ImageDraw.Draw(self.picture)

    def write(self, text: str, x: int, y: int, size: int = 22) -> Box:
        font = ImageFont.load_default(size)
        self.draw.text((x, y), text, fill="black", font=font)
        left, top, right, bottom = self.draw.textbbox((x, y), text, font=font)
        return Box.from_pixels(left, top, right, bottom, width=SIZE[0], height=SIZE[1])


def covered(box: Box, by: Sequence[Box | None]) -> float:
    """Share of the width of a box that others in its row cover."""
    beside = [other for other in by if other is not None and other.y0 < (box.y0 + box.y1) / 2 < other.y1]
    return sum(max(0.0, min(box.x1, other.x1) - max(box.x0, other.x0)) for other in beside) / box.width


def test_a_page_that_was_read_has_no_unread_ink() -> None:
    sheet = Sheet()
    lines = [Line(text=text, box=sheet.write(text, 80, 80 + 50 * n)) for n, text in enumerate(["One line", "Another"])]
    assert find_unread(sheet.picture, lines).doubts == ()


def test_a_line_that_nobody_read_is_told_with_its_place() -> None:
    sheet = Sheet()
    read = Line(text="Read as it is", box=sheet.write("Read as it is", 80, 80))
    missed = sheet.write("Overlooked words", 300, 600)
    found = find_unread(sheet.picture, [read])
    (doubt,) = found.doubts
    assert (doubt.kind, doubt.text, doubt.other) == ("unread", "", None)
    assert doubt.box is not None
    assert doubt.box == pytest.approx(missed, abs=0.01)
    assert not found.most


def test_the_rest_of_a_line_is_told_where_its_beginning_was_read() -> None:
    sheet = Sheet()
    begin = sheet.write("Invoice", 80, 80)
    rest = sheet.write("and what follows it", 190, 80)
    (doubt,) = find_unread(sheet.picture, [Line(text="Invoice", box=begin)]).doubts
    assert covered(rest, [doubt.box]) > 0.9


def test_a_line_that_was_read_very_unsurely_is_told_with_what_was_read() -> None:
    sheet = Sheet()
    lines = [
        Line(text=f"A clear line {n}", box=sheet.write(f"A clear line {n}", 80, 300 + n), score=0.99) for n in (0, 60)
    ]
    wrong = Line(text="n1vn m2 .n9n1", box=sheet.write("Qoph resh shin", 80, 80), score=0.62)
    (doubt,) = find_unread(sheet.picture, [wrong, *lines]).doubts
    assert (doubt.kind, doubt.text, doubt.box) == ("unread", wrong.text, wrong.box)


def test_where_most_lines_are_unsure_all_these_are_told() -> None:
    sheet = Sheet()
    lines = [
        Line(text="σμβαη πγρφη", box=sheet.write("Symvasi ypegrafi", 80, 80 + 60 * n), score=0.86) for n in range(4)
    ]
    found = find_unread(sheet.picture, lines)
    assert [doubt.text for doubt in found.doubts] == ["σμβαη πγρφη"] * 4
    assert not found.most


def test_what_the_detector_does_not_see_as_a_line_is_a_picture() -> None:
    sheet = Sheet()
    box = sheet.write("Looks like text", 80, 80)
    assert find_unread(sheet.picture, [], found=[]).doubts == ()
    assert len(find_unread(sheet.picture, [], found=[box]).doubts) == 1


@pytest.mark.parametrize("sign", ["-----------------", ". . . . . . . . . .", "================="])
def test_rows_of_signs_are_no_text(sign: str) -> None:
    sheet = Sheet()
    read = Line(text="Total", box=sheet.write("Total", 80, 80))
    sheet.write(sign, 80, 300)
    assert find_unread(sheet.picture, [read]).doubts == ()


@pytest.mark.parametrize("count", [5, 9])
def test_an_ornament_over_and_over_is_no_text_and_different_letters_are(count: int) -> None:
    sheet = Sheet()
    for number in range(count):
        x = 200 + 24 * number
        sheet.draw.polygon([(x, 312), (x + 14, 312), (x + 7, 300)], fill="black")
        sheet.draw.line((x + 7, 306, x + 7, 318), fill="black", width=2)
    word = sheet.write("wheelwright"[:count], 80, 500)
    (doubt,) = find_unread(sheet.picture, []).doubts
    assert covered(word, [doubt.box]) > 0.9


def test_a_torn_edge_is_no_text() -> None:
    sheet = Sheet()
    for x, high in zip(range(120, 600, 22), [9, 12, 7, 14, 10, 8] * 4, strict=False):
        sheet.draw.polygon([(x, 1000), (x + 16, 1000), (x + 7, 1000 - high)], fill="black")
    assert find_unread(sheet.picture, [Line(text="Total", box=sheet.write("Total", 80, 80))]).doubts == ()


@pytest.mark.parametrize("text", ["\u30cb\u30cb=\u30cb\u30cb", "\u4e00\u4e00\u4e00\u4e00", "-=-=-"])
def test_dashes_that_were_read_as_characters_are_no_unread_text(text: str) -> None:
    sheet = Sheet()
    read = Line(text="Total", box=sheet.write("Total", 80, 80))
    dashes = Line(text=text, box=sheet.write("=============", 80, 300), score=0.6)
    assert find_unread(sheet.picture, [read, dashes]).doubts == ()


def test_a_barcode_is_no_text() -> None:
    sheet = Sheet()
    for number in range(40):
        sheet.draw.rectangle((100 + 9 * number, 200, 100 + 9 * number + number % 4, 260), fill="black")
    assert find_unread(sheet.picture, []).doubts == ()


def test_tight_lines_are_seen_as_well() -> None:
    sheet = Sheet()
    boxes = [sheet.write("Tightly set gypsy type", 80, 80 + 25 * n) for n in range(4)]
    found = find_unread(sheet.picture, [])
    assert all(covered(box, [doubt.box for doubt in found.doubts]) > 0.9 for box in boxes)
    assert found.most


def test_a_page_of_which_most_was_not_read_fails_and_keeps_what_was_read() -> None:
    sheet = Sheet()
    for number in range(5):
        sheet.write("Words of another script", 80, 200 + 60 * number)
    line = Line(text="2024", box=sheet.write("2024", 80, 80), score=0.97)
    answer = Generation(lines=(line,), found=(Box(0.0, 0.0, 1.0, 1.0),))
    reading = Reader(ScriptedEngine(answer)).read(page(picture=sheet.picture, dpi=200))
    assert reading.status is Status.FAILED
    assert reading.error is not None
    assert "most of the text on the page is illegible to scripted" in reading.error
    assert "--language" in reading.error
    assert (reading.lines, reading.markdown) == ((line,), "")
    assert [doubt.kind for doubt in reading.doubts] == ["unread"] * 5


def test_a_page_with_one_unread_line_is_read_and_tells_it() -> None:
    sheet = Sheet()
    lines = tuple(
        Line(text=f"Clause {n} of the lease", box=sheet.write(f"Clause {n} of the lease", 80, 80 + 60 * n), score=0.98)
        for n in range(5)
    )
    sheet.write("In some other script", 80, 700)
    reading = Reader(ScriptedEngine(Generation(lines=lines))).read(page(picture=sheet.picture, dpi=200))
    assert reading.status is Status.OK
    assert [doubt.kind for doubt in reading.doubts] == ["unread"]


_PLACES = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(16, 34),
        st.text("abdeghkmnopqrsuwxyzABDEGHKMNRS23456789", min_size=4, max_size=20),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda place: place[0],
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(places=_PLACES, read=st.sets(st.integers(0, 9)), data=st.data())
def test_all_ink_is_accounted_for(places: list[tuple[int, int, str]], read: set[int], data: st.DataObject) -> None:
    sheet = Sheet()
    lines, missed = [], []
    for row, size, text in places:
        box = sheet.write(text, data.draw(st.integers(40, 250)), 40 + 95 * row, size)
        if row in read:
            lines.append(Line(text=text, box=box, score=0.97))
        else:
            missed.append(box)
    found = find_unread(sheet.picture, lines)
    told = [doubt.box for doubt in found.doubts]
    assert all(covered(box, told) > 0.7 for box in missed)
    assert not any(covered(line.box, told) > 0.3 for line in lines)
