"""Figures of an answer and their boxes, with the special tokens `<pFig>` and `<quad>` or without.

Coordinates are integers in 0 to 1000 of the picture, origin top left (model card of `tencent/HunyuanOCR`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langchain_hunyuanocr.reading.answers.formulas import with_dollars
from langchain_hunyuanocr.reading.answers.parts import Part
from langchain_hunyuanocr.results import Box

_FULL = 1000
_LEAST = 20
"""Sides below which two points are rather a matter of the text than a figure, in thousandths of the page."""
_QUAD = r"<quad>([\d\s,()]*+)(?:</quad>)?"
_FIGURE = re.compile(
    # A caption ends with its tag, or where that is missing with its line.
    rf"<pFig>([^<]*+(?:<(?!/?pFig>|/?quad>)[^<]*+)*+)</pFig>\s*+(?:{_QUAD})?|<pFig>([^<\n]*+)(?:{_QUAD})?|{_QUAD}",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\(\d{1,4},\d{1,4}\)(?:,\(\d{1,4},\d{1,4}\))++")
_LINE_END = re.compile(r"[ \t\r]*(?:\n|\Z)")
_NUMBER = re.compile(r"\d{1,4}")
_OPERATOR = re.compile(r"[-+*/=<>≤≥∈∪∩×·:：,，;；(（\[【{|&^_$\\'`→]\Z")
_SPEAKS_OF_POINTS = re.compile(
    r"(?:\b(?:points?|between|vertices|corners?|coordinates?|from|to|at|and|or|in|intervals?|pairs?|line|through)"
    r"|[点标对在到于为是和与或区间过])\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:^|[^A-Za-z])[A-Za-z](?:\d|')?\Z")
"""A function or a point, as in `f(3,4)`."""
_CAPTION = re.compile(r"(?:fig(?:ure)?|图|chart|photo|image|picture)[ .]*\d", re.IGNORECASE)
_MARKED = re.compile(r"[ \t]*(?:[-*+>|#]|\d{1,3}[.)])")
_LONGEST = 500


def tagged_figures(text: str) -> Iterator[Part]:
    """The figures of a text between special tokens, and what stands between them."""
    done = 0
    for match in _FIGURE.finditer(text):
        yield Part("text", text[done : match.start()])
        caption = match[1] if match[1] is not None else match[3] or ""
        numbers = [int(number) for number in _NUMBER.findall(match[2] or match[4] or match[5] or "")]
        yield Part("figure", with_dollars(caption.strip()), box=_box(numbers))
        done = match.end()
    yield Part("text", text[done:])


def bare_figures(text: str) -> Iterator[Part]:
    """The figures of a text whose special tokens were left out, and what stands between them.

    Two or four points are the corners of a figure where they end a line or are a line, without a space in them, if they
    lie on the page, span an area and nothing before them says that they are a matter of the text.
    """
    done = 0
    for match in _POINTS.finditer(text):
        if not _LINE_END.match(text, match.end()):
            continue
        start = max(done, text.rfind("\n", done, match.start()) + 1)
        numbers = [int(number) for number in _NUMBER.findall(match[0])]
        caption = text[start : match.start()]
        if not _is_place(numbers) or not _is_caption(caption):
            continue
        yield Part("text", text[done:start])
        yield Part("figure", caption.strip(), box=_box(numbers))
        done = match.end()
    yield Part("text", text[done:])


def _is_caption(before: str) -> bool:
    if not before.strip():
        return True
    if len(before) > _LONGEST or _MARKED.match(before) or before.count("$") % 2:
        return False
    said = before.rstrip()
    # The corners follow the caption without a space, unless what it says leaves no doubt.
    if said != before and not _CAPTION.match(said.lstrip()):
        return False
    return not (_OPERATOR.search(said) or _SPEAKS_OF_POINTS.search(said) or _NAME.search(said))


def _is_place(numbers: Sequence[int]) -> bool:
    if len(numbers) not in (4, 8) or max(numbers) > _FULL:
        return False
    xs, ys = numbers[0::2], numbers[1::2]
    if len(numbers) == 4 and (xs[0] > xs[1] or ys[0] > ys[1]):
        return False
    return max(xs) - min(xs) >= _LEAST and max(ys) - min(ys) >= _LEAST


def _box(numbers: Sequence[int]) -> Box | None:
    """The box of corners; `None` for what is no pair of corners at the least."""
    if len(numbers) < 4 or len(numbers) % 2 or max(numbers) > _FULL:
        return None
    xs, ys = numbers[0::2], numbers[1::2]
    return Box.from_pixels(min(xs), min(ys), max(xs), max(ys), width=_FULL, height=_FULL)
