"""Searchable PDFs: text in its place, on real scans read by RapidOCR and on drawn pages that are turned."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output import Format, write_readings
from langchain_hunyuanocr.output.searchable_pdf.invisible_text import PageTransform
from langchain_hunyuanocr.pages import PageSettings, Source, sha256_of
from langchain_hunyuanocr.pages.rendering import walk_pages
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.results import Box, Line, PageReading
from tests.integration_tests.files import picture, scanned_pdf, typed_pdf
from tests.unit_tests.readings import reading

TOLERANCE = 1.5
"""Points that a word may reach over the box of its line."""


def made(path: Path, out: Path, settings: PageSettings | None = None) -> list[PageReading]:
    """Read a file by RapidOCR and write its PDF."""
    source = Source.of(path)
    settings = settings or PageSettings()
    with write_readings(out, Format.PDF, source, settings) as write:
        readings = []
        for thing in Reader("rapid", ReadSettings(task="text")).read_walk(walk_pages([source], settings)):
            if isinstance(thing, PageReading):
                write(thing)
                readings.append(thing)
    return readings


def assert_in_place(page: pymupdf.Page, read: PageReading) -> None:
    """Every word of every line is found within its line's box, and the text is that of the lines."""
    place = PageTransform(page.rect.width, page.rect.height, read.rotation)
    words = [(word[4], pymupdf.Rect(word[:4]) * page.rotation_matrix) for word in page.get_text("words")]
    for line in read.lines:
        x0, y0, x1, y1 = line.box
        across, down = zip(*(place(x, y) for x in (x0, x1) for y in (y0, y1)), strict=True)
        edge = pymupdf.Rect(-TOLERANCE, -TOLERANCE, TOLERANCE, TOLERANCE)
        box = pymupdf.Rect(min(across), min(down), max(across), max(down)) + edge
        for word in line.text.split():
            assert any(text == word and rect in box for text, rect in words), (word, box)
    # Lines are written in reading order; `sort` off, they come back in it.
    found = "".join(page.get_text("text").split())
    assert found == "".join("".join(line.text.split()) for line in read.lines)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["ocrmypdf/rotated_skew.pdf", "ocrmypdf/skew.pdf", "mdpbench/zh_slide_45.jpg"])
def test_words_of_a_real_scan_are_found_in_their_places(corpus: Path, tmp_path: Path, name: str) -> None:
    path, out = corpus / name, tmp_path / "out.pdf"
    (read,) = made(path, out)
    assert len(read.lines) > 40
    with pymupdf.open(out) as document:
        assert_in_place(document[0], read)
        if path.suffix == ".pdf":
            with pymupdf.open(path) as before:
                assert document[0].rect == before[0].rect
                shown, was = document[0].get_pixmap(dpi=60), before[0].get_pixmap(dpi=60)
                assert shown.samples == was.samples
    assert out.stat().st_size < path.stat().st_size * 1.1 + 2000


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_picture_keeps_its_bytes_and_its_size(tmp_path: Path, turn: int) -> None:
    text = "Invoice No: INV-2041\nTotal due: 96.50\nPlease pay within thirty days\nThank you for your order"
    path, out = tmp_path / "scan.jpg", tmp_path / "scan.pdf"
    picture(text).rotate(-turn, expand=True).save(path, dpi=(100, 100), quality=90)
    (read,) = made(path, out)
    assert [line.text for line in read.lines] == text.split("\n")
    with pymupdf.open(out) as document:
        page = document[0]
        wide, high = (432, 216) if turn in (0, 180) else (216, 432)
        assert (page.rect.width, page.rect.height) == pytest.approx((wide, high), abs=0.5)
        assert_in_place(page, read)
        assert document.extract_image(page.get_images()[0][0])["image"] == path.read_bytes()


def test_pages_of_a_pdf_stay_as_they_are_and_only_the_read_ones_are_kept(tmp_path: Path) -> None:
    path, out = tmp_path / "scan.pdf", tmp_path / "out.pdf"
    scanned_pdf(path, ["First page here", "Second page here", "Third page here"])
    settings = PageSettings(pages="2-3")
    readings = made(path, out, settings)
    with pymupdf.open(out) as document:
        assert [page.get_text().strip() for page in document] == ["Second page here", "Third page here"]
        for page, read in zip(document, readings, strict=True):
            assert_in_place(page, read)
    typed = typed_pdf(tmp_path / "typed.pdf", ["The lease runs for nine years and is paid each month. " * 9])
    made(typed, out)
    with pymupdf.open(out) as document, pymupdf.open(typed) as before:
        assert document[0].get_text() == before[0].get_text()


