"""The archive as a LangChain Runnable: a question in, an answer with its proof out; composes with `|`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, NotRequired, cast

from langchain_core.runnables import Runnable, RunnableConfig
from typing_extensions import TypedDict

from langchain_hunyuanocr.archive.answer.models import Answer, AnswerPart, Mode
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.errors import ArchiveError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from langchain_hunyuanocr.archive.answer.answerer import QuestionAnswering


class Question(TypedDict):
    """What a chain is asked, where the words alone do not say it all."""

    question: str
    where: NotRequired[dict[str, Wanted] | None]


class ArchiveChain(Runnable[str | Question, Any]):  # `stream` gives more than `Answer`; `OutputType` names it
    """Answers questions from an archive.

    `invoke` and `batch` give an `Answer`; `stream` gives each proven `Sentence` as it comes, and last the `Answer`.

    Args:
        archive: What is asked.
        mode: As for `Archive.ask`.
        llm: As for `Archive.ask`.
        k: As for `Archive.ask`.
    """

    def __init__(self, archive: QuestionAnswering, *, mode: Mode, llm: BaseChatModel | str | None, k: int) -> None:
        self._archive = archive
        self._how: dict[str, Any] = {"mode": mode, "llm": llm, "k": k}

    @property
    def InputType(self) -> Any:  # noqa: N802 - LangChain's name
        """What it takes."""
        return str | Question

    @property
    def OutputType(self) -> type[Answer]:  # noqa: N802 - LangChain's name
        """What it gives."""
        return Answer

    def invoke(self, input: str | Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Answer one question.

        Raises:
            HunyuanOCRError: As `Archive.ask` does.
        """

        def answer(value: str | Question) -> Answer:
            return self._archive.ask(**_asked(value), **self._how)

        given: Answer = self._call_with_config(answer, input, config, **kwargs)
        return given

    async def ainvoke(self, input: str | Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """`invoke`, without blocking the event loop."""

        async def answer(value: str | Question) -> Answer:
            return await self._archive.aask(**_asked(value), **self._how)

        given: Answer = await self._acall_with_config(answer, input, config, **kwargs)
        return given

    def stream(
        self, input: str | Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[AnswerPart]:
        """Yield the proven sentences of an answer, and last the answer."""
        yield from self.transform(iter([input]), config, **kwargs)

    def transform(
        self, input: Iterator[str | Question], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[AnswerPart]:
        """`stream`, for a question that itself comes in pieces."""

        def parts(pieces: Iterator[str | Question]) -> Iterator[AnswerPart]:
            yield from self._archive.ask_stream(**_asked(_together(list(pieces))), **self._how)

        yield from self._transform_stream_with_config(input, parts, config, **kwargs)

    async def astream(
        self, input: str | Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[AnswerPart]:
        """`stream`, without blocking the event loop."""

        async def one() -> AsyncIterator[str | Question]:
            yield input

        async for part in self.atransform(one(), config, **kwargs):
            yield part

    async def atransform(
        self, input: AsyncIterator[str | Question], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[AnswerPart]:
        """`transform`, without blocking the event loop."""

        async def parts(pieces: AsyncIterator[str | Question]) -> AsyncIterator[AnswerPart]:
            whole = _together([piece async for piece in pieces])
            async for part in self._archive.aask_stream(**_asked(whole), **self._how):
                yield part

        async for part in self._atransform_stream_with_config(input, parts, config, **kwargs):
            yield part


def _together(pieces: list[str | Question]) -> str | Question:
    """A question from its pieces: text is put together, of dicts a later one has more."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return "".join(texts)
    whole: dict[str, Any] = {}
    for piece in pieces:
        if isinstance(piece, dict):
            whole |= piece
    return cast("Question", whole)


def _asked(value: str | Question) -> dict[str, Any]:
    if isinstance(value, str):
        return {"question": value}
    if isinstance(value, dict) and isinstance(value.get("question"), str):
        return {"question": value["question"], "where": value.get("where")}
    raise ArchiveError(
        "a chain over an archive takes a question", remedy='pass its words, or {"question": ..., "where": {...}}'
    )
