"""Figures of tables: the cell at the crossing of the row and the column that a question names.

A row is called by its label and by the heading over it, a column by all levels of its header: years and months in any
writing, `three months`, `votes for`. Where a table has no header of its own, it is under the one above it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from langchain_hunyuanocr.archive.answer.aggregate.period import Period
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.text.tokenizer import MONTHS, fold
from langchain_hunyuanocr.results import PageReading, Table

_FIGURE = re.compile(r"^[\sSs$€£¥￥(−–-]*\d[\d.,]*\s*[%)％]*\s*[$Ss%]?$|^\(?[\d.,]+\)?\s?%$")
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d,]|\.\d)")
_YEAR_ALONE = re.compile(r"^\W*(?:19|20)\d\d\W*$")
_SIGN_ONLY = re.compile(r"^[\sSs$€£¥￥%#)(]*$")
_WELL_FORMED = re.compile(r"^[$€£¥￥]?\s?[(-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?\)?\s?%?$")
_IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_UNIT = re.compile(r"\bin (thousands|millions|billions)\b", re.IGNORECASE)
_SILENT = "the of a an and or for in on at to by from less plus note notes see item as with"
_LITTLE = f"{_SILENT} net"
_MONTH = re.compile(rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})\b|(?<!\d)(1[0-2]|[1-9])月")
_LIKE = 84.0
"""How alike (0 to 100) two words are at least that are one, typed or read with a slip."""
_SHORTEST = 5
"""Letters of a word in which a slip is looked for."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell of a table and how it is called.

    Attributes:
        table: It is in.
        row: It stands in.
        text: As printed, a sign of currency that was read as a letter mended.
        label: Of its row.
        above: The heading over its row.
        header: Of its column, all levels.
        unit: `in millions`, where the table says so.
        kin: Figures in its row.
    """

    table: Table
    row: tuple[str, ...]
    text: str
    label: str
    above: str
    header: str
    unit: str
    kin: int

    @property
    def well_formed(self) -> bool:
        """Whether it is printed as figures are: a misread comma makes it another number."""
        return _WELL_FORMED.match(self.text) is not None


def figures_of(reading: PageReading) -> Iterator[Figure]:
    """All figures of a page's tables that stand in a row with a label."""
    header: list[str] = []
    for table in reading.tables:
        start, own = _header(table)
        if not own and not _YEAR.search(" ".join(header)):
            header = _years_above(reading, table)
        header = own or header
        text = " ".join((reading.markdown[:2000], " ".join(own)))
        unit = _UNIT.search(text)
        above = ""
        for row in table.rows[start:]:
            cells = [cell.strip() for cell in row]
            at = [column for column, cell in enumerate(cells) if column and _FIGURE.match(cell)]
            label = _label(cells, at[0] if at else len(cells))
            if not at:
                above = label or above
                continue
            if not label:
                continue
            for place, column in enumerate(at):
                yield Figure(
                    table,
                    row,
                    _mended(cells[column]),
                    label,
                    above,
                    _over(header, column, place, len(at), len(cells)),
                    f"in {unit[1].lower()}" if unit else "",
                    len(at),
                )


def _header(table: Table) -> tuple[int, list[str]]:
    """Where the values of a table begin, and what stands over each column; empty where it has no header."""
    start = 0
    for row in table.rows:
        if any(_FIGURE.match(cell.strip()) and not _YEAR_ALONE.match(cell) for cell in row[1:]):
            break
        start += 1
    rows = table.rows[:start]
    # A heading in the first column alone is of the rows below it.
    while rows and not any(cell.strip() and cell != rows[-1][0] for cell in rows[-1][1:]):
        rows = rows[:-1]
    over = [" ".join(dict.fromkeys(row[at].strip() for row in rows if row[at].strip())) for at in range(_width(table))]
    return len(rows), over if any(over[1:]) else []


def _width(table: Table) -> int:
    return len(table.rows[0]) if table.rows else 0


def _years_above(reading: PageReading, table: Table) -> list[str]:
    """The years in a row of their own over a table that has no header."""
    before = reading.markdown.partition(table.markdown[:40])[0].splitlines()
    for line in reversed(before[-8:]):
        years = _YEAR.findall(line)
        if len(years) > 1:
            return ["", *years]
    return []


