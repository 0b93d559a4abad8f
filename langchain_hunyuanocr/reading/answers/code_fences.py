"""Fences of code in an answer: those round the whole answer taken off, diagrams fenced, the others kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from langchain_hunyuanocr.reading.answers.parts import Part

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*?)[ \t\r]*$", re.MULTILINE)
_WRAPPERS = frozenset({"markdown", "md"})
_CHART_WRAPPERS = _WRAPPERS | {"", "chart", "table", "html"}
_DIAGRAM = re.compile(
    r"^[ \t]*(?:(?:graph|flowchart)[ \t]+(?:TD|TB|BT|RL|LR)\b|sequenceDiagram\b|classDiagram\b"
    r"|stateDiagram\b|erDiagram\b"
    r"|(?:gantt|mindmap|journey|timeline|gitGraph|quadrantChart|xychart-beta|sankey-beta)[ \t]*$"
    r"|pie(?:[ \t]+(?:showData|title)\b[^\n]*)?[ \t]*$)",
    re.MULTILINE,
)
"""The first line of a Mermaid diagram."""
_AFTER_DIAGRAM = re.compile(r"^(?:\||<table\b|#{1,6}[ \t])", re.MULTILINE | re.IGNORECASE)
"""What no diagram holds at the start of a line."""


@dataclass(frozen=True, slots=True)
class _Fenced:
    """A fence: `[start, end)` of the text with its marks, and what stands in it."""

    start: int
    end: int
    language: str
    inner: str


def without_outer_fence(text: str, languages: frozenset[str] = _WRAPPERS) -> str:
    """Take off a fence that stands round a whole answer, also round one that was cut off.

    Args:
        text: The answer.
        languages: Of the fences that count, in lower case.
    """
    said = text.strip()
    first = _FENCE.match(said)
    if first is None or first[2].lower() not in languages:
        return text
    inside = False
    for mark in _FENCE.finditer(said, first.end()):
        if mark[2]:
            inside = True
        elif inside:
            inside = False
        else:
            return said[first.end() : mark.start()].strip("\n") if mark.end() == len(said) else text
    return said[first.end() :].strip("\n")


def fence_parts(text: str) -> Iterator[Part]:
    """The fenced code of a text, as it is, and what stands between."""
    done = 0
    for fenced in _fences(text):
        yield Part("text", text[done : fenced.start])
        yield Part("code", text[fenced.start : fenced.end])
        done = fenced.end
    yield Part("text", text[done:])


def chart_parts(text: str) -> Iterator[Part]:
    """The answer to the chart task: diagrams in Mermaid fences, other charts without their fence."""
    done = 0
    for fenced in _fences(text):
        yield from _diagrams(text[done : fenced.start])
        if fenced.language == "mermaid":
            yield _diagram(fenced.inner)
        elif fenced.language in _CHART_WRAPPERS:
            yield from _diagrams(fenced.inner)
        else:
            yield Part("code", text[fenced.start : fenced.end])
        done = fenced.end
    yield from _diagrams(text[done:])


def _diagrams(text: str) -> Iterator[Part]:
    """Diagrams that stand in a text without a fence."""
    starts = [match.start() for match in _DIAGRAM.finditer(text)]
    done = 0
    for number, start in enumerate(starts):
        limit = starts[number + 1] if number + 1 < len(starts) else len(text)
        after = _AFTER_DIAGRAM.search(text, start, limit)
        yield Part("text", text[done:start])
        done = after.start() if after else limit
        yield _diagram(text[start:done])
    yield Part("text", text[done:])


def _diagram(text: str) -> Part:
    body = text.strip("\n").rstrip()
    return Part("code", f"```mermaid\n{body}\n```" if body else "")


def _fences(text: str) -> Iterator[_Fenced]:
    opening: re.Match[str] | None = None
    for mark in _FENCE.finditer(text):
        if opening is None:
            opening = mark
        elif not mark[2] and mark[1][0] == opening[1][0] and len(mark[1]) >= len(opening[1]):
            yield _Fenced(opening.start(), mark.end(), opening[2].lower(), text[opening.end() : mark.start()])
            opening = None
    if opening is not None:
        yield _Fenced(opening.start(), len(text), opening[2].lower(), text[opening.end() :])
