"""Export rows: one for the page, one for each field, one for each table row, whatever the target."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from types import NoneType
from typing import Any, ClassVar, Literal, NamedTuple, get_args, get_type_hints

from langchain_hunyuanocr.results import Box, PageReading


class PageKey(NamedTuple):
    """What names a page, whatever its file is called; pages are exported in its order."""

    sha256: str
    """Of the bytes of the file."""
    page: int
    """Physical page from 0."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page; the columns have the names and meaning of a Document's metadata."""

    table: ClassVar[str] = "pages"
    key: ClassVar[tuple[str, ...]] = ("sha256", "page")

    sha256: str
    page: int
    source: str
    file_name: str
    total_pages: int
    page_label: str | None
    engine: str
    model: str
    revision: str
    task: str
    route: str
    status: str
    error: str | None
    agreement: float | None
    doubts: list[Any]
    """`[{text, other, kind, start, box}]`."""
    markdown: str
    translation: str | None
    width: int
    height: int
    rotation: float
    dpi: int


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field that was asked for on a page."""

    table: ClassVar[str] = "fields"
    key: ClassVar[tuple[str, ...]] = ("sha256", "page", "field_number")

    sha256: str
    page: int
    field_number: int
    """Among the fields of the page, from 0."""
    name: str
    value: str | None
    normalised: str | None
    state: str
    value_page: int | None
    """Physical page from 0 on which the value stands."""
    x0: float | None
    """The four edges of its box, in shares of the page picture, 0 to 1, origin top left."""
    y0: float | None
    x1: float | None
    y1: float | None
    others: list[Any]
    """Different values found for the same field: `[{value, page, box}]`."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table, below its header."""

    table: ClassVar[str] = "table_rows"
    key: ClassVar[tuple[str, ...]] = ("sha256", "page", "table_number", "row_number")

    sha256: str
    page: int
    table_number: int
    """Among the tables of the page, from 0."""
    row_number: int
    """Among the rows below the header, from 0."""
    caption: str | None
    record: dict[str, str]
    """Each cell by the name of its column, as `Table.records` gives them."""
    cells: list[str]
    """The same cells in their order."""


Row = PageRow | FieldRow | TableRow
ROWS: tuple[type[Row], ...] = (PageRow, FieldRow, TableRow)


class PageRows(NamedTuple):
    """All rows of one page."""

    page: PageRow
    fields: list[FieldRow]
    table_rows: list[TableRow]

    @property
    def key(self) -> PageKey:
        """What names the page."""
        return PageKey(self.page.sha256, self.page.page)


class Column(NamedTuple):
    """A column of a target's table."""

    name: str
    kind: Literal["text", "integer", "number", "json"]
    nullable: bool


_KINDS: dict[Any, Literal["text", "integer", "number"]] = {str: "text", int: "integer", float: "number"}


def columns(row: type[Row]) -> list[Column]:
    """The columns of a kind of row, in their order."""
    hints = get_type_hints(row)
    made = []
    for field in dataclasses.fields(row):
        hint = hints[field.name]
        nullable = NoneType in get_args(hint)
        made.append(Column(field.name, _KINDS.get(get_args(hint)[0] if nullable else hint, "json"), nullable))
    return made


def values(row: Row) -> dict[str, Any]:
    """A row's values by the names of its columns."""
    # Not `asdict`, which copies every cell of every table.
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}


def rows_of(reading: PageReading) -> PageRows:
    """All rows of a page that was read, or that could not be."""
    key = PageKey(reading.sha256, reading.page)
    return PageRows(_page_row(reading), _field_rows(key, reading), _table_rows(key, reading))


def to_record(rows: PageRows) -> dict[str, Any]:
    """A page as one JSON object: its columns, `fields` and `table_rows`; those do not repeat the page's key."""
    return {
        **values(rows.page),
        "fields": [_without_key(row) for row in rows.fields],
        "table_rows": [_without_key(row) for row in rows.table_rows],
    }


def _without_key(row: Row) -> dict[str, Any]:
    return {name: value for name, value in values(row).items() if name not in PageRow.key}


def _page_row(reading: PageReading) -> PageRow:
    return PageRow(
        sha256=reading.sha256,
        page=reading.page,
        source=reading.source,
        file_name=reading.file_name,
        total_pages=reading.total_pages,
        page_label=reading.page_label,
        engine=reading.engine,
        model=reading.model,
        revision=reading.revision,
        task=reading.task,
        route=reading.route.value,
        status=reading.status.value,
        error=reading.error,
        agreement=reading.agreement,
        doubts=[doubt.model_dump(mode="json") for doubt in reading.doubts],
        markdown=reading.markdown,
        translation=reading.translation,
        width=reading.width,
        height=reading.height,
        rotation=reading.rotation,
        dpi=reading.dpi,
    )


def _field_rows(key: PageKey, reading: PageReading) -> list[FieldRow]:
    return [
        FieldRow(
            *key,
            number,
            field.name,
            field.value,
            field.normalised,
            field.state.value,
            field.page,
            *_edges(field.box),
            [other.model_dump(mode="json") for other in field.others],
        )
        for number, field in enumerate(reading.fields)
    ]


def _edges(box: Box | None) -> tuple[float | None, float | None, float | None, float | None]:
    return (None, None, None, None) if box is None else (box.x0, box.y0, box.x1, box.y1)


def _table_rows(key: PageKey, reading: PageReading) -> list[TableRow]:
    return [
        TableRow(*key, table_number, row_number, table.caption, record, list(record.values()))
        for table_number, table in enumerate(reading.tables)
        for row_number, record in enumerate(table.records())
    ]
