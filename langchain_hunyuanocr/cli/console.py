"""Console: where words go, how a run ends, and how long work shows that it moves.

Results go to stdout, everything else to stderr. Exit status 0: all well; 1: some pages or files failed and are listed,
the rest is done and kept; 2: the command line, the configuration or the environment is wrong.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from langchain_hunyuanocr.archive import ExportReport
from langchain_hunyuanocr.archive import Progress as Step
from langchain_hunyuanocr.report import Failure, Report

EXIT_SOME_FAILED = 1
EXIT_WRONG = 2

stderr = Console(stderr=True, soft_wrap=True, highlight=False)
stdout = Console(soft_wrap=True, highlight=False)


def say(message: str) -> None:
    """One plain line to stderr."""
    stderr.print(escape(message))


def write_json(value: Any) -> None:
    """One JSON value to stdout, and nothing else there."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def describe(failure: Failure) -> str:
    """A failure in a line: file, page from 1, reason."""
    where = failure.source if failure.page is None else f"{failure.source}, page {failure.page + 1}"
    return f"{where}: {failure.error}"


def list_failures(report: Report | ExportReport) -> None:
    """Name on stderr every file and page that failed, and why."""
    for failure in report.failures:
        stderr.print(f"[red]failed[/red] {escape(describe(failure))}")


def exit_status(report: Report | ExportReport) -> int:
    """0 where nothing failed, else 1."""
    return 0 if report.complete else EXIT_SOME_FAILED


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on stderr that is gone afterwards; where stderr is no terminal, nothing is drawn."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        yield bar


@contextmanager
def pages_progress() -> Iterator[Callable[[Step], None]]:
    """Draws pages done, rate, time left of the present files, and failures, as a run tells of its steps."""
    begun = time.monotonic()
    done = failed = 0
    open_files: dict[str, tuple[int, int]] = {}  # pages gone through, and pages in all
    with progress() as bar:
        shown = bar.add_task("", total=None)

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
            told = f"{done} pages, {rate:.1f} a second{remaining}, {failed} failed  {escape(step.source)}"
            bar.update(shown, description=told, completed=done, total=done + left)

        yield moved
