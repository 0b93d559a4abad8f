"""Right-to-left lines: from where the glyphs stand to the order in which they are read.

Some PDFs draw Hebrew and Arabic in the order of reading, others as it is seen, and MuPDF parts such lines at their
figures. Where each glyph stands is the same in all of them: the line is taken as it is seen, and turned as the
Unicode Bidirectional Algorithm (UAX 9) would have it read: against its direction run numbers and Latin words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from langchain_hunyuanocr.pages.backends.glyphs import Glyph, GlyphLine

_RIGHT_TO_LEFT = ("R", "AL")
_FIGURES = ("EN", "AN")
_BETWEEN_FIGURES = ("CS", "ES")
"""Separators that stand inside a number: `48,250`, `12/05`, `10-12`."""
_BESIDE_FIGURES = ("ET",)
"""Signs that go with the number they touch: `5%`, `$20`."""
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_OPENING, _CLOSING = "([{«", ")]}»"
_LAM, _ALEFS = "\u0644", ("\u0627", "\u0622", "\u0623", "\u0625")
_SPACE = 0.2
"""Gap that parts two words, in type sizes, where no space is drawn."""
_FARTHEST = 1.2
"""Widest gap between two pieces of one line, in type sizes; columns of a table stand farther apart."""


def reads_from_right(text: str) -> bool:
    """Whether a line, as it is seen, reads from right to left: by the letters at its ends, else by most of them."""
    kinds = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", *_RIGHT_TO_LEFT)]
    from_right = [kind in _RIGHT_TO_LEFT for kind in kinds]
    return bool(from_right) and ((from_right[0] and from_right[-1]) or sum(from_right) * 2 > len(from_right))


def with_joined_lines(lines: Sequence[GlyphLine]) -> list[GlyphLine]:
    """Join the pieces of right-to-left lines; all other lines stay as they are.

    The glyphs of a joined line come in the order of reading, spaces between words among them.
    """
    joined: list[GlyphLine] = []
    rows: list[list[GlyphLine]] = []
    for line in lines:
        if not line.is_level or not any(
            unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line.text
        ):
            joined.append(line)
            continue
        row = next((row for row in rows if any(_same_row(line, other) for other in row)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    for row in rows:
        # Pieces of figures alone have no letters, but stand in the row.
        for line in [line for line in joined if line.is_level and any(_same_row(line, other) for other in row)]:
            if not any(unicodedata.bidirectional(character) == "L" for character in line.text) or _within(line, row):
                row.append(line)
                joined.remove(line)
        joined.extend(_pieces(row))
    return joined


def _same_row(one: GlyphLine, other: GlyphLine) -> bool:
    left, top, right, bottom = one.bounds
    x0, y0, x1, y1 = other.bounds
    size = max(one.size, other.size)
    shared = min(bottom, y1) - max(top, y0)
    return shared > 0.5 * min(bottom - top, y1 - y0) and max(left, x0) - min(right, x1) < _FARTHEST * size


def _within(line: GlyphLine, row: Sequence[GlyphLine]) -> bool:
    """Whether a piece stands between others of a row."""
    left, _, right, _ = line.bounds
    return min(other.bounds[0] for other in row) < left and right < max(other.bounds[2] for other in row)


def _pieces(row: Sequence[GlyphLine]) -> list[GlyphLine]:
    """A row as one line, its glyphs in the order of reading."""
    glyphs = [glyph for line in row for glyph in line.glyphs]
    clusters = _clusters(glyphs)
    if all(cluster[0].is_space for cluster in clusters):
        return []
    text = "".join(glyph.text for cluster in clusters for glyph in cluster)
    ordered: list[Glyph] = []
    from_right = reads_from_right(text)
    for cluster in reading_order(_with_spaces(clusters), from_right=from_right):
        ordered.extend(cluster)
    _mirror(ordered)
    return [GlyphLine(ordered, (1.0, 0.0))]


def _clusters(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Each letter with the marks over and under it, from left to right.

    Of the ligature of lam and alef MuPDF gives the alef first, without width at the edge of the lam.
    """
    within = [glyph for glyph in glyphs if _is_mark(glyph) or _is_ligated_alef(glyph)]
    inside = set(map(id, within))
    letters = [[glyph] for glyph in glyphs if id(glyph) not in inside]
    letters.sort(key=lambda cluster: (cluster[0].x0 + cluster[0].x1) / 2)
    lams = [cluster for cluster in letters if cluster[0].text == _LAM]
    for glyph in within:
        at = (glyph.x0 + glyph.x1) / 2

        def distance(cluster: list[Glyph], at: float = at) -> float:
            return abs((cluster[0].x0 + cluster[0].x1) / 2 - at)

        def edge(cluster: list[Glyph], at: float = at) -> float:
            return min(abs(cluster[0].x0 - at), abs(cluster[0].x1 - at))

        if not _is_mark(glyph) and lams and edge(nearest := min(lams, key=edge)) < 0.1 * glyph.size:
            nearest.append(glyph)
        elif letters:
            min(letters, key=distance).append(glyph)
    return letters or [[glyph] for glyph in within]


