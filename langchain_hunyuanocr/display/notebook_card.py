"""A reading as a card of HTML for a notebook: the page with its marks beside what was read on it.

It needs no script and no file beside it, stands on dark and on light paper, and escapes whatever the document says.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from langchain_hunyuanocr.display.draw import Colour, jpeg
from langchain_hunyuanocr.display.overlay import CONFIRMED, DOUBT, LINE, REGION, TABLE, UNCONFIRMED, Values

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SIDE = 1000
"""Longest side of the picture on a card, pixels."""

_JPEG_QUALITY = 82
_STATES = {"confirmed": ("✓", CONFIRMED), "unconfirmed": ("?", UNCONFIRMED), "missing": ("–", LINE)}
_LEGEND = (
    ("field confirmed", CONFIRMED),
    ("field unconfirmed", UNCONFIRMED),
    ("doubt", DOUBT),
    ("table", TABLE),
    ("region", REGION),
    ("line", LINE),
)
# Text keeps the notebook's own colour; greys are half transparent, so that they show on white and on black.
_STYLE = """
div.hocr{display:flex;flex-wrap:wrap;gap:1.25em;font:13px/1.45 system-ui,sans-serif;text-align:left}
div.hocr>div{flex:1 1 22em;min-width:0}
div.hocr>div.hocr-page{flex:1 1 20em;max-width:44em}
div.hocr img{display:block;width:100%;height:auto;margin:0;border:1px solid rgba(128,128,128,.5)}
div.hocr h3{margin:0 0 .3em;font-size:1.15em;overflow-wrap:anywhere}
div.hocr h4{margin:1em 0 .3em;font-size:1em}
div.hocr p{margin:.3em 0}
div.hocr .hocr-note{border-left:3px solid rgb(200,30,40);padding:.2em .6em}
div.hocr .hocr-key{font-size:.92em}
div.hocr .hocr-key span{white-space:nowrap;margin-right:1em}
div.hocr i{display:inline-block;width:.7em;height:.7em;margin-right:.4em;border-radius:2px}
div.hocr pre{margin:0;padding:.6em;max-height:22em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;
 background:rgba(128,128,128,.12);color:inherit;font:12px/1.45 ui-monospace,monospace}
div.hocr .hocr-wide{overflow-x:auto}
div.hocr table{border-collapse:collapse;table-layout:auto;margin:0;font-size:1em;color:inherit;background:none}
div.hocr table tr:nth-child(n){background:none}
div.hocr th,div.hocr td{border:1px solid rgba(128,128,128,.5);padding:.2em .55em;text-align:left;vertical-align:top;
 white-space:pre-line;max-width:28em;overflow-wrap:anywhere}
