"""Errors, tasks and results: what everything else stands on."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import langchain_hunyuanocr
from langchain_hunyuanocr.errors import (
    EngineError,
    FieldError,
    HunyuanOCRError,
    PageError,
    SourceError,
    TaskError,
    require,
)
from langchain_hunyuanocr.report import Report, Tally
from langchain_hunyuanocr.results import Box, PageReading, Status
from langchain_hunyuanocr.tasks import Task, TaskKind
from tests.unit_tests.readings import reading


def test_an_error_names_file_page_and_remedy_in_one_line_and_survives_a_pickle() -> None:
    error = PageError("cannot be rendered", source="a b.pdf", page=2, remedy="try another reader")
    assert str(error) == "a b.pdf, page 3: cannot be rendered (try another reader)"
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), type(copy), copy.page) == (str(error), PageError, 2)
    assert isinstance(SourceError("x"), HunyuanOCRError)


def test_a_missing_extra_is_mended_by_one_line() -> None:
    with pytest.raises(
        EngineError, match=r'no_such_thing is not installed \(pip install "langchain-hunyuanocr\[rapid\]"'
    ):
        require("no_such_thing.inner", extra="rapid")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import no_such_thing",
            r"no_such_thing, which broken_extra needs, is not installed \(pip install .*\[rapid\]",
        ),
        (
            "raise RuntimeError('made for\\nanother Python')",
            r"installed but cannot be imported: made for another Python",
        ),
        ("raise OSError()", r"installed but cannot be imported: OSError \(pip install --force-reinstall .*\[rapid\]"),
        (
            "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')",
            r"cannot be imported: .* \(install the package of your system that holds libGL.so.1\)",
        ),
    ],
)
def test_a_broken_extra_is_told_in_one_line_too(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_extra.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match=message) as caught:
        require("broken_extra", extra="rapid")
    assert "\n" not in str(caught.value)


def test_prompts_are_those_the_model_was_trained_on() -> None:
    assert Task(kind=TaskKind.TEXT).prompt == "提取图中的文字。"
    assert Task(kind=TaskKind.TABLE, language="en").prompt == "Parse the table in the image into HTML."
    assert Task(kind=TaskKind.LAYOUT, language="en").prompt == "按照阅读顺序解析图中的版式信息。"
    assert Task(kind=TaskKind.FIELDS, fields=("total",)).prompt == "输出 total 的值。"
    many = Task(kind=TaskKind.FIELDS, fields=("total", "日期"))
    assert many.prompt == "提取图片中的: ['total','日期'] 的字段内容，并按照 JSON 格式返回。"
    assert Task(kind=TaskKind.QUESTION, question="谁签的？").prompt == "谁签的？"
    assert all(
        Task(kind=k, fields=("a",), question="b", language=lang).prompt for k in TaskKind for lang in ("zh", "en")
    )


def test_a_task_that_makes_no_sense_is_refused_with_a_remedy() -> None:
    with pytest.raises(TaskError, match="choose one of document, text"):
        Task.of("poetry")
    with pytest.raises(FieldError, match="no field is named"):
        Task.of("fields")
    with pytest.raises(FieldError, match="twice"):
        Task(kind=TaskKind.FIELDS, fields=("a", "a"))
    with pytest.raises(TaskError, match="no question"):
        Task.of("question")


def test_boxes() -> None:
    assert Box.from_pixels(-5, 10, 50, 300, width=100, height=200) == (0, 0.05, 0.5, 1)
    assert Box.around([Box(0.1, 0.2, 0.3, 0.4), Box(0.2, 0.1, 0.5, 0.3)]) == (0.1, 0.1, 0.5, 0.4)
    assert Box.around([]) is None


def test_a_reading_round_trips_through_json() -> None:
    page = reading("text", lines=[{"text": "a", "box": [0, 0, 1, 1]}])
    assert PageReading.model_validate_json(page.model_dump_json()) == page
    assert page.lines[0].box.width == 1


def test_a_tally_accounts_for_every_page_and_source() -> None:
    tally = Tally()
    tally.add(reading("a"))
    tally.add(reading("", page=1, status=Status.BLANK))
    tally.add(reading("", page=2, status=Status.FAILED, error="torn"))
    tally.add(reading("b", source="other.png"))
    tally.add_failure("lost.pdf", "there is no such file")
    report = tally.report()
    assert (report.files, report.pages, report.done, report.blank, report.failed) == (2, 4, 2, 1, 1)
    assert [(f.source, f.page, f.error) for f in report.failures] == [
        ("scan.pdf", 2, "torn"),
        ("lost.pdf", None, "there is no such file"),
    ]
    assert not report.complete
    assert Report().complete


def test_public_names_are_there() -> None:
    assert all(getattr(langchain_hunyuanocr, name) for name in langchain_hunyuanocr.__all__)
    assert set(langchain_hunyuanocr.__all__) <= set(dir(langchain_hunyuanocr))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = langchain_hunyuanocr.Nothing
