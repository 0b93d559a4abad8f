"""Annotations: what lies on a PDF page beside what is drawn: empty boxes of forms, comments, attached files."""

from __future__ import annotations

from collections.abc import Iterator

import pymupdf

from langchain_hunyuanocr.results import Box, Line

_MOST_NAMES = 5
_TICKED = (pymupdf.PDF_WIDGET_TYPE_CHECKBOX, pymupdf.PDF_WIDGET_TYPE_RADIOBUTTON)
_UNDRAWN = {pymupdf.PDF_ANNOT_FREE_TEXT, pymupdf.PDF_ANNOT_FILE_ATTACHMENT}
"""Kinds whose words are drawn on the page already, or are no words of anybody."""


def attachment_notes(document: pymupdf.Document, page: pymupdf.Page) -> tuple[str, ...]:
    """What is to be said of the attachments of a file, with its first page, and of a page's own.

    Args:
        document: The file.
        page: A page of it.
    """
    names = []
    if page.number == 0:
        names += [_name(document, number) for number in range(document.embfile_count())]
    names += [
        str(note.file_info.get("filename") or "a file without a name")
        for note in page.annots(types=(pymupdf.PDF_ANNOT_FILE_ATTACHMENT,))
    ]
    if not names:
        return ()
    listed = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    files, them = ("1 attached file was", "it") if len(names) == 1 else (f"{len(names)} attached files were", "them")
    return (f"{files} not read: {listed}; save {them} from the PDF and read {them} alone",)


def comments(page: pymupdf.Page) -> Iterator[Line]:
    """What people noted at a page; it is shown by a click alone."""
    for note in page.annots():
        text = " ".join((note.info.get("content") or "").split())
        if text and note.type[0] not in _UNDRAWN:
            yield Line(text=text, box=_box(note.rect, page))


def empty_boxes(page: pymupdf.Page) -> Iterator[Line]:
    """Boxes of a form that are not ticked; a tick is drawn text, an empty box a frame alone."""
    for widget in page.widgets(types=_TICKED):
        if widget.field_value in (None, "", "Off", False):
            yield Line(
                text="☐", box=_box(widget.rect, page), size=round(min(widget.rect.height / page.rect.height, 1), 5)
            )


def _name(document: pymupdf.Document, number: int) -> str:
    about = document.embfile_info(number)
    return str(about.get("ufilename") or about.get("filename") or about.get("name") or "a file without a name")


def _box(place: pymupdf.Rect, page: pymupdf.Page) -> Box:
    box = place * page.rotation_matrix
    return Box.from_pixels(box.x0, box.y0, box.x1, box.y1, width=page.rect.width, height=page.rect.height)
