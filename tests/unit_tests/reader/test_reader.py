"""The step from pages to readings, with engines that answer from a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import EngineError, FieldError, PageError, SourceError, TaskError
from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.results import Box, FieldState, Generation, Line, PageReading, Route, Status
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.tasks import TaskKind
from tests.unit_tests.readings import page


def torn(index: int) -> PageFailure:
    error = PageError("cannot be rendered", source="scan.pdf", page=index, remedy="repair the file")
    return PageFailure("scan.pdf", "scan.pdf", "0" * 64, index, 9, error)


def test_order_is_kept_whatever_the_batches_and_the_routes() -> None:
    engine = ScriptedEngine([f"ocr {n}" for n in range(5)], batch_size=2)
    pages = [page(0), page(1, text="own text"), page(2), torn(3), page(4, blank=True), page(5), page(6), page(7)]
    readings = list(Reader(engine).read_all(pages))
    assert [r.page for r in readings] == list(range(8))
    assert [r.markdown for r in readings] == ["ocr 0", "own text", "ocr 1", "", "", "ocr 2", "ocr 3", "ocr 4"]
    assert [r.status.value for r in readings] == ["ok", "ok", "ok", "failed", "blank", "ok", "ok", "ok"]
    assert [r.route for r in readings[:2]] == [Route.OCR, Route.TEXT_LAYER]
    assert engine.batches == [2, 2, 1]
    assert readings[3].error == "cannot be rendered (repair the file)"


def test_pages_are_taken_only_as_they_are_needed() -> None:
    taken = []

    def pages() -> Iterator[Page]:
        for index in range(100):
            taken.append(index)
            yield page(index, total=100)

    readings = Reader(ScriptedEngine("text", batch_size=4)).read_all(pages())
    next(readings)
    assert len(taken) == 4


def test_text_layers_do_not_pile_up_behind_a_waiting_page() -> None:
    taken = []

    def pages() -> Iterator[Page]:
        yield page(0)
        for index in range(1, 500):
            taken.append(index)
            yield page(index, text="own")

    next(Reader(ScriptedEngine("text", batch_size=4)).read_all(pages()))
    assert len(taken) < 64


async def test_async_gives_what_sync_gives() -> None:
    pages = [page(0), page(1, text="own text"), torn(2), page(3), page(4)]

    async def each() -> AsyncIterator[Page | PageFailure]:
        for one in pages:
            yield one

    def reader() -> Reader:
        return Reader(ScriptedEngine([f"ocr {n}" for n in range(3)], batch_size=2))

    found: list[PageReading] = [reading async for reading in reader().aread_all(each())]
    assert found == list(reader().read_all(pages))


def test_a_page_that_fails_in_the_engine_costs_no_other() -> None:
    engine = ScriptedEngine("text", faults={1: "out of memory"}, batch_size=3)
    readings = list(Reader(engine).read_all([page(n) for n in range(3)]))
    assert [r.status for r in readings] == [Status.OK, Status.FAILED, Status.OK]
    assert readings[1].error == "out of memory"


def test_an_engine_that_cannot_run_says_so() -> None:
    with pytest.raises(EngineError, match="no weights"):
        Reader(ScriptedEngine("", faults={0: EngineError("no weights")})).read(page())


def test_force_ocr_distrusts_the_text_layer() -> None:
    assert Reader(ScriptedEngine("seen"), ReadSettings(force_ocr=True)).read(page(text="own text")).markdown == "seen"
    assert Reader(ScriptedEngine("说"), ReadSettings(task="translate_zh")).read(page(text="own text")).markdown == "说"


@pytest.mark.parametrize(
    ("finish", "status"),
    [("stop", Status.OK), ("length", Status.TRUNCATED), ("repetition", Status.REPETITION_TRIMMED)],
)
def test_how_generation_ended_is_said(finish: str, status: Status) -> None:
    answer = Generation.model_validate({"text": "text", "finish": finish})
    assert Reader(ScriptedEngine(answer)).read(page()).status is status


def test_a_page_without_text_is_blank() -> None:
    assert Reader(ScriptedEngine("图片中没有文字。")).read(page()).status is Status.BLANK
    assert Reader(ScriptedEngine(Generation())).read(page()).status is Status.BLANK


def _sheet(*texts: str) -> Image.Image:
    sheet = Image.new("RGB", (600, 800), "white")
    for number, text in enumerate(texts):
        ImageDraw.Draw(sheet).text((80, 100 + 90 * number), text, fill="black", font=ImageFont.load_default(24))
    return sheet


@pytest.mark.parametrize("answer", ["图片中没有文字。", Generation()])
def test_a_page_with_ink_in_lines_is_never_blank(answer: str | Generation) -> None:
    sheet = page(picture=_sheet("Delivered by hand", "on Tuesday"), dpi=60)
    found = Reader(ScriptedEngine(answer)).read(sheet)
    assert found.status is Status.FAILED
    assert found.error is not None
    assert "ink in lines" in found.error
    assert "60 dpi" in found.error
    assert "another engine" in found.error


def test_a_page_with_a_drawing_alone_is_read_and_has_no_text() -> None:
    sheet = _sheet()
    sheet.paste("black", (200, 200, 400, 400))
    found = Reader(ScriptedEngine(Generation())).read(page(picture=sheet))
    assert (found.status, found.markdown, found.error) == (Status.OK, "", None)


def test_a_part_of_the_page_that_is_not_there_is_no_failure() -> None:
    sheet = page(picture=_sheet("Delivered by hand", "on Tuesday"))
    found = Reader(ScriptedEngine("没有文字", prompted=True), ReadSettings(task="formula")).read(sheet)
    assert (found.status, found.markdown) == (Status.OK, "")


def test_html_tables_stand_as_markdown_and_the_raw_answer_is_kept() -> None:
    cells = "<tr><th>item</th><th>price</th></tr><tr><td>tea</td><td>3</td></tr>"
    raw = f"# Prices\n\n<table><caption>Table 1</caption>{cells}</table>\n\nEnd."
    found = Reader(ScriptedEngine(raw)).read(page())
    assert "<table" not in found.markdown
    assert "| tea | 3 |" in found.markdown
    assert found.markdown.startswith("# Prices\n\nTable 1\n\n|")
    assert found.markdown.endswith("\n\nEnd.")
    assert found.tables[0].rows == (("item", "price"), ("tea", "3"))
    assert found.raw == raw


def test_spotting_gives_lines_with_boxes() -> None:
    found = Reader(
        ScriptedEngine("合计(100,200),(300,250)12.00(400,200),(500,250)"), ReadSettings(task="spotting")
    ).read(page())
    assert [(line.text, line.box) for line in found.lines] == [
        ("合计", Box(0.1, 0.2, 0.3, 0.25)),
        ("12.00", Box(0.4, 0.2, 0.5, 0.25)),
    ]


def test_a_prompted_engine_is_asked_for_the_fields_in_a_second_turn() -> None:
    engine = ScriptedEngine({TaskKind.DOCUMENT: "Total 12.00", TaskKind.FIELDS: '```json\n{"total": "12.00"}\n```'})
    found = Reader(engine, ReadSettings(fields=["total", "tax"])).read(page())
    assert found.markdown == "Total 12.00"
    assert [(f.name, f.value) for f in found.fields] == [("total", "12.00"), ("tax", None)]
    assert found.fields[1].state is FieldState.MISSING
    assert engine.asked == {TaskKind.DOCUMENT: 1, TaskKind.FIELDS: 1}


def test_an_engine_that_gives_lines_is_not_asked_twice() -> None:
    line = Line(text="Total: 12.00", box=Box(0.1, 0.1, 0.5, 0.15))
    engine = ScriptedEngine(Generation(lines=(line,)))
    found = Reader(engine, ReadSettings(fields=["total"])).read(page(3))
    assert engine.requests == 1
    (total,) = found.fields
    assert (total.value, total.state, total.page) == ("12.00", FieldState.UNCONFIRMED, 3)
    assert total.box is not None


class Rereading(ScriptedEngine):
    rereads = True


@pytest.mark.parametrize(
    ("make", "state", "requests"),
    [(ScriptedEngine, FieldState.UNCONFIRMED, 1), (Rereading, FieldState.CONFIRMED, 4)],
)
def test_an_engine_that_rereads_confirms_its_fields(
    make: type[ScriptedEngine], state: FieldState, requests: int
) -> None:
    engine = make(Generation(lines=(Line(text="Total: 12.00", box=Box(0.1, 0.4, 0.5, 0.5), score=0.99),)))
    found = Reader(BatchingEngine(engine), ReadSettings(fields=["total"])).read(page())
    assert [(field.value, field.state) for field in found.fields] == [("12.00", state)]
    assert engine.requests == requests


def test_wrong_wishes_are_refused_before_a_page_is_read() -> None:
    with pytest.raises(TaskError, match="cannot do the task 'chart'"):
        Reader(ScriptedEngine("", tasks=[TaskKind.TEXT]), ReadSettings(task="chart"))
    with pytest.raises(FieldError):
        Reader(ScriptedEngine(""), ReadSettings(fields=[" "]))
    with pytest.raises(FieldError):
        Reader(ScriptedEngine(""), ReadSettings(preset="poem"))


def test_the_fingerprint_changes_with_what_decides_a_reading() -> None:
    class Invoice(BaseModel):
        total: str

    def mark(**options: object) -> str:
        return Reader(ScriptedEngine(""), ReadSettings(**options)).fingerprint  # type: ignore[arg-type]

    named = [mark(fields=["total", "tax"]), mark(fields=Invoice), mark(preset="receipt"), mark(preset="invoice")]
    assert len({mark(), mark(task="text"), mark(force_ocr=True), *named}) == 7
    assert mark() == mark()


def _chapter(number: int) -> Generation:
    """The lines of a page with a running head."""
    texts = (
        ("Lease register of Assen", 0.03),
        (f"The field of page {number} is let for a year.", 0.3),
        ("And more.", 0.5),
    )
    return Generation(lines=tuple(Line(text=text, box=Box(0.1, top, 0.7, top + 0.012)) for text, top in texts))


@pytest.mark.parametrize("task", ["document", "text"])
async def test_running_heads_leave_a_document_and_stay_in_other_tasks(task: str) -> None:
    pages = [page(n, total=3) for n in range(3)]

    async def each() -> AsyncIterator[Page | PageFailure]:
        for one in pages:
            yield one

    def reader() -> Reader:
        return Reader(ScriptedEngine([_chapter(n) for n in range(3)], prompted=False), ReadSettings(task=task))

    found = list(reader().read_all(pages))
    head = "Lease register of Assen"
    assert [reading.header for reading in found] == ([head] * 3 if task == "document" else [None] * 3)
    assert all((head in reading.markdown) is (task != "document") for reading in found)
    assert all(reading.lines[0].text == head for reading in found)
    assert [reading async for reading in reader().aread_all(each())] == found


def test_a_page_that_is_held_for_the_next_one_is_given_before_an_error() -> None:
    def pages() -> Iterator[Page]:
        yield page(0, total=3)
        raise SourceError("the file ends here", source="scan.pdf")

    readings = Reader(ScriptedEngine([_chapter(0)], prompted=False)).read_all(pages())
    assert next(readings).page == 0
    with pytest.raises(SourceError):
        next(readings)
