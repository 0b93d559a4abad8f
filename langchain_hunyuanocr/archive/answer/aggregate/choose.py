"""Choose: the papers that a question means, and whether any other might be meant as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from langchain_hunyuanocr.archive.answer.aggregate.question import Plan
from langchain_hunyuanocr.archive.records.bearer import Bearing, bare, bears, nearly
from langchain_hunyuanocr.archive.records.record import BUYERS, SELLERS, Record, certainty_of
from langchain_hunyuanocr.archive.text.tokenizer import fold

_BY_CHANCE = 0.1
"""How likely a value that was read wrong is one that would have let the paper through."""
_LONG = 4
"""Letters of a word that is looked for among the lines of a paper."""
_SURELY_WHOSE = 0.7
"""Confidence from which on a paper is taken to be of the company that was found on it, whoever else it names."""
_LESS = 12.0
"""How much less alike than the best a name may be on a paper that is still meant."""


@dataclass(slots=True)
class Chosen:
    """The papers that a question means.

    Attributes:
        papers: In the order of their files.
        certain: Whether it is certain of each paper that was looked at that it is one of them, or none, if its values
            were read right.
        certainty: How likely it is that they were, 0 to 1.
        unread: Papers whose day, sum or name could not be read, so that they may be meant.
        named: Whether any paper bears the names of the question; `True` where it says none.
    """

    papers: list[Record] = field(default_factory=list)
    certain: bool = True
    certainty: float = 1.0
    unread: int = 0
    named: bool = True

    def within(self, certainty: float) -> None:
        """Note that a paper is among them by a value that is right with some certainty."""
        self.certainty *= certainty

    def without(self, certainty: float) -> None:
        """Note that a paper is not among them by such a value."""
        self.certainty *= 1 - (1 - certainty) * _BY_CHANCE


def choose(records: Sequence[Record], plan: Plan) -> Chosen:
    """The papers that meet every condition of a plan."""
    found = Chosen()
    meant = _named(once(records), plan, found)
    for record in meant:
        day = record.day(plan.period_of)
        amount = record.amount(_sum_of(record, plan)) if plan.limited else None
        unread = int(record.kind in plan.kinds)
        if plan.period.start and not day:
            found.certain, found.unread = False, found.unread + unread
        elif plan.period.start and not plan.period.holds(day):
            found.without(certainty_of(record.value(plan.period_of)))
        elif plan.currency and record.currency != plan.currency:
            found.certain = found.certain and record.currency not in ("", "$")
        elif plan.limited and amount is None:
            found.certain, found.unread = False, found.unread + unread
        elif amount is not None and not _within(amount, plan):
            found.without(certainty_of(record.value(_sum_of(record, plan))))
        else:
            found.papers.append(record)
            if plan.period.start:
                found.within(certainty_of(record.value(plan.period_of)))
            if plan.limited:
                found.within(certainty_of(record.value(_sum_of(record, plan))))
    return found


def _named(records: Sequence[Record], plan: Plan, found: Chosen) -> list[Record]:
    """The papers that bear the names of a question."""
    meant = _bearing(records, plan, found)
    if not plan.left:
        found.named = bool(meant) or not plan.names
        return meant
    placed = _placed(meant, plan.left, plan)
    if not placed and plan.part and plan.how != "count":
        # Not all that is left need be a name; what else it says may be of one line of the paper.
        placed = [one for one in _placed(meant, plan.part, plan) if not _lists(one[0], plan)]
        found.certain = False
    found.named = bool(placed)
    if any(by_field and place.sure for _, place, by_field in placed):
        # A paper of somebody else may bear the name as well: the brand of a chain, the landlord of a shop.
        placed = [one for one in placed if one[2] or not _is_of_another(one[0])]
    best = max((place.likeness for _, place, _ in placed), default=0.0)
    near = [(record, place) for record, place, _ in placed if place.likeness >= best - _LESS]
    there = {(record.sha256, record.page) for record, _ in near}
    missed = any(nearly(record.head, plan.left) for record in records if (record.sha256, record.page) not in there)
    found.certain = found.certain and all(place.sure for _, place in near) and not missed
    return [record for record, _ in near]


def _placed(records: Sequence[Record], name: str, plan: Plan) -> list[tuple[Record, Bearing, bool]]:
    """The papers that bear a name, where they do, and whether a field says it."""
    return [(record, *place) for record in records if (place := _place(record, name, plan)) is not None]


def _lists(record: Record, plan: Plan) -> bool:
    """Whether the words beside the name stand in a line of the paper: who asks for bread does not mean the total."""
    items = fold(str((record.stored.get("items") or {}).get("value") or ""))
    beside = set(plan.left.split()) - set(plan.part.split())
    return any(len(word) >= _LONG and word in items for word in beside)


def _is_of_another(record: Record) -> bool:
    """Whether a paper was surely found to be somebody's."""
    fields = [record.value(name) for name in (*SELLERS, *BUYERS)]
    return any(field is not None and (field.confidence or 1.0) >= _SURELY_WHOSE for field in fields)


