"""Glossary: words of office documents in Chinese and English, so that a question finds pages of the other language.

Small on purpose: words that stand as labels on invoices, contracts, minutes, reports and letters, and names of places.
All else is left to the embeddings. The words are in `glossary.tsv` beside this file, an entry a line: its kind (`word`,
`city` or `region`), what it is called in English, and what in Chinese, each a list with commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class _Entry(NamedTuple):
    kind: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]


@cache
def _entries() -> tuple[_Entry, ...]:
    lines = files(__package__).joinpath("glossary.tsv").read_text("utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return tuple(
        _Entry(kind, tuple(english.split(", ")), tuple(chinese.split(", "))) for kind, english, chinese in rows
    )


@cache
def _by_phrase() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for _, english, chinese in _entries():
        for words, others in ((english, chinese), (chinese, english)):
            for word in words:
                same = (other for other in words if other != word)
                found[word] = tuple(dict.fromkeys((*found.get(word, ()), *others, *same)))
    return found


@cache
def _pattern() -> re.Pattern[str]:
    phrases = sorted(_by_phrase(), key=len, reverse=True)
    english = "|".join(re.escape(phrase) for phrase in phrases if phrase.isascii())
    chinese = "|".join(re.escape(phrase) for phrase in phrases if not phrase.isascii())
    return re.compile(rf"(?<![a-z])(?:{english})(?:s|es)?(?![a-z])|{chinese}")


def translations_in(folded: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The phrases of a text that the glossary knows, with what else they are called, in either language.

    Of several that begin at one place, the longest is taken.

    Args:
        folded: Text after `tokenizer.fold`.
    """
    for match in _pattern().finditer(folded):
        phrase = match.group()
        known = _by_phrase()
        for form in (phrase, phrase.removesuffix("s"), phrase.removesuffix("es")):
            if form in known:
                yield phrase, known[form]
                break


def is_label(folded: str) -> bool:
    """Whether a text is made of nothing but phrases that the glossary knows."""
    rest = _pattern().sub("", folded)
    return rest != folded and not re.search(r"\w", rest)


@cache
def _cities() -> frozenset[str]:
    return frozenset(name for entry in _entries() if entry.kind == "city" for name in (*entry.english, *entry.chinese))


def is_city(folded: str) -> bool:
    """Whether a text is the name of a city that is known here."""
    return folded in _cities()
