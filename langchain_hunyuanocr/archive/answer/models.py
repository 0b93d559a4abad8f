"""Answer models: an answer, its citations, and the sentences that were struck."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from langchain_hunyuanocr.results import Box

FoundBy = Literal["extractive", "visual", "llm"]
Mode = Literal["auto", "extractive", "visual", "llm"]
"""`auto` is `llm` where a chat model is at hand, else `visual` where HunyuanOCR is, else `extractive`."""


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


class Struck(BaseModel):
    """A sentence that a model wrote and no page proves.

    Attributes:
        sentence: As the model wrote it.
        why: What is wrong with it, in a few words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str
    why: str


class Sentence(BaseModel):
    """A proven sentence of an answer that is still being written.

    Attributes:
        text: The sentence.
        citations: The places that prove it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    citations: tuple[Citation, ...] = ()


class Answer(BaseModel):
    """An answer with its proof.

    Attributes:
        answer: `None` where the archive does not hold one.
        mode: How it was found.
        citations: Best first, for a language model in the order of its sentences; none where there is no answer.
        confident: Whether the proof carries all that is said and speaks of what was asked, and nothing that it rests on
            is in doubt.
        struck: What a language model wrote beside it without proof; not part of the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str | None
    mode: FoundBy = "extractive"
    citations: tuple[Citation, ...] = ()
    confident: bool = False
    struck: tuple[Struck, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `ask --json` prints it: `struck` only where something was."""
        return self.model_dump(mode="json", exclude=None if self.struck else {"struck"})


AnswerPart = Sentence | Answer
"""What a streamed answer comes in: proven sentences, and last the whole `Answer`."""
