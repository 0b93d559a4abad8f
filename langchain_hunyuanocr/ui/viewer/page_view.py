"""Page view: the scan beside its text, each place known on both sides.

The scan's boxes are a drawing that screen readers skip; whoever cannot point at it walks through the text, whose parts
light the boxes up.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output import state_of
from langchain_hunyuanocr.results import Block, Box, Doubt, Field, PageReading, Route
from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.viewer.markdown_html import MarkdownHtml

_SIGNS = {"confirmed": "✓", "unconfirmed": "?", "missing": "–", "corrected": "✎"}


def page_html(words: Messages, thing: PageReading | SourceError, *, session: str, number: int, count: int) -> str:
    """One page, or a file that could not be opened.

    Args:
        words: Of the visitor.
        thing: What is shown.
        session: The visitor's.
        number: Which of its pages it is, from 0.
        count: How many there are.
    """
    title = page_title(words, thing)
    body = _failure(words, thing)
    if body is None:
        assert isinstance(thing, PageReading)  # noqa: S101 - else it is a failure
        body = (
            f'<div class="hv-panes">{_scan(words, thing, title, f"page/{session}/{number}.jpg")}'
            f'<div class="hv-said">{"".join(_said(words, thing))}</div></div>'
        )
    return (
        f'<section class="hv-page" data-session="{session}" data-number="{number}" aria-labelledby="hv-title"'
        f' lang="{words.tag}"><div class="hv-head">{_turn(words, "previous", number - 1, count)}'
        f'<h2 id="hv-title" tabindex="-1" aria-live="polite">{escape(title)}</h2>'
        f"{_turn(words, 'next', number + 1, count)}</div>"
        f'<p class="hv-facts">{" · ".join(_facts(words, thing))}</p>{body}</section>'
    )


def page_title(words: Messages, thing: PageReading | SourceError) -> str:
    """File and page in a few words."""
    if isinstance(thing, SourceError):
        return words("file_failed", file=thing.source or "")
    return words("page_of", file=thing.file_name, page=thing.page + 1, total=thing.total_pages)


def place_html(words: Messages, title: str, picture: str, boxes: list[Box]) -> str:
    """A picture of a page with places marked, as a citation names them."""
    rects = "".join(_rect(box, "hv-cited", "") for box in boxes)
    return _paper(words, title, picture, rects)


def _turn(words: Messages, key: str, number: int, count: int) -> str:
    off = "" if 0 <= number < count else " disabled"
    sign = "‹" if key == "previous" else "›"
    return (
        f'<button type="button" class="hv-turn" data-go="{number}" aria-label="{words(key)}" title="{words(key)}"{off}>'
        f'<span aria-hidden="true">{sign}</span></button>'
    )


def _facts(words: Messages, thing: PageReading | SourceError) -> Iterator[str]:
    if isinstance(thing, SourceError):
        yield words("status_failed")
        return
    yield words(f"status_{thing.status.value}")
    if thing.agreement is not None:
        yield words("agreement", share=f"{thing.agreement:.0%}")
    engine = escape(f"{thing.engine} ({thing.model})")
    routes = {Route.TEXT_LAYER: words("route_text"), Route.MIXED: words("route_mixed", engine=engine)}
    yield routes.get(thing.route, engine)
    yield from map(escape, thing.warnings)


def _failure(words: Messages, thing: PageReading | SourceError) -> str | None:
    if isinstance(thing, SourceError):
        return f'<p class="hv-alert">{escape(str(thing))}</p>'
    if thing.failed:
        return f'<p class="hv-alert">{escape(words("why_failed", why=thing.error or ""))}</p>'
    return None


def _scan(words: Messages, reading: PageReading, title: str, picture: str) -> str:
    rects = [
        _rect(block.box, f"hv-block hv-{block.kind}", f"b{index}")
        for index, block in enumerate(reading.blocks)
        if block.box is not None
    ]
    rects += [_rect(line.box, "hv-print", f"l{index}") for index, line in enumerate(reading.lines)]
    rects += [
        _rect(field.box, f"hv-field hv-{state_of(field)}", f"f{index}")
        for index, field in enumerate(reading.fields)
        if field.box is not None and field.page in (None, reading.page)
    ]
    rects += [
        _rect(doubt.box, "hv-doubtful", f"d{index}")
        for index, doubt in enumerate(reading.doubts)
        if doubt.box is not None
    ]
    return _paper(words, title, picture, "".join(rects))


def _paper(words: Messages, title: str, picture: str, rects: str) -> str:
    zoom = "".join(
        f'<button type="button" data-zoom="{step}" aria-label="{words(key)}" title="{words(key)}">'
        f'<span aria-hidden="true">{sign}</span></button>'
        for step, key, sign in ((-1, "smaller", "−"), (1, "larger", "+"))
    )
    return (
        f'<div class="hv-scan"><div class="hv-zoom"><h3>{words("scan")}</h3>{zoom}</div>'
        f'<div class="hv-frame" tabindex="0" role="group" aria-label="{words("scan")}"><div class="hv-paper">'
        f'<img src="{escape(picture)}" alt="{escape(words("scan_of", page=title))}">'
        '<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f"{rects}</svg></div></div></div>"
    )


def _rect(box: Box, classes: str, part: str) -> str:
    named = f' data-part="{part}"' if part else ""
    return (
        f'<rect class="{classes}"{named} x="{box.x0:.4f}" y="{box.y0:.4f}"'
        f' width="{max(box.width, 0.001):.4f}" height="{max(box.height, 0.001):.4f}"/>'
    )


def _said(words: Messages, reading: PageReading) -> Iterator[str]:
    if reading.fields:
        yield _fields(words, reading)
    if reading.doubts:
        yield _doubts(words, reading.doubts)
    yield f'<div class="hv-text"><h3>{words("text")}</h3>'
    yield "".join(_parts(words, reading)) or f"<p>{words('empty')}</p>"
    yield "</div>"
    if reading.translation:
        yield f'<div class="hv-text"><h3>{words("translation")}</h3>'
        yield f'<p class="hv-plain">{escape(reading.translation)}</p></div>'
    yield f'<p class="hv-hint">{words("walk")}</p>'


def _parts(words: Messages, reading: PageReading) -> Iterator[str]:
    markup = MarkdownHtml(reading, tuple(_both(words, doubt) for doubt in reading.doubts), words("kind_table"))
    at = 0
    for index, block in enumerate(reading.blocks):
        yield from _between(words, markup, reading, at, block.start)
        yield _part(f"b{index}", words(f"kind_{block.kind}"), markup.block(block), first=index == 0)
        at = max(at, block.end)
    yield from _between(words, markup, reading, at, len(reading.markdown))
    if not reading.markdown.strip():
        for index, line in enumerate(reading.lines):
            yield _part(f"l{index}", words("kind_line"), f"<p>{escape(line.text)}</p>", first=index == 0)


def _between(words: Messages, markup: MarkdownHtml, reading: PageReading, start: int, end: int) -> Iterator[str]:
    """Text that is no block's: it has no place, but it is not left out."""
    if reading.markdown[start:end].strip():
        block = Block(kind="paragraph", start=start, end=end)
        yield _part("", words("kind_paragraph"), markup.block(block), first=start == 0)


