"""The engine that asks servers, for callers with and without an event loop."""

from __future__ import annotations

import asyncio
import os
import queue
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import ClassVar

from langchain_hunyuanocr.engines.base import API_KEY_VARIABLE, Engine, Request
from langchain_hunyuanocr.engines.server.chat_request import PictureFormat
from langchain_hunyuanocr.engines.server.client import ClientSettings, ServerClient
from langchain_hunyuanocr.engines.server.load_balancer import addresses_from
from langchain_hunyuanocr.engines.server.loop_thread import LoopThread
from langchain_hunyuanocr.results import Generation


class ServerEngine(Engine):
    """Asks one server or many, several pages at a time, each answer for its own page and in the order of the pages.

    What a server fails is tried again, elsewhere where there is another; what it refuses is a `Generation` with its
    reason. Where no server answers any more, `EngineError` is raised, for each request that could not be answered:
    those that `submit` began one by one keep their answers.
    """

    name: ClassVar[str] = "server"
    prompted: ClassVar[bool] = True

    def __init__(
        self,
        base_url: str | Sequence[str] | None = None,
        *,
        api_key: str | None = None,
        model: str | None = None,
        revision: str = "",
        timeout_s: float = 300.0,
        outage_s: float = 30.0,
        max_retries: int = 5,
        max_concurrency: int = 8,
        max_new_tokens: int = 8192,
        repetition_penalty: float = 1.08,
        skip_special_tokens: bool = True,
        picture_format: PictureFormat = "png",
    ) -> None:
        """Set where the servers are and how they are asked; nothing is asked yet.

        Args:
            base_url: Address, `http://host:8000/v1`, or several, in a list or with commas between; the environment's
                `HUNYUANOCR_BASE_URL` where `None`.
            api_key: Key for the servers; the environment's `HUNYUANOCR_API_KEY` where `None`.
            model: Name that the servers give the model; asked from each where `None`.
            revision: Which state of the model the servers run, for the metadata; it cannot be asked.
            timeout_s: Longest wait for the first word of an answer, counted anew while a server works on the pages
                before it, and longest that the answer may take from there.
            outage_s: How long a page waits for a server to come back where none answers; servers that never answered
                get two seconds.
            max_retries: How often a page is tried again where a server is busy or fails, or the connection breaks. A
                page without an answer in time is tried once more.
            max_concurrency: Most pages under way at each address.
            max_new_tokens: Longest answer; less is asked for where a server's context cannot hold it.
            repetition_penalty: 1.08 is HunyuanOCR-1.5's own; 1.0 may suit tables of repeated values better.
            skip_special_tokens: Whether tags like `<quad>` that are special tokens are left out of the answer.
            picture_format: How pictures are sent: `png` without loss, `jpeg` smaller.

        Raises:
            EngineError: No server is named, or an address is none.
        """
        self.addresses = addresses_from(base_url)
        self._manner = ClientSettings(
            # The client wants a key where the server does not.
            api_key=api_key or os.environ.get(API_KEY_VARIABLE) or "none",
            model=model,
            timeout_s=timeout_s,
            outage_s=outage_s,
            max_retries=max_retries,
            max_concurrency=max_concurrency,
            max_new_tokens=max_new_tokens,
            picture_format=picture_format,
            beyond_openai={
                "top_k": -1,
                "repetition_penalty": repetition_penalty,
                "skip_special_tokens": skip_special_tokens,
            },
        )
        self._model = model
        self._revision = revision
        self._background = LoopThread("hunyuanocr-server")
        self._asker = ServerClient(self.addresses, self._manner)

    @property
    def base_url(self) -> str:
        """The address; several with commas between."""
        return ",".join(self.addresses)

    @property
    def in_flight(self) -> int:
        """Most requests under way at once, at all addresses together."""
        return self._manner.max_concurrency * len(self.addresses)

    @property
    def model(self) -> str:
        """Name of the model, asked once from the first server that answers.

        Raises:
            EngineError: No server is there, or it serves no model.
        """
        if self._model is None:
            self._model = self._background.begin(self._asker.model()).result()
        return self._model

    @property
    def revision(self) -> str:
        """Which state of the model, as it was given."""
        return self._revision

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer the requests, as many at a time as the servers may get.

        Raises:
            EngineError: No server is there, or none can answer any request.
        """
        future = self.submit(requests)
        try:
            return future.result()
        finally:
            future.cancel()

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """`generate`, for an event loop; cancelling it closes the connections."""
        return await asyncio.wrap_future(self.submit(requests))

    def submit(self, requests: Sequence[Request]) -> Future[list[Generation]]:
        """Begin to answer and return at once; cancelling the future closes the connections."""
        return self._background.begin(self._asker.answers(requests))

    def stream(self, request: Request) -> Generator[str | Generation, None, None]:
        """The text of one answer as it comes, and last the whole `Generation`; closing it closes the connection.

        Raises:
            EngineError: No server is there, or none can answer any request.
        """
        pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        future = self._begin_stream(request, pieces.put)
        try:
            while (piece := pieces.get()) is not None:
                yield piece
            yield future.result()
        finally:
            future.cancel()

    async def astream(self, request: Request) -> AsyncGenerator[str | Generation, None]:
        """`stream`, without blocking the event loop."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def put(piece: str | None) -> None:
            # A loop that is closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        future = self._begin_stream(request, put)
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            yield future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Give up what is under way and close the connections; the engine may be used again."""
        asker, self._asker = self._asker, ServerClient(self.addresses, self._manner)
        if self._background.running:
            self._background.begin(asker.close()).result()
        self._background.stop()

    def _begin_stream(self, request: Request, put: Callable[[str | None], object]) -> Future[Generation]:
        future = self._background.begin(self._asker.answer(request, put))
        # The future is done when this is called, so that its result is there for whoever gets the last piece.
        future.add_done_callback(lambda _: put(None))
        return future
