"""Read schemas: what a request wants to have read, and the record of a page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, File, Form, UploadFile
from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.service.page_reading import ReadRequest
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.tasks import PromptLanguage

_MOST_FIELDS = 100
"""Each is looked for in every line of every page."""

Files = Annotated[
    list[UploadFile] | None,
    File(description="PDFs and pictures, and films for the task subtitle; give the field several times for several."),
]
Urls = Annotated[
    list[str] | None,
    Form(alias="url", description="Addresses of files, where the service was started with --allow-urls."),
]


def _wish(
    task: Annotated[
        str,
        Form(max_length=200, description="What each page is asked: document, text, table, ...", examples=["document"]),
    ] = "document",
    question: Annotated[str | None, Form(max_length=4000, description="Asked of each page in place of a task.")] = None,
    fields: Annotated[
        str | None,
        Form(max_length=8000, description="Values to find, with commas between.", examples=["invoice_number,total"]),
    ] = None,
    preset: Annotated[
        str | None,
        Form(max_length=200, description=f"A ready set of fields: {', '.join(PRESETS)}.", examples=["invoice"]),
    ] = None,
    pages: Annotated[str | None, Form(max_length=2000, description="Which pages, from 1.", examples=["1-3,7"])] = None,
    password: Annotated[str | None, Form(max_length=1000, description="Opens encrypted files.")] = None,
    force_ocr: Annotated[bool, Form(description="Read the picture even where a PDF has good text.")] = False,
    verify: Annotated[Verify | None, Form(description="How RapidOCR checks what a language model reads.")] = None,
    ground: Annotated[bool, Form(description="Give what a language model reads its boxes.")] = False,
    step_s: Annotated[
        float, Form(ge=0.02, le=60, description="Seconds from one look at a film to the next, for the task subtitle.")
    ] = 0.5,
    language: Annotated[PromptLanguage, Form(description="Language of the prompts.")] = "zh",
) -> ReadRequest:
    if question is not None and not question.strip():
        raise Problem(422, "no question is asked")
    names = () if fields is None else tuple(name.strip() for name in fields.replace("，", ",").split(","))
    if len(names) > _MOST_FIELDS:
        raise Problem(422, f"more than {_MOST_FIELDS} fields were asked for (ask for fewer at once)")
    return ReadRequest(
        task=task,
        question=question,
        fields=names,
        preset=preset,
        pages=pages or None,
        password=password or None,
        force_ocr=force_ocr,
        verify=verify,
        ground=ground,
        step_s=step_s,
        language=language,
    )


WishForm = Annotated[ReadRequest, Depends(_wish)]
"""The parameter by which an endpoint gets what is wanted."""


PAGE_EXAMPLE: dict[str, Any] = {
    "source": "invoice.png",
    "page": 0,
    "total_pages": 1,
    "engine": "rapid",
    "status": "ok",
    "markdown": "Invoice No: INV-2041\n\nTotal: 96.50",
    "tables": [],
    "lines": [{"text": "Invoice No: INV-2041", "box": [0.07, 0.13, 0.52, 0.21]}],
    "fields": [{"name": "total", "value": "96.50", "state": "confirmed", "page": 0, "box": [0.2, 0.33, 0.35, 0.41]}],
    "agreement": None,
    "doubts": [],
    "error": None,
}


EVENT_EXAMPLE = {"event": "page", "data": '{"source": "invoice.png", "page": 0, "status": "ok", "markdown": "..."}'}


class PageRecord(BaseModel):
    """A page as `hunyuanocr read --format json` prints it.

    `page` counts from 0. A file that cannot be opened has no page, the `status` `failed`, and an `error`.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [PAGE_EXAMPLE]})

    source: str | None
    page: int | None
    status: str
    error: str | None = None
    markdown: str | None = None
    tables: list[Any] | None = None
    lines: list[Any] | None = None
    fields: list[Any] | None = None
    agreement: float | None = None
    doubts: list[Any] | None = None
