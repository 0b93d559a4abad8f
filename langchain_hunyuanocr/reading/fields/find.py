"""Find the fields of a page: by their labels among its lines, or from a model's answer, checked.

By label, a value stands behind its label on the same line, beside it, under it, or at the crossing of a row and a
column; it is `confirmed` where `evidence` proves it. What a language model says is `confirmed` where it stands among
the lines of another reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from langchain_hunyuanocr.reading.fields.confirmation import FieldCandidate, confirmed
from langchain_hunyuanocr.reading.fields.dates import date_order, two_readings
from langchain_hunyuanocr.reading.fields.from_answer import fields_from_answer
from langchain_hunyuanocr.reading.fields.label_index import LabelledPage
from langchain_hunyuanocr.reading.fields.label_search import FieldValueCandidate, LabelSearch
from langchain_hunyuanocr.reading.fields.normalize import normalise
from langchain_hunyuanocr.reading.fields.plan import FieldPlan
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.reading.fields.ranking.items import items_of
from langchain_hunyuanocr.reading.fields.ranking.model import Weights
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.ranking.rank import Ranking
from langchain_hunyuanocr.reading.fields.rereading import Reread, mended_lines, remembered
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.table_rows import find_rows
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, flat, fold, narrow
from langchain_hunyuanocr.results import Field, FieldState, FieldValue, Line, Table

_EVEN = 0.5
"""Confidence of a model below which a value behind its label is taken instead."""
_CROSSING = 0
_OF_TABLES = (_CROSSING, 3)
"""Relations of values that stand in tables, see `FieldValueCandidate`: a model does not look there."""
_AT_LABEL = (1, 2, 3)
"""Relations of values that stand behind, beside or under their label, or in a table beside it."""
_LABEL_FIRST = frozenset({ValueKind.NAME, ValueKind.ADDRESS, ValueKind.TEXT, ValueKind.TIME})
"""Kinds whose values are taken from their label where there is one: no place and no sum says more."""

__all__ = [
    "PRESETS",
    "FieldPlan",
    "FieldSpec",
    "fields_from_answer",
    "find_fields",
]


def find_fields(
    names: FieldPlan | Sequence[str] | str,
    lines: Sequence[Line],
    tables: Sequence[Table] = (),
    *,
    page: int,
    again: Reread | None = None,
    exact: bool = False,
    model: Mapping[str, Weights] | None = None,
) -> tuple[Field, ...]:
    """Find named values: by a fitted model among all values of the page, or by their labels.

    Args:
        names: A plan, names, or the name of a preset.
        lines: The page's lines.
        tables: The page's tables.
        page: Physical page from 0.
        again: Looks once more at places of the page, see `looks.again_by`; without it, of lines that were recognised,
            only values that prove themselves are `confirmed`: by check digits, or by sums that add up.
        exact: Whether the lines are the file's own text, which cannot be misread.
        model: Weights by role in the place of those of the package.

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
    known = [
        label
        for specs in (*(preset.fields for preset in PRESETS.values()), plan.specs)
        for spec in specs
        for label in (*spec.labels, *spec.inner)
    ]
    order = date_order(flat(line.text) for line in lines)
    if again is not None:
        again = remembered(again)
        if roles := [spec.ranked for spec in plan.specs if spec.ranked]:
            lines = mended_lines(lines, Ranking(PageRows(lines), order, model).unsure_boxes(roles), again)
    labelled = LabelledPage(lines, known)
    search = LabelSearch(labelled, tables, (spec.block for spec in plan.specs))
    ranking = Ranking(labelled.rows, order, model)
    claims: dict[str, FieldCandidate] = {}
    for spec in (spec for spec in plan.specs if not spec.rows):
        found = search.candidates(spec, taken={claim.found.value for claim in claims.values()})
        ranked = ranking.best(spec.ranked) if spec.ranked and not (found and spec.kind in _LABEL_FIRST) else None
        if found and _has_own_words(spec, found[0]) and (ranked is None or ranked.value != found[0].value):
            ranked = None  # the page prints the very words that were asked for
        elif ranked is not None and (ranked.confidence >= _EVEN or not any(one.relation == _CROSSING for one in found)):
            claims[spec.name] = FieldCandidate.ranked(spec, ranked)
            continue
        elif ranked is None and spec.ranked and spec.kind not in _LABEL_FIRST:
            found = [one for one in found if one.relation in _OF_TABLES]
        if found:
            first, *rivals = found
            form = normalise(first.value, spec.kind, order=order)
            claims[spec.name] = FieldCandidate(spec, first, tuple(rivals), form)
    sure = confirmed(list(claims.values()), labelled, again=again, exact=exact)
    return tuple(
        _rows(spec, tables, ranking, page)
        if spec.rows
        else _field(spec, claims.get(spec.name), page, sure=spec.name in sure)
        for spec in plan.specs
    )


def _has_own_words(spec: FieldSpec, first: FieldValueCandidate) -> bool:
    """Whether a value stands at the words by which the user named a field that a preset has by another name."""
    renamed = spec.role is not None and fold(spec.name) != fold(spec.role)
    return renamed and first.rank == 0 and first.relation in _AT_LABEL


def _rows(spec: FieldSpec, tables: Sequence[Table], ranking: Ranking, page: int) -> Field:
    """The rows of a table, else those that stand as the items of a receipt do, without one."""
    field = find_rows(spec, tables, page=page)
    if field.value is not None or spec.ranked != "items":
        return field
    rows, box = items_of(ranking.sums)
    if not rows:
        return field
    value = json.dumps(rows, ensure_ascii=False)
    return field.model_copy(update={"value": value, "state": FieldState.UNCONFIRMED, "box": box})


def _field(spec: FieldSpec, claim: FieldCandidate | None, page: int, *, sure: bool) -> Field:
    if claim is None:
        return Field(name=spec.name, value=None, state=FieldState.MISSING, page=page)
    value = claim.found.value
    if spec.many:
        value = json.dumps([part for part in re.split(r"\s*[,;，；、]\s*", value) if part], ensure_ascii=False)
    both = two_readings(narrow(value)) if spec.kind is ValueKind.DATE and claim.normalised is None else ()
    return Field(
        name=spec.name,
        value=value,
        state=FieldState.CONFIRMED if sure else FieldState.UNCONFIRMED,
        others=tuple(FieldValue(value=day, page=page, box=claim.found.box) for day in both),
        page=page,
        box=claim.found.box,
        normalised=claim.normalised,
        confidence=claim.confidence,
    )
