"""Ingest job: a file on its way into the archive, and a page that was read of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.results import PageReading

MOST_TRIES = 3
"""So often a page is read before it is given up; only `retry` reads it again."""


@dataclass(eq=False, slots=True)
class Job:
    """A file to be read, or the rest of one.

    Attributes:
        source: The file.
        sha256: Of its bytes.
        size: In bytes, of a local file.
        mtime_ns: Time of change, of a local file.
        pages: Which pages, from 0; all where `None`.
        total: Pages of the file, where known.
        tries: How often a page of these was tried in vain.
        anew: Whether pages that are known are read once more by another reader; they stay until all are read.
        last: What was read last.
        read_anew: Of the pages that were read anew: status, content and label.
    """

    source: Source
    sha256: str
    size: int | None = None
    mtime_ns: int | None = None
    pages: frozenset[int] | None = None
    total: int | None = None
    tries: dict[int, int] = field(default_factory=dict)
    anew: bool = False
    last: PageReading | None = None
    read_anew: dict[int, tuple[str, str, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageResult:
    """What was read from a page.

    Attributes:
        reading: Of the page.
        content: Digest of the page; `None` where it could not be rendered.
        known: Whether the archive had the reading already.
    """

    reading: PageReading
    content: str | None
    known: bool
