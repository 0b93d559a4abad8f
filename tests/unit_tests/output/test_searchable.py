"""Where invisible text goes: the way back from the upright picture, and the font that holds the letters."""

from __future__ import annotations

import io
import json
from typing import get_args

import pymupdf
import pytest
from PIL import Image

from langchain_hunyuanocr.output.searchable_pdf.document import SearchablePdf
from langchain_hunyuanocr.output.searchable_pdf.invisible_font import Glyphless, font_program
from langchain_hunyuanocr.output.searchable_pdf.invisible_text import PageTransform
from langchain_hunyuanocr.pages.backends.base import Rendered, Turn
from langchain_hunyuanocr.pages.orientation.upright import _straightened, _turned
from langchain_hunyuanocr.pages.page import TextLayer
from langchain_hunyuanocr.results import Box, Line, Route
from tests.unit_tests.readings import reading


@pytest.mark.parametrize("turn", get_args(Turn))
@pytest.mark.parametrize("skew", [0.0, 3.2, -7.5])
def test_a_place_leads_back_to_where_it_was_before_the_page_was_set_upright(turn: Turn, skew: float) -> None:
    layer = TextLayer((Line(text="x", box=Box(0.2, 0.7, 0.2, 0.7)),))
    upright = _turned(Rendered(Image.new("RGB", (600, 900)), dpi=100, layer=layer), turn)
    if skew:
        upright = _straightened(upright, skew, 10_000_000)
    x, y, _, _ = upright.layer.lines[0].box
    back = PageTransform(300.0, 450.0, upright.rotation)(x, y)
    assert back == pytest.approx((60.0, 315.0), abs=0.5)


def test_letters_get_codes_widths_and_their_way_back() -> None:
    letters = Glyphless(lambda code: 0.51)
    assert letters.empty
    codes, width = letters.encode("a你a𠀀")
    assert codes == b"<0001000200010003>"
    assert width == pytest.approx(0.5 + 1 + 0.5 + 1)
    assert b"<0003> <d840dc00>" in letters.to_unicode
    assert letters.widths == "[1 [500 1000 1000]]"


def test_the_font_can_be_loaded() -> None:
    font = pymupdf.Font(fontbuffer=font_program())
    assert (round(font.ascender, 2), round(font.descender, 2)) == (0.8, -0.2)
    assert font.glyph_count == 21


def test_of_a_mixed_page_only_what_was_read_from_pictures_is_added() -> None:
    own = Line(text="typed", box=Box(0.1, 0.1, 0.4, 0.2), size=0.02)
    read = Line(text="scanned", box=Box(0.1, 0.3, 0.4, 0.4), score=0.9)
    noted = io.StringIO()
    for route in (Route.MIXED, Route.TEXT_LAYER, Route.OCR):
        SearchablePdf(noted).add(reading("typed scanned", route=route, lines=(own, read)))
    added = [[text for text, _ in json.loads(line)["lines"]] for line in noted.getvalue().splitlines()]
    assert added == [["scanned"], [], ["typed", "scanned"]]
