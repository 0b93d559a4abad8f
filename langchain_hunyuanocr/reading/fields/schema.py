"""Schema: a pydantic model as a set of fields, and found values as one of its instances."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AnyUrl, BaseModel, EmailStr, ValidationError
from pydantic.fields import FieldInfo

from langchain_hunyuanocr.errors import FieldError
from langchain_hunyuanocr.reading.fields.merge_pages import list_of
from langchain_hunyuanocr.reading.fields.normalize import decimal_of, normalise
from langchain_hunyuanocr.reading.fields.presets import spec_of
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, flat, fold
from langchain_hunyuanocr.results import Field, FieldState

Model = TypeVar("Model", bound=BaseModel)

_NUMBERS = (int, float, Decimal)
_SCALARS = (str, *_NUMBERS, bool, dt.date, dt.datetime, dt.time, EmailStr, AnyUrl)
_KINDS: dict[type, ValueKind] = {
    dt.date: ValueKind.DATE,
    dt.datetime: ValueKind.DATE,
    dt.time: ValueKind.TIME,
    EmailStr: ValueKind.EMAIL,
    int: ValueKind.MEASURE,
    float: ValueKind.MEASURE,
    Decimal: ValueKind.MEASURE,
}
_YES = frozenset({"yes", "true", "y", "x", "√", "✓", "☑", "是", "有", "对", "1"})
_NO = frozenset({"no", "false", "n", "☐", "×", "否", "无", "错", "0"})
_NAMES = frozenset(map(fold, ("name", "名称", "姓名")))
"""What a nested model calls the field that says who or what it is."""
_MOST_FIELDS = 200
"""A model with more is no question to a page."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A field of a model, its type taken apart."""

    name: str
    key: str
    """Under which the model takes its value."""
    info: FieldInfo
    kind: type
    """A scalar or an enumeration, or the model of what is nested or listed."""
    optional: bool
    listed: bool
    choices: tuple[Any, ...]


