"""Aggregation: values, sums, counts and lists over papers, exact, each value with its place.

What could not be read is told beside what could, and takes the confidence away; so does whatever else might be meant.
"""

from __future__ import annotations

import collections
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from langchain_hunyuanocr.archive.answer.aggregate.choose import Chosen, choose, total_of
from langchain_hunyuanocr.archive.answer.aggregate.question import Plan, plan_of, prints_a_name
from langchain_hunyuanocr.archive.answer.certainty import is_certain
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.records import record_store
from langchain_hunyuanocr.archive.records.paper_kind import ABOUT, FORM, RECORDS
from langchain_hunyuanocr.archive.records.record import Record, certainty_of
from langchain_hunyuanocr.archive.storage import records as table
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.results import Field

_SHOWN = 20
"""Most citations and entries of a list; the answer says how many there are."""
_RIVALS = 3
"""Most papers that are told beside each other where a question asks for one."""
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
    connection: sqlite3.Connection,
    text: str,
    plan: Plan,
    where: Mapping[str, Wanted] | None = None,
    *,
    complete: bool = True,
) -> Answer | None:
    """The answer to a question about papers; `None` where it is not wholly understood.

    An answer whose text is `None` says that the archive holds no such paper. Currencies are never added up; a paper
    that is in the archive twice counts once.

    Args:
        connection: To the ledger.
        text: The question.
        plan: What it asks of papers, by its words alone.
        where: Metadata that chunks must have.
        complete: Whether every page has its record; where one lacks it, no answer is confident.

    Raises:
        ArchiveError: No chunk has a key of `where`.
    """
    records = record_store.records_of(connection, _kinds(plan), where)
    names = {name for record in records for name in record.names}
    named = plan_of(text, names) if prints_a_name(text, names) else plan
    if named is None or not records:
        return None
    plan = named
    chosen = _of_the_kind(choose(records, plan), plan)
    if not chosen.named:
        # A firm that no paper bears has sent none; any other word may ask for something else.
        nobody = plan.names and not plan.left and (plan.several or plan.how in ("count", "sum"))
        return Answer(answer=None) if nobody else None
    if not (plan.named or plan.left or plan.names or plan.equal):
        return None  # `When did we meet?` is no question of papers
    if not chosen.papers:
        return Answer(answer=None)
    # A file that lies there twice may be two papers to who asks.
    whole = complete and not chosen.unread and not any(record.copies for record in chosen.papers)
    chosen.certain = chosen.certain and whole and not table.unread(connection)
    return _of(chosen, plan)


def _of(chosen: Chosen, plan: Plan) -> Answer | None:
    if plan.how == "count":
        said = _counted(chosen.papers, plan)
        proof = [(record, _proof(record)) for record in chosen.papers]
        return _answer(said + _told_missing(chosen.unread, plan), proof, chosen, proven=())
    if plan.how == "list":
        return _listed(chosen, plan)
    if plan.how == "value":
        return _value(chosen, plan)
    if plan.over in _OVER_DATES:
        return _of_dates(chosen, plan)
    return _reckoned(chosen, plan)


def _kinds(plan: Plan) -> tuple[str, ...]:
    """Of the records that are looked at: a tax invoice from a till is called a receipt as well as an invoice."""
    bills = ("receipt", "invoice") if "receipt" in plan.kinds else ()
    # What a form is, nobody knows: it counts where papers are asked for, and is one of many pages where none are.
    forms = (FORM,) if plan.named and {*bills, *plan.kinds} & {"invoice"} else ()
    return tuple(dict.fromkeys((*plan.kinds, *bills, *forms)))


def _of_the_kind(chosen: Chosen, plan: Plan) -> Chosen:
    """The papers of the kind that the question says, or where there is none, those that come next to it."""
    own = [record for record in chosen.papers if record.kind in plan.kinds]
    if len(own) < len(chosen.papers):
        chosen.certain = False
    chosen.papers = own or chosen.papers
    return chosen


