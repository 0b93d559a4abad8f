"""Checked items: what must not be wrong in a text, numbers, dates, identifiers and names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, extract, narrow
from langchain_hunyuanocr.reading.verification.plain_text import Offsets, folded

ItemKind = Literal["number", "date", "identifier", "name"]

_NUMERAL = re.compile(r"(?<![^\W\d_])-?\d+(?:(?:[.,'’·:/]|(?<=\d) (?=\d{3}(?!\w)))\d+)*|\d+(?:[.,]\d+)*")
_MIXED = re.compile(r"(?=[A-Za-z/_-]*\d)(?=[\d/_.,-]*[A-Za-z])[A-Za-z0-9]+(?:(?:[/_.-]|(?<=\d),(?=\d))?[A-Za-z0-9]+)*")
_LEAST_IDENTIFIER = 8
"""Digits in a row that make a number an identifier."""
_CAPITALISED = r"[A-Z][a-zà-ÿ'’-]+"
_NAMES = (
    re.compile(rf"(?<![A-Za-z])(?:Mr|Mrs|Ms|Dr|Prof)\.?[ ]{_CAPITALISED}(?:[ ]{_CAPITALISED}){{0,2}}"),
    re.compile(
        r"(?<![A-Za-z])[A-Z][\w&.'’-]*(?:[ ](?:[A-Z&][\w&.'’-]*|and)){0,5}[ ]"
        r"(?:Ltd|Limited|Inc|LLC|plc|GmbH|AG|Corp(?:oration)?|B\.?V|S\.?A|University|Bank)(?![A-Za-z])"
    ),
    re.compile(r"[一-鿿（）()]{2,30}(?:公司|集团|银行|大学|医院|法院)(?![一-鿿])"),
    re.compile(r"(?:姓名|(?:联系|开票|收款|经办|负责|法定代表)人)[:：]\s*(?P<name>[一-鿿]{2,4})(?![一-鿿])"),
    re.compile(r"(?<![一-鿿])[一-鿿]{1,3}(?:先生|女士)"),
)
_SEPARATORS = re.compile(r"[,.'’·](?=\d{3}(?!\d))|(?<=\d)\s(?=\d)")
_NO_DATE = re.compile(r"\d+([./-])\d+(?!\1)[./-]\d+")
"""The end of one decimal number and another after a dash look like a date."""
_DASHES = str.maketrans(dict.fromkeys("−–—‐‑", "-"))


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """A stretch of text that is checked as a whole."""

    kind: ItemKind
    start: int
    end: int
    canonical: str
    """What must be the same: digits exactly with the decimal point, letters without case."""


def items_of(text: str, hidden: Sequence[Offsets] = ()) -> list[CheckedItem]:
    """The items of a text, in order, none within another.

    Args:
        text: Markdown, or a line of a page.
        hidden: Stretches without text of the page, in order.
    """
    shown = _masked(narrow(text).translate(_DASHES), hidden)
    items: list[CheckedItem] = []
    taken: list[Offsets] = []
    for kind, start, end in (*_dates(shown), *_names(shown), *_with_digits(shown)):
        if all(end <= first or last <= start for first, last in taken):
            taken.append((start, end))
            items.append(CheckedItem(kind, start, end, canonical(shown[start:end], kind)))
    return sorted(items, key=lambda item: item.start)


def canonical(text: str, kind: ItemKind) -> str:
    """The part of an item that must be the same for both readers.

    Of a number the digits, its decimal point and its sign: separators of thousands and spaces differ between readers
    that read the same. Of everything else the letters and digits.
    """
    if kind == "number":
        text = unicodedata.normalize("NFKC", text)  # a fraction is two numbers
        digits = _SEPARATORS.sub("", text.translate(_DASHES))
        digits = re.sub(r"\D+", ".", digits.lstrip("-")).strip(".")
        return ("-" if text.translate(_DASHES).startswith("-") else "") + digits
    return "".join(map(folded, text))


def _masked(text: str, hidden: Sequence[Offsets]) -> str:
    if not hidden:
        return text
    parts, done = [], 0
    for start, end in hidden:
        parts += [text[done:start], "\n" * (end - max(start, done))]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _dates(text: str) -> Iterator[tuple[ItemKind, int, int]]:
    done = 0
    while (span := extract(text[done:], ValueKind.DATE)) is not None:
        if not _NO_DATE.fullmatch(text[done + span[0] : done + span[1]]):
            yield "date", done + span[0], done + span[1]
        done += span[1]


def _names(text: str) -> Iterator[tuple[ItemKind, int, int]]:
    for pattern in _NAMES:
        for match in pattern.finditer(text):
            yield "name", *match.span("name" if pattern.groups else 0)


def _with_digits(text: str) -> Iterator[tuple[ItemKind, int, int]]:
    for match in _MIXED.finditer(text):
        yield "identifier", *match.span()
    for match in _NUMERAL.finditer(text):
        digits = sum(char.isdigit() for char in match[0])
        plain = match[0].isdigit() and digits >= _LEAST_IDENTIFIER
        start = match.start()
        # A dash between two numbers is a range, not a sign.
        if match[0].startswith("-") and start and (text[start - 1].isalnum() or text[start - 1] in ")%"):
            start += 1
        yield "identifier" if plain else "number", start, match.end()
