"""Prune: what is gone from the disk goes from the archive, where that is asked for."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.storage import chunks, readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger


def prune_missing(ledger: Ledger, inputs: Sequence[str | Path], run: int, splitter: Splitter) -> None:
    """Forget files that lay in these folders, or matched these patterns, and are no longer there.

    A folder that is missing itself takes nothing with it: it may lie on a disk that is not mounted. Files that this
    run has met are there; readings that no page points to go too.

    Args:
        ledger: The archive's.
        inputs: Folders and patterns; without one nothing is forgotten.
        run: Number of the run.
        splitter: Cuts anew what goes on under another name.
    """
    places = [Path(given).expanduser().absolute() for given in inputs if isinstance(given, str | os.PathLike)]
    if not places:
        return
    gone = [
        (source, sha256)
        for source, path, sha256, real in ledger.connection.execute(
            """
            SELECT f.source, f.path, f.sha256, r.path
            FROM files f LEFT JOIN real_paths r USING (source) WHERE f.run <> ?
            """,
            (run,),
        )
        if path is not None and not Path(path).exists() and any(_held(path, real or path, place) for place in places)
    ]
    for source, sha256 in gone:
        with ledger.transaction() as connection:
            connection.execute("DELETE FROM files WHERE source = ?", (source,))
            if sha256 is not None:
                chunks.forget(connection, sha256)
                chunks.rename(connection, sha256, splitter)
    # What a killed run had read of a file that has changed or gone since.
    unfinished = ledger.connection.execute(
        "SELECT sha256 FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM files WHERE sha256 IS NOT NULL)"
    ).fetchall()
    for (sha256,) in unfinished:
        with ledger.transaction() as connection:
            chunks.forget(connection, sha256)
    with ledger.transaction() as connection:
        readings.drop_unused(connection)


def _held(path: str, real: str, place: Path) -> bool:
    """Whether a file lay in a folder or matched a pattern, whichever way the path of either is spelled."""
    there = os.path.realpath(place)
    if place.is_dir():
        return Path(path).is_relative_to(place) or Path(real).is_relative_to(there)
    return glob.has_magic(str(place)) and (fnmatch(path, str(place)) or fnmatch(real, there))
