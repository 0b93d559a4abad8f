"""Components of an archive: each is opened on first use, by whichever thread needs it first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_hunyuanocr.archive.checked_embeddings import CheckedEmbeddings
from langchain_hunyuanocr.archive.saved_settings import embeddings_of, refuse_other_embeddings, vectors_of
from langchain_hunyuanocr.archive.search.search import Search
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.vectors import Vectors

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from langchain_hunyuanocr.archive.protocols import PageReader, Splitter


class Components:
    """The parts of one archive.

    Args:
        folder: Of the archive.
        embeddings: As they were given to the archive; those that it was made with where `None`.
        chroma_url: Where the vectors are, as it was given; where the archive notes it if `None`.
        chroma_token: What the server asks for.
        make_reader: Gives what reads pages.
        splitter: Cuts readings into chunks; the package's own where `None`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        embeddings: Embeddings | str | None,
        chroma_url: str | None,
        chroma_token: str | None,
        make_reader: Callable[[], PageReader],
        splitter: Splitter | None,
    ) -> None:
        self.folder = folder
        self.given_embeddings = embeddings
        self._chroma_url = chroma_url
        self._chroma_token = chroma_token
        self._make_reader = make_reader
        self._splitter = splitter
        self._ledger: Ledger | None = None
        self._embeddings: CheckedEmbeddings | None = None
        self._vectors: Vectors | None = None
        self._reader: PageReader | None = None
        self._guard = threading.RLock()

    def make(self) -> None:
        """Make a new archive where there is none.

        Raises:
            ArchiveError: The folder holds other things, or as `ledger`.
        """
        with self._guard:
            if self._ledger is None:
                self._take(Ledger(self.folder, create=True))

    def check(self) -> None:
        """See that the archive can be opened with what was given.

        Raises:
            ArchiveError: As `ledger`.
        """
        self.ledger.setting("embeddings")

    @property
    def ledger(self) -> Ledger:
        """The book of record.

        Raises:
            ArchiveError: There is no archive, it is damaged, or made by a newer version or with other embeddings.
        """
        with self._guard:
            return self._ledger or self._take(Ledger(self.folder))

    def _take(self, ledger: Ledger) -> Ledger:
        refuse_other_embeddings(ledger, self.given_embeddings)
        self._ledger = ledger
        return ledger

    @property
    def embeddings(self) -> CheckedEmbeddings:
        """What turns text into vectors."""
        with self._guard:
            if self._embeddings is None:
                self._embeddings = embeddings_of(self.ledger, self.given_embeddings)
            return self._embeddings

    @property
    def vectors(self) -> Vectors:
        """The dense vectors."""
        with self._guard:
            if self._vectors is None:
                self._vectors = vectors_of(self.ledger, self._chroma_url, self._chroma_token, self.embeddings)
            return self._vectors

    @property
    def splitter(self) -> Splitter:
        """What cuts readings into chunks."""
        with self._guard:
            if self._splitter is None:
                from langchain_hunyuanocr.splitter import HunyuanOCRSplitter

                self._splitter = HunyuanOCRSplitter()
            return self._splitter

    def reader(self) -> PageReader:
        """What reads pages."""
        with self._guard:
            if self._reader is None:
                self._reader = self._make_reader()
            return self._reader

    def search(self) -> Search:
        """A search over the parts."""
        return Search(self.ledger, self.vectors, self.embeddings)

    def close(self) -> None:
        """Give the files back; they open anew on the next use."""
        with self._guard:
            if self._vectors is not None:
                self._vectors.close()
                self._vectors = None
            if self._ledger is not None:
                self._ledger.close()
                self._ledger = None
