"""The card of a reading: what it says, what it marks, and that nothing of the document gets out of it."""

from __future__ import annotations

import base64
import io
import pickle
import re
from dataclasses import dataclass
from typing import Any

import lxml.html
import pytest
from PIL import Image

from langchain_hunyuanocr.display.overlay import CONFIRMED, DOUBT, LINE, REGION, TABLE, UNCONFIRMED, marks_of
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import PageFailure
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import (
    Block,
    Box,
    Doubt,
    Field,
    FieldState,
    FieldValue,
    Line,
    PageReading,
    Region,
    Span,
    Status,
    Table,
)
from tests.unit_tests.readings import page, reading

EVIL = "<script>alert('x')</script>&\""
BOX = Box(0.1, 0.1, 0.3, 0.2)


@dataclass(frozen=True)
class WhiteView:
    """A page that is white."""

    def picture(self) -> Image.Image:
        return Image.new("RGB", (300, 400), "white")


class GoneView:
    """A page whose file is gone."""

    def picture(self) -> Image.Image:
        raise SourceError("there is no such file", source="scan<1>.pdf", remedy="check the path")


def invoice(**changes: Any) -> PageReading:
    values: dict[str, Any] = {
        "markdown": "# Invoice\n\nTotal 12.00",
        "lines": (Line(text="Total 12.00", box=BOX),),
        "tables": (Table(rows=(("Item", "Price"), ("Tea", "3")), html="", markdown="", box=BOX),),
        "fields": (
            Field(name="total", value="12.00", state=FieldState.CONFIRMED, page=0, box=BOX),
            Field(name="tax", value="2.00", state=FieldState.UNCONFIRMED, page=0, box=BOX),
            Field(name="due", value=None, state=FieldState.MISSING),
        ),
        "doubts": (Doubt(text="12.00", other="72.00", kind="number", box=BOX),),
        "regions": (Region(kind="figure", box=BOX),),
        "agreement": 0.98,
    }
    return reading(**{**values, **changes})


def shown(found: PageReading) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(f"<body>{found._repr_html_()}</body>")


