"""Signs between figures that the recogniser takes for letters: the dollar for an S, a dash for the Chinese one.

It knows one character at a time; that a page writes `$ 4,756` elsewhere, or no Chinese at all, it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from langchain_hunyuanocr.results import Line

_FIGURE = r"\(?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.\d+)?\)?%?"
_DOLLARS = re.compile(rf"\$\s?{_FIGURE}|\$")
_SIZES = re.compile(r"X*[ML]")
"""Sizes of clothes, beside which an S is one too."""
_SIGN = re.compile(r"[Ss§]")
_BEFORE_FIGURE = re.compile(rf"[Ss§](?=\s{_FIGURE}$|\s?\(?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?\)?$|\s?\(?\d+\.\d\d\)?$)")
_BEHIND_FIGURE = re.compile(r"(?<=\s)[Ss§]$")
_IN_TEXT = re.compile(
    r"(?<![\w.-])S(?=\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?\s(?:thousand|million|billion|trillion)\b|\(\d+\),)"
)
_BESIDE_SIGN = re.compile(rf"(?:{_FIGURE}|\u2014%?)(?:\s?[Ss§$])?")
_FURTHEST = 0.15
"""From a sign to its figure, in widths of the page."""
_OVERLAP = 0.01
_CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dff\u4e01-\u9fff\uf900-\ufaff]")
_DASH = "\u4e00"
_CIRCLED = re.compile(r"(?<=[(（])[①-⑨](?=[)）])")


def with_signs(lines: Sequence[Line]) -> list[Line]:
    """Lines with the signs that stand there.

    * An `S` before a figure is a dollar, where the page has dollars and no sizes such as M or L.
    * The Chinese one is a dash, where nothing else on the page is Chinese or Japanese.
    * A circled digit in brackets is the digit: `(④)` is a negative four.

    Args:
        lines: All of a page, boxes in shares of it.
    """
    texts = [_CIRCLED.sub(lambda found: str(ord(found[0]) - ord("①") + 1), line.text) for line in lines]
    if not any(map(_CHINESE.search, texts)):
        texts = [text.replace(_DASH, "\u2014") for text in texts]
    if any(map(_DOLLARS.search, texts)) and not any(map(_SIZES.fullmatch, texts)):
        figures = [line for line, text in zip(lines, texts, strict=True) if _BESIDE_SIGN.fullmatch(text)]
        texts = [_with_dollars(line, text, figures) for line, text in zip(lines, texts, strict=True)]
    return [
        line if line.text == text else line.model_copy(update={"text": text})
        for line, text in zip(lines, texts, strict=True)
    ]


def _with_dollars(line: Line, text: str, figures: Iterable[Line]) -> str:
    if _SIGN.fullmatch(text) or (_BEHIND_FIGURE.search(text) and re.fullmatch(_FIGURE, text[:-1].rstrip())):
        return f"{text[:-1]}$" if _is_before(line, figures) else text
    return _IN_TEXT.sub("$", _BEFORE_FIGURE.sub("$", text) if _BEFORE_FIGURE.match(text) else text)


def _is_before(line: Line, figures: Iterable[Line]) -> bool:
    """Whether a line ends to the left of a figure in its row."""
    middle = (line.box.y0 + line.box.y1) / 2
    return any(
        figure.box.y0 < middle < figure.box.y1 and -_OVERLAP <= figure.box.x0 - line.box.x1 < _FURTHEST
        for figure in figures
    )
