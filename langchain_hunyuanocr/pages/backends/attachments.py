"""Attachments: the files that a PDF carries inside, which are no pages of it and are not read."""

from __future__ import annotations

import pymupdf

_MOST_NAMES = 5


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
    files = "1 attached file was" if len(names) == 1 else f"{len(names)} attached files were"
    return (f"{files} not read: {listed}; save it from the PDF and read it alone",)


def _name(document: pymupdf.Document, number: int) -> str:
    about = document.embfile_info(number)
    return str(about.get("ufilename") or about.get("filename") or about.get("name") or "a file without a name")
