"""A page and a task become a PageReading: the one place where pages, engines and reading meet."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version

from pydantic import BaseModel

from langchain_hunyuanocr.engines import Engine, Request, resolve_engine
from langchain_hunyuanocr.errors import PageError
from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.reading.answer import read_answer
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.fields import FieldPlan, confirm_fields, find_fields, parse_fields_answer
from langchain_hunyuanocr.reading.layout import read_lines
from langchain_hunyuanocr.results import Field, Generation, PageReading, Route, Status
from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind

_LINE_TASKS = frozenset({TaskKind.DOCUMENT, TaskKind.TEXT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS})
"""Tasks that lines with their places are enough for, so that a good text layer can answer them."""

_MOST_WAITING = 32
"""Most pages held back while a batch for the engine fills: order is kept, and so is flat memory."""

AnyPage = Page | PageFailure
_Steps = Generator[list[Request], list[Generation], list[PageReading]]


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

    def read(self, page: AnyPage) -> PageReading:
        """Read one page.

        Raises:
            EngineError: The engine cannot run at all. A page that fails alone gives a reading whose status is `failed`.
        """
        return next(self.read_all([page]))

    def read_all(self, pages: Iterable[AnyPage]) -> Iterator[PageReading]:
        """Read pages in order, a batch of the engine's own size at a time.

        Raises:
            EngineError: The engine cannot run at all.
        """
        batch: list[AnyPage] = []
        for page in pages:
            batch.append(page)
            if self._is_full(batch):
                yield from self._drive(batch)
                batch = []
        yield from self._drive(batch)

    async def aread_all(self, pages: AsyncIterable[AnyPage]) -> AsyncIterator[PageReading]:
        """`read_all`, without blocking the event loop."""
        batch: list[AnyPage] = []
        async for page in pages:
            batch.append(page)
            if self._is_full(batch):
                for reading in await self._adrive(batch):
                    yield reading
                batch = []
        for reading in await self._adrive(batch):
            yield reading

    def _is_full(self, batch: Sequence[AnyPage]) -> bool:
        asked = sum(self._needs_engine(page) for page in batch)
        return asked >= self.engine.batch_size or asked == 0 or len(batch) >= _MOST_WAITING

    def _drive(self, batch: Sequence[AnyPage]) -> list[PageReading]:
        steps = self._steps(batch)
        try:
            requests = next(steps)
            while True:
                requests = steps.send(self.engine.generate(requests))
        except StopIteration as done:
            readings: list[PageReading] = done.value
            return readings

    async def _adrive(self, batch: Sequence[AnyPage]) -> list[PageReading]:
        steps = self._steps(batch)
        # A StopIteration cannot pass out of a thread's future, so each step hands back what it ended with.
        requests, readings = await asyncio.to_thread(_step, steps, None)
        while readings is None:
            requests, readings = await asyncio.to_thread(_step, steps, await self.engine.agenerate(requests))
        return readings

    def _steps(self, batch: Sequence[AnyPage]) -> _Steps:
        """What to ask the engine about a batch, and what its answers come to; knows nothing of threads or loops."""
        asked = [page for page in batch if isinstance(page, Page) and self._needs_engine(page)]
        answers: dict[int, Generation] = {}
        if asked:
            generations = yield [Request(page.picture, self.task) for page in asked]
            answers = {id(page): answer for page, answer in zip(asked, generations, strict=True)}
        # An engine that gives lines has given all there is; one that is prompted is asked for the fields next.
        prompted = [page for page in asked if self._wants_fields and not answers[id(page)].lines]
        values: dict[int, Generation] = {}
        if prompted:
            task = Task(kind=TaskKind.FIELDS, fields=self._plan.names, language=self._language)
            generations = yield [Request(page.picture, task) for page in prompted]
            values = {id(page): answer for page, answer in zip(prompted, generations, strict=True)}
        return [self._finish(page, answers.get(id(page)), values.get(id(page))) for page in batch]

    @property
    def _wants_fields(self) -> bool:
        return bool(self._plan.names) and self.task.kind is not TaskKind.FIELDS

    def _needs_engine(self, page: AnyPage) -> bool:
        return isinstance(page, Page) and not page.blank and not self._trusts_text(page)

    def _trusts_text(self, page: Page) -> bool:
        return page.text_layer.good and not self.force_ocr and self.task.kind in _LINE_TASKS

    def _finish(self, page: AnyPage, answer: Generation | None, values: Generation | None) -> PageReading:
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
        return self._reading(page, read_answer(answer, self.task), raw=answer.text, values=values)

    def _reading(
        self,
        page: Page,
        content: Content,
        *,
        values: Generation | None = None,
        raw: str | None = None,
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
            fields=self._fields(page, content, values, raw),
            raw=raw,
            width=page.picture.width,
            height=page.picture.height,
            rotation=page.rotation,
            dpi=page.dpi,
        )

    def _fields(self, page: Page, content: Content, values: Generation | None, raw: str | None) -> tuple[Field, ...]:
        if not self._plan.names:
            return ()
        answer = raw if self.task.kind is TaskKind.FIELDS else values.text if values else None
        if answer is None:
            return find_fields(self._plan, content.lines, content.tables, page=page.index)
        return confirm_fields(parse_fields_answer(answer, self._plan.names), content.lines, page=page.index)

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
        )


def _step(steps: _Steps, answers: list[Generation] | None) -> tuple[list[Request], list[PageReading] | None]:
    try:
        requests = next(steps) if answers is None else steps.send(answers)
    except StopIteration as done:
        return [], done.value
    return requests, None
