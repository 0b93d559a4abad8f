"""Pages and an engine become readings.

`settings` says how pages are read, and `reader` leads: `page_flow` says what is asked about one page, `batch_queue`
gathers requests for the engine, `verifier` has the second reader check; `sources` reads files of every kind. Of a PDF's
own text `layer_fonts` says whether it is what the page shows, and `layer_regions` what the page shows besides;
`page_notes` is what is said of a page beside its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.reader.reader import Reader
    from langchain_hunyuanocr.reader.settings import ReadSettings

__all__ = ["ReadSettings", "Reader"]

_HOMES = {"ReadSettings": "settings", "Reader": "reader"}
"""Imported on first use: an archive that is only searched needs no reader."""

__getattr__ = lazy_exports(__name__, _HOMES)
