"""Rank the candidates of a field and say what binds the first of them to its role."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from langchain_hunyuanocr.reading.fields.dates import DateOrder, parse_date
from langchain_hunyuanocr.reading.fields.from_answer import part_of
from langchain_hunyuanocr.reading.fields.labels import labels_of
from langchain_hunyuanocr.reading.fields.normalize import normalise
from langchain_hunyuanocr.reading.fields.ranking.dated import DatePlace, PageDates, mended_date
from langchain_hunyuanocr.reading.fields.ranking.letterhead import HeadSpan, Letterhead
from langchain_hunyuanocr.reading.fields.ranking.model import Weights, likelihoods, weights
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.ranking.sums import PageSums, SumPlace
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, chosen, extract, narrow
from langchain_hunyuanocr.results import Box, Line

_CREDIT = re.compile(r"\s?(?:CR|DR)(?![A-Za-z])", re.IGNORECASE)
"""Behind a sum, a credit or a debit: which way it counts depends on whose account it is."""
_LOOKED_AT = frozenset({"merchant", "address", "date"})
_LIKE_A_DATE = re.compile(r"\d{1,4}\s?[-/.~ ]\s?\w{2,9}\s?[-/.~, ]{1,2}\s?\d{2,}")
"""Numbers with strokes, one of which may have been misread."""
_MOST_LIKE_A_DATE = 8
_LEAST_GIVEN = 0.4
"""Least confidence of a value that is given at all. By five-fold cross-validation over 100 real receipts, with folds of
receipts and of companies, and 46 real pages of reports and books that have neither an issuer, an address nor a total:
of the 600 and 276 values at stake 542 right ones, 31 wrong ones and 4 on those pages reach it. From 0.35 to 0.5 right
values less the others are the same, below and above they are fewer."""
_MAY_BE_ABSENT = frozenset({"total", "merchant", "address"})
"""Roles of which pages that have none were seen while their weights were fitted."""
_LIKELY = 0.8
"""Least confidence of a value that can be confirmed: of 79 totals of real receipts above it, none was wrong."""
_LIKELY_HEAD = 0.85
"""The same of a name and an address, which no label names."""
_LEAST_SHARE = 0.6
"""Of the words before a value that must belong to its label for the label to bind it."""
_ROUNDED_BY = Decimal("0.05")
"""Cash is rounded by at most so much, in units of the currency."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A value that a model holds for the likeliest of its role.

    Attributes:
        value: As it is printed.
        normalised: In one form; `None` where its kind has none, or it can be read in two ways.
        box: Its place.
        pieces: The numbers of its lines, as in `PageRows`, with what of each belongs to it.
        confidence: How likely it is the one, 0 to 1.
        bound: Whether a label that means its role, arithmetic with named parts, or its place binds it to the role, and
            no rival of like strength stands on the page.
        proven: Whether arithmetic with named parts shows that its digits were read right.
    """

    value: str
    normalised: str | None
    box: Box | None
    pieces: tuple[tuple[int, str], ...]
    confidence: float
    bound: bool
    proven: bool = False


def _is_whole(date: Ranked) -> bool:
    """Whether a date was read with its strokes."""
    return not date.value.isdigit() and date.value == date.pieces[0][1]


def _least(role: str, ranked: Mapping[Any, float]) -> float:
    """How likely a value must be to be given: of other roles, likelier than that there is none."""
    return _LEAST_GIVEN if role in _MAY_BE_ABSENT else 1.0 - sum(ranked.values())


class Ranking:
    """Ranks the values of one page.

    Args:
        page: Its rows.
        order: How it writes dates of three numbers.
        model: The weights by role; those of the package, if none are given.
    """

    def __init__(self, page: PageRows, order: DateOrder | None, model: Mapping[str, Weights] | None = None) -> None:
        self._page = page
        self._order = order
        self._model = weights() if model is None else model
        self._by_kind: dict[str, Callable[[str], Ranked | None]] = {
            "merchant": self._merchant,
            "seller": self._seller,
            "address": self._address,
            "date": self._date,
            "time": self._time,
            "payment_method": self._means,
        }

    def best(self, role: str) -> Ranked | None:
        """The likeliest value of a role; `None` where the page most likely has none."""
        return self._by_kind.get(role, self._sum)(role)

    def unsure_boxes(self, roles: Sequence[str]) -> list[Box]:
        """Places that are worth a further look before anything is chosen: names, addresses, and what may be a date."""
        numbers: list[int] = []
        for role in roles:
            if role in _LOOKED_AT:
                best = self.best(role)
                numbers += [number for number, _ in best.pieces] if best is not None else []
                if role == "date" and (best is None or best.normalised is None or not _is_whole(best)):
                    like = (n for n, line in enumerate(self._page.lines) if _LIKE_A_DATE.search(narrow(line.text)))
                    numbers += list(like)[:_MOST_LIKE_A_DATE]
        return [self._page.lines[number].box for number in dict.fromkeys(numbers)]

    @cached_property
    def sums(self) -> PageSums:
        """The amounts of the page."""
        return PageSums(self._page)

    @cached_property
    def _dates(self) -> PageDates:
        return PageDates(self._page, self._order)

    @cached_property
    def _head(self) -> Letterhead:
        return Letterhead(self._page)

    def _sum(self, role: str) -> Ranked | None:
        ranked = likelihoods(self.sums.features(role), self._model[role])
        value = max(ranked, key=lambda key: ranked[key], default=None)
        if value is None or ranked[value] < _least(role, ranked):
            return None
        place = self._best_place(self.sums.by_value[value], role)
        line = self._page.lines[place.line]
        printed = line.text[place.start : place.end].strip()
        if not place.clean:
            printed = re.sub(r"(?<=\d)\s(?=\d{2}$)", ".", printed)
        side = _CREDIT.match(line.text, place.end)
        labelled = role == "total" and self._is_labelled(role, value)
        arithmetic = self._adds_up(role, value) or (labelled and self.sums.sums_up(value))
        contradicted = any(self.sums.contradicted(total) for total in {value, *self.sums.of_role("total")})
        rival = self._rival(role, value) or contradicted
        bound = ranked[value] >= _LIKELY and (arithmetic or labelled) and not rival
        return Ranked(
            printed + side.group() if side else printed,
            None if side else format(value, "f"),
            part_of(line, place.start, place.end),
            ((place.line, line.text[place.start : place.end].strip()),),
            ranked[value],
            bound and any(p.clean for p in self.sums.by_value[value]),
            proven=arithmetic,
        )

    def _best_place(self, places: Sequence[SumPlace], role: str) -> SumPlace:
        def key(place: SumPlace) -> tuple[bool, bool, float, float]:
            score = self._page.lines[place.line].score
            share = place.label.share if place.label is not None else 0.0
            return place.clean, place.role == role, share, 1.0 if score is None else score

        return max(places, key=key)

    def _adds_up(self, role: str, value: Decimal) -> bool:
        """Whether arithmetic with named parts gives a value its role."""
        sums = self.sums
        if role == "total":
            return sums.paid_less_change(value) is not None or sums.parts_of(value) is not None
        totals = [total for total in sums.of_role("total") if sums.parts_of(total) or sums.paid_less_change(total)]
        told = [part for total in totals for part in (sums.parts_of(total) or ())[:2]]
        if role in ("subtotal", "tax"):
            return value in told[{"subtotal": 0, "tax": 1}[role] :: 2]
        pairs = [pair for total in totals if (pair := sums.paid_less_change(total))]
        return (
            any(value == pair[{"paid": 0, "change": 1}[role]] for pair in pairs)
            if role in ("paid", "change")
            else False
        )

    def _is_labelled(self, role: str, value: Decimal) -> bool:
        return any(
            place.role == role and place.label is not None and place.label.share >= _LEAST_SHARE and not place.summary
            for place in self.sums.by_value[value]
        )

    def _rival(self, role: str, value: Decimal) -> bool:
        """Whether another value stands under a label of the role and is not explained by this one."""
        sums = self.sums
        if role == "total" and sums.may_be_rounded(value):
            return True
        for place in sums.places:
            label = place.label
            if (
                place.role != role
                or place.above
                or place.value == value
                or place.summary
                or label is None
                or label.share < _LEAST_SHARE
            ):
                continue
            parts = sums.parts_of(value) or ()
            near = abs(place.value - value) <= _ROUNDED_BY and bool(sums.of_role("rounding"))
            if not near and place.value not in parts:
                return True
        return False

    def _date(self, role: str) -> Ranked | None:
        dates = self._dates
        ranked = likelihoods(dates.features(role), self._model[role])
        day = max(ranked, key=lambda key: ranked[key], default=None)
        if day is None or ranked[day] < _least(role, ranked):
            return None
        places = dates.by_day[day]
        place = max(places, key=lambda p: (p.clean, p.role == role, self._page.lines[p.line].score or 1.0))
        line = self._page.lines[place.line]
        labelled = any(p.role == role and p.label is not None and p.label.share >= _LEAST_SHARE for p in places)
        piece = line.text[place.start : place.end].strip()
        printed = self._printed(place)
        alone = len(dates.by_day) == 1 and not any(p.role in ("due_date", "other_date") for p in places)
        rival = any(p.role == role and p.day != day for p in dates.places)
        return Ranked(
            printed,
            self._form(place),
            part_of(line, place.start, place.end),
            ((place.line, piece),),
            ranked[day],
            place.clean
            and self._form(place) is not None
            and ranked[day] >= _LIKELY
            and (labelled or alone)
            and not rival,
        )

    def _printed(self, place: DatePlace) -> str:
        """A date as it is printed, with the strokes that were not read."""
        piece = self._page.lines[place.line].text[place.start : place.end].strip()
        return piece if place.clean or piece.isdigit() else mended_date(piece)

    def _form(self, place: DatePlace) -> str | None:
        """A date as ISO 8601; `None` where it can be read in two ways."""
        return parse_date(narrow(self._printed(place)), self._order)

    def _time(self, _: str) -> Ranked | None:
        """The time behind the date."""
        date = self._date("date")
        if date is None:
            return None
        number, printed = date.pieces[0]
        row = self._page.rows[self._page.row_of[number]]
        for other in row[row.index(number) :]:
            line = self._page.lines[other]
            start = line.text.find(printed) + len(printed) if other == number else 0
            span = extract(narrow(line.text[start:]), ValueKind.TIME)
            if span is not None:
                first, last = start + span[0], start + span[1]
                text = line.text[first:last]
                form = normalise(text, ValueKind.TIME)
                box = part_of(line, first, last)
                return Ranked(text, form, box, ((other, text),), date.confidence, date.bound and form is not None)
        return None

    def _means(self, _: str) -> Ranked | None:
        """The means of payment that stands before the sum that was paid."""
        paid = self._sum("paid")
        if paid is None or paid.normalised is None:
            return None
        for place in self.sums.by_value[Decimal(paid.normalised)]:
            row = self._page.rows[self._page.row_of[place.line]] if place.role == "paid" else []
            for number in row:
                line = self._page.lines[number]
                span = chosen(line.text[: place.start] if number == place.line else line.text, labels_of("_means"))
                if span is not None:
                    text = line.text[span[0] : span[1]]
                    return Ranked(text, None, part_of(line, *span), ((number, text),), paid.confidence, paid.bound)
        return None

    def _merchant(self, role: str) -> Ranked | None:
        """Whose receipt it is; who else would stand over an address there is not on one."""
        ranked = likelihoods(self._head.names(), self._model[role])
        head = self._head
        return self._of_head(
            role, ranked, head.name_text, lambda span: head.is_registered(span) or head.is_over_address(span)
        )

    def _seller(self, _: str) -> Ranked | None:
        """Who issued another paper, where the buyer stands over an address as well."""
        ranked = likelihoods(self._head.names(), self._model["merchant"])
        return self._of_head("merchant", ranked, self._head.name_text, self._head.is_registered)

    def _address(self, role: str) -> Ranked | None:
        ranked = likelihoods(self._head.addresses(), self._model[role])
        return self._of_head(role, ranked, self._head.address_text, self._head.is_whole_address)

    def _of_head(
        self,
        role: str,
        ranked: Mapping[HeadSpan, float],
        text_of: Callable[[HeadSpan], str],
        is_bound: Callable[[HeadSpan], bool],
    ) -> Ranked | None:
        span = max(ranked, key=lambda key: ranked[key], default=None)
        if span is None or ranked[span] < _least(role, ranked):
            return None
        numbers = [number for row in self._head.rows[span.first : span.last + 1] for number in row.lines]
        lines: list[Line] = [self._page.lines[number] for number in numbers]
        value = text_of(span)
        pieces = tuple((number, line.text.strip()) for number, line in zip(numbers, lines, strict=True))
        if len(pieces) == 1:
            pieces = ((numbers[0], value),)
        box = part_of(lines[0], 0, len(value)) if len(lines) == 1 else Box.around(line.box for line in lines)
        bound = ranked[span] >= _LIKELY_HEAD and is_bound(span)
        return Ranked(value, None, box, pieces, ranked[span], bound)
