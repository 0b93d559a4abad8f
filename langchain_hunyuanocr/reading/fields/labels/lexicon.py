"""Lexicon of labels: which role the words before a value have."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import zip_longest

from langchain_hunyuanocr.reading.fields.value_kinds import flat, fold, narrow

_HINTS = re.compile("_|.*[.]|items$")
"""Names of lists that are words, or labels of one table alone: they tell no role of a value on the page."""
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
_UNCOUNTED = re.compile(
    r"\d+(?:[.,]\d+)?\s?%|@|(?<![^\W\d_])(?:rm|usd|eur|gbp|inr|cny|rmb|sgd|myr|hkd|aud|cad|jpy|chf)(?![^\W\d_])"
)
"""Rates and currencies, which say nothing of the role."""
_FILLERS = frozenset({"of", "the", "for", "de", "du", "der", "la", "le"})
_MOST_BETWEEN = 2
"""Words that may stand between two of a label."""
_LEAST_FUZZY = 4
"""Shorter words must be read without an error."""
_FUZZY_LETTERS = 5
"""Letters of a word for each of which one may be misread, beyond the first."""
_GLUED_RATIO = 88.0
"""Least likeness of a whole text with a label, spaces aside, in percent: words read as one, or parted."""
_LEAST_GLUED = 7
_LABELLED = re.compile(r"^(?P<label>[^:]{2,40}):\s*(?=.*[^\W_])")
"""A text that begins with something like a label, its colon, and a value."""
_NUMBERED = re.compile(r"^(?P<label>[^\W\d_][^\d:#]*?)\s*[#:]?\s*(?=(?:[A-Za-z]{1,4}[-/]?)?\d[^\s]*\s*$)")
"""A text of words with one number behind, letters before it included."""
_LEAST_LEADING = 0.6
"""Of what stands before a colon or number that must belong to a label."""
_OF_RECEIVERS = ("buyer", "receiver")
_OF_NUMBERS = frozenset(
    {"receipt_number", "invoice_number", "tax_id", "company_id", "phone", "postcode", "title"}
    | {"date", "due_date", "other_date"}
)
_LEAST_COMPOUND = 5
"""Letters of a word that others may end with."""


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A label that was found in a text.

    Attributes:
        role: What the value beside it is.
        letters: How many letters the label has: the longer, the more telling.
        share: How much of the text's letters it covers, 0 to 1.
        exact: Whether it was read without an error.
        rank: Its place among the labels of its role, from 0.
    """

    role: str
    letters: int
    share: float
    exact: bool
    rank: int


@cache
def _languages() -> tuple[Mapping[str, tuple[str, ...]], ...]:
    found = []
    for entry in sorted(files(__package__).iterdir(), key=lambda item: (item.name != "en.toml", item.name)):
        if entry.name.endswith(".toml"):
            told = tomllib.loads(entry.read_text(encoding="utf-8"))
            found.append({role: tuple(labels) for role, labels in told.items()})
    return tuple(found)


@cache
def labels_of(role: str) -> tuple[str, ...]:
    """The labels of a role in all languages, the most telling of each language first; empty for an unknown role."""
    columns = [language.get(role, ()) for language in _languages()]
    rows = zip_longest(*columns)
    return tuple(dict.fromkeys(label for row in rows for label in row if label is not None))


@cache
def _labels() -> Mapping[str, tuple[tuple[tuple[str, ...], str, int], ...]]:
    """By its first word, each label as words, with its role and rank."""
    by_first: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
    for role in dict.fromkeys(role for language in _languages() for role in language if _HINTS.match(role) is None):
        for rank, label in enumerate(labels_of(role)):
            words = _words(label)
            if words:
                by_first.setdefault(words[0], []).append((words, role, rank))
    return {first: tuple(labels) for first, labels in by_first.items()}


@cache
def _glued() -> Mapping[str, tuple[str, int]]:
    """Each label of some length without its spaces, with its role and rank."""
    return {
        "".join(words): (role, rank)
        for labels in _labels().values()
        for words, role, rank in labels
        if len("".join(words)) >= _LEAST_GLUED
    }


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for labels in _labels().values() for words, _, _ in labels for word in words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _TOKEN.findall(_UNCOUNTED.sub(" ", flat(text))) if word not in _FILLERS)


