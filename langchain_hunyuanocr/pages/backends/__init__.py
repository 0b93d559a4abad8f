"""Backends that open files, in the worker process: `pdf` (PyMuPDF) and `image` (Pillow).

`base` is what both offer, and `open_file` chooses the backend. `text_layer` reads a PDF page's own text: from `glyphs`
(`symbol_fonts`) by way of `visible_text` and `watermarks` to lines (`right_to_left`, `line_text`); `font_tables` says
which fonts vouch for themselves, `drawings` where pictures are, `annotations` what lies beside the page's content.
"""

from __future__ import annotations

from pathlib import Path

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.backends.base import OpenFile
from langchain_hunyuanocr.pages.file_types import HEAD_BYTES, _what, is_film_head


def open_file(path: str, *, password: str | None, max_memory_mb: int) -> OpenFile:
    """Open a file for what it is, whatever its name says.

    Raises:
        SourceError: It is of no kind that can be read, or encrypted, or damaged.
    """
    with Path(path).open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"%PDF-" in head:  # readers have always allowed for some bytes before the header
        from langchain_hunyuanocr.pages.backends.pdf import PdfFile

        return PdfFile(path, password, max_memory_mb)
    from langchain_hunyuanocr.pages.backends.image import PictureFile
    from langchain_hunyuanocr.pages.file_types import is_picture

    if is_film_head(head):
        raise SourceError("is a film, not a PDF or a picture", remedy="read its subtitles with the task subtitle")
    if not is_picture(head):
        raise SourceError(f"is {_what(head)}, not a PDF or a picture", remedy="convert it to PDF first")
    return PictureFile(path, max_memory_mb)
