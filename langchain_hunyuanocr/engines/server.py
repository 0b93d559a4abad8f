"""HunyuanOCR behind a server of the OpenAI chat protocol: vLLM, llama.cpp, SGLang, `transformers serve`."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Generation

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI, OpenAI
    from openai.types.chat import ChatCompletion

_log = logging.getLogger(__name__)

BASE_URL_VARIABLE = "HUNYUANOCR_BASE_URL"
API_KEY_VARIABLE = "HUNYUANOCR_API_KEY"

PictureFormat = Literal["png", "jpeg"]


class ServerEngine(Engine):
    """Asks a server, several pages at a time and in order.

    Where a server answers nothing at all, `EngineError` is raised; a request that it refuses or fails is a `Generation`
    with the server's reason.
    """

    name: ClassVar[str] = "server"

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        model: str | None = None,
        revision: str = "",
        timeout_s: float = 300.0,
        max_retries: int = 2,
        max_concurrency: int = 8,
        max_new_tokens: int = 8192,
        repetition_penalty: float = 1.08,
        skip_special_tokens: bool = True,
        picture_format: PictureFormat = "png",
    ) -> None:
        """Set where the server is and how it is asked; nothing is asked yet.

        Args:
            base_url: Address, `http://host:8000/v1`; the environment's `HUNYUANOCR_BASE_URL` where `None`.
            api_key: Key for the server; the environment's `HUNYUANOCR_API_KEY` where `None`.
            model: Name that the server gives the model; asked from the server where `None`.
            revision: Which state of the model the server runs, for the metadata; it cannot be asked.
            timeout_s: Longest that one try of a page may take.
            max_retries: How often a page is tried again where the server is busy, fails or is silent.
            max_concurrency: Most pages that are under way at once.
            max_new_tokens: Longest answer; with the tokens of the picture it must fit the server's context.
            repetition_penalty: 1.08 is HunyuanOCR-1.5's own; 1.0 may suit tables of repeated values better.
            skip_special_tokens: Whether tags like `<quad>` that are special tokens are left out of the answer.
            picture_format: How pictures are sent: `png` without loss, `jpeg` smaller.

        Raises:
            EngineError: No server is named, or its address is none.
        """
        self.base_url = _address(base_url or os.environ.get(BASE_URL_VARIABLE))
        self._settings: dict[str, Any] = {
            "base_url": self.base_url,
            # The client wants a key where the server does not.
            "api_key": api_key or os.environ.get(API_KEY_VARIABLE) or "none",
            "timeout": timeout_s,
            "max_retries": max_retries,
        }
        self._timeout_s = timeout_s
        self._model = model
        self._revision = revision
        self._max_new_tokens = max_new_tokens
        self._beyond_openai: dict[str, Any] = {
            "top_k": -1,
            "repetition_penalty": repetition_penalty,
            "skip_special_tokens": skip_special_tokens,
        }
        self._only_openai = False
        self._picture_format: PictureFormat = picture_format
        self.batch_size = max_concurrency
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(max_concurrency)
        self._client: OpenAI | None = None
        self._async: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[AsyncOpenAI, asyncio.Semaphore]] = (
            WeakKeyDictionary()
        )

    @property
    def model(self) -> str:
        """Name of the model on the server, asked from it once.

        Raises:
            EngineError: The server is not there, or serves no model.
        """
        if self._model is None:
            openai = require("openai", extra="server")
            try:
                names = [model.id for model in self._sync().models.list()]
            except openai.APIError as exc:
                raise self._unusable(exc) or EngineError(
                    f"the server does not list its models: {_reason(exc)}",
                    source=self.base_url,
                    remedy="name the model",
                ) from exc
            if not names:
                raise EngineError("the server lists no model", source=self.base_url, remedy="name the model")
            self._model = next((name for name in names if "hunyuan" in name.lower()), names[0])
        return self._model

    @property
    def revision(self) -> str:
        """Which state of the model, as it was given."""
        return self._revision

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer the requests, `max_concurrency` at a time.

        Raises:
            EngineError: The server is not there or refuses all requests.
        """
        model = self.model
        if len(requests) == 1:
            return [self._answer(requests[0], model)]
        with ThreadPoolExecutor(self.batch_size, thread_name_prefix="hunyuanocr-server") as pool:
            return list(pool.map(lambda request: self._answer(request, model), requests))

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """`generate`, without a thread for each request."""
        model = await asyncio.to_thread(lambda: self.model)
        client, places = self._of_this_loop()

        async def answer(request: Request) -> Generation:
            async with places:
                return await self._aanswer(client, request, model)

        tasks = [asyncio.create_task(answer(request)) for request in requests]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    def close(self) -> None:
        """Close the connections to the server."""
        with self._lock:
            client, self._client = self._client, None
            self._async.clear()
        if client is not None:
            client.close()

    def _answer(self, request: Request, model: str) -> Generation:
        openai = require("openai", extra="server")
        with self._places:
            body, extra = self._body(request, model), self._extra()
            try:
                try:
                    return _generation(self._sync().chat.completions.create(**body, **extra))
                except openai.APIStatusError as exc:
                    if not extra or not self._must_do_without_extra(exc):
                        raise
                return _generation(self._sync().chat.completions.create(**body))
            except openai.APIError as exc:
                return self._failure(exc)

    async def _aanswer(self, client: AsyncOpenAI, request: Request, model: str) -> Generation:
        openai = require("openai", extra="server")
        # Compressing a page takes a tenth of a second and more, for which the event loop must not stand still.
        body, extra = await asyncio.to_thread(self._body, request, model), self._extra()
        try:
            try:
                return _generation(await client.chat.completions.create(**body, **extra))
            except openai.APIStatusError as exc:
                if not extra or not self._must_do_without_extra(exc):
                    raise
            return _generation(await client.chat.completions.create(**body))
        except openai.APIError as exc:
            return self._failure(exc)

    def _body(self, request: Request, model: str) -> dict[str, Any]:
        """The trained form of a question: an empty system message, and the picture before the words."""
        content = [
            {"type": "image_url", "image_url": {"url": _data_url(request, self._picture_format)}},
            {"type": "text", "text": request.task.prompt},
        ]
        return {
            "model": model,
            "messages": [{"role": "system", "content": ""}, {"role": "user", "content": content}],
            "temperature": 0.0,
            "max_tokens": self._max_new_tokens,
        }

    def _extra(self) -> dict[str, Any]:
        return {} if self._only_openai else {"extra_body": self._beyond_openai}

    def _must_do_without_extra(self, exc: APIStatusError) -> bool:
        """Whether the server refused the settings that are not OpenAI's, as `transformers serve` does; remembered."""
        if exc.status_code not in (400, 422) or not any(name in exc.response.text for name in self._beyond_openai):
            return False
        if not self._only_openai:
            self._only_openai = True
            _log.warning("%s does not know %s: its own defaults hold", self.base_url, ", ".join(self._beyond_openai))
        return True

    def _failure(self, exc: Exception) -> Generation:
        if (unusable := self._unusable(exc)) is not None:
            raise unusable from exc
        openai = require("openai", extra="server")
        if isinstance(exc, openai.APITimeoutError):
            return Generation(
                finish="error",
                error=f"no answer within {self._timeout_s:g} s",
                remedy="raise timeout_s, or lower max_pixels",
            )
        return Generation(finish="error", error=f"the server failed: {_reason(exc)}")

    def _unusable(self, exc: Exception) -> EngineError | None:
        """The error that stops everything, where the server is not there, or no request can succeed."""
        openai = require("openai", extra="server")
        if isinstance(exc, openai.APIConnectionError) and not isinstance(exc, openai.APITimeoutError):
            return EngineError(
                "the server is not there", source=self.base_url, remedy=f"start it, or mend {BASE_URL_VARIABLE}"
            )
        if isinstance(exc, openai.AuthenticationError | openai.PermissionDeniedError):
            return EngineError("the server refuses the key", source=self.base_url, remedy=f"set {API_KEY_VARIABLE}")
        if isinstance(exc, openai.NotFoundError):
            return EngineError(
                f"the server does not know the model or the address: {_reason(exc)}",
                source=self.base_url,
                remedy="name a model that it lists under /v1/models, and end the address in /v1",
            )
        return None

    def _sync(self) -> OpenAI:
        openai = require("openai", extra="server")
        with self._lock:
            if self._client is None:
                self._client = openai.OpenAI(**self._settings)
            return self._client

    def _of_this_loop(self) -> tuple[AsyncOpenAI, asyncio.Semaphore]:
        """Connections belong to the event loop that opened them."""
        openai = require("openai", extra="server")
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._async:
                self._async[loop] = openai.AsyncOpenAI(**self._settings), asyncio.Semaphore(self.batch_size)
            return self._async[loop]


