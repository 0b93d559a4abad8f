"""The page of a reading, rendered again from whatever it was read from."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr import HunyuanOCR, PageReading, ScriptedEngine, SourceError
from langchain_hunyuanocr.pages import Page, PageSettings, Source, iter_pages
from langchain_hunyuanocr.reader import Reader
from tests.integration_tests.files import picture, png, scanned_pdf


def readings(given: Any, **settings: Any) -> list[tuple[Page, PageReading]]:
    """Each page of an input with its reading."""
    reader = Reader(ScriptedEngine("hello"))
    pages = [page for page in iter_pages(Source.of(given), PageSettings(**settings)) if isinstance(page, Page)]
    return [(page, reader.read(page)) for page in pages]


def on_disk(folder: Path) -> Path:
    path = folder / "a b.png"
    path.write_bytes(png("hello"))
    return path


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(on_disk, id="path"),
        pytest.param(lambda _: png("hello"), id="bytes"),
        pytest.param(lambda _: picture("hello").rotate(90, expand=True), id="a picture that lies on its side"),
        pytest.param(lambda folder: scanned_pdf(folder / "a.pdf", ["one", "", "three"]), id="PDF"),
    ],
)
def test_it_is_the_picture_that_was_read(given: Any, tmp_path: Path) -> None:
    for page, reading in readings(given(tmp_path), dpi=100, max_pixels=200_000):
        again = pickle.loads(pickle.dumps(reading))
        assert again == reading
        assert again.picture().tobytes() == page.picture.tobytes()
        assert again.picture().size == (reading.width, reading.height)


def test_an_encrypted_file_is_opened_again(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", ["secret"], password="pass-word")
    ((page, reading),) = readings(path, password="pass-word")
    assert reading.picture().tobytes() == page.picture.tobytes()
    assert "pass-word" not in repr(reading) + repr(page.view) + reading.model_dump_json() + reading._repr_html_()


def test_two_readings_of_the_same_page_are_equal(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", ["one", "two"])
    first, second = readings(path), readings(path, pages="2")
    assert first[1][1] == second[0][1]
    assert first[0][1] != first[1][1]


def test_a_file_that_has_changed_or_is_gone_says_so(tmp_path: Path) -> None:
    path = on_disk(tmp_path)
    reading = HunyuanOCR(engine=ScriptedEngine("hello")).invoke(path)
    assert "data:image/jpeg;base64," in reading._repr_html_()
    path.write_bytes(png("something else"))
    with pytest.raises(SourceError, match=r"a b\.png: the file has changed since it was read \(read it again\)"):
        reading.picture()
    path.unlink()
    with pytest.raises(SourceError, match="there is no such file"):
        reading.show()
    card = reading._repr_html_()
    assert "there is no such file" in card
    assert "<img" not in card
    assert "hello" in card
