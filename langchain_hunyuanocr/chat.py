"""HunyuanOCR as a LangChain chat model: a message with a picture in, text out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field, PositiveFloat, PositiveInt, SecretStr, field_validator

from langchain_hunyuanocr.engines import Engine, Request, resolve_engine
from langchain_hunyuanocr.engines.registry import choose_engine, engine_settings
from langchain_hunyuanocr.errors import PageError, TaskError
from langchain_hunyuanocr.pages import Page, PageSettings, one_page
from langchain_hunyuanocr.reading.content import with_merged_cells
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind

_TEXTS = frozenset({"text", "input_text"})
_PICTURES = frozenset({"image", "image_url", "input_image", "file", "document"})
"""Content blocks that hold a page; a file or document may be a PDF of one page."""
_FROM_LINES = frozenset({TaskKind.DOCUMENT, TaskKind.TEXT})
"""What an engine that gives lines and no text can be asked here."""


class ChatHunyuanOCR(BaseChatModel):
    """A chat model that looks at one page at a time.

    HunyuanOCR is trained on one picture and one question, so of a conversation it is asked the last turn: the words of
    the human messages since the last answer, after those of the system messages, each on lines of their own. The
    picture is that of this turn, or of the latest turn before that has one. Words that are one of HunyuanOCR's own
    prompts are that task (`Task`); a picture without words is read as a document. The `rapid` engine answers only the
    prompts of the tasks `document` and `text`.

    `response_metadata` tells `finish_reason` (`stop`, `length`, or `repetition` where the model went round in circles
    and one copy was kept), `model_name`, and where they are known `mean_probability` and `least_probability` of the
    answer's tokens. A streamed text that ends in `repetition` holds the copies that came before the model was stopped.

    Tools and structured output are not offered: the model was not trained for them. For fields see `HunyuanOCR`.

    Attributes:
        engine: An engine, or the name of one; `auto` takes the server at `base_url` where that is given, and otherwise
            the best that this machine has.
        model_name: The checkpoint, or what the server calls it; the engine's own where `None`. Also called `model`.
        max_tokens: Longest answer; the engine's own limit where `None`.
        stop: Words before which an answer is cut off. Also called `stop_sequences`.
        temperature: 0, the only one that reads.
        streaming: Whether `invoke` streams too, for callbacks that want pieces.
        base_url: Address of an OpenAI-compatible server.
        api_key: Key of the server.
        timeout: Longest that a request to the server may take, seconds.
        max_retries: How often a request to the server is tried again.
        settings: How pictures and files are opened; the usual way where `None`.

    Example:
        ```python
        from langchain_core.messages import HumanMessage
        from langchain_hunyuanocr import ChatHunyuanOCR

        page = {"type": "image", "url": "https://..."}
        print(ChatHunyuanOCR().invoke([HumanMessage([page, {"type": "text", "text": "What is the total?"}])]).text)
        ```
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True, extra="forbid", populate_by_name=True, protected_namespaces=()
    )

    engine: Engine | str = "auto"
    model_name: str | None = Field(default=None, alias="model")
    max_tokens: PositiveInt | None = None
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    temperature: float = 0.0
    streaming: bool = False
    base_url: str | None = None
    api_key: SecretStr | None = None
    timeout: PositiveFloat | None = None
    max_retries: int | None = None
    settings: PageSettings | None = None

    @field_validator("temperature")
    @classmethod
    def _greedy(cls, temperature: float) -> float:
        if temperature != 0:
            raise TaskError(f"HunyuanOCR does not read at temperature {temperature:g}", remedy="take temperature=0")
        return temperature

    @cached_property
    def answering(self) -> Engine:
        """The engine that answers, made on first use.

        Raises:
            EngineError: It cannot run here, or has no setting that was given.
        """
        named = "server" if self.engine == "auto" and self.base_url else self.engine
        settings: dict[str, Any] = {
            "model": self.model_name,
            "max_new_tokens": self.max_tokens,
            "base_url": self.base_url,
        }
        if not isinstance(named, Engine):
            # LangChain's own parameters, of which an engine gets those that it has.
            key = self.api_key.get_secret_value() if self.api_key else None
            common = {"api_key": key, "timeout_s": self.timeout, "max_retries": self.max_retries}
            known = engine_settings(choose_engine().name if named == "auto" else named)
            settings |= {name: value for name, value in common.items() if name in known}
        return resolve_engine(named, **{name: value for name, value in settings.items() if value is not None})

    @property
    def _llm_type(self) -> str:
        return "hunyuanocr-chat"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        # What tells one model's answers from another's in a cache of LangChain.
        given = self.engine if isinstance(self.engine, Engine) else None
        return {
            "engine": self._engine_name,
            "model_name": given.model if given else self.model_name,
            "revision": given.revision if given else "",
            "max_tokens": self.max_tokens,
            "stop": self.stop,
            "temperature": self.temperature,
            "base_url": self.base_url,
        }

    @property
    def _engine_name(self) -> str:
        return self.engine if isinstance(self.engine, str) else self.engine.name

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params.setdefault("ls_model_name", self._engine_name)
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - the signature is LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        request = self._request(messages, kwargs)
        return self._result(request, self.answering.generate([request])[0], self._stops(stop))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - the signature is LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        request = await asyncio.to_thread(self._request, messages, kwargs)
        return self._result(request, (await self.answering.agenerate([request]))[0], self._stops(stop))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        request = self._request(messages, kwargs)
        passage = _Passage(self._stops(stop))
        with closing(self.answering.stream(request)) as pieces:
            for piece in pieces:
                chunk = self._chunk(request, passage, piece)
                if chunk.text and run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
                if passage.stopped:
                    return

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        request = await asyncio.to_thread(self._request, messages, kwargs)
        passage = _Passage(self._stops(stop))
        async with aclosing(self.answering.astream(request)) as pieces:
            async for piece in pieces:
                chunk = self._chunk(request, passage, piece)
                if chunk.text and run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
                if passage.stopped:
                    return

    def _request(self, messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> Request:
        """What the engine is asked.

        Raises:
            TaskError: The messages are no question about one page, or the engine cannot answer it.
            SourceError: The picture cannot be opened.
            PageError: The page cannot be rendered.
        """
        if unknown := sorted(settings.keys() - {"stream"}):  # which LangChain has acted on
            raise TaskError(
                f"{', '.join(unknown)} cannot be set for one call", remedy="give it to ChatHunyuanOCR itself"
            )
        turn = _turn(messages)
        task = Task.asking(turn.words) if turn.words else Task()
        self.answering.check(task)
        page = one_page(turn.picture, self.settings)
        if not isinstance(page, Page):
            raise page.error
        return Request(page.picture, task)

    def _stops(self, stop: list[str] | None) -> tuple[str, ...]:
        words = self.stop if stop is None else stop
        return tuple(word for word in ([words] if isinstance(words, str) else words or ()) if word)

    def _result(self, request: Request, answer: Generation, stops: tuple[str, ...]) -> ChatResult:
        passage = _Passage(stops)
        text = passage.end(_text(answer, request))
        metadata = self._metadata(answer, stopped=passage.stopped)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, response_metadata=metadata))])

    def _chunk(self, request: Request, passage: _Passage, piece: str | Generation) -> ChatGenerationChunk:
        if isinstance(piece, str):
            text = passage.add(piece)
            if not passage.stopped:
                return ChatGenerationChunk(message=AIMessageChunk(content=text))
            piece = Generation(text=text)
        else:
            text = passage.end(_text(piece, request))
        metadata = self._metadata(piece, stopped=passage.stopped)
        message = AIMessageChunk(content=text, response_metadata=metadata, chunk_position="last")
        return ChatGenerationChunk(message=message)

    def _metadata(self, answer: Generation, *, stopped: bool) -> dict[str, Any]:
        known = answer.model_dump(include={"mean_probability", "least_probability"}, exclude_none=True)
        return {
            "finish_reason": "stop" if stopped else answer.finish,
            "model_name": self.answering.model,
            "model_provider": "hunyuanocr",
            **known,
        }


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is asked of which picture."""

    picture: Mapping[str, Any]
    words: str


def _turn(messages: Sequence[BaseMessage]) -> _Turn:
    """The last turn of a conversation, with the picture that it is about.

    Raises:
        TaskError: There is no picture, there are several, or something else.
    """
    orders: list[str] = []
    words: list[str] = []
    pictures: list[Mapping[str, Any]] = []
    before: list[Mapping[str, Any]] = []
    for message in messages:
        if isinstance(message, AIMessage):
            # What was asked before has its answer; what it was asked about may be meant again.
            before, pictures, words = pictures or before, [], []
        elif isinstance(message, SystemMessage | HumanMessage):
            said, shown = _content(message)
            (orders if isinstance(message, SystemMessage) else words).extend(said)
            pictures.extend(shown)
        else:
            raise TaskError(
                f"HunyuanOCR takes no message of type {message.type!r}", remedy="send system, human and AI messages"
            )
    found = pictures or before
    if len(found) != 1:
        what = "no picture was given" if not found else f"{len(found)} pictures were given at once"
        remedy = 'one call reads one page: add {"type": "image", "url": ...}' if not found else "use batch() for many"
        raise TaskError(what, remedy=remedy)
    return _Turn(found[0], "\n".join(orders + words))


def _content(message: BaseMessage) -> tuple[list[str], list[Mapping[str, Any]]]:
    """The texts and the pictures of a message."""
    texts: list[str] = []
    pictures: list[Mapping[str, Any]] = []
    for block in [message.content] if isinstance(message.content, str) else message.content:
        kind = "text" if isinstance(block, str) else str(block.get("type"))
        if kind in _TEXTS:
            texts.append((block if isinstance(block, str) else str(block.get("text", ""))).strip())
        elif kind in _PICTURES and isinstance(block, Mapping):
            pictures.append(block)
        else:
            raise TaskError(f"HunyuanOCR takes no content of type {kind!r}", remedy="send text and one image")
    return [text for text in texts if text], pictures


def _text(answer: Generation, request: Request) -> str:
    """The text of an answer.

    Raises:
        PageError: There is none.
        TaskError: The engine gives lines, which are no answer to the question.
    """
    if answer.finish == "error":
        raise PageError(answer.error or "the engine failed", remedy=answer.remedy)
    if answer.text or not answer.lines:
        return answer.text
    if request.task.kind not in _FROM_LINES:
        able = " and ".join(sorted(kind.value for kind in _FROM_LINES))
        raise TaskError(
            f"this engine gives no text for the task {request.task.kind.value!r}", remedy=f"it does for {able}"
        )
    return with_merged_cells(read_lines(answer.lines, request.picture), "labels").markdown


class _Passage:
    """Text that is given out as it comes, up to the stop word that is complete first.

    Attributes:
        stopped: Whether a stop word has come.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        # So many characters may be the beginning of a stop word.
        self._held = max(map(len, stops), default=1) - 1
        self._text = ""
        self._given = 0
        self.stopped = False

    def add(self, piece: str) -> str:
        """Take a piece of the text; what of it can be given out."""
        self._text += piece
        return self._give(self._held)

    def end(self, text: str) -> str:
        """Take the whole text; what of it was not given out yet."""
        if not text.startswith(self._text[: self._given]):
            # A guard took something back that is already given out.
            return ""
        self._text = text
        return self._give(0)

    def _give(self, held: int) -> str:
        end = len(self._text) - held
        found = [(at + len(stop), at) for stop in self._stops if (at := self._text.find(stop)) >= 0]
        if found:
            self.stopped = True
            # The word that is complete first, whatever the pieces are: an earlier one may just have begun.
            _, end = min(found)
        given, self._given = self._text[self._given : end], max(end, self._given)
        return given
