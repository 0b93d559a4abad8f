"""OCR as a Runnable: what it takes, how it batches, how it composes."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents.base import Blob
from langchain_core.runnables import RunnableLambda

from langchain_hunyuanocr import HunyuanOCR, PageError, PageReading, ScriptedEngine, SourceError
from tests.integration_tests.files import picture, png, scanned_pdf

ENCODED = base64.b64encode(png("hello")).decode()
URL = f"data:image/png;base64,{ENCODED}"


def path_to(folder: Path) -> Path:
    path = folder / "a b.png"
    path.write_bytes(png("hello"))
    return path


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(path_to, id="path"),
        pytest.param(lambda folder: str(path_to(folder)), id="str"),
        pytest.param(lambda _: png("hello"), id="bytes"),
        pytest.param(lambda _: picture("hello"), id="picture"),
        pytest.param(lambda _: io.BytesIO(png("hello")), id="BytesIO"),
        pytest.param(lambda folder: path_to(folder).open("rb"), id="open file"),
        pytest.param(lambda _: np.asarray(picture("hello")), id="array"),
        pytest.param(lambda _: np.asarray(picture("hello").convert("L")) / 255, id="array of shares"),
        pytest.param(lambda _: URL, id="data URL"),
        pytest.param(lambda _: Blob.from_data(png("hello"), mime_type="image/png"), id="blob"),
        pytest.param(lambda _: {"type": "image", "base64": ENCODED, "mime_type": "image/png"}, id="standard block"),
        pytest.param(lambda _: {"type": "image", "source_type": "base64", "data": ENCODED}, id="older block"),
        pytest.param(lambda _: {"type": "image_url", "image_url": {"url": URL}}, id="OpenAI block"),
        pytest.param(lambda _: {"type": "image_url", "image_url": URL}, id="OpenAI block, short"),
        pytest.param(
            lambda _: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ENCODED}},
            id="Anthropic block",
        ),
    ],
)
def test_every_form_of_a_picture_is_read(given: Any, tmp_path: Path) -> None:
    found = HunyuanOCR(engine=ScriptedEngine("hello")).invoke(given(tmp_path))
    assert isinstance(found, PageReading)
    assert (found.markdown, found.width, found.height) == ("hello", 600, 300)


def test_it_composes(tmp_path: Path) -> None:
    chain = HunyuanOCR(engine=ScriptedEngine("hello")) | RunnableLambda(lambda found: found.markdown.upper())
    assert chain.invoke(path_to(tmp_path)) == "HELLO"


def test_batches_use_the_engines_size_and_keep_order() -> None:
    engine = ScriptedEngine([f"page {n}" for n in range(5)], batch_size=2)
    found = HunyuanOCR(engine=engine).batch([png("hello")] * 5)
    assert [reading.markdown for reading in found] == [f"page {n}" for n in range(5)]
    assert engine.batches == [2, 2, 1]


async def test_a_bad_input_in_a_batch_costs_no_other(tmp_path: Path) -> None:
    ocr = HunyuanOCR(engine=ScriptedEngine("text", faults={1: "torn"}, batch_size=2))
    inputs = [png("hello"), tmp_path / "missing.png", png("hello"), png("hello")]
    found = ocr.batch(inputs, return_exceptions=True)
    assert [type(outcome) for outcome in found] == [PageReading, SourceError, PageError, PageReading]
    again = await HunyuanOCR(engine=ScriptedEngine("text", faults={1: "torn"}, batch_size=2)).abatch(
        inputs, return_exceptions=True
    )
    assert [str(outcome) for outcome in again] == [str(outcome) for outcome in found]
    with pytest.raises(SourceError, match=r"missing\.png"):
        HunyuanOCR(engine=ScriptedEngine("text")).batch(inputs)


async def test_async_and_streams(tmp_path: Path) -> None:
    ocr = HunyuanOCR(engine=ScriptedEngine("text"))
    assert await ocr.ainvoke(png("hello")) == ocr.invoke(png("hello"))
    scan = scanned_pdf(tmp_path / "scan.pdf", ["one", "two"])
    assert [reading.page for reading in ocr.stream(scan)] == [0, 1]
    assert [reading.page async for reading in ocr.astream(scan)] == [0, 1]


def test_one_page_is_expected_and_can_be_picked(tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "scan.pdf", ["one", "two"])
    with pytest.raises(SourceError, match="2 pages, one was expected"):
        HunyuanOCR(engine=ScriptedEngine("text")).invoke(scan)
    assert HunyuanOCR(engine=ScriptedEngine("text"), settings={"pages": "2"}).invoke(scan).page == 1


def test_what_is_no_picture_is_said() -> None:
    ocr = HunyuanOCR(engine=ScriptedEngine("text"))
    with pytest.raises(SourceError, match="not valid base64"):
        ocr.invoke({"type": "image", "base64": "&&&"})
    with pytest.raises(SourceError, match="holds no picture"):
        ocr.invoke({"type": "text", "text": "hello"})
    with pytest.raises(PageError, match="out of memory"):
        HunyuanOCR(engine=ScriptedEngine("", faults={0: "out of memory"})).invoke(png("hello"))
