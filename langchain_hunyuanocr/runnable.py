"""OCR as a LangChain Runnable: one page in, its reading out; composes with `|`."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import cached_property
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableSerializable
from pydantic import BaseModel, ConfigDict, Field

from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.errors import FieldError, PageError, SourceError
from langchain_hunyuanocr.pages import Page, PageFailure, PageSettings, aiter_pages, iter_pages, one_page, source_of
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.reading.fields.merge_pages import merge_fields
from langchain_hunyuanocr.reading.fields.plan import FieldPlan
from langchain_hunyuanocr.reading.fields.schema import fill
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.results import PageReading, RepeatMerged
from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind


class HunyuanOCR(RunnableSerializable[Any, PageReading]):
    """Reads one page to a `PageReading`.

    It takes a path, URL, data URL, bytes, open file, Pillow picture, numpy array, `Blob` or message content block.

    `invoke` and `batch` take inputs of one page (or a `pages` setting that picks one); `stream` gives the pages of a
    longer input one after another.

    Attributes:
        engine: An engine, or the name of one; `auto` takes the best that this machine has.
        task: What the page is asked.
        fields: Names of values to find, or a pydantic model that names them.
        preset: A ready set of fields instead, such as `invoice`.
        force_ocr: Read from the picture even where a PDF's own text is good.
        language: Language of the prompts, for engines that are prompted.
        verify: How a second reader checks a language model: `numbers`, `all`, `off`; see `ReadSettings`.
        ground: Whether what a language model reads gets its boxes on the page; see `ReadSettings`.
        repeat_merged: Where the text of a merged cell of a table stands, see `ReadSettings`.
        settings: How files are opened and rendered.

    Example:
        ```python
        from langchain_core.runnables import RunnableLambda
        from langchain_hunyuanocr import HunyuanOCR

        chain = HunyuanOCR(engine="rapid") | RunnableLambda(lambda reading: reading.markdown)
        print(chain.invoke("receipt.jpg"))
        ```
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    engine: Engine | str = "auto"
    task: Task | TaskKind | str = TaskKind.DOCUMENT
    fields: tuple[str, ...] | type[BaseModel] = ()
    preset: str | None = None
    force_ocr: bool = False
    language: PromptLanguage = "zh"
    verify: Verify | None = None
    ground: bool = False
    repeat_merged: RepeatMerged = "labels"
    settings: PageSettings = Field(default_factory=PageSettings)

    @cached_property
    def reader(self) -> Reader:
        """The reader behind this Runnable, made on first use."""
        asked = {each.name: getattr(self, each.name) for each in dataclasses.fields(ReadSettings)}
        return Reader(self.engine, ReadSettings(**asked))

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> PageReading:
        """Read one page.

        Raises:
            SourceError: The input cannot be opened, or holds more than one page.
            PageError: The page cannot be read.
            EngineError: The engine cannot run at all.
        """
        return self._call_with_config(lambda value: _or_raise(self._read_each([value])[0]), input, config, **kwargs)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> PageReading:
        """`invoke`, without blocking the event loop."""

        async def read(value: Any) -> PageReading:
            return _or_raise((await self._aread_each([value]))[0])

        return await self._acall_with_config(read, input, config, **kwargs)

    def batch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[PageReading]:
        """Read many pages in batches of the engine's own size; a bad input costs no other its reading."""
        return self._batch_with_config(self._read_each, inputs, config, return_exceptions=return_exceptions, **kwargs)

    async def abatch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[PageReading]:
        """`batch`, without blocking the event loop."""
        return await self._abatch_with_config(
            self._aread_each, inputs, config, return_exceptions=return_exceptions, **kwargs
        )

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[PageReading]:
        """Yield the pages of an input one after another."""

        def read(values: Iterator[Any]) -> Iterator[PageReading]:
            for value in values:
                for reading in self.reader.read_all(iter_pages(source_of(value), self.settings)):
                    yield _or_raise(_outcome(reading))

        yield from self._transform_stream_with_config(iter([input]), read, config, **kwargs)

    async def astream(
        self,
        input: Any,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[PageReading]:
        """`stream`, without blocking the event loop."""

        async def read(values: AsyncIterator[Any]) -> AsyncIterator[PageReading]:
            async for value in values:
                async for reading in self.reader.aread_all(aiter_pages(source_of(value), self.settings)):
                    yield _or_raise(_outcome(reading))

        async def inputs() -> AsyncIterator[Any]:
            yield input

        async for reading in self._atransform_stream_with_config(inputs(), read, config, **kwargs):
            yield reading

    def with_structured_output(
        self, schema: type[BaseModel], *, include_raw: bool = False
    ) -> Runnable[Any, BaseModel | dict[str, Any]]:
        """A Runnable that gives the values of a page as an instance of a model.

        Everything else is as it is set here. A longer input than one page is one paper: values that stand on several of
        its pages are merged, rows are put together.

        Args:
            schema: What is asked for: its field names, aliases, titles and descriptions are looked for as labels.
            include_raw: Whether to give `{"raw": PageReading, "parsed": ..., "parsing_error": ...}` instead, where
                values that do not fit the model raise nothing. Of several pages, `raw` is the first, with all fields.

        Returns:
            From what `stream` takes to the instance.

        Raises:
            FieldError: The model cannot be asked for; later, what was read does not fit it.
        """
        FieldPlan.of(schema)
        settings = {name: getattr(self, name) for name in type(self).model_fields}
        asked = type(self)(**{**settings, "fields": schema, "preset": None})

        def read(value: Any, config: RunnableConfig) -> PageReading:
            return _one_paper(list(asked.stream(value, config)))

        async def aread(value: Any, config: RunnableConfig) -> PageReading:
            return _one_paper([reading async for reading in asked.astream(value, config)])

        def parse(reading: PageReading) -> BaseModel | dict[str, Any]:
            if not include_raw:
                return fill(schema, reading.fields)
            try:
                return {"raw": reading, "parsed": fill(schema, reading.fields), "parsing_error": None}
            except FieldError as error:
                return {"raw": reading, "parsed": None, "parsing_error": error}

        return RunnableLambda(read, aread) | RunnableLambda(parse)

    def _read_each(self, values: Sequence[Any]) -> list[PageReading | Exception]:
        slots = _Slots(len(values))

        def pages() -> Iterator[Page | PageFailure]:
            for number, value in enumerate(values):
                page = slots.opened(number, self._open(value))
                if page is not None:
                    yield page

        for reading in self.reader.read_all(pages()):
            slots.fill(reading)
        return slots.outcomes

    async def _aread_each(self, values: Sequence[Any]) -> list[PageReading | Exception]:
        slots = _Slots(len(values))

        async def pages() -> AsyncIterator[Page | PageFailure]:
            for number, value in enumerate(values):
                page = slots.opened(number, await asyncio.to_thread(self._open, value))
                if page is not None:
                    yield page

        async for reading in self.reader.aread_all(pages()):
            slots.fill(reading)
        return slots.outcomes

    def _open(self, value: Any) -> Page | PageFailure | SourceError:
        try:
            return one_page(value, self.settings)
        except SourceError as error:
            return error


def _one_paper(readings: Sequence[PageReading]) -> PageReading:
    """The first page, with the fields of all."""
    first, *more = readings
    return first.model_copy(update={"fields": merge_fields([page.fields for page in readings])}) if more else first


class _Slots:
    """Puts each reading where its input stood, though some inputs never become pages."""

    def __init__(self, count: int) -> None:
        self._outcomes: list[PageReading | Exception | None] = [None] * count
        self._waiting: deque[int] = deque()

    def opened(self, number: int, page: Page | PageFailure | SourceError) -> Page | PageFailure | None:
        if isinstance(page, SourceError):
            self._outcomes[number] = page
            return None
        self._waiting.append(number)
        return page

    def fill(self, reading: PageReading) -> None:
        self._outcomes[self._waiting.popleft()] = _outcome(reading)

    @property
    def outcomes(self) -> list[PageReading | Exception]:
        return [outcome for outcome in self._outcomes if outcome is not None]


def _outcome(reading: PageReading) -> PageReading | PageError:
    if reading.failed:
        return PageError(reading.error or "the page could not be read", source=reading.source, page=reading.page)
    return reading


def _or_raise(outcome: PageReading | Exception) -> PageReading:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
