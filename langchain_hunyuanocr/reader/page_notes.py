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
    unseen = ()
    if layer.unseen and layer.why != "hidden":
        unseen = (f"{max(layer.unseen, 0.01):.0%} of the PDF's own text is not seen on the page and was left out",)
    return (*unseen, *page.notes)


def watermarks_of(page: Page) -> tuple[Region, ...]:
    """Slanting and pale text across the page, each kind once, as regions."""
    found: dict[str, Region] = {}
    for line in page.text_layer.watermarks:
        found.setdefault(line.text, Region(kind="watermark", text=line.text, box=line.box))
    return tuple(found.values())