def _over(header: Sequence[str], column: int, place: int, figures: int, width: int) -> str:
    """The header of a figure; by its place among the figures where columns of signs stand between them."""
    if len(header) == width and header[column]:
        return header[column]
    named = [text for text in header[1:] if text]
    if len(header) != width and place < len(named):
        return named[place]
    if len(named) == figures:
        return named[place]
    # A sign of currency may have a column of its own, and the header over it.
    return header[column - 1] if len(header) == width and column > 1 else ""


def _label(cells: Sequence[str], end: int) -> str:
    return " ".join(dict.fromkeys(cell for cell in cells[:end] if cell and not _SIGN_ONLY.match(cell)))


def _mended(cell: str) -> str:
    return re.sub(r"^[Ss]\s?(?=[\d(])", "$ ", re.sub(r"\s*[$Ss]$", "", cell))


@dataclass(frozen=True, slots=True)
class Match:
    """How far a figure is the one that a question asks for.

    Attributes:
        figure: The cell.
        asked: Share of the question's own words, 0 to 1, that its row, its column and the page's names say.
        named: Share of the label's words that the question says.
        nearly: The same, a `total` in the label aside: who asks for sales means all of them.
        period: Whether its column is of the time that was asked for; `None` where neither says any.
        column: Share of the words of its header that the question says.
        row: Share of the question's own words that its label says.
    """

    figure: Figure
    asked: float
    named: float
    nearly: float
    period: bool | None
    column: float
    row: float

    @property
    def rank(self) -> tuple[float, float, float]:
        """The best row is the greatest."""
        return round(self.asked, 3), round(self.row, 3), round(self.nearly, 3)


def match(
    figure: Figure,
    words: Mapping[str, float],
    ways: Mapping[str, Sequence[tuple[str, ...]]],
    names: frozenset[str],
    period: Period,
    asking: frozenset[str] = frozenset(),
    company: frozenset[str] = frozenset(),
) -> Match | None:
    """Hold a figure against a question; `None` where its row is not named.

    Args:
        figure: The cell.
        words: Of the question, without those of asking, and what each weighs.
        ways: What else a word is called.
        names: Words that the document says of itself: they tell whose figures these are.
        period: That the question says.
        asking: Words of the question that need not stand there: `total`, `amount`.
        company: Those that name whose figures are asked for; they tell no row from another.
    """
    label, above, header = (words_of(text) for text in (figure.label, figure.above, figure.header))
    total = held = by_label = 0.0
    for word, weight in words.items():
        total += weight
        of_document = _held(word, names, ways) or any(_begins(word, name) for name in names)
        if _held(word, label, ways) and not (of_document and word in company):
            held += weight
            by_label += weight
        elif of_document or _held(word, above | header | label, ways):
            held += weight
    if not by_label or not total:
        return None
    by_label += sum(any(_same(word, one) for one in label) for word in asking)
    called = asking | {
        way for word in words for way in (word, *(part for other in ways.get(word, ()) for part in other))
    }
    own = words_of(_IN_BRACKETS.sub(" ", figure.label)) - words_of(_LITTLE) or label
    over = header - words_of(_SILENT) - words_of(" ".join(MONTHS)) - {word for word in header if word.isdigit()}
    row = by_label / (total + len(asking))
    return Match(
        figure,
        held / total,
        _share(own, called),
        _share(own - words_of("total") or own, called),
        _of_period(fold(figure.header), period),
        _share(over, called),
        row,
    )


def _share(words: frozenset[str], called: Collection[str]) -> float:
    """Of the words that are called so."""
    return sum(any(_same(word, one) for one in called) for word in words) / len(words) if words else 0.0


def _of_period(header: str, period: Period) -> bool | None:
    if not period.start:
        return None
    years = set(_YEAR.findall(header))
    if period.year and years and years != {period.year}:
        return False
    months = {MONTHS.get(name) or int(number or 0) for name, number in _MONTH.findall(header)}
    month = re.search(r"-(\d\d)", period.start)
    if months and month:
        return int(month[1]) in months
    return bool(period.year) if years else None


def _held(word: str, among: frozenset[str], ways: Mapping[str, Sequence[tuple[str, ...]]]) -> bool:
    return any(_same(word, other) for other in among) or any(among.issuperset(way) for way in ways.get(word, ()))


def _begins(word: str, name: str) -> bool:
    """Whether a word is the first part of another: `rain` in `Rainfall in millimetres`."""
    return len(word) >= _SHORTEST - 1 and name.startswith(word)


def _same(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < _SHORTEST or word[0] != other[0] or any(char.isdigit() for char in word):
        return False  # `noninterest` is no slip of `interest`
    return fuzz.ratio(word, other) >= _LIKE
