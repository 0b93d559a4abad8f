"""The splitter: a LangChain document transformer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.documents import BaseDocumentTransformer, Document

from langchain_hunyuanocr.documents import PageDocument, PageStart, to_document, with_headers
from langchain_hunyuanocr.results import Block, Box, PageReading
from langchain_hunyuanocr.splitter.cutter import LengthLimit
from langchain_hunyuanocr.splitter.packer import Path, merged, pack, sections_of
from langchain_hunyuanocr.splitter.units import units_of

_OF_ONE_PAGE = ("page_label", "width", "height", "rotation", "dpi", "header", "footer")
"""Metadata of a whole file's Document that is true of its first page alone."""


class HunyuanOCRSplitter(BaseDocumentTransformer):
    """Splits Documents where their blocks and sentences end.

    A table stays whole where it fits; a longer one is cut at its rows, and every piece repeats its header and caption.
    Where a table goes on from the page before without its header, the header of that page is repeated.
    A heading stays with its text, a sentence is cut only where it alone is longer than a chunk, and Chinese is cut at
    its own sentence ends. Every character of a Document that is not white space is in one of its chunks, and no chunk
    measures more than `chunk_size`, unless a single character does.

    A chunk has the metadata of its Document and besides:

    - `chunk`: its number within its source, from 0;
    - `start`: offset in the page's text of its first character that is not a repeated header;
    - `section`: the headings above it, `"Report > 2. Results"`, carried over the pages of a source;
    - `page`: the page on which it starts, where a Document joins several;
    - `box`: `[x0, y0, x1, y1]` in shares of that page, around the blocks that it touches, where they are known: for a
      `PageDocument` as the loader gives it, not for one that came back from a store.

    Example:
        ```python
        chunks = HunyuanOCRSplitter(chunk_size=800).split_documents(HunyuanOCRLoader("scan.pdf").lazy_load())
        ```
    """

    def __init__(
        self,
        chunk_size: int = 1000,
        chunk_overlap: int = 0,
        length_function: Callable[[str], int] = len,
        *,
        merge_small: bool = False,
    ) -> None:
        """Set the sizes.

        Args:
            chunk_size: Most that a chunk measures.
            chunk_overlap: Most that a chunk repeats of the one before it, in whole sentences of one section. Tables
                that are cut repeat their header and no rows.
            length_function: Measures a text: characters, or the tokens of an embedding model.
            merge_small: Whether neighbouring sections that fit in a chunk together share one. Its `section` is then the
                path that they share, or where they share none that of the first.

        Raises:
            ValueError: A size makes no sense.
        """
        if chunk_size < 1:
            raise ValueError(f"chunk_size must be at least 1, not {chunk_size}")
        if not 0 <= chunk_overlap < chunk_size:
            raise ValueError(f"chunk_overlap must be at least 0 and less than chunk_size, not {chunk_overlap}")
        self._ruler = LengthLimit(chunk_size, length_function)
        self._overlap = chunk_overlap
        self._merge_small = merge_small

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> list[Document]:  # noqa: ARG002
        """`split_documents`, under the name that LangChain calls."""
        return self.split_documents(documents)

    def split_documents(self, documents: Iterable[Document]) -> list[Document]:
        """Chunks of all Documents, in order.

        Args:
            documents: Pages of a source in their order; sources may be mixed.
        """
        return list(self.lazy_split(documents))

    def split_readings(self, readings: Iterable[PageReading]) -> Iterator[Document]:
        """Chunks of readings, as they come."""
        return self.lazy_split(to_document(reading) for reading in readings)

    def split_text(self, text: str) -> list[str]:
        """Chunks of a Markdown text."""
        return [chunk.page_content for chunk in self.lazy_split([Document(page_content=text)])]

    def lazy_split(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Chunks one at a time.

        Of what went before only the last page is kept, and a number and the open headings of each source.
        """
        sources: dict[str, _Progress] = {}
        for document in with_headers(documents):
            source = document.metadata.get("source")
            # Documents without a source have nothing to do with each other.
            progress = _Progress() if source is None else sources.setdefault(str(source), _Progress())
            yield from self._split(document, progress)

    def _split(self, document: Document, progress: _Progress) -> Iterator[Document]:
        text, places = document.page_content, _Places(document)
        progress.turn_to(places.pages[0].page)
        sections = sections_of(units_of(text, places.blocks), progress.path)
        for section in merged(text, sections, self._ruler) if self._merge_small else sections:
            for piece in pack(text, section, self._ruler, self._overlap):
                own = text[piece.start : piece.end]
                start = piece.start + len(own) - len(own.lstrip())
                if start < piece.end:
                    metadata = places.of(start, piece.end)
                    if section.path:
                        metadata["section"] = " > ".join(heading.title for heading in section.path)
                    metadata["chunk"] = progress.next_number()
                    yield Document(page_content=piece.before + own.strip() + piece.after, metadata=metadata)
            progress.path = section.last_path


@dataclass(slots=True)
class _Progress:
    """How far a source has been split."""

    number: int = 0
    page: int = -1
    path: Path = ()

    def next_number(self) -> int:
        self.number += 1
        return self.number - 1

    def turn_to(self, page: object) -> None:
        """Start a page; one that does not follow the last has no heading open above it."""
        if not isinstance(page, int):
            return
        if page < self.page:
            self.path = ()
        self.page = page


class _Places:
    """Where in its pages the text of one Document stands."""

    def __init__(self, document: Document) -> None:
        placed = document if isinstance(document, PageDocument) else PageDocument(page_content="")
        self.metadata = document.metadata
        self.blocks = sorted(placed.blocks, key=lambda block: block.start)
        self.pages = placed.pages or (PageStart(0, document.metadata.get("page", 0)),)
        self._page_starts = [page.start for page in self.pages]
        self._block_starts = [block.start for block in self.blocks]

    def of(self, start: int, end: int) -> dict[str, Any]:
        """Metadata of the chunk `[start, end)`: its page, its offset there, and the box of what it touches."""
        number = self._number_at(start)
        here = self.pages[number]
        after = number + 1
        while after < len(self.pages) and self.pages[after].page == here.page:
            after += 1
        page_end = self._page_starts[after] if after < len(self.pages) else end
        metadata = self._of_page(here.page)
        metadata["start"] = start - here.start + here.offset
        first = max(bisect_right(self._block_starts, start) - 1, 0)
        last = bisect_left(self._block_starts, min(end, page_end))
        touched = (self._box(block, here) for block in self.blocks[first:last] if block.end > start)
        if box := Box.around(box for box in touched if box):
            metadata["box"] = list(box)
        return metadata

    def _number_at(self, start: int) -> int:
        return max(bisect_right(self._page_starts, start) - 1, 0)

    def _box(self, block: Block, here: PageStart) -> Box | None:
        """Of a block on the page that goes on `here`: a table may have begun on another one."""
        return block.box if self.pages[self._number_at(block.start)].page == here.page else here.box

    def _of_page(self, page: int) -> dict[str, Any]:
        own = {key: list(value) if isinstance(value, list) else value for key, value in self.metadata.items()}
        if own.get("page", page) == page:
            return own
        return {key: value for key, value in own.items() if key not in _OF_ONE_PAGE} | {"page": page}