def _reckoned(chosen: Chosen, plan: Plan) -> Answer:
    papers = chosen.papers
    values: dict[str, list[tuple[Decimal, Record, Field]]] = {}
    for record in papers:
        name = plan.over if plan.over in ("tax", "subtotal") else total_of(record)
        amount, field = record.amount(name), record.value(name)
        if amount is not None and field is not None:
            values.setdefault(record.currency, []).append((amount, record, field))
    used = sum(map(len, values.values()))
    if not used:
        return Answer(answer=None)
    certain = used == len(papers)
    if "" in values:
        # One shop has one currency, printed or not.
        certain = certain and len(values) == 1 and bool(plan.left or plan.names)
        if len(values) == 2:
            # Of a paper that says no currency, it is that of the others, if they have but one.
            (other,) = values.keys() - {""}
            values = {other: [*values[other], *values[""]]}
    said: list[str] = []
    proof: list[tuple[Record, Field]] = []
    for currency, entries in sorted(values.items()):
        amounts = [amount for amount, _, _ in entries]
        if plan.how in ("maximum", "minimum"):
            end = max(amounts) if plan.how == "maximum" else min(amounts)
            best = [entry for entry in entries if entry[0] == end]
            titles = ", ".join(record.title for _, record, _ in best[:_RIVALS]) + (", …" if len(best) > _RIVALS else "")
            said.append(f"{titles}: {_money(end, currency)}")
            for amount, _, field in entries:
                (chosen.within if amount == end else chosen.without)(certainty_of(field))
        else:
            best = entries
            whole = sum(amounts, Decimal(0))
            figure = whole / len(amounts) if plan.how == "average" else whole
            said.append(_money(figure, currency))
            for _, _, field in entries:
                chosen.within(certainty_of(field))
        proof += [(record, field) for _, record, field in best]
    words = _said(plan, _SAID, papers, used, chosen.unread) + _told_copies(papers, plan)
    chosen.certain = chosen.certain and certain
    return _answer(f"{'; '.join(said)} {words}", proof, chosen, proven=())


def _of_dates(chosen: Chosen, plan: Plan) -> Answer:
    dated = [(record.day(plan.over), record, record.value(plan.over)) for record in chosen.papers]
    known = [(day, record, field) for day, record, field in dated if day and field is not None]
    if not known:
        return Answer(answer=None)
    days = [day for day, _, _ in known]
    end = max(days) if plan.how == "maximum" else min(days)
    best = [(record, field) for day, record, field in known if day == end]
    chosen.certain = chosen.certain and len(known) == len(chosen.papers)
    for day, _, field in known:
        (chosen.within if day == end else chosen.without)(certainty_of(field))
    said = "; ".join(f"{record.title}: {field.value}" for record, field in best[:_RIVALS])
    said += "; …" if len(best) > _RIVALS else ""
    words = _said(plan, _SAID_OF_DATES, chosen.papers, len(known), 0)
    return _answer(f"{said} {words}", best, chosen, proven=())


def _listed(chosen: Chosen, plan: Plan) -> Answer:
    entries, proof = [], []
    for record in chosen.papers:
        name = plan.over if plan.over in record.stored else total_of(record)
        field, amount = (
            record.value(name),
            record.amount(name) if name not in (*_OVER_DATES, "address", "merchant") else None,
        )
        told = _money(amount, record.currency) if amount is not None else field.value if field is not None else None
        entries.append(record.title if told is None else f"{record.title}: {told}")
        proof.append((record, field or _proof(record)))
    more = f"; … ({len(entries)})" if len(entries) > _SHOWN else ""
    return _answer("; ".join(entries[:_SHOWN]) + more, proof, chosen)


def _value(chosen: Chosen, plan: Plan) -> Answer | None:
    """One value of one paper; where several papers answer a question that means one, none of them is sure."""
    found = []
    for record in chosen.papers:
        field = record.value(_name_of(plan.over, record))
        if field is not None:
            found.append((record, field))
    missing = len(chosen.papers) - len(found) + chosen.unread
    if not found:
        return None
    if len(found) > 1 and not plan.scoped:
        chosen.certain = False  # `How much did we pay?` among many receipts may mean any of them
    told = {_folded(field) for _, field in found}
    spent = plan.over in ("total", "tax", "subtotal")
    if len(told) == 1 and (len(found) == 1 or not spent):
        record, field = found[0]
        chosen.certain = chosen.certain and not missing and (plan.named or bool(plan.left))
        return _answer(_printed(field), [(record, field)], chosen)
    listed = "; ".join(f"{_printed(field)} ({_when(record)})" for record, field in found[:_RIVALS])
    more = "; …" if len(found) > _RIVALS else ""
    if spent and plan.period.start[7:8] != "-":
        chosen.certain = chosen.certain and not plan.of_one
        whole = _reckoned(chosen, replace(plan, how="sum"))
        return whole.model_copy(update={"answer": f"{whole.answer}: {listed}{more}"})
    lead = f"{len(found)}{'张单据与此相符' if plan.language == 'zh' else ' papers answer this'}: "
    chosen.certain = False
    return _answer(f"{lead}{listed}{more}", found, chosen)


