"""The regions of a page's layout, in the forms HunyuanOCR writes them, and the Markdown that they make up.

Coordinates are integers in 0 to 1000 of the picture, origin top left (model card of `tencent/HunyuanOCR`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum, auto

from langchain_hunyuanocr.results import Box, Region

_FULL = 1000


class _Role(Enum):
    KIND = auto()
    BOX = auto()
    TEXT = auto()
    OTHER = auto()


_ROLES = {
    **dict.fromkeys(("layout_type", "type", "label", "category"), _Role.KIND),
    **dict.fromkeys(("bbox", "box"), _Role.BOX),
    **dict.fromkeys(("text", "content"), _Role.TEXT),
    **dict.fromkeys(("id", "index", "order", "reading_order", "page", "score", "confidence"), _Role.OTHER),
}
_KEY = re.compile(r'(?P<open>\{\s*+)?+"(?P<key>\w{1,40})"\s*+:\s*+')
_KIND = re.compile(r'"([^"\n]{1,60})"')
_BOX = re.compile(
    r'"(?P<string>[^"\n]{0,200})"|(?P<list>\[[^\]"{}]{0,100}(?:\][,\s]{0,9}\[[^\]"{}]{0,100}){0,8}\]{1,2}+)'
)
_NUMBER = re.compile(r"(?<![\d.])-?\d{1,6}(?:\.\d{1,9})?")

# A text holds quotes that are not escaped, so a quote ends it only where the answer goes on as no text does: with
# another key of the same object, with the next object, or with the end of everything.
_END = re.compile(
    r"""
    "(?=\s*+(?:
        ,\s*+"(?P<key>\w{1,40})"\s*+:
      | \}\s*+(?:,\s*+)?+\{\s*+"(?P<next>\w{1,40})"\s*+:
      | (?:\}\s*+)?+(?:,\s*+)?+(?:[\]{]\s*+)?+(?:"\w*+"?+\s*+)?+(?:`{3}\s*+)?+\Z
    ))
    | (?=\}\s*+,\s*+\{\s*+"(?:layout_type|bbox)"\s*+:)
    """,
    re.VERBOSE,
)
_CLOSING = re.compile(r'"\s*+\}\s*+\]')
_FENCE_AT_END = re.compile(r"\s*`{3}\s*\Z")

_LATEX = (
    r"n(?:abla|eq?|u|ot|otin|i|eg|leq|geq|mid|exists|parallel|onumber|ewline|earrow|warrow|rightarrow|leftarrow)"
    r"|t(?:ext\w*|imes|heta|au|o|an|anh|op|riangle\w*|ilde|frac|ag)|r(?:ho|ight\w*|angle|ceil|floor|m)"
    r"|u(?:parrow|psilon|nderline|nderset|nderbrace|plus)"
)
_ESCAPE = re.compile(rf'\\(?:(?P<latex>(?:{_LATEX})(?![A-Za-z]))|(?P<char>[nrt"/\\])|u(?P<code>[\da-fA-F]{{4}}))')
_COMMAND = re.compile(rf'(?<!\\)(?:\\\\)*+\\(?:(?:{_LATEX})(?![A-Za-z])|(?![nrtu"/\\])[^\s])')
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}

_TITLES = frozenset({"title", "doc_title", "document_title", "标题", "文档标题"})
_HEADINGS = frozenset(
    {"paragraph_title", "section", "section_title", "section_header", "heading", "subtitle", "段落标题", "小标题"}
)
_FURNITURE = frozenset(
    {
        *("header", "page_header", "header_image", "footer", "page_footer", "footer_image", "page_number", "page_num"),
        *("页眉", "页脚", "页码"),
    }
)
_FORMULAS = frozenset(
    {"formula", "equation", "display_formula", "isolate_formula", "interline_equation", "block_formula", "公式"}
)


