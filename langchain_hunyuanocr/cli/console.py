"""Console: where the words of the commands go, and how a run ends.

Results go to stdout, everything else to stderr. Exit status 0: all well; 1: some pages or files failed and are listed,
the rest is done and kept; 2: the command line, the configuration or the environment is wrong.
"""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from langchain_hunyuanocr.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_hunyuanocr.archive import ExportReport
    from langchain_hunyuanocr.report import Failure, Report

EXIT_SOME_FAILED = 1
EXIT_WRONG = 2

stderr = Console(stderr=True, soft_wrap=True, highlight=False)
stdout = Console(soft_wrap=True, highlight=False)


def escape_what_a_stream_cannot_hold() -> None:
    r"""Have stdout and stderr write `\u5408` for what their encoding lacks, as ASCII does, in the place of a traceback.

    It is an escape of JSON too, so that what is written as JSON stays that.
    """
    codecs.register_error("hunyuanocr-escape", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not codecs.lookup(stream.encoding).name.startswith("utf"):
            stream.reconfigure(errors="hunyuanocr-escape")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    global _escaping
    if not isinstance(error, UnicodeEncodeError):
        raise error
    if not _escaping:
        _escaping = True
        sys.stderr.write(f"the output is {error.encoding}: what it lacks is escaped; set PYTHONIOENCODING=utf-8\n")
    utf16 = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{utf16[at : at + 4]}" for at in range(0, len(utf16), 4)), error.end


_escaping = False
"""Whether the remedy has been told."""


def one_line(error: BaseException) -> str:
    """What an error says, without line breaks."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def say(message: str) -> None:
    """One plain line to stderr."""
    stderr.print(escape(message))


def write_json(value: Any) -> None:
    """One JSON value to stdout, and nothing else there."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def describe(failure: Failure) -> str:
    """A failure in a line: file, page from 1, reason."""
    where = printable(failure.source)
    if failure.page is not None:
        where = f"{where}, page {failure.page + 1}"
    return f"{where}: {failure.error}"


def list_warnings(warnings: Iterable[tuple[str, int, str]]) -> None:
    """Say on stderr what is to be known of pages that were read: source, physical page from 0, and what."""
    for source, page, warning in warnings:
        stderr.print(f"[yellow]note[/yellow] {escape(f'{printable(source)}, page {page + 1}: {warning}')}")


def list_failures(report: Report | ExportReport) -> None:
    """Name on stderr every file and page that failed, and why."""
    for failure in report.failures:
        stderr.print(f"[red]failed[/red] {escape(describe(failure))}")


def exit_status(report: Report | ExportReport) -> int:
    """0 where nothing failed, else 1."""
    return 0 if report.complete else EXIT_SOME_FAILED