def _place(record: Record, name: str, plan: Plan) -> tuple[Bearing, bool] | None:
    """Where a paper bears the name, and whether a field says it."""
    if bare(name) == bare(record.number) != "":
        return Bearing(100.0, ""), True
    own = list(record.names_of(_roles(plan)))
    found = bears(own, name) if own else None
    if found is not None and found.sure:
        return found, True
    # Whose it is stands at the top, found as a field or not; a buyer does not.
    top = None if plan.role == "buyer" and own else bears(record.head, name)
    if found is not None and (top is None or found.likeness >= top.likeness):
        return found, True
    return None if top is None else (top, False)


def _roles(plan: Plan) -> tuple[str, ...]:
    """The fields that hold the names of a question."""
    return {"seller": SELLERS, "buyer": BUYERS}.get(plan.role, (*SELLERS, *BUYERS))


def _bearing(records: Sequence[Record], plan: Plan, found: Chosen) -> list[Record]:
    """The papers that bear the names that the question has as some paper prints them, and those that bear them nearly.

    A name that was read a little differently is of the same firm, one with a word more is another's.
    """
    meant = list(records)
    for name in plan.names:
        exactly = [record for record in meant if bare(name) in record.bearers(plan.role)]
        nearly_so = []
        for record in meant:
            bearers = record.bearers(plan.role)
            if bare(name) in bearers:
                continue
            # What is printed at its top may be another role's, and tells only where no name was found.
            place = bears(record.names_of(_roles(plan)) if bearers else record.head, name)
            if place is not None and not place.rest and (exactly or not bearers):
                nearly_so.append(record)
                found.certain = found.certain and place.sure
            elif not bearers:
                # Where a name was not found at all, it might be the one.
                found.certain = False
        there = {id(record) for record in (*exactly, *nearly_so)}
        meant = [record for record in meant if id(record) in there]
    return meant


def once(records: Iterable[Record]) -> list[Record]:
    """Each paper once, however often it is in the archive: a copy, or a later page of it."""
    found: dict[str, list[Record]] = {}
    for record in records:
        number = bare(record.number)
        alike = found.setdefault(number or f"{record.sha256} {record.page}", [])
        same = next((at for at, other in enumerate(alike) if _is_copy(record, other)), None)
        if same is None:
            alike.append(record)
        elif record.sha256 == alike[same].sha256 and _tells_total(record) > _tells_total(alike[same]):
            alike[same] = record  # of the pages of one paper, the one that says what it comes to
    order = [record for alike in found.values() for record in alike]
    return sorted(order, key=lambda record: (record.source, record.page))


def _tells_total(record: Record) -> float:
    return certainty_of(record.value(total_of(record)))


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
