"""Spelling: words of a question that no page holds are read as the word that is one slip away."""

from __future__ import annotations

import re
import sqlite3
import string
from collections.abc import Iterator
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.aggregate.question import asks
from langchain_hunyuanocr.archive.storage import fulltext
from langchain_hunyuanocr.archive.text.tokenizer import stem

_ASKING = frozenset(
    re.findall(
        r"\w+",
        "what whats which when where who whose how many much often total totals amount sum receipt receipts invoice"
        " invoices bill bills contract contracts paid spend spent cost charge date number address average highest"
        " lowest cheapest latest oldest list count from with there sales revenue revenues income profit price costs"
        " assets debt loss rate share shares votes interest cash dividend",
    )
)
"""Words that ask; what is one slip from them is meant to be them, whatever the pages hold."""
_WORD = re.compile(r"(?<![\w'-])[A-Za-z]{4,24}(?![\w'-])")
_LAST = re.compile(r"([A-Za-z]+)[ &-]{1,3}$")
_NEXT = re.compile(r"^[ &-]{1,3}([A-Za-z]+)")
_LONG = 7
"""Letters from which on a word is held against those of the pages: of a shorter one too many are a slip away."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A question, as it is understood.

    Attributes:
        text: With slips mended.
        guessed: Whether a word that tells (a name, a thing) was put in the place of another.
    """

    text: str
    guessed: bool = False


def mend(connection: sqlite3.Connection, text: str) -> Spelled:
    """Mend a question's slips: a letter too few, too many, another, or two that changed places."""
    guessed = False

    def better(found: re.Match[str]) -> str:
        nonlocal guessed
        word = found.group().lower()
        if word in _ASKING or asks(word) or fulltext.holds(connection, stem(word)):
            return found.group()
        beside = (_LAST.search(text[: found.start()]), _NEXT.search(text[found.end() :]))
        glued = (f"{beside[0][1]}{word}" if beside[0] else "", f"{word}{beside[1][1]}" if beside[1] else "")
        if any(one and fulltext.holds(connection, stem(one.lower())) for one in glued):
            return found.group()  # `American Express` stands there as one word
        ways = set(_one_slip_from(word))
        asked = sorted(ways & _ASKING)
        if asked:
            return asked[0]
        if len(word) < _LONG:
            return found.group()
        known = fulltext.count(connection, {stem(way) for way in ways})
        meant = sorted((way for way in ways if stem(way) in known), key=lambda way: (-known[stem(way)], way))
        if not meant:
            return found.group()
        guessed = True
        return meant[0].capitalize() if found.group()[0].isupper() else meant[0]

    mended = _WORD.sub(better, text)
    return Spelled(mended, guessed)


def _one_slip_from(word: str) -> Iterator[str]:
    """Every spelling one slip away; the first letter stays, for few mistake it."""
    for at in range(1, len(word) + 1):
        for letter in string.ascii_lowercase:
            yield word[:at] + letter + word[at:]
            if at < len(word):
                yield word[:at] + letter + word[at + 1 :]
        if at < len(word):
            yield word[:at] + word[at + 1 :]
            yield word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word
