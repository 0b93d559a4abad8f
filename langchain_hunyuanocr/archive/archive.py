"""The archive: scanned documents in, places and answers out."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from langchain_hunyuanocr.archive.answer.answerer import SOURCES, Answerer, AskOptions, AskRequest
from langchain_hunyuanocr.archive.answer.models import Answer, AnswerPart, Mode
from langchain_hunyuanocr.archive.components import Components
from langchain_hunyuanocr.archive.saved_settings import (
    note_embeddings,
    note_reading,
    or_noted_reading,
    settle_vectors,
)
from langchain_hunyuanocr.archive.status import OnProgress, report_of
from langchain_hunyuanocr.archive.storage.chroma import TOKEN_VARIABLE
from langchain_hunyuanocr.archive.storage.ledger import sole_writer
from langchain_hunyuanocr.pages import PageSettings
from langchain_hunyuanocr.reader.settings import ReadSettings

if TYPE_CHECKING:
    from langchain_core.documents import BaseDocumentCompressor
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool
    from PIL.Image import Image
    from pydantic import BaseModel

    from langchain_hunyuanocr.archive.answer.models import Citation
    from langchain_hunyuanocr.archive.answer.visual import VisualAnswerer
    from langchain_hunyuanocr.archive.chain import ArchiveChain
    from langchain_hunyuanocr.archive.export.export import Target
    from langchain_hunyuanocr.archive.export.outcome import ExportReport, OnExported
    from langchain_hunyuanocr.archive.ingest.prune import Prune
    from langchain_hunyuanocr.archive.ingest.run import Ingest
    from langchain_hunyuanocr.archive.protocols import PageReader, Splitter
    from langchain_hunyuanocr.archive.retriever import ArchiveRetriever
    from langchain_hunyuanocr.archive.search.hits import SearchHit
    from langchain_hunyuanocr.archive.search.ranking import Group
    from langchain_hunyuanocr.archive.search.search import Half, SearchOptions
    from langchain_hunyuanocr.archive.storage.filters import Wanted
    from langchain_hunyuanocr.engines import Engine
    from langchain_hunyuanocr.reading.verification.comparison import Verify
    from langchain_hunyuanocr.report import Failure, Report
    from langchain_hunyuanocr.results import PageReading


class Archive:
    """A folder that holds what was read from documents, and answers questions about it.

    Args:
        path: Of the folder.
        engine: Who reads pages, see `Reader`; made only when something is to be read.
        embeddings: What turns text into vectors: any LangChain embeddings, or `provider:model` for `init_embeddings`;
            the embedded multilingual sentence encoder where `None`. The archive remembers which it was made with, uses
            them where `None` is given later, and refuses others.
        chroma_url: Address of a Chroma server that keeps the vectors, or `disk` for the archive's own folder. The
            archive remembers it. Another address given later: vectors that are found there are used, otherwise the next
            ingest builds them there.
        chroma_token: What the server asks for; `HUNYUANOCR_CHROMA_TOKEN` of the environment where `None`. Never stored.
        reader: Reads pages, in the place of one made from `engine` and the settings after it.
        splitter: Cuts readings into chunks; `HunyuanOCRSplitter()` where `None`.
        fields: Names of values to find on each page, or a pydantic model that names them.
        preset: A ready set of fields instead.
        force_ocr: Read every page from its picture.
        verify: How a second reader checks a language model: `numbers`, `all`, `off`; see `ReadSettings`.
        ground: Whether what a language model reads gets its boxes on the page; where RapidOCR is installed if `None`.
        password: Opens encrypted files.
        settings: How sources are opened.
        llm: Chat model that writes answers, or its name as LangChain's `init_chat_model` takes it, such as
            `openai:gpt-5` or `ollama:qwen3`; `llama.cpp:/path/model.gguf` starts one on this machine. Answers are
            quotes where `None`.
        create: Make a new archive where there is none; without it only `ingest` does.

    Raises:
        ArchiveError: The folder is no archive, is damaged, or was made by a newer version or with other embeddings.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        engine: Engine | str = "auto",
        embeddings: Embeddings | str | None = None,
        chroma_url: str | None = None,
        chroma_token: str | None = None,
        reader: PageReader | None = None,
        splitter: Splitter | None = None,
        fields: Sequence[str] | type[BaseModel] | None = None,
        preset: str | None = None,
        force_ocr: bool = False,
        verify: Verify | None = None,
        ground: bool | None = None,
        password: str | None = None,
        settings: PageSettings | None = None,
        llm: BaseChatModel | str | None = None,
        create: bool = False,
    ) -> None:
        self.path = Path(path)
        opened = settings or PageSettings()
        if password is not None:
            opened = opened.model_copy(update={"password": password})

        how = ReadSettings(fields=fields, preset=preset, force_ocr=force_ocr, verify=verify, ground=ground)
        self._reads_with: tuple[Engine | str, ReadSettings] = (engine, how)
        self._engine = engine
        self._settings = opened
        self._llm = llm
        self._parts = Components(
            self.path,
            embeddings=embeddings,
            chroma_url=chroma_url,
            chroma_token=os.environ.get(TOKEN_VARIABLE) if chroma_token is None else chroma_token,
            make_reader=lambda: reader or self._make_reader(),
            splitter=splitter,
        )
        if create:
            self._parts.make()
        elif self.path.exists():
            self._parts.check()

    def ingest(
        self,
        inputs: str | Path | Sequence[str | Path],
        *,
        workers: int | None = None,
        prune: bool = False,
        prune_most: int | None = None,
        sure: bool = False,
        reread: bool = False,
        checksum: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Report:
        """Read what is new or changed among files, folders, patterns and URLs.

        A page that looks like one that was read before is not read again, whatever its file is called. A page or file
        that fails is listed in the report and costs nothing else. A file is one file however its path is spelled, and
        keeps the name under which it came first; of two different files that are there under equal relative names, the
        second is called by its absolute path.

        Args:
            inputs: What to read.
            workers: Files read at the same time; as many as the engine can use where `None`.
            prune: Forget files that lay in the given folders and are gone. Nothing is forgotten below a folder that
                cannot be read, is empty, or lies on another device than before, as where a disk is not mounted, nor
                more than a tenth of the archive at once; `Report.notes` says so. `undo` takes back what was forgotten.
            prune_most: So many files may be forgotten at once.
            sure: Forget all that is gone, however it looks.
            reread: Read anew what another engine, model or revision, or one with other settings, has read. What it had
                read stays as long as the archive has the pages, for who goes back.
            checksum: Look at the bytes of every file; a change that keeps size and time is found in no other way.
            on_progress: Told of every file and page, by several threads, one at a time.

        Returns:
            Every one of these inputs accounted for.

        Raises:
            ArchiveError: Another process is writing, or the disk is full; what was stored stays.
            EngineError: The engine cannot run at all; what was read until then stays.
        """
        given = _each(inputs)
        with self._writing(on_progress, create=True, reread=reread, checksum=checksum) as run:
            note_reading(self._parts.ledger, *self._reads_with)
            return run.add(given, workers=workers, prune=_prune(given, prune, prune_most, sure=sure))

    def watch(
        self,
        inputs: str | Path | Sequence[str | Path],
        *,
        workers: int | None = None,
        prune: bool = False,
        prune_most: int | None = None,
        sure: bool = False,
        reread: bool = False,
        checksum: bool = False,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """`ingest`, and go on with what is new, changed or gone in the given folders until `stop` or Ctrl-C.

        A file is read once it has not changed for two seconds. The archive is held for writing all the while.

        Args:
            inputs: Folders, and single files.
            workers: As in `ingest`.
            prune: Forget files as they go, as in `ingest`.
            prune_most: As in `ingest`.
            sure: As in `ingest`.
            reread: As in `ingest`, for what is there at first.
            checksum: As in `ingest`, for what is there at first.
            on_progress: As in `ingest`.
            stop: Ends the watching when it is set.

        Returns:
            Every file that was met accounted for.

        Raises:
            ArchiveError: `watchfiles` is not installed, there is nothing to watch, or as in `ingest`.
            EngineError: As in `ingest`.
        """
        from langchain_hunyuanocr.archive.ingest.watch import keep_up

        given = _each(inputs)
        with self._writing(on_progress, create=True, reread=reread, checksum=checksum) as run:
            note_reading(self._parts.ledger, *self._reads_with)
            skipped = keep_up(
                run,
                lambda: self._run(on_progress, reread=False),
                given,
                stop or threading.Event(),
                workers=workers,
                prune=_prune(given, prune, prune_most, sure=sure),
            )
            return report_of(self._parts.ledger, run=run.number, skipped=skipped)

    def undo(self) -> Report:
        """Take back the files that were forgotten last; their readings are kept for 30 days.

        Returns:
            The files that are there again.

        Raises:
            ArchiveError: There is no archive, or another process is writing.
        """
        with self._writing(None) as run:
            return run.take_back()

    def purge(self) -> None:
        """Drop for good what was forgotten and could be taken back.

        Raises:
            ArchiveError: There is no archive, or another process is writing.
        """
        from langchain_hunyuanocr.archive.ingest.prune import sweep

        with self._writing(None):
            sweep(self._parts.ledger, math.inf)

    def retry(self, *, workers: int | None = None, on_progress: OnProgress | None = None) -> Report:
        """Read again the pages and files that failed; the report is about their files.

        Where the archive was opened without fields or other wishes, they are read as the last ingest read.

        Raises:
            ArchiveError: There is no archive, or another process is writing.
            EngineError: The engine cannot run at all.
        """
        with self._writing(on_progress) as run:
            self._reads_with = or_noted_reading(self._parts.ledger, *self._reads_with)
            return run.retry(workers=workers)

    def status(self, *, check: bool = False) -> Report:
        """Every page of the archive accounted for.

        Args:
            check: Look at every stored reading and chunk; what is damaged is one of the `failures`. A second for some
                thousand pages.

        Raises:
            ArchiveError: There is no archive, or its ledger as a whole is damaged.
        """
        ledger = self._parts.ledger
        with ledger.errors():
            report = report_of(ledger)
            if check:
                from langchain_hunyuanocr.archive.ingest.repair import damages

                report = report.model_copy(update={"failures": (*report.failures, *damages(ledger))})
            return report

    def repair(self) -> tuple[Failure, ...]:
        """Make good what is damaged: what can be searched is made anew, and pages whose reading is lost are dropped.

        Returns:
            What was damaged. Pages among it are read by the next `ingest`.

        Raises:
            ArchiveError: There is no archive, another process is writing, or the ledger as a whole is damaged.
        """
        from langchain_hunyuanocr.archive.ingest.repair import repair

        with self._writing(None) as run:
            found = repair(self._parts.ledger, self._parts.splitter)
            run.make_vectors()
        return tuple(found)

    def search(
        self,
        query: str,
        k: int = 5,
        where: Mapping[str, Wanted] | None = None,
        *,
        half: Half = "fused",
        group: Group = "page",
        context: int = 0,
        reranker: BaseDocumentCompressor | None = None,
    ) -> list[SearchHit]:
        """The best places for a query, best first.

        Args:
            query: Words or a question, in any language; of a longer one the first 2,000 characters.
            k: Most hits to give, at most 10,000.
            where: By metadata key a value, a list of which any will do, or `(operator, value)` with one of `= != > >= <
                <= ~ in`; a list of such pairs must all hold. A chunk without the key meets no condition on it.
            half: `bm25` (words) or `dense` (meaning) to see one half alone.
            group: `page`, `section` and `document` give the best chunk of each, `chunk` gives chunks.
            context: Chunks before and after each hit that its `context` joins with it.
            reranker: Puts the best hits in a new order; its `relevance_score` becomes the score.

        Raises:
            ArchiveError: There is no archive, what is asked makes no sense, or the reranker fails.
        """
        with self._parts.ledger.errors():
            return self._parts.search().search(
                query, k, where, half=half, group=group, context=context, reranker=reranker
            )

    async def asearch(
        self,
        query: str,
        k: int = 5,
        where: Mapping[str, Wanted] | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[SearchHit]:
        """As `search`, without holding up the event loop.

        Raises:
            ArchiveError: As `search`.
        """
        search = await asyncio.to_thread(self._parts.search)  # embeddings by name import a provider's package
        with self._parts.ledger.errors():
            return await search.asearch(query, k, where, **options)

    def ask(
        self,
        question: str,
        *,
        where: Mapping[str, Wanted] | None = None,
        mode: Mode = "auto",
        llm: BaseChatModel | str | None = None,
        k: int = SOURCES,
    ) -> Answer:
        """The answer to a question with the places that prove it; `None` where the archive does not hold one.

        Args:
            question: In any language.
            where: Metadata that chunks must have.
            mode: `extractive` gives the sentence, field or table cell that answers, without a model. `visual` asks the
                engine about the pictures of the best pages. `llm` has a chat model write, and strikes each sentence
                whose quotes do not stand on the pages that it cites, or that says what they do not. `auto` is `llm`
                where a chat model is named here or for the archive; else `visual` where the engine is HunyuanOCR, for
                all but sums, counts and the like; else `extractive`.
            llm: Chat model or its name, in the place of the archive's.
            k: Most chunks that a chat model is shown; for `visual`, most pages that are asked, at most three.

        Raises:
            ArchiveError: There is no archive or no such mode, the question is empty, or no chunk has a key of `where`.
            EngineError: The chat model or the engine fails, or its package is missing.
            TaskError: The engine cannot answer questions (`visual`).
            SourceError: The files of the best pages are gone (`visual`).
        """
        *_, answer = self.ask_stream(question, where=where, mode=mode, llm=llm, k=k)
        return _whole(answer)

    async def aask(self, question: str, **how: Unpack[AskOptions]) -> Answer:
        """`ask`, without blocking the event loop."""
        parts = [part async for part in self.aask_stream(question, **how)]
        return _whole(parts[-1])

    def ask_stream(self, question: str, **how: Unpack[AskOptions]) -> Iterator[AnswerPart]:
        """As `ask`, while the answer is written: each `Sentence` once it is proven, and last the `Answer`.

        Raises:
            HunyuanOCRError: As `ask` does; sentences that came before stay proven.
        """
        yield from self._asking().stream(self._asked(question, how))

    async def aask_stream(self, question: str, **how: Unpack[AskOptions]) -> AsyncIterator[AnswerPart]:
        """`ask_stream`, without blocking the event loop."""
        asking = await asyncio.to_thread(self._asking)
        async with aclosing(asking.astream(self._asked(question, how))) as parts:
            async for part in parts:
                yield part

    def as_retriever(
        self,
        *,
        k: int = 5,
        where: dict[str, Wanted] | None = None,
        group: Group = "chunk",
        reranker: BaseDocumentCompressor | None = None,
    ) -> ArchiveRetriever:
        """The archive as a LangChain retriever.

        Args:
            k: Most Documents to give.
            where: Conditions that the metadata of chunks must meet, as for `search`.
            group: `chunk` gives chunks, `page`, `section` and `document` the best chunk of each.
            reranker: Puts the best hits in a new order, see `search`.

        Raises:
            ArchiveError: There is no archive.
        """
        from langchain_hunyuanocr.archive.retriever import ArchiveRetriever

        return ArchiveRetriever(search=self._parts.search(), k=k, where=where, group=group, reranker=reranker)

    def as_chain(
        self, *, mode: Mode = "auto", llm: BaseChatModel | str | None = None, k: int = SOURCES
    ) -> ArchiveChain:
        """The archive as a LangChain Runnable: a question, or `{"question", "where"}`, in, an `Answer` out.

        Args:
            mode: As for `ask`.
            llm: As for `ask`.
            k: As for `ask`.
        """
        from langchain_hunyuanocr.archive.chain import ArchiveChain

        return ArchiveChain(self, mode=mode, llm=llm, k=k)

    def as_tool(
        self, *, mode: Mode = "auto", llm: BaseChatModel | str | None = None, k: int = SOURCES
    ) -> StructuredTool:
        """The archive as a LangChain tool for a chat model; the `Answer` is the artifact of what it returns.

        Args:
            mode: As for `ask`.
            llm: As for `ask`.
            k: As for `ask`.
        """
        from langchain_hunyuanocr.archive.tool import make_tool

        return make_tool(self, mode=mode, llm=llm, k=k)

    def draw(self, citation: Citation, out: str | Path) -> Path:
        """Render the cited page with the cited place marked into `out`, whose suffix names the format.

        Raises:
            SourceError: The file is gone or cannot be opened.
            PageError: The page cannot be rendered.
            ArchiveError: The file has changed since it was read, or `out` cannot be written.
        """
        from langchain_hunyuanocr.archive.answer.page_images import draw_citation

        return draw_citation(self._parts.ledger, citation, Path(out), self._settings)

    def export(
        self,
        to: Target | Literal["jsonl", "parquet", "sql", "kafka"],
        *,
        out: str | Path | None = None,
        url: str | None = None,
        prefix: str | None = None,
        brokers: str | None = None,
        topic: str | None = None,
        config: Mapping[str, str] | None = None,
        on_progress: OnExported | None = None,
    ) -> ExportReport:
        """Write every page with its fields and tables elsewhere, while reading into the archive may go on.

        Args:
            to: `jsonl`, a page a line; `parquet`, a folder with `pages.parquet`, `fields.parquet` and
                `table_rows.parquet`; `sql`, the same as tables of a SQLite or PostgreSQL database; `kafka`, a message
                a page, only those that are new or changed since the last export to the topic.
            out: The file for `jsonl`, stdout where `None`; the folder for `parquet`.
            url: Of the database for `sql`, such as `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.
            prefix: What the names of its tables begin with; `hunyuanocr_` where `None`.
            brokers: `HOST:PORT,...` for `kafka`.
            topic: For `kafka`.
            config: Further settings of librdkafka, as for its security.
            on_progress: Told after each page how many are done, and how many there are about.

        Returns:
            Every page accounted for.

        Raises:
            ArchiveError: There is no archive, the target cannot be reached or written, or its package is missing.
        """
        from langchain_hunyuanocr.archive.export.export import Target, export

        return export(
            self._parts.ledger,
            Target(to),
            out=None if out is None else Path(out),
            url=url,
            prefix=prefix,
            brokers=brokers,
            topic=topic,
            config=config,
            on_progress=on_progress,
        )

    def readings(self, source: str) -> Iterator[PageReading]:
        """What was read from a file, page by page in order; nothing where the archive does not hold it.

        Args:
            source: Its name in the archive, or a path to it.

        Raises:
            ArchiveError: There is no archive.
        """
        from langchain_hunyuanocr.archive.storage.readings import load_all, named

        ledger = self._parts.ledger
        with ledger.errors():
            found = named(ledger.connection, source)
            if found is not None:
                yield from load_all(ledger.connection, *found)

    def picture(self, citation: Citation) -> Image:
        """The cited page as it was read, RGB, with the cited place marked.

        Raises:
            SourceError: The file is gone or cannot be opened.
            ArchiveError: The file has changed since it was read.
        """
        from langchain_hunyuanocr.archive.answer.page_images import mark_citation

        return mark_citation(self._parts.ledger, citation, self._settings)

    def close(self) -> None:
        """Give the files back; the archive may be used again and then opens anew."""
        self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, question: str, how: AskOptions) -> AskRequest:
        settings: dict[str, Any] = {**how, "llm": how.get("llm") or self._llm}
        return AskRequest(question, **settings)

    def _asking(self) -> Answerer:
        from langchain_hunyuanocr.archive.answer.extractive.extract import ExtractiveAnswerer

        ledger, search = self._parts.ledger, self._parts.search()

        def pictures() -> VisualAnswerer:
            from langchain_hunyuanocr.archive.answer.visual import VisualAnswerer

            return VisualAnswerer(ledger, search, self._engine, self._settings)

        def sees() -> bool:
            from langchain_hunyuanocr.engines.registry import asks_pictures

            return asks_pictures(self._engine)

        extractive = ExtractiveAnswerer(ledger, search, self._parts.embeddings)
        return Answerer(ledger, search, extractive, pictures, sees)

    @contextmanager
    def _writing(
        self, on_progress: OnProgress | None, *, create: bool = False, reread: bool = False, checksum: bool = False
    ) -> Iterator[Ingest]:
        if create:
            self._parts.make()
        ledger = self._parts.ledger
        with sole_writer(self.path), ledger.errors():
            note_embeddings(ledger, self._parts.given_embeddings, self._parts.embeddings)
            settle_vectors(ledger, self._parts.vectors)
            yield self._run(on_progress, reread=reread, checksum=checksum)

    def _make_reader(self) -> PageReader:
        from langchain_hunyuanocr.reader import Reader

        engine, settings = self._reads_with
        return Reader(engine, settings)

    def _run(self, on_progress: OnProgress | None, *, reread: bool, checksum: bool = False) -> Ingest:
        from langchain_hunyuanocr.archive.ingest.run import Ingest

        parts = self._parts
        return Ingest(
            parts.ledger,
            parts.vectors,
            parts.reader,
            parts.splitter,
            self._settings,
            on_progress,
            reread=reread,
            checksum=checksum,
        )


def _prune(given: list[Any], wanted: bool, most: int | None, *, sure: bool) -> Prune | None:
    from langchain_hunyuanocr.archive.ingest.prune import Prune

    return Prune(given, most, sure) if wanted else None


def _each(inputs: Any) -> list[Any]:
    from langchain_hunyuanocr.pages.sources import is_single

    return [inputs] if is_single(inputs) else list(inputs)


def _whole(part: AnswerPart) -> Answer:
    if not isinstance(part, Answer):
        raise TypeError("a stream of answer parts ends with the answer")
    return part
