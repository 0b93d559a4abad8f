"""Figures in a row of a table: what is one, which signs belong to it, and where one ends and another begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from langchain_hunyuanocr.reading.layout.segments import Segment
from langchain_hunyuanocr.results import Box

_NUMBER = r"[-+\u2212\u2013\u2014]?[$€£¥]?[-\u2212]?\(?[$€£¥]?-?\d[\d,.]*\)?%?\)?"
_FIGURE = re.compile(rf"{_NUMBER}[!:;|]?|[\u2014\u2013\u4e00-]{{1,3}}%?|\(?[nN]/?[aAmM]\)?")
"""A figure, perhaps with the trace of a rule behind it, a dash in the place of one (which recognisers take for the
Chinese one), "N/A" or "NM"."""
_RANGE = re.compile(r"\(?\d[\d,.]*%?\s?[-\u2013\u2014]\s?\d[\d,.]*%?\)?")
_SIGN = re.compile(r"[$€£¥Ss]|[$€£¥]{2}")
"""A currency sign on its own, perhaps doubled; recognisers take the dollar for a letter."""
_GLUED_SIGN = re.compile(r"(?:(?<=[\d%])(?=[$€£¥])|(?<=\))(?=[$€£¥S]))([$€£¥S])$")
_DOLLAR_FOR = re.compile(r"(?<=[\d%)])\s?§$")
"""What a recogniser makes of the dollar that stands at the end of a figure's piece and belongs to the next column."""
_PLAIN_SIGN = re.compile(r"[$€£¥]")
_AFTER = re.compile(r"[%)]{1,2}|pts?\.?|bps?|x")
"""What follows a figure apart from it."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_POINT_FOR_COMMA = re.compile(r"(?<![\d.,])([1-9]\d{0,2})\.(\d{3})(?![\d.,])")
_DECIMALS = re.compile(r"\d\.\d")
_THREE_DECIMALS = re.compile(r"\d\.\d{3}(?!\d)")
_DIGIT = 0.5
"""Width of a digit in type heights."""
_WORD_GAP = 0.7
"""Room between two figures that are two cells, in type heights."""


def is_figure(text: str) -> bool:
    """Whether a piece holds figures and nothing else but signs and marks."""
    words = _words(text)
    known = all(_FIGURE.fullmatch(w) or _SIGN.fullmatch(w) or _AFTER.fullmatch(w) for w in words)
    return bool(_RANGE.fullmatch(text)) or (known and any(_FIGURE.fullmatch(w) for w in words))


def is_sign(text: str) -> bool:
    """Whether a piece is a currency sign and nothing else."""
    return bool(_SIGN.fullmatch(text))


def is_year(text: str) -> bool:
    """Whether a text is a year and nothing else."""
    return bool(_YEAR.fullmatch(text))


def figures_of(row: Sequence[Segment]) -> list[Segment]:
    """The pieces of a row, its figures apart from each other and together with their signs and marks."""
    pieces = [piece for segment in row for piece in _figures_apart(segment)]
    return _with_signs(_signs_apart(pieces))


def signs_joined(row: Sequence[Segment]) -> list[Segment]:
    """The pieces of a row of any table, each currency sign that stands alone with the figure after it.

    They stand where their figures do: signs are written in a few rows alone, and labels reach below them. A letter is
    taken for a sign only where the row shows that it means money: with another one, or with a true sign.
    """
    apart = _signs_apart(row)
    signs = [piece for piece in apart if is_sign(piece.text)]
    if len(signs) < 2 and not any(_PLAIN_SIGN.search(piece.text) for piece in row):
        return list(row)
    return _with_signs(apart, at_figure=True)


def with_commas(rows: Sequence[Sequence[Segment]]) -> list[list[Segment]]:
    """Rows of figures with the comma of a thousand where a recogniser took it for a point.

    `7.222` beside `7,934` is one: where another figure of its row is grouped by commas and none has decimals, and no
    row of the table without such a comma has three decimals.
    """
    figures = [[piece for piece in row if is_figure(piece.text)] for row in rows]
    grouped = [any(_GROUPED.search(piece.text) for piece in row) for row in figures]
    others = [piece for row, has in zip(figures, grouped, strict=True) if not has for piece in row]
    if any(_THREE_DECIMALS.search(piece.text) for piece in others):
        return [list(row) for row in rows]
    return [_commas_in(row) if has else list(row) for row, has in zip(rows, grouped, strict=True)]


def _commas_in(row: Sequence[Segment]) -> list[Segment]:
    figures = {n: _POINT_FOR_COMMA.sub(r"\1,\2", piece.text) for n, piece in enumerate(row) if is_figure(piece.text)}
    if any(map(_DECIMALS.search, figures.values())):
        return list(row)
    return [replace(piece, text=figures.get(n, piece.text)) for n, piece in enumerate(row)]


def _words(text: str) -> list[str]:
    return _GLUED_SIGN.sub(r" \1", _DOLLAR_FOR.sub(" $", text)).split()


def _figures_apart(segment: Segment) -> list[Segment]:
    """Part a segment that holds several figures of one row."""
    words = _words(segment.text)
    if len(words) < 2 or _RANGE.fullmatch(segment.text) or not is_figure(segment.text):
        return [segment]
    groups: list[list[str]] = []
    for word in words:
        joins = groups and (
            (_AFTER.fullmatch(word) and not _SIGN.fullmatch(groups[-1][-1])) or _SIGN.fullmatch(groups[-1][-1])
        )
        if joins:
            groups[-1].append(word)
        else:
            groups.append([word])
    last = groups.pop() if len(groups) > 1 and _SIGN.fullmatch(groups[-1][0]) and len(groups[-1]) == 1 else None
    texts = [" ".join([*group, *(last or [])] if group is groups[-1] else group) for group in groups]
    if len(texts) < 2:
        return [segment]
    # The room that digits of this size leave is what stands between the figures.
    widths = [len(text) * _DIGIT * segment.size for text in texts]
    scale = min(1.0, 0.9 * segment.width / sum(widths))
    widths = [width * scale for width in widths]
    gap = (segment.width - sum(widths)) / (len(texts) - 1)
    if gap < _WORD_GAP * segment.size:
        # A number and its share stand in one cell: "394 (58%)".
        return [segment]
    parts, x0 = [], segment.x0
    for text, width in zip(texts, widths, strict=True):
        parts.append(part_of(segment, text, x0, x0 + width))
        x0 += width + gap
    return parts


def part_of(segment: Segment, text: str, x0: float, x1: float) -> Segment:
    """A piece of a segment of one line, with its own place."""
    line = segment.lines[0]
    per = line.box.width / segment.width
    start = line.box.x0 + (x0 - segment.x0) * per
    box = Box(start, line.box.y0, start + (x1 - x0) * per, line.box.y1)
    part = line.model_copy(update={"text": text, "box": box})
    return replace(segment, text=text, x0=x0, x1=x1, lines=(part, *segment.lines[1:]))


def _signs_apart(pieces: Sequence[Segment]) -> list[Segment]:
    """Part the sign of the next column from the figure before it: "29,499 $" beside "30,154".

    Where the last figure of the row ends with a sign too, signs are written after figures.
    """
    figures = [piece for piece in pieces if is_figure(piece.text)]
    if not figures or _SIGN.fullmatch(_words(figures[-1].text)[-1]):
        return list(pieces)
    result: list[Segment] = []
    for number, piece in enumerate(pieces):
        words = _words(piece.text) if is_figure(piece.text) else []
        following = _words(pieces[number + 1].text) if number + 1 < len(pieces) else []
        if len(words) < 2 or not _SIGN.fullmatch(words[-1]) or not following or _SIGN.fullmatch(following[0]):
            result.append(piece)
            continue
        width = min(_DIGIT * piece.size, 0.3 * piece.width)
        text = " ".join(words[:-1])
        # The figure ends where its characters do; what is left before the sign is the gutter.
        end = min(piece.x1 - 1.5 * width, piece.x0 + len(text) * _DIGIT * piece.size)
        result += [
            part_of(piece, text, piece.x0, end),
            part_of(piece, words[-1], piece.x1 - width, piece.x1),
        ]
    return result


def _with_signs(pieces: Sequence[Segment], *, at_figure: bool = False) -> list[Segment]:
    """Join a currency sign to the figure after it, and a mark to the figure before it: they may stand far apart.

    Args:
        pieces: Of a row.
        at_figure: Whether the two stand where the figure does, else where the sign begins.
    """
    result: list[Segment] = []
    for piece in pieces:
        before = result[-1] if result else None
        sign = before is not None and _SIGN.fullmatch(before.text) and is_figure(piece.text)
        mark = before is not None and _AFTER.fullmatch(piece.text) and is_figure(before.text)
        if before is not None and (sign or mark):
            result[-1] = replace(
                before,
                text=f"{before.text} {piece.text}",
                x0=piece.x0 if sign and at_figure else before.x0,
                x1=piece.x1,
                lines=(*before.lines, *piece.lines),
            )
        else:
            result.append(piece)
    return result
