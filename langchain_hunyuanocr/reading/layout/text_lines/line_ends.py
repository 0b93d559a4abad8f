"""Line ends: two lines of a paragraph become one text, and a word parted between them is made whole.

A hyphen at a line end either parts a word or belongs to it. What the page writes elsewhere within a line decides; where
it writes neither form, the hyphen stays in what is written with one: after a single letter (`n-hexane`), a number or a
capital on either side, an earlier hyphen in the same word, `well-` and `self-`, French inversions (`peut-il`); and it
stays apart from a word that takes its second half from a later one (`Haupt- und Nebenkosten`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from langchain_hunyuanocr.reading.layout.segments import touches_cjk

_HYPHENS = "-\u00ad\u2010\u2011"
_WORD = re.compile(rf"[^\W_]+(?:[{_HYPHENS}][^\W_]+)*")
_PARTED = re.compile(rf"(?P<before>[^\W_]+(?:[{_HYPHENS}'’][^\W_]+)*)[{_HYPHENS}]$")
_NEXT = re.compile(rf"[^\W_]+(?:[{_HYPHENS}'’][^\W_]+)*")
_SUSPENDED = re.compile("(?:and|or|nor|to|und|oder|bzw|sowie|bis|et|ou|och|eller|og|y)")
"""Words after which a compound's second half still comes: `first- and second-class`."""
_KEEP_AFTER = re.compile("(?:well|self|quasi|non)")
"""First halves that are written with a hyphen; `selfish` and the like are told by their endings below."""
_ENDING = re.compile("(?:ish|ishly|ishness|less|lessly|lessness|same|hood|ness|come|sense)")
_KEEP_BEFORE = re.compile("(?:based|related|owned|oriented|driven|known|term|called|specific|effective|wise)")
"""Second halves that are written with a hyphen after a whole word."""
_LEAST_WHOLE = 4
"""Letters of a first half that is likely to be a word of its own."""
_CLITIC = re.compile("(?:ils?|elles?|je|tu|vous|nous|moi|toi|lui|mêmes?|là|être)")
"""French words that follow a hyphen: `peut-il`, `vous-même`, `peut-être`."""


@dataclass(frozen=True, slots=True)
class LineEnds:
    """Joins lines by the words that a page writes.

    Attributes:
        words: What stands within the lines of the page, folded; compounds with their hyphen.
    """

    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> LineEnds:
        """For the lines of a page, in any order."""
        words: set[str] = set()
        for text in lines:
            whole = _WORD.findall(text)
            # What a line begins or ends with may be a part of a word.
            if text.rstrip()[-1:] in _HYPHENS:
                whole = whole[:-1]
            words.update(map(_folded, whole))
        return cls(frozenset(words))

    def joined(self, before: str, after: str) -> str:
        """Two lines of a paragraph as one text; Chinese gets no space."""
        parted, following = _PARTED.search(before), _NEXT.match(after)
        if parted is None or following is None or before[-2:-1].isspace():
            return f"{before}{after}" if touches_cjk(before, after) else f"{before} {after}"
        if _SUSPENDED.fullmatch(following[0]):
            return f"{before} {after}"
        if before.endswith("\u00ad"):
            return f"{before[:-1]}{after}"
        return f"{before}{after}" if self._keeps(parted["before"], following[0]) else f"{before[:-1]}{after}"

    def _keeps(self, word: str, after: str) -> bool:
        """Whether the hyphen between a word's two halves is its own."""
        first, second = _folded(word), _folded(after)
        if f"{first}-{second}" in self.words:
            return True
        if f"{first}{second}" in self.words:
            return False
        last = re.split("[-'’]", first)[-1]
        if len(last) == 1 or "-" in first or "-" in second or not word[-1].isalpha():
            return True
        if not after[0].islower():
            return not (word.isupper() and after.isupper())
        if _KEEP_AFTER.fullmatch(last):
            return not _ENDING.fullmatch(second)
        whole = len(last) >= _LEAST_WHOLE
        return bool(_CLITIC.fullmatch(second)) or (whole and bool(_KEEP_BEFORE.fullmatch(second)))


def _folded(word: str) -> str:
    return re.sub(f"[{_HYPHENS}]", "-", unicodedata.normalize("NFKC", word.replace("\u00ad", "")).casefold())
