"""Table column: sums, averages and extremes over one column of a table.

Only a question that names a column by its header, and a table that is the only one to have it among the best pages, is
answered; whatever is less sure is left to the other ways.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from langchain_hunyuanocr.archive.answer.locate import box_of_row
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.search.ranking import RankedChunk
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.reading.tables.across_pages import continuations, tables_of
from langchain_hunyuanocr.results import PageReading, Table

_HOWS: tuple[tuple[str, str], ...] = (
    ("average", r"\b(?:average|mean)\b|平均"),
    ("highest", r"\b(?:highest|largest|biggest|greatest|maximum|most)\b|最[大高多]"),
    ("lowest", r"\b(?:lowest|smallest|least|minimum|fewest)\b|最[小低少]"),
    ("sum", r"\b(?:sum|total|add up|altogether)\b|合计|总[和计共]|一共|共计|之和"),
)
_NAMES_TABLE = re.compile(r"\b(?:table|column|rows?)\b|表[格中里]|[一该此这]表|列|栏")
_SUM_ROW = re.compile(r"(?:sub|grand)?\s?totals?\b|sum\b|(?:合|总|小|共)计|总[和额]")
_NO_VALUE = re.compile(r"[\s\-–—/.]*")
_UNIT = re.compile(r"[^\d\s.,()'’+-]+")
_BEST_PAGES = 3
"""Of the search, on which the table is looked for."""
_LONGEST_FILE = 50
"""Pages of a file whose tables are followed over its pages; of a longer one only the page itself is looked at."""
_BEFORE = ("", "$", "€", "£", "¥", "￥", "₹")
"""Units that stand before a number, as none does."""
_SHOWN = 20
"""Most citations."""
_CLEARLY = 0.15
"""How much more of the question the page of the one table must hold than that of another with such a column."""
_SAID_ZH = {"sum": "合计", "average": "平均", "highest": "最高", "lowest": "最低"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers.

    Attributes:
        table: It is in.
        pages: That the table stands on.
        rows: Those that count, with the number of each.
        sums: What rows that call themselves sums say.
        unit: That all numbers have; empty where they have none.
        coverage: How much of the question its page holds.
    """

    table: Table
    pages: tuple[PageReading, ...]
    rows: tuple[tuple[tuple[str, ...], Decimal], ...]
    sums: tuple[Decimal, ...]
    unit: str
    coverage: float


def column_answer(connection: sqlite3.Connection, text: str, pages: Sequence[RankedChunk]) -> Answer | None:
    """The answer to a question about a column; `None` where it is no such question or not surely one table's.

    Args:
        connection: To the ledger.
        text: The question.
        pages: The best pages for it, best first.
    """
    asked = fold(text)
    how = _how(asked)
    if how is None:
        return None
    found = [column for page in pages[:_BEST_PAGES] for column in _columns(connection, page, asked)]
    if not found:
        return None
    best, *others = sorted(found, key=lambda column: -column.coverage)
    if any(other.coverage > best.coverage - _CLEARLY for other in others if other.table.rows != best.table.rows):
        return None
    return _reckoned(best, how, chinese=re.search(r"[\u4e00-\u9fff]", asked) is not None)


def speaks_of_a_column(text: str) -> bool:
    """Whether a question asks to reckon with a table; cheap, and said before any page is looked for."""
    asked = fold(text)
    return _how(asked) is not None and _NAMES_TABLE.search(asked) is not None


def _how(asked: str) -> str | None:
    return next((name for name, pattern in _HOWS if re.search(pattern, asked)), None)


def _columns(connection: sqlite3.Connection, page: RankedChunk, asked: str) -> Iterator[Column]:
    (total,) = connection.execute("SELECT count(*) FROM pages WHERE sha256 = ?", (page.sha256,)).fetchone()
    if total <= _LONGEST_FILE:
        source = readings.present_source(connection, page.sha256) or ""
        held = list(readings.load_all(connection, page.sha256, source))
    else:
        one = readings.load(connection, page.sha256, page.page)
        held = [] if one is None else [one]
    tables = tables_of(list(continuations(held)))
    for table in tables:
        on = [reading for reading in held if reading.page in table.pages] if table.pages else _with(held, table)
        if any(reading.page == page.page for reading in on):
            column = _column(table, tuple(on), asked, page.coverage)
            if column is not None:
                yield column


