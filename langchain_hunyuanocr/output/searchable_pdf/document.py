"""Searchable PDF document: a source's own pages, with what was read as invisible text in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output.write import Write
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.pages.local_file import local_file
from langchain_hunyuanocr.results import Box, PageReading, Route
from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError

_A_PAGE_S = 2.0
"""Longest that a page may take on top of `timeout_s`."""
_MARGIN = 0.05

pool = Pool("langchain_hunyuanocr.output.searchable_pdf.worker", size=2)
"""The processes that write PDFs, shared by the whole process."""


class SearchablePdf:
    """Gathers what was read of a source, in a file beside the PDF, so that memory stays flat.

    Args:
        pages: What the pages are noted in; it stays open.
    """

    def __init__(self, pages: TextIO) -> None:
        self._pages = pages
        self._count = 0
        self._sha256 = ""

    def add(self, reading: PageReading) -> None:
        """Add a page, in order. One that failed, and one whose own text was trusted, is kept as it is.

        Of a page that was read from both its own text and its pictures, only what was read from the pictures is added.
        """
        lines = [] if reading.failed or reading.route is Route.TEXT_LAYER else _lines(reading)
        rotation = reading.rotation
        if reading.warp is not None:  # it leads back to the page as it lies in the file
            lines, rotation = (
                [(text, Box.from_pixels(*reading.warp.box_back(box), width=1, height=1)) for text, box in lines],
                0.0,
            )
        page = {"index": reading.page, "rotation": rotation, "lines": lines}
        self._pages.write(json.dumps(page, ensure_ascii=False) + "\n")
        self._count += 1
        self._sha256 = reading.sha256

    def make(self, source: Source, settings: PageSettings, out: Path) -> None:
        """Write the PDF of the pages that were added.

        Args:
            source: What they were read from.
            settings: How it was opened.
            out: Of the PDF; written over.

        Raises:
            SourceError: The source is gone, has changed, or gives no PDF; or no page was added.
        """
        if not self._count:
            raise SourceError("has no page to make a PDF of", source=source.name)
        self._pages.flush()
        with local_file(source, settings) as file:
            if file.sha256 != self._sha256:
                raise SourceError("the file has changed since it was read", source=source.name, remedy="read it again")
            timeout_s = settings.timeout_s + _A_PAGE_S * self._count
            request = {
                "path": str(file.path.absolute()),
                "pages": str(Path(self._pages.name).absolute()),
                "out": str(out.absolute()),
                "password": settings.password,
                "max_memory_mb": settings.max_memory_mb,
                "timeout_s": timeout_s,
            }
            try:
                reply, _ = pool.ask(file.sha256, request, timeout_s)
            except WorkerLostError as lost:
                raise SourceError(f"no PDF could be made of it: {lost}", source=source.name) from lost
            file.check(source)
        if "error" in reply:
            raise SourceError(f"no PDF could be made: it {reply['error']}", source=source.name, remedy=reply["remedy"])


@contextmanager
def write_searchable_pdf(out: Path, source: Source, settings: PageSettings) -> Iterator[Write]:
    """A PDF that is made at the end of the block, of the pages that were added in it.

    Raises:
        SourceError: As `SearchablePdf.make` does.
    """
    noted = out.with_name(out.name + ".pages")
    try:
        with noted.open("w", encoding="utf-8") as pages:
            pdf = SearchablePdf(pages)
            yield pdf.add
            pdf.make(source, settings, out)
    finally:
        with suppress(OSError):
            noted.unlink()


def _lines(reading: PageReading) -> list[tuple[str, Box]]:
    """The lines with their boxes; where the reader gave none, blocks or else all the text in rows down the page."""
    if reading.lines:
        # A line of the file's own text knows the size of its type, one that was read from a picture does not.
        own = reading.route is Route.MIXED
        return [(line.text, line.box) for line in reading.lines if not (own and line.size)]
    placed = [(block.box, reading.markdown[block.start : block.end]) for block in reading.blocks]
    if placed and all(box is not None for box, _ in placed):
        return [line for box, text in placed if box is not None for line in _rows(text, box)]
    return _rows(reading.markdown, Box(_MARGIN, _MARGIN, 1 - _MARGIN, 1 - _MARGIN))


def _rows(text: str, box: Box) -> list[tuple[str, Box]]:
    rows = [row for row in text.splitlines() if row.strip()]
    height = box.height / max(len(rows), 1)
    return [
        (row, Box(box.x0, box.y0 + height * number, box.x1, box.y0 + height * (number + 1)))
        for number, row in enumerate(rows)
    ]
