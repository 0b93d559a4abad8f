"""Prune: what is gone from the disk goes from the archive, where that is asked for.

A disk that is not mounted looks like files that are gone. So nothing is forgotten below a folder that cannot be read,
that is empty where it held files, or that lies on another device than before; and not much at once without being told
that it is meant. What is forgotten can be taken back for a while, see `storage.forgotten`.
"""

from __future__ import annotations

import glob
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.storage import chunks, forgotten, readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger

_SHARE = 0.1
"""Of an archive's files, that are forgotten without being told so."""
_FEW = 3
"""Files that are forgotten however small the archive is."""


@dataclass(frozen=True, slots=True)
class Prune:
    """What a run may forget.

    Attributes:
        inputs: Folders and patterns whose files are forgotten where they are gone; without one nothing is.
        most: Files at once; a tenth of the archive where `None`.
        sure: Whether all that is gone may be forgotten, even where a disk seems to be missing.
    """

    inputs: Sequence[str | Path] = ()
    most: int | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class _Gone:
    """A file of the archive that is not where it was."""

    source: str
    path: str
    sha256: str | None
    device: int | None


@dataclass(slots=True)
class _Kept:
    """Files that are not forgotten, counted by folder and reason."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def notes(self) -> Iterator[str]:
        for (folder, why), count in sorted(self.counts.items()):
            files = "1 file that is gone is" if count == 1 else f"{count} files that are gone are"
            yield f"{folder}: {files} not forgotten: {why} (if they are gone for good: --prune --yes)"


def prune_missing(ledger: Ledger, what: Prune, run: int, splitter: Splitter) -> tuple[str, ...]:
    """Forget files that lay in these folders, or matched these patterns, and are no longer there.

    A folder that is missing itself takes nothing with it. Files that this run has met are there; readings that no page
    points to go too.

    Args:
        ledger: The archive's.
        what: May be forgotten.
        run: Number of the run.
        splitter: Cuts anew what goes on under another name.

    Returns:
        What was not forgotten and why, a line each.
    """
    places = [Path(given).expanduser().absolute() for given in what.inputs if isinstance(given, str | os.PathLike)]
    if not places:
        return ()
    kept = _Kept()
    gone = list(_gone(ledger, places, run))
    if not what.sure:
        gone = [one for one in gone if not _is_kept(ledger, one, run, kept)]
    notes = list(kept.notes())
    total = ledger.connection.execute("SELECT count(*) FROM files").fetchone()[0]
    most = what.most if what.most is not None else max(_FEW, int(_SHARE * total))
    if len(gone) > most and not what.sure:
        notes.append(
            f"{len(gone)} of {total} files are gone, more than {most}: none was forgotten "
            f"(if that is right: --prune --yes, or --prune-most {len(gone)})"
        )
        gone = []
    now = time.time()
    for one in gone:
        with ledger.transaction() as connection:
            forgotten.remember(connection, one.source, run, now)
            connection.execute("DELETE FROM files WHERE source = ?", (one.source,))
            if one.sha256 is not None:
                chunks.forget(connection, one.sha256)
                chunks.rename(connection, one.sha256, splitter)
    sweep(ledger, now - forgotten.KEPT_S)
    return tuple(notes)


def sweep(ledger: Ledger, before: float) -> None:
    """Drop what a killed run had read of a file that has changed or gone since, and what no page points to.

    Args:
        ledger: The archive's.
        before: Files that were forgotten before this time, in seconds of the clock, cannot be taken back any more.
    """
    unfinished = ledger.connection.execute(
        "SELECT sha256 FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM files WHERE sha256 IS NOT NULL)"
    ).fetchall()
    for (sha256,) in unfinished:
        with ledger.transaction() as connection:
            chunks.forget(connection, sha256)
    with ledger.transaction() as connection:
        forgotten.drop_before(connection, before)
        readings.drop_unused(connection)


def _gone(ledger: Ledger, places: Sequence[Path], run: int) -> Iterator[_Gone]:
    rows = ledger.connection.execute(
        """
        SELECT f.source, f.path, f.sha256, d.device, r.path
        FROM files f LEFT JOIN real_paths r USING (source) LEFT JOIN devices d USING (source)
        WHERE f.run <> ? AND f.path IS NOT NULL
        """,
        (run,),
    ).fetchall()
    for source, path, sha256, device, real in rows:
        if not os.path.lexists(path) and any(_held(path, real or path, place) for place in places):
            yield _Gone(source, path, sha256, device)


def _held(path: str, real: str, place: Path) -> bool:
    """Whether a file lay in a folder or matched a pattern, whichever way the path of either is spelled."""
    there = os.path.realpath(place)
    if place.is_dir():
        return Path(path).is_relative_to(place) or Path(real).is_relative_to(there)
    return glob.has_magic(str(place)) and (fnmatch(path, str(place)) or fnmatch(real, there))


def _is_kept(ledger: Ledger, one: _Gone, run: int, kept: _Kept) -> bool:
    """Whether a file that is gone may lie on a disk that is missing."""
    folder = next(parent for parent in Path(one.path).parents if parent.exists())
    try:
        empty = not any(folder.iterdir())
        device = folder.stat().st_dev
    except OSError as exc:
        why = f"the folder cannot be read: {(exc.strerror or type(exc).__name__).lower()}"
    else:
        if empty:
            why = "the folder is empty, as one is whose disk is not mounted"
        elif one.device in (None, device) or _device_was_renamed(ledger, folder, one.device, run):
            return False
        else:
            why = "the folder lies on another device than before"
    kept.counts[str(folder), why] += 1
    return True


def _device_was_renamed(ledger: Ledger, folder: Path, device: int | None, run: int) -> bool:
    """Whether what this run met in the folder was on that device too: numbers of devices change between two starts."""
    met = ledger.connection.execute(
        "SELECT f.path FROM files f JOIN devices d USING (source) WHERE f.run = ? AND d.device = ?", (run, device)
    )
    return any(Path(path).is_relative_to(folder) for (path,) in met)
