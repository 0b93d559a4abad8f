"""The archive: scanned documents in, places and answers out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from langchain_core.embeddings import Embeddings
from pydantic import BaseModel

from langchain_hunyuanocr.archive.answering.answer import Answer, AnswerPart, Citation, Mode
from langchain_hunyuanocr.archive.answering.asking import SOURCES, Asking, How, Wanted
from langchain_hunyuanocr.archive.answering.extractive import Ask
from langchain_hunyuanocr.archive.answering.visual import AskPictures
from langchain_hunyuanocr.archive.chunks import Splitter
from langchain_hunyuanocr.archive.draw import draw_citation, mark_citation
from langchain_hunyuanocr.archive.embeddings import SentenceEncoder, name_of
from langchain_hunyuanocr.archive.ingesting.ingest import Ingest, PageReader
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.archive.lock import sole_writer
from langchain_hunyuanocr.archive.readings import load_all, named
from langchain_hunyuanocr.archive.report import OnProgress, report_of
from langchain_hunyuanocr.archive.searching.filters import Scalar
from langchain_hunyuanocr.archive.searching.search import Half, Search, SearchHit
from langchain_hunyuanocr.archive.vectors import Vectors
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.pages import PageSettings
from langchain_hunyuanocr.reading.agreement import Verify
from langchain_hunyuanocr.report import Report
from langchain_hunyuanocr.results import PageReading

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool
    from PIL.Image import Image

    from langchain_hunyuanocr.archive.chain import ArchiveChain
    from langchain_hunyuanocr.archive.retriever import ArchiveRetriever


class Archive:
    """A folder that holds what was read from documents, and answers questions about it.

    Args:
        path: Of the folder.
        engine: Who reads pages, see `Reader`; made only when something is to be read.
        embeddings: What turns text into vectors; the embedded multilingual sentence encoder where `None`. The archive
            remembers which it was made with and refuses others.
        reader: Reads pages, in the place of one made from `engine` and the settings after it.
        splitter: Cuts readings into chunks; `HunyuanOCRSplitter()` where `None`.
        fields: Names of values to find on each page, or a pydantic model that names them.
        preset: A ready set of fields instead.
        force_ocr: Read every page from its picture.
        verify: How a second reader checks a language model: `numbers`, `all`, `off`; see `Reader`.
        ground: Whether what a language model reads gets its boxes on the page; where RapidOCR is installed if `None`.
        password: Opens encrypted files.
        settings: How sources are opened.
        llm: Chat model that writes answers, or its name as LangChain's `init_chat_model` takes it, such as
            `openai:gpt-5` or `ollama:qwen3`; answers are quotes where `None`.
        create: Make a new archive where there is none; without it only `ingest` does.

    Raises:
        ArchiveError: The folder is no archive, is damaged, or was made by a newer version or with other embeddings.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        engine: Engine | str = "auto",
        embeddings: Embeddings | None = None,
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
        self._engine = engine
        self._embeddings = embeddings or SentenceEncoder()
        self._reader = reader
        self._splitter = splitter
        self._fields = fields
        self._preset = preset
        self._force_ocr = force_ocr
        self._verify = verify
        self._ground = ground
        self._settings = settings or PageSettings()
        if password is not None:
            self._settings = self._settings.model_copy(update={"password": password})
        self._llm = llm
        self._ledger: Ledger | None = None
        self._vectors: Vectors | None = None
        self._guard = threading.RLock()
        if create:
            self._open(create=True)
        elif self.path.exists():
            self._open()

    def ingest(
        self,
        inputs: str | Path | Sequence[str | Path],
        *,
        workers: int | None = None,
        prune: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Report:
        """Read what is new or changed among files, folders, patterns and URLs.

        A file whose bytes are known is not read again, whatever it is called. A page or file that fails is listed in
        the report and costs nothing else.

        Args:
            inputs: What to read.
            workers: Files read at the same time; as many as the engine can use where `None`.
            prune: Forget files that lay in the given folders and are gone.
            on_progress: Told of every file and page.

        Returns:
            Every one of these inputs accounted for.

        Raises:
            ArchiveError: Another process is writing, or the disk is full; what was stored stays.
            EngineError: The engine cannot run at all; what was read until then stays.
        """
        given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        with self._writing(on_progress, create=True) as run:
            return run.add(given, workers=workers, prune=prune)

    def retry(self, *, workers: int | None = None, on_progress: OnProgress | None = None) -> Report:
        """Read again the pages and files that failed; the report is about their files.

        Raises:
            ArchiveError: There is no archive, or another process is writing.
            EngineError: The engine cannot run at all.
        """
        with self._writing(on_progress) as run:
            return run.retry(workers=workers)

    def status(self) -> Report:
        """Every page of the archive accounted for.

        Raises:
            ArchiveError: There is no archive.
        """
        ledger = self._open()
        with ledger.errors():
            return report_of(ledger)

    def search(
        self,
        query: str,
        k: int = 5,
        where: Mapping[str, Scalar] | None = None,
        *,
        half: Half = "fused",
        group: Literal["page", "chunk"] = "page",
    ) -> list[SearchHit]:
        """The best places for a query; see `Search.search`.

        Raises:
            ArchiveError: There is no archive, the query is empty, or no chunk has a key of `where`.
        """
        with self._open().errors():
            return self._search().search(query, k, where, half=half, group=group)

    def ask(
        self,
        question: str,
        *,
        where: Mapping[str, Scalar] | None = None,
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
                whose quotes do not stand on the pages that it cites. `auto` is `llm` where a chat model is named here
                or for the archive, else `extractive`.
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

    async def aask(self, question: str, **how: Unpack[How]) -> Answer:
        """`ask`, without blocking the event loop."""
        parts = [part async for part in self.aask_stream(question, **how)]
        return _whole(parts[-1])

    def ask_stream(self, question: str, **how: Unpack[How]) -> Iterator[AnswerPart]:
        """As `ask`, while the answer is written: each `Sentence` once it is proven, and last the `Answer`.

        Raises:
            HunyuanOCRError: As `ask` does; sentences that came before stay proven.
        """
        yield from self._asking().stream(self._wanted(question, how))

    async def aask_stream(self, question: str, **how: Unpack[How]) -> AsyncIterator[AnswerPart]:
        """`ask_stream`, without blocking the event loop."""
        asking = await asyncio.to_thread(self._asking)
        async with aclosing(asking.astream(self._wanted(question, how))) as parts:
            async for part in parts:
                yield part

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

    def as_retriever(
        self,
        *,
        k: int = 5,
        where: dict[str, Scalar] | None = None,
        group: Literal["page", "chunk"] = "chunk",
    ) -> ArchiveRetriever:
        """The archive as a LangChain retriever.

        Args:
            k: Most Documents to give.
            where: Metadata that chunks must have.
            group: `chunk` gives chunks, `page` the best chunk of each page.

        Raises:
            ArchiveError: There is no archive.
        """
        from langchain_hunyuanocr.archive.retriever import ArchiveRetriever

        return ArchiveRetriever(search=self._search(), k=k, where=where, group=group)

    def draw(self, citation: Citation, out: str | Path) -> Path:
        """Render the cited page with the cited place marked; see `draw_citation`.

        Raises:
            SourceError: The file is gone or cannot be opened.
            ArchiveError: The file has changed since it was read.
        """
        return draw_citation(self._open(), citation, Path(out), self._settings)

    def readings(self, source: str) -> Iterator[PageReading]:
        """What was read from a file, page by page in order; nothing where the archive does not hold it.

        Args:
            source: Its name in the archive, or a path to it.

        Raises:
            ArchiveError: There is no archive.
        """
        ledger = self._open()
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
        return mark_citation(self._open(), citation, self._settings)

    def close(self) -> None:
        """Give the files back; the archive may be used again and then opens anew."""
        with self._guard:
            if self._vectors is not None:
                self._vectors.close()
                self._vectors = None
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self, on_progress: OnProgress | None, *, create: bool = False) -> Iterator[Ingest]:
        ledger = self._open(create=create)
        with sole_writer(self.path), ledger.errors():
            self._note_embeddings(ledger)
            yield Ingest(
                ledger, self._open_vectors(), self._make_reader, self._make_splitter(), self._settings, on_progress
            )

    def _open(self, *, create: bool = False) -> Ledger:
        with self._guard:
            if self._ledger is None:
                ledger = Ledger(self.path, create=create)
                self._refuse_other_embeddings(ledger)
                self._ledger = ledger
            return self._ledger

    def _open_vectors(self) -> Vectors:
        with self._guard:
            if self._vectors is None:
                self._vectors = Vectors(self.path / "vectors", self._embeddings)
            return self._vectors

    def _search(self) -> Search:
        return Search(self._open(), self._open_vectors(), self._embeddings)

    def _wanted(self, question: str, how: How) -> Wanted:
        settings: dict[str, Any] = {**how, "llm": how.get("llm") or self._llm}
        return Wanted(question, **settings)

    def _asking(self) -> Asking:
        ledger, search = self._open(), self._search()
        extractive = Ask(ledger, search, self._embeddings)
        return Asking(ledger, search, extractive, lambda: AskPictures(ledger, search, self._engine, self._settings))

    def _refuse_other_embeddings(self, ledger: Ledger) -> None:
        made_with = ledger.setting("embeddings")
        given = name_of(self._embeddings)
        if made_with is not None and made_with != given:
            raise ArchiveError(
                f"the archive was made with other embeddings: {made_with}, not {given}",
                source=str(self.path),
                remedy="pass those it was made with, or ingest into a new folder",
            )

    def _note_embeddings(self, ledger: Ledger) -> None:
        if ledger.setting("embeddings") is None:
            ledger.set("embeddings", name_of(self._embeddings))

    def _make_reader(self) -> PageReader:
        with self._guard:  # several workers may ask at once
            if self._reader is None:
                from langchain_hunyuanocr.reader import Reader

                self._reader = Reader(
                    self._engine,
                    fields=self._fields,
                    preset=self._preset,
                    force_ocr=self._force_ocr,
                    verify=self._verify,
                    ground=self._ground,
                )
            return self._reader

    def _make_splitter(self) -> Splitter:
        if self._splitter is None:
            from langchain_hunyuanocr.splitter import HunyuanOCRSplitter

            self._splitter = HunyuanOCRSplitter()
        return self._splitter


def _whole(part: AnswerPart) -> Answer:
    if not isinstance(part, Answer):
        raise TypeError("a stream of answer parts ends with the answer")
    return part
