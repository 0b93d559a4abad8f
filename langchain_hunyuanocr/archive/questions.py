"""What an archive does with questions: answers at once or as a stream, as a chain, as a tool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Unpack

from langchain_hunyuanocr.archive.answering.answer import Answer, AnswerPart, Mode
from langchain_hunyuanocr.archive.answering.asking import SOURCES, Asked, Asking, How
from langchain_hunyuanocr.archive.answering.extractive import Ask
from langchain_hunyuanocr.archive.answering.visual import AskPictures
from langchain_hunyuanocr.archive.parts import Parts
from langchain_hunyuanocr.archive.searching.filters import Wanted
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.pages import PageSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool

    from langchain_hunyuanocr.archive.chain import ArchiveChain


class TakesQuestions:
    """Answers questions from an archive's parts.

    Args:
        parts: Of the archive.
        engine: Asked about pictures (`visual`).
        settings: How the files of cited pages are opened.
        llm: Chat model that writes answers, or its name.
    """

    def __init__(
        self, parts: Parts, engine: Engine | str, settings: PageSettings, llm: BaseChatModel | str | None
    ) -> None:
        self._parts = parts
        self._engine = engine
        self._settings = settings
        self._llm = llm

    def ask(
        self,
        question: str,
        *,
        where: Mapping[str, Wanted] | None = None,
        mode: Mode = "auto",
        llm: BaseChatModel | str | None = None,
        k: int = SOURCES,
    ) -> Answer:
        """The answer to a question with the places that prove it; `None` where the archive does not hold one.

        Args:
            question: In any language.
            where: Metadata that chunks must have.
            mode: `extractive` gives the sentence, field or table cell that answers, without a model. `visual` asks the
                engine about the pictures of the best pages. `llm` has a chat model write, and strikes each sentence
                whose quotes do not stand on the pages that it cites. `auto` is `llm` where a chat model is named here
                or for the archive, else `extractive`.
            llm: Chat model or its name, in the place of the archive's.
            k: Most chunks that a chat model is shown; for `visual`, most pages that are asked, at most three.

        Raises:
            ArchiveError: There is no archive or no such mode, the question is empty, or no chunk has a key of `where`.
            EngineError: The chat model or the engine fails, or its package is missing.
            TaskError: The engine cannot answer questions (`visual`).
            SourceError: The files of the best pages are gone (`visual`).
        """
        *_, answer = self.ask_stream(question, where=where, mode=mode, llm=llm, k=k)
        return _whole(answer)

    async def aask(self, question: str, **how: Unpack[How]) -> Answer:
        """`ask`, without blocking the event loop."""
        parts = [part async for part in self.aask_stream(question, **how)]
        return _whole(parts[-1])

    def ask_stream(self, question: str, **how: Unpack[How]) -> Iterator[AnswerPart]:
        """As `ask`, while the answer is written: each `Sentence` once it is proven, and last the `Answer`.

        Raises:
            HunyuanOCRError: As `ask` does; sentences that came before stay proven.
        """
        yield from self._asking().stream(self._asked(question, how))

    async def aask_stream(self, question: str, **how: Unpack[How]) -> AsyncIterator[AnswerPart]:
        """`ask_stream`, without blocking the event loop."""
        asking = await asyncio.to_thread(self._asking)
        async with aclosing(asking.astream(self._asked(question, how))) as parts:
            async for part in parts:
                yield part

    def as_chain(
        self, *, mode: Mode = "auto", llm: BaseChatModel | str | None = None, k: int = SOURCES
    ) -> ArchiveChain:
        """The archive as a LangChain Runnable: a question, or `{"question", "where"}`, in, an `Answer` out.

        Args:
            mode: As for `ask`.
            llm: As for `ask`.
            k: As for `ask`.
        """
        from langchain_hunyuanocr.archive.chain import ArchiveChain

        return ArchiveChain(self, mode=mode, llm=llm, k=k)

    def as_tool(
        self, *, mode: Mode = "auto", llm: BaseChatModel | str | None = None, k: int = SOURCES
    ) -> StructuredTool:
        """The archive as a LangChain tool for a chat model; the `Answer` is the artifact of what it returns.

        Args:
            mode: As for `ask`.
            llm: As for `ask`.
            k: As for `ask`.
        """
        from langchain_hunyuanocr.archive.tool import make_tool

        return make_tool(self, mode=mode, llm=llm, k=k)

    def _asked(self, question: str, how: How) -> Asked:
        settings: dict[str, Any] = {**how, "llm": how.get("llm") or self._llm}
        return Asked(question, **settings)

    def _asking(self) -> Asking:
        ledger, search = self._parts.ledger, self._parts.search()
        extractive = Ask(ledger, search, self._parts.embeddings)
        return Asking(ledger, search, extractive, lambda: AskPictures(ledger, search, self._engine, self._settings))


def _whole(part: AnswerPart) -> Answer:
    if not isinstance(part, Answer):
        raise TypeError("a stream of answer parts ends with the answer")
    return part
