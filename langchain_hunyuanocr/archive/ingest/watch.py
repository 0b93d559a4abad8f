"""Folders that are watched: what is new or changed there is ingested once it is whole."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from langchain_hunyuanocr.archive.ingest.prune import Prune
from langchain_hunyuanocr.archive.ingest.run import Ingest
from langchain_hunyuanocr.errors import ArchiveError, require
from langchain_hunyuanocr.pages.sources import SUFFIXES, place_of

_log = logging.getLogger(__name__)

SETTLED_S = 2.0
"""A file is whole once it has not changed for so long."""
_TICK_MS = 500


def keep_up(
    first: Ingest,
    following: Callable[[], Ingest],
    inputs: Sequence[str | Path],
    stop: threading.Event,
    *,
    workers: int | None,
    prune: Prune | None,
) -> int:
    """Ingest, and go on with what changes, until `stop` is set or Ctrl-C.

    Args:
        first: Takes what is there at first.
        following: Gives a run for each round of changes.
        inputs: Folders and files.
        stop: Ends the watching.
        workers: As in `Ingest.add`.
        prune: As in `Ingest.add`.

    Returns:
        How many files the first run did not read again.

    Raises:
        ArchiveError: As `changes`.
        EngineError: The engine cannot run at all.
    """
    skipped = 0
    said: tuple[str, ...] = ()
    try:
        # The watching begins before the first look, so that nothing falls between the two.
        rounds = changes(inputs, stop)
        next(rounds)
        report = first.add(inputs, workers=workers, prune=prune)
        skipped = report.skipped
        said = _tell_new(report.notes, said)
        for paths in rounds:
            there = [path for path in paths if path.is_file() and path.suffix.lower() in SUFFIXES]
            said = _tell_new(following().add(there, workers=workers, prune=prune).notes, said)
    except KeyboardInterrupt:
        stop.set()
    return skipped


def _tell_new(notes: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """Log what the round before has not said, and give it back as said."""
    for note in notes:
        if note not in said:
            _log.warning(note)
    return notes


def changes(
    inputs: Sequence[str | Path], stop: threading.Event, *, settled_s: float = SETTLED_S
) -> Iterator[list[Path]]:
    """Files that are new, changed or gone, once they have been left alone for a while.

    Args:
        inputs: Folders and files; what holds no path that exists is not watched.
        stop: Ends the watching.
        settled_s: Seconds for which a file must not have changed.

    Yields:
        First nothing, once the watching has begun. Then paths under the names that `inputs` give them, in the order of
        these; those that are gone among them.

    Raises:
        ArchiveError: `watchfiles` is not installed, or there is nothing to watch.
    """
    watchfiles = require("watchfiles", extra="watch", error=ArchiveError)
    places = [place for given in inputs if (place := place_of(given)) is not None and place.exists()]
    real = [place.resolve() for place in places]
    if not places:
        raise ArchiveError("there is nothing to watch", remedy="name a folder, or a file that is there")
    waiting: dict[Path, float] = {}
    events = watchfiles.watch(
        *real, watch_filter=None, stop_event=stop, rust_timeout=_TICK_MS, yield_on_timeout=True, raise_interrupt=True
    )
    begun = False
    for found in events:
        if not begun:
            begun = True
            yield []
        now = time.monotonic()
        waiting |= {Path(path): now for _, path in found if not Path(path).name.startswith(".")}
        whole = sorted(path for path, seen in waiting.items() if now - seen >= settled_s)
        for path in whole:
            del waiting[path]
        if whole:
            yield [_as_given(path, places, real) for path in whole]


def _as_given(path: Path, places: Sequence[Path], real: Sequence[Path]) -> Path:
    for place, resolved in zip(places, real, strict=True):
        if path.is_relative_to(resolved):
            return place / path.relative_to(resolved)
    return path
