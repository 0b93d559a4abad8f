"""Pages of which a part is typed and a part is a picture, and fonts that lie: real files, read with RapidOCR."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.pages import Source, iter_pages
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.results import PageReading, Route

LETTER = (
    "Dear Ms Adeyemi,",
    "your claim 88-1042 was received on 9 October.",
    "We shall pay 2,480.75 EUR to your account.",
    "Please keep the receipts of the plumber.",
    "Should the damp come back, write to us again.",
    "Yours sincerely, Piet van der Meulen",
)
ROWS = (("Depot", "Lorries", "Diesel"), ("Marsh End", "14", "31,902"), ("Hilltop", "9", "18,440"))
SHEETS = (
    "Minutes of the allotment society",
    "The fence was mended for 318 EUR by members.",
    "The next fair is in August.",
)


def drawn(lines: Sequence[str], size: tuple[int, int] = (1400, 620)) -> bytes:
    """Lines as the picture of a scanner."""
    image = Image.new("L", size, 246)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((70, 50 + 90 * row), line, fill=30, font_size=40)
    return _png(image)


def drawn_table() -> bytes:
    image = Image.new("L", (1200, 3 * 80 + 40), 255)
    draw = ImageDraw.Draw(image)
    for row, cells in enumerate(ROWS):
        for column, cell in enumerate(cells):
            place = (20 + 380 * column, 20 + 80 * row, 400 + 380 * column, 100 + 80 * row)
            draw.rectangle(place, outline=0, width=2)
            draw.text((place[0] + 20, place[1] + 18), cell, fill=0, font_size=36)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def read(document: pymupdf.Document, folder: Path, engine: object = "rapid", **settings: object) -> PageReading:
    document.save(folder / "x.pdf")
    reader = Reader(engine, ReadSettings(task="document", **settings))  # type: ignore[arg-type]
    return reader.read(next(iter(iter_pages(Source.of(folder / "x.pdf")))))


@pytest.fixture
def letter() -> pymupdf.Document:
    """A typed letterhead and footer with a scanned letter between."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 50), "Tidewater Mutual Insurance", fontsize=15)
    page.insert_text((60, 68), "4 Quay Street, Whitby - claims@tidewater.example", fontsize=8)
    page.insert_image(pymupdf.Rect(40, 100, 555, 330), stream=drawn(LETTER), keep_proportion=False)
    page.insert_text((60, 800), "Registered office 4 Quay Street. Company number 5550017.", fontsize=8)
    return document


class TestWithRapidOCR:
    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("rapidocr")

    def test_a_scanned_letter_under_a_typed_head(self, letter: pymupdf.Document, tmp_path: Path) -> None:
        reading = read(letter, tmp_path)
        assert (reading.route, reading.engine) == (Route.MIXED, "rapid")
        text = " ".join(reading.markdown.split())
        places = [text.find(part) for part in ("Tidewater Mutual", "Dear Ms Adeyemi", "88-1042", "2,480.75", "5550017")]
        assert -1 not in places
        assert places == sorted(places)
        assert text.count("Tidewater Mutual") == 1

    def test_a_pasted_table(self, tmp_path: Path) -> None:
        document = pymupdf.open()
        page = document.new_page()
        page.insert_text((60, 60), "Fleet report", fontsize=16)
        page.insert_text((60, 90), "The lorries of both depots were serviced in spring.", fontsize=11)
        page.insert_image(pymupdf.Rect(60, 110, 500, 210), stream=drawn_table(), keep_proportion=False)
        page.insert_text((60, 240), "Two lorries will be sold next year.", fontsize=11)
        reading = read(document, tmp_path)
        assert reading.route is Route.MIXED
        assert reading.tables[0].rows == ROWS
        assert reading.markdown.index("serviced") < reading.markdown.index("Hilltop") < reading.markdown.index("sold")

    def test_words_drawn_as_curves(self, tmp_path: Path) -> None:
        document = pymupdf.open()
        page = document.new_page()
        page.insert_text((60, 60), "The words below are outlines of letters.", fontsize=11)
        shown = pymupdf.open()
        shown.new_page(width=400, height=60).insert_text((10, 40), "Harbour dues 734.60", fontsize=24)
        svg = shown[0].get_svg_image(text_as_path=True)
        outlines = pymupdf.open("pdf", pymupdf.open("svg", svg.encode()).convert_to_pdf())
        page.show_pdf_page(pymupdf.Rect(60, 100, 460, 160), outlines, 0)
        reading = read(document, tmp_path)
        assert reading.route is Route.MIXED
        assert "734.60" in reading.markdown

    def test_a_photograph_without_words_changes_nothing(self, tmp_path: Path) -> None:
        document = pymupdf.open()
        page = document.new_page()
        page.insert_text((60, 60), "A page with a picture that says nothing.", fontsize=11)
        blobs = Image.radial_gradient("L").resize((500, 300))
        page.insert_image(pymupdf.Rect(60, 100, 300, 250), stream=_png(blobs))
        reading = read(document, tmp_path)
        assert (reading.route, reading.markdown) == (Route.TEXT_LAYER, "A page with a picture that says nothing.")

    @pytest.mark.parametrize("lies", ["letters", "figures"])
    def test_fonts_that_lie_are_not_trusted(self, lies: str, tmp_path: Path) -> None:
        reading = read(_lying(lies), tmp_path)
        assert reading.route is Route.OCR
        for part in ("allotment society", "318 EUR", "August"):
            assert part in reading.markdown

    def test_fonts_that_tell_the_truth_are_trusted(self, tmp_path: Path) -> None:
        assert read(_lying("nothing"), tmp_path).route is Route.TEXT_LAYER


