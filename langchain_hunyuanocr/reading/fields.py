"""Named values of a page: found by their labels among its lines, or taken from a model's answer and checked.

A value stands behind its label on the same line, beside it, under it, or at the crossing of a row and a column. What is
found this way is `confirmed`, since it was read on the page, with the box of the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import BaseModel

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.confirm import PageText, confirm_fields, parse_fields_answer, part_of
from langchain_hunyuanocr.reading.labels import Hit, LabelledPage
from langchain_hunyuanocr.reading.presets import PRESETS, FieldSpec
from langchain_hunyuanocr.reading.values import ValueKind, company_name, extract, flat, fold, letters, narrow
from langchain_hunyuanocr.results import Box, Field, FieldState, Line, Table

__all__ = [
    "PRESETS",
    "FieldPlan",
    "FieldSpec",
    "confirm_fields",
    "fields_of_schema",
    "find_fields",
    "parse_fields_answer",
]

_GUESSES = (
    (re.compile(r"date|日期|时间$"), ValueKind.DATE),
    (re.compile(r"e-?mail|邮箱"), ValueKind.EMAIL),
    (re.compile(r"phone|mobile|(?<![a-z])tel(?![a-z])|fax|电话|手机|传真"), ValueKind.PHONE),
    (re.compile(r"amount|total|price|subtotal|金额|合计|总价|税额"), ValueKind.AMOUNT),
    (re.compile(r"number|(?<![a-z])(?:no|id|code)(?![a-z])|号码?$|编号$|代码$"), ValueKind.IDENTIFIER),
)
_LOOSE = (ValueKind.TEXT, ValueKind.NAME)
_SUMS = (ValueKind.AMOUNT, ValueKind.MEASURE)
_MOST_LETTERS_BETWEEN = 3
"""Letters between a label and its value on one line, as in `No. A 12`; more is another label or a sentence."""
_HEAD_OF_PAGE = 0.15
_ROW_PITCH = 0.05
_LINES_OF_HEAD = 3
"""A letterhead is among the first lines, or that high on the page."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """The fields that are wanted of every page."""

    specs: tuple[FieldSpec, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """In the order asked."""
        return tuple(spec.name for spec in self.specs)

    @classmethod
    def of(cls, fields: Sequence[str] | type[BaseModel] | None, *, preset: str | None = None) -> FieldPlan:
        """A plan from names, a schema or a preset; an empty one from nothing.

        Raises:
            FieldError: Both were given, the preset is unknown, or a name is empty or given twice.
        """
        if preset is not None:
            if fields:
                raise FieldError("fields and a preset were both given", remedy="give one of them")
            if preset not in PRESETS:
                raise FieldError(f"there is no preset {preset!r}", remedy=f"choose one of {', '.join(PRESETS)}")
            return cls(PRESETS[preset])
        if isinstance(fields, type):
            return cls(fields_of_schema(fields))
        if isinstance(fields, str):
            raise FieldError(f"fields are a list of names, not {fields!r}", remedy=f"pass fields=[{fields!r}]")
        names = list(fields or ())
        if any(not isinstance(name, str) or not fold(name) for name in names):
            raise FieldError("a field has no name", remedy='name each field, for example "total"')
        if len(set(names)) != len(names):
            raise FieldError("a field is named twice", remedy="name each field once")
        return cls(tuple(_spec(name) for name in names))


def fields_of_schema(schema: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The fields that a flat pydantic model asks for.

    Args:
        schema: Its field names, aliases, titles and descriptions serve as labels.

    Returns:
        A spec a field, in the model's order.

    Raises:
        FieldError: It is no model, has no field, or a field is itself a model.
    """
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise FieldError(f"{schema!r} is not a pydantic model", remedy="derive it from pydantic.BaseModel")
    if not schema.model_fields:
        raise FieldError(f"the model {schema.__name__} has no field", remedy="give it at least one")
    specs = []
    for name, info in schema.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            raise FieldError(f"{schema.__name__}.{name} is a model inside a model", remedy="ask for flat models only")
        told = [text for text in (info.alias, info.title, info.description) if text]
        spec = _spec(name)
        specs.append(replace(spec, labels=tuple(dict.fromkeys([*told, *spec.labels]))))
    return tuple(specs)


