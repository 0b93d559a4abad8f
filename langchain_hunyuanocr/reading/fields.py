"""Named values of a page: found by their labels among its lines, or taken from a model's answer and checked.

A value stands behind its label on the same line, beside it, under it, or at the crossing of a row and a column. What is
found this way is `confirmed`, since it was read on the page, with the box of the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.confirm import confirm_fields, parse_fields_answer
from langchain_hunyuanocr.reading.evidence import Claim, proven
from langchain_hunyuanocr.reading.finding import Search
from langchain_hunyuanocr.reading.labels import LabelledPage
from langchain_hunyuanocr.reading.looks import Again
from langchain_hunyuanocr.reading.normal import date_order, normalise
from langchain_hunyuanocr.reading.presets import PRESETS, FieldSpec
from langchain_hunyuanocr.reading.values import ValueKind, flat, fold
from langchain_hunyuanocr.results import Field, FieldState, Line, Table

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


def find_fields(
    names: FieldPlan | Sequence[str] | str,
    lines: Sequence[Line],
    tables: Sequence[Table] = (),
    *,
    page: int,
    again: Again | None = None,
    exact: bool = False,
) -> tuple[Field, ...]:
    """Find named values by their labels.

    Args:
        names: A plan, names, or the name of a preset.
        lines: The page's lines.
        tables: The page's tables.
        page: Physical page from 0.
        again: Looks once more at places of the page, see `looks.again_by`; without it, of lines that were recognised,
            only values that prove themselves are `confirmed`: by check digits, or by sums that add up.
        exact: Whether the lines are the file's own text, which cannot be misread.

    Returns:
        A field a name, in the order asked, with the box of the value: `confirmed` where it is proven that the value was
        read right and is the one asked for, else `unconfirmed`; or `missing`.

    Raises:
        FieldError: The names make no sense.
    """
    if isinstance(names, str):
        plan = FieldPlan.of(None, preset=names)
    else:
        plan = names if isinstance(names, FieldPlan) else FieldPlan.of(names)
    known = [label for specs in (*PRESETS.values(), plan.specs) for spec in specs for label in spec.labels]
    labelled = LabelledPage(lines, known)
    search = Search(labelled, tables)
    order = date_order(line.text for line in lines)
    claims: dict[str, Claim] = {}
    for spec in plan.specs:
        first, *rivals = search.candidates(spec, taken={claim.found.value for claim in claims.values()}) or [None]
        if first is not None:
            form = normalise(first.value, spec.kind, order=order)
            claims[spec.name] = Claim(spec, first, tuple(rivals), form)
    sure = proven(list(claims.values()), labelled, again=again, exact=exact)
    return tuple(_field(spec.name, claims.get(spec.name), page, sure=spec.name in sure) for spec in plan.specs)


def _field(name: str, claim: Claim | None, page: int, *, sure: bool) -> Field:
    if claim is None:
        return Field(name=name, value=None, state=FieldState.MISSING, page=page)
    return Field(
        name=name,
        value=claim.found.value,
        state=FieldState.CONFIRMED if sure else FieldState.UNCONFIRMED,
        page=page,
        box=claim.found.box,
        normalised=claim.normalised,
    )
