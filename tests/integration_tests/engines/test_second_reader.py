"""RapidOCR as the second reader, in its own process, beside engines that answer from a script."""

from __future__ import annotations

import os
from multiprocessing import get_context
from pathlib import Path

import pytest
from PIL import Image

from langchain_hunyuanocr import (
    Archive,
    EngineError,
    HunyuanOCR,
    HunyuanOCRLoader,
    HunyuanOCRSplitter,
    PageError,
    ScriptedEngine,
)
from langchain_hunyuanocr.engines.rapid.second_reader import SecondReader
from langchain_hunyuanocr.reader import ReadSettings
from langchain_hunyuanocr.tasks import TaskKind
from tests.integration_tests.files import picture, scanned_pdf

PAGE = "INVOICE INV-2041\nThe order was sent on Friday\nTotal due: 1,234.50\nThank you for your order"
WRONG = PAGE.replace("1,234.50", "1,284.50")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "invoice.png"
    picture(PAGE, (900, 420)).save(path)
    return path


@pytest.mark.parametrize("verify", ["numbers", "all"])
def test_a_changed_digit_is_doubted_and_a_true_text_is_not(scan: Path, verify: str) -> None:
    right = HunyuanOCR(engine=ScriptedEngine(PAGE), verify=verify).invoke(scan)
    assert (right.agreement, right.doubts) == (1.0, ())
    wrong = HunyuanOCR(engine=ScriptedEngine(WRONG), verify=verify).invoke(scan)
    (doubt,) = wrong.doubts
    assert (doubt.text, doubt.other, doubt.kind) == ("1,284.50", "1,234.50", "number")
    assert wrong.markdown[doubt.start or 0 :].startswith("1,284.50")
    assert doubt.box is not None
    assert 0.4 < doubt.box.y0 < doubt.box.y1 < 0.55
    assert wrong.agreement is not None
    assert wrong.agreement < 1


async def test_async_gives_the_same(scan: Path) -> None:
    ocr = HunyuanOCR(engine=ScriptedEngine(WRONG), verify="all", ground=True)
    assert await ocr.ainvoke(scan) == ocr.invoke(scan)


def test_a_language_model_is_checked_by_default_and_rapid_and_others_are_not(scan: Path) -> None:
    assert HunyuanOCR(engine=ScriptedEngine(WRONG, prompted=True)).invoke(scan).doubts
    assert HunyuanOCR(engine=ScriptedEngine(WRONG, prompted=True), verify="off").invoke(scan).agreement is None
    assert HunyuanOCR(engine=ScriptedEngine(WRONG)).invoke(scan).agreement is None
    assert HunyuanOCR(engine="rapid", verify="all").invoke(scan).agreement is None
    with pytest.raises(ValueError, match="verify"):
        ReadSettings(verify="some")  # type: ignore[arg-type]


def test_grounded_pages_have_boxes_for_blocks_lines_and_chunks(scan: Path) -> None:
    text = PAGE.replace("\n", "\n\n")
    (document,) = HunyuanOCRLoader(scan, engine=ScriptedEngine(text), ground=True).load()
    reading = HunyuanOCR(engine=ScriptedEngine(text), ground=True).invoke(scan)
    assert [line.text for line in reading.lines] == PAGE.splitlines()
    tops = [line.box.y0 for line in reading.lines]
    assert tops == sorted(tops)
    assert all(0.03 < line.box.x0 < 0.08 for line in reading.lines)
    assert document.page_content == text
    chunks = HunyuanOCRSplitter(chunk_size=40).split_documents([document])
    assert len(chunks) > 1
    boxes = [chunk.metadata["box"] for chunk in chunks]
    assert boxes[0] == list(reading.lines[0].box)
    assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)


def test_fields_of_a_model_are_confirmed_by_the_second_reader(scan: Path) -> None:
    answers = {TaskKind.DOCUMENT: PAGE, TaskKind.FIELDS: '{"total": "1,234.50", "number": "INV-2047"}'}
    engine = ScriptedEngine(answers, prompted=True)
    fields = {field.name: field for field in HunyuanOCR(engine=engine, fields=("total", "number")).invoke(scan).fields}
    assert fields["total"].state == "confirmed"
    assert fields["total"].box is not None
    assert (fields["number"].state, fields["number"].box) == ("unconfirmed", None)


def test_many_pages_keep_their_order_beside_the_second_reader(tmp_path: Path) -> None:
    texts = [f"Page {n} of the file\nNumber {n * 1111}" for n in range(1, 7)]
    path = scanned_pdf(tmp_path / "scan.pdf", texts)
    said = [text.replace("3333", "3833") for text in texts]
    documents = HunyuanOCRLoader(path, engine=ScriptedEngine(said, batch_size=2), verify="all").load()
    assert [document.page_content for document in documents] == said
    assert [document.metadata.get("doubts") for document in documents] == [None, None, ["3833"], None, None, None]


def test_an_archive_of_a_language_model_cites_boxes(tmp_path: Path, scan: Path) -> None:
    engine = ScriptedEngine(PAGE.replace("\n", "\n\n"), prompted=True)
    with Archive(tmp_path / "archive", engine=engine, create=True) as archive:
        assert archive.ingest([scan]).done == 1
        (citation,) = archive.ask("What is the total due?").citations
    assert citation.box is not None
    assert 0.35 < citation.box.y0 < 0.6


def test_a_second_reader_that_dies_is_replaced(scan: Path) -> None:
    second = SecondReader(processes=1)
    try:
        with Image.open(scan) as page:
            assert len(second.detect(page, every=2).result()) == 4
            (worker,) = second._pool._idle
            worker._process.kill()
            worker._process.wait()
            spots = second.detect(page, every=2).result()
            assert [spot.lines is None for spot in spots] == [False, True, False, True]
            spots = second.recognize(page, spots, [1]).result()
            assert spots[1].lines is not None
            assert "Friday" in spots[1].lines[0].text
            ((*_, text),) = second.reread(page, [spots[2].box]).result()
            assert "1,234.50" in text
            with pytest.raises(EngineError, match="the second reader failed"):
                second._ask(page, {"ask": "nothing known"})
    finally:
        second.close()


@pytest.mark.parametrize("verify", ["numbers", "all"])
def test_a_page_that_the_model_calls_empty_is_not_lost(scan: Path, tmp_path: Path, verify: str) -> None:
    empty = ScriptedEngine("没有文字")
    with pytest.raises(PageError, match="says that the page is empty, but the second reader sees text"):
        HunyuanOCR(engine=empty, verify=verify).invoke(scan)
    drawing = Image.new("RGB", (600, 600), "white")
    drawing.paste("black", (200, 200, 400, 400))
    drawing.save(tmp_path / "drawing.png")
    reading = HunyuanOCR(engine=empty, verify=verify).invoke(tmp_path / "drawing.png")
    assert (reading.status, reading.markdown) == ("ok", "")  # blank has no ink


def test_a_forked_child_has_a_second_reader_of_its_own(scan: Path) -> None:
    ocr = HunyuanOCR(engine=ScriptedEngine(WRONG), verify="numbers")
    assert ocr.invoke(scan).doubts

    def child() -> None:
        os._exit(0 if ocr.invoke(scan).doubts else 1)

    process = get_context("fork").Process(target=child)
    process.start()
    process.join(120)
    assert process.exitcode == 0
    assert ocr.invoke(scan).doubts
