"""Cell markup: what stands in a cell of HTML, as plain text and as HTML that is safe to show."""

from __future__ import annotations

import re
from html import escape

KEPT_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "small", "code", "sup", "sub", "tt", "strike"}
)
"""Inline tags that stay in a cell's HTML, without their attributes."""

_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ",
        strict=True,
    )
)
_SUBSCRIPTS = dict(
    zip(
        "0123456789+-−–=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)
_ANYWHERE = "*†‡§¶‖#, .;:/"
"""Marks that are not mistaken for a part of what they stand at, raised or not."""
_LEVELS = 2
"""Superscripts and subscripts within each other that plain text tells apart."""
_SPACE = re.compile(r"\s+")
_LINE_SPACE = frozenset("\n\r\t\f\v")


def raised(text: str) -> str:
    """A superscript as plain text: `10³`, or where a character has no raised form `x^Q` and `x^(n/Q)`."""
    return _moved(text, _SUPERSCRIPTS, "^")


def lowered(text: str) -> str:
    """A subscript as plain text: `H₂O`, or where a character has no lowered form `x_Q` and `x_(max Q)`."""
    return _moved(text, _SUBSCRIPTS, "_")


def _moved(text: str, forms: dict[str, str], sign: str) -> str:
    bare = text.strip()
    if not bare:
        return text
    moved = [forms.get(char, char if char in _ANYWHERE else "") for char in bare]
    if all(moved):
        return text.replace(bare, "".join(moved))
    return text.replace(bare, f"{sign}{bare}" if len(bare) == 1 else f"{sign}({bare})")


def _folded(match: re.Match[str]) -> str:
    """White space as it is, but the ends of source lines with what is around them are one line feed."""
    space = match[0]
    return "\n" if set(space) & _LINE_SPACE else space


class Markup:
    """Gathers what stands in a cell, piece by piece.

    White space is single, as a browser shows it; `<br>` is a line break, and so is the end of a paragraph, list item
    or row inside the cell. Bold, italic and the like leave their words in `text`; superscripts and subscripts are told
    apart from what they stand at, see `raised`, so that 10 to the third does not read 103.
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self._html: list[str] = []
        self._open: list[tuple[str, int]] = []
        self._break = ""
        """What parts the next words from those before: a line break or a space."""
        self._filled = False

    def write(self, text: str) -> None:
        """Add characters."""
        if not text.isspace():
            self._part()
            self._filled = self._filled or bool(text)
        self._text.append(_SPACE.sub(" ", text))
        self._html.append(escape(_SPACE.sub(_folded, text), quote=False))

    def _part(self) -> None:
        if self._break and self._filled:
            self._text.append("\n" if self._break == "<br>" else " ")
            self._html.append(self._break)
        self._break = ""

    def part(self, *, line: bool) -> None:
        """What follows does not touch what stands before; `line` puts it on a new line."""
        if line or not self._break:
            self._break = "<br>" if line else " "

    def line_break(self) -> None:
        """Add a `<br>`."""
        self._break = ""
        self._text.append("\n")
        self._html.append("<br>")

    def start(self, tag: str) -> None:
        """Open an inline tag; one that is not kept is left out."""
        if tag in KEPT_TAGS:
            self._part()
            self._open.append((tag, len(self._text)))
            self._html.append(f"<{tag}>")

    def end(self, tag: str) -> None:
        """Close it."""
        if not self._open or self._open[-1][0] != tag:
            return
        _, begun = self._open.pop()
        self._html.append(f"</{tag}>")
        # An index on an index is told apart too; what stands within that says no more in plain text.
        if tag in ("sup", "sub") and sum(outer in ("sup", "sub") for outer, _ in self._open) < _LEVELS:
            inner = "".join(self._text[begun:])
            self._text[begun:] = [raised(inner) if tag == "sup" else lowered(inner)]

    def finished(self) -> tuple[str, str | None]:
        """The plain text, its lines parted by line feeds and none of them empty, and the HTML.

        The HTML is one line with the spaces that indent it; `None` where it says no more than the text.
        """
        while self._open:
            self.end(self._open[-1][0])
        lines = (re.sub(r" {2,}", " ", line).strip() for line in "".join(self._text).split("\n"))
        text = "\n".join(line for line in lines if line)
        html = re.sub(r"\n+", "\n", "".join(self._html)).strip("\n").replace("\n", " ")
        return text, None if html == as_html(text) else html


def as_html(text: str) -> str:
    """Plain text as HTML, line breaks as `<br>`."""
    return escape(text, quote=False).replace("\n", "<br>")
