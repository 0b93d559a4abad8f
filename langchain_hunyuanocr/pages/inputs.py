"""Inputs of one page: a path, bytes, a picture, or the content block of a message."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings
from langchain_hunyuanocr.pages.rendering import iter_pages
from langchain_hunyuanocr.pages.sources import Source, find_sources

_ADDRESS = re.compile(r"(https?:|data:)", re.IGNORECASE)


def source_of(value: Any) -> Source:
    """The one source that an input names.

    Args:
        value: What `find_sources` takes, or a message content block.

    Raises:
        SourceError: It is missing, or there is more than one.
    """
    sources = list(find_sources(_unwrapped(value) if isinstance(value, Mapping) else value))
    if len(sources) != 1:
        raise SourceError(f"{len(sources)} files were given, one was expected", remedy="use batch() for many")
    return sources[0]


def one_page(value: Any, settings: PageSettings | None = None) -> Page | PageFailure:
    """The only page of an input, or the one that `settings.pages` picks; the default settings where `None`.

    Raises:
        SourceError: The input cannot be opened, or holds more than one page.
    """
    source = source_of(value)
    pages = iter_pages(source, settings)
    page = next(pages)
    if page.total > 1 and next(pages, None) is not None:
        remedy = "use stream(), HunyuanOCRLoader, or pick one with the `pages` setting"
        raise SourceError(f"the input has {page.total} pages, one was expected", source=source.name, remedy=remedy)
    return page


def _unwrapped(block: Mapping[str, Any]) -> Any:
    """What a message content block holds: bytes, or a URL.

    The forms are LangChain's own (`base64`, `url`, `data`), OpenAI's (`image_url`) and Anthropic's (`source`).
    """
    inner = block.get("source") or block.get("image_url") or block.get("file") or block
    if isinstance(inner, str):
        return _address(inner)
    encoded = inner.get("base64") or inner.get("data") or inner.get("file_data")
    if isinstance(encoded, str) and not encoded.startswith("data:"):
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error as exc:
            raise SourceError("the content block is not valid base64", source="content block") from exc
    address = encoded or inner.get("url")
    if not isinstance(address, str):
        remedy = 'pass {"type": "image", "base64": ...} or {"type": "image_url", "image_url": {"url": ...}}'
        raise SourceError("the content block holds no picture", source="content block", remedy=remedy)
    return _address(address)


def _address(text: str) -> str:
    """A URL that a block may name: messages come from far away, and must not name files of this machine."""
    if not _ADDRESS.match(text):
        remedy = "use an http, https or data URL"
        raise SourceError("the content block names no URL that can be fetched", source="content block", remedy=remedy)
    return text
