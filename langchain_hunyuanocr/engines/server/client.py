"""Server client: what is sent where, what is tried again, and what each fault comes to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_hunyuanocr.engines.base import API_KEY_VARIABLE, Request
from langchain_hunyuanocr.engines.server.chat_request import ChatRequest, PictureFormat
from langchain_hunyuanocr.engines.server.chat_stream import NewText, OnText, read_answer
from langchain_hunyuanocr.engines.server.faults import Fault, Kind, NoRoomError, fault_of
from langchain_hunyuanocr.engines.server.load_balancer import Endpoint, LoadBalancer
from langchain_hunyuanocr.engines.server.retry import AnswerTimeout, RetryState, UnansweredError
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Generation

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T")

_log = logging.getLogger(__name__)


_CONNECTING_S = 10.0
"""Longest that a connection may take to stand; a server that is there takes it in milliseconds."""
_INTRODUCTION_S = 10.0
"""Longest wait for the names of the models where they can be done without."""

_SURE = {"logprobs": True, "top_logprobs": 1}
"""Asks for the probability of each token; llama.cpp gives none where no others are asked for beside it."""

_LLAMA_CPP = "llamacpp"
"""Who owns the models of llama.cpp, as it says itself."""

_PENALTY_WINDOW = {"repeat_last_n": 131_072}
"""How many tokens llama.cpp's penalty looks back: the model's whole context. It takes 64 unless told otherwise, and
refuses -1, once its word for the whole, since August 2026."""


@dataclass(frozen=True)
class ClientSettings:
    """How servers are asked; `ServerEngine` says what each part means."""

    api_key: str
    model: str | None
    timeout_s: float
    outage_s: float
    max_retries: int
    max_concurrency: int
    max_new_tokens: int
    picture_format: PictureFormat
    beyond_openai: dict[str, Any]
    """Settings of a request that OpenAI's own servers do not have, and others may not know."""


