"""Subtitles in SubRip's form, which every player takes: a number, the times, the text, an empty line."""

from __future__ import annotations

import json
from typing import TextIO

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.output.formats import Format
from langchain_hunyuanocr.results import PageReading

_ARROW = "-->"


def srt_cue(number: int, reading: PageReading) -> str:
    """One subtitle.

    Args:
        number: From 1.
        reading: Of a film: with `start_s` and `end_s`.

    Returns:
        The cue with the empty line after it; nothing where the reading has no text or no times.
    """
    rows = [row.strip().replace(_ARROW, "→") for row in reading.markdown.splitlines() if row.strip()]
    if reading.failed or not rows or reading.start_s is None or reading.end_s is None:
        return ""
    times = f"{_clock(reading.start_s)} {_ARROW} {_clock(reading.end_s)}"
    return "\n".join([str(number), times, *rows]) + "\n\n"


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02},{milliseconds:03}"


class TextPages:
    """Writes pages in one form to one stream.

    Args:
        stream: What is written to; it stays open.
        form: `md`, `json`, `jsonl` or `srt`.
    """

    def __init__(self, stream: TextIO, form: Format) -> None:
        self._stream = stream
        self._form = form
        self._count = 0

    def write(self, reading: PageReading) -> None:
        """Write a page at once."""
        written = self._as_text(reading)
        if written:
            self._stream.write(written)
            self._stream.flush()
            self._count += 1

    def end(self) -> None:
        """Write what stands after the last page."""
        if self._form is Format.JSON:
            self._stream.write("\n]\n" if self._count else "[]\n")

    def _as_text(self, reading: PageReading) -> str:
        if self._form is Format.SRT:
            return srt_cue(self._count + 1, reading)
        if self._form is Format.MD:
            text = _as_markdown(reading)
            return text + "\n\n" if text else ""
        record = json.dumps(to_record(reading), ensure_ascii=False)
        if self._form is Format.JSONL:
            return record + "\n"
        return (",\n" if self._count else "[\n") + record


def _as_markdown(reading: PageReading) -> str:
    if reading.failed:
        return f"<!-- page {reading.page + 1} failed: {reading.error} -->"
    if reading.translation is not None:
        return f"{reading.markdown}\n\n---\n\n{reading.translation}"
    if reading.markdown or not reading.regions:
        return reading.markdown
    places = ((region.kind, ", ".join(f"{edge:g}" for edge in region.box or ())) for region in reading.regions)
    return "\n".join(f"- {kind} [{place}]" for kind, place in places)