def _name_of(over: str, record: Record) -> str:
    """What a record of its kind calls a value."""
    if over == "total":
        return total_of(record)
    if over == "number":
        return ABOUT[record.kind].number
    return "seller" if over == "merchant" and record.kind != "receipt" else over


def _folded(field: Field) -> str:
    return field.normalised or " ".join((field.value or "").casefold().split())


def _printed(field: Field) -> str:
    """A value as an answer gives it: a date in one form, for the page may have it glued to the hour."""
    return field.value or ""


def _when(record: Record) -> str:
    return record.day() or record.title


def _answer(
    said: str,
    proof: Sequence[tuple[Record, Field]],
    chosen: Chosen,
    *,
    proven: Sequence[Field] | None = None,
) -> Answer:
    """An answer with its places.

    Args:
        said: Its text.
        proof: What is cited.
        chosen: The papers it rests on.
        proven: Values that must be right besides; those that are cited where it is `None`.
    """
    citations = tuple(
        Citation(source=record.source, page=record.page, quote=field.value or "", box=field.box)
        for record, field in proof[:_SHOWN]
    )
    for field in [field for _, field in proof] if proven is None else proven:
        chosen.within(certainty_of(field))
    return Answer(
        answer=said, citations=citations, confident=chosen.certain and is_certain("records", chosen.certainty)
    )


def _proof(record: Record) -> Field:
    """What shows best that a paper is there: its number, or whose it is."""
    about = ABOUT[record.kind]
    found = (record.value(name) for name in (about.number, "seller", "merchant", "party_a", total_of(record), "date"))
    return next((field for field in found if field is not None), record.named)


def _counted(papers: Sequence[Record], plan: Plan) -> str:
    kinds = collections.Counter(record.kind for record in papers)
    told = _told(len(papers), kinds, plan)
    if len(kinds) > 1:
        each = [_told(count, (kind,), plan) for kind, count in kinds.items()]
        told += f"（{'，'.join(each)}）" if plan.language == "zh" else f" ({', '.join(each)})"
    return told + _told_copies(papers, plan)


def _told(count: int, kinds: Collection[str], plan: Plan) -> str:
    """How many papers of one kind, or of several."""
    if len(kinds) > 1:
        return f"{count}张单据" if plan.language == "zh" else f"{count} papers"
    record = ABOUT[next(iter(kinds), plan.kinds[0])]
    if plan.language == "zh":
        return f"{count}{record.measure_zh}{record.nouns_zh[0]}"
    return f"{count} {record.nouns_en[0]}{'' if count == 1 else 's'}"


def _told_copies(papers: Sequence[Record], plan: Plan) -> str:
    files = len(papers) + sum(record.copies for record in papers)
    if files == len(papers):
        return ""
    return f"（共{files}个文件）" if plan.language == "zh" else f" (in {files} files)"


def _told_missing(missing: int, plan: Plan) -> str:
    if not missing:
        return ""
    if plan.language == "zh":
        return f"，另有{missing}{RECORDS[plan.kinds[0]].measure_zh}未能读出"
    return f", {missing} more could not be read"


def _said(plan: Plan, words: Mapping[str, tuple[str, str]], papers: Sequence[Record], used: int, unread: int) -> str:
    """What was done with the values of how many of the papers."""
    english, chinese = words[plan.how]
    missing = _told_missing(len(papers) - used + unread, plan)
    of = _told(used, {record.kind for record in papers}, plan)
    return f"（{of}{chinese}{missing}）" if plan.language == "zh" else f"({english} of {of}{missing})"


def _money(amount: Decimal, currency: str) -> str:
    figure = f"{amount.quantize(_CENT, ROUND_HALF_UP):,}"
    return f"{currency} {figure}" if currency else figure