def read_regions(answer: str) -> tuple[Region, ...]:
    r"""The regions of a layout answer, in the order in which the model gave them.

    Understood is a list of objects such as `{"layout_type": "figure", "bbox": "(x,y),(x,y),...", "text": "..."}`, the
    keys in any order, the box also as `[[x, y], ...]` or as four numbers. It need not be JSON: it may be fenced or cut
    off, and a text may hold quotes and line ends as they stand. `\n` and `\"` in a text are undone, LaTeX is left
    alone. The time is linear in the length of the answer.

    Returns:
        What has a kind and a box, or a text. The rest is no region and is left out; a text without a kind is `text`.
    """
    regions: list[Region] = []
    found: dict[_Role, str] = {}
    opening = ""
    position = 0
    while (match := _KEY.search(answer, position)) is not None:
        role = _ROLES.get(match["key"])
        position = match.end()
        if match["open"] or role in found:
            regions.extend(_region(found))
            found = {}
            opening = opening or (match["key"] if match["open"] else "")
        if role is _Role.TEXT:
            found[role], position = _text(answer, position, known=found, opening=opening)
        elif role is _Role.KIND or role is _Role.BOX:
            value = (_KIND if role is _Role.KIND else _BOX).match(answer, position)
            found[role] = value.group() if value else ""
            position = value.end() if value else position
    regions.extend(_region(found))
    return tuple(regions)


def _text(answer: str, start: int, *, known: Mapping[_Role, str], opening: str) -> tuple[str, int]:
    """The text that begins at `start`, and where the answer goes on after it."""
    if not answer.startswith('"', start):
        return "", start
    start += 1
    for match in _END.finditer(answer, start):
        key, following = match["key"], match["next"]
        if key and (key not in _ROLES or _ROLES[key] in known or _ROLES[key] is _Role.TEXT):
            continue
        if following and following not in _ROLES and following != opening:
            continue
        return _unescaped(answer[start : match.start()]), match.end()
    closings = list(_CLOSING.finditer(answer, start))
    if closings:
        closing = closings[-1]
        return _unescaped(answer[start : closing.start()]), closing.end()
    return _unescaped(_FENCE_AT_END.sub("", answer[start:])), len(answer)


def _unescaped(text: str) -> str:
    raw = _COMMAND.search(text) is not None

    def plain(match: re.Match[str]) -> str:
        if match["latex"] or (raw and match["char"] == "\\"):
            return match[0]
        if match["code"]:
            char = chr(int(match["code"], 16))
            return match[0] if "\ud800" <= char <= "\udfff" else char
        return _CONTROLS.get(match["char"], match["char"])

    return _ESCAPE.sub(plain, text).strip()


def _region(found: Mapping[_Role, str]) -> list[Region]:
    kind = found.get(_Role.KIND, "").strip('" ')
    box = _box(found.get(_Role.BOX, ""))
    text = found.get(_Role.TEXT, "")
    if not text and not (kind and box):
        return []
    return [Region(kind=kind or "text", text=text, box=box)]


def _box(written: str) -> Box | None:
    numbers = [float(number) for number in _NUMBER.findall(written)]
    if len(numbers) < 4 or len(numbers) % 2 or min(numbers) < 0 or max(numbers) > _FULL:
        return None
    xs, ys = numbers[0::2], numbers[1::2]
    return Box.from_pixels(min(xs), min(ys), max(xs), max(ys), width=_FULL, height=_FULL)


def layout_parts(regions: Iterable[Region]) -> list[tuple[Region, str]]:
    """The Markdown of each region that is part of the page's text, in the order given.

    Titles become headings, the first of them `# ` and all others `## `; formulas stand between `$$`; tables keep their
    HTML, figures give their caption. Page headers, footers, page numbers and what has no text are left out.

    Returns:
        Regions with their texts; joined by blank lines, the texts are the Markdown of the page.
    """
    parts: list[tuple[Region, str]] = []
    headed = False
    for region in regions:
        kind = re.sub(r"[\s-]+", "_", region.kind.strip().lower())
        text = region.text.strip()
        if not text or kind in _FURNITURE:
            continue
        if kind in _TITLES or kind in _HEADINGS:
            if not text.startswith("#"):
                text = ("# " if kind in _TITLES and not headed else "## ") + " ".join(text.split())
            headed = True
        elif kind in _FORMULAS and "$" not in text:
            bare = text.removeprefix("\\[").removesuffix("\\]").strip()
            text = f"$${bare}$$"
        parts.append((region, text))
    return parts