class ServerClient:
    """Holds the connections and what is known of the servers; all of it belongs to one event loop."""

    def __init__(self, urls: Sequence[str], manner: ClientSettings) -> None:
        self._manner = manner
        self._servers = LoadBalancer(urls, most_each=manner.max_concurrency, outage_s=manner.outage_s)
        self._places = asyncio.Semaphore(manner.max_concurrency * len(urls))
        self._limits = {
            address: AnswerTimeout(manner.timeout_s, manner.max_concurrency) for address in self._servers.all
        }
        self._clients: dict[Endpoint, AsyncOpenAI] = {}

    async def answers(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer requests, each for itself, in order.

        Raises:
            EngineError: No server is there, or none can answer any request.
        """
        tasks = [asyncio.create_task(self.answer(request)) for request in requests]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def answer(self, request: Request, put: Callable[[str], object] | None = None) -> Generation:
        """Answer one request, smaller where it does not fit.

        Args:
            request: What is asked.
            put: Is given the text as it comes.

        Raises:
            EngineError: No server is there, or none can answer any request.
        """
        hear = None if put is None else NewText(put)
        tries = RetryState(self._manner.max_retries, self._servers.now())
        async with self._places:
            # Compressing a page takes a tenth of a second and more, for which the event loop must not stand still.
            question = await asyncio.to_thread(ChatRequest.of, request, self._manner.max_new_tokens)
            url = await asyncio.to_thread(question.data_url, self._manner.picture_format)
            while True:
                try:
                    return await self._tried(tries, self._converse, question, url, hear)
                except UnansweredError as unanswered:
                    fault, address = unanswered.fault, unanswered.address
                if fault.kind is not Kind.TOO_LONG:
                    return await self._failure(fault, address)
                fitted = question.fitted(fault)
                if fitted is None:
                    return _too_long(fault)
                _log.warning(
                    "%s: %s; trying %d x %d pixels and %d tokens",
                    address.url, fault.reason, *fitted.picture.size, fitted.max_tokens,
                )  # fmt: skip
                if fitted.picture is not question.picture:
                    url = await asyncio.to_thread(fitted.data_url, self._manner.picture_format)
                question = fitted

    async def model(self) -> str:
        """The name that the first server that answers gives the model.

        Raises:
            EngineError: No server is there, or it does not say.
        """
        known = next((address.model for address in self._servers.all if address.model), None)
        if known is not None:
            return known
        try:
            tries = RetryState(self._manner.max_retries, self._servers.now())
            return await self._tried(tries, lambda address, _: self._introduce(address))
        except UnansweredError as unanswered:
            fault, address = unanswered.fault, unanswered.address
            if fault.kind is Kind.NO_KEY:
                raise _no_key(address) from unanswered
            raise EngineError(
                f"the server does not list its models: {fault.reason}",
                source=address.url,
                remedy="name the model, and end the address in /v1",
            ) from unanswered

    async def close(self) -> None:
        """Give up what is under way and close the connections."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for client in self._clients.values():
            await client.close()

    async def _tried(self, tries: RetryState, work: Callable[..., Awaitable[T]], *args: object) -> T:
        """Do something with an address, and again, elsewhere if possible, while faults pass.

        Raises:
            EngineError: No server is there.
            UnansweredError: A fault does not pass.
        """
        while True:
            address = await self._servers.take(tries.failed_at, tries.since)
            # As it is now: another request may find out, before this one ends, what the server does not know.
            sent = frozenset({*self._manner.beyond_openai, *_SURE, *_PENALTY_WINDOW}) - address.unknown
            try:
                async with self._limits[address]() as limit:
                    done = await work(address, limit, *args)
                self._servers.answered(address)
                return done
            except Exception as exc:
                fault = fault_of(exc, sent)
                if fault is None:
                    raise
                self._note(fault, address)
            finally:
                self._servers.give_back(address)
            pause_s = tries.pause_s(fault, address, self._servers.has_another([*tries.failed_at, address]))
            if pause_s is None:
                raise UnansweredError(fault, address)
            await asyncio.sleep(pause_s)

    def _note(self, fault: Fault, address: Endpoint) -> None:
        """Remember what a fault says of an address."""
        if fault.kind is Kind.UNREACHABLE:
            if not address.dead:
                _log.warning("%s is not there: %s", address.url, fault.reason)
            self._servers.unreachable(address, fault.reason)
        elif fault.kind in (Kind.FAILED, Kind.SLOW):
            self._servers.failed(address, fault.reason, spoke=fault.spoke)
        else:
            # It is there and well, only not for this.
            self._servers.answered(address)
            if fault.wait_s:
                self._servers.rest(address, fault.wait_s)
        if fault.kind is Kind.UNKNOWN_SETTING:
            unknown = fault.settings | (_SURE.keys() if fault.settings & _SURE.keys() else set())
            if told := sorted((unknown - address.unknown) - _SURE.keys()):
                _log.warning("%s does not know %s: its own defaults hold", address.url, ", ".join(told))
            address.unknown |= unknown
        elif fault.kind is Kind.ANSWER_TOO_LONG:
            address.context = fault.context

    async def _failure(self, fault: Fault, address: Endpoint) -> Generation:
        """What a fault that does not pass comes to, for the page.

        Raises:
            EngineError: No page can pass.
        """
        if fault.kind is Kind.NO_KEY:
            raise _no_key(address)
        if fault.kind is Kind.NO_VISION:
            raise EngineError(
                f"the server takes no pictures: {fault.reason}",
                source=address.url,
                remedy="start llama-server with --mmproj (-hf brings it along), or vllm serve with tencent/HunyuanOCR; "
                "`hunyuanocr serve-model` prints the line",
            )
        if fault.kind is Kind.NO_MODEL:
            raise await self._wrong_model(fault, address)
        if fault.kind is Kind.SLOW:
            return Generation(
                finish="error",
                error=f"no answer within {self._manner.timeout_s:g} s",
                remedy="raise timeout_s, or lower max_pixels",
            )
        return Generation(finish="error", error=f"the server failed: {fault.reason}")

    async def _wrong_model(self, fault: Fault, address: Endpoint) -> EngineError:
        names: list[str] = []
        try:
            async with asyncio.timeout(_INTRODUCTION_S):
                names = [model.id for model in (await self._client(address).models.list()).data]
        except Exception as exc:
            if fault_of(exc) is None:
                raise
        if names and address.model not in names:
            return EngineError(
                f"the server serves {', '.join(names)}, not {address.model}",
                source=address.url,
                remedy="name a model that it serves",
            )
        return EngineError(
            f"the server does not know the model or the address: {fault.reason}",
            source=address.url,
            remedy="name a model that it lists under /v1/models, and end the address in /v1",
        )

    async def _converse(
        self, address: Endpoint, limit: asyncio.Timeout, question: ChatRequest, picture_url: str, hear: OnText | None
    ) -> Generation:
        """Ask one question of one server."""

        def heard(text: str) -> None:
            self._limits[address].spoke(limit)
            if hear is not None:
                hear(text)

        model = await self._introduce(address)
        context = address.context
        asked = question.within(context)
        body = asked.body(model, picture_url)
        settings = {**self._manner.beyond_openai, **_SURE}
        if address.maker == _LLAMA_CPP:
            # llama.cpp has the penalty under a name of its own.
            settings |= {"repeat_penalty": settings.pop("repetition_penalty"), **_PENALTY_WINDOW}
        known = {name: value for name, value in settings.items() if name not in address.unknown}
        create = self._client(address).chat.completions.with_streaming_response.create
        # Leaving the response closes the connection, whereupon the servers stop generating.
        async with create(**body, extra_body=known) as response:
            answer = await read_answer(response.iter_lines(), heard)
        # Where no less was asked for than the caller wished, it is the caller's limit that cut the answer.
        cut = answer.finish == "length" and asked.max_tokens < question.max_tokens
        if cut and context is not None and asked.smaller_is_better(context):
            raise NoRoomError(context)
        return answer

    async def _introduce(self, address: Endpoint) -> str:
        """The name that a server gives the model; asked once, with who wrote the server and how long its context is.

        Raises:
            EngineError: It serves no model, or several none of which can be told to be HunyuanOCR.
        """
        async with address.introduction:
            if address.model is None:
                wanted = self._manner.model
                try:
                    async with asyncio.timeout(None if wanted is None else _INTRODUCTION_S):
                        models = (await self._client(address).models.list()).data
                except Exception as exc:
                    # Where the model is named, a server need not list any; a fault that matters shows at once again.
                    fault = fault_of(exc)
                    if wanted is None or fault is None or fault.kind is Kind.UNREACHABLE:
                        raise
                    models = []
                address.maker = next((str(model.owned_by) for model in models), "")
                name = wanted or _chosen([model.id for model in models], address)
                address.context = _context_of(models, name)
                if address.context is None and address.maker == _LLAMA_CPP:
                    address.context = await self._context_of_slot(address)
                address.model = name
            return address.model

    async def _context_of_slot(self, address: Endpoint) -> int | None:
        """What each of llama.cpp's slots holds, which versions before 2026 tell under `/props` alone."""
        client = self._client(address).with_options(base_url=address.url.removesuffix("/v1"))
        try:
            async with asyncio.timeout(_INTRODUCTION_S):
                told = await client.get("/props", cast_to=object)
        except Exception as exc:
            if fault_of(exc) is None:
                raise
            return None
        return _length(told, "default_generation_settings", "n_ctx")

    def _client(self, address: Endpoint) -> AsyncOpenAI:
        openai = require("openai", extra="server")
        if address not in self._clients:
            self._clients[address] = openai.AsyncOpenAI(
                base_url=address.url,
                api_key=self._manner.api_key,
                # Retries of ours go to another address; the time limit is ours too, and holds for the whole answer.
                max_retries=0,
                timeout=openai.Timeout(None, connect=_CONNECTING_S),
            )
        return self._clients[address]


def _chosen(names: Sequence[str], address: Endpoint) -> str:
    """The model to ask for among those that a server lists."""
    if not names:
        raise EngineError("the server lists no model", source=address.url, remedy="name the model")
    ours = next((name for name in names if "hunyuan" in name.lower()), None)
    if ours is None and len(names) > 1:
        raise EngineError(
            f"the server serves {', '.join(names)}; none is called HunyuanOCR",
            source=address.url,
            remedy="name the model",
        )
    if ours is None:
        _log.warning("%s serves %s: is it HunyuanOCR?", address.url, names[0])
    return ours or names[0]


def _context_of(models: Sequence[object], name: str) -> int | None:
    """The context of a model among those that a server lists.

    vLLM and SGLang tell it as `max_model_len`, llama.cpp as `meta.n_ctx`, that of one slot.
    """
    model = next((model for model in models if getattr(model, "id", None) == name), None)
    if model is None and len(models) == 1:
        model = models[0]  # llama.cpp answers to any name
    told = {part: getattr(model, part, None) for part in ("max_model_len", "meta")}
    return _length(told, "max_model_len") or _length(told, "meta", "n_ctx")


def _length(told: object, *path: str) -> int | None:
    """A number of tokens in what a server told."""
    for part in path:
        told = told.get(part) if isinstance(told, dict) else None
    return told if isinstance(told, int) and told > 0 else None


def _no_key(address: Endpoint) -> EngineError:
    return EngineError("the server refuses the key", source=address.url, remedy=f"set {API_KEY_VARIABLE}")


def _too_long(fault: Fault) -> Generation:
    return Generation(
        finish="error",
        error=f"picture and answer do not fit the server: {fault.reason}",
        remedy="give the server a longer context (vLLM --max-model-len, llama.cpp -c), or lower max_new_tokens or "
        "max_pixels",
    )
