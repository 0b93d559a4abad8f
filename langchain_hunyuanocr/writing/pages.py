"""Readings as text, page after page, so that memory stays flat: Markdown, JSON, JSON lines, SRT."""

from __future__ import annotations

import json
from typing import TextIO

from langchain_hunyuanocr.documents import to_record
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.video import srt_cue
from langchain_hunyuanocr.writing.formats import Format


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
