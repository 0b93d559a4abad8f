"""Layer fonts: whether the characters that a PDF gives for its fonts are those that the page shows.

A font's table of characters (`/ToUnicode`) is the file's word alone, and some lie: the page shows `The board`, and its
text is `Uif cpbse`. Of each font of a file a few lines are read once from the picture, letters and figures held apart.
Where nobody can read them, how letters follow each other tells the worst.
"""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from langchain_hunyuanocr.rectangles import in_pixels
from langchain_hunyuanocr.results import Line

if TYPE_CHECKING:
    from PIL.Image import Image

    from langchain_hunyuanocr.pages import Page

ANY_FONT = "*"
_LINES = 2
"""Lines of a font that are read for its letters, and as many for its figures."""
_MOST_LINES = 12
"""Of all fonts of a page together; fonts that find no room are checked on a later page."""
_LEAST_LETTERS, _LEAST_FIGURES = 16, 6
"""Fewer on a page tell nothing of a font there."""
_ALIKE = 0.7
"""Share of characters in common from which two readings are of one text; recognisers reach .95 on typed lines."""
_SURE = 0.8
"""Score of a line that its reader is sure of."""
_LONGEST = 90
"""Characters of a line that is read for the check."""
_MARGIN = 12
_AROUND = 2
"""Pixels of paper kept around a line."""
_MOST_FILES = 64
"""Files whose fonts are remembered."""

_PAIRS = frozenset(
    pair
    for row in (
        "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi",
        "ri ro ic ne ea ra ce li ch ll be ma si om ur ei ie sc ge un qu ai us ss ns la da do el no os ta ci ad ue",
        "am em pa po pr ca il di so su lo na ia et eu ut tt ee ij oo aa va ke ck ig au tr ec ct ac rt rs ho wh wa",
        "ow we wi mp pe ui ul id ir ol ot rd ni mi nc cu ag ev vi iv im ab bl pl fo ff uc uk ko ka ki ku mo oc op",
        "ap",
    )
    for pair in row.split()
)
"""Pairs of letters that are frequent in the languages of Europe written in Latin letters, and in Indonesian."""
_PAIRS_OF_TEXT = 0.45
"""Share of frequent pairs below which letters are no text of such a language; running text has .54 and
more, moved alphabets at most .39."""
_ENOUGH_PAIRS = 40


@dataclass(frozen=True, slots=True)
class FontSheet:
    """Lines cut out of a page and set below each other, a few of each font."""

    picture: Image
    lines: tuple[str, ...]
    """What the layer says of each."""
    fonts: tuple[str, ...]
    """The font of each."""
    tops: tuple[float, ...]
    """Where each begins, in shares of the sheet."""


@dataclass(slots=True)
class CheckedFonts:
    """What is known of the fonts of the files that were read last; it may be asked from several threads."""

    _known: OrderedDict[str, dict[str, bool]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, sha256: str) -> Mapping[str, bool]:
        """Of the fonts of a file that were checked, whether they say what they show."""
        with self._lock:
            return dict(self._known.get(sha256, {}))

    def remember(self, sha256: str, found: Mapping[str, bool]) -> None:
        """Keep what was found."""
        with self._lock:
            self._known.setdefault(sha256, {}).update(found)
            self._known.move_to_end(sha256)
            while len(self._known) > _MOST_FILES:
                self._known.popitem(last=False)


def lines_by_font(page: Page) -> dict[str, list[Line]]:
    """The lines of a page's layer by the fonts in them that only the file vouches for.

    Where the whole layer is no likely text, a font may vouch for a lie: then all its lines stand under `ANY_FONT`.
    """
    found: dict[str, list[Line]] = defaultdict(list)
    for line, fonts in zip(page.text_layer.lines, page.text_layer.fonts, strict=False):
        for font in fonts:
            found[font].append(line)
    if not is_likely_text(page.text_layer.lines):
        found[ANY_FONT] = list(page.text_layer.lines)
    return found


