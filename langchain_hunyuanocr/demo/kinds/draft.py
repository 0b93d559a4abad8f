"""A document that is written and not yet scanned."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_hunyuanocr.demo.flow import Ask, Composed
from langchain_hunyuanocr.demo.truth import Language

Article = tuple[str, list[str], tuple[Ask, ...]]
"""Heading, paragraphs, and what the first paragraph answers."""


@dataclass(slots=True)
class Draft:
    """A document as its writer left it.

    Attributes:
        kind: `invoice`, `contract`, ...
        language: Of its text.
        name: Stem of the file, as an office would name it.
        pages: In order.
    """

    kind: str
    language: Language
    name: str
    pages: list[Composed]
