"""The answer to the formula task: one block a formula, whatever the model has wrapped it in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from langchain_hunyuanocr.reading.answers.code_fences import without_outer_fence
from langchain_hunyuanocr.reading.answers.markdown import markdown_parts
from langchain_hunyuanocr.reading.answers.parts import Part

_FENCES = frozenset({"", "latex", "tex", "math", "markdown", "md"})
_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n\s*")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}")
_WRAPPED = re.compile(
    r"(?<!\\)\$\$((?:[^$\\]|\\.)++)\$\$|(?<!\\)\$((?:[^$\\]|\\.)++)\$"
    r"|(?<!\\)\\\[((?:[^\\]|\\(?![\[\]]).)+?)\\\]|(?<!\\)\\\(((?:[^\\]|\\(?![()]).)+?)\\\)",
    re.DOTALL,
)
_PUNCTUATION = re.compile(r"[\s.,;，。；、]*")
_OF_MATHS = re.compile(r"[\\^_={}<>]|\d[ ]*[-+*/×÷]")
_WORDS = re.compile(r"[A-Za-z]{3,}|[\u3400-\u9fff]")


def equation_parts(text: str) -> Iterator[Part]:
    r"""The formulas of an answer to the formula task, each as one part between `$$`.

    A formula stands between `$`, `$$`, `\(` or `\[`, in an `equation` or bare; a blank line parts two bare ones, and so
    does the end of a line where every line is an equation. A paragraph of words is text.

    Args:
        text: The answer without a preamble.
    """
    said = _ENVIRONMENT.sub("", without_outer_fence(text, _FENCES)).strip()
    # A blank line between the marks of a formula does not end it.
    words: list[str] = []
    for paragraph in _PARAGRAPHS.split(_WRAPPED.sub(lambda match: _PARAGRAPHS.sub("\n", match[0]), said)):
        formulas = list(_formulas(paragraph))
        if not formulas:
            words.append(paragraph)
            continue
        yield from markdown_parts("\n\n".join(words))
        words = []
        yield from (Part("formula", f"$${formula}$$") for formula in formulas)
    yield from markdown_parts("\n\n".join(words))


def _formulas(paragraph: str) -> Iterator[str]:
    """The formulas of a paragraph without their marks; none where it is text."""
    wrapped = list(_WRAPPED.finditer(paragraph))
    if wrapped:
        if not _PUNCTUATION.fullmatch(paragraph, 0, wrapped[0].start()):
            return
        ends = [*(match.start() for match in wrapped[1:]), len(paragraph)]
        after = [paragraph[match.end() : end] for match, end in zip(wrapped, ends, strict=True)]
        if all(map(_PUNCTUATION.fullmatch, after)):
            for match, mark in zip(wrapped, after, strict=True):
                yield (match[1] or match[2] or match[3] or match[4]).strip() + mark.strip()
    elif "$" not in paragraph and (_OF_MATHS.search(paragraph) or not _WORDS.search(paragraph)):
        lines = paragraph.strip().splitlines()
        apart = all(_is_equation(line) for line in lines) and "\\begin" not in paragraph
        yield from (line.strip() for line in lines) if apart else (paragraph.strip(),)


def _is_equation(line: str) -> bool:
    return (
        "=" in line.strip().lstrip("=&") and not line.rstrip().endswith("\\\\") and line.count("{") == line.count("}")
    )
