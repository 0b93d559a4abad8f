"""What a spreadsheet takes of a source: its fields, and its tables, those that go on over several pages joined."""

from __future__ import annotations

from langchain_hunyuanocr.reading.fields.merge_pages import merge_fields
from langchain_hunyuanocr.reading.tables.across_pages import continuations, tables_of
from langchain_hunyuanocr.results import Field, PageReading, Table


class Spreadsheet:
    """Fields and tables of one source."""

    def __init__(self) -> None:
        self._readings: list[PageReading] = []

    def add(self, reading: PageReading) -> None:
        """Add a page, in order; its lines are let go."""
        self._readings.append(reading.model_copy(update={"lines": (), "raw": None}))

    @property
    def file_name(self) -> str:
        """Of the source."""
        return self._readings[0].file_name if self._readings else ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of all pages, merged."""
        return merge_fields([reading.fields for reading in self._readings])

    @property
    def tables(self) -> list[tuple[int, Table]]:
        """The tables in reading order, each with the page, from 0, on which it begins."""
        found = list(continuations(self._readings))
        pages = [
            reading.page
            for reading, continued in found
            for table in reading.tables[1 if continued is not None else 0 :]
        ]
        return list(zip(pages, tables_of(found), strict=True))


def state_of(field: Field) -> str:
    """How far a field can be relied on, in a word; one that a person corrected is told from what was read."""
    return "corrected" if field.corrected else field.state.value
