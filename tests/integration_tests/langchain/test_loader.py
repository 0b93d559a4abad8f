"""The LangChain loader and parser over real files, with engines that answer from a script."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from langchain_core.documents.base import Blob

from langchain_hunyuanocr import (
    HunyuanOCRLoader,
    HunyuanOCRParser,
    HunyuanOCRSplitter,
    PageError,
    ScriptedEngine,
    SourceError,
)
from langchain_hunyuanocr.results import PageReading
from tests.integration_tests.files import picture, scanned_pdf, typed_pdf

PROSE = "The board met on the third of May and approved the budget of the coming year without dissent. " * 5


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return scanned_pdf(tmp_path / "三页 scan.pdf", ["one", "two", "three"])


def test_a_scan_gives_a_document_a_page(scan: Path) -> None:
    seen: list[PageReading] = []
    loader = HunyuanOCRLoader(scan, engine=ScriptedEngine(["# One", "Two", "Three"]), on_progress=seen.append)
    documents = loader.load()
    assert [d.page_content for d in documents] == ["# One", "Two", "Three"]
    metadata = documents[1].metadata
    assert metadata["source"] == str(scan)
    assert metadata["file_name"] == "三页 scan.pdf"
    assert (metadata["page"], metadata["total_pages"], metadata["route"], metadata["status"]) == (1, 3, "ocr", "ok")
    assert len(metadata["sha256"]) == 64
    assert [reading.page for reading in seen] == [0, 1, 2]
    report = loader.report()
    assert (report.files, report.pages, report.done, report.failures) == (1, 3, 3, ())


def test_open_files_and_arrays_are_read_each_once(scan: Path) -> None:
    grey = np.asarray(picture("five").convert("L"))
    with scan.open("rb") as file:
        given = [file, io.BytesIO(scan.read_bytes()), str(scan), grey, grey.astype(np.uint16) * 257]
        documents = HunyuanOCRLoader(given, engine=ScriptedEngine("text")).load()
        assert not file.closed
    sources = [document.metadata["source"] for document in documents]
    assert sources[:3] == [str(scan)] * 3
    assert len(documents) == 3 + 3 + 1, "as a path, as bytes, and the array; the deep one is equal to it"
    assert all(source.startswith("blob:") for source in sources[3:])


def test_what_cannot_be_read_of_these_costs_no_other(scan: Path) -> None:
    given = [io.StringIO("text"), np.zeros((3, 3, 2), np.uint8), scan]
    loader = HunyuanOCRLoader(given, engine=ScriptedEngine("text"), on_error="skip")
    assert len(loader.load()) == 3
    assert [failure.source for failure in loader.report().failures] == [
        "StringIO",
        "array of shape 3x3x2 and type uint8",
    ]


def test_two_runs_give_equal_documents(scan: Path) -> None:
    first, second = (HunyuanOCRLoader(scan, engine=ScriptedEngine("text")).load() for _ in range(2))
    assert first == second


def test_good_text_is_not_read_by_ocr_unless_forced(tmp_path: Path) -> None:
    typed = typed_pdf(tmp_path / "typed.pdf", [PROSE])
    engine = ScriptedEngine("seen")
    (own,) = HunyuanOCRLoader(typed, engine=engine).load()
    assert engine.requests == 0
    assert own.metadata["route"] == "text-layer"
    assert "approved the budget" in " ".join(own.page_content.split())
    (forced,) = HunyuanOCRLoader(typed, engine=engine, force_ocr=True).load()
    assert (forced.page_content, forced.metadata["route"]) == ("seen", "ocr")


def test_pages_are_chosen_and_blank_ones_kept(tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "scan.pdf", ["one", "", "three"])
    loader = HunyuanOCRLoader(scan, engine=ScriptedEngine("text"), pages="2-")
    documents = loader.load()
    assert [(d.metadata["page"], d.metadata["status"], d.page_content) for d in documents] == [
        (1, "blank", ""),
        (2, "ok", "text"),
    ]
    assert loader.report().blank == 1


def test_two_loads_at_once_do_not_wait_for_each_other(scan: Path, tmp_path: Path) -> None:
    other = scanned_pdf(tmp_path / "other.pdf", ["a", "b", "c"])
    loads = [HunyuanOCRLoader(path, engine=ScriptedEngine("text")).lazy_load() for path in (scan, other, scan)]
    assert [[next(load).metadata["page"] for load in loads] for _ in range(3)] == [[n] * 3 for n in range(3)]


async def test_async_gives_what_sync_gives_and_leaves_the_loop_free(scan: Path) -> None:
    loader = HunyuanOCRLoader(scan, engine=ScriptedEngine("text", delay_s=0.05))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    found = [document async for document in loader.alazy_load()]
    ticking.cancel()
    assert found == HunyuanOCRLoader(scan, engine=ScriptedEngine("text")).load()
    assert ticks > 10


def test_bad_files_are_listed_and_cost_no_other(scan: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    locked = scanned_pdf(tmp_path / "locked.pdf", ["secret"], password="open")
    missing = tmp_path / "missing.pdf"
    engine = ScriptedEngine("text", faults={1: "out of memory"})
    loader = HunyuanOCRLoader([empty, locked, missing, scan], engine=engine, on_error="skip")
    assert [d.metadata["page"] for d in loader.load()] == [0, 2]
    report = loader.report()
    assert (report.files, report.pages, report.done, report.failed) == (1, 3, 2, 1)
    assert [(Path(f.source).name, f.page) for f in report.failures] == [
        ("empty.pdf", None),
        ("locked.pdf", None),
        ("missing.pdf", None),
        ("三页 scan.pdf", 1),
    ]
    assert "password" in report.failures[1].error


def test_errors_are_raised_by_default(scan: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.pdf"):
        HunyuanOCRLoader(tmp_path / "missing.pdf", engine=ScriptedEngine("")).load()
    with pytest.raises(PageError, match="page 2: out of memory"):
        HunyuanOCRLoader(scan, engine=ScriptedEngine("text", faults={1: "out of memory"})).load()
    with pytest.raises(ValueError, match="it can be 'page' or 'document'"):
        HunyuanOCRLoader(scan, engine=ScriptedEngine(""), mode="file")  # type: ignore[arg-type]


def test_a_password_opens_an_encrypted_file(tmp_path: Path) -> None:
    locked = scanned_pdf(tmp_path / "locked.pdf", ["secret"], password="open")
    engine = ScriptedEngine("secret")
    assert HunyuanOCRLoader(locked, engine=engine, password="open").load()[0].page_content == "secret"
    with pytest.raises(SourceError, match="password"):
        HunyuanOCRLoader(locked, engine=engine, password="shut").load()


def test_a_whole_file_is_one_document_whose_chunks_know_their_page(scan: Path) -> None:
    loader = HunyuanOCRLoader(scan, engine=ScriptedEngine(["# One", "Two.", "Three."]), mode="document")
    (document,) = loader.load()
    assert document.page_content == "# One\n\nTwo.\n\nThree."
    chunks = HunyuanOCRSplitter(chunk_size=10).split_documents([document])
    assert [chunk.metadata["page"] for chunk in chunks][-1] == 2
    assert all(chunk.metadata["section"] == "One" for chunk in chunks)


def test_a_blob_is_parsed(scan: Path) -> None:
    parser = HunyuanOCRParser(engine=ScriptedEngine("text"))
    from_path = parser.parse(Blob.from_path(scan))
    from_bytes = list(parser.lazy_parse(Blob.from_data(scan.read_bytes(), path="kept/elsewhere.pdf")))
    assert [d.page_content for d in from_path] == ["text"] * 3
    assert from_path[0].metadata["source"] == str(scan)
    assert from_bytes[0].metadata["source"] == "kept/elsewhere.pdf"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_parser_serves_the_generic_loader_of_langchain_community(scan: Path) -> None:
    from langchain_community.document_loaders.generic import GenericLoader

    parser = HunyuanOCRParser(engine=ScriptedEngine("text"))
    loader = GenericLoader.from_filesystem(str(scan.parent), glob="*.pdf", parser=parser)
    assert [document.metadata["page"] for document in loader.lazy_load()] == [0, 1, 2]