div.hocr th{background:rgba(128,128,128,.16);font-weight:600}
div.hocr small{opacity:.8}
"""


def card(reading: Values, picture: Image | None = None, *, no_picture: str = "") -> str:
    """A card that shows a reading.

    Args:
        reading: `PageReading.model_dump()`.
        picture: Its page with the marks drawn, to stand on the left.
        no_picture: Why there is none, in one line.

    Returns:
        HTML that stands for itself, styled by classes that begin with `hocr`.
    """
    parts = [
        f"<h3>{_text(_title(reading))}</h3>",
        f"<p>{_text(' · '.join(_facts(reading)))}</p>",
        *_note(reading["error"]),
        *_section("Fields", _fields(reading["fields"], reading["page"])),
        *_section("Doubts", _doubts(reading["doubts"])),
        *(
            part
            for number, table in enumerate(reading["tables"], 1)
            for part in _section(f"Table {number}", [table_html(table)])
        ),
        *_section("Translation", [f"<pre>{_text(reading['translation'])}</pre>"] if reading["translation"] else []),
        *_section("Markdown", [f"<pre>{_text(reading['markdown'])}</pre>"] if reading["markdown"].strip() else []),
    ]
    page = _picture(picture, reading["file_name"]) if picture else "".join(_note(no_picture))
    return (
        f"<style>{_STYLE}</style>"
        f'<div class="hocr"><div class="hocr-page">{page}</div><div class="hocr-read">{"".join(parts)}</div></div>'
    )


def _text(value: object) -> str:
    return escape(str(value))


def _title(reading: Values) -> str:
    label = f" ({reading['page_label']})" if reading["page_label"] else ""
    return f"{reading['file_name']}, page {reading['page'] + 1} of {reading['total_pages']}{label}"


def _facts(reading: Values) -> Iterator[str]:
    yield f"status: {reading['status'].replace('_', ' ')}"
    second = reading["agreement"]
    yield "agreement: no second reader" if second is None else f"agreement: {second:.1%} confirmed by a second reader"
    yield f"route: {reading['route']}"
    yield f"engine: {reading['engine']} ({reading['model']})"
    yield f"task: {reading['task']}"
    if reading["rotation"]:
        yield f"turned by {reading['rotation']:g}°"


def _note(text: str | None) -> list[str]:
    return [f'<p class="hocr-note">{_text(text)}</p>'] if text else []


def _section(title: str, parts: Iterable[str]) -> list[str]:
    """Parts below a heading; nothing where there are no parts."""
    body = "".join(parts)
    return [f'<h4>{_text(title)}</h4><div class="hocr-wide">{body}</div>'] if body else []


def _picture(picture: Image, name: str) -> str:
    data = base64.b64encode(jpeg(picture, quality=_JPEG_QUALITY)).decode()
    key = "".join(f"<span>{_patch(colour)}{_text(words)}</span>" for words, colour in _LEGEND)
    return (
        f'<img src="data:image/jpeg;base64,{data}" alt="{_text(name)}, with what was read marked on it">'
        f'<p class="hocr-key">{key}</p>'
    )


def _patch(colour: Colour) -> str:
    return f'<i style="background:rgb{colour}"></i>'


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already, below column names that are text."""
    names = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _fields(fields: Sequence[Values], page: int) -> list[str]:
    rows = [(_text(field["name"]), _value(field, page), _state(field["state"])) for field in fields]
    return [_rows(("field", "value", "state"), rows)] if rows else []


def _value(field: Values, page: int) -> str:
    """A field's value; below it what it is in one form, and what else was found for it."""
    parts = [] if field["value"] is None else [_text(field["value"])]
    if field["normalised"] is not None and field["normalised"] != field["value"]:
        parts.append(f"<small>= {_text(field['normalised'])}</small>")
    if field["page"] not in (None, page):
        parts.append(f"<small>on page {field['page'] + 1}</small>")
    for other in field["others"]:
        place = "" if other["page"] is None else f" on page {other['page'] + 1}"
        parts.append(f"<small>elsewhere: {_text(other['value'])}{place}</small>")
    return "<br>".join(parts)


def _state(state: str) -> str:
    sign, colour = _STATES[state]
    return f"{_patch(colour)}{sign} {_text(state)}"


def _doubts(doubts: Sequence[Values]) -> list[str]:
    rows = [(_patch(DOUBT) + _text(doubt["kind"]), _read(doubt["text"]), _read(doubt["other"])) for doubt in doubts]
    return [_rows(("doubtful", "first reader", "second reader"), rows)] if rows else []


def _read(text: str | None) -> str:
    return _text(text) if text else "<small>nothing</small>"


def table_html(table: Values) -> str:
    """A table with its merged cells, made from its grid: what stands in `html` is not trusted."""
    rows = table["rows"]
    merged = {(span[0], span[1]): (span[2], span[3]) for span in table["spans"]}
    hidden: set[tuple[int, int]] = set()
    lines = []
    for y, row in enumerate(rows):
        cells = []
        for x, text in enumerate(row):
            if (y, x) in hidden:
                continue
            down, right = merged.get((y, x), (1, 1))
            down, right = min(down, len(rows) - y), min(right, len(row) - x)
            hidden.update((below, beside) for below in range(y, y + down) for beside in range(x, x + right))
            size = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{right}"' if right > 1 else "")
            name = "th" if y < table["header_rows"] else "td"
            cells.append(f"<{name}{size}>{_text(text)}</{name}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<p>{_text(table['caption'])}</p>" if table["caption"] else ""
    more = f"<p><small>goes on over pages {_pages(table['pages'])}</small></p>" if table["pages"] else ""
    return f"{caption}<table>{''.join(lines)}</table>{more}"


def _pages(pages: Sequence[int]) -> str:
    return ", ".join(str(page + 1) for page in pages)
