"""Record: a paper as a row of comparable values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from langchain_hunyuanocr.archive.records.bearer import bare
from langchain_hunyuanocr.archive.records.paper_kind import RECORDS, kind_of
from langchain_hunyuanocr.archive.storage.records import Row
from langchain_hunyuanocr.archive.text.tokenizer import canonical_date
from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.results import Field, FieldState, Line, PageReading

VERSION = 2
"""Of the rules below and of the fields' own: records of another one are made again."""
SELLERS = ("seller", "merchant", "party_a")
BUYERS = ("buyer", "party_b")
_SIGNS = {"£": "GBP", "€": "EUR", "¥": "CNY", "￥": "CNY", "元": "CNY", "₹": "INR"}
"""A dollar may be of many countries: what the page says besides decides."""
_CODE = re.compile(
    r"(?<![A-Z])(USD|EUR|GBP|CNY|RMB|INR|JPY|CHF|HKD|AUD|CAD|SGD|MYR|MAD)(?![A-Z])|(?<![A-Za-z])(RM)(?![A-Za-z])"
)
_NAMED = {"RMB": "CNY", "RM": "MYR"}
_HEAD_LINES = 8
"""Lines at the top of a paper in which it says whose it is."""
_SURELY = 0.97
"""Confidence from which on a sum or a date is taken for sure: of 117 such values of real receipts, none was wrong."""
_FIELDS = TypeAdapter(tuple[Field, ...])


@dataclass(frozen=True, slots=True)
class Record:
    """A paper.

    Attributes:
        sha256: Of its file.
        source: Path or URL of its file.
        page: From 0.
        kind: What it is, see `paper_kind`.
        number: Its own, as printed; empty where it was not found.
        head: The lines at its top.
        stored: Its values by name, as they were stored.
        currency: Code of its sums, `$` where no page says whose dollar; empty where it is not known.
        copies: Files in which the same page lies besides this one.
    """

    sha256: str
    source: str
    page: int
    kind: str
    number: str
    head: tuple[str, ...]
    stored: Mapping[str, Any]
    currency: str
    copies: int = 0

    def value(self, name: str) -> Field | None:
        """A field that has a value."""
        stored = self.stored.get(name)
        return Field.model_validate(stored) if stored is not None and _has_value(stored) else None

    def amount(self, name: str) -> Decimal | None:
        """A sum, exactly."""
        field = self.value(name)
        return None if field is None else _decimal(field)

    def day(self, name: str = "date") -> str:
        """A date as ISO 8601; empty where it is not known, or can be read two ways."""
        field = self.value(name)
        return "" if field is None else field.normalised or canonical_date(field.value or "") or ""

    def bearers(self, role: str) -> frozenset[str]:
        """The names that it was found to bear in a role, bare."""
        wanted = {"seller": SELLERS, "buyer": BUYERS}.get(role, (*SELLERS, *BUYERS))
        return frozenset(bare(name) for name in self.names_of(wanted))

    def names_of(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The names that it was found to bear in some roles, as printed."""
        found = (self.stored.get(role) for role in roles)
        return tuple(str(stored["value"]) for stored in found if stored is not None and _has_value(stored))

    @property
    def names(self) -> tuple[str, ...]:
        """All names that it was found to bear, as printed."""
        return self.names_of((*SELLERS, *BUYERS))

    @property
    def title(self) -> str:
        """What to call it: its number, for a receipt whose it is."""
        named = next(iter(self.names), "") or next(iter(self.head), "")
        return (named or self.number) if self.kind == "receipt" else (self.number or named)

    @property
    def named(self) -> Field:
        """The line at its top, as a field that nobody has proven."""
        return Field(name="head", value=next(iter(self.head), ""), state=FieldState.CONFIRMED, page=self.page)


def is_sure(field: Field | None) -> bool:
    """Whether a value was read surely and is the one that its name says."""
    if field is None or field.state is FieldState.CONFIRMED:
        return field is not None
    return field.normalised is not None and field.confidence is not None and field.confidence >= _SURELY


def row_of(reading: PageReading) -> Row:
    """What a page is and says, to be stored."""
    kind = kind_of(reading)
    fields = {field.name: field for field in _fields(reading, kind)}
    about = RECORDS.get(kind)
    number = fields.get(about.number) if about is not None else None
    total = fields.get(about.total) if about is not None else None
    day = fields.get("date")
    amount = _decimal(total) if total is not None and total.value else None
    return Row(
        reading.sha256,
        reading.page,
        kind,
        (number.value or "") if number is not None else "",
        "\n".join(head_of(reading.lines)),
        (day.normalised or "") if day is not None else "",
        "" if amount is None else format(amount, "f"),
        _currency(fields, reading.markdown),
        _FIELDS.dump_json(tuple(fields.values())).decode("utf-8"),
    )


def record_of(row: Row, source: str, copies: int = 0) -> Record:
    """A stored row as a record."""
    fields = {stored["name"]: stored for stored in json.loads(row.fields)}
    head = tuple(row.head.split("\n")) if row.head else ()
    return Record(row.sha256, source, row.page, row.kind, row.number, head, fields, row.currency, copies)


def _has_value(stored: Mapping[str, Any]) -> bool:
    return bool(stored["value"]) and stored["state"] != FieldState.MISSING


def head_of(lines: tuple[Line, ...]) -> list[str]:
    """The lines at the top of a page that hold words."""
    worded = [line for line in lines if sum(char.isalpha() for char in line.text) > 1]
    top = sorted(worded, key=lambda line: line.box.y0 + line.box.y1)[:_HEAD_LINES]
    return [line.text for line in top]


def _fields(reading: PageReading, kind: str) -> tuple[Field, ...]:
    """The fields that the page was read with, and those of its kind's preset that these lack."""
    about = RECORDS.get(kind)
    given = {field.name: field for field in reading.fields}
    if about is not None and not {about.number, about.total} <= given.keys():
        preset = about.chinese if about.chinese and re.search(r"[\u4e00-\u9fff]", reading.markdown) else kind
        for field in find_fields(preset, reading.lines, reading.tables, page=reading.page):
            given.setdefault(field.name, field)
    return tuple(given.values())


def _decimal(field: Field) -> Decimal | None:
    return decimal_of(field.normalised or field.value or "", amount=field.normalised is None)


def _currency(fields: Mapping[str, Field], markdown: str) -> str:
    total = next((f.value for name in ("total", "amount", "subtotal") if (f := fields.get(name)) and f.value), "")
    named = _CODE.search(total) or _CODE.search(fields["currency"].value or "" if "currency" in fields else "")
    code = _NAMED.get(named[0], named[0]) if named else ""
    signed = next((code for sign, code in _SIGNS.items() if sign in total), "")
    if signed or "$" not in total:
        if signed or code:
            return signed or code
        if re.search(r"[¥￥]|人民币|元[整（(]", markdown):
            return "CNY"
        said = {_NAMED.get(found, found) for match in _CODE.finditer(markdown) for found in [match[0]]}
        return said.pop() if len(said) == 1 else ""
    return code if code and code not in _SIGNS.values() else "$"