class TestWithALanguageModel:
    def test_it_reads_the_page_where_a_picture_says_much(self, letter: pymupdf.Document, tmp_path: Path) -> None:
        engine = ScriptedEngine("# The whole page", prompted=True)
        reading = read(letter, tmp_path, engine, verify="off")
        assert (reading.route, reading.markdown) == (Route.OCR, "# The whole page")

    def test_it_is_asked_about_a_picture_that_says_little(self, tmp_path: Path) -> None:
        document = pymupdf.open()
        page = document.new_page()
        page.insert_text((60, 60), "A typed page under the sign of its house.", fontsize=11)
        page.insert_image(pymupdf.Rect(300, 700, 500, 790), stream=drawn(["Heron & Daughters"], (900, 180)))
        reading = read(document, tmp_path, ScriptedEngine("Heron & Daughters", prompted=True), verify="off")
        assert reading.route is Route.MIXED
        assert reading.markdown.split("\n\n") == ["A typed page under the sign of its house.", "Heron & Daughters"]

    def test_a_font_that_moves_the_alphabet_is_found_without_a_second_reader(self, tmp_path: Path) -> None:
        reading = read(_lying("letters"), tmp_path, ScriptedEngine("Minutes", prompted=True), verify="off")
        assert (reading.route, reading.markdown) == (Route.OCR, "Minutes")


def _lying(what: str) -> pymupdf.Document:
    """A typed page whose font says other letters, or other figures, than it shows."""
    lines = (*SHEETS, "Seeds cost 45.20 EUR, tools 1,906.35 EUR, water 87 EUR.")
    font = pymupdf.Font("tiro")
    document = pymupdf.open()
    page = document.new_page()
    page.insert_font(fontname="F0", fontbuffer=font.buffer)
    for row, line in enumerate(lines):
        page.insert_text((60, 80 + 30 * row), line, fontname="F0", fontsize=12)
    shown = sorted(set("".join(lines)))
    pairs = "".join(f"<{font.has_glyph(ord(c)):04x}> <{ord(_said(c, what)):04x}>\n" for c in shown)
    for xref in range(1, document.xref_length()):
        if document.xref_get_key(xref, "ToUnicode")[0] == "xref":
            table = int(document.xref_get_key(xref, "ToUnicode")[1].split()[0])
            document.update_stream(table, (_CMAP % (len(shown), pairs)).encode())
    return document


_CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
%d beginbfchar
%sendbfchar endcmap CMapName currentdict /CMap defineresource pop end end"""


def _said(character: str, what: str) -> str:
    if what == "letters" and character.isalpha():
        return chr((ord(character.lower()) - ord("a") + 3) % 26 + ord("a"))
    if what == "figures" and character.isdigit():
        return str((int(character) + 4) % 10)
    return character
