"""Real and really broken files: each opens or ends in one clear error, and turned pages stand upright."""

from __future__ import annotations

from pathlib import Path

import pytest

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Page, PageFailure, PageSettings, Source, iter_pages, try_sources

pytestmark = pytest.mark.corpus
SETTINGS = PageSettings(pages="1-4", timeout_s=120)


def read(path: Path, **settings: object) -> list[Page | PageFailure]:
    return list(iter_pages(Source.of(path), SETTINGS.model_copy(update=settings)))


@pytest.mark.parametrize("folder", ["broken", "rapidai", "unlv", "unstructured"])
def test_every_file_opens_or_ends_in_one_clear_error(corpus: Path, folder: str) -> None:
    for source in try_sources(corpus / folder):
        assert isinstance(source, Source)
        outcome: list[Page | PageFailure | SourceError]
        try:
            outcome = list(iter_pages(source, SETTINGS))
        except SourceError as error:
            outcome = [error]
        assert outcome
        for each in outcome:
            if isinstance(each, Page):
                assert each.picture.width * each.picture.height <= SETTINGS.max_pixels
            else:
                words = str(each.error if isinstance(each, PageFailure) else each)
                assert words.startswith(source.name)
                assert "\n" not in words


@pytest.mark.parametrize(
    ("name", "rotations"),
    [
        ("docling/ocr/sources/ocr_test.pdf", [0]),
        ("docling/ocr/sources/ocr_test_rotated_90.pdf", [90]),
        ("docling/ocr/sources/ocr_test_rotated_180.pdf", [180]),
        ("docling/ocr/sources/ocr_test_rotated_270.pdf", [270]),
        ("docling/ocr/sources/nemotron_multipage.pdf", [0, 180, 270, 90]),
        ("ocrmypdf/cardinal.pdf", [0, 270, 180, 90]),
        ("ocrmypdf/rotated_skew.pdf", [2.75]),
        ("ocrmypdf/skew.pdf", [-1.9]),
        ("unlv/phototest-rotated-L.png", [90]),
        ("unlv/phototest-rotated-R.png", [270]),
        ("unlv/phototest-rotated-180.png", [180]),
        ("unlv/phototest.tif", [0]),
        ("unstructured/rotated-page-90.pdf", [270]),
        ("ocrmypdf/graph.pdf", [0]),
        ("rapidai/devanagari.jpg", [0]),
        ("rapidai/wired/table6.png", [0]),
        ("mdpbench/zh_slide_45.jpg", [0]),
        ("pubtabnet/PMC3519711_003_00.png", [0]),
    ],
)
def test_pages_are_set_upright(corpus: Path, name: str, rotations: list[float]) -> None:
    pytest.importorskip("onnxruntime")
    turned = [page.rotation for page in read(corpus / name) if isinstance(page, Page)]
    assert turned == pytest.approx(rotations, abs=0.3)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("invoices/coolblue1.pdf", "good"),
        ("olmocr/bench/pdfs/openstax_caculus_pg_273.pdf", "good"),
        ("olmocr/gnarly/newspaper.pdf", "hidden"),
        ("olmocr/gnarly/handwriting_bad_ocr.pdf", "hidden"),
        ("unstructured/pdf/pdf-with-ocr-text.pdf", "hidden"),
        ("ocrmypdf/graph_ocred.pdf", "hidden"),
        ("ocrmypdf/type3_font_nomapping.pdf", "unmapped"),
        ("ocrmypdf/truetype_font_nomapping.pdf", "unmapped"),
        ("olmocr/bench/pdfs/test-graphical-text.pdf", "sparse"),
        ("ocrmypdf/vector.pdf", "none"),
    ],
)
def test_which_text_is_trusted(corpus: Path, name: str, why: str) -> None:
    page = read(corpus / name, pages="1")[0]
    assert isinstance(page, Page)
    assert (page.text_layer.why, page.text_layer.good, page.blank) == (why, why == "good", False)


@pytest.mark.parametrize(
    "name",
    [
        "ocrmypdf/blank.pdf",
        "olmocr/bench/pdfs/blank_book_pg1.pdf",
        "olmocr/sample_dataset/empty_document/blanktext.pdf",
    ],
)
def test_blank_pages(corpus: Path, name: str) -> None:
    page = read(corpus / name)[0]
    assert isinstance(page, Page)
    assert page.blank


@pytest.mark.parametrize(
    ("name", "dpi"), [("ocrmypdf/hugemono.pdf", 16), ("ocrmypdf/enormous.pdf", 61), ("ocrmypdf/2400dpi.pdf", 1306)]
)
def test_enormous_pages_are_capped(corpus: Path, name: str, dpi: int) -> None:
    page = read(corpus / name)[0]
    assert isinstance(page, Page)
    assert page.dpi == pytest.approx(dpi, abs=2)
    assert 3_000_000 < page.picture.width * page.picture.height <= SETTINGS.max_pixels


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("docling/pdf_password/sources/2206.01062_pg3.pdf", "1234"),
        ("unstructured/pdf/password.pdf", "password"),
        ("broken/qpdf/enc-XI-R6,V5,U=wwwww,O=wwwww.pdf", "wwwww"),
        ("broken/qpdf/enc-XI-R6,V5,O=master.pdf", "master"),
    ],
)
def test_passwords_open(corpus: Path, name: str, password: str) -> None:
    assert all(isinstance(page, Page) for page in read(corpus / name, password=password))


def test_heic_and_its_jpeg_show_the_same(corpus: Path) -> None:
    pytest.importorskip("pillow_heif")
    (heic,), (jpeg,) = (read(corpus / f"unstructured/img/DA-1p.{kind}") for kind in ("heic", "jpg"))
    assert isinstance(heic, Page)
    assert isinstance(jpeg, Page)
    assert heic.picture.size == jpeg.picture.size
