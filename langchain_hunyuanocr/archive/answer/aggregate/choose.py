"""Choose: the papers that a question means, and whether any other might be meant as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from langchain_hunyuanocr.archive.answer.aggregate.question import Plan
from langchain_hunyuanocr.archive.records.bearer import Bearing, bare, bears, nearly
from langchain_hunyuanocr.archive.records.record import BUYERS, SELLERS, Record, is_sure

_LESS = 12.0
"""How much less alike than the best a name may be on a paper that is still meant."""


@dataclass(slots=True)
class Chosen:
    """The papers that a question means.

    Attributes:
        papers: In the order of their files.
        certain: Whether it is certain of each paper that was looked at that it is one of them, or none.
        unread: Papers whose day, sum or name could not be read, so that they may be meant.
        named: Whether any paper bears the names of the question; `True` where it says none.
    """

    papers: list[Record] = field(default_factory=list)
    certain: bool = True
    unread: int = 0
    named: bool = True


def choose(records: Sequence[Record], plan: Plan) -> Chosen:
    """The papers that meet every condition of a plan."""
    found = Chosen()
    meant = _named(once(records), plan, found)
    for record in meant:
        day = record.day(plan.period_of)
        amount = record.amount(_sum_of(record, plan)) if plan.limited else None
        if plan.period.start and not day:
            found.certain, found.unread = False, found.unread + 1
        elif plan.period.start and not plan.period.holds(day):
            found.certain = found.certain and is_sure(record.value(plan.period_of))
        elif plan.currency and record.currency != plan.currency:
            found.certain = found.certain and record.currency not in ("", "$")
        elif plan.limited and amount is None:
            found.certain, found.unread = False, found.unread + 1
        elif amount is None or _within(amount, plan):
            found.papers.append(record)
            found.certain = found.certain and (not plan.period.start or is_sure(record.value(plan.period_of)))
    return found


def _named(records: Sequence[Record], plan: Plan, found: Chosen) -> list[Record]:
    """The papers that bear the names of a question."""
    meant = [record for record in records if all(_bears_exactly(record, name, plan, found) for name in plan.names)]
    if not plan.left:
        found.named = bool(meant) or not plan.names
        return meant
    placed = [(record, *place) for record in meant if (place := _place(record, plan)) is not None]
    found.named = bool(placed)
    if any(by_field and place.sure for _, place, by_field in placed):
        # A paper of somebody else may bear the name as well: the brand of a chain, the landlord of a shop.
        placed = [one for one in placed if one[2] or not one[0].names]
    best = max((place.likeness for _, place, _ in placed), default=0.0)
    near = [(record, place) for record, place, _ in placed if place.likeness >= best - _LESS]
    there = {(record.sha256, record.page) for record, _ in near}
    missed = any(nearly(record.head, plan.left) for record in records if (record.sha256, record.page) not in there)
    found.certain = found.certain and all(place.sure for _, place in near) and not missed
    return [record for record, _ in near]


def _place(record: Record, plan: Plan) -> tuple[Bearing, bool] | None:
    """Where a paper bears the name, and whether a field says it."""
    if bare(plan.left) == bare(record.number) != "":
        return Bearing(100.0, ""), True
    names = {"seller": SELLERS, "buyer": BUYERS}.get(plan.role, (*SELLERS, *BUYERS))
    own = list(record.names_of(names))
    found = bears(own, plan.left) if own else None
    if found is not None and found.sure:
        return found, True
    # Whose it is stands at the top, found as a field or not; a buyer does not.
    top = None if plan.role == "buyer" and own else bears(record.head, plan.left)
    if found is not None and (top is None or found.likeness >= top.likeness):
        return found, True
    return None if top is None else (top, False)


def _bears_exactly(record: Record, name: str, plan: Plan, found: Chosen) -> bool:
    bearers = record.bearers(plan.role)
    if bare(name) in bearers:
        return True
    if not bearers:
        # Where a name was not found at all, it might be the one.
        if bears(record.head, name) is not None:
            return True
        found.certain = False
    return False


def once(records: Iterable[Record]) -> list[Record]:
    """Each paper once, however often it is in the archive: a copy, or a later page of it."""
    found: dict[str, list[Record]] = {}
    for record in records:
        number = bare(record.number)
        alike = found.setdefault(number or f"{record.sha256} {record.page}", [])
        if not any(_is_copy(record, other) for other in alike):
            alike.append(record)
    order = [record for alike in found.values() for record in alike]
    return sorted(order, key=lambda record: (record.source, record.page))


def _is_copy(record: Record, other: Record) -> bool:
    """Whether two papers of one number are one; two senders may use the same number, and one till two a day."""
    if record.sha256 == other.sha256:
        return True
    if record.kind == "receipt" and record.day() != other.day():
        return False
    mine, others = record.bearers("seller"), other.bearers("seller")
    total = record.amount(total_of(record))
    same = total is not None and total == other.amount(total_of(other))
    return same or (bool(mine & others) and record.kind != "receipt")


def total_of(record: Record) -> str:
    """The field that holds a paper's sum."""
    return "amount" if record.kind == "contract" else "total"


def _sum_of(record: Record, plan: Plan) -> str:
    return plan.over if plan.over in ("tax", "subtotal") else total_of(record)


def _within(amount: Decimal, plan: Plan) -> bool:
    if plan.equal is not None:
        return amount == plan.equal
    if plan.or_equal and amount in (plan.above, plan.below):
        return True
    return (plan.above is None or amount > plan.above) and (plan.below is None or amount < plan.below)