def _part(part: str, label: str, html: str, *, first: bool) -> str:
    named = f' data-part="{part}"' if part else ""
    stop = 0 if first else -1
    return f'<div class="hv-part" role="group" aria-label="{label}"{named} tabindex="{stop}">{html}</div>'


def _both(words: Messages, doubt: Doubt) -> str:
    return words("doubt_here", text=doubt.text or words("nothing"), other=doubt.other or words("nothing"))


def _doubts(words: Messages, doubts: tuple[Doubt, ...]) -> str:
    rows = "".join(
        f'<li><button type="button" class="hv-show" data-shows="d{index}">'
        f'<span class="hv-sign" aria-hidden="true">≠</span> {escape(_both(words, doubt))}</button></li>'
        for index, doubt in enumerate(doubts)
    )
    return (
        f'<details class="hv-doubts" open><summary><h3>{words("doubts", count=len(doubts))}</h3></summary>'
        f"<p>{words('doubts_explained')}</p><ul>{rows}</ul></details>"
    )


def _fields(words: Messages, reading: PageReading) -> str:
    rows = "".join(_field(words, reading, index, field) for index, field in enumerate(reading.fields))
    return (
        f'<form class="hv-fields" autocomplete="off" data-corrected="{_SIGNS["corrected"]} {words("state_corrected")}"'
        f' data-lost="✕ {words("session_over")}">'
        f"<h3>{words('field_list')}</h3>{rows}"
        f'<ul class="hv-legend">{_legend(words)}</ul></form>'
    )


def _legend(words: Messages) -> str:
    return "".join(
        f'<li data-state="{state}"><span class="hv-sign" aria-hidden="true">{sign}</span> '
        f"{words(f'explained_{state}')}</li>"
        for state, sign in _SIGNS.items()
    )


def _field(words: Messages, reading: PageReading, index: int, field: Field) -> str:
    state = state_of(field)
    elsewhere = "" if field.page in (None, reading.page) else f" ({words('on_page', page=(field.page or 0) + 1)})"
    id = f"hv-field-{index}"
    return (
        f'<div class="hv-row" data-state="{state}"><label for="{id}">{escape(field.name)}</label>'
        f'<input id="{id}" type="text" data-field="{index}" data-shows="f{index}" value="{escape(field.value or "")}"'
        f' aria-describedby="{id}-state">'
        f'<span id="{id}-state" class="hv-state"><span class="hv-sign" aria-hidden="true">{_SIGNS[state]}</span> '
        f"{words(f'state_{state}')}{elsewhere}</span></div>"
    )
