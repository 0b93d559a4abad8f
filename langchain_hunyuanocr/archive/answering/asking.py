"""A question to the archive in any mode, as a stream of parts: what waits for the answer takes the last of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, cast, get_args

from langchain_hunyuanocr.archive.answering.answer import Answer, AnswerPart, Mode, Sentence
from langchain_hunyuanocr.archive.answering.extractive import Ask
from langchain_hunyuanocr.archive.answering.llm import Proving, find_sources
from langchain_hunyuanocr.archive.answering.model import model_errors, no_model, open_model
from langchain_hunyuanocr.archive.answering.visual import AskPictures
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.archive.searching.filters import Scalar
from langchain_hunyuanocr.archive.searching.search import Search, ask_for
from langchain_hunyuanocr.errors import ArchiveError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

SOURCES = 8
"""Chunks that a chat model is shown, where nobody says how many."""


class How(TypedDict, total=False):
    """How a question is to be answered, see `Wanted`."""

    where: Mapping[str, Scalar] | None
    mode: Mode
    llm: BaseChatModel | str | None
    k: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and how it is to be answered.

    Attributes:
        question: In any language.
        where: Metadata that chunks must have.
        mode: How.
        llm: Chat model, or its name, for the modes `llm` and `auto`.
        k: Most chunks that a chat model is shown, and most pages that an engine is asked, at most three.
    """

    question: str
    where: Mapping[str, Scalar] | None = None
    mode: Mode = "auto"
    llm: BaseChatModel | str | None = field(default=None, compare=False)
    k: int = SOURCES

    def check(self) -> None:
        """See that it can be answered at all.

        Raises:
            ArchiveError: The question is empty, `k` is below 1, there is no such mode, or `llm` without a chat model.
        """
        ask_for(self.question)
        if self.k < 1:
            raise ArchiveError(f"an answer cannot be found in {self.k} places", remedy="give k as 1 or more")
        if self.mode not in get_args(Mode):
            raise ArchiveError(f"there is no mode {self.mode!r}", remedy=f"choose one of {', '.join(get_args(Mode))}")
        if self.mode == "llm" and self.llm is None:
            raise no_model()

    @property
    def model(self) -> BaseChatModel | str | None:
        """The chat model that is to write the answer; `None` where none is."""
        return self.llm if self.mode in ("llm", "auto") else None


class Asking:
    """Answers questions about one archive in every mode.

    Args:
        ledger: Holds the readings.
        search: Finds pages.
        extractive: Answers without a model.
        pictures: Makes what asks an engine about pictures, when that is wanted.
    """

    def __init__(self, ledger: Ledger, search: Search, extractive: Ask, pictures: Callable[[], AskPictures]) -> None:
        self._ledger = ledger
        self._search = search
        self._extractive = extractive
        self._pictures = pictures

    def stream(self, wanted: Wanted) -> Iterator[AnswerPart]:
        """The proven sentences of the answer as they come, and last the answer.

        Raises:
            ArchiveError: It cannot be answered, see `Wanted.check`, or no chunk has a key of `where`.
            EngineError: The chat model or the engine fails.
        """
        wanted.check()
        if wanted.model is None:
            yield from self._at_once(wanted)
            return
        model = open_model(wanted.model)
        proving = self._proving(wanted)
        if proving is None:
            yield Answer(answer=None, mode="llm")
            return
        # Closing it hangs up on a model that is still writing.
        with closing(cast(Generator["BaseMessage", None, None], model.stream(proving.messages))) as pieces:
            while not proving.full:
                with model_errors():
                    piece = next(pieces, None)
                if piece is None:
                    break
                yield from proving.feed(str(piece.text))
        yield from proving.end()

    async def astream(self, wanted: Wanted) -> AsyncGenerator[AnswerPart, None]:
        """`stream`, without blocking the event loop."""
        wanted.check()
        if wanted.model is None:
            for part in await asyncio.to_thread(self._at_once, wanted):
                yield part
            return
        model = await asyncio.to_thread(open_model, wanted.model)
        proving = await asyncio.to_thread(self._proving, wanted)
        if proving is None:
            yield Answer(answer=None, mode="llm")
            return
        async with aclosing(cast(AsyncGenerator["BaseMessage", None], model.astream(proving.messages))) as pieces:
            while not proving.full:
                with model_errors():
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                for sentence in proving.feed(str(piece.text)):
                    yield sentence
        for part in proving.end():
            yield part

    def _at_once(self, wanted: Wanted) -> list[AnswerPart]:
        """An answer that is found whole."""
        with self._ledger.errors():
            if wanted.mode == "visual":
                answer = self._pictures().ask(wanted.question, wanted.where, wanted.k)
            else:
                answer = self._extractive.ask(wanted.question, wanted.where)
        if answer.answer is None:
            return [answer]
        return [Sentence(text=answer.answer, citations=answer.citations), answer]

    def _proving(self, wanted: Wanted) -> Proving | None:
        """What the chat model's answer goes through; `None` where there is nothing to show to it."""
        with self._ledger.errors():
            sources = find_sources(self._ledger, self._search, wanted.question, wanted.where, wanted.k)
        return Proving(wanted.question, sources) if sources else None
