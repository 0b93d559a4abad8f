"""Aggregation: sums, counts and lists over many documents, exact, each value with its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from langchain_hunyuanocr.archive.answer.aggregate.parse import RECORDS, Plan, bare, papers_of, plan_of
from langchain_hunyuanocr.archive.answer.aggregate.records import Record, records_of
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.results import Field, FieldState

_SHOWN = 20
"""Most citations and entries of a list; the answer says how many there are."""
_CENT = Decimal("0.01")
_OVER_DATES = ("date", "due_date")
_SAID = {
    "sum": ("sum", "合计"),
    "average": ("average", "平均"),
    "maximum": ("highest", "最高"),
    "minimum": ("lowest", "最低"),
}
_SAID_OF_DATES = {"maximum": ("latest", "最晚"), "minimum": ("earliest", "最早")}


def computed_answer(
    connection: sqlite3.Connection, text: str, where: Mapping[str, Wanted] | None = None
) -> Answer | None:
    """The answer to a question about many papers; `None` where it is not such a question, or not wholly understood.

    An answer whose text is `None` says that the archive holds no such paper. Currencies are never added up; a paper
    that is in the archive twice counts once.

    Raises:
        ArchiveError: No chunk has a key of `where`.
    """
    paper = papers_of(text)
    if paper is None:
        return None
    records, complete = records_of(connection, paper, where)
    plan = plan_of(text, paper, (name for record in records for name in record.names))
    if plan is None or not records or not complete:
        return None
    chosen, certain = _chosen(records, plan)
    if not chosen:
        return Answer(answer=None)
    if plan.how == "count":
        said = _counted(len(chosen), plan)
        return _answer(said, [(record, _number(record)) for record in chosen], certain=certain)
    if plan.how == "list":
        return _listed(chosen, plan, certain=certain)
    return _reckoned(chosen, plan, certain=certain)


def _chosen(records: Sequence[Record], plan: Plan) -> tuple[list[Record], bool]:
    """The papers that meet every condition, and whether that is certain of each that was looked at."""
    chosen, certain = [], True
    for record in records:
        bearers = record.bearers(plan.role)
        if any(bare(name) not in bearers for name in plan.names):
            # Where a name was not found at all, it might be the one.
            certain = certain and bool(bearers)
            continue
        day = record.value(plan.period_of)
        amount = record.amount(plan.over) if plan.above is not None or plan.below is not None else None
        if plan.period and (day is None or not day.normalised):
            certain = False
        elif plan.period and day is not None and not (day.normalised or "").startswith(plan.period):
            continue
        elif plan.currency and record.currency != plan.currency:
            certain = certain and record.currency not in ("", "$")
        elif (plan.above is not None or plan.below is not None) and amount is None:
            certain = False
        elif amount is None or _within(amount, plan):
            chosen.append(record)
            certain = certain and (not plan.period or (day is not None and day.state is FieldState.CONFIRMED))
    return chosen, certain


def _within(amount: Decimal, plan: Plan) -> bool:
    if plan.or_equal and amount in (plan.above, plan.below):
        return True
    return (plan.above is None or amount > plan.above) and (plan.below is None or amount < plan.below)


def _reckoned(chosen: Sequence[Record], plan: Plan, *, certain: bool) -> Answer:
    if plan.over in _OVER_DATES:
        return _of_dates(chosen, plan, certain=certain)
    values: dict[str, list[tuple[Decimal, Record, Field]]] = {}
    for record in chosen:
        amount, field = record.amount(plan.over), record.value(plan.over)
        if amount is not None and field is not None:
            values.setdefault(record.currency, []).append((amount, record, field))
    used = sum(map(len, values.values()))
    if not used:
        return Answer(answer=None)
    certain = certain and used == len(chosen) and "" not in values
    said, proof = [], []
    for currency, entries in sorted(values.items()):
        amounts = [amount for amount, _, _ in entries]
        if plan.how in ("maximum", "minimum"):
            end = max(amounts) if plan.how == "maximum" else min(amounts)
            best = [entry for entry in entries if entry[0] == end]
            numbers = ", ".join(record.number for _, record, _ in best)
            said.append(f"{numbers}: {_money(end, currency)}")
            certain = certain and all(field.state is FieldState.CONFIRMED for _, _, field in entries)
        else:
            best = entries
            whole = sum(amounts, Decimal(0))
            figure = whole / len(amounts) if plan.how == "average" else whole
            said.append(_money(figure, currency))
        proof += [(record, field) for _, record, field in best]
    words = _said(plan, _SAID, used, len(chosen))
    return _answer(f"{'; '.join(said)} {words}", proof, certain=certain)


def _of_dates(chosen: Sequence[Record], plan: Plan, *, certain: bool) -> Answer:
    dated = [(field.normalised, record, field) for record in chosen if (field := record.value(plan.over))]
    known = [(day, record, field) for day, record, field in dated if day]
    if not known:
        return Answer(answer=None)
    days = [day for day, _, _ in known]
    end = max(days) if plan.how == "maximum" else min(days)
    best = [(record, field) for day, record, field in known if day == end]
    certain = certain and len(known) == len(chosen)
    certain = certain and all(field.state is FieldState.CONFIRMED for _, _, field in known)
    said = "; ".join(f"{record.number}: {field.value}" for record, field in best)
    return _answer(f"{said} {_said(plan, _SAID_OF_DATES, len(known), len(chosen))}", best, certain=certain)


def _listed(chosen: Sequence[Record], plan: Plan, *, certain: bool) -> Answer:
    entries, proof = [], []
    for record in chosen:
        field = record.value(plan.over)
        amount = record.amount(plan.over)
        entries.append(record.number if amount is None else f"{record.number}: {_money(amount, record.currency)}")
        proof.append((record, field or _number(record)))
    more = f"; … ({len(entries)})" if len(entries) > _SHOWN else ""
    return _answer("; ".join(entries[:_SHOWN]) + more, proof, certain=certain)


def _answer(said: str, proof: Sequence[tuple[Record, Field]], *, certain: bool) -> Answer:
    citations = tuple(
        Citation(source=record.source, page=record.page, quote=field.value or "", box=field.box)
        for record, field in proof[:_SHOWN]
    )
    sure = certain and all(field.state is FieldState.CONFIRMED for _, field in proof)
    return Answer(answer=said, citations=citations, confident=sure)


def _number(record: Record) -> Field:
    return next(field for field in record.fields.values() if field.value == record.number)


def _counted(count: int, plan: Plan) -> str:
    record = RECORDS[plan.paper]
    if plan.language == "zh":
        return f"{count}{record.measure_zh}{record.nouns_zh[0]}"
    return f"{count} {_plural(record.nouns_en[0], count)}"


def _said(plan: Plan, words: Mapping[str, tuple[str, str]], used: int, chosen: int) -> str:
    """What was done with how many values."""
    english, chinese = words[plan.how]
    record = RECORDS[plan.paper]
    if plan.language == "zh":
        missing = f"，另有{chosen - used}{record.measure_zh}未能读出" if used < chosen else ""
        return f"（{used}{record.measure_zh}{record.nouns_zh[0]}{chinese}{missing}）"
    missing = f", {chosen - used} more could not be read" if used < chosen else ""
    return f"({english} of {used} {_plural(record.nouns_en[0], used)}{missing})"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _money(amount: Decimal, currency: str) -> str:
    figure = f"{amount.quantize(_CENT, ROUND_HALF_UP):,}"
    return f"{currency} {figure}" if currency else figure