def _address(base_url: str | None) -> str:
    if not base_url:
        raise EngineError("no server is named", remedy=f"pass base_url, or set {BASE_URL_VARIABLE}=http://host:8000/v1")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise EngineError(f"{base_url!r} is not an address", remedy="write it like http://host:8000/v1")
    return base_url.rstrip("/") + ("" if parts.path.strip("/") else "/v1")


def _data_url(request: Request, picture_format: PictureFormat) -> str:
    buffer = io.BytesIO()
    picture = request.picture.convert("RGB")
    if picture_format == "jpeg":
        picture.save(buffer, "JPEG", quality=95)
    else:
        # The lowest level takes a fraction of the time and little more space.
        picture.save(buffer, "PNG", compress_level=1)
    return f"data:image/{picture_format};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _generation(completion: ChatCompletion) -> Generation:
    if not completion.choices:
        return Generation(finish="error", error="the server gave no answer")
    choice = completion.choices[0]
    if choice.finish_reason == "content_filter":
        return Generation(finish="error", error="the server withheld its answer")
    finish: Literal["stop", "length"] = "length" if choice.finish_reason == "length" else "stop"
    return Generation(text=choice.message.content or "", finish=finish)


def _reason(exc: Exception) -> str:
    """What the server said, in one line."""
    response = getattr(exc, "response", None)
    if response is None:
        return " ".join(str(exc).split())[:300] or type(exc).__name__
    try:
        said = response.json()
        # OpenAI and vLLM wrap it in `error`, FastAPI in `detail`; older vLLM gives a bare `message`.
        said = said.get("error") or said.get("detail") or said
        said = said.get("message", said) if isinstance(said, dict) else said
    except (ValueError, AttributeError):
        said = response.text
    return f"HTTP {response.status_code}: {' '.join(str(said).split())}"[:300]