def specs_of(schema: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The fields that a pydantic model asks for.

    Args:
        schema: Its field names, aliases, titles and descriptions serve as labels. A nested model's fields are named
            `outer.inner`; a list of models is one field, the rows of a table.

    Returns:
        A spec a field, in the model's order.

    Raises:
        FieldError: It is no model, has no field, is nested in itself, or has a field that no page could answer.
    """
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise FieldError(f"{schema!r} is not a pydantic model", remedy="derive it from pydantic.BaseModel")
    specs = tuple(_specs(schema, "", ()))
    if len(specs) > _MOST_FIELDS:
        raise FieldError(
            f"the model {schema.__name__} has {len(specs)} fields", remedy=f"ask for {_MOST_FIELDS} at most"
        )
    return specs


def fill(schema: type[Model], fields: Sequence[Field]) -> Model:
    """An instance of a model from the values that were found for it.

    Args:
        schema: The model that was asked for.
        fields: As `find_fields` or `fields_from_answer` gave them. What is missing takes the model's default, or is
            `None` where that is allowed.

    Returns:
        The validated instance.

    Raises:
        FieldError: The values do not fit the model; the message names each field, and why.
    """
    found = {field.name: field for field in fields if field.state is not FieldState.MISSING}
    try:
        return schema.model_validate(_data(schema, "", found))
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'model'}: {one['msg']}" for one in error.errors())
        raise FieldError(
            f"what was read does not fit {schema.__name__}: {told}",
            remedy="make those fields optional, or take the values from PageReading.fields",
        ) from error


def _specs(schema: type[BaseModel], before: str, outer: tuple[type[BaseModel], ...]) -> Iterator[FieldSpec]:
    if schema in outer:
        raise FieldError(f"the model {schema.__name__} holds itself", remedy="ask for a model of finite depth")
    if not schema.model_fields:
        raise FieldError(f"the model {schema.__name__} has no field", remedy="give it at least one")
    for slot in _slots(schema):
        name = before + slot.name
        if issubclass(slot.kind, BaseModel) and not slot.listed:
            yield from _specs(slot.kind, f"{name}.", (*outer, schema))
        else:
            yield _spec(slot, name, (*outer, schema))


def _spec(slot: _Slot, name: str, outer: tuple[type[BaseModel], ...]) -> FieldSpec:
    told = [text for text in (_alias(slot.info), slot.info.title, slot.info.description) if text]
    spec = _nested(name, slot.name) if "." in name else spec_of(slot.name)
    asked = _alias(slot.info) or slot.info.title
    spec = replace(
        spec,
        name=name,
        labels=tuple(dict.fromkeys([*told, *spec.labels])),
        kind=_kind(slot, spec),
        asked=asked or (spec.asked if spec.role else None),
        choices=tuple(_word(choice) for choice in slot.choices),
        many=slot.listed,
    )
    if slot.listed and issubclass(slot.kind, BaseModel):
        rows = tuple(_specs(slot.kind, "", outer))
        if any(row.rows for row in rows):
            raise FieldError(f"{name} is a list of rows that hold lists", remedy="ask for flat rows")
        spec = replace(spec, rows=rows, kind=ValueKind.TEXT, fallback=None)
    return spec


def _nested(name: str, inner: str) -> FieldSpec:
    """What is known of `seller.name` or `seller.tax_id`: it may stand under `seller`, `seller tax id` or `tax id`."""
    outer = name.split(".")[-2]
    if fold(inner) in _NAMES:
        return spec_of(outer)
    whole, part = spec_of(f"{outer} {inner}"), spec_of(inner)
    return whole if whole.role else replace(part, labels=(*whole.labels, *part.labels))


def _kind(slot: _Slot, spec: FieldSpec) -> ValueKind:
    if slot.choices or slot.kind is bool:
        return ValueKind.TEXT
    wanted = _KINDS.get(slot.kind)
    if wanted is None and issubclass(slot.kind, AnyUrl):
        return ValueKind.URL
    if wanted is ValueKind.MEASURE:
        return spec.kind if spec.kind in (ValueKind.AMOUNT, ValueKind.MEASURE) else wanted
    return wanted or spec.kind


def _slots(schema: type[BaseModel]) -> Iterator[_Slot]:
    for name, info in schema.model_fields.items():
        where = f"{schema.__name__}.{name}"
        kind, optional, listed = _taken_apart(info.annotation, where)
        choices: tuple[Any, ...] = ()
        if get_origin(kind) is Literal:
            choices, kind = get_args(kind), str
        elif isinstance(kind, type) and issubclass(kind, Enum):
            choices = tuple(kind)
        elif not (isinstance(kind, type) and issubclass(kind, (*_SCALARS, BaseModel))):
            raise FieldError(f"{where} is of a type that no page can answer: {_told(kind)}", remedy=_REMEDY)
        yield _Slot(name, _alias(info) or name, info, kind, optional, listed, choices)


_REMEDY = "use str, a number, bool, a date, a Literal or Enum, a model, or a list of one of these"


def _taken_apart(annotation: Any, where: str) -> tuple[Any, bool, bool]:
    """The type itself, whether it may be `None`, and whether a list of it is asked for."""
    optional = listed = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
            optional = optional or len(kinds) < len(get_args(annotation))
            if len(kinds) > 1 and not all(isinstance(kind, type) and issubclass(kind, _SCALARS) for kind in kinds):
                raise FieldError(f"{where} may be one of several things: {_told(annotation)}", remedy=_REMEDY)
            annotation = kinds[0] if len(kinds) == 1 else str
        elif origin is list and not listed:
            listed, annotation = True, get_args(annotation)[0]
        elif isinstance(annotation, typing.TypeAliasType) if hasattr(typing, "TypeAliasType") else False:
            annotation = annotation.__value__
        else:
            return annotation, optional, listed


def _alias(info: FieldInfo) -> str | None:
    alias = info.validation_alias or info.alias
    choices = getattr(alias, "choices", None)
    if choices:
        alias = next((choice for choice in choices if isinstance(choice, str)), None)
    return alias if isinstance(alias, str) else None


def _told(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind).replace("typing.", "")


def _word(choice: Any) -> str:
    return str(choice.value if isinstance(choice, Enum) else choice)


def _data(schema: type[BaseModel], before: str, found: Mapping[str, Field]) -> dict[str, Any]:
    """What a model is made of; keys without a value are left out where they have a default."""
    data: dict[str, Any] = {}
    for slot in _slots(schema):
        name = before + slot.name
        value = _value(slot, name, found)
        if value is not None:
            data[slot.key] = value
        elif slot.info.is_required() and slot.optional:
            data[slot.key] = None
    return data


def _value(slot: _Slot, name: str, found: Mapping[str, Field]) -> Any:
    if issubclass(slot.kind, BaseModel) and not slot.listed:
        inner = _data(slot.kind, f"{name}.", found)
        empty = not any(key.startswith(f"{name}.") for key in found)
        return None if empty and (slot.optional or not slot.info.is_required()) else inner
    field = found.get(name)
    if field is None or field.value is None:
        return None
    if not slot.listed:
        return _typed(slot, field.value, field.normalised)
    items = list_of(field.value)
    if issubclass(slot.kind, BaseModel):
        return [_row(slot.kind, item) for item in items or [] if isinstance(item, Mapping)]
    return [_typed(slot, str(item), None) for item in (items if items is not None else [field.value])]


def _row(schema: type[BaseModel], item: Mapping[str, Any]) -> dict[str, Any]:
    state = FieldState.UNCONFIRMED
    cells = [
        Field(name=str(name), value=str(value), state=state) for name, value in item.items() if value not in (None, "")
    ]
    return _data(schema, "", {cell.name: cell for cell in cells})


def _typed(slot: _Slot, value: str, form: str | None) -> Any:
    """A printed value as what its field takes; as it is where it does not look like one, for pydantic to refuse."""
    if slot.choices:
        folded = fold(value)
        same = [c for c in slot.choices if fold(_word(c)) == folded]
        return same[0] if same else value
    if slot.kind is bool:
        word = flat(value).strip()
        return True if word in _YES else False if word in _NO else value
    if issubclass(slot.kind, _NUMBERS):
        number = form if form is not None else decimal_of(value, amount=False)
        return value if number is None else _as_whole(Decimal(number)) if slot.kind is int else str(number)
    if slot.kind is dt.datetime:
        day, time = form or normalise(value, ValueKind.DATE), normalise(value, ValueKind.TIME)
        return f"{day}T{time}" if day and time else day or value
    if slot.kind is dt.date:
        return form or normalise(value, ValueKind.DATE) or value
    if slot.kind is dt.time:
        return form or normalise(value, ValueKind.TIME) or value
    return value


def _as_whole(number: Decimal) -> Any:
    return int(number) if number == number.to_integral_value() else str(number)
