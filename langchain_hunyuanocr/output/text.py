"""Text written page by page: Markdown, JSON, JSON lines, and subtitles in SubRip's form.

Each of these is a `TextWriter`: within its block, a page that it is given is written to the stream at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.output.write import Write
from langchain_hunyuanocr.results import PageReading

_ARROW = "-->"


@contextmanager
def write_markdown(stream: TextIO) -> Iterator[Write]:
    """The Markdown of each page, an empty line after it; a comment in the place of a page that failed."""

    def write(reading: PageReading) -> None:
        if text := _as_markdown(reading):
            _put(stream, f"{text}\n\n")

    yield write


@contextmanager
def write_json(stream: TextIO) -> Iterator[Write]:
    """One list of all pages, a record each as `to_record` makes it; it is closed however the block ends."""
    before = "[\n"

    def write(reading: PageReading) -> None:
        nonlocal before
        _put(stream, before + _record(reading))
        before = ",\n"

    try:
        yield write
    finally:
        stream.write("\n]\n" if before == ",\n" else "[]\n")


@contextmanager
def write_json_lines(stream: TextIO) -> Iterator[Write]:
    """A record a line, as `to_record` makes it."""
    yield lambda reading: _put(stream, _record(reading) + "\n")


@contextmanager
def write_srt(stream: TextIO) -> Iterator[Write]:
    """Subtitles as every player takes them: a number, the times, the text, an empty line.

    What has no text, or no `start_s` and `end_s`, is left out; numbers count from 1.
    """
    number = 0

    def write(reading: PageReading) -> None:
        nonlocal number
        rows = [row.strip().replace(_ARROW, "→") for row in reading.markdown.splitlines() if row.strip()]
        if reading.failed or not rows or reading.start_s is None or reading.end_s is None:
            return
        number += 1
        times = f"{_clock(reading.start_s)} {_ARROW} {_clock(reading.end_s)}"
        _put(stream, "\n".join([str(number), times, *rows]) + "\n\n")

    yield write


def _put(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _record(reading: PageReading) -> str:
    return json.dumps(to_record(reading), ensure_ascii=False)


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02},{milliseconds:03}"


def _as_markdown(reading: PageReading) -> str:
    if reading.failed:
        return f"<!-- page {reading.page + 1} failed: {reading.error} -->"
    if reading.translation is not None:
        return f"{reading.markdown}\n\n---\n\n{reading.translation}"
    if reading.markdown or not reading.regions:
        return reading.markdown
    places = ((region.kind, ", ".join(f"{edge:g}" for edge in region.box or ())) for region in reading.regions)
    return "\n".join(f"- {kind} [{place}]" for kind, place in places)
