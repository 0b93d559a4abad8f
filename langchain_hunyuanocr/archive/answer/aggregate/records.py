"""Records: invoices, receipts and contracts among what was read, as rows of comparable values."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from langchain_hunyuanocr.archive.answer.aggregate.parse import RECORDS, bare
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.filters import Wanted, make_filter
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.results import Field, FieldState, PageReading

_LONGEST_TITLE = 48
"""Characters of the line in which a paper says what it is."""
_SELLERS = ("seller", "merchant", "party_a")
_BUYERS = ("buyer", "party_b")
_SIGNS = {"£": "GBP", "€": "EUR", "¥": "CNY", "￥": "CNY", "元": "CNY", "₹": "INR"}
"""A dollar may be of many countries: what the page says besides decides."""
_CODE = re.compile(r"(?<![A-Z])(USD|EUR|GBP|CNY|RMB|INR|JPY|CHF|HKD|AUD|CAD)(?![A-Z])")
MOST_PAGES = 3000
"""Pages that are looked through for one question: about a minute."""


@dataclass(frozen=True, slots=True)
class Record:
    """A paper.

    Attributes:
        source: Path or URL of its file.
        page: From 0.
        number: Its own, as printed; empty where it was not found.
        fields: Its values by name.
        currency: Code of its sums, `$` where no page says whose dollar; empty where it is not known.
    """

    source: str
    page: int
    number: str
    fields: Mapping[str, Field]
    currency: str

    def value(self, name: str) -> Field | None:
        """A field that has a value."""
        field = self.fields.get(name)
        return field if field is not None and field.value and field.state is not FieldState.MISSING else None

    def amount(self, name: str) -> Decimal | None:
        """A sum, exactly."""
        field = self.value(name)
        if field is None or not field.value:
            return None
        return decimal_of(field.normalised or field.value, amount=field.normalised is None)

    def bearers(self, role: str) -> frozenset[str]:
        """The names on it in a role, bare."""
        wanted = {"seller": _SELLERS, "buyer": _BUYERS}.get(role, (*_SELLERS, *_BUYERS))
        return frozenset(bare(field.value or "") for name in wanted if (field := self.value(name)))

    @property
    def names(self) -> tuple[str, ...]:
        """All names on it, as printed."""
        return tuple(field.value or "" for name in (*_SELLERS, *_BUYERS) if (field := self.value(name)))


def records_of(
    connection: sqlite3.Connection, paper: str, where: Mapping[str, Wanted] | None
) -> tuple[list[Record], bool]:
    """All papers of a kind, each once however often it is in the archive, and whether every page was looked at.

    Raises:
        ArchiveError: No chunk has a key of `where`.
    """
    found: dict[str, list[Record]] = {}
    pages = list(_pages(connection, paper, where))
    for sha256, page in pages[:MOST_PAGES]:
        reading = readings.load(connection, sha256, page)
        record = None if reading is None else record_of(reading, paper)
        if record is not None:
            alike = found.setdefault(bare(record.number), [])
            if not any(_is_copy(record, other) for other in alike):
                alike.append(record)
    return [record for alike in found.values() for record in alike], len(pages) <= MOST_PAGES


def _is_copy(record: Record, other: Record) -> bool:
    """Whether two papers of one number are one: a copy, or a later page of it; two senders may use the same number."""
    mine, others = record.bearers("seller"), other.bearers("seller")
    return not mine or not others or bool(mine & others) or record.amount("total") == other.amount("total") is not None


def record_of(reading: PageReading, paper: str) -> Record | None:
    """The paper that begins on a page; `None` where none of the kind does."""
    kind = RECORDS[paper]
    number_name = kind.number
    given = {field.name: field for field in reading.fields}
    number = given.get(number_name)
    if number is None or number.value is None:
        titles = (fold(line.text) for line in reading.lines if len(line.text) <= _LONGEST_TITLE)
        if not any(kind.title.search(title) for title in titles):
            return None
    if not {number_name, "total"} <= given.keys():
        preset = kind.chinese if kind.chinese and re.search(r"[\u4e00-\u9fff]", reading.markdown) else paper
        given = {field.name: field for field in find_fields(preset, reading.lines, reading.tables, page=reading.page)}
        number = given.get(number_name)
    if number is None or number.value is None:
        return None
    return Record(reading.source, reading.page, number.value, given, _currency(given, reading.markdown))


def _pages(connection: sqlite3.Connection, paper: str, where: Mapping[str, Wanted] | None) -> Iterable[tuple[str, int]]:
    chosen = make_filter(connection, where)
    words = (*RECORDS[paper].nouns_en, *RECORDS[paper].nouns_zh)
    condition = " OR ".join(["c.text LIKE ?"] * len(words))
    narrower = f" AND {chosen.sql}" if chosen.sql else ""
    return connection.execute(
        "SELECT sha256, page FROM chunks c"  # noqa: S608 - constants and question marks
        f" WHERE ({condition}){narrower} GROUP BY sha256, page"
        " ORDER BY (SELECT min(source) FROM files f WHERE f.sha256 = c.sha256), page LIMIT ?",
        (*(f"%{word}%" for word in words), *chosen.values, MOST_PAGES + 1),
    )


def _currency(fields: Mapping[str, Field], markdown: str) -> str:
    total = next((f.value for name in ("total", "amount", "subtotal") if (f := fields.get(name)) and f.value), "")
    named = _CODE.search(total) or _CODE.search(fields["currency"].value or "" if "currency" in fields else "")
    code = named[1].replace("RMB", "CNY") if named else ""
    signed = next((code for sign, code in _SIGNS.items() if sign in total), "")
    if signed or "$" not in total:
        return signed or code or ("CNY" if re.search(r"[¥￥]|人民币|元[整（(]", markdown) else "")
    return code if code and code not in _SIGNS.values() else "$"