def _is_mark(glyph: Glyph) -> bool:
    return bool(unicodedata.combining(glyph.text[:1] or " "))


def _is_ligated_alef(glyph: Glyph) -> bool:
    return glyph.text in _ALEFS and glyph.x1 - glyph.x0 < 0.02 * glyph.size


def _with_spaces(clusters: Sequence[list[Glyph]]) -> list[list[Glyph]]:
    spaced = [clusters[0]]
    for before, cluster in pairwise(clusters):
        end, start = before[0].x1, cluster[0].x0
        if start - end > _SPACE * cluster[0].size and not (before[0].is_space or cluster[0].is_space):
            spaced.append([_space(end, start, cluster[0])])
        spaced.append(cluster)
    return spaced


def _space(start: float, end: float, like: Glyph) -> Glyph:
    return Glyph(
        " ",
        start,
        like.y0,
        end,
        like.y1,
        (start, like.base[1]),
        like.size,
        like.font,
        like.bold,
        like.colour,
        like.drawn,
    )


def reading_order(clusters: Sequence[list[Glyph]], *, from_right: bool) -> list[list[Glyph]]:
    """Clusters from left to right as they are seen, put in the order in which they are read.

    Args:
        clusters: A letter with its marks each, or a space.
        from_right: Whether the line as a whole reads from right to left.
    """
    kinds = _resolved([unicodedata.bidirectional(cluster[0].text[:1] or " ") for cluster in clusters])
    ordered: list[list[Glyph]] = []
    for start, end, kind in _runs(kinds, from_right=from_right):
        run = list(clusters[start:end])
        ordered.extend(run if kind == "L" else reversed(run))
    return ordered


def _resolved(kinds: Sequence[str]) -> list[str]:
    """`L` for what runs from left to right, `R` for the contrary, empty for what goes with its surroundings."""
    found = ["L" if kind == "L" or kind in _FIGURES else "R" if kind in _RIGHT_TO_LEFT else "" for kind in kinds]
    figures = [kind in _FIGURES for kind in kinds]
    arabic = "AL" in kinds  # there a number takes no sign with it but a comma or point inside
    for place, kind in enumerate(kinds):
        before, after = place > 0 and figures[place - 1], place + 1 < len(kinds) and figures[place + 1]
        inside = before and after and kind in (_BETWEEN_FIGURES[:1] if arabic else _BETWEEN_FIGURES)
        if inside or (kind in _BESIDE_FIGURES and (before or after) and not arabic):
            found[place] = "L"
    # After a Latin word everything up to the next word or number of its direction reads as it does.
    latin: int | None = None
    for place, kind in enumerate(kinds):
        if found[place] == "R":
            latin = None
        elif found[place] == "L" and (kind == "L" or latin is not None):
            if latin is not None:
                found[latin:place] = ["L"] * (place - latin)
            latin = place
    return found


def _runs(kinds: Sequence[str], *, from_right: bool) -> list[tuple[int, int, str]]:
    """Runs of one direction, in the order in which the line is read."""
    base = "R" if from_right else "L"
    runs: list[tuple[int, int, str]] = []
    for place, kind in enumerate(kinds):
        own = kind or _between(kinds, place, base)
        if runs and runs[-1][2] == own:
            runs[-1] = (runs[-1][0], place + 1, own)
        else:
            runs.append((place, place + 1, own))
    return runs[::-1] if from_right else runs


def _between(kinds: Sequence[str], place: int, base: str) -> str:
    """What a sign or space between two runs reads as: as they do where they agree, else as the line."""
    before = next((kind for kind in reversed(kinds[:place]) if kind), base)
    after = next((kind for kind in kinds[place:] if kind), base)
    return before if before == after == "R" else base


def _mirror(glyphs: Sequence[Glyph]) -> None:
    """Turn brackets that were said as they look, so that they open before they close."""
    brackets = [glyph for glyph in glyphs if glyph.text in _OPENING + _CLOSING and glyph.text]
    if brackets and brackets[0].text in _CLOSING and brackets[-1].text in _OPENING:
        for glyph in brackets:
            glyph.text = glyph.text.translate(_MIRRORED)
