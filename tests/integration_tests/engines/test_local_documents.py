"""From files to Documents through the local engine: batches over files, pictures shared by tasks, every end told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.pages import PageSettings, iter_pages, try_sources
from langchain_hunyuanocr.pages.rendering import walk_pages
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.results import PageReading, Status
from tests.tiny_pages import BOXED, LOOP, TEXT, TinyPage, expected, page, picture

PAGES = [
    page("Raj 42", "bHk 7Q"),
    page("9X y"),
    page("Wm 31", "Te", "Zq 8"),
    page("kN 5"),
    page("Aq 7R"),
    page("H2 g", "tY"),
]


@pytest.fixture
def engine(tiny: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0, max_new_tokens=600, batch_size=4)
    yield engine
    engine.close()


def scans(folder: Path, *pages: TinyPage) -> Path:
    for number, of in enumerate(pages):
        picture(of).save(folder / f"{number}.png")
    return folder


def read(path: Path, reader: Reader) -> list[PageReading]:
    found: list[PageReading] = []
    for source in try_sources(path):
        assert not isinstance(source, Exception)
        found += reader.read_all(iter_pages(source))
    return found


def test_files_of_one_page_share_the_steps_and_keep_their_order(
    engine: LocalEngine, tmp_path: Path, steps: list[int]
) -> None:
    folder = scans(tmp_path, *PAGES)
    loader = HunyuanOCRLoader(folder, engine=engine, task="text")
    documents = loader.load()
    assert [document.page_content for document in documents] == [expected(of, TEXT) for of in PAGES]
    assert [document.metadata["file_name"] for document in documents] == [f"{n}.png" for n in range(len(PAGES))]
    assert loader.report().done == len(PAGES)
    # Rendered beforehand: otherwise a page may be done before the next one comes.
    rendered = list(walk_pages(try_sources(folder), PageSettings()))
    steps.clear()
    readings = [one for one in loader.reader.read_walk(rendered) if isinstance(one, PageReading)]
    assert [reading.markdown for reading in readings] == [document.page_content for document in documents]
    assert max(steps) == 4


async def test_async_gives_the_same_documents(engine: LocalEngine, tmp_path: Path) -> None:
    loader = HunyuanOCRLoader(scans(tmp_path, *PAGES), engine=engine, task="text")
    assert [document async for document in loader.alazy_load()] == loader.load()


def test_a_file_that_cannot_be_opened_costs_no_other(engine: LocalEngine, tmp_path: Path) -> None:
    scans(tmp_path, *PAGES[:2])
    (tmp_path / "0b.png").write_bytes(b"no picture")
    loader = HunyuanOCRLoader(tmp_path, engine=engine, task="text", on_error="skip")
    assert [document.page_content for document in loader.load()] == [expected(of, TEXT) for of in PAGES[:2]]
    assert (loader.report().done, len(loader.report().failures)) == (2, 1)


def test_how_an_answer_ended_is_told(engine: LocalEngine, tmp_path: Path) -> None:
    boxed, looping = page("Raj 42", "bHk 7Q", mark=BOXED), page("Qr 8", "dN", mark=LOOP)
    readings = read(scans(tmp_path, boxed, looping), Reader(engine))
    assert [reading.status for reading in readings] == [Status.DEGENERATE_RETRIED, Status.REPETITION_TRIMMED]
    assert readings[0].markdown == expected(boxed, TEXT)
    assert readings[0].mean_probability is not None


def test_the_fields_of_a_page_are_asked_beside_its_text_and_share_its_picture(
    engine: LocalEngine, tmp_path: Path, prefilled: list[int]
) -> None:
    (reading,) = read(scans(tmp_path, PAGES[0]), Reader(engine, ReadSettings(fields=["first", "second"])))
    assert reading.markdown == "# Raj 42\n\nbHk 7Q"
    assert [(field.name, field.value) for field in reading.fields] == [("first", "Raj 42"), ("second", "bHk 7Q")]
    assert len(prefilled) == 1
