"""The LangChain loader: scanned files in, Documents out, every page accounted for."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Literal

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document
from pydantic import BaseModel

from langchain_hunyuanocr.documents import join_documents, to_document
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.reader.sources import aread_sources, read_sources
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.report import Report, Tally
from langchain_hunyuanocr.results import PageReading, RepeatMerged
from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind
from langchain_hunyuanocr.video import FilmSettings

logger = logging.getLogger(__name__)

Mode = Literal["page", "document"]
OnError = Literal["raise", "skip"]


class HunyuanOCRLoader(BaseLoader):
    """Loads scanned PDFs and pictures as Documents, one a page or one a file, and the subtitles of films.

    Args:
        source: A path, glob pattern, folder, http(s) URL, bytes, open file, `Blob`, Pillow picture or numpy array, or a
            list of these.
        engine: An engine, or the name of one; `auto` takes the best that this machine has.
        task: What each page is asked; `document` gives Markdown with tables.
        fields: Names of values to find, or a pydantic model that names them; they end in the metadata.
        preset: A ready set of fields instead, such as `invoice`.
        mode: `page` gives a Document a page, `document` one a file.
        on_error: `raise` stops at the first file or page that fails; `skip` goes on, and `report` lists what failed.
        force_ocr: Read every page from its picture, even where the PDF's own text is good.
        language: Language of the prompts, for engines that are prompted.
        verify: How a second reader checks a language model: `numbers`, `all`, `off`; see `ReadSettings`.
        ground: Whether what a language model reads gets its boxes on the page; see `ReadSettings`.
        repeat_merged: Where the text of a merged cell of a table stands, see `ReadSettings`.
        film: How films are looked at, where the task is `subtitle`; each subtitle is a Document with `start_s` and
            `end_s`.
        on_progress: Called with each reading as it is done.
        **settings: How files are opened and rendered, see `PageSettings`: `pages`, `password`, `max_pixels`, ...

    Raises:
        EngineError: No engine can run here.
        TaskError: The engine cannot do the task.
        FieldError: The fields make no sense.

    Example:
        ```python
        from langchain_hunyuanocr import HunyuanOCRLoader

        for document in HunyuanOCRLoader("scans/", on_error="skip").lazy_load():
            print(document.metadata["source"], document.metadata["page"], document.page_content[:80])
        ```
    """

    def __init__(
        self,
        source: Any,
        *,
        engine: Engine | str = "auto",
        task: Task | TaskKind | str = TaskKind.DOCUMENT,
        fields: Sequence[str] | type[BaseModel] | None = None,
        preset: str | None = None,
        mode: Mode = "page",
        on_error: OnError = "raise",
        force_ocr: bool = False,
        language: PromptLanguage = "zh",
        verify: Verify | None = None,
        ground: bool = False,
        repeat_merged: RepeatMerged = "labels",
        film: FilmSettings | None = None,
        on_progress: Callable[[PageReading], None] | None = None,
        **settings: Any,
    ) -> None:
        if mode not in ("page", "document"):
            raise ValueError(f"mode is {mode!r}; it can be 'page' or 'document'")
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is {on_error!r}; it can be 'raise' or 'skip'")
        self.source = source
        self.mode = mode
        self.on_error = on_error
        self.settings = PageSettings(**settings)
        self.film = film or FilmSettings()
        how = ReadSettings(
            task=task,
            fields=fields,
            preset=preset,
            force_ocr=force_ocr,
            language=language,
            verify=verify,
            ground=ground,
            repeat_merged=repeat_merged,
        )
        self.reader = Reader(engine, how)
        self._on_progress = on_progress
        self._tally = Tally()

    def lazy_load(self) -> Iterator[Document]:
        """Yield Documents one after another; no more than a batch of pages is held.

        Raises:
            SourceError: A file cannot be opened, and `on_error` is `raise`.
            PageError: A page cannot be read, and `on_error` is `raise`.
            EngineError: The engine cannot run at all.
        """
        load = _Load(self)
        for thing in read_sources(self.reader, self.source, self.settings, self.film):
            yield from load.take(thing)
        yield from load.last()

    async def alazy_load(self) -> AsyncIterator[Document]:
        """`lazy_load`, without blocking the event loop."""
        load = _Load(self)
        async for thing in aread_sources(self.reader, self.source, self.settings, self.film):
            for document in load.take(thing):
                yield document
        for document in load.last():
            yield document

    def report(self) -> Report:
        """What became of every file and page of the last load, so far."""
        return self._tally.report()


class _Load:
    """One run of a loader: counts what comes, and makes Documents of it."""

    def __init__(self, loader: HunyuanOCRLoader) -> None:
        self._loader = loader
        self._tally = loader._tally = Tally()
        self._gathered: list[PageReading] = []

    def take(self, thing: PageReading | Source | SourceError) -> Iterator[Document]:
        """Documents that are complete with this page, or with the end of the file before."""
        if isinstance(thing, PageReading):
            yield from self._page(thing)
            return
        yield from self.last()
        if isinstance(thing, SourceError):
            self._source_failed(thing)

    def last(self) -> Iterator[Document]:
        """The Document of the file that has ended, where there is one Document a file."""
        gathered, self._gathered = self._gathered, []
        if gathered:
            yield join_documents(gathered)

    def _page(self, reading: PageReading) -> Iterator[Document]:
        loader = self._loader
        self._tally.add(reading)
        if loader._on_progress is not None:
            loader._on_progress(reading)
        if reading.failed:
            error = PageError(reading.error or "failed", source=reading.source, page=reading.page)
            if loader.on_error == "raise":
                raise error
            logger.warning("%s", error)
        if loader.mode == "document":
            self._gathered.append(reading)
        elif not reading.failed:
            yield to_document(reading)

    def _source_failed(self, error: SourceError) -> None:
        self._tally.add_failure(error.source or str(self._loader.source), error.reason)
        if self._loader.on_error == "raise":
            raise error
        logger.warning("%s", error)
