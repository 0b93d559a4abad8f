"""What an archive notes of how its pages were read: as archives of before have it, and taken up again."""

from __future__ import annotations

from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.saved_settings import DEFAULT_READING, note_reading, or_noted_reading
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.engines import Engine, RapidEngine, ScriptedEngine
from langchain_hunyuanocr.pages import PageSettings
from langchain_hunyuanocr.reader import ReadSettings


@pytest.mark.parametrize(
    ("engine", "settings", "noted"),
    [
        (
            "auto",
            DEFAULT_READING,
            '{"engine": "auto", "fields": null, "force_ocr": false, "ground": null, "preset": null, "verify": null}',
        ),
        (
            "rapid",
            ReadSettings(fields=["合计", "total"], force_ocr=True, verify="numbers"),
            '{"engine": "rapid", "fields": ["合计", "total"], "force_ocr": true, "ground": false, "preset": null, '
            '"verify": "numbers"}',
        ),
        (
            "auto",
            ReadSettings(fields=PageSettings, ground=None),
            '{"engine": "auto", "fields": "langchain_hunyuanocr.pages.page:PageSettings", "force_ocr": false, '
            '"ground": null, "preset": null, "verify": null}',
        ),
    ],
    ids=["nothing", "names", "model"],
)
def test_the_note_is_that_of_archives_before_and_comes_back(
    tmp_path: Path, engine: str, settings: ReadSettings, noted: str
) -> None:
    ledger = Ledger(tmp_path / "archive", create=True)
    assert or_noted_reading(ledger, "auto", DEFAULT_READING) == ("auto", DEFAULT_READING)
    note_reading(ledger, engine, settings)
    assert ledger.setting("reads_with") == noted
    assert or_noted_reading(ledger, "auto", DEFAULT_READING) == (engine, settings)
    ledger.close()


def test_what_is_asked_for_goes_before_the_note(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "archive", create=True)
    note_reading(ledger, "rapid", ReadSettings(preset="invoice", ground=None))
    given: Engine = ScriptedEngine("")
    assert or_noted_reading(ledger, given, DEFAULT_READING) == (given, ReadSettings(preset="invoice", ground=None))
    none_wanted = ReadSettings(fields=[], ground=None)
    assert or_noted_reading(ledger, "auto", none_wanted) == ("auto", none_wanted)
    note_reading(ledger, given, DEFAULT_READING)
    assert or_noted_reading(ledger, "auto", DEFAULT_READING) == ("auto", DEFAULT_READING)
    ledger.close()


def test_an_engine_that_is_set_to_a_language_is_made_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "archive", create=True)
    note_reading(ledger, RapidEngine(language="ru"), DEFAULT_READING)
    engine, settings = or_noted_reading(ledger, "auto", DEFAULT_READING)
    assert isinstance(engine, RapidEngine)
    assert (engine.language, settings) == ("ru", DEFAULT_READING)
    assert or_noted_reading(ledger, "rapid", DEFAULT_READING) == ("rapid", DEFAULT_READING)
    ledger.close()
