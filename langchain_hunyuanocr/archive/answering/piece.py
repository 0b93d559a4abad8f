"""A piece of a page that could be an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from langchain_hunyuanocr.archive.searching.terms import terms_of
from langchain_hunyuanocr.results import Box

Kind = Literal["field", "pair", "cell", "sentence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something on a page that could be an answer.

    Attributes:
        kind: What it is.
        answer: The answer that it would give.
        quote: The words on the page that prove it, as they stand there.
        label: What the page calls it: a label, or the headers of the cell's row and column; empty for a sentence.
        near: Text around it that says what it is about.
        locate: Finds its box.
        sure: Whether it was read right for all that is known: a field that was not confirmed may be misread.
    """

    kind: Kind
    answer: str
    quote: str
    label: str
    near: str
    locate: Callable[[], Box | None]
    sure: bool = True


@lru_cache(maxsize=16384)
def words_of(text: str) -> frozenset[str]:
    """The terms of a text."""
    return frozenset(term.text for term in terms_of(text))
