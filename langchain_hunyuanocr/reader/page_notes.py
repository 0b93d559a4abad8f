"""Page notes: what is to be said of a page beside its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.results import Region

if TYPE_CHECKING:
    from langchain_hunyuanocr.pages import Page


def warnings_of(page: Page) -> tuple[str, ...]:
    """Warnings for a page's reading.

    The text that another OCR laid unseen over a scan is what the scan shows, and no reason for one.
    """
    layer = page.text_layer
    unseen: tuple[str, ...] = ()
    if layer.unseen and layer.why != "hidden":
        unseen = (f"{max(layer.unseen, 0.01):.0%} of the PDF's own text is not seen on the page and was left out",)
    return (*unseen, *page.notes)


def asides_of(page: Page) -> tuple[Region, ...]:
    """Watermarks and comments of a page, which are no part of its text; each wording of a watermark once."""
    layer = page.text_layer
    marks: dict[str, Region] = {}
    for line in layer.watermarks:
        marks.setdefault(line.text, Region(kind="watermark", text=line.text, box=line.box))
    return (*marks.values(), *(Region(kind="comment", text=line.text, box=line.box) for line in layer.comments))
