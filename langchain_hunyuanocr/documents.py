"""A reading becomes a LangChain Document: its text, and metadata that any vector store takes.

Every value in the metadata is a str, int, float, bool or a non-empty list of one of these, and nothing in it changes
from one run to the next, so that two runs give equal Documents.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from langchain_core.documents import Document
from pydantic import PrivateAttr

from langchain_hunyuanocr.reading.fields.merge_pages import merge_fields
from langchain_hunyuanocr.reading.tables.across_pages import (
    Continuation,
    Joined,
    continuations,
    joined_tables,
    tables_of,
)
from langchain_hunyuanocr.reading.tables.build import table_from_rows
from langchain_hunyuanocr.reading.tables.headers import header_rows_of_grid
from langchain_hunyuanocr.reading.tables.markdown import parse_markdown_table, row_starts
from langchain_hunyuanocr.results import Block, Box, Field, PageReading, Route, Status, Table

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
    """Where a page begins in the text of a Document, or goes on after a piece of another one."""

    start: int
    page: int
    offset: int = 0
    """Where in the page's own Markdown the text goes on from here."""
    box: Box | None = None
    """On this page, of the table that began on another one and goes on from here."""


class PageDocument(Document):
    """A Document that also knows its tables, and the places of its blocks, which give a splitter the box of each chunk.

    These are not part of the metadata and are not serialised: a vector store sees a plain Document.
    """

    _blocks: tuple[Block, ...] = PrivateAttr(default=())
    _pages: tuple[PageStart, ...] = PrivateAttr(default=())
    _tables: tuple[Table, ...] = PrivateAttr(default=())

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
        "doubts": [doubt.text for doubt in reading.doubts if doubt.text],
        "width": reading.width,
        "height": reading.height,
        "rotation": reading.rotation,
        "dpi": reading.dpi,
        "translation": reading.translation,
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
        metadata[f"{key}_normalised"] = field.normalised
        metadata[f"{key}_state"] = field.state.value
        metadata[f"{key}_others"] = [other.value for other in field.others]
        metadata[f"{key}_box"] = list(field.box) if field.box else None
    if fields:
        metadata["fields"] = json.dumps([field_record(field) for field in fields], ensure_ascii=False)
    return metadata


def field_record(field: Field) -> dict[str, Any]:
    """A field as JSON: name, value, state, page, box; and, where it is so, the value normalised, others, corrected."""
    record = field.model_dump(mode="json", exclude={"normalised", "others", "corrected"})
    if field.normalised is not None:
        record["normalised"] = field.normalised
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


def join_documents(readings: Sequence[PageReading]) -> PageDocument:
    """One Document of a whole file, its pages in order.

    Its metadata is that of the first page, except: `status` is the worst of its pages, `route` is `ocr` where any
    page was read by OCR, `agreement` is the mean over the pages by length of text, and tables, doubts and fields are
    those of all pages (fields merged, see `merge_fields`). A table that goes on over the next page
    stands once, joined, where it begins, and what is left of the next page follows.

    Args:
        readings: At least one, all of one file.
    """
    found = list(continuations(readings))
    joined = {table.begins: table for table in joined_tables(found)}
    text = _Text()
    for number, (reading, continued) in enumerate(found):
        text.add_page(reading, continued, joined.get(number))
    whole = readings[0].model_copy(
        update={
            "status": max((reading.status for reading in readings), key=_SEVERITY.index),
            "route": Route.OCR if any(r.route is Route.OCR for r in readings) else Route.TEXT_LAYER,
            "agreement": _mean_agreement(readings),
            "doubts": tuple(doubt for reading in readings for doubt in reading.doubts),
            "tables": tuple(tables_of(found)),
            "fields": merge_fields([reading.fields for reading in readings]),
        }
    )
    return text.document(metadata_of(whole), whole.tables)


def with_headers(documents: Iterable[Document]) -> Iterator[Document]:
    """The Documents of pages as they come; a table that goes on from the page before gets the header that it has there.

    The places of a Document that is changed for it lead to where its text stands in the page's own Markdown, which does
    not have that header. Other Documents pass as they are.

    Args:
        documents: As the loader gives them, or plain ones with `source`, `page` and `tables` in their metadata, the
            pages of a source in order; no more than two are held.
    """
    waiting: deque[Document] = deque()

    def readings() -> Iterator[PageReading]:
        for document in documents:
            waiting.append(document)
            yield _read_back(document)

    for reading, continued in continuations(readings()):
        document = waiting.popleft()
        if continued is None or _has_header(continued):
            yield document
        else:
            yield _under_header(reading, continued, document.metadata)


def _has_header(continued: Continuation) -> bool:
    """Whether the page repeats the whole header itself."""
    return continued.table.rows == continued.own.rows


