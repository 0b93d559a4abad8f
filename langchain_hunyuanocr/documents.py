"""A reading becomes a LangChain Document: its text, and metadata that any vector store takes.

Every value in the metadata is a str, int, float, bool or a non-empty list of one of these, and nothing in it changes
from one run to the next, so that two runs give equal Documents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.documents import Document
from pydantic import PrivateAttr

from langchain_hunyuanocr.results import Block, Field, FieldState, PageReading, Route, Status

PAGE_BREAK = "\n\n"
"""What stands between two pages in a Document of a whole file."""

_SEVERITY = [
    Status.BLANK,
    Status.OK,
    Status.DEGENERATE_RETRIED,
    Status.REPETITION_TRIMMED,
    Status.TRUNCATED,
    Status.FAILED,
]


class PageStart(NamedTuple):
    """Where a page begins in the text of a Document."""

    start: int
    page: int


class PageDocument(Document):
    """A Document that also knows the places of its blocks, so that a splitter can give each chunk its box.

    The places are not part of the metadata and are not serialised: a vector store sees a plain Document.
    """

    _blocks: tuple[Block, ...] = PrivateAttr(default=())
    _pages: tuple[PageStart, ...] = PrivateAttr(default=())

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks in reading order; offsets are into `page_content`."""
        return self._blocks

    @property
    def pages(self) -> tuple[PageStart, ...]:
        """The pages that the text holds, in order."""
        return self._pages

    @classmethod
    def placed(
        cls, text: str, metadata: dict[str, Any], *, blocks: tuple[Block, ...], pages: tuple[PageStart, ...]
    ) -> PageDocument:
        """A Document with the places of its blocks."""
        document = cls(page_content=text, metadata=metadata)
        document._blocks = blocks
        document._pages = pages
        return document


def metadata_of(reading: PageReading) -> dict[str, Any]:
    """The flat metadata of a page; keys whose value is unknown or empty are left out."""
    metadata: dict[str, Any] = {
        "source": reading.source,
        "file_name": reading.file_name,
        "sha256": reading.sha256,
        "page": reading.page,
        "total_pages": reading.total_pages,
        "page_label": reading.page_label,
        "engine": reading.engine,
        "model": reading.model,
        "revision": reading.revision,
        "task": reading.task,
        "route": reading.route.value,
        "status": reading.status.value,
        "agreement": reading.agreement,
        "doubts": [doubt.text for doubt in reading.doubts if doubt.text],
        "width": reading.width,
        "height": reading.height,
        "rotation": reading.rotation,
        "dpi": reading.dpi,
        "table_count": len(reading.tables),
        "tables": [table.markdown for table in reading.tables],
        **_field_metadata(reading.fields),
    }
    return {key: value for key, value in metadata.items() if value is not None and value != []}


def _field_metadata(fields: Sequence[Field]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for field in fields:
        key = f"field_{field.name}"
        metadata[key] = field.value
        metadata[f"{key}_state"] = field.state.value
        metadata[f"{key}_box"] = list(field.box) if field.box else None
    if fields:
        metadata["fields"] = json.dumps([field_record(field) for field in fields], ensure_ascii=False)
    return metadata


def field_record(field: Field) -> dict[str, Any]:
    """A field as JSON: name, value, state, page, box."""
    return field.model_dump(mode="json")


def to_document(reading: PageReading) -> PageDocument:
    """The Document of one page."""
    return PageDocument.placed(
        reading.markdown,
        metadata_of(reading),
        blocks=reading.blocks,
        pages=(PageStart(0, reading.page),),
    )


def join_documents(readings: Sequence[PageReading]) -> PageDocument:
    """One Document of a whole file, its pages in order.

    Its metadata is that of the first page, except: `status` is the worst of its pages, `route` is `ocr` where any
    page was read by OCR, `agreement` is the mean over the pages by length of text, and tables, doubts and fields are
    those of all pages (a field found on several pages keeps its first value).

    Args:
        readings: At least one, all of one file.
    """
    text: list[str] = []
    blocks: list[Block] = []
    starts: list[PageStart] = []
    offset = 0
    for reading in readings:
        if text:
            text.append(PAGE_BREAK)
            offset += len(PAGE_BREAK)
        starts.append(PageStart(offset, reading.page))
        blocks += [
            block.model_copy(update={"start": block.start + offset, "end": block.end + offset})
            for block in reading.blocks
        ]
        text.append(reading.markdown)
        offset += len(reading.markdown)
    whole = readings[0].model_copy(
        update={
            "status": max((reading.status for reading in readings), key=_SEVERITY.index),
            "route": Route.OCR if any(r.route is Route.OCR for r in readings) else Route.TEXT_LAYER,
            "agreement": _mean_agreement(readings),
            "doubts": tuple(doubt for reading in readings for doubt in reading.doubts),
            "tables": tuple(table for reading in readings for table in reading.tables),
            "fields": _first_values(readings),
        }
    )
    return PageDocument.placed("".join(text), metadata_of(whole), blocks=tuple(blocks), pages=tuple(starts))


def _mean_agreement(readings: Sequence[PageReading]) -> float | None:
    known = [(r.agreement, len(r.markdown)) for r in readings if r.agreement is not None]
    total = sum(length for _, length in known)
    return round(sum(share * length for share, length in known) / total, 4) if total else None


def _first_values(readings: Sequence[PageReading]) -> tuple[Field, ...]:
    found: dict[str, Field] = {}
    for field in (field for reading in readings for field in reading.fields):
        kept = found.get(field.name)
        if kept is None or (kept.state is FieldState.MISSING and field.state is not FieldState.MISSING):
            found[field.name] = field
    return tuple(found.values())


def to_record(reading: PageReading) -> dict[str, Any]:
    """A page as one JSON object: what `hunyuanocr read --format json` prints for it."""
    return {
        **metadata_of(reading),
        "agreement": reading.agreement,
        "error": reading.error,
        "markdown": reading.markdown,
        "tables": [
            table.model_dump(mode="json", include={"html", "markdown", "rows", "box"}) for table in reading.tables
        ],
        "lines": [{"text": line.text, "box": list(line.box)} for line in reading.lines],
        "fields": [field_record(field) for field in reading.fields],
        "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
    }
