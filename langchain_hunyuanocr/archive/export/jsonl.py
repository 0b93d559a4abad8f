"""JSON lines export: a page a line, with its fields and table rows in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from langchain_hunyuanocr.archive.export.outcome import Tally
from langchain_hunyuanocr.archive.export.rows import PageRows, to_record
from langchain_hunyuanocr.atomic_write import atomic_export_file
from langchain_hunyuanocr.report import Failure


def write_jsonl(pages: Iterable[PageRows | Failure], tally: Tally, out: Path | None) -> None:
    """Write a line a page, UTF-8.

    Args:
        pages: What to write.
        tally: Counts it.
        out: A file that appears when it is complete; stdout where `None`.

    Raises:
        ArchiveError: The file cannot be written, or the disk is full.
    """
    if out is None:
        _write(pages, tally, sys.stdout)
        sys.stdout.flush()
        return
    # One line ending on every system, and the same bytes.
    with atomic_export_file(out) as part, part.open("w", encoding="utf-8", newline="\n") as stream:
        _write(pages, tally, stream)


def _write(pages: Iterable[PageRows | Failure], tally: Tally, stream: TextIO) -> None:
    for page in pages:
        if isinstance(page, Failure):
            tally.fail(page)
        else:
            stream.write(to_line(page) + "\n")
            tally.add(page)


def to_line(page: PageRows) -> str:
    """A page as JSON on one line."""
    return json.dumps(to_record(page), ensure_ascii=False)