def test_a_password_is_kept_and_an_earlier_invisible_text_is_replaced(tmp_path: Path) -> None:
    path, out, again = tmp_path / "scan.pdf", tmp_path / "out.pdf", tmp_path / "again.pdf"
    scanned_pdf(path, ["Secret words"], password="open")
    made(path, out, PageSettings(password="open"))
    with pymupdf.open(out) as document:
        assert document.needs_pass
        document.authenticate("open")
        assert document[0].get_text().split() == ["Secret", "words"]
    made(out, again, PageSettings(password="open"))
    with pymupdf.open(again) as document:
        document.authenticate("open")
        assert document[0].get_text().split() == ["Secret", "words"]


def _written(path: Path, out: Path, **values: object) -> list[str]:
    source = Source.of(path)
    with write_readings(out, Format.PDF, source) as write:
        write(reading(sha256=sha256_of(source), **values))
    with pymupdf.open(out) as document:
        return [str(row) for row in document[0].get_text().splitlines()]


def test_every_script_and_a_vertical_line_come_back_as_one_line(tmp_path: Path) -> None:
    path, out = tmp_path / "scan.png", tmp_path / "out.pdf"
    Image.new("RGB", (600, 800), "white").save(path)
    texts = ["Größe naïve 50 €", "한국어 텍스트", "𠀀𠮷 rare", "日本語のテキスト"]
    lines = [
        Line(text=text, box=Box(0.1, 0.1 + 0.1 * number, 0.8, 0.15 + 0.1 * number)) for number, text in enumerate(texts)
    ]
    lines.append(Line(text="竖排的文字", box=Box(0.9, 0.1, 0.95, 0.6)))
    found = _written(path, out, lines=tuple(lines))
    assert [row.strip() for row in found] == [*texts, "竖排的文字"]


def test_text_without_boxes_can_be_searched_all_the_same(tmp_path: Path) -> None:
    path, out = tmp_path / "scan.png", tmp_path / "out.pdf"
    Image.new("RGB", (600, 800), "white").save(path)
    assert [row.strip() for row in _written(path, out, markdown="# Title\n\nOne row\nanother")] == [
        "# Title",
        "One row",
        "another",
    ]


def test_pictures_of_every_kind_become_pages(tmp_path: Path) -> None:
    kinds = [
        ("L", "png"),
        ("1", "tiff"),
        ("P", "gif"),
        ("RGBA", "png"),
        ("CMYK", "jpg"),
        ("RGB", "webp"),
        ("I;16", "tiff"),
    ]
    for number, (mode, suffix) in enumerate(kinds):
        path, out = tmp_path / f"{number}.{suffix}", tmp_path / f"{number}.pdf"
        plain = Image.linear_gradient("L").resize((90, 60))
        deep = Image.fromarray(np.asarray(plain, np.uint16) * 257)
        (deep if mode == "I;16" else plain.convert(mode)).save(path)
        _written(path, out, lines=(Line(text="x", box=Box(0, 0, 1, 1)),))
        with pymupdf.open(out) as document:
            shown = document[0].get_pixmap(dpi=150)
            left = Image.open(io.BytesIO(shown.tobytes("png"))).convert("L").resize((1, 1)).getpixel((0, 0))
            assert isinstance(left, int)
            assert 80 < left < 180, (mode, suffix, left)


def test_a_source_that_is_gone_or_changed_gives_no_pdf_and_says_so(tmp_path: Path) -> None:
    path, out = tmp_path / "scan.png", tmp_path / "out.pdf"
    Image.new("RGB", (60, 80), "white").save(path)
    with pytest.raises(SourceError, match="changed"), write_readings(out, Format.PDF, Source.of(path)) as write:
        write(reading("text"))
    with pytest.raises(SourceError, match="no page"), write_readings(out, Format.PDF, Source.of(path)):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["scan.png"]
