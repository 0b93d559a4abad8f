"""The papers that the other examples read: those named on the command line, or else a few that are made on the spot."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from langchain_hunyuanocr.demo import make_archive


def papers(named: Sequence[str], pages: int = 4) -> list[str]:
    """Files and folders.

    Args:
        named: What the user named.
        pages: How many scanned pages are made, in Chinese and English, where nothing was named.
    """
    if named:
        return list(named)
    folder = tempfile.mkdtemp(prefix="scans-")
    make_archive(Path(folder), pages=pages)
    return [folder]
