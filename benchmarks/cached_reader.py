"""A reader that keeps what it read beside the archive, so that an archive can be made anew without reading again."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import PageReading


class CachedReader:
    """Reads pages with RapidOCR, each picture once.

    Args:
        folder: Where readings are kept, one file a page.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def fingerprint(self) -> str:
        """Of the archive's readings; the cache itself is kept by the bytes of the files."""
        return "rapid, cached"

    @property
    def in_flight(self) -> int:
        """Files that are read at the same time."""
        return 2

    @cached_property
    def _reader(self) -> Reader:
        return Reader("rapid")

    def read_all(self, pages: Iterable[Page | PageFailure | PageReading]) -> Iterator[PageReading]:
        """Readings in the order of the pages."""
        for page in pages:
            if isinstance(page, PageReading):
                yield page
                continue
            kept = self._folder / (hashlib.sha256(f"{page.sha256} {page.index}".encode()).hexdigest() + ".pickle")
            if kept.exists():
                yield pickle.loads(kept.read_bytes())
                continue
            reading = self._reader.read(page)
            if not reading.failed:
                beside = kept.with_suffix(".part")
                beside.write_bytes(pickle.dumps(reading.seen_by(None)))
                beside.replace(kept)
            yield reading
