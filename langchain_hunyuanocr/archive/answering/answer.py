"""An answer and the places that prove it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.results import Box


class Citation(BaseModel):
    """The place that proves an answer.

    Attributes:
        source: Path or URL of the file.
        page: Physical page from 0.
        quote: The words as they stand on the page.
        box: Where they stand on the page picture; `None` where that is not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    page: int
    quote: str
    box: Box | None = None


class Answer(BaseModel):
    """An answer with its proof.

    Attributes:
        answer: `None` where the archive does not hold one.
        mode: How it was found.
        citations: Best first; none where there is no answer.
        confident: Whether the proof speaks of all that was asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str | None
    mode: Literal["extractive", "visual", "llm"] = "extractive"
    citations: tuple[Citation, ...] = ()
    confident: bool = False