def _spec(name: str) -> FieldSpec:
    """What is known about a name that the user made up."""
    wanted = fold(name)
    common = [spec for specs in PRESETS.values() for spec in specs]
    # Specs that count labels or cross rows only make sense beside the others of their preset.
    known = next((s for s in common if fold(s.name) == wanted and s.nth is None), None) or next(
        (s for s in common if s.nth is None and any(fold(label) == wanted for label in s.labels)), None
    )
    words = name.replace("_", " ").strip()
    if known is not None:
        return replace(known, name=name, labels=tuple(dict.fromkeys([words, *known.labels])))
    kind = next((kind for pattern, kind in _GUESSES if pattern.search(flat(words))), ValueKind.TEXT)
    return FieldSpec(name, (words,), kind)


class _Find(NamedTuple):
    """A value that may be the one; the smallest wins."""

    rank: float
    relation: int
    """0 crossing, 1 behind or beside the label, 2 under it, 3 in a table, 4 in a sentence, 5 without label."""
    place: float
    """The smaller the better: height on the page, turned round for sums, which stand below what they sum up."""
    value: str
    box: Box | None


def find_fields(
    names: FieldPlan | Sequence[str] | str, lines: Sequence[Line], tables: Sequence[Table] = (), *, page: int
) -> tuple[Field, ...]:
    """Find named values by their labels.

    Args:
        names: A plan, names, or the name of a preset.
        lines: The page's lines.
        tables: The page's tables.
        page: Physical page from 0.

    Returns:
        A field a name, in the order asked: `confirmed` with the box of the value, or `missing`.

    Raises:
        FieldError: The names make no sense.
    """
    if isinstance(names, str):
        plan = FieldPlan.of(None, preset=names)
    else:
        plan = names if isinstance(names, FieldPlan) else FieldPlan.of(names)
    known = [label for specs in (*PRESETS.values(), plan.specs) for spec in specs for label in spec.labels]
    searched = _Search(LabelledPage(lines, known), tables)
    fields: list[Field] = []
    for spec in plan.specs:
        found = searched.find(spec, taken={field.value for field in fields if field.value})
        state = FieldState.MISSING if found is None else FieldState.CONFIRMED
        value, box = (None, None) if found is None else (found.value, found.box)
        fields.append(Field(name=spec.name, value=value, state=state, page=page, box=box))
    return tuple(fields)


def _in_rows(finds: Iterable[_Find]) -> list[_Find]:
    """Row by row from the top, each from the left; rows are told apart coarsely, since the page may lie askew."""
    placed = sorted(((find.box, find) for find in finds if find.box), key=lambda item: item[0].y0)
    row, rows = 0, []
    for number, (box, find) in enumerate(placed):
        row += number > 0 and box.y0 - placed[number - 1][0].y0 > _ROW_PITCH
        rows.append((row, box.x0, find))
    return [find for _, _, find in sorted(rows, key=lambda item: item[:2])]


