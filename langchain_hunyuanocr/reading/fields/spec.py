"""Field specification: its name, its labels, its kind of value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind

Fallback = Literal["letterhead", "anywhere", "person", "address"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A value that can be asked for.

    Attributes:
        name: As it is asked for and given back.
        labels: What stands beside or above the value, the most telling first; compared without case, width and spaces.
        kind: What the value looks like; anything else under the label is not taken.
        nth: Which of two equal labels of `inner` counts, from 0, in reading order: the buyer's and the seller's name on
            a Chinese VAT invoice stand under the same label. `None` takes the best.
        row: Labels of a table row, and
        column: of a column, where the value stands at their crossing.
        block: Labels at the head of the block that it is a part of, as the sender's telephone is, and
        inner: labels that it has in common with the same value of other blocks, or parties.
        fallback: Where to look when no label is there: the name at the head of the page, anywhere, or the person whose
            name stands largest.
        asked: How a language model is asked for it, where another name than its own says more.
        choices: The only values that it can have.
        many: Whether it is a list of values.
        check: The rule of `langchain_hunyuanocr.reading.checks` that every right value passes.
        shape: A pattern that every right value matches as a whole.
        role: Its name in the preset that it was taken from, where it goes by another.
        rows: The columns, where it is a list of rows of a table.
        ranked: The role whose fitted weights choose its value among all of the page, see `ranking`; empty for a value
            that is found by its label alone.
    """

    name: str
    labels: tuple[str, ...]
    kind: ValueKind = ValueKind.TEXT
    nth: int | None = None
    row: tuple[str, ...] = ()
    column: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    fallback: Fallback | None = None
    asked: str | None = None
    choices: tuple[str, ...] = ()
    many: bool = False
    check: str | None = None
    shape: str | None = None
    role: str = ""
    rows: tuple[FieldSpec, ...] = ()
    ranked: str = ""
