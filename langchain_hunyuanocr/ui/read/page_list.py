"""Page list: what the page does before it has any, the pages that were read, and what can be downloaded, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.results import FieldState, PageReading, Status
from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.read.file_routes import FORMS
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession
from langchain_hunyuanocr.ui.viewer.page_view import page_title

_SIGNS = {Status.OK: "✓", Status.BLANK: "○", Status.FAILED: "✕"}


def start_html(words: Messages) -> str:
    """What the page does, in the place of a result."""
    steps = "".join(f"<li>{words(f'start_{step}')}</li>" for step in ("files", "fields", "check", "save"))
    return (
        f'<section class="hv-start" aria-labelledby="hv-start" lang="{words.tag}">'
        f'<h2 id="hv-start">{words("start_title")}</h2><ol>{steps}</ol><p>{words("start_private")}</p></section>'
    )


def pages_html(words: Messages, things: Sequence[PageReading | SourceError]) -> str:
    """The pages that have come, each a button that shows it; nothing where there are none."""
    if not things:
        return ""
    items = "".join(_item(words, number, thing) for number, thing in enumerate(things))
    return f'<nav class="hv-list" aria-label="{words("all_pages")}"><ol>{items}</ol></nav>'


def downloads_html(words: Messages, session: WindowSession) -> str:
    """Links to what was read, in each form; nothing before there are pages."""
    if not session.readings:
        return ""
    several = len({reading.source for reading in session.readings}) > 1
    links = "".join(
        f'<a href="page/{session.id}/download/{form}" download>{words(f"form_{form}")}</a>' for form in FORMS
    )
    title = words("downloads_many" if several else "downloads")
    return f'<div class="hv-downloads" role="group" aria-label="{title}"><p>{title}</p>{links}</div>'


def _item(words: Messages, number: int, thing: PageReading | SourceError) -> str:
    status = Status.FAILED if isinstance(thing, SourceError) else thing.status
    sign = _SIGNS.get(status, "!")
    warnings = _warnings(thing)
    said = f"{page_title(words, thing)}: {words(f'status_{status.value}')}"
    return (
        f'<li><button type="button" data-go="{number}" data-status="{status.value}" title="{escape(said)}">'
        f'<span class="hv-sign" aria-hidden="true">{sign}</span> '
        f'<span class="hv-name">{escape(_short(thing))}</span>'
        f'<span class="hv-away">{words(f"status_{status.value}")}</span>{warnings}</button></li>'
    )


def _short(thing: PageReading | SourceError) -> str:
    if isinstance(thing, SourceError):
        return thing.source or ""
    return thing.file_name if thing.total_pages == 1 else f"{thing.file_name} · {thing.page + 1}"


def _warnings(thing: PageReading | SourceError) -> str:
    """How many doubts and unconfirmed fields a page has."""
    if isinstance(thing, SourceError):
        return ""
    unsure = sum(field.state is FieldState.UNCONFIRMED and not field.corrected for field in thing.fields)
    doubts = f'<span class="hv-count hv-count-doubt">≠ {len(thing.doubts)}</span>' if thing.doubts else ""
    return doubts + (f'<span class="hv-count hv-count-unsure">? {unsure}</span>' if unsure else "")
