"""Answerer: a question in any mode, as a stream of parts; whoever waits for the answer takes the last of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypedDict, Unpack, cast, get_args

from langchain_hunyuanocr.archive.answer.generative.chat_model import model_errors, no_model, open_model
from langchain_hunyuanocr.archive.answer.models import Answer, AnswerPart, Mode, Sentence
from langchain_hunyuanocr.archive.search.search import Search, checked_query
from langchain_hunyuanocr.errors import ArchiveError, HunyuanOCRError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from langchain_hunyuanocr.archive.answer.extractive.extract import ExtractiveAnswerer
    from langchain_hunyuanocr.archive.answer.generative.proven_answer import ProvenAnswer
    from langchain_hunyuanocr.archive.answer.visual import VisualAnswerer
    from langchain_hunyuanocr.archive.storage.filters import Wanted
    from langchain_hunyuanocr.archive.storage.ledger import Ledger

_log = logging.getLogger(__name__)

SOURCES = 8
"""Chunks that a chat model is shown, where nobody says how many."""


class AskOptions(TypedDict, total=False):
    """How a question is to be answered, see `AskRequest`."""

    where: Mapping[str, Wanted] | None
    mode: Mode
    llm: BaseChatModel | str | None
    k: int


class QuestionAnswering(Protocol):
    """What a chain and a tool ask of an archive: `Archive` has it all."""

    def ask(self, question: str, **how: Unpack[AskOptions]) -> Answer:
        """The answer to a question."""
        ...

    async def aask(self, question: str, **how: Unpack[AskOptions]) -> Answer:
        """`ask`, without blocking the event loop."""
        ...

    def ask_stream(self, question: str, **how: Unpack[AskOptions]) -> Iterator[AnswerPart]:
        """The proven sentences of the answer as they come, and last the answer."""
        ...

    def aask_stream(self, question: str, **how: Unpack[AskOptions]) -> AsyncIterator[AnswerPart]:
        """`ask_stream`, without blocking the event loop."""
        ...


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question and how it is to be answered.

    Attributes:
        question: In any language.
        where: Metadata that chunks must have.
        mode: How.
        llm: Chat model, or its name, for the modes `llm` and `auto`.
        k: Most chunks that a chat model is shown, and most pages that an engine is asked, at most three.
    """

    question: str
    where: Mapping[str, Wanted] | None = None
    mode: Mode = "auto"
    llm: BaseChatModel | str | None = field(default=None, compare=False)
    k: int = SOURCES

    def check(self) -> None:
        """See that it can be answered at all.

        Raises:
            ArchiveError: The question is empty, `k` is below 1, there is no such mode, or `llm` without a chat model.
        """
        checked_query(self.question)
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


class Answerer:
    """Answers questions about one archive in every mode.

    Args:
        ledger: Holds the readings.
        search: Finds pages.
        extractive: Answers without a model.
        pictures: Makes what asks an engine about pictures, when that is asked.
        sees: Tells whether the engine can be asked about pictures, when nobody said how to answer.
    """

    def __init__(
        self,
        ledger: Ledger,
        search: Search,
        extractive: ExtractiveAnswerer,
        pictures: Callable[[], VisualAnswerer],
        sees: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._search = search
        self._extractive = extractive
        self._pictures = pictures
        self._sees = sees

    def stream(self, asked: AskRequest) -> Iterator[AnswerPart]:
        """The proven sentences of the answer as they come, and last the answer.

        Raises:
            ArchiveError: It cannot be answered, see `AskRequest.check`, or no chunk has a key of `where`.
            EngineError: The chat model or the engine fails.
        """
        asked.check()
        if asked.model is None:
            yield from self._at_once(asked)
            return
        model = open_model(asked.model)
        proving = self._proving(asked)
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

    async def astream(self, asked: AskRequest) -> AsyncGenerator[AnswerPart, None]:
        """`stream`, without blocking the event loop."""
        asked.check()
        if asked.model is None:
            for part in await asyncio.to_thread(self._at_once, asked):
                yield part
            return
        model = await asyncio.to_thread(open_model, asked.model)
        proving = await asyncio.to_thread(self._proving, asked)
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

    def _at_once(self, asked: AskRequest) -> list[AnswerPart]:
        """An answer that is found whole."""
        with self._ledger.errors():
            if asked.mode == "visual":
                answer = self._pictures().ask(asked.question, asked.where, asked.k)
            elif asked.mode == "auto" and not reckons(asked.question) and self._sees():
                answer = self._seen_or_quoted(asked)
            else:
                answer = self._extractive.ask(asked.question, asked.where)
        if answer.answer is None:
            return [answer]
        return [Sentence(text=answer.answer, citations=answer.citations), answer]

    def _seen_or_quoted(self, asked: AskRequest) -> Answer:
        """What the engine sees; what was read where pictures are gone, or where that is sure or alone has a place."""
        try:
            seen = self._pictures().ask(asked.question, asked.where, asked.k)
        except HunyuanOCRError as error:
            _log.warning("the pictures cannot be asked, so the answer is what was read: %s", error)
            seen = Answer(answer=None, mode="visual")
        if seen.confident:
            return seen
        quoted = self._extractive.ask(asked.question, asked.where)
        proven = any(citation.box is not None for citation in seen.citations)
        if quoted.confident or seen.answer is None or (quoted.answer is not None and not proven):
            return quoted
        return seen

    def _proving(self, asked: AskRequest) -> ProvenAnswer | None:
        """What the chat model's answer goes through; `None` where there is nothing to show to it."""
        from langchain_hunyuanocr.archive.answer.generative.proven_answer import ProvenAnswer, find_sources

        with self._ledger.errors():
            sources = find_sources(self._ledger, self._search, asked.question, asked.where, asked.k)
        return ProvenAnswer(asked.question, sources) if sources else None


def reckons(question: str) -> bool:
    """Whether a question asks for a sum, a count or the like over many papers or rows, which no one picture shows."""
    from langchain_hunyuanocr.archive.answer.aggregate.question import plan_of
    from langchain_hunyuanocr.archive.answer.aggregate.table_column import speaks_of_a_column

    plan = plan_of(question)
    return (plan is not None and plan.how != "value") or speaks_of_a_column(question)
