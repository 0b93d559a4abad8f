"""A page and a task become a PageReading: the one place where pages, engines and reading meet."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import aclosing
from dataclasses import asdict, replace
from importlib.metadata import version

from pydantic import BaseModel

from langchain_hunyuanocr.engines import Engine, Request, resolve_engine
from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import Page, PageFailure, Source
from langchain_hunyuanocr.pages.walk import Walked
from langchain_hunyuanocr.pipeline import Batch, Pipeline, Steps
from langchain_hunyuanocr.reading.answer import read_answer
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.degenerate import RETRIED_TASKS, is_degenerate
from langchain_hunyuanocr.reading.fields import FieldPlan, confirm_fields, find_fields, parse_fields_answer
from langchain_hunyuanocr.reading.layout import read_lines
from langchain_hunyuanocr.results import Field, Generation, PageReading, Route, Status
from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind

_LINE_TASKS = frozenset({TaskKind.DOCUMENT, TaskKind.TEXT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS})
"""Tasks that lines with their places are enough for, so that a good text layer can answer them."""

AnyPage = Page | PageFailure
_Answered = Future[list[Generation]] | asyncio.Future[list[Generation]]


class Reader:
    """Reads pages with one engine, one task and one set of fields.

    Args:
        engine: An engine, or the name of one; `auto` takes the best that this machine has.
        task: What each page is asked.
        fields: Names of values to find on each page, or a pydantic model that names them.
        preset: A ready set of fields instead: `invoice`, `receipt`, ...
        force_ocr: Read every page from its picture, even where the PDF's own text is good.
        language: Language of the prompts, for engines that are prompted.

    Raises:
        TaskError: The engine cannot do the task.
        FieldError: The fields make no sense.
        EngineError: No engine can run here.
    """

    def __init__(
        self,
        engine: Engine | str = "auto",
        *,
        task: Task | TaskKind | str = TaskKind.DOCUMENT,
        fields: Sequence[str] | type[BaseModel] | None = None,
        preset: str | None = None,
        force_ocr: bool = False,
        language: PromptLanguage = "zh",
    ) -> None:
        self._plan = FieldPlan.of(fields, preset=preset)
        if isinstance(task, str) and task == TaskKind.FIELDS:
            self.task = Task(kind=TaskKind.FIELDS, fields=self._plan.names, language=language)
        else:
            self.task = Task.of(task, language=language)
        self._language = language
        self.force_ocr = force_ocr
        self.engine = resolve_engine(engine)
        self._streams = 0
        self._lock = threading.Lock()
        self.engine.check(self.task)

    @property
    def fingerprint(self) -> str:
        """Names all that decides what a page gives: engine, model, revision, task, prompt and fields (sha256)."""
        parts = {
            "engine": [self.engine.name, self.engine.model, self.engine.revision],
            "task": self.task.model_dump(mode="json"),
            "prompt": self.task.prompt,
            "fields": [asdict(spec) for spec in self._plan.specs],
            "force_ocr": self.force_ocr,
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

    def read_all(self, pages: Iterable[AnyPage]) -> Iterator[PageReading]:
        """Read pages, as many at once as the engine takes; readings come in the order of the pages.

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

    def read_walk(self, things: Iterable[Walked]) -> Iterator[PageReading | Source | SourceError]:
        """Read the pages of many files in one stream, in order; beginnings and errors of files keep their place.

        Raises:
            EngineError: The engine cannot run at all; what came before has been yielded. An error of `things` is raised
                as it is, after what came before it.
        """
        pipeline = self._begin_stream()
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
                must = running and (end is not None or pipeline.full)
                done = wait(running, None if must else 0, FIRST_COMPLETED).done if running else ()
                for future in done:
                    _hand_back(pipeline, running.pop(future), future)
                yield from pipeline.ready()
            if not isinstance(end, StopIteration):
                raise end
        finally:
            for future in running:
                future.cancel()
            self._end_stream()

    async def aread_walk(
        self, things: AsyncIterable[Walked]
    ) -> AsyncGenerator[PageReading | Source | SourceError, None]:
        """`read_walk`, without blocking the event loop."""
        pipeline = self._begin_stream()
        running: dict[asyncio.Future[list[Generation]], Batch] = {}
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
                if running:
                    must = end is not None or pipeline.full
                    done, _ = await asyncio.wait(
                        running, timeout=None if must else 0, return_when=asyncio.FIRST_COMPLETED
                    )
                    for future in done:
                        await asyncio.to_thread(_hand_back, pipeline, running.pop(future), future)
                for thing in pipeline.ready():
                    yield thing
            if not isinstance(end, StopAsyncIteration):
                raise end
        finally:
            for future in running:
                future.cancel()
            self._end_stream()

    def _begin_stream(self) -> Pipeline:
        with self._lock:
            self._streams += 1
        return Pipeline(batch_size=self.engine.batch_size, in_flight=self._in_flight)

    def _end_stream(self) -> None:
        with self._lock:
            self._streams -= 1

    def _in_flight(self) -> int:
        """What the engine takes at once, shared fairly by the streams that are read now."""
        return max(1, -(-self.engine.in_flight // max(1, self._streams)))

    def _put(self, pipeline: Pipeline, thing: object) -> None:
        if isinstance(thing, Page | PageFailure):
            pipeline.put_steps(self._steps(thing))
        else:
            pipeline.put(thing)

    def _steps(self, page: AnyPage) -> Steps:
        """What to ask the engine about a page, round by round, and what its answers come to."""
        if not isinstance(page, Page) or not self._needs_engine(page):
            return self._finish(page, None, None)
        requests = [Request(page.picture, self.task)]
        about_fields = Request(page.picture, self._fields_task) if self._wants_fields else None
        if about_fields is not None and self.engine.prompted:
            requests.append(about_fields)
        answer, *more = yield requests
        retried = self.task.kind in RETRIED_TASKS and (is_degenerate(answer.text) or self._is_empty(answer))
        if retried:
            (again,) = yield [Request(page.picture, Task(kind=TaskKind.TEXT, language=self._language))]
            answer = again if again.finish != "error" else answer
        if self._is_empty(answer):
            remedy = "read the page again with task='text', or with another engine"
            answer = Generation(finish="error", error="the model gave an empty answer", remedy=remedy)
        # An engine that gives lines has given all there is; one that is prompted is asked for the fields, too.
        if about_fields is not None and not more and answer.finish != "error" and not answer.lines:
            more = yield [about_fields]
        return self._finish(page, answer, more[0] if more else None, retried=retried)

    def _is_empty(self, answer: Generation) -> bool:
        """Whether a language model said nothing; of a page without text, it says that there is none."""
        return self.engine.prompted and answer.finish != "error" and not answer.lines and not answer.text.strip()

    @property
    def _fields_task(self) -> Task:
        return Task(kind=TaskKind.FIELDS, fields=self._plan.names, language=self._language)

    @property
    def _wants_fields(self) -> bool:
        return bool(self._plan.names) and self.task.kind is not TaskKind.FIELDS

    def _needs_engine(self, page: AnyPage) -> bool:
        return isinstance(page, Page) and not page.blank and not self._trusts_text(page)

    def _trusts_text(self, page: Page) -> bool:
        return page.text_layer.good and not self.force_ocr and self.task.kind in _LINE_TASKS

    def _finish(
        self, page: AnyPage, answer: Generation | None, values: Generation | None, *, retried: bool = False
    ) -> PageReading:
        if isinstance(page, PageFailure):
            return self._failed(page, page.error)
        if answer is not None and answer.finish == "error":
            message = answer.error or "the engine failed"
            return self._failed(page, PageError(message, remedy=answer.remedy))
        if page.blank:
            return self._reading(page, Content(status=Status.BLANK))
        if answer is None:
            return self._reading(
                page,
                read_lines(page.text_layer.lines, page.picture),
                engine="pymupdf",
                model="text-layer",
                revision=version("pymupdf"),
                route=Route.TEXT_LAYER,
            )
        if answer.lines or not answer.text:
            return self._reading(page, read_lines(answer.lines, page.picture))
        content = read_answer(answer, Task(kind=TaskKind.TEXT) if retried else self.task)
        if retried and content.status is Status.OK:
            content = replace(content, status=Status.DEGENERATE_RETRIED)
        return self._reading(page, content, answer=answer, values=values)

    def _reading(
        self,
        page: Page,
        content: Content,
        *,
        answer: Generation | None = None,
        values: Generation | None = None,
        engine: str | None = None,
        model: str | None = None,
        revision: str | None = None,
        route: Route = Route.OCR,
    ) -> PageReading:
        empty = not content.markdown.strip() and not content.lines and not content.fields
        return PageReading(
            source=page.source,
            file_name=page.file_name,
            sha256=page.sha256,
            page=page.index,
            total_pages=page.total,
            page_label=page.label,
            engine=engine or self.engine.name,
            model=model or self.engine.model,
            revision=self.engine.revision if revision is None else revision,
            task=self.task.kind.value,
            route=route,
            status=Status.BLANK if empty and content.status is Status.OK else content.status,
            markdown=content.markdown,
            blocks=content.blocks,
            lines=content.lines,
            tables=content.tables,
            fields=self._fields(page, content, values, answer),
            raw=answer.text if answer else None,
            mean_probability=answer.mean_probability if answer else None,
            least_probability=answer.least_probability if answer else None,
            width=page.picture.width,
            height=page.picture.height,
            rotation=page.rotation,
            dpi=page.dpi,
        ).seen_by(page.view)

    def _fields(
        self, page: Page, content: Content, values: Generation | None, answer: Generation | None
    ) -> tuple[Field, ...]:
        if not self._plan.names:
            return ()
        found = answer if self.task.kind is TaskKind.FIELDS else values
        if found is None:
            return find_fields(self._plan, content.lines, content.tables, page=page.index)
        return confirm_fields(parse_fields_answer(found.text, self._plan.names), content.lines, page=page.index)

    def _failed(self, page: AnyPage, error: PageError) -> PageReading:
        picture = page.picture if isinstance(page, Page) else None
        return PageReading(
            source=page.source,
            file_name=page.file_name,
            sha256=page.sha256,
            page=page.index,
            total_pages=page.total,
            engine=self.engine.name,
            model=self.engine.model,
            revision=self.engine.revision,
            task=self.task.kind.value,
            status=Status.FAILED,
            error=error.reason,
            width=picture.width if picture else 0,
            height=picture.height if picture else 0,
            rotation=page.rotation if isinstance(page, Page) else 0.0,
            dpi=page.dpi if isinstance(page, Page) else 0,
        ).seen_by(page.view if isinstance(page, Page) else None)


def _hand_back(pipeline: Pipeline, batch: Batch, future: _Answered) -> None:
    error = future.exception()
    if error is not None:
        pipeline.fail(batch, error)
    else:
        pipeline.answer(batch, future.result())
