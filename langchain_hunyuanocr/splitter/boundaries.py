"""Boundaries where text may be cut: sentence ends first, then clauses, then words, then characters."""

from __future__ import annotations

import re
import unicodedata

import sentencex

_CHINESE_END = re.compile(r"[。！？；…]+[”’」』】）》]*")
"""sentencex knows the full stop; the semicolon and the ellipsis end a sentence in Chinese too."""
_ONLY_A_NUMBER = re.compile(r"\s*[-*+(（]?\s*(?:\d{1,3}|[A-Za-z])[.)、]\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLAUSE_END = re.compile(r"[，、：]+|[,;:]+\s+|\s\|\s|\n+")
_GAP = re.compile(r"\s+")
_FORMULA = re.compile(r"\$\$.+?\$\$|\$(?=\S)[^$\n]+?(?<=\S)\$(?!\d)", re.DOTALL)
"""Display and inline TeX; `$5 and $6` is money, as TeX has no space before its closing sign and no digit after it."""


def formula_spans(text: str) -> list[tuple[int, int]]:
    """Offsets of the TeX formulas in `text`."""
    return [match.span() for match in _FORMULA.finditer(text)] if "$" in text else []


def sentence_starts(text: str) -> list[int]:
    """Offsets at which a sentence begins after another one, Chinese and English alike, ascending; 0 is not among them.

    The number of a list item is no sentence of its own, and no formula is cut.
    """
    starts: set[int] = set()
    offset = previous = 0
    # sentencex takes UTF-8, which has no lone surrogates; a stand-in of the same length keeps the offsets.
    for sentence in sentencex.segment("en", _SURROGATE.sub("\ufffd", text)):
        offset += len(sentence)
        if not _ONLY_A_NUMBER.fullmatch(text, previous, offset):
            starts.add(offset)
        previous = offset
    starts.update(match.end() for match in _CHINESE_END.finditer(text))
    begins_at = len(text) - len(text.lstrip())
    inside = {start for begin, end in formula_spans(text) for start in range(begin + 1, end)}
    return sorted(start for start in starts if begins_at < start < len(text) and start not in inside)


def clause_starts(text: str) -> list[int]:
    """Offsets after commas, colons, cell borders and line ends, ascending."""
    return [match.end() for match in _CLAUSE_END.finditer(text) if match.end() < len(text)]


def word_starts(text: str) -> list[int]:
    """Offsets after white space, ascending."""
    return [match.end() for match in _GAP.finditer(text) if match.end() < len(text)]


def splits_character(text: str, offset: int) -> bool:
    """Whether a cut at `offset` would part what is seen as one character: an accent, a joined emoji, a line end."""
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff":
        return True
    if before == "\u200d" or after in "\u200d\ufe0e\ufe0f" or (before, after) == ("\r", "\n"):
        return True
    return unicodedata.category(after).startswith("M") or "\U0001f3fb" <= after <= "\U0001f3ff"
