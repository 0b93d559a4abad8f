"""Prune: what is gone from the disk goes from the archive, where that is asked for."""

from __future__ import annotations

import glob
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
    if not inputs:
        return
    gone = [
        (source, sha256)
        for source, path, sha256 in ledger.connection.execute(
            "SELECT source, path, sha256 FROM files WHERE run <> ?", (run,)
        )
        if path is not None and not Path(path).exists() and any(_held(Path(path), given) for given in inputs)
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


def _held(path: Path, given: str | Path) -> bool:
    place = Path(given).expanduser().absolute()
    if place.is_dir():
        return path.is_relative_to(place)
    return glob.has_magic(str(given)) and fnmatch(str(path), str(place))
