"""Settings of a reader: what makes two of them equal, and the fingerprints that stored archives know."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from pydantic import BaseModel, Field

from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reader import Reader, ReadSettings


class Invoice(BaseModel):
    number: str = Field(title="Invoice No")
    total: Decimal | None = None
    issued: dt.date | None = None


@pytest.mark.parametrize(
    ("settings", "fingerprint"),
    [
        (ReadSettings(verify="off"), "83b3e5c62fecab07f37f84cb406aa4d6f1255bf6a396b642a3a4652d538ca301"),
        (
            ReadSettings(
                task="fields", fields=["invoice_number", "total"], language="en", verify="off", force_ocr=True
            ),
            "71b29f700146c561ebbe7cf525a5f9b4426c1f085650d5b5cef590fb9401f4dc",
        ),
        (
            ReadSettings(fields=Invoice, verify="off", repeat_merged=False),
            "410abd18f9fabd4b36d1943b8b32241d734789e9b085dc32934ca11f6d1ecaec",
        ),
        (
            ReadSettings(task="text", preset="invoice", verify="off"),
            "33241c34819b5e08c187d8d2daeff675a77a69ded4040c65aa6eada92945d321",
        ),
    ],
    ids=["defaults", "names", "model", "preset"],
)
def test_a_stored_archive_knows_these_fingerprints(settings: ReadSettings, fingerprint: str) -> None:
    # Another one, and every page of every archive would be read again.
    assert Reader(ScriptedEngine("", prompted=True), settings).fingerprint == fingerprint


def test_settings_that_ask_for_the_same_are_equal_and_do_not_change() -> None:
    names = ["total", "tax"]
    settings = ReadSettings(fields=names)
    names.append("date")
    assert settings == ReadSettings(fields=("total", "tax"))
    assert len({settings, ReadSettings(fields=("total", "tax")), ReadSettings(fields=Invoice)}) == 2
    assert ReadSettings(fields=Invoice) == ReadSettings(fields=Invoice, task="document")
    assert ReadSettings(fields=[]) != ReadSettings(), "none are wanted, or nothing is said"
    with pytest.raises(FrozenInstanceError):
        settings.preset = "invoice"  # type: ignore[misc]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="verify is 'some'; it can be 'numbers', 'all' or 'off'"):
        ReadSettings(verify="some")  # type: ignore[arg-type]
    # One word is no list of letters.
    with pytest.raises(FieldError, match="fields are a list of names"):
        Reader(ScriptedEngine(""), ReadSettings(fields="total"))
