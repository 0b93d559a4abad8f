from __future__ import annotations

import sys

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.rapid.engine import RapidEngine, _reason
from langchain_hunyuanocr.engines.rapid.recognition import _pieces
from langchain_hunyuanocr.errors import EngineError, TaskError
from langchain_hunyuanocr.tasks import Task, TaskKind

PICTURE = Image.new("RGB", (40, 40), "white")


def test_a_line_is_parted_at_a_wide_gap() -> None:
    words = [("left", 0.0, 40.0), ("side", 45.0, 80.0), ("right", 130.0, 180.0)]
    assert _pieces("left side right", 0, 182, 20, words) == [("left side", 0, 80.0), ("right", 130.0, 182)]


def test_a_line_without_wide_gaps_stays_whole() -> None:
    assert _pieces("one two", 0, 80, 20, [("one", 0, 30), ("two", 38, 78)]) == [("one two", 0, 80)]


def test_chinese_is_parted_between_characters() -> None:
    words = [("单", 0.0, 20.0), ("位", 20.0, 40.0), ("元", 90.0, 110.0)]
    assert _pieces("单位元", 0, 112, 20, words) == [("单位", 0, 40.0), ("元", 90.0, 112)]


def test_words_that_do_not_stand_in_the_text_part_nothing() -> None:
    assert _pieces("abc", 0, 100, 20, [("x", 0, 10), ("y", 80, 90)]) == [("abc", 0, 100)]


def test_tasks_that_need_a_language_model_are_refused() -> None:
    with pytest.raises(TaskError, match="cannot do the task 'formula'"):
        RapidEngine().generate([Request(PICTURE, Task(kind=TaskKind.FORMULA))])


def test_no_requests_load_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    assert RapidEngine().generate([]) == []


def test_without_rapidocr_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = RapidEngine()
    engine.close()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(EngineError, match=r"langchain-hunyuanocr\[rapid\]"):
        engine.generate([Request(PICTURE, Task())])


def test_an_error_is_told_in_its_last_line() -> None:
    assert _reason(RuntimeError("Traceback\n  File x\nShape mismatch\n")) == "Shape mismatch"
    assert _reason(RuntimeError()) == "RuntimeError"
