from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.rapid.engine import RapidEngine, _reason
from langchain_hunyuanocr.engines.rapid.models import Recogniser
from langchain_hunyuanocr.engines.rapid.recognition import _pieces
from langchain_hunyuanocr.errors import EngineError, TaskError
from langchain_hunyuanocr.reader import Reader
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


@pytest.mark.parametrize("language", [None, "", "en", "zh", "ZH-cn", "ja", "fr", "de", "nl", "latin"])
def test_languages_of_the_built_in_model_change_nothing(language: str | None) -> None:
    assert RapidEngine(language=language).model == RapidEngine().model == "PP-OCRv6-small"


@pytest.mark.parametrize(
    ("language", "model"),
    [
        ("ru", "eslav_PP-OCRv5_rec_mobile"),
        ("uk", "eslav_PP-OCRv5_rec_mobile"),
        ("BG", "cyrillic_PP-OCRv5_rec_mobile"),
        ("el", "el_PP-OCRv5_rec_mobile"),
        ("ar", "arabic_PP-OCRv5_rec_mobile"),
        ("hi", "devanagari_PP-OCRv5_rec_mobile"),
        ("devanagari", "devanagari_PP-OCRv5_rec_mobile"),
        ("ko", "korean_PP-OCRv5_rec_mobile"),
        ("kn", "ka_PP-OCRv4_rec_mobile"),
    ],
)
def test_a_language_of_another_script_has_its_model(language: str, model: str) -> None:
    assert RapidEngine(language=language).model == model


def test_a_language_that_no_model_reads_is_told() -> None:
    with pytest.raises(EngineError, match=r"no model of RapidOCR reads the language 'he' .*\bth\b.*local and server"):
        RapidEngine(language="he")


def test_a_language_is_part_of_what_names_a_reader() -> None:
    def fingerprint(language: str | None) -> str:
        return Reader(RapidEngine(language=language)).fingerprint

    assert fingerprint(None) == fingerprint("en")
    assert fingerprint("th") == fingerprint("TH") != fingerprint("en")
    assert fingerprint("ru") != fingerprint("bg")


@pytest.mark.parametrize("named", ["setting", "environment"])
def test_a_model_that_is_not_in_its_folder_is_told(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if named == "environment":
        monkeypatch.setenv("HUNYUANOCR_RAPID_MODELS", str(tmp_path))
    recogniser = Recogniser.of("th", tmp_path if named == "setting" else None)
    names = SimpleNamespace(LangRec=str, OCRVersion=str, ModelType=SimpleNamespace(MOBILE="mobile"))
    with pytest.raises(EngineError, match=r"there is no th_PP-OCRv5_rec_mobile.onnx in .*HUNYUANOCR_RAPID_MODELS"):
        recogniser.settings(cast(ModuleType, names))
    (tmp_path / "th_PP-OCRv5_rec_mobile.onnx").touch()
    assert recogniser.settings(cast(ModuleType, names)) == {
        "Rec.lang_type": "th",
        "Rec.ocr_version": "PP-OCRv5",
        "Rec.model_type": "mobile",
        "Rec.model_path": str(tmp_path / "th_PP-OCRv5_rec_mobile.onnx"),
    }
