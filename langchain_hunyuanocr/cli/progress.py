"""How long work shows that it moves: a bar on a terminal, elsewhere a line every half minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from langchain_hunyuanocr.cli import console

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive import Progress as Step

EVERY_S = 30.0
"""Seconds from one line to the next where stderr is no terminal."""


class Show(Protocol):
    """Takes how far the work is."""

    def __call__(self, text: str, done: int, total: int | None) -> None:
        """Show what is worked on, how much is done, and of how much, where that is known."""


class Lines:
    """Says how far the work is, again and again until it ends, also while a single page takes long.

    Args:
        say: Takes a line.
        ends: Waits as many seconds as it is given for the end of the work, and says whether it came.
        every_s: Seconds from one line to the next.
        repeat: Whether a line is said again where nothing has moved; watched folders may be still for days.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        ends: Callable[[float], object],
        *,
        every_s: float = EVERY_S,
        repeat: bool = True,
    ) -> None:
        self._say = say
        self._ends = ends
        self._every_s = every_s
        self._repeat = repeat
        self._line = "starting"

    def show(self, text: str, done: int, total: int | None) -> None:
        """Take what the next line is to say."""
        count = f"{done}" if total is None else f"{done} of {total}"
        self._line = f"{text}: {count}" if text else count

    def run(self) -> None:
        """Say a line each time that the interval has passed, until the work has ended."""
        passed, said = 0.0, ""
        while not self._ends(self._every_s):
            passed += self._every_s
            if self._repeat or self._line != said:
                said = self._line
                self._say(f"after {passed:.0f} s: {said}")


@contextmanager
def progress(*, repeat: bool = True) -> Iterator[Show]:
    """A bar on stderr that is gone afterwards; where stderr is no terminal, a line every half minute.

    Args:
        repeat: As for `Lines`.
    """
    if not console.stderr.is_terminal:
        with _lines(repeat) as show:
            yield show
        return
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console.stderr, transient=True) as bar:
        shown = bar.add_task("", total=None)

        def draw(text: str, done: int, total: int | None) -> None:
            bar.update(shown, description=escape(text), completed=done, total=total)

        yield draw


@contextmanager
def _lines(repeat: bool) -> Iterator[Show]:
    ended = threading.Event()
    lines = Lines(console.say, ended.wait, repeat=repeat)
    teller = threading.Thread(target=lines.run, name="hunyuanocr-progress", daemon=True)
    teller.start()
    try:
        yield lines.show
    finally:
        ended.set()
        teller.join()


@contextmanager
def pages_progress(*, repeat: bool = True) -> Iterator[Callable[[Step], None]]:
    """Shows pages done, rate, time left of the present files, and failures, as a run tells of its steps.

    Args:
        repeat: As for `Lines`.
    """
    begun = time.monotonic()
    done = failed = 0
    open_files: dict[str, tuple[int, int]] = {}  # pages gone through, and pages in all
    with progress(repeat=repeat) as show:

        def moved(step: Step) -> None:
            nonlocal done, failed
            failed += step.stage == "failed"
            if step.page >= 0:
                done += 1
                open_files[step.source] = (open_files.get(step.source, (0, 0))[0] + 1, step.total or 0)
            if step.stage == "stored":
                open_files.pop(step.source, None)
            rate = done / max(1e-9, time.monotonic() - begun)
            left = sum(max(0, total - gone) for gone, total in open_files.values())
            remaining = f", {left / rate:.0f} s left of {len(open_files)} files" if left and rate else ""
            told = f"{done} pages, {rate:.1f} a second{remaining}, {failed} failed  {step.source}"
            show(told, done, done + left)

        yield moved
