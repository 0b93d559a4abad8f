"""Subtitles in SubRip's form, which every player takes: a number, the times, the text, an empty line."""

from __future__ import annotations

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
