"""From any input to pages.

`find_sources` says which files an input stands for; `iter_pages` gives a file's pages as pictures that stand upright,
with what the file itself says of them. Files are opened in worker processes, so a hostile one costs only itself.
"""

from langchain_hunyuanocr.pages.inputs import one_page, source_of
from langchain_hunyuanocr.pages.local_file import sha256_of
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings, TextLayer
from langchain_hunyuanocr.pages.rendering import aiter_pages, count_pages, iter_pages, render_page
from langchain_hunyuanocr.pages.sources import SUFFIXES, Source, find_sources, try_sources

__all__ = [
    "SUFFIXES",
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
