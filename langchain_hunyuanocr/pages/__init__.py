"""From any input to pages.

`sources` finds the files an input stands for, `file_types` knows them by their first bytes, `local_file` brings one
here; `rendering` gives its pages as pictures that stand upright (`backends`, `orientation`), in the processes of
`worker`, so that a hostile file costs only itself. `page` is the value, `inputs` takes one page as it is,
`page_ranges` reads 1-3,7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.pages.inputs import one_page, source_of
    from langchain_hunyuanocr.pages.local_file import ChangedSourceError, sha256_of
    from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings, TextLayer
    from langchain_hunyuanocr.pages.rendering import aiter_pages, count_pages, iter_pages, render_page
    from langchain_hunyuanocr.pages.sources import SUFFIXES, Source, find_sources, try_sources

__all__ = [
    "SUFFIXES",
    "ChangedSourceError",
    "Page",
    "PageFailure",
    "PageSettings",
    "Source",
    "TextLayer",
    "aiter_pages",
    "count_pages",
    "find_sources",
    "iter_pages",
    "one_page",
    "render_page",
    "sha256_of",
    "source_of",
    "try_sources",
]

_HOMES = {
    **dict.fromkeys(("one_page", "source_of"), "inputs"),
    **dict.fromkeys(("ChangedSourceError", "sha256_of"), "local_file"),
    **dict.fromkeys(("Page", "PageFailure", "PageSettings", "TextLayer"), "page"),
    **dict.fromkeys(("aiter_pages", "count_pages", "iter_pages", "render_page"), "rendering"),
    **dict.fromkeys(("SUFFIXES", "Source", "find_sources", "try_sources"), "sources"),
}
"""Imported on first use: settings are needed where no page is."""

__getattr__ = lazy_exports(__name__, _HOMES)
