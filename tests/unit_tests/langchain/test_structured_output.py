from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from pydantic import BaseModel

from langchain_hunyuanocr import HunyuanOCR
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.results import PageReading


class Bill(BaseModel):
    number: str
    date: dt.date
    total: Decimal
    note: str | None = None


class Item(BaseModel):
    name: str
    price: Decimal


class Items(BaseModel):
    number: str
    items: list[Item]


GOOD = json.dumps({"number": "A-1", "date": "2021年2月12日", "total": "1,200.50"}, ensure_ascii=False)


def _picture(shade: int = 30) -> bytes:
    page = Image.new("RGB", (120, 120), "white")
    page.paste((shade, 0, 0), (20, 20, 90, 60))
    packed = BytesIO()
    page.save(packed, "PNG")
    return packed.getvalue()


def _ocr(*answers: str, fields: tuple[str, ...] = ()) -> HunyuanOCR:
    return HunyuanOCR(engine=ScriptedEngine({"document": "some text", "fields": list(answers)}), fields=fields)


def test_a_page_becomes_a_validated_instance() -> None:
    bill = _ocr(f"```json\n{GOOD}\n```").with_structured_output(Bill).invoke(_picture())
    assert bill == Bill(number="A-1", date=dt.date(2021, 2, 12), total=Decimal("1200.50"))


def test_the_settings_stay_and_the_reader_of_the_first_is_not_shared() -> None:
    first = _ocr(GOOD, fields=("poem",))
    assert first.reader.task.kind == "document"
    assert first.with_structured_output(Bill).invoke(_picture()).number == "A-1"
    assert first.fields == ("poem",)


def test_raw_comes_with_what_was_parsed_or_why_not() -> None:
    answer = _ocr(GOOD).with_structured_output(Bill, include_raw=True).invoke(_picture())
    assert isinstance(answer["raw"], PageReading)
    assert answer["parsed"].total == Decimal("1200.50")
    assert answer["parsing_error"] is None
    bad = _ocr("not JSON").with_structured_output(Bill, include_raw=True).invoke(_picture())
    assert bad["raw"].markdown == "some text"
    assert bad["parsed"] is None
    assert isinstance(bad["parsing_error"], FieldError)


def test_what_does_not_fit_is_a_field_error_that_names_the_fields() -> None:
    with pytest.raises(FieldError, match=r"date.*total"):
        _ocr('{"number": "A-1", "date": "soon"}').with_structured_output(Bill).invoke(_picture())


def test_a_model_that_cannot_be_asked_for_is_refused_before_any_page() -> None:
    class Empty(BaseModel):
        pass

    with pytest.raises(FieldError, match="Empty"):
        HunyuanOCR(engine="no such engine").with_structured_output(Empty)


async def test_batches_and_async() -> None:
    chain = HunyuanOCR(engine=ScriptedEngine({"document": "text", "fields": GOOD})).with_structured_output(Bill)
    assert [bill.number for bill in chain.batch([_picture(1), _picture(2)])] == ["A-1", "A-1"]
    assert (await chain.ainvoke(_picture())).number == "A-1"
    assert [bill.number for bill in await chain.abatch([_picture(3)])] == ["A-1"]


def test_the_pages_of_a_paper_are_one_instance(tmp_path: Path) -> None:
    document = pymupdf.open()
    for shade in (10, 200):
        page = document.new_page(width=200, height=200)
        page.insert_image(page.rect, stream=_picture(shade))
    path = tmp_path / "two.pdf"
    document.save(path)
    first = '{"number": "A-1", "items": [{"name": "pen", "price": "1.50"}]}'
    second = '{"number": null, "items": [{"name": "ink", "price": "2.50"}]}'
    paper = _ocr(first, second).with_structured_output(Items).invoke(str(path))
    assert paper == Items(
        number="A-1", items=[Item(name="pen", price=Decimal("1.50")), Item(name="ink", price=Decimal("2.50"))]
    )
