r"""Formulas of an answer between `$` and `$$`, whatever marks the model has put round them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from langchain_hunyuanocr.reading.answers.parts import Part

_TOKEN = re.compile(r"\\\\|\\[()\[\]$]|`+|\$\$|\n[ \t]*(?=\n)|</?t[dhr]\b", re.IGNORECASE)
_CLOSING = {r"\(": r"\)", r"\[": r"\]", "$$": "$$"}
_CITATION = re.compile(r"\s*\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*")
_INLINE = re.compile(r"(?<![\\$])\$(?!\$)([^$\n`]+)\$(?!\$)")
_SPACED = re.compile(r"[ \t]+([^\n]*[^\s\\])[ \t]+")
_MATHS = re.compile(r"[\\^_={}<>+]|\A[A-Za-z]\Z")
_PROSE = re.compile(r"(?<![\\{A-Za-z])(?:[A-Za-z]{3}|[\u3400-\u9fff])")
"""Words that are no command and no `\\text{...}`: what stands between two prices."""


def formula_parts(text: str) -> Iterator[Part]:
    r"""The formulas that have lines of their own, and the text between them with `$` for `\(` and `$$` for `\[`."""
    done = 0
    written: list[str] = []
    for opening, closing in _pairs(text):
        formula = _written(text, opening, closing)
        if formula is None:
            continue
        written.append(_trimmed(text[done : opening.start()]))
        done = closing.end()
        if opening[0] != r"\(" and _is_alone(text, opening.start(), done):
            yield Part("text", "".join(written))
            yield Part("formula", formula)
            written = []
        else:
            written.append(formula)
    yield Part("text", "".join((*written, _trimmed(text[done:]))))


def with_dollars(text: str) -> str:
    r"""The text with `$` for `\(`, `\)` and `$$` for `\[`, `\]` that belong together."""
    return "".join(part.text for part in formula_parts(text))


def _written(text: str, opening: re.Match[str], closing: re.Match[str]) -> str | None:
    """A formula with its marks; `None` where what stands between marks is none."""
    inner = text[opening.end() : closing.start()]
    if not inner.strip() or (opening[0] != "$$" and "$" in inner.replace(r"\$", "")):
        return None
    if opening[0] != r"\(":
        return None if opening[0] == r"\[" and _CITATION.fullmatch(inner) else f"$${inner}$$"
    bare = inner.strip()
    # `\ ` at the end is a space of the formula: without it the mark after it would be escaped.
    return f"${bare} $" if bare.endswith("\\") else f"${bare}$"


def _pairs(text: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Opening and closing marks that belong together, within a paragraph and outside of code."""
    tokens: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        if token[0][0] in "\n<":
            yield from _pairs_of(tokens)
            tokens = []
        else:
            tokens.append(token)
    yield from _pairs_of(tokens)


def _pairs_of(tokens: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    last = {token[0]: number for number, token in enumerate(tokens) if token[0][0] == "`"}
    code = ""
    opening: re.Match[str] | None = None
    for number, token in enumerate(tokens):
        mark = token[0]
        if code:
            code = "" if mark == code else code
        elif mark[0] == "`":
            code = mark if opening is None and last[mark] > number else ""
        elif opening is not None and mark == _CLOSING[opening[0]]:
            yield opening, token
            opening = None
        elif mark in _CLOSING and (opening is None or opening[0] != "$$"):
            opening = token


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands on the lines of `text[start:end]`."""
    while start and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t\r":
        end += 1
    return (start == 0 or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")


def _trimmed(text: str) -> str:
    """`$x$` for `$ x $`, which is no formula to most readers of Markdown; what stands between prices is left alone."""

    def trim(match: re.Match[str]) -> str:
        spaced = _SPACED.fullmatch(match[1])
        if spaced is None or not _MATHS.search(spaced[1]) or _PROSE.search(spaced[1]):
            return match[0]
        return f"${spaced[1]}$"

    return _INLINE.sub(trim, text)
