"""Answers that are no reading of the page."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.reading.answers.phrases import is_degenerate
from langchain_hunyuanocr.results import Generation, Status
from langchain_hunyuanocr.tasks import TaskKind
from tests.unit_tests.readings import page


@pytest.mark.parametrize(
    "answer",
    [
        "(156,68),(783,758)",
        "<quad>(156,68),(783,758)</quad>",
        "(1,2),(3,4) (5,6),(7,8)\n",
        "<ref></ref><quad>(156,68),(783,68),(783,758),(156,758)</quad>",
        "<pos_156><pos_68><pos_783><pos_758>",
        '[{"box":[156,68,783,758],"text":""}]',
        '[{"bbox_2d": [156, 68, 783, 758]}, {"bbox_2d": "(1,2),(3,4)"}]',
        '```json\n[{"quad":[[156,68],[783,68],[783,758],[156,758]],"transcription":""}]\n```',
        "以下是图片中的文字内容：\n(156,68),(783,758)",
        "以下是图片中的文字内容：",
        "好的，以下是图片中的文字内容：",
        "图片中的文字如下：",
        "Here is the text in the image:",
        "The text in the image is as follows:",
        "这是一张发票的照片，上面有一些文字和印章。",
        "The image shows a scanned invoice with a table of items.",
    ],
)
def test_it_is_noticed(answer: str) -> None:
    assert is_degenerate(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "没有文字",
        "There is no text in the image.",
        "The image contains no text.",
        '[{"box":[156,68,783,758],"text":"Total"}]',
        "<pos_156><pos_68><pos_783><pos_758>Total",
        "[1, 2], [3, 4]",
        "Total (156,68),(783,758)",
        "以下是图片中的文字内容：\n发票号码 123",
        "本页无正文",
        "# The image shows a cat\n\nChapter one.",
        "The page contains: | a | b |\n| --- | --- |\n| 1 | 2 |",
        "The text of the contract follows.",
        "This image is an example of " + "a long paragraph that a book may well print. " * 20,
        "(3) Either party may end this agreement.",
        "1,024",
    ],
)
def test_what_is_read_is_left_alone(answer: str) -> None:
    assert not is_degenerate(answer)


def test_the_page_is_asked_for_its_text_and_says_so() -> None:
    engine = ScriptedEngine({TaskKind.DOCUMENT: "(156,68),(783,758)", TaskKind.TEXT: "Total 12.00"})
    reading = Reader(engine).read(page())
    assert (reading.markdown, reading.status) == ("Total 12.00", Status.DEGENERATE_RETRIED)
    assert reading.raw == "Total 12.00"
    assert engine.asked == {TaskKind.DOCUMENT: 1, TaskKind.TEXT: 1}


def test_a_worse_end_is_not_hidden() -> None:
    cut = Generation(text="Total", finish="length")
    engine = ScriptedEngine({TaskKind.DOCUMENT: "(156,68),(783,758)", TaskKind.TEXT: cut})
    assert Reader(engine).read(page()).status is Status.TRUNCATED
    failed = Generation(finish="error", error="out of memory")
    engine = ScriptedEngine({TaskKind.DOCUMENT: "(156,68),(783,758)", TaskKind.TEXT: failed})
    reading = Reader(engine).read(page())
    assert (reading.markdown, reading.status, reading.raw) == ("", Status.FAILED, "(156,68),(783,758)")
    assert reading.error is not None
    assert "only coordinates" in reading.error
    assert "out of memory" in reading.error


def test_an_empty_answer_is_asked_again_and_never_passes_for_a_blank_page() -> None:
    again = ScriptedEngine({TaskKind.DOCUMENT: " ", TaskKind.TEXT: "Total 12.00"}, prompted=True)
    reading = Reader(again).read(page())
    assert (reading.markdown, reading.status) == ("Total 12.00", Status.DEGENERATE_RETRIED)
    for task in ("document", "text"):
        silent = Reader(ScriptedEngine("", prompted=True), ReadSettings(task=task)).read(page())
        assert silent.status is Status.FAILED
        assert silent.error is not None
        assert silent.error.startswith("the model gave an empty answer (")
    assert Reader(ScriptedEngine("没有文字", prompted=True)).read(page()).status is Status.BLANK


def test_a_language_model_is_asked_for_the_fields_beside_the_text() -> None:
    engine = ScriptedEngine(
        {TaskKind.DOCUMENT: "Total 12.00", TaskKind.FIELDS: '{"total": "12.00"}'}, prompted=True, batch_size=2
    )
    reading = Reader(engine, ReadSettings(fields=["total", "tax"])).read(page())
    assert [field.value for field in reading.fields] == ["12.00", None]
    assert engine.batches == [2]


def test_other_tasks_are_not_asked_again() -> None:
    engine = ScriptedEngine("(156,68),(783,758)")
    assert Reader(engine, ReadSettings(task="layout")).read(page()).status is Status.OK
    assert engine.requests == 1


def test_the_probabilities_of_an_answer_are_kept_in_the_reading() -> None:
    answer = Generation(text="Total 12.00", mean_probability=0.9, least_probability=0.2)
    reading = Reader(ScriptedEngine(answer)).read(page())
    assert (reading.mean_probability, reading.least_probability) == (0.9, 0.2)
