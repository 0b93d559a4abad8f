"""Answer view: an answer, the places that prove it, one of them on its page, and what the archive holds, as HTML."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_hunyuanocr.archive import Answer, Citation, Sentence, Struck
from langchain_hunyuanocr.display.draw import jpeg
from langchain_hunyuanocr.report import Failure, Report
from langchain_hunyuanocr.results import Box
from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.viewer.page_view import place_html

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_PLACES = 50
_MOST_FAILURES = 200
_LONGEST_QUOTE = 300
"""Characters of a place in words; the whole of it is marked on the page."""
_SYNTAX = re.compile(r"^ {0,3}#{1,6}\s+|^\|?[ :|-]*-{3}[ :|-]*$|\*\*", re.MULTILINE)
"""What of Markdown is no word: places that were searched for are pieces of it."""
_SIDE = 1600
"""Longest side of a picture on the page, pixels."""
_QUALITY = 80
_MARGIN = 0.006
"""Left free around a place so that its frame hides no letter, a share of the page."""
_AROUND = 0.012
"""Shown around a place that is enlarged."""


def writing_html(words: Messages, sentences: Sequence[Sentence]) -> str:
    """What is proven of an answer that is still being written."""
    said = " ".join(sentence.text for sentence in sentences)
    return (
        f'<section class="hv-answer hv-writing" lang="{words.tag}"><h2>{words("answer")}</h2>'
        f'<p class="hv-reply">{escape(said)}</p></section>'
    )


def answer_html(words: Messages, answer: Answer, names: str) -> str:
    """An answer in words, and how far to trust it.

    Args:
        words: Of the visitor.
        answer: As the archive gave it.
        names: What the names of the asked files had to contain; empty for all files.
    """
    return (
        f'<section class="hv-answer" lang="{words.tag}"><h2>{words("answer")}</h2>'
        f"{''.join(_reply(words, answer, names))}</section>"
    )


def _reply(words: Messages, answer: Answer, names: str) -> Iterator[str]:
    if answer.answer is None:
        said = words("not_held_where", names=names) if names else words("not_held")
        yield f'<p class="hv-reply hv-none"><span class="hv-sign" aria-hidden="true">∅</span> {escape(said)}</p>'
    else:
        yield f'<p class="hv-reply">{escape(answer.answer)}</p>'
        sign, key = ("✓", "certain") if answer.confident else ("?", "uncertain")
        yield (
            f'<p class="hv-sure" data-sure="{key}"><span class="hv-sign" aria-hidden="true">{sign}</span> '
            f"{words(key)} {words(f'by_{answer.mode}')}</p>"
        )
    if answer.struck:
        yield _struck(words, answer.struck)


def _struck(words: Messages, struck: Sequence[Struck]) -> str:
    rows = "".join(f"<li>{escape(words('struck_one', sentence=one.sentence, why=one.why))}</li>" for one in struck)
    return (
        f'<details class="hv-struck"><summary>{words("struck", count=len(struck))}</summary><ul>{rows}</ul></details>'
    )


def places_html(words: Messages, answer: Answer, others: Sequence[Citation]) -> str:
    """The cited places and the further ones, each a button that shows it on its page; numbered in this order."""
    key = "nearest" if answer.answer is None else "others"
    lists = _places(words, "proof", answer.citations, 0) + _places(words, key, others, len(answer.citations))
    return f'<div lang="{words.tag}">{lists}</div>' if lists else ""


def _places(words: Messages, key: str, places: Sequence[Citation], first: int) -> str:
    if not places:
        return ""
    rows = "".join(_place(words, number, place) for number, place in enumerate(places[:_MOST_PLACES], first))
    left = len(places) - _MOST_PLACES
    more = f'<p class="hv-hint">{words("more_places", count=left)}</p>' if left > 0 else ""
    return f'<h3>{words(key, count=len(places))}</h3><ol class="hv-cites" data-kind="{key}">{rows}</ol>{more}'


def _place(words: Messages, number: int, place: Citation) -> str:
    quote = _quote(place)
    said = f'<span class="hv-quote">{escape(quote)}</span> ' if quote else ""
    return (
        f'<li><button type="button" data-go="{number}" title="{escape(place.source)}">{said}'
        f'<span class="hv-where">{escape(_where(words, place))}</span></button></li>'
    )


def _quote(place: Citation) -> str:
    words = " ".join(_SYNTAX.sub("", place.quote).split())
    return words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]}…"


def _where(words: Messages, place: Citation) -> str:
    return words("cited_page", file=_name(place.source), page=place.page + 1)


def _name(source: str) -> str:
    return Path(source).name or source


def cited_html(words: Messages, place: Citation, picture: Image) -> str:
    """A cited page with its place marked.

    Args:
        words: Of the visitor.
        place: Where on the page.
        picture: The page, unmarked.
    """
    title, said = _where(words, place), _quote(place)
    quote = f"<blockquote>{escape(said)}</blockquote>" if said else ""
    if place.box is None:
        near, boxes = f'<p class="hv-hint">{words("place_unknown")}</p>', []
    else:
        near, boxes = _enlarged(words, said, picture, place.box), [_wider(place.box, _MARGIN)]
    return (
        f'<section class="hv-place" aria-labelledby="hv-place-title" lang="{words.tag}">'
        f'<h2 id="hv-place-title" tabindex="-1">{escape(title)}</h2>{quote}{near}'
        f"{place_html(words, title, _address(picture), boxes)}</section>"
    )


def _enlarged(words: Messages, said: str, picture: Image, box: Box) -> str:
    """What is printed at the place, to be compared with what was read there: a phone shows the page too small."""
    x0, y0, x1, y1 = _wider(box, _AROUND)
    width, height = picture.size
    # A place has a pixel at least, whatever its box says.
    cut = picture.crop((int(x0 * width), int(y0 * height), int(x1 * width) + 1, int(y1 * height) + 1))
    return f'<img class="hv-enlarged" src="{_address(cut)}" alt="{escape(words("enlarged", quote=said))}">'


def _wider(box: Box, margin: float) -> Box:
    return Box(
        max(0.0, box.x0 - margin), max(0.0, box.y0 - margin), min(1.0, box.x1 + margin), min(1.0, box.y1 + margin)
    )


def _address(picture: Image) -> str:
    """The picture itself as a `data:` address: nothing of the archive lies about to be fetched by others."""
    return f"data:image/jpeg;base64,{b64encode(jpeg(picture, quality=_QUALITY, max_side=_SIDE)).decode()}"


def account_html(words: Messages, report: Report) -> str:
    """Every page of the archive accounted for."""
    counts = report.model_dump(include={"files", "pages", "done", "blank", "failed"})
    unopened = sum(failure.page is None for failure in report.failures)
    files = f" {words('account_files', count=unopened)}" if unopened else ""
    return (
        f'<section class="hv-account" aria-labelledby="hv-account-title" lang="{words.tag}">'
        f'<h2 id="hv-account-title">{words("account_title")}</h2><p>{words("account", **counts)}{files}</p>'
        f"{_failures(words, report.failures)}</section>"
    )


def _failures(words: Messages, failures: Sequence[Failure]) -> str:
    if not failures:
        return f'<p class="hv-whole"><span class="hv-sign" aria-hidden="true">✓</span> {words("account_complete")}</p>'
    rows = "".join(f"<li>{escape(_failure(words, failure))}</li>" for failure in failures[:_MOST_FAILURES])
    left = len(failures) - _MOST_FAILURES
    more = f"<p>{words('account_more', count=left)}</p>" if left > 0 else ""
    return (
        f'<details class="hv-failures"><summary><span class="hv-sign" aria-hidden="true">✕</span> '
        f"{words('account_failures', count=len(failures))}</summary><ul>{rows}</ul>{more}"
        f"<p>{words('account_retry')}</p></details>"
    )


def _failure(words: Messages, failure: Failure) -> str:
    file = _name(failure.source)
    if failure.page is None:
        return words("failure", file=file, why=failure.error)
    return words("failure_page", file=file, page=failure.page + 1, why=failure.error)


def no_archive_html(words: Messages) -> str:
    """How a service gets an archive."""
    return (
        f'<section class="hv-account" lang="{words.tag}"><h2>{words("account_title")}</h2><p>{words("no_archive")}</p>'
        "<pre><code>hunyuanocr ingest scans/ --archive archive/\nhunyuanocr serve --archive archive/</code></pre>"
        "</section>"
    )
