"""Service container: the parts of one running service, put together."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.errors import ArchiveError, HunyuanOCRError, ServiceError, require
from langchain_hunyuanocr.service.auth.authenticator import Authenticator
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.service.jobs.runner import Jobs
from langchain_hunyuanocr.service.metrics import Metrics
from langchain_hunyuanocr.service.problems import Problem, detail_of
from langchain_hunyuanocr.service.queueing import Queue, RequestQueue
from langchain_hunyuanocr.service.settings import ServiceSettings
from langchain_hunyuanocr.service.upload_quota import UploadQuota
from langchain_hunyuanocr.service.uploads import Uploads, private_folder
from langchain_hunyuanocr.service.url_fetching import Fetcher
from langchain_hunyuanocr.tasks import Task, TaskKind

if TYPE_CHECKING:
    from filelock import BaseFileLock

_log = logging.getLogger(__name__)

_LEAST_TURNS = 8
_ASKED_AT_ONCE = 4
_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 60.0


class Service:
    """What the endpoints work with; open while the application runs.

    Args:
        settings: What the operator decided.
        engine: Who reads.
        fetcher: Fetches what is named by an address; one that keeps to the settings where `None`.

    Raises:
        ServiceError: The settings cannot be kept.
    """

    def __init__(self, settings: ServiceSettings, engine: Engine, *, fetcher: Fetcher | None = None) -> None:
        self.settings = settings
        self.bounds = settings.bounds
        self.metrics = Metrics()
        self.engine = BatchingEngine(engine, on_batch=self.metrics.batch)
        self.authenticator = Authenticator(settings.access, settings.bounds.rate, settings.bounds.wrong_rate)
        self.quota = UploadQuota(settings.bounds.max_caller_mb)
        self.fetcher = fetcher or Fetcher(allowed=settings.allow_urls, bounds=settings.bounds)
        # Enough that pages for the next batch are rendered while the engine works, few enough that memory stays flat.
        at_once = max(_LEAST_TURNS, 2 * engine.in_flight)
        self._queues: dict[Queue, RequestQueue] = {
            "reading": RequestQueue(settings.bounds.queue, at_once),
            "asking": RequestQueue(settings.bounds.ask_queue, _ASKED_AT_ONCE),
        }
        self.archive = None if settings.archive is None else _archive(settings, self.engine)
        self.ending = asyncio.Event()
        """Set when the service is told to end, for answers that last as long as somebody listens."""
        self.unready: str | None = "the engine has not answered yet" if settings.warm_up else None
        """Why no requests should be sent yet."""
        self._warming: asyncio.Task[None] | None = None
        self._lock: BaseFileLock | None = None
        self._uploads: Uploads | None = None
        self._jobs: Jobs | None = None
        self.metrics.watch(
            "hunyuanocr_requests_reading", "Requests that read or wait to.", lambda: self.queue("reading").taken
        )
        self.metrics.watch(
            "hunyuanocr_questions_waiting", "Questions that wait for the engine.", lambda: self.engine.waiting
        )

    def queue(self, name: Queue) -> RequestQueue:
        """The queue of that name."""
        return self._queues[name]

    @property
    def uploads(self) -> Uploads:
        """Where uploads lie."""
        if self._uploads is None:
            raise RuntimeError("the service is not open")
        return self._uploads

    @property
    def jobs(self) -> Jobs:
        """Its jobs."""
        if self._jobs is None:
            raise RuntimeError("the service is not open")
        return self._jobs

    def need_archive(self) -> Archive:
        """The archive.

        Raises:
            Problem: 404, where the service has none.
        """
        if self.archive is None:
            raise Problem(404, "this service has no archive (start it with --archive DIR)")
        return self.archive

    def claim(self) -> None:
        """Take the state folder; opening the service does, where it has not been done before.

        Raises:
            ServiceError: Another service has it, or what it holds cannot be opened.
        """
        state = self.settings.state
        try:
            private_folder(state)
            self._lock = _alone(state)
            self._uploads = Uploads(
                state / "uploads",
                self.fetcher,
                most=self.bounds.max_files,
                most_fetched_mb=self.bounds.max_body_mb,
            )
            self._jobs = Jobs(state, self.engine, self.bounds, self.metrics)
            self.quota.watch(self._jobs.kept_bytes)
        except OSError as exc:
            remedy = "choose another --state"
            raise ServiceError(f"cannot be used: {exc.strerror}", source=str(state), remedy=remedy) from exc

    async def __aenter__(self) -> Self:
        if self._jobs is None:
            self.claim()
        self.jobs.start()
        if self.settings.warm_up:
            self._warming = asyncio.ensure_future(self._warm_up())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._warming is not None:
            self._warming.cancel()
        if self._jobs is not None:
            await self._jobs.stop()
        if self._uploads is not None:
            await asyncio.to_thread(self._uploads.close)
        if self.archive is not None:
            await asyncio.to_thread(self.archive.close)
        if self._lock is not None:
            self._lock.release()
        await asyncio.to_thread(self.engine.close)

    async def _warm_up(self) -> None:
        """Have the engine load what it needs, until it answers."""
        from PIL import Image

        kind = TaskKind.TEXT if TaskKind.TEXT in self.engine.tasks else next(iter(self.engine.tasks))
        request = Request(Image.new("RGB", (64, 64), "white"), Task(kind=kind))
        wait_s = _FIRST_RETRY_S
        while True:
            try:
                await self.engine.agenerate([request])
            except HunyuanOCRError as exc:
                self.unready = detail_of(exc)
                _log.warning("the engine is not ready: %s", exc)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_RETRY_S)
            else:
                self.unready = None
                return


def _archive(settings: ServiceSettings, engine: Engine) -> Archive:
    if settings.archive is None or not settings.archive.is_dir():
        raise ArchiveError(
            "there is no such folder", source=str(settings.archive), remedy="make it with hunyuanocr ingest"
        )
    return Archive(settings.archive, engine=engine, llm=settings.llm)


def _alone(state: Path) -> BaseFileLock:
    """Hold a state folder: another service would take these uploads and jobs for its own."""
    filelock = require("filelock", extra="service", error=ServiceError)
    lock: BaseFileLock = filelock.FileLock(state / "service.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout as exc:
        raise ServiceError(
            "another service keeps its jobs here", source=str(state), remedy="give each a --state of its own"
        ) from exc
    return lock
