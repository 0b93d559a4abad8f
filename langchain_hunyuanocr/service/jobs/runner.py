"""Job runner, background tasks: a few at a time; those that a restart interrupted go on where they stood."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

from fastapi import UploadFile

from langchain_hunyuanocr.errors import HunyuanOCRError, SourceError
from langchain_hunyuanocr.pages import PageSettings, Source, count_pages
from langchain_hunyuanocr.pages.page_ranges import select_pages
from langchain_hunyuanocr.reader.sources import reads_as_film
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.service.jobs.store import JobStatus, JobStore, StoredJob
from langchain_hunyuanocr.service.metrics import Metrics
from langchain_hunyuanocr.service.page_reading import (
    ReadRequest,
    counted,
    open_sources,
    page_record,
    read_sources,
    require_readable,
)
from langchain_hunyuanocr.service.problems import Problem, detail_of
from langchain_hunyuanocr.service.settings import Bounds
from langchain_hunyuanocr.service.uploads import Uploads, private_folder, size_of

_log = logging.getLogger(__name__)

_MB = 1024 * 1024
_SWEEP_S = 600.0
_RETRY_S = 5.0
_FULL_RETRY_S = 60


class Jobs:
    """The jobs of a service.

    Args:
        state: Folder in which they are kept.
        engine: Who reads.
        bounds: Of jobs.
        metrics: Told of every page.

    Raises:
        ServiceError: What is kept cannot be opened.
    """

    def __init__(self, state: Path, engine: BatchingEngine, bounds: Bounds, metrics: Metrics) -> None:
        self._folder = private_folder(state / "jobs")
        self._store = JobStore(state / "jobs.sqlite")
        self._engine = engine
        self._bounds = bounds
        self._metrics = metrics
        self._new = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._store.requeue()
        self._drop_strays()

    def start(self) -> None:
        """Begin to work."""
        self._new.set()
        self._tasks = [asyncio.ensure_future(self._work()) for _ in range(self._bounds.jobs_at_once)]
        self._tasks.append(asyncio.ensure_future(self._sweep()))

    async def stop(self) -> None:
        """End; what runs is taken up by the next start."""
        for task in (*self._tasks, *self._running.values()):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._running.values(), return_exceptions=True)
        self._store.close()

    async def add(
        self, owner: str, wish: ReadRequest, uploads: Uploads, files: Sequence[UploadFile], urls: Sequence[str]
    ) -> StoredJob:
        """Keep files until they are read.

        Raises:
            Problem: There are too many jobs, files or pages, or no file can be opened.
            HunyuanOCRError: What is wanted cannot be done.
        """
        if await asyncio.to_thread(self._store.count_open) >= self._bounds.max_jobs:
            raise Problem(
                503,
                f"{self._bounds.max_jobs} jobs are waiting or running, no more are taken now (try again later)",
                headers={"Retry-After": str(_FULL_RETRY_S)},
            )
        if await asyncio.to_thread(self._used_bytes) >= self._bounds.max_jobs_mb * _MB:
            raise Problem(
                503,
                f"the jobs take {self._bounds.max_jobs_mb} MB, no more are taken now (delete what you have fetched)",
                headers={"Retry-After": str(_FULL_RETRY_S)},
            )
        reader = wish.reader(self._engine)  # what cannot be done is said now
        id = secrets.token_hex(16)
        folder = private_folder(self._folder / id)
        try:
            sources = await uploads.save(folder, files, urls)
            settings = self._bounds.page_settings(pages=wish.pages, password=wish.password)
            opened, total = await open_sources(sources, settings, most=self._bounds.max_job_pages, reader=reader)
            require_readable(opened)
            job = StoredJob(
                id=id,
                owner=owner,
                status=JobStatus.QUEUED,
                created=time.time(),
                wish=wish.as_json(),
                files=tuple(_name(source) for source in sources),
                pages_total=total,
            )
            failures = {number: _failed(one) for number, one in enumerate(opened) if isinstance(one, SourceError)}
            await asyncio.to_thread(self._store.add, job, failures)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._forget, id))
            raise
        self._new.set()
        return job

    def kept_bytes(self, owner: str) -> int:
        """What the files of a caller's jobs take that wait or run."""
        return sum(size_of(self._folder / id) for id in self._store.open_ids(owner))

    async def get(self, id: str) -> StoredJob:
        """A job.

        Raises:
            Problem: 404, where there is none.
        """
        job = await asyncio.to_thread(self._store.get, id)
        if job is None:
            raise Problem(404, "there is no such job")
        return job

    async def listed(self, owner: str | None, *, most: int) -> list[StoredJob]:
        """The newest jobs of a caller; everybody's where `None`."""
        return await asyncio.to_thread(self._store.listed, owner, most=most)

    async def pages(self, id: str, first: int, count: int) -> list[dict[str, object]]:
        """Records of the pages that are done, from the `first` one."""
        return await asyncio.to_thread(self._store.pages, id, first, count)

    async def cancel(self, id: str) -> StoredJob:
        """End a job before it is done; the pages that are done stay."""
        await asyncio.to_thread(self._store.finish, id, JobStatus.CANCELLED, time.time())
        running = self._running.get(id)
        if running is not None:
            running.cancel()
        await asyncio.to_thread(shutil.rmtree, self._folder / id, ignore_errors=True)
        return await self.get(id)

    async def forget(self, id: str) -> None:
        """Cancel a job and delete all that is kept of it."""
        await self.cancel(id)
        await asyncio.to_thread(self._forget, id)

    async def _work(self) -> None:
        while True:
            self._new.clear()
            try:
                job = await asyncio.to_thread(self._store.next_queued)
            except sqlite3.Error as exc:  # a full disk may have room again
                _log.error("no job can be begun: %s", exc)
                await asyncio.sleep(_RETRY_S)
                continue
            if job is None:
                await self._new.wait()
                continue
            running = self._running[job.id] = asyncio.ensure_future(self._run(job))
            try:
                await asyncio.wait([running])
            finally:
                del self._running[job.id]
                running.cancel()

    async def _run(self, job: StoredJob) -> None:
        status, error = JobStatus.DONE, None
        try:
            kept = await asyncio.to_thread(self._store.get, job.id)
            if kept is None or not kept.open:
                return  # it was cancelled before it could be known here
            async with asyncio.timeout(self._bounds.job_timeout_s):
                await self._read(job)
        except TimeoutError:
            limit = f"{self._bounds.job_timeout_s:g} s"
            status, error = (
                JobStatus.FAILED,
                f"the job was not done within {limit} (ask for the other pages by a new one)",
            )
        except HunyuanOCRError as exc:
            status, error = JobStatus.FAILED, detail_of(exc)
        except Exception as exc:
            _log.error("a job failed: %s", type(exc).__name__)
            status, error = JobStatus.FAILED, "the service failed; its log says where"
        while True:
            try:
                await asyncio.to_thread(self._store.finish, job.id, status, time.time(), error)
                break
            except sqlite3.Error as exc:
                _log.error("a job cannot be finished: %s", exc)
                await asyncio.sleep(_RETRY_S)
        await asyncio.to_thread(shutil.rmtree, self._folder / job.id, ignore_errors=True)

    async def _read(self, job: StoredJob) -> None:
        wish = ReadRequest.of_json(job.wish)
        reader = wish.reader(self._engine)
        settings = self._bounds.page_settings(pages=wish.pages, password=wish.password)
        for number, name in enumerate(job.files):
            source = Source(name=name, path=self._folder / job.id / str(number))
            film = await asyncio.to_thread(reads_as_film, reader, source)
            rest = await asyncio.to_thread(self._rest, job.id, number, source, settings, film=film)
            if rest is None:
                continue
            how = {"step_s": wish.step_s, "film_timeout_s": self._bounds.film_timeout_s}
            pages = read_sources(reader, self._engine, [source], rest, **how)
            async with aclosing(counted(pages, self._metrics)) as things:
                async for thing in things:
                    page = thing.page if isinstance(thing, PageReading) else -1
                    told = json.dumps(page_record(thing), ensure_ascii=False)
                    await asyncio.to_thread(self._store.add_page, job.id, number, page, told, expected=not film)

    def _rest(self, id: str, number: int, source: Source, settings: PageSettings, *, film: bool) -> PageSettings | None:
        """What is still to be read of a file; `None` where it is done."""
        done = self._store.pages_done(id, number)
        if -1 in done:
            return None
        if film:
            # It is merged as it goes on, which cannot be taken up in the middle.
            self._store.drop_unexpected(id, number)
            return settings
        try:
            wanted = select_pages(settings.pages, count_pages(source, settings), source=source.name)
        except SourceError as error:
            self._store.add_page(id, number, -1, _failed(error))
            return None
        rest = [page for page in wanted if page not in done]
        if not rest:
            return None
        return settings.model_copy(update={"pages": ",".join(str(page + 1) for page in rest)})

    async def _sweep(self) -> None:
        """Forget what was kept long enough."""
        while True:
            try:
                old = await asyncio.to_thread(self._store.forget_before, time.time() - self._bounds.keep_jobs_h * 3600)
            except sqlite3.Error as exc:
                _log.error("old jobs cannot be forgotten: %s", exc)
                old = []
            for id in old:
                await asyncio.to_thread(shutil.rmtree, self._folder / id, ignore_errors=True)
            await asyncio.sleep(_SWEEP_S)

    def _used_bytes(self) -> int:
        """What all jobs take on disk."""
        return self._store.used_bytes() + size_of(self._folder)

    def _forget(self, id: str) -> None:
        self._store.forget(id)
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def _drop_strays(self) -> None:
        """Remove the files of jobs that had not begun, or were just over, when the service was killed."""
        known = self._store.open_ids()
        for folder in self._folder.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)


def _name(source: Source | SourceError) -> str:
    return (source.source or "") if isinstance(source, SourceError) else source.name


def _failed(error: SourceError) -> str:
    return json.dumps(page_record(error), ensure_ascii=False)
