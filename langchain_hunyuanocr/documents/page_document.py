"""Page document: a reading as a LangChain Document, with metadata that any vector store takes.

Every value in the metadata is a str, int, float, bool or a non-empty list of one of these, and nothing in it changes
from one run to the next, so that two runs give equal Documents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.documents import Document
from pydantic import PrivateAttr

from langchain_hunyuanocr.results import Block, Box, Field, PageReading, Table


class PageStart(NamedTuple):
    """Where a page begins in the text of a Document, or goes on after a piece of another one."""

    start: int
    page: int
    offset: int = 0
    """Where in the page's own Markdown the text goes on from here."""
    box: Box | None = None
    """On this page, of the table that began on another one and goes on from here."""


class PageDocument(Document):
    """A Document that also knows its tables, and the places of its blocks, which give a splitter the box of each chunk.

    These are not part of the metadata and are not serialised: a vector store sees a plain Document, and
    `langchain_core.load` writes one and gives one back. So they are no part of equality either: Documents are equal
    where their text, metadata and id are, whether they know their places or not.
    """

    _blocks: tuple[Block, ...] = PrivateAttr(default=())
    _pages: tuple[PageStart, ...] = PrivateAttr(default=())
    _tables: tuple[Table, ...] = PrivateAttr(default=())

    @classmethod
    def lc_id(cls) -> list[str]:
        """That of `Document`: LangChain's loading takes no class that it does not know."""
        return Document.lc_id()

    def __eq__(self, other: object) -> bool:
        """Whether another Document says the same. Python asks this one for `plain == placed` as well."""
        if isinstance(other, PageDocument) or type(other) is Document:
            return dict(self) == dict(other)
        return NotImplemented

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks in reading order; offsets are into `page_content`."""
        return self._blocks

    @property
    def pages(self) -> tuple[PageStart, ...]:
        """Where the pages stand that the text holds, in the order of the text."""
        return self._pages

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in the text, in reading order."""
        return self._tables

    @classmethod
    def placed(
        cls,
        text: str,
        metadata: dict[str, Any],
        *,
        blocks: tuple[Block, ...],
        pages: tuple[PageStart, ...],
        tables: tuple[Table, ...] = (),
    ) -> PageDocument:
        """A Document with the places of its blocks, and its tables."""
        document = cls(page_content=text, metadata=metadata)
        document._blocks = blocks
        document._pages = pages
        document._tables = tables
        return document


def metadata_of(reading: PageReading) -> dict[str, Any]:
    """The flat metadata of a page; keys whose value is unknown or empty are left out."""
    metadata: dict[str, Any] = {
        "source": reading.source,
        "file_name": reading.file_name,
        "sha256": reading.sha256,
        "page": reading.page,
        "total_pages": reading.total_pages or None,
        "page_label": reading.page_label,
        "start_s": reading.start_s,
        "end_s": reading.end_s,
        "engine": reading.engine,
        "model": reading.model,
        "revision": reading.revision,
        "task": reading.task,
        "route": reading.route.value,
        "status": reading.status.value,
        "agreement": reading.agreement,
        "confidence": _confidence(reading),
        "doubts": [doubt.text for doubt in reading.doubts if doubt.text],
        "unread": sum(doubt.kind == "unread" for doubt in reading.doubts) or None,
        "warnings": list(reading.warnings),
        "unseen_text": reading.unseen_text or None,
        "width": reading.width,
        "height": reading.height,
        "rotation": reading.rotation,
        "dpi": reading.dpi,
        "translation": reading.translation,
        "header": reading.header,
        "footer": reading.footer,
        "table_count": len(reading.tables),
        "tables": [table.markdown for table in reading.tables],
        **_field_metadata(reading.fields),
    }
    return {key: value for key, value in metadata.items() if value is not None and value != []}


def _confidence(reading: PageReading) -> float | None:
    """Mean score of the lines, by length of their text, 0 to 1; `None` where the recogniser gives none."""
    scored = [(line.score, len(line.text)) for line in reading.lines if line.score is not None]
    letters = sum(length for _, length in scored)
    return round(sum(score * length for score, length in scored) / letters, 4) if letters else None


def _field_metadata(fields: Sequence[Field]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for field in fields:
        key = f"field_{field.name}"
        metadata[key] = field.value
        metadata[f"{key}_normalised"] = field.normalised
        metadata[f"{key}_state"] = field.state.value
        metadata[f"{key}_confidence"] = field.confidence
        metadata[f"{key}_others"] = [other.value for other in field.others]
        metadata[f"{key}_box"] = list(field.box) if field.box else None
    if fields:
        metadata["fields"] = json.dumps([field_record(field) for field in fields], ensure_ascii=False)
    return metadata


def field_record(field: Field) -> dict[str, Any]:
    """A field as JSON: name, value, state, page, box; where it has them normalised, confidence, others, corrected."""
    record = field.model_dump(mode="json", exclude={"normalised", "confidence", "others", "corrected"})
    if field.normalised is not None:
        record["normalised"] = field.normalised
    if field.confidence is not None:
        record["confidence"] = field.confidence
    if field.others:
        record["others"] = [other.model_dump(mode="json") for other in field.others]
    if field.corrected:
        record["corrected"] = True
    return record


def to_document(reading: PageReading) -> PageDocument:
    """The Document of one page."""
    return PageDocument.placed(
        reading.markdown,
        metadata_of(reading),
        blocks=reading.blocks,
        pages=(PageStart(0, reading.page),),
        tables=reading.tables,
    )


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
        "lines": [
            {"text": line.text, "box": list(line.box), **({} if line.score is None else {"score": line.score})}
            for line in reading.lines
        ],
        "fields": [field_record(field) for field in reading.fields],
        "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
        "regions": [region.model_dump(mode="json") for region in reading.regions],
    }
