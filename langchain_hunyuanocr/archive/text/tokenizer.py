"""Tokenizer: what counts as a word, the same for the index, the query and the evidence.

Text is folded (full width to half, case, accents, forms of Chinese characters), then cut: Latin words are stemmed
(Snowball), Chinese, Japanese and Korean runs become overlapping pairs of characters, numbers take one form however they
are written (`1,234.00`, `1234` and `１２３４` are the same), dates too (`3 May 2024`, `2024年5月3日`), and identifiers
are kept whole and in parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from langchain_hunyuanocr.reading.han_forms import fold_han

TermKind = Literal["word", "cjk", "number", "date", "identifier"]

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
"""The number of each month, by its English names."""
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_TOKEN = re.compile(
    rf"""
    (?P<ymd>(?<![\d-])(?:19|20)\d\d\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}(?!\d)\s*日?)
  | (?P<dmy>(?<!\w)\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\.?,?\s+(?:19|20)\d\d(?!\w))
  | (?P<mdy>(?<!\w)(?:{_MONTH})\.?\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s*(?:19|20)\d\d(?!\w))
  | (?P<identifier>(?<![a-z0-9])(?=[a-z0-9\-_/.\#]*\d)(?=[a-z0-9\-_/.\#]*[a-z\-_/\#])[a-z0-9]+(?:[-_/.\#]+[a-z0-9]+)+)
  | (?P<mixed>(?<![a-z0-9])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{{2,}})
  | (?P<number>\d+(?:[,.]\d+)*)
  | (?P<cjk>[{_CJK}]+)
  | (?P<word>[^\W\d_{_CJK}]+(?:'[^\W\d_{_CJK}]+)*)
    """,
    re.VERBOSE,
)
_DIGITS = re.compile(r"\d+")
_PARTS = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it stands in the index.

    Attributes:
        text: The folded form.
        kind: What it is.
        start: Offset in the folded text.
        end: Offset after it.
    """

    text: str
    kind: TermKind
    start: int = 0
    end: int = 0


def fold(text: str) -> str:
    """Full width to half, case and accents taken away, Chinese characters in one form."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if plain.isascii():
        return plain
    plain = fold_han(plain)
    apart = unicodedata.normalize("NFD", plain)
    # Only Latin, Greek and Cyrillic accents are marks of decoration; in other scripts they are letters.
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)


def terms_of(text: str) -> Iterator[Term]:
    """The terms of a text in order; an identifier is followed by its parts."""
    for match in _TOKEN.finditer(fold(text)):
        kind = match.lastgroup or "word"
        for term, term_kind in _expand(kind, match.group()):
            yield Term(term, term_kind, match.start(), match.end())


def _expand(kind: str, text: str) -> Iterator[tuple[str, TermKind]]:
    if kind == "cjk":
        yield from ((pair, "cjk") for pair in pairs(text))
    elif kind == "word":
        yield stem(text.replace("'s", "").replace("'", "")), "word"
    elif kind == "number":
        yield canonical_number(text), "number"
    elif kind in ("ymd", "dmy", "mdy"):
        date = canonical_date(text)
        if date is not None:
            yield date, "date"
        yield from _parts(text)
    else:
        yield text.strip("-_/.#"), "identifier"
        yield from _parts(text)


def _parts(text: str) -> Iterator[tuple[str, TermKind]]:
    parts = _PARTS.findall(text)
    for part in parts if len(parts) > 1 else ():
        if part.isdigit():
            # Leading zeros belong to an identifier (`017`) and are kept.
            yield part, "number"
        elif len(part) > 1:
            yield stem(part), "word"


def pairs(run: str) -> list[str]:
    """Overlapping pairs of characters; a single one stays single."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def canonical_number(text: str) -> str:
    """One form for a number: no separators of thousands, no zeros at the end of the decimals.

    `1,234.00`, `1.234,00` and `1234` give `1234`; `0.50` gives `0.5`.
    """
    last = max(text.rfind(","), text.rfind("."))
    if last < 0:
        return text
    tail = text[last + 1 :]
    separators = set(re.sub(r"\d", "", text))
    grouped = len(tail) == 3 and len(separators) == 1 and (text[last] == "," or text.count(".") > 1)
    if grouped or (len(separators) == 1 and text.count(text[last]) > 1):
        return re.sub(r"[.,]", "", text)
    whole = re.sub(r"[.,]", "", text[:last]) or "0"
    decimals = tail.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def canonical_date(text: str) -> str | None:
    """`2024-05-03` for a date with its year, however it is written; `None` for what is no date."""
    folded = fold(text)
    name = re.search(_MONTH, folded)
    numbers = [int(digits) for digits in _DIGITS.findall(folded)]
    if name is not None and len(numbers) == 2:
        day, year = numbers
        month = MONTHS[name.group()]
    elif len(numbers) == 3 and numbers[0] > 1000:
        year, month, day = numbers
    else:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of an English word; words of other alphabets stay as they are."""
    if not word.isascii():
        return word
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from langchain_hunyuanocr.errors import ArchiveError, require

    return require("snowballstemmer", extra="chroma", error=ArchiveError).stemmer("english")
