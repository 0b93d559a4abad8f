"""Letters of names and addresses that recognisers misread: what the language of a page and legal forms put right.

Recognisers of many languages see accents in specks and dots of a print, and take the capitals of a legal form for
digits. What is put right here is never `confirmed` by looks at the paper, which say what was misread.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_FEWEST_LETTERS = 150
"""Letters of a page that tell whether its language has accents."""
_STRAY = 0.01
"""Share of a page's letters, up to which accents are specks: a French or German page has three times as many."""
_ALIKE = str.maketrans("5$8D3€0Q1|!", "SSBBBEOOIII")
"""Characters that are taken for each other, each by one of them."""
_LEGAL_FORMS = ("SDN BHD", "SDN. BHD.", "S/B", "BHD", "PTE LTD", "PTE. LTD.", "CO., LTD.", "GMBH")
"""Legal forms whose letters are misread so; those of two or three plain letters are read right, or are words."""
_LONG = 7
"""Characters of a legal form of which any one may be misread."""
_LAST_WORDS = re.compile(r"(?<=\s)(?:\S+\s)?\S+$")
_LAST_WORD = re.compile(r"(?<=\s)\S+$")


def has_stray_accents(texts: Iterable[str]) -> bool:
    """Whether the Latin letters of a page have so few accents that these are none.

    Args:
        texts: The page's lines.
    """
    letters = accents = 0
    for text in texts:
        for char in text:
            if char.isalpha() and ord(char) < 0x250:
                letters += 1
                accents += _plain(char) != char
    return letters >= _FEWEST_LETTERS and 0 < accents <= _STRAY * letters


def without_accents(text: str) -> str:
    """A text with plain Latin letters in the place of those with accents."""
    return "".join(map(_plain, text))


def with_legal_form(name: str) -> str:
    """A name with the legal form at its end as it is spelled: `SDN DHD` and `S/8` are none.

    Args:
        name: Of a company; anything else stays as it is.
    """
    for pattern in (_LAST_WORDS, _LAST_WORD):
        found = pattern.search(name)
        form = _legal_form(found.group()) if found is not None else None
        if found is not None and form is not None:
            return name[: found.start()] + (form if found.group().upper() == found.group() else form.title())
    return name


def _legal_form(words: str) -> str | None:
    upper = words.upper()
    alike = upper.translate(_ALIKE)
    for form in _LEGAL_FORMS:
        one_off = len(form) >= _LONG and len(upper) == len(form) and sum(map(str.__ne__, upper, form)) <= 1
        if one_off or alike == form.translate(_ALIKE):
            return form
    return None


def _plain(char: str) -> str:
    if not "À" <= char <= "ɏ":
        return char
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
