"""Filters over metadata, `{"field_total": (">=", 1000)}`, as SQL over the ledger's chunks.

A field is compared by its number or date and not by how it is printed (see `facts`). A page that has no value of its
own takes those of the other pages of its document: the total on the last page of an invoice holds for the first.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_hunyuanocr.archive.storage import field_values
from langchain_hunyuanocr.archive.text.tokenizer import canonical_date, fold
from langchain_hunyuanocr.errors import ArchiveError

Scalar = str | int | float | bool
Wanted = Scalar | Sequence[Any]
"""A value; a list of which any will do; an operator and a value; or a list of such pairs that must all hold."""
OPERATORS = (">=", "<=", "!=", "=", ">", "<", "~", "in")
_ORDER = (">=", "<=", ">", "<")
_PARTIAL_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?")
_MOST_VALUES = 1000
"""Of one filter in all. SQLite binds 32,766 parameters to a statement, and a field takes up to 9 for a value."""
_MOST_CONDITIONS = 100
_LONGEST_VALUE = 4000
"""Characters; SQLite's LIKE takes patterns of 50,000 bytes, and each may be escaped."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter; empty where everything is let through.

    Attributes:
        sql: A condition over `chunks c`.
        values: Its parameters.
    """

    sql: str = ""
    values: tuple[Any, ...] = ()


def make_filter(connection: sqlite3.Connection, where: Mapping[str, Wanted] | None) -> Filter:
    """A filter that lets through chunks that meet all of these conditions.

    Args:
        connection: To the ledger.
        where: By metadata key: a value; a list, of which any item will do; `(operator, value)` with one of `OPERATORS`
            (`~` is: contains, `in` takes a list); or a list of such pairs that must all hold. Numbers may be given as
            text, as from a command line. A chunk without the key meets no condition on it, `!=` among them. `source`
            and `file_name` match every name under which the same file is in the archive.

    Raises:
        ArchiveError: No chunk has such a key, a condition makes no sense, or there are more than 100 conditions or 1000
            values.
    """
    conditions: list[str] = []
    values: list[Any] = []
    many = 0
    for key, wanted in (where or {}).items():
        _check_key(connection, key)
        for operator, value in _pairs(key, wanted):
            many += len(value)
            if len(conditions) >= _MOST_CONDITIONS or many > _MOST_VALUES:
                raise ArchiveError(
                    "the filter has too many conditions",
                    remedy=f"give at most {_MOST_CONDITIONS}, with {_MOST_VALUES} values in all",
                )
            sql, bound = _condition(key, operator, value)
            conditions.append(f"({sql})")
            values += bound
    return Filter(" AND ".join(conditions), tuple(values))


def _pairs(key: str, wanted: Wanted) -> Iterator[tuple[str, list[Scalar]]]:
    """Operator and values, of which any will do."""
    if isinstance(wanted, str) or not isinstance(wanted, Sequence):
        yield "=", _values_of(key, wanted)
    elif _is_pair(wanted):
        yield wanted[0], _values_of(key, wanted[1])
    elif wanted and all(isinstance(one, Sequence) and not isinstance(one, str) for one in wanted):
        for one in wanted:
            if not _is_pair(one):
                raise _ill_formed(key, one)
            yield one[0], _values_of(key, one[1])
    else:
        yield "=", _values_of(key, wanted)


def _is_pair(wanted: Sequence[Any]) -> bool:
    return len(wanted) == 2 and isinstance(wanted[0], str) and wanted[0] in OPERATORS


def _values_of(key: str, value: Any) -> list[Scalar]:
    many = list(value) if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str) else [value]
    if not many or len(many) > _MOST_VALUES:
        raise ArchiveError(f"the filter on {key!r} has {len(many)} values", remedy=f"give 1 to {_MOST_VALUES}")
    return [_plain(key, one) for one in many]


def _plain(key: str, value: Any) -> Scalar:
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise _ill_formed(key, value)
    if isinstance(value, str):
        if len(value) > _LONGEST_VALUE:
            raise ArchiveError(
                f"a value of the filter on {ascii(key)[:80]} is too long", remedy=f"give {_LONGEST_VALUE} characters"
            )
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _ill_formed(key, value) from None
    elif isinstance(value, int) and abs(value) >= 2**63:
        try:
            return float(value)  # SQLite's integers end here
        except OverflowError:
            raise _ill_formed(key, "a number of so many digits") from None
    return value


def _ill_formed(key: str, value: Any) -> ArchiveError:
    return ArchiveError(
        f"the filter on {key!r} is not understood: {ascii(value)[:80]}",
        remedy=f"give a text, a number, a list of them, or (operator, value) with one of {' '.join(OPERATORS)}",
    )


def _condition(key: str, operator: str, values: list[Scalar]) -> tuple[str, list[Any]]:
    if operator in (*_ORDER, "~") and len(values) > 1:
        raise ArchiveError(f"the filter on {key!r} compares with several values", remedy=f"give {operator} one value")
    if key in ("source", "file_name"):
        return _of_file(key, operator, values)
    if field_values.is_field(key):
        test, bound = _any(operator, values, _of_fact)
        # A page with a value of its own is judged by it; another one by those of its document.
        return (
            f"(c.sha256, c.page) IN (SELECT sha256, page FROM facts WHERE key = ? AND ({test})) OR ("  # noqa: S608 - tests are of constants
            f"c.sha256 IN (SELECT sha256 FROM facts WHERE key = ? AND ({test})) AND "
            "(c.sha256, c.page) NOT IN (SELECT sha256, page FROM facts WHERE key = ?))",
            [key, *bound, key, *bound, key],
        )
    if key in ("page", "sha256"):
        return _any(operator, values, lambda o, v: _of_column(f"c.{key}", o, v))
    test, bound = _any("=" if operator == "!=" else operator, values, lambda o, v: _of_column("atom", o, v))
    if '"' in key:
        raise ArchiveError(f"{ascii(key)[:80]} cannot be filtered by", remedy="use keys without quotation marks")
    path, each = f'$."{key}"', "SELECT 1 FROM json_each(c.metadata, ?)"
    if operator == "!=":
        return (
            f"json_type(c.metadata, ?) IS NOT NULL AND NOT EXISTS ({each} WHERE {test})",
            [path, path, *bound],
        )
    return f"EXISTS ({each} WHERE {test})", [path, *bound]


def _any(operator: str, values: list[Scalar], of: Any) -> tuple[str, list[Any]]:
    """One test for several values: any of them, or for `!=` none."""
    tests: list[str] = []
    bound: list[Any] = []
    for value in values:
        test, parameters = of("=" if operator == "in" else operator, value)
        tests.append(f"({test})")
        bound += parameters
    return _joined(tests, "AND" if operator == "!=" else "OR"), bound


def _joined(tests: Sequence[str], word: str) -> str:
    """Tests as one, halved again and again: SQLite takes 1000 in a row for an expression of a depth of 1000."""
    if len(tests) == 1:
        return tests[0]
    half = len(tests) // 2
    return f"({_joined(tests[:half], word)}) {word} ({_joined(tests[half:], word)})"


def _of_fact(operator: str, value: Scalar) -> tuple[str, list[Any]]:
    text = str(value)
    if operator == "~":
        return "instr(text, ?) > 0", [fold(text)]
    number = field_values.number_of(text) if isinstance(value, str) else float(value)
    day = canonical_date(text) or (text if _PARTIAL_DATE.fullmatch(text) else None)
    sign = operator if operator in _ORDER else "="
    tests: list[str] = []
    bound: list[Any] = []
    if number is not None:
        tests.append(f"number {sign} ?")
        bound.append(number)
    if day is not None:
        # 2024 and 2024-05 stand for all their days.
        tests.append(f"substr(day, 1, {len(day)}) {sign} ?")
        bound.append(day)
    if operator in _ORDER:
        if not tests:
            raise ArchiveError(
                f"{ascii(text)[:80]} cannot be compared by {operator}", remedy="give a number, or a date as 2024-05-03"
            )
        return " OR ".join(tests), bound
    same = f"coalesce({' OR '.join(['text = ?', *tests])}, 0)"
    return f"NOT {same}" if operator == "!=" else same, [fold(text), *bound]


def _of_column(column: str, operator: str, value: Scalar) -> tuple[str, list[Any]]:
    """A test of a plain value; the constants of SQL come from `OPERATORS` and this module alone."""
    forms = _forms(value)
    if operator == "~":
        escaped = re.sub(r"([\\%_])", r"\\\1", str(value))
        return f"{column} LIKE ? ESCAPE '\\'", [f"%{escaped}%"]
    if operator in ("=", "!="):
        marks = ",".join("?" * len(forms))
        return f"{column} {'NOT ' if operator == '!=' else ''}IN ({marks})", forms
    number = next((form for form in forms if not isinstance(form, str)), None)
    if number is None:
        return f"typeof({column}) = 'text' AND {column} {operator} ?", [value]
    return f"typeof({column}) <> 'text' AND {column} {operator} ?", [number]


def _forms(value: Scalar) -> list[Any]:
    """The types that a value from a command line may have in the metadata."""
    forms: list[Any] = [value]
    if isinstance(value, str):
        if re.fullmatch(r"-?[0-9]{1,15}", value):
            forms.append(int(value))
        elif re.fullmatch(r"-?[0-9]*\.[0-9]+", value):
            forms.append(float(value))
        elif value.casefold() in ("true", "false"):
            forms.append(value.casefold() == "true")
    return forms


def _of_file(key: str, operator: str, values: list[Scalar]) -> tuple[str, list[Any]]:
    """Contents by the names of their files; those that other files have as well count by any of them."""
    if operator in _ORDER:
        raise ArchiveError(f"{key!r} cannot be compared by {operator}", remedy="use =, !=, ~ or in")
    tests, bound = [], []
    for value in values:
        test, parameters = _of_column("source", "~" if operator == "~" else "=", str(value))
        if key == "file_name" and operator != "~":
            test = f"{test} OR substr(replace(source, '\\', '/'), -length(?) - 1) = '/' || ?"
            parameters = [*parameters, str(value), str(value)]
        tests.append(f"({test})")
        bound += parameters
    negated = "NOT " if operator == "!=" else ""
    return (
        f"c.sha256 {negated}IN (SELECT sha256 FROM files WHERE sha256 IS NOT NULL AND ({_joined(tests, 'OR')}))",  # noqa: S608 - as above
        bound,
    )


def _check_key(connection: sqlite3.Connection, key: str) -> None:
    known = field_values.known_keys(connection)
    if not known or key in known or key in ("source", "file_name"):
        return
    raise ArchiveError(f"no chunk has the metadata key {ascii(key)[:80]}", remedy=f"known keys are {', '.join(known)}")
