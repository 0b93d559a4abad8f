"""Bearer: whether a paper bears a name that a question says, with the slips of a recogniser and of a person typing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from langchain_hunyuanocr.archive.text.tokenizer import fold

_LEGAL = re.compile(
    r"\b(?:sdn|bhd|s/b|sb|pte|ltd|limited|inc|incorporated|llc|llp|plc|gmbh|ag|kg|bv|nv|sa|sarl|srl|spa|corp|corporation"
    r"|co|company|enterprises?|trading|holdings?|group|the|and|of)\b|(?:有限)?(?:责任|股份)?公司"
)
"""Words of a name that tell nobody from anybody."""
_IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_WORD = re.compile(r"[^\W_]+")
_WHOLE = 84.0
"""How alike (0 to 100) a name and its place on a paper are at least."""
_PART = 74.0
"""How alike each longer word of it is: one letter in four may be another."""
_SHORT = 3
"""Letters of a word in which none may differ."""
_MUCH = 3.0
"""How much better another place must be than one that came before."""
_LETTERS_READ = {"13": "b", "0": "o", "1": "l", "5": "s", "8": "b"}
_DIGITS_READ = re.compile("|".join(_LETTERS_READ))
"""Digits that a recogniser reads in the place of letters."""
_SURELY = 92.0
"""From which likeness on a name is surely the one that was meant."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """A name on a paper.

    Attributes:
        likeness: Of what is printed and what was asked, 0 to 100.
        rest: What stands beside it in its line besides the words of legal forms: `restaurant` where Carrefour was
            asked for and `Carrefour Restaurant` is printed.
    """

    likeness: float
    rest: str

    @property
    def sure(self) -> bool:
        """Whether it is surely whom the question means."""
        return self.likeness >= _SURELY and not self.rest


def bare(text: str) -> str:
    """A name for comparison: folded, letters and digits only."""
    return re.sub(r"[\W_]", "", fold(text))


def words_of_name(text: str) -> list[str]:
    """The words that tell a name from others."""
    return _WORD.findall(_LEGAL.sub(" ", fold(text)).replace("'s ", " ").removesuffix("'s"))


def bears(lines: Sequence[str], name: str) -> Bearing | None:
    """Where these lines bear a name.

    Args:
        lines: Of the top of a paper, or the names on it.
        name: As it was asked for.

    Returns:
        `None` where they do not: numbers and short words must stand there as they are.
    """
    words = [word for word in words_of_name(name) if not _legal(word)] or _WORD.findall(fold(name))
    wanted = "".join(words)
    if len(wanted) < _SHORT:
        return None
    if fuzz.partial_ratio(wanted, bare("".join(lines))) < _PART:
        return None  # the most papers of an archive, at little cost
    best = _best(lines, wanted, words)
    # A long name may go on in the next line.
    joined = [" ".join(lines[at : at + count]) for at in range(len(lines) - 1) for count in (2, 3)]
    longer = _best(joined, wanted, words)
    if longer is not None and (best is None or longer.likeness > best.likeness + _MUCH):
        best = longer
    if best is None and not any(char.isdigit() for char in wanted):
        # `13 & NORTH` for `B & North`: digits that were read in the place of letters are no number.
        best = _best([_DIGITS_READ.sub(_as_letter, fold(line)) for line in lines], wanted, words)
        best = best and Bearing(min(best.likeness, _SURELY - 1), best.rest)
    return best


def _as_letter(digits: re.Match[str]) -> str:
    return _LETTERS_READ[digits.group()]


def nearly(lines: Sequence[str], name: str) -> bool:
    """Whether lines may bear a name that was read too badly to say so."""
    wanted = "".join(words_of_name(name))
    if len(wanted) <= 2 * _SHORT or fuzz.partial_ratio(wanted, bare("".join(lines))) < _WHOLE:
        return False
    return any(fuzz.partial_ratio(wanted, line) >= _WHOLE for line in map(bare, lines) if len(line) >= len(wanted) - 2)


def _best(texts: Sequence[str], wanted: str, words: Sequence[str]) -> Bearing | None:
    found = [place for text in texts if (place := _in_line(text, wanted, words)) is not None]
    return max(found, key=lambda place: (place.likeness, -len(place.rest)), default=None)


def _in_line(text: str, wanted: str, words: Sequence[str]) -> Bearing | None:
    printed = words_of_name(text)
    line = "".join(printed)
    if len(line) < len(wanted) - 2 or not line:
        return None
    place = fuzz.partial_ratio_alignment(wanted, line, score_cutoff=_WHOLE)
    if place is None or not place.score:
        return None
    start, end = _to_word(printed, place.dest_start), _to_word(printed, place.dest_end)
    window = line[min(start, place.dest_start) : max(end, place.dest_end)]
    if (
        not all(_stands(word, window) and (len(word) > 1 or word in printed) for word in words)
        or min(abs(start - place.dest_start), 9) > 1
    ):
        return None
    if abs(end - place.dest_end) > 1 and len(wanted) < 2 * _SHORT:
        return None
    outside = _WORD.findall(_LEGAL.sub(" ", _IN_BRACKETS.sub(" ", fold(text))))
    rest = [word for word in outside if not _is_meant(word, wanted, words) and word.isalpha() and len(word) > _SHORT]
    return Bearing(float(place.score), " ".join(rest[:3]))


def _legal(word: str) -> bool:
    """Whether a word is one of a legal form, with a letter wrong."""
    return len(word) > 2 * _SHORT - 1 and any(
        fuzz.ratio(word, form) >= _WHOLE for form in ("trading", "enterprise", "limited", "company")
    )


def _to_word(printed: Sequence[str], at: int) -> int:
    """The nearest place between two words."""
    ends, total = [0], 0
    for word in printed:
        total += len(word)
        ends.append(total)
    return min(ends, key=lambda end: abs(end - at))


def _stands(word: str, window: str) -> bool:
    if len(word) <= _SHORT or any(char.isdigit() for char in word):
        return word in window
    return word in window or fuzz.partial_ratio(word, window) >= _PART


def _is_meant(word: str, wanted: str, words: Sequence[str]) -> bool:
    """Whether a printed word is one of the name: `pizzeria` is not `pizza`."""
    return word in wanted or any(fuzz.ratio(word, one) >= _WHOLE for one in words)