@lru_cache(maxsize=8192)
def match_label(text: str, roles: frozenset[str] | None = None) -> LabelMatch | None:
    """The label that covers most of a text, in any language; words may stand between.

    Args:
        text: The words before a value.
        roles: Only these are looked for; `None` takes all.

    Returns:
        `None` where no label is in it.
    """
    words = _words(text)
    whole = sum(map(len, words))
    if not whole:
        return None
    known = [_known_word(word) for word in words]
    best: LabelMatch | None = None
    for start, word in enumerate(known):
        for label, role, rank in _labels().get(word, ()):
            if roles is not None and role not in roles:
                continue
            places = _places(label, known, start)
            if places is None:
                continue
            letters = sum(map(len, label))
            share = sum(len(words[place]) for place in places) / whole
            exact = all(words[place] == known[place] for place in places)
            best = _better(best, LabelMatch(role, letters, share, exact, rank))
    together = "".join(words)
    if (best is None or best.share < 1.0) and len(together) >= _LEAST_GLUED:
        best = _better(best, _of_glued(together, roles))
    return best


@lru_cache(maxsize=8192)
def leading_label(text: str) -> LabelMatch | None:
    """The label with which a text begins that goes on with its value: `Deliver to: ...`, `Invoice No 7781`.

    Args:
        text: A line, or the lines of a row.

    Returns:
        `None` where it begins with none, or nothing stands behind it.
    """
    text = narrow(text).strip()
    for pattern, roles in ((_LABELLED, None), (_NUMBERED, _OF_NUMBERS)):
        found = pattern.match(text)
        match = match_label(found["label"], roles) if found else None
        if match is not None and match.share >= _LEAST_LEADING:
            return match
    low = flat(text)
    for role in _OF_RECEIVERS:
        for rank, label in enumerate(labels_of(role)):
            # One word alone may begin a name: `Client Systems Ltd`.
            telling = " " in label or (_is_chinese(label) and len(label) > 2)
            rest = low.removeprefix(flat(label))
            if telling and rest != low and any(char.isalnum() for char in rest) and not _goes_on(label, rest):
                return LabelMatch(role, len(fold(label)), len(fold(label)) / max(1, len(fold(text))), True, rank)
    return None


def _goes_on(label: str, rest: str) -> bool:
    return label[-1].isascii() and rest[0].isalnum()


def _better(one: LabelMatch | None, other: LabelMatch | None) -> LabelMatch | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda match: (match.share, match.letters, -match.rank))


def _places(label: tuple[str, ...], known: list[str], start: int) -> list[int] | None:
    """Where the words of a label stand from `start` on, in order and near each other; `None` where they do not."""
    places = [start]
    for word in label[1:]:
        after = places[-1] + 1
        reach = after + 1 + (0 if _is_chinese(word) else _MOST_BETWEEN)
        place = next((at for at in range(after, min(reach, len(known))) if known[at] == word), None)
        if place is None:
            return None
        places.append(place)
    return places


def _of_glued(together: str, roles: frozenset[str] | None) -> LabelMatch | None:
    from rapidfuzz import fuzz, process

    found = process.extractOne(together, _glued().keys(), scorer=fuzz.ratio, score_cutoff=_GLUED_RATIO)
    if found is None:
        return None
    label, ratio, _ = found
    role, rank = _glued()[label]
    if roles is not None and role not in roles:
        return None
    return LabelMatch(role, len(label), ratio / 100, together == label, rank)


@lru_cache(maxsize=8192)
def _known_word(word: str) -> str:
    """The word of a label that a word is, perhaps misread; else itself."""
    if word in _vocabulary() or len(word) < _LEAST_FUZZY or _is_chinese(word):
        return word
    from rapidfuzz.distance import Levenshtein

    most = 1 if len(word) < 2 * _FUZZY_LETTERS else 2
    near = [
        (distance, other)
        for other in _vocabulary()
        if len(other) >= _LEAST_FUZZY
        and abs(len(other) - len(word)) <= most
        and (distance := Levenshtein.distance(word, other, score_cutoff=most)) <= most
    ]
    return min(near)[1] if near else word


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


@cache
def _address_words() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Words as they stand, those that words may end with, as `Hauptstraße` does, and Chinese ones."""
    every = [fold(word) for word in labels_of("_address")]
    latin = [word for word in every if not _is_chinese(word)]
    compounds = tuple(word for word in latin if len(word) >= _LEAST_COMPOUND)
    return frozenset(latin), compounds, tuple(word for word in every if _is_chinese(word))


def has_address_word(text: str) -> bool:
    """Whether a text has a word that streets, places and buildings have."""
    latin, compounds, chinese = _address_words()
    found = any(word in latin or word.endswith(compounds) for word in _latin(flat(text)))
    return found or sum(word in text for word in chinese) > 1


def _latin(text: str) -> Iterable[str]:
    return re.findall(r"[^\W\d_\u3400-\u9fff]+", text)
