"""Joining: one Document for a whole file, and headers for tables that go on over a page break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.documents import Document

from langchain_hunyuanocr.documents.page_document import PageDocument, PageStart, metadata_of
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
from langchain_hunyuanocr.reading.tables.page_like import PageLike
from langchain_hunyuanocr.results import Block, Box, PageReading, Route, Status, Table

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

_ROUTES = [Route.TEXT_LAYER, Route.MIXED, Route.OCR]


def join_documents(readings: Sequence[PageReading]) -> PageDocument:
    """One Document of a whole file, its pages in order.

    Its metadata is that of the first page, except: `status` is the worst of its pages, `route` is `ocr` where any
    page was read by OCR, else `mixed` where any is, `agreement` is the mean over the pages by length of text,
    `unseen_text` the most of any page, and tables, doubts, warnings and fields are those of all pages (fields merged,
    see `merge_fields`). A table that goes on over the next page stands once, joined, where it begins, and what is left
    of the next page follows.

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
            "route": max((reading.route for reading in readings), key=_ROUTES.index),
            "agreement": _mean_agreement(readings),
            "doubts": tuple(doubt for reading in readings for doubt in reading.doubts),
            "warnings": tuple(dict.fromkeys(warning for reading in readings for warning in reading.warnings)),
            "unseen_text": max(reading.unseen_text for reading in readings),
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
    for page, continued in continuations(map(_Page.of, documents)):
        if continued is None or _has_header(continued):
            yield page.document
        else:
            yield _under_header(page, continued)


def _has_header(continued: Continuation) -> bool:
    """Whether the page repeats the whole header itself."""
    return continued.table.rows == continued.own.rows


def _under_header(page: _Page, continued: Continuation) -> PageDocument:
    seam = continued.seam
    text = _Text()
    text.add_stretch(page, 0, seam.start)
    first = seam.start + row_starts(continued.own.markdown)[seam.dropped]
    text.add_table(page, seam.start, continued.table.markdown, first)
    text.add_rows(page.page, continued, continued.table.header_rows, None)
    text.add_stretch(page, seam.end, len(page.markdown))
    return text.document(page.document.metadata, (continued.table, *page.tables[1:]))


def _tables_of(metadata: dict[str, Any]) -> Iterator[Table]:
    """The tables of a Document that came back from a store."""
    for markdown in metadata.get("tables") or ():
        if isinstance(markdown, str) and (rows := parse_markdown_table(markdown)):
            table = table_from_rows(rows, header_rows=header_rows_of_grid(rows))
            yield table.model_copy(update={"markdown": markdown})


@dataclass(frozen=True, slots=True)
class _Page:
    """What a Document tells of its page's text and tables."""

    document: Document
    source: str
    sha256: str
    page: int
    markdown: str
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]

    @classmethod
    def of(cls, document: Document) -> _Page:
        """The page of a Document; no page follows one that does not say where it stands."""
        metadata = document.metadata
        placed = document if isinstance(document, PageDocument) else PageDocument(page_content="")
        page = metadata.get("page")
        return cls(
            document,
            source=str(metadata.get("source")),
            sha256=str(metadata.get("sha256")),
            page=page if isinstance(page, int) and "source" in metadata else -2,
            markdown=document.page_content,
            blocks=placed.blocks,
            tables=placed.tables or tuple(_tables_of(metadata)),
        )


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

    def add_stretch(self, reading: PageLike, start: int, end: int) -> None:
        """Add `[start, end)` of a page's Markdown with the blocks that stand there."""
        self._pages.append(PageStart(self._length, reading.page, start))
        shift = self._length - start
        self._blocks += [
            block.model_copy(update={"start": block.start + shift, "end": block.end + shift})
            for block in reading.blocks
            if start <= block.start and min(block.end, len(reading.markdown)) <= end
        ]
        self._add(reading.markdown[start:end])

    def add_table(self, reading: PageLike, start: int, markdown: str, first: int) -> None:
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