class _Search:
    def __init__(self, page: LabelledPage, tables: Sequence[Table]) -> None:
        self._page = page
        self._tables = tables
        self._text = PageText(page.lines)

    def find(self, spec: FieldSpec, *, taken: set[str]) -> _Find | None:
        """The likeliest value."""
        if spec.nth is not None:
            places = _in_rows(self._at_labels(spec))
            return places[spec.nth] if len(places) > spec.nth else None
        finds = [*self._crossings(spec), *self._at_labels(spec), *self._in_tables(spec)]
        if not finds:
            finds = [*self._in_sentences(spec), *self._without_label(spec, taken)]
        return min(finds, default=None, key=lambda item: item[:3])

    def _crossings(self, spec: FieldSpec) -> Iterator[_Find]:
        if spec.row and spec.column:
            for number in self._page.crossing(spec.row, spec.column):
                yield from self._take(number, 0, None, spec, rank=-1.0, relation=0)

    def _at_labels(self, spec: FieldSpec) -> Iterator[_Find]:
        for hit in self._page.hits(spec.labels):
            start, end, colon = self._page.rest(hit, spec.labels)
            behind = list(self._behind(hit, start, end, colon, spec)) if start < end else []
            if behind:
                yield from behind
            elif start >= len(self._page.flat[hit.line]):
                for near in self._page.neighbours(hit, across=spec.kind in _SUMS):
                    finds = list(
                        self._take(near.line, 0, None, spec, rank=hit.rank, relation=1 + near.below, at=hit.line)
                    )
                    if finds:
                        yield from finds
                        break

    def _behind(self, hit: Hit, start: int, end: int, colon: bool, spec: FieldSpec) -> Iterator[_Find]:
        text = self._page.lines[hit.line].text[start:end]
        if spec.kind in _LOOSE and not colon and not (spec.kind is ValueKind.NAME and company_name(text)):
            return
        yield from self._take(hit.line, start, end, spec, rank=hit.rank, relation=1)

    def _take(
        self,
        number: int,
        start: int,
        end: int | None,
        spec: FieldSpec,
        *,
        rank: float,
        relation: int,
        at: int | None = None,
    ) -> Iterator[_Find]:
        line = self._page.lines[number]
        text = narrow(line.text)[start:end]
        span = extract(text, spec.kind)
        if span is None or (spec.kind not in _LOOSE and letters(text[: span[0]]) > _MOST_LETTERS_BETWEEN):
            return
        first, last = start + span[0], start + span[1]
        place = float(number if at is None else at)
        if spec.kind is ValueKind.AMOUNT:
            place = -place
        value, box = line.text[first:last].strip(), part_of(line, first, last)
        if spec.kind in _LOOSE and last >= len(line.text.rstrip()):
            value, box = self._going_on(value, box, self._page.run(number)[1:])
        yield _Find(rank, relation, place, value, box)

    def _going_on(self, value: str, box: Box, more: Sequence[int]) -> tuple[str, Box]:
        """A value and the lines that go on after it: recognisers part words that stand wide."""
        for number in more:
            value = f"{value} {self._page.lines[number].text.strip()}"
            box = Box.around([box, self._page.lines[number].box]) or box
        return value, box

    def _in_tables(self, spec: FieldSpec) -> Iterator[_Find]:
        labels = {fold(label): rank for rank, label in enumerate(spec.labels)}
        for table in self._tables:
            for r, row in enumerate(table.rows):
                for c, cell in enumerate(row):
                    rank = labels.get(fold(cell))
                    if rank is None:
                        continue
                    beside = next((other for other in row[c + 1 :] if other.strip() and other != cell), None)
                    under = table.rows[r + 1][c] if len(table.rows) == 2 and r == 0 else None
                    for value in (beside, under):
                        span = extract(narrow(value), spec.kind) if value else None
                        if value and span and fold(value) not in labels:
                            text = value[span[0] : span[1]].strip()
                            yield _Find(rank, 3, float(r), text, self._text.find(text) or table.box)
                            break

    def _in_sentences(self, spec: FieldSpec) -> Iterator[_Find]:
        """A sum with its sign, soon after a label in running text: `a fixed price of £1,200`."""
        if spec.kind is not ValueKind.AMOUNT:
            return
        for number, text in enumerate(self._page.flat):
            for rank, label in enumerate(spec.labels):
                at = text.find(flat(label)) if len(label) > 3 else -1
                if at < 0:
                    continue
                for follow in range(number, min(number + 2, len(self._page.lines))):
                    start = at + len(label) if follow == number else 0
                    line = self._page.lines[follow]
                    found = re.search(r"[$€£¥₹]\s*\d+(?:,\d{3})*(?:\.\d{1,2})?", narrow(line.text)[start:])
                    if found:
                        first, last = start + found.start(), start + found.end()
                        yield _Find(rank, 4, float(number), line.text[first:last], part_of(line, first, last))
                        break

    def _without_label(self, spec: FieldSpec, taken: set[str]) -> Iterator[_Find]:
        if spec.fallback == "letterhead":
            for number, line in enumerate(self._page.lines):
                if number >= _LINES_OF_HEAD and line.box.y0 >= _HEAD_OF_PAGE:
                    break
                first, *more = self._page.run(number, leftward=True)
                head = self._page.lines[first]
                text, box = self._going_on(head.text.strip(), head.box, more)
                name = company_name(text)
                if name is not None and name not in taken and not self._page.is_label(number):
                    box = box if more else part_of(head, 0, len(name))
                    yield _Find(0.0, 5, number - 100 * line.box.height, name, box)
        elif spec.fallback == "anywhere":
            for number, line in enumerate(self._page.lines):
                span = extract(narrow(line.text), spec.kind)
                if span is not None:
                    value = line.text[span[0] : span[1]]
                    sign = spec.kind is ValueKind.CURRENCY and len(value) < 3
                    yield _Find(1.0 if sign else 0.0, 5, float(number), value, part_of(line, *span))
