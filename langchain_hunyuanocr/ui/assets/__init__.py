"""Style and scripts of the page, and `asset`, which gives their text."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache
def asset(name: str) -> str:
    """A file of the page: its style, or a script."""
    return files("langchain_hunyuanocr.ui").joinpath("assets", name).read_text(encoding="utf-8")
