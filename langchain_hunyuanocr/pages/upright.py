"""Setting a rendered page upright, in the worker."""

from __future__ import annotations

from dataclasses import replace

from langchain_hunyuanocr.pages.ink import is_blank
from langchain_hunyuanocr.pages.opened import Rendered


def set_upright(rendered: Rendered, *, max_pixels: int) -> Rendered:
    """Turn a page so that its text stands upright, where the evidence is clear."""
    blank = not rendered.layer.good and is_blank(rendered.picture.convert("L"))
    return replace(rendered, blank=blank)