def _under_header(reading: PageReading, continued: Continuation, metadata: dict[str, Any]) -> PageDocument:
    seam = continued.seam
    text = _Text()
    text.add_stretch(reading, 0, seam.start)
    first = seam.start + row_starts(continued.own.markdown)[seam.dropped]
    text.add_table(reading, seam.start, continued.table.markdown, first)
    text.add_rows(reading.page, continued, continued.table.header_rows, None)
    text.add_stretch(reading, seam.end, len(reading.markdown))
    return text.document(metadata, (continued.table, *reading.tables[1:]))


def _read_back(document: Document) -> PageReading:
    """What a Document tells of its page's text and tables; no page follows one that does not say where it stands."""
    metadata, text = document.metadata, document.page_content
    placed = document if isinstance(document, PageDocument) else PageDocument(page_content="")
    page = metadata.get("page")
    return PageReading(
        source=str(metadata.get("source")),
        file_name="",
        sha256=str(metadata.get("sha256")),
        page=page if isinstance(page, int) and "source" in metadata else -2,
        total_pages=1,
        engine="",
        model="",
        revision="",
        task="",
        status=Status.OK,
        markdown=text,
        blocks=placed.blocks,
        tables=placed.tables or tuple(_tables_of(metadata)),
        width=1,
        height=1,
        dpi=0,
    )


def _tables_of(metadata: dict[str, Any]) -> Iterator[Table]:
    """The tables of a Document that came back from a store."""
    for markdown in metadata.get("tables") or ():
        if isinstance(markdown, str) and (rows := parse_markdown_table(markdown)):
            table = table_from_rows(rows, header_rows=header_rows_of_grid(rows))
            yield table.model_copy(update={"markdown": markdown})


class _Text:
    """The text of a Document as it is put together, with the places of its blocks and pages."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._rows: list[int] = []
        """Where the rows of the last table begin."""
        self._blocks: list[Block] = []
        self._pages: list[PageStart] = []

    def add_page(self, reading: PageReading, continued: Continuation | None, chain: Joined | None) -> None:
        """Add a page, without what `continued` moves to the page where its table begins, `chain` in its place."""
        if continued is None and chain is None:
            self._part()
            self.add_stretch(reading, 0, len(reading.markdown))
            return
        done = 0
        if continued is not None:
            self._add_trimmed(reading, 0, continued.seam.lead)
            done = continued.seam.end
        if chain is not None:
            self._add_trimmed(reading, done, chain.start)
            self._part()
            self.add_table(reading, chain.start, chain.table.markdown, chain.start)
            row = len(reading.tables[-1].rows)
            for page, part in chain.rest:
                self.add_rows(page.page, part, row, part.table.box)
                row += len(part.table.rows) - part.table.header_rows
            done = chain.end
        self._add_trimmed(reading, done, len(reading.markdown))

    def add_stretch(self, reading: PageReading, start: int, end: int) -> None:
        """Add `[start, end)` of a page's Markdown with the blocks that stand there."""
        self._pages.append(PageStart(self._length, reading.page, start))
        shift = self._length - start
        self._blocks += [
            block.model_copy(update={"start": block.start + shift, "end": block.end + shift})
            for block in reading.blocks
            if start <= block.start and min(block.end, len(reading.markdown)) <= end
        ]
        self._add(reading.markdown[start:end])

    def add_table(self, reading: PageReading, start: int, markdown: str, first: int) -> None:
        """Add a table instead of the one at `start` of a page; its first row stands there at `first`."""
        self._rows = [self._length + start for start in row_starts(markdown)]
        self._pages.append(PageStart(self._length, reading.page, first))
        self._blocks += [
            block.model_copy(update={"start": self._length, "end": self._length + len(markdown)})
            for block in reading.blocks
            if block.start <= start < block.end
        ]
        self._add(markdown)

    def add_rows(self, page: int, part: Continuation, row: int, box: Box | None) -> None:
        """Say that the rows of a page begin at `row` of the last table."""
        own, dropped = row_starts(part.own.markdown), part.seam.dropped
        # The line of dashes stands below the first row on the page, and is gone from there.
        for number in range(dropped, min(dropped + 2, len(own))):
            at = self._rows[row + number - dropped]
            self._pages.append(PageStart(at, page, part.seam.start + own[number], box))

    def document(self, metadata: dict[str, Any], tables: tuple[Table, ...]) -> PageDocument:
        """The Document of all that was added."""
        return PageDocument.placed(
            "".join(self._parts), metadata, blocks=tuple(self._blocks), pages=tuple(self._pages), tables=tables
        )

    def _add_trimmed(self, reading: PageReading, start: int, end: int) -> None:
        part = reading.markdown[start:end]
        if part.strip():
            self._part()
            start += len(part) - len(part.lstrip("\n"))
            self.add_stretch(reading, start, start + len(part.strip("\n")))

    def _part(self) -> None:
        if self._pages:
            self._add(PAGE_BREAK)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _mean_agreement(readings: Sequence[PageReading]) -> float | None:
    known = [(r.agreement, len(r.markdown)) for r in readings if r.agreement is not None]
    total = sum(length for _, length in known)
    return round(sum(share * length for share, length in known) / total, 4) if total else None


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
        "regions": [region.model_dump(mode="json") for region in reading.regions],
    }
