"""Reader: many pages through one engine, as many at once as it takes, out in their order, none lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import aclosing
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from langchain_hunyuanocr.engines import Engine, resolve_engine
from langchain_hunyuanocr.engines.rapid.second_reader import second_reader, second_reader_installed
from langchain_hunyuanocr.errors import SourceError, require
from langchain_hunyuanocr.pages import Page, PageFailure, Source
from langchain_hunyuanocr.pages.rendering import SourceEvent
from langchain_hunyuanocr.reader.batch_queue import Batch, BatchQueue
from langchain_hunyuanocr.reader.page_flow import AnyPage, PageFlow
from langchain_hunyuanocr.reader.settings import ReadSettings
from langchain_hunyuanocr.reader.verifier import Verifier
from langchain_hunyuanocr.reading.fields.find import FieldPlan
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.running_heads import RunningHeads
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.results import Generation, PageReading
from langchain_hunyuanocr.tasks import Task, TaskKind

_REPEAT_MERGED = {"labels": True, "True": "all", "False": False}
_Answered = Future[list[Generation]] | asyncio.Future[list[Generation]]


class Reader:
    """Reads pages with one engine, one task and one set of fields.

    Args:
        engine: An engine, or the name of one; `auto` takes the best that this machine has.
        settings: How it reads.

    Raises:
        TaskError: The engine cannot do the task.
        FieldError: The fields make no sense.
        EngineError: No engine can run here.
    """

    def __init__(self, engine: Engine | str = "auto", settings: ReadSettings | None = None) -> None:
        self.settings = settings = settings or ReadSettings()
        language = settings.language
        self._plan = FieldPlan.of(settings.fields, preset=settings.preset)
        if isinstance(settings.task, str) and settings.task == TaskKind.FIELDS:
            self.task = Task(kind=TaskKind.FIELDS, fields=self._plan.asked(language), language=language)
        else:
            self.task = Task.of(settings.task, language=language)
        self.engine = resolve_engine(engine)
        self._second = self._second_reading(settings.verify, ground=settings.ground)
        self._streams = 0
        self._lock = threading.Lock()
        self.engine.check(self.task)
        self._steps = PageFlow(self.engine, self.task, self._plan, settings, self._checker())

    @property
    def fingerprint(self) -> str:
        """Names all that decides what a page picture gives: engine, model, revision, task, prompt, fields (sha256)."""
        parts = {
            "engine": [self.engine.name, self.engine.model, self.engine.revision],
            "task": self.task.model_dump(mode="json"),
            "prompt": self.task.prompt,
            "fields": [_told(spec) for spec in self._plan.specs],
            "force_ocr": self.settings.force_ocr,
            "second": self._second,
            "second_version": _second_version() if self._second["verify"] != "off" or self._second["ground"] else None,
            # The default has the value that it had when it repeated all, so that archives are not read again for it.
            "repeat_merged": _REPEAT_MERGED[str(self.settings.repeat_merged)],
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def in_flight(self) -> int:
        """How many requests its engine takes at once."""
        return self.engine.in_flight

    def read(self, page: AnyPage) -> PageReading:
        """Read one page.

        Raises:
            EngineError: The engine cannot run at all. A page that fails alone gives a reading whose status is `failed`.
        """
        return next(self.read_all([page]))

    def read_all(self, pages: Iterable[AnyPage | PageReading]) -> Iterator[PageReading]:
        """Read pages, as many at once as the engine takes; readings come in the order of the pages.

        A reading that is given in the place of its page comes out as it is.

        Raises:
            EngineError: The engine cannot run at all; the pages before have been yielded.
        """
        return (reading for reading in self.read_walk(pages) if isinstance(reading, PageReading))

    async def aread_all(self, pages: AsyncIterable[AnyPage]) -> AsyncIterator[PageReading]:
        """`read_all`, without blocking the event loop."""
        async with aclosing(self.aread_walk(pages)) as readings:
            async for reading in readings:
                if isinstance(reading, PageReading):
                    yield reading

    def read_walk(self, things: Iterable[SourceEvent | PageReading]) -> Iterator[PageReading | Source | SourceError]:
        """Read the pages of many files in one stream, in order; beginnings and errors of files keep their place.

        Raises:
            EngineError: The engine cannot run at all; what came before has been yielded. An error of `things` is raised
                as it is, after what came before it.
        """
        pipeline = self._begin_stream()
        heads = RunningHeads()
        running: dict[Future[list[Generation]], Batch] = {}
        end: Exception | None = None
        source = iter(things)
        try:
            while end is None or not pipeline.empty:
                if end is None:
                    try:
                        self._put(pipeline, next(source))
                    except Exception as exc:
                        end = exc
                while (batch := pipeline.due(last=end is not None)) is not None:
                    running[self.engine.submit(batch.requests)] = batch
                under_way = [*running, *pipeline.elsewhere]
                must = end is not None or pipeline.full
                for future in wait(under_way, None if must else 0, FIRST_COMPLETED).done if under_way else ():
                    if future in running:
                        _hand_back(pipeline, running.pop(future), future)
                    else:
                        pipeline.resume(future)
                yield from self._settled(heads, pipeline.ready())
            yield from heads.end()
            if not isinstance(end, StopIteration):
                raise end
        finally:
            for future in running:
                future.cancel()
            self._end_stream()

    async def aread_walk(
        self, things: AsyncIterable[SourceEvent]
    ) -> AsyncGenerator[PageReading | Source | SourceError, None]:
        """`read_walk`, without blocking the event loop."""
        pipeline = self._begin_stream()
        heads = RunningHeads()
        running: dict[asyncio.Future[list[Generation]], Batch] = {}
        elsewhere: dict[Future[Any], asyncio.Future[Any]] = {}
        end: Exception | None = None
        source = aiter(things)
        try:
            while end is None or not pipeline.empty:
                if end is None:
                    try:
                        thing = await anext(source)
                        # Laying out the lines of a page takes a tenth of a second and more.
                        await asyncio.to_thread(self._put, pipeline, thing)
                    except Exception as exc:
                        end = exc
                while (batch := pipeline.due(last=end is not None)) is not None:
                    running[asyncio.ensure_future(self.engine.agenerate(batch.requests))] = batch
                elsewhere |= {one: asyncio.wrap_future(one) for one in pipeline.elsewhere if one not in elsewhere}
                if running or elsewhere:
                    must = end is not None or pipeline.full
                    await asyncio.wait(
                        [*running, *elsewhere.values()],
                        timeout=None if must else 0,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    for future in [future for future in running if future.done()]:
                        await asyncio.to_thread(_hand_back, pipeline, running.pop(future), future)
                    for one in [one for one, future in elsewhere.items() if future.done()]:
                        del elsewhere[one]
                        await asyncio.to_thread(pipeline.resume, one)
                for settled in self._settled(heads, pipeline.ready()):
                    yield settled
            for reading in heads.end():
                yield reading
            if not isinstance(end, StopAsyncIteration):
                raise end
        finally:
            for future in running:
                future.cancel()
            self._end_stream()

    def _settled(
        self, heads: RunningHeads, things: Iterator[PageReading | Source | SourceError]
    ) -> Iterator[PageReading | Source | SourceError]:
        """What is read, the pages of a document without the running heads that the next page shows to be such."""
        try:
            for thing in things:
                if isinstance(thing, PageReading) and self.task.kind is TaskKind.DOCUMENT:
                    yield from heads.take(thing)
                    continue
                yield from heads.end()
                yield thing
        except Exception:
            yield from heads.end()
            raise

    def _second_reading(self, verify: Verify | None, *, ground: bool | None) -> dict[str, Any]:
        """What the second reader does."""
        if self.engine.rereads:
            return {"verify": "off", "ground": False}
        installed = second_reader_installed()
        useful = self.engine.prompted and installed
        if verify is None:
            verify = "numbers" if useful else "off"
        ground = useful if ground is None else ground
        if not installed and (verify != "off" or ground):
            require("rapidocr", extra="rapid")
        return {"verify": verify, "ground": ground}

    def _checker(self) -> Verifier | None:
        asked = bool(self._plan.names)
        if self._second["verify"] == "off" and not self._second["ground"]:
            return None
        return Verifier(second_reader(), **self._second, all_lines=asked)

    def _begin_stream(self) -> BatchQueue:
        with self._lock:
            self._streams += 1
        return BatchQueue(batch_size=self.engine.batch_size, in_flight=self._in_flight)

    def _end_stream(self) -> None:
        with self._lock:
            self._streams -= 1

    def _in_flight(self) -> int:
        """What the engine takes at once, shared fairly by the streams that are read now."""
        return max(1, -(-self.engine.in_flight // max(1, self._streams)))

    def _put(self, pipeline: BatchQueue, thing: object) -> None:
        if isinstance(thing, Page | PageFailure):
            pipeline.put_steps(self._steps(thing))
        else:
            pipeline.put(thing)


def _second_version() -> str:
    return version("rapidocr")


def _hand_back(pipeline: BatchQueue, batch: Batch, future: _Answered) -> None:
    error = future.exception()
    if error is not None:
        pipeline.fail(batch, error)
    else:
        pipeline.answer(batch, future.result())


def _told(spec: FieldSpec) -> dict[str, Any]:
    """What a field is looked for by; what came later is named only where it is used: older archives know the rest."""
    told = asdict(spec)
    for one in (told, *told["rows"]):
        if not one["ranked"]:
            del one["ranked"]
    return told