def cells(root: lxml.html.HtmlElement, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    (table,) = root.xpath(f"//h4[.='{heading}']/following-sibling::*[1]//table")
    return [[cell.text_content() for cell in row.xpath("./th|./td")] for row in table.iter("tr")]


def test_it_says_what_was_read() -> None:
    root = shown(invoice(rotation=90.0, page_label="iv"))
    words = root.text_content()
    assert "scan.pdf, page 1 of 1 (iv)" in words
    assert "status: ok · agreement: 98.0% confirmed by a second reader · route: ocr" in words
    assert "turned by 90°" in words
    assert cells(root, "Table 1") == [["Item", "Price"], ["Tea", "3"]]
    assert root.xpath("//h4[.='Markdown']/following-sibling::*[1]/pre")[0].text == "# Invoice\n\nTotal 12.00"


def test_states_are_words_and_not_colours_alone() -> None:
    assert cells(shown(invoice()), "Fields") == [
        ["field", "value", "state"],
        ["total", "12.00", "✓ confirmed"],
        ["tax", "2.00", "? unconfirmed"],
        ["due", "", "– missing"],
    ]


def test_a_field_shows_its_form_and_what_else_was_found() -> None:
    total = Field(
        name="total",
        value="1.200,00 €",
        normalised="1200.00",
        state=FieldState.CONFIRMED,
        page=2,
        others=(FieldValue(value="1.300,00 €", page=4), FieldValue(value="1.400,00 €")),
    )
    ((_, row),) = [cells(shown(invoice(fields=(total,))), "Fields")]
    assert row[1] == "1.200,00 €= 1200.00on page 3elsewhere: 1.300,00 € on page 5elsewhere: 1.400,00 €"


def test_doubts_show_both_readings() -> None:
    doubts = (Doubt(text="12.00", other="72.00", kind="number"), Doubt(text="", other="seen by one", kind="line"))
    assert cells(shown(invoice(doubts=doubts)), "Doubts")[1:] == [
        ["number", "12.00", "72.00"],
        ["line", "nothing", "seen by one"],
    ]


def test_merged_cells_are_merged() -> None:
    rows = (("A", "A", "B"), ("A", "A", "C"), ("D", "E", "F"))
    table = Table(rows=rows, spans=(Span(0, 0, 2, 2), Span(2, 2, 900, 900)), html="", markdown="", pages=(0, 1))
    root = shown(invoice(tables=(table,)))
    assert cells(root, "Table 1") == [["A", "B"], ["C"], ["D", "E", "F"]]
    assert [(cell.text, dict(cell.attrib)) for cell in root.xpath("//*[@rowspan]")] == [
        ("A", {"rowspan": "2", "colspan": "2"})
    ]
    assert "goes on over pages 1, 2" in root.text_content()


def test_nothing_of_the_document_gets_out() -> None:
    evil = Table(rows=((EVIL,),), html="<img src=x onerror=alert(1)>", markdown="", caption=EVIL)
    found = invoice(
        source=EVIL,
        file_name=EVIL,
        page_label=EVIL,
        model=EVIL,
        status=Status.FAILED,
        error=EVIL,
        markdown=EVIL,
        translation=EVIL,
        tables=(evil,),
        fields=(
            Field(
                name=EVIL,
                value=EVIL,
                normalised=EVIL + ".",
                state=FieldState.CONFIRMED,
                others=(FieldValue(value=EVIL),),
            ),
        ),
        doubts=(Doubt(text=EVIL, other=EVIL, box=BOX),),
    )
    for card in (found._repr_html_(), found.seen_by(WhiteView())._repr_html_()):
        root = lxml.html.fromstring(card)
        assert not root.xpath("//script|//*[@onerror]")
        assert "alert('x')" not in card  # the quotes are escaped as well
        assert root.text_content().count(EVIL) >= 10


def test_the_picture_stands_in_the_card() -> None:
    card = invoice().seen_by(WhiteView())._repr_html_()
    encoded = re.search(r'src="data:image/jpeg;base64,([^"]+)"', card)
    assert encoded is not None
    with Image.open(io.BytesIO(base64.b64decode(encoded[1]))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (300, 400))
        assert len(picture.getcolors(1 << 20) or ()) > 50  # it is drawn on
    assert "src=" not in card.replace('src="data:', "")


@pytest.mark.parametrize(("view", "why"), [(None, "read the file again"), (GoneView(), "there is no such file")])
def test_without_its_page_it_shows_the_rest_and_says_why(view: GoneView | None, why: str) -> None:
    root = shown(invoice().seen_by(view))
    assert not root.xpath("//img")
    assert why in root.xpath("//*[@class='hocr-page']")[0].text_content()
    assert cells(root, "Fields")[1] == ["total", "12.00", "✓ confirmed"]
    with pytest.raises(SourceError, match=why):
        invoice().seen_by(view).show()


def test_a_blank_page_and_a_failed_one_have_cards_too() -> None:
    assert "status: blank" in shown(reading(status=Status.BLANK)).text_content()
    failed = shown(reading(status=Status.FAILED, error="the page is torn"))
    assert "the page is torn" in failed.text_content()
    assert not failed.xpath("//table|//pre")


def test_each_kind_of_thing_has_its_colour() -> None:
    marks = list(marks_of(invoice().model_dump(), lines=True, tables=True, fields=True, doubts=True, regions=True))
    assert [(mark.colour, mark.label, mark.dashed) for mark in marks] == [
        (LINE, "", False),
        (REGION, "figure", False),
        (TABLE, "table 1", False),
        (CONFIRMED, "total", False),
        (UNCONFIRMED, "tax: unconfirmed", True),
        (DOUBT, "12.00 ≠ 72.00", False),
    ]
    assert {tuple(mark.box) for mark in marks} == {BOX}


@pytest.mark.parametrize("kind", ["lines", "tables", "fields", "doubts", "regions"])
def test_what_is_not_wanted_is_not_drawn(kind: str) -> None:
    found = invoice().seen_by(WhiteView())
    nothing = dict.fromkeys(("lines", "tables", "fields", "doubts", "regions"), False)
    plain = found.show(**nothing)  # type: ignore[arg-type]
    assert plain.tobytes() == WhiteView().picture().tobytes()
    assert found.show(**{**nothing, kind: True}).tobytes() != plain.tobytes()  # type: ignore[arg-type]


def test_what_stands_elsewhere_or_nowhere_is_not_marked() -> None:
    table = invoice().tables[0]
    found = invoice(
        page=3,
        lines=(),
        regions=(Region(kind="figure"),),
        blocks=(Block(kind="paragraph", start=0, end=4, box=BOX), Block(kind="formula", start=5, end=9, box=BOX)),
        tables=(table.model_copy(update={"pages": (2, 3)}), table.model_copy(update={"box": None})),
        doubts=(Doubt(text="a", other="b"),),
    )
    marks = marks_of(found.model_dump(), lines=True, tables=True, fields=True, doubts=True, regions=True)
    assert [mark.label for mark in marks] == ["formula"]


class TestView:
    def test_readings_that_say_the_same_are_equal_and_survive_json_and_pickle(self) -> None:
        found = invoice()
        seen = found.seen_by(WhiteView())
        assert seen == found
        assert hash(seen) == hash(found)
        assert seen != invoice(page=1)
        assert PageReading.model_validate_json(seen.model_dump_json()) == seen
        assert "view" not in seen.model_dump_json()
        copy = pickle.loads(pickle.dumps(seen))
        assert copy == seen
        assert copy.picture().size == (300, 400)
        assert seen.model_copy(update={"page": 1}).picture().size == (300, 400)

    def test_the_reader_hands_it_on(self) -> None:
        pages = [page(view=WhiteView()), page(view=WhiteView(), blank=True), page(view=WhiteView(), text="own text")]
        engine = ScriptedEngine("text", faults={1: "out of memory"})
        for found in Reader(engine).read_all([*pages, page(view=WhiteView())]):
            assert found.picture().size == (300, 400)

    def test_a_page_that_could_not_be_rendered_has_none(self) -> None:
        torn = PageFailure("scan.pdf", "scan.pdf", "0" * 64, 0, 1, PageError("cannot be rendered"))
        found = Reader(ScriptedEngine("")).read(torn)
        assert "cannot be rendered" in found._repr_html_()
        with pytest.raises(SourceError, match="does not hold where its file lies"):
            found.picture()
