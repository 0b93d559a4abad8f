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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from langchain_hunyuanocr.archive.protocols import Splitter
from langchain_hunyuanocr.archive.storage import chunks, forgotten, readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import words_of_os
from langchain_hunyuanocr.pages.sources import place_of

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
    spelled = [place_of(given) for given in what.inputs if isinstance(given, str | os.PathLike)]
    places = [place.absolute() for place in spelled if place is not None]
    if not places:
        return ()
    gone = list(_gone(ledger, places, run))
    kept: dict[str, tuple[str, str]] = {}
    if not what.sure:
        missing = _MissingDisks(ledger, run)
        kept = {one.source: why for one in gone if (why := missing.why(one)) is not None}
        gone = [one for one in gone if one.source not in kept]
    notes = _notes(kept.values())
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


class _MissingDisks:
    """Tells of files that are gone whether they may lie on a disk that is missing; of each folder once.

    Args:
        ledger: The archive's.
        run: Number of the run.
    """

    def __init__(self, ledger: Ledger, run: int) -> None:
        self._ledger = ledger
        self._run = run
        self._known: dict[tuple[Path, int | None], str | None] = {}

    def why(self, one: _Gone) -> tuple[str, str] | None:
        """The nearest folder that is there and what speaks against forgetting; `None` where nothing does."""
        folder = next(parent for parent in Path(one.path).parents if parent.exists())
        place = folder, one.device
        if place not in self._known:
            self._known[place] = self._against(*place)
        why = self._known[place]
        return None if why is None else (str(folder), why)

    def _against(self, folder: Path, device: int | None) -> str | None:
        try:
            empty = not any(folder.iterdir())
            now = folder.stat().st_dev
        except OSError as exc:
            return f"the folder cannot be read: {words_of_os(exc)}"
        if empty:
            return "the folder is empty, as one is whose disk is not mounted"
        if device in (None, now) or self._was_renamed(folder, device):
            return None
        return "the folder lies on another device than before"

    def _was_renamed(self, folder: Path, device: int | None) -> bool:
        """Whether what this run met there was on that device too: their numbers change between two starts."""
        met = self._ledger.connection.execute(
            "SELECT f.path FROM files f JOIN devices d USING (source) WHERE f.run = ? AND d.device = ?",
            (self._run, device),
        )
        return any(Path(path).is_relative_to(folder) for (path,) in met)


def _notes(kept: Iterable[tuple[str, str]]) -> list[str]:
    """What is said of files that are not forgotten, a line for each folder and reason."""
    notes = []
    for (folder, why), count in sorted(Counter(kept).items()):
        files = "1 file that is gone is" if count == 1 else f"{count} files that are gone are"
        notes.append(f"{folder}: {files} not forgotten: {why} (if they are gone for good: --prune --yes)")
    return notes
