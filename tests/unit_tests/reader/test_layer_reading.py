"""What of a text layer is trusted, and what is read beside it: with made pages, without an engine's models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.pages import TextLayer
from langchain_hunyuanocr.pages.ink_lines import InkLine
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.reader.layer_fonts import CheckedFonts, FontSheet, honest_fonts, is_likely_text, sheet_of
from langchain_hunyuanocr.reader.layer_regions import OpenRegion, cut_out, on_page, open_regions, placed
from langchain_hunyuanocr.results import Box, Generation, Line, Route
from tests.unit_tests.readings import page

HEAD = Line(text="Tidewater Mutual", box=Box(0.1, 0.05, 0.5, 0.1), size=0.03)
PICTURE = Box(0.05, 0.3, 0.95, 0.6)


def mixed_page(**layer: Any) -> Any:
    """A typed head over a picture with two lines of ink."""
    image = Image.new("RGB", (800, 1000), "white")
    draw = ImageDraw.Draw(image)
    draw.text((80, 55), "Tidewater Mutual", fill="black", font_size=36)
    for row in range(2):
        draw.text((80, 350 + 80 * row), "words in a picture", fill="black", font_size=32)
    said = TextLayer((HEAD,), good=True, why="good", **{"pictures": (PICTURE,), **layer})
    return page(picture=image, text_layer=said)


def test_a_picture_with_ink_in_lines_is_open() -> None:
    (region,) = open_regions(mixed_page())
    assert len(region.lines) == 2
    assert region.is_small
    assert region.box.y0 < 0.3 < 0.6 < region.box.y1


def test_ink_that_the_layer_has_is_not_open() -> None:
    assert open_regions(mixed_page(pictures=())) == ()
    assert open_regions(mixed_page(pictures=(Box(0, 0, 1, 0.2),))) == ()


def test_much_is_read_as_a_whole_page() -> None:
    (region,) = open_regions(mixed_page(pictures=(Box(0.0, 0.0, 1.0, 1.0),)))
    assert region.box == Box(0, 0, 1, 1)


def test_what_the_layer_says_is_painted_over() -> None:
    made = mixed_page(pictures=(Box(0.0, 0.0, 1.0, 1.0),))
    (cut,) = cut_out(made.picture, open_regions(made), made.text_layer.lines)
    assert np.asarray(cut)[55:95].min() > 200
    assert np.asarray(cut)[350:390].min() < 50
    assert np.asarray(made.picture)[55:95].min() < 50


def test_lines_of_a_region_stand_in_their_place_on_the_page() -> None:
    region = OpenRegion(Box(0.2, 0.4, 0.6, 0.8), ())
    read = [Line(text="here", box=Box(0.5, 0.5, 1.0, 0.75), score=0.9), Line(text="twice", box=Box(0, 0, 0.5, 0.1))]
    moved = on_page(read, region, [Line(text="twice", box=Box(0.2, 0.39, 0.4, 0.45))])
    assert [(line.text, line.box) for line in moved] == [("here", Box(0.4, 0.6, 0.6, 0.7))]


def test_an_answer_without_places_takes_those_of_the_ink() -> None:
    inked = (InkLine(Box(0.1, 0.5, 0.4, 0.52), 9), InkLine(Box(0.1, 0.4, 0.4, 0.42), 9))
    region = OpenRegion(Box(0, 0.3, 1, 0.6), inked)
    assert [(line.text, line.box.y0) for line in placed("one\n\ntwo", region)] == [("one", 0.4), ("two", 0.5)]
    three = placed("one\ntwo\nthree", region)
    assert [line.text for line in three] == ["one", "two", "three"]
    assert three[0].box.y0 == 0.4
    assert three[-1].box.y1 == pytest.approx(0.52)


def test_the_engine_is_asked_about_the_picture_alone() -> None:
    engine = ScriptedEngine([Generation(lines=(Line(text="in a picture", box=Box(0.1, 0.2, 0.5, 0.3), score=0.9),))])
    reading = Reader(engine).read(mixed_page())
    assert (reading.route, engine.requests) == (Route.MIXED, 1)
    assert (
        reading.markdown.split("\n\n") == ["# Tidewater Mutual", "in a picture"] or "in a picture" in reading.markdown
    )
    assert reading.markdown.index("Tidewater") < reading.markdown.index("in a picture")


def test_nothing_read_in_a_picture_leaves_the_layer() -> None:
    assert Reader(ScriptedEngine([Generation()])).read(mixed_page()).route is Route.TEXT_LAYER


def test_an_engine_that_fails_on_the_picture_fails_the_page() -> None:
    reading = Reader(ScriptedEngine([Generation(finish="error", error="out of memory")])).read(mixed_page())
    assert (reading.failed, reading.error) == (True, "out of memory")


def test_notes_and_unseen_text_are_said() -> None:
    layer = TextLayer(
        (HEAD,), good=True, why="good", unseen=0.25, watermarks=(HEAD.model_copy(update={"text": "DRAFT"}),)
    )
    reading = Reader(ScriptedEngine()).read(page(text_layer=layer, notes=("1 attached file was not read: a.csv",)))
    assert reading.unseen_text == 0.25
    assert reading.warnings == (
        "25% of the PDF's own text is not seen on the page and was left out",
        "1 attached file was not read: a.csv",
    )
    assert [(region.kind, region.text) for region in reading.regions] == [("watermark", "DRAFT")]


SAID = ("The board met in the usual hall", "Costs were 1,204 and 87,310 EUR")


def sheet(*fonts: str) -> FontSheet:
    return FontSheet(Image.new("RGB", (9, 9)), SAID, fonts, (0.0, 0.5))


@pytest.mark.parametrize(
    ("shown", "honest"),
    [
        (SAID, {"F": True}),
        (("Tbe board met in the usua1 hall", "Costs were 1,204 and 87,310 EUR"), {"F": True}),
        (("Uif cpbse nfu jo uif vtvbm ibmm", "Dptut xfsf 1,204 boe 87,310 FVS"), {"F": False}),
        (("The board met in the usual hall", "Costs were 5,648 and 21,754 EUR"), {"F": False}),
        (("", ""), {}),
    ],
)
def test_fonts_are_compared_by_letters_and_figures(shown: tuple[str, str], honest: dict[str, bool]) -> None:
    read = [Line(text=text, box=Box(0, 0.1 + 0.5 * n, 1, 0.4 + 0.5 * n), score=0.95) for n, text in enumerate(shown)]
    assert honest_fonts(sheet("F", "F"), [line for line in read if line.text]) == honest


def test_lines_that_nobody_read_for_sure_tell_nothing() -> None:
    read = [Line(text="quite another text than is said", box=Box(0, 0.1, 1, 0.4), score=0.4)]
    assert honest_fonts(sheet("F", "F"), read) == {}


def test_a_sheet_holds_the_lines_that_tell_most() -> None:
    lines = [
        Line(text=text, box=Box(0.1, 0.1 * n, 0.9, 0.1 * n + 0.05)) for n, text in enumerate(("a", *SAID, "שלום"), 1)
    ]
    made = sheet_of(Image.new("RGB", (400, 600), "white"), {"F": lines, "short": lines[:1]})
    assert made is not None
    assert set(SAID) <= set(made.lines)
    assert set(made.fonts) == {"F"}
    assert sheet_of(made.picture, {"short": lines[:1]}) is None


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("The meeting of the supervisory board opened in the usual hall and was quorate with nine members", True),
        ("Die Sitzung des Aufsichtsrates begann wie immer im grossen Saal und war mit neun Stimmen", True),
        ("Uif nffujoh pg uif tvqfswjtpsz cpbse pqfofe jo uif vtvbm ibmm boe xbt rvpsbuf xjui ojof nfncfst", False),
        ("SH-77 XK-12 1,204", True),
    ],
)
def test_how_letters_follow_each_other(text: str, likely: bool) -> None:
    assert is_likely_text([Line(text=text, box=Box(0, 0, 1, 1))]) is likely


def test_fonts_are_remembered_file_by_file() -> None:
    fonts = CheckedFonts()
    fonts.remember("a", {"F": False})
    assert (fonts.known("a"), fonts.known("b")) == ({"F": False}, {})
    for number in range(80):
        fonts.remember(str(number), {"F": True})
    assert fonts.known("a") == {}
