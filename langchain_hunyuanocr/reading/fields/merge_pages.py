"""Merge the fields of pages: equal values are one, different ones are all kept and marked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from langchain_hunyuanocr.reading.fields.value_kinds import flat
from langchain_hunyuanocr.results import Field, FieldState, FieldValue


def merge_fields(pages: Sequence[Sequence[Field]]) -> tuple[Field, ...]:
    """Merge the fields of the pages of one file.

    Args:
        pages: The fields of each page, in order.

    Returns:
        A field a name, in the order in which names come. A value that stands on several pages, compared in its normal
        form or without width, case and spaces, is given once, at the page where it is confirmed, else at the first.
        Where values differ, the first confirmed one (else the first) is kept, the others are its `others`, and it is
        `unconfirmed`. Lists, which stand in `value` as JSON, are put together page after page.
    """
    by_name: dict[str, list[Field]] = {}
    for field in (field for page in pages for field in page):
        by_name.setdefault(field.name, []).append(field)
    return tuple(_merged(fields) for fields in by_name.values())


def list_of(value: str | None) -> list[Any] | None:
    """The list that a field's value is, as JSON; `None` where it is none."""
    if not value or not value.startswith("["):
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _merged(fields: Sequence[Field]) -> Field:
    given = [field for field in fields if field.state is not FieldState.MISSING and field.value is not None]
    if not given:
        return fields[0]
    lists = [items for field in given if (items := list_of(field.value)) is not None]
    if len(given) > 1 and len(lists) == len(given):
        return _joined(given, [item for items in lists for item in items])
    groups: dict[str, list[Field]] = {}
    for field in given:
        groups.setdefault(_sameness(field), []).append(field)
    best = [next((one for one in group if one.state is FieldState.CONFIRMED), group[0]) for group in groups.values()]
    kept = next((field for field in best if field.state is FieldState.CONFIRMED), best[0])
    others = [_other(field) for field in best if field is not kept]
    others += [other for field in given for other in field.others if other not in others]
    if not others:
        return kept
    return kept.model_copy(update={"others": tuple(others), "state": FieldState.UNCONFIRMED})


def _joined(fields: Sequence[Field], items: list[Any]) -> Field:
    sure = all(field.state is FieldState.CONFIRMED for field in fields)
    state = FieldState.CONFIRMED if sure else FieldState.UNCONFIRMED
    return fields[0].model_copy(update={"value": json.dumps(items, ensure_ascii=False), "state": state})


def _sameness(field: Field) -> str:
    return field.normalised or re.sub(r"\s", "", flat(field.value or ""))


def _other(field: Field) -> FieldValue:
    return FieldValue(value=field.value or "", page=field.page, box=field.box)