def _with(held: Sequence[PageReading], table: Table) -> list[PageReading]:
    return [reading for reading in held if table in reading.tables]


def _column(table: Table, pages: tuple[PageReading, ...], asked: str, coverage: float) -> Column | None:
    """The one column of numbers whose header the question names; `None` where there is none or several."""
    if not table.header_rows:
        return None
    width = len(table.rows[0])
    headers = [
        fold(" ".join(dict.fromkeys(row[at] for row in table.rows[: table.header_rows]))).strip() for at in range(width)
    ]
    named = [at for at, header in enumerate(headers) if _stands_in(header, asked)]
    numeric = [found for at in named if (found := _numbers(table, at, pages, coverage)) is not None]
    return numeric[0] if len(numeric) == 1 else None


def _stands_in(header: str, asked: str) -> bool:
    bare = re.sub(r"\s*[(（].*", "", header).strip(" :：")
    if len(bare) < 2:
        return False
    edge = r"\b" if bare.isascii() else ""
    return re.search(rf"{edge}{re.escape(bare)}{edge}", asked) is not None


def _numbers(table: Table, at: int, pages: tuple[PageReading, ...], coverage: float) -> Column | None:
    rows: list[tuple[tuple[str, ...], Decimal]] = []
    sums: list[Decimal] = []
    units: set[str] = set()
    for row in table.rows[table.header_rows :]:
        if _NO_VALUE.fullmatch(row[at]):
            continue
        number = decimal_of(row[at])
        if number is None:
            return None  # a value that cannot be read would be left out of the sum
        units.add("".join(_UNIT.findall(row[at])))
        if any(_SUM_ROW.match(fold(cell)) for cell in row if cell != row[at]):
            sums.append(number)
        else:
            rows.append((row, number))
    # A sign may stand in the first row and the last only, as in many ledgers; two different ones are never added up.
    signs = units - {""}
    if len(rows) < 2 or len(signs) > 1:
        return None
    return Column(table, pages, tuple(rows), tuple(sums), next(iter(signs), ""), coverage)


def _reckoned(column: Column, how: str, *, chinese: bool) -> Answer | None:
    numbers = [number for _, number in column.rows]
    whole = sum(numbers, Decimal(0))
    counted = f"（{len(numbers)}行{_SAID_ZH[how]}）" if chinese else f"({how} of {len(numbers)} rows)"
    proof = column.rows
    if how in ("highest", "lowest"):
        figure = max(numbers) if how == "highest" else min(numbers)
        proof = tuple(entry for entry in column.rows if entry[1] == figure)
        said = f"{', '.join(row[0] for row, _ in proof)}: {_figure(figure, column.unit)}"
    elif column.unit.endswith("%") and how == "sum":
        return None  # shares of different things are no sum
    else:
        places = max(-int(number.as_tuple().exponent) for number in numbers)
        figure = (
            whole
            if how == "sum"
            else (whole / len(numbers)).quantize(Decimal(1).scaleb(-max(places, 2)), ROUND_HALF_UP)
        )
        said = _figure(figure, column.unit)
    citations = tuple(_citation(column, row) for row, _ in proof[:_SHOWN])
    # The table itself says whether every row was read right: where its own sum agrees.
    return Answer(answer=f"{said} {counted}", citations=citations, confident=whole in column.sums)


def _figure(number: Decimal, unit: str) -> str:
    if unit in _BEFORE:
        return f"{unit}{number:,}"
    return f"{number:,} {unit}" if unit.isascii() and unit != "%" else f"{number:,}{unit}"


def _citation(column: Column, row: tuple[str, ...]) -> Citation:
    own = next(((page, table) for page in column.pages for table in page.tables if row in table.rows), None)
    page, table = own if own is not None else (column.pages[0], column.table)
    quote = " | ".join(dict.fromkeys(cell for cell in row if cell.strip()))
    return Citation(source=page.source, page=page.page, quote=quote, box=box_of_row(page, table, row))
