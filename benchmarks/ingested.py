"""An ingest whose progress is seen, for the benchmarks that ask an archive."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from langchain_hunyuanocr.archive import Archive, Progress


def read(archive: Archive, scans: Path | Sequence[Path]) -> None:
    """Ingest; what an earlier run read is kept."""
    begun, done = time.monotonic(), 0

    def tell(event: Progress) -> None:
        nonlocal done
        done += event.stage == "page"
        print(f"\r{done} pages, {time.monotonic() - begun:.0f} s", end="", file=sys.stderr)

    report = archive.ingest(scans if isinstance(scans, Path) else list(scans), on_progress=tell)
    print(file=sys.stderr)
    print(f"{report.files} files, {report.pages} pages, {report.chunks} chunks, {len(report.failures)} failures")
