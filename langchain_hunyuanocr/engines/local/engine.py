"""HunyuanOCR on this machine, through transformers."""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from typing import Any, ClassVar, Literal

from langchain_hunyuanocr.engines.base import MODEL_VARIABLE, Engine, Request
from langchain_hunyuanocr.engines.local.checkpoint import MODEL, REVISION, Loaded, load, release, revision_label
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.device_memory import free_bytes, gib
from langchain_hunyuanocr.engines.local.device_memory import release as release_memory
from langchain_hunyuanocr.engines.local.gather import gathered
from langchain_hunyuanocr.engines.local.prompting import patches_of, prompt_of
from langchain_hunyuanocr.engines.local.scheduler import Job, Limits, Scheduler
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Generation

_log = logging.getLogger(__name__)

_MOST_ROWS = 64
"""More answers at once hardly make a step cheaper an answer."""
_ROWS_UNTIL_KNOWN = 16
_EXPECTED_ANSWER = 2048
"""Tokens that room is kept for when `batch_size` is chosen; slots grow beyond where an answer does."""
_PIXELS_A_TOKEN = 1024
_PROMPT_WORDS = 256
_KEPT_FREE = 0.35
"""Share of the free memory that is left to the vision tower, and to slots while they grow."""


class LocalEngine(Engine):
    """Runs HunyuanOCR with transformers: on CUDA where it is there, on the CPU otherwise.

    The model is loaded at the first request. A thread of its own then answers all requests, of whatever caller, many at
    once: each gives what it would give alone, and one that is done makes place for one that waits. Questions about the
    same picture (the same object) share its vision tower and prefill.

    HunyuanOCR is Tencent's, under its own community licence, which does not cover the EU, the UK and South Korea. This
    package ships no weights and is not affiliated with Tencent.
    """

    name: ClassVar[str] = "local"
    prompted: ClassVar[bool] = True

    def __init__(
        self,
        model: str | None = None,
        *,
        revision: str = REVISION,
        version: Literal["1.5", "1.0"] = "1.5",
        hub: Literal["auto", "huggingface", "modelscope"] = "auto",
        device: str = "auto",
        dtype: str = "auto",
        quantization: Literal["int8", "int4"] | None = None,
        batch_size: int | Literal["auto"] = "auto",
        max_new_tokens: int = 8192,
        repetition_penalty: float | None = None,
        max_pixels: int = 3_400_000,
        skip_special_tokens: bool = True,
    ) -> None:
        """Set how the model is loaded and asked; nothing is loaded yet.

        Args:
            model: A repository of a hub, or a folder that holds a checkpoint, quantised ones (AWQ, FP8) included; the
                environment's `HUNYUANOCR_MODEL` where `None`, else `tencent/HunyuanOCR`.
            revision: Commit of the repository; without meaning for a folder.
            version: Release of HunyuanOCR; both lie in one repository.
            hub: Where the repository is; `auto` takes what the environment's `HUNYUANOCR_HUB` names, else Hugging
                Face, whose `HF_ENDPOINT` and `HF_HUB_OFFLINE` are honoured.
            device: `auto`, `cpu`, `cuda`, `cuda:1`.
            dtype: `auto` takes bfloat16, float16 on GPUs before Ampere, float32 on a CPU.
            quantization: `int8` or `int4` holds the weights in about half of the memory, for more time a step.
            batch_size: Most pages at once; `auto` takes what the free memory holds, 64 at most. Where memory runs out
                nevertheless, the batch is halved, then the picture, and a warning says so.
            max_new_tokens: Longest answer.
            repetition_penalty: The release's own where `None`, which is 1.08 for 1.5; 1.0 may suit tables of repeated
                values better.
            max_pixels: Most pixels of a picture that the model sees; 3.4 million kept its quality and halve its memory.
            skip_special_tokens: Whether tags like `<quad>` that are special tokens are left out of the answer.
        """
        if batch_size != "auto" and batch_size < 1:
            raise EngineError(f"a batch of {batch_size} pages reads nothing", remedy='take batch_size="auto"')
        self._model = model = model or os.environ.get(MODEL_VARIABLE) or MODEL
        self._commit = revision
        self._revision = revision_label(model, revision, hub=hub, version=version, quantization=quantization)
        self._load_settings: dict[str, Any] = {
            "device": device,
            "dtype": dtype,
            "max_pixels": max_pixels,
            "quantization": quantization,
            "hub": hub,
            "version": version,
        }
        self._rows = batch_size
        self._max_new_tokens = max_new_tokens
        own = release(version).repetition_penalty
        self._repetition_penalty = own if repetition_penalty is None else repetition_penalty
        self._skip_special_tokens = skip_special_tokens
        self._lock = threading.Lock()
        self._new: list[Job] = []
        self._thread: threading.Thread | None = None
        self._loading = threading.Lock()
        self._loaded: Loaded | None = None
        self._scheduler: Scheduler | None = None

    @property
    def model(self) -> str:
        """The repository or folder of the model."""
        return self._model

    @property
    def revision(self) -> str:
        """What tells this checkpoint's answers from another's: commit, release, quantisation; empty for a folder."""
        return self._revision

    @property
    def in_flight(self) -> int:
        """As many as are answered at once, and half as many that wait for their place."""
        rows = self._scheduler.rows if self._scheduler else self._rows
        rows = _ROWS_UNTIL_KNOWN if rows == "auto" else rows
        return rows + max(2, rows // 2)

    def submit(self, requests: Sequence[Request]) -> Future[list[Generation]]:
        """Begin to answer; cancelling the future frees the places of its pages.

        Returns:
            The answers in order; or `EngineError` where the model cannot be loaded.
        """
        return gathered(self._begin([Job(request, self._limits()) for request in requests]))

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer requests, in order.

        Raises:
            EngineError: The model cannot be loaded.
        """
        future = self.submit(requests)
        try:
            return future.result()
        finally:
            future.cancel()

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """`generate`, without a thread that waits."""
        return await asyncio.wrap_future(await asyncio.to_thread(self.submit, requests))

    def stream(self, request: Request) -> Generator[str | Generation, None, None]:
        """The text of one answer as it comes, and last the whole `Generation`."""
        pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        job = Job(request, self._limits(), put=pieces.put)
        # Also where it is cancelled; the future is done by then, so that its result is there.
        job.future.add_done_callback(lambda _: pieces.put(None))
        self._begin([job])
        try:
            while (piece := pieces.get()) is not None:
                yield piece
            yield job.future.result()
        finally:
            job.future.cancel()

    def prompt(self, request: Request) -> str:
        """The whole text that the model is given for a request, special tokens included."""
        with self._loading:
            loaded = self._load()
        prompt = prompt_of(loaded, patches_of(loaded, request.picture), request.task.prompt)
        return str(loaded.processor.tokenizer.decode(prompt.ids[0]))

    def close(self) -> None:
        """Free the memory of the model; requests under way are finished first."""
        while (thread := self._thread) is not None:
            thread.join()
        with self._loading:
            if self._scheduler is not None:
                self._scheduler.close()
            self._scheduler = self._loaded = None
        release_memory()

    def _limits(self) -> Limits:
        return Limits(tokens=self._max_new_tokens)

    def _begin(self, jobs: list[Job]) -> list[Future[Generation]]:
        with self._lock:
            self._new += jobs
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="hunyuanocr-local")
                self._thread.start()
        return [job.future for job in jobs]

    def _work(self) -> None:
        """Answer all there is to answer, then end."""
        scheduler: Scheduler | None = None
        while True:
            with self._lock:
                new, self._new = self._new, []
                if not new and (scheduler is None or not scheduler.busy):
                    self._thread = None
                    return
            try:
                with self._loading:
                    scheduler = self._ready()
                for job in new:
                    scheduler.add(job)
                new = []
                scheduler.turn()
            except Exception as exc:
                self._fail(exc, scheduler, new)
                scheduler = None

    def _fail(self, exc: Exception, scheduler: Scheduler | None, new: list[Job]) -> None:
        """Tell all who wait, and forget the model: whatever broke it may have left it in any state."""
        if isinstance(exc, EngineError):
            error = exc
        else:
            _log.debug("the model failed", exc_info=exc)
            reason = str(exc).strip().partition("\n")[0] or type(exc).__name__
            error = EngineError(f"the model failed: {reason}", source=self._model, remedy="try again, or report it")
        with self._loading:
            self._scheduler = self._loaded = None
        if scheduler is not None:
            scheduler.fail(error)
            scheduler.close()
        for job in new:
            job.finish(error)

    def _ready(self) -> Scheduler:
        if self._scheduler is None:
            loaded = self._load()
            on_cuda = loaded.device.startswith("cuda")
            if on_cuda:
                # Graphs are captured on the device of the thread.
                require("torch", extra="local").cuda.set_device(loaded.device)
            decoder = Decoder(loaded, penalty=self._repetition_penalty, graphs=on_cuda)
            rows = self._fitting(loaded, decoder) if self._rows == "auto" else self._rows
            self._scheduler = Scheduler(loaded, decoder, rows=rows, skip_special_tokens=self._skip_special_tokens)
        return self._scheduler

    def _load(self) -> Loaded:
        if self._loaded is None:
            _log.info("loading %s", self._model)
            self._loaded = load(self._model, self._commit, **self._load_settings)
            _log.info("%s is on %s", self._model, self._loaded.device)
        return self._loaded

    def _fitting(self, loaded: Loaded, decoder: Decoder) -> int:
        """How many pages the free memory holds at once."""
        free = free_bytes(loaded.device)
        pixels = loaded.processor.image_processor.size["longest_edge"]
        tokens = pixels // _PIXELS_A_TOKEN + _PROMPT_WORDS + min(self._max_new_tokens, _EXPECTED_ANSWER)
        rows = max(1, min(_MOST_ROWS, int(free * (1 - _KEPT_FREE) / (tokens * decoder.cache.bytes_a_token))))
        _log.info("%s: %s free, up to %d pages at once", loaded.device, gib(free), rows)
        return rows
