"""Pages and readings for tests, made from the little that a test is about."""

from __future__ import annotations

from typing import Any

from PIL import Image

from langchain_hunyuanocr.pages import Page, TextLayer
from langchain_hunyuanocr.results import Block, Box, Line, PageReading, Status


def reading(markdown: str = "", **changes: Any) -> PageReading:
    """A reading of one page; whatever is not named has a plain value."""
    values: dict[str, Any] = {
        "source": "scan.pdf",
        "file_name": "scan.pdf",
        "sha256": "0" * 64,
        "page": 0,
        "total_pages": 1,
        "engine": "scripted",
        "model": "scripted",
        "revision": "",
        "task": "document",
        "status": Status.OK,
        "markdown": markdown,
        "width": 100,
        "height": 200,
        "dpi": 150,
    }
    return PageReading(**{**values, **changes})


def page(index: int = 0, *, total: int = 1, source: str = "scan.pdf", text: str = "", **changes: Any) -> Page:
    """A page with a small white picture and, where `text` is given, a good text layer of one line."""
    layer = TextLayer(lines=(Line(text=text, box=Box(0.1, 0.1, 0.9, 0.2), size=0.05),), good=True, why="good")
    values: dict[str, Any] = {
        "source": source,
        "file_name": source,
        "sha256": "0" * 64,
        "index": index,
        "total": total,
        "label": None,
        "picture": Image.new("RGB", (64, 96), "white"),
        "dpi": 72,
        "text_layer": layer if text else TextLayer(),
    }
    return Page(**{**values, **changes})


def paragraph(start: int, end: int, *, top: float = 0.1) -> Block:
    """A paragraph block with a box."""
    return Block(kind="paragraph", start=start, end=end, box=Box(0.1, top, 0.9, top + 0.1))
