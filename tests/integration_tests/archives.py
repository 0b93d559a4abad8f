"""A small archive on disk, read from real files without any model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from langchain_hunyuanocr import Archive, ScriptedEngine
from tests.integration_tests.files import typed_pdf

_LEASE = """Lease of 4 Quay Street

The lease runs for nine years and begins on 4 March 2021.

The rent is 1,250.00 a month."""
_NOTICE = "Notice\n\nThe tenant gives notice of six months in writing to Quarford Marine Ltd."
_LETTER = "Dear Sir,\n\nthe delivery of forty chairs comes on 9 June 2024."


class Held(NamedTuple):
    """An archive, and the folder of the files that were read into it."""

    archive: Path
    scans: Path


def lease_archive(folder: Path) -> Held:
    """A lease of two pages and a letter; and a file that cannot be opened."""
    scans = folder / "scans"
    scans.mkdir()
    typed_pdf(scans / "lease.pdf", [_LEASE, _NOTICE])
    typed_pdf(scans / "letter.pdf", [_LETTER])
    (scans / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    with Archive(folder / "archive", engine=ScriptedEngine(["unused"]), create=True) as made:
        made.ingest(scans)
    return Held(folder / "archive", scans)
