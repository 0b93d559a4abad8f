"""Overlay: which marks a reading gets on its page, and in which colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_hunyuanocr.display.draw import Colour, Mark

Values = Mapping[str, Any]
"""A reading, or a value in one, as its `model_dump` has it."""

CONFIRMED: Colour = (22, 128, 60)
UNCONFIRMED: Colour = (180, 95, 6)
DOUBT: Colour = (200, 30, 40)
TABLE: Colour = (30, 90, 200)
REGION: Colour = (124, 58, 190)
LINE: Colour = (150, 150, 158)

_PLAIN_BLOCKS = frozenset({"paragraph", "list", "table"})
"""Blocks that are not marked: running text shows as lines, tables as tables."""


def marks_of(
    reading: Values, *, lines: bool, tables: bool, fields: bool, doubts: bool, regions: bool
) -> Iterator[Mark]:
    """The marks of a reading's page, those that matter most last.

    Fields and tables that stand on another page are left out, and so is what has no box.

    Args:
        reading: `PageReading.model_dump()`.
        lines: Whether lines are marked.
        tables: Whether tables are.
        fields: Whether fields are.
        doubts: Whether doubts are.
        regions: Whether regions are, and with them figures, formulas and headings.
    """
    page = reading["page"]
    if lines:
        yield from (Mark(line["box"], LINE, weight=0.7) for line in reading["lines"])
    if regions:
        blocks = (block for block in reading["blocks"] if block["kind"] not in _PLAIN_BLOCKS)
        for region in (*reading["regions"], *blocks):
            if region["box"] is not None:
                yield Mark(region["box"], REGION, label=region["kind"], weight=1.2)
    if tables:
        for number, table in enumerate(reading["tables"], 1):
            if table["box"] is not None and (not table["pages"] or table["pages"][0] == page):
                yield Mark(table["box"], TABLE, label=f"table {number}", opacity=0.05, weight=1.6)
    if fields:
        for field in reading["fields"]:
            if field["box"] is not None and field["page"] in (None, page):
                yield _field(field)
    if doubts:
        for doubt in reading["doubts"]:
            if doubt["box"] is not None:
                yield Mark(doubt["box"], DOUBT, label=both_readings(doubt), opacity=0.2)


def both_readings(doubt: Values) -> str:
    """A doubt in a few characters: what the one reader has, and what the other has."""
    return f"{doubt['text'] or 'nothing'} ≠ {doubt['other'] or 'nothing'}"


def _field(field: Values) -> Mark:
    if field["state"] == "confirmed":
        return Mark(field["box"], CONFIRMED, label=field["name"], opacity=0.16)
    return Mark(field["box"], UNCONFIRMED, label=f"{field['name']}: {field['state']}", opacity=0.16, dashed=True)