def sheet_of(picture: Image, fonts: Mapping[str, Sequence[Line]]) -> FontSheet | None:
    """A few lines of each font to be read: those with most letters and those with most figures.

    Args:
        picture: The page.
        fonts: The lines of each font.

    Returns:
        `None` where there are too few that the recogniser can read to tell anything.
    """
    from PIL import Image

    chosen = [(font, line) for font, lines in fonts.items() for line in _telling(picture, lines)][:_MOST_LINES]
    if not chosen:
        return None
    parts = [picture.crop(in_pixels(line.box, picture.size, margin=_AROUND)) for _, line in chosen]
    width = max(part.width for part in parts) + 2 * _MARGIN
    height = sum(part.height + _MARGIN for part in parts) + _MARGIN
    sheet = Image.new("RGB", (width, height), "white")
    tops, top = [], _MARGIN
    for part in parts:
        sheet.paste(part, (_MARGIN, top))
        tops.append(top / height)
        top += part.height + _MARGIN
    return FontSheet(sheet, tuple(line.text for _, line in chosen), tuple(font for font, _ in chosen), tuple(tops))


def _telling(picture: Image, lines: Sequence[Line]) -> list[Line]:
    """The lines of a font that tell most of it."""
    level = [line for line in lines if line.box.width * picture.width > line.box.height * picture.height]
    short = [line for line in level if len(line.text) <= _LONGEST] or level
    by_letters = sorted(short, key=lambda line: len(_letters(line.text)), reverse=True)[:_LINES]
    by_figures = sorted(short, key=lambda line: len(_figures(line.text)), reverse=True)[:_LINES]
    by_figures = [line for line in by_figures if _figures(line.text)]
    chosen = list({id(line): line for line in (*by_letters, *by_figures)}.values())
    letters = sum(len(_letters(line.text)) for line in chosen)
    figures = sum(len(_figures(line.text)) for line in chosen)
    return chosen if letters >= _LEAST_LETTERS or figures >= _LEAST_FIGURES else []


def honest_fonts(sheet: FontSheet, read: Iterable[Line]) -> dict[str, bool]:
    """Whether fonts say what their lines show; those of which too little was read for sure are left out.

    Args:
        sheet: Their lines.
        read: What a recogniser reads on it, in any order.
    """
    seen = ["" for _ in sheet.lines]
    for line in sorted(read, key=lambda line: line.box.x0):
        if line.score is not None and line.score < _SURE:
            continue
        middle = (line.box.y0 + line.box.y1) / 2
        number = sum(top <= middle for top in sheet.tops) - 1
        if number >= 0:
            seen[number] += line.text
    found = {}
    for font in dict.fromkeys(sheet.fonts):
        pairs = [
            (said, shown)
            for said, shown, own in zip(sheet.lines, seen, sheet.fonts, strict=True)
            if shown and own == font
        ]
        letters = _agree([(_letters(said), _letters(shown)) for said, shown in pairs], _LEAST_LETTERS)
        figures = _agree([(_figures(said), _figures(shown)) for said, shown in pairs], _LEAST_FIGURES)
        if letters is not None or figures is not None:
            found[font] = letters is not False and figures is not False
    return found


def is_likely_text(lines: Iterable[Line]) -> bool:
    """Whether Latin letters follow each other as in a language; true where there are too few to tell."""
    pairs = frequent = 0
    # Each word once: a list that repeats two words a hundred times says no more of its language than they do.
    for word in {word for line in lines for word in line.text.lower().split()}:
        letters = "".join(character for character in word if character.isascii() and character.isalpha())
        if len(letters) < 3 or len(letters) < len(word.strip(".,;:()")):
            continue
        for start in range(len(letters) - 1):
            pairs += 1
            frequent += letters[start : start + 2] in _PAIRS
    return pairs < _ENOUGH_PAIRS or frequent >= _PAIRS_OF_TEXT * pairs


def _agree(pairs: Sequence[tuple[str, str]], least: int) -> bool | None:
    said, shown = "".join(said for said, _ in pairs), "".join(shown for _, shown in pairs)
    if min(len(said), len(shown)) < least:
        return None
    alike = sum(
        SequenceMatcher(None, one, other, autojunk=False).ratio() * max(len(one), len(other)) for one, other in pairs
    )
    return alike >= _ALIKE * sum(max(len(one), len(other)) for one, other in pairs)


def _letters(text: str) -> str:
    """Letters that the recogniser knows, Latin without their marks and Chinese; all others are left out."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(
        character
        for character in apart
        if (character.isascii() and character.isalpha()) or "\u4e00" <= character <= "\u9fff"
    )


def _figures(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isdigit())
