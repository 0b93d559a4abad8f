"""Pages as they are sent, for the documentation; the answers themselves are what `hunyuanocr read` prints."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

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
