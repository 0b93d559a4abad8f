"""The process in which searchable PDFs are made: `python -m langchain_hunyuanocr.output.searchable_pdf.worker`.

The file is opened once more for it, and a hostile one costs no more here than when it was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output.searchable_pdf.images_to_pdf import pictures_as_pdf
from langchain_hunyuanocr.output.searchable_pdf.invisible_text import InvisibleText, TextLine
from langchain_hunyuanocr.pages.file_types import HEAD_BYTES
from langchain_hunyuanocr.results import Box
from langchain_hunyuanocr.worker_pool import answer_within_limits, serve


def make_pdf(path: str, password: str | None, pages: str, out: str) -> None:
    """Write the pages that were read, with their text.

    Args:
        path: The file that was read.
        password: Opens it.
        pages: A file of JSON lines, one a page: `index`, `rotation`, and `lines` as `[text, box]`.
        out: The file to write.

    Raises:
        SourceError: The file has changed so that it cannot be opened any more.
    """
    numbers = [page["index"] for page in _each(pages)]
    document = _opened(path, password, numbers)
    try:
        layer = InvisibleText(document)
        for number, page in enumerate(_each(pages)):
            lines = [TextLine(text, Box(*box)) for text, box in page["lines"]]
            if lines:
                layer.add(document[number], lines, page["rotation"])
        layer.end()
        document.save(out, garbage=1, deflate=True, encryption=pymupdf.PDF_ENCRYPT_KEEP)
    finally:
        document.close()


def _opened(path: str, password: str | None, numbers: list[int]) -> pymupdf.Document:
    with Path(path).open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"%PDF-" not in head:
        return pictures_as_pdf(path, numbers)
    document = pymupdf.open(path, filetype="pdf")
    if document.needs_pass and not document.authenticate(password or ""):
        raise SourceError("is encrypted, and the password is wrong", remedy="give the right password")
    if numbers != list(range(document.page_count)):
        document.select(numbers)
    return document


def _each(pages: str) -> Iterator[dict[str, Any]]:
    with Path(pages).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _answer(request: dict[str, Any], _: bytearray) -> tuple[dict[str, Any], bytes]:
    def work() -> tuple[dict[str, Any], bytes]:
        make_pdf(request["path"], request["password"], request["pages"], request["out"])
        return {}, b""

    return answer_within_limits(request, work, lambda: None)


if __name__ == "__main__":
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    serve(_answer)
