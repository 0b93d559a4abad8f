"""Unread ink: what stands on a page in lines, as text does, and was not read, or not as what it is.

A recogniser gives no sign of a script that it does not know: it leaves the letters out, or takes them for those it
knows. What it left out is ink that no line covers; what it took for others it is not sure of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_hunyuanocr.pages.ink_lines import TEXT_SHARE, in_row, look_for_ink, uncovered
from langchain_hunyuanocr.results import Box, Doubt, Line

if TYPE_CHECKING:
    from PIL.Image import Image

ILLEGIBLE = 0.75
"""A recogniser's score below which a line of several letters is mostly read wrongly: so were 25 of 30 on real receipts,
books and photographs. In scripts that the model knows, 2 in 100 lines are below."""
_POOR = 0.9
"""Score that most lines reach in a script that the model knows; where the middle one does not, none below it counts."""
_DASHES = frozenset("-=_~\u00b7.\u2013\u2014\u4e00\u4e8c\u4e09\u30cb\u30df\u30fc ")
"""What recognisers make of a row of dashes, single, double or triple: Chinese figures and Japanese letters too."""
_LEAST_LETTERS = 3
_MANY = 20
"""Letters that make a page fail if they are more than half of it; with fewer unread ones it is read, with doubts."""
_SEEN = (0.5, 0.5)
"""Share of a stretch's width and height that the detector must have found as a line."""


@dataclass(frozen=True, slots=True)
class UnreadInk:
    """What was not read of a page."""

    doubts: tuple[Doubt, ...] = ()
    """One for each stretch, from top to bottom."""
    most: bool = False
    """Whether it is most of the page's text."""


def find_unread(picture: Image, lines: Sequence[Line], found: Sequence[Box] | None = None) -> UnreadInk:
    """Find ink in lines that no read line covers, and lines that were read so unsurely that they say something else.

    Args:
        picture: The page, RGB, upright.
        lines: What was read on it.
        found: Where the reader found lines, legible or not; ink anywhere else is a picture, to the reader's eyes. All
            ink in lines counts where `None`.

    Returns:
        Doubts of the kind `unread`, with their boxes; `text` is what was read there, empty where nothing was.
    """
    ink = look_for_ink(picture)
    aspect = picture.height / picture.width
    rows = [line for line in ink.lines if line.letters >= _LEAST_LETTERS]
    read = [line for line in lines if _score(line) >= ILLEGIBLE]
    covering = [line.box for line in read]
    stretches = [stretch for line in rows for stretch in uncovered(line, covering, aspect)]
    if found is not None:
        stretches = [(letters, box) for letters, box in stretches if any(_holds(seen, box) for seen in found)]
    if not lines and not ink.is_text:  # a picture alone, parts of which look like letters by chance
        stretches = []
    least = _POOR if _middle_score(lines) < _POOR else ILLEGIBLE
    wrong = [line for line in lines if _score(line) < least and _letters(line) >= _LEAST_LETTERS]
    doubts = [Doubt(text=line.text, kind="unread", box=line.box) for line in wrong]
    doubts += [
        Doubt(text="", kind="unread", box=box)
        for _, box in stretches
        if not any(in_row(line.box, box) and _share(line.box, box) > 0 for line in wrong)
    ]
    doubts.sort(key=lambda doubt: (doubt.box.y0, doubt.box.x0) if doubt.box else (0.0, 0.0))
    unread = sum(letters for letters, _ in stretches)
    legible = sum(map(_letters, read))
    many = unread >= _MANY and 2 * unread > sum(line.letters for line in rows) and unread > legible
    most = unread > TEXT_SHARE * ink.letters and (many or not any(map(_letters, lines)))
    return UnreadInk(tuple(doubts), most)


def _share(one: Box, other: Box) -> float:
    """Share of the width of a box that is over or under another one."""
    return (min(one.x1, other.x1) - max(one.x0, other.x0)) / max(one.width, 1e-6)


def _holds(outer: Box, inner: Box) -> bool:
    high = min(outer.y1, inner.y1) - max(outer.y0, inner.y0)
    return _share(inner, outer) >= _SEEN[0] and high >= _SEEN[1] * inner.height


def _score(line: Line) -> float:
    return 1.0 if line.score is None else line.score


def _letters(line: Line) -> int:
    return sum(char.isalnum() for char in line.text) if not set(line.text) <= _DASHES else 0


def _middle_score(lines: Sequence[Line]) -> float:
    """The score that half of the text reaches."""
    scores = sorted((_score(line), _letters(line)) for line in lines)
    half = sum(letters for _, letters in scores) / 2
    for score, letters in scores:
        half -= letters
        if half < 0:
            return score
    return 1.0
