"""Sums of a page: each amount with its label, and what it adds up to, as numbers that a model can weigh."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import islice
from math import prod
from statistics import median

from langchain_hunyuanocr.reading.fields.labels import LabelMatch, match_label
from langchain_hunyuanocr.reading.fields.normalize import decimal_of
from langchain_hunyuanocr.reading.fields.ranking.other_numbers import labels_another, other_numbers
from langchain_hunyuanocr.reading.fields.ranking.page_features import page_features
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows, type_size
from langchain_hunyuanocr.reading.fields.value_kinds import letters, narrow

SUM_ROLES = frozenset(
    {"total", "subtotal", "tax", "rounding", "discount", "service_charge", "paid", "change", "quantity", "tax_summary"}
)
"""Roles of labels that stand beside numbers."""
_CURRENCY = (
    r"(?:[$€£¥₹]|(?<![A-Za-z])(?:RM|USD|EUR|GBP|CNY|RMB|INR|JPY|CHF|HKD|SGD|MYR|AUD|CAD|HK\$|US\$|S\$|Rs\.?)|人民币)"
)
_SUM = re.compile(
    rf"(?P<before>-\s?)?(?P<sign>{_CURRENCY}\s?)?(?<![\d.,/])(?<!\d:)(?P<minus>-\s?)?"
    r"(?P<digits>\d{1,3}(?:[,.'’\s]\d{3})+[.,]\d{2}|\d{1,3}(?:[,'’]\d{3})+|\d+\s?[.,]\s?\d{2}|\d+|[.,]\d{2})"
    r"(?![\d%]|[.,:/-]\d|\s?%)(?P<after>\s?-(?!\s?\d))?"
    r"(?P<behind>\s?(?:€|元|(?:USD|EUR|GBP|CNY|RMB|INR|RM)(?![A-Za-z])))?(?P<unclear>\s?(?:CR|DR)(?![A-Za-z]))?",
    re.IGNORECASE,
)
_POINT_LOST = re.compile(r"(?<![\d.,/:-])\d{1,4} \d{2}(?![\d.,/%:-])")
"""`88 17`: a decimal point that was not read."""
_LEAST_SHARE = 0.5
"""Of the words before an amount that must belong to its label for it to count as a part of a sum."""
_LEAST_DECIMALS = 2
"""Amounts with decimals from which a page is taken to print all of them so."""
_MOST_PLACES = 400
"""Amounts of a page that are looked at."""
_ABOVE = 2.0
"""Room between a value and its label above, in heights of the value's line."""
_PARTS = frozenset({"subtotal", "tax", "total"})
_LEAST_HEAD = 0.8
"""Share of the head of a column that must belong to its label."""
_MOST_TO_HEAD = 0.3
"""From a row to the heads of its columns, as a share of the page's height."""
_MOST_LEFT = 100
"""Lines to the left of an amount, on its row, that are looked at for its label."""
_MOST_LINES_TO_HEAD = 1000
"""Lines above a row that are looked at for the heads of its columns."""
_MOST_PARTS = 10_000
"""Ways to take one net sum, one tax and the others: where there are more, that some add up proves nothing."""
_ROUNDED_BY = Decimal("0.05")
"""Cash is rounded by at most so much, in units of the currency."""


@dataclass(frozen=True, slots=True)
class SumPlace:
    """An amount where it stands.

    Attributes:
        line: Number of its line, as in `PageRows`.
        start: Offset in the line's text.
        end: Offset after its last character.
        value: The number.
        label: What its label says; `None` for no known one.
        told: Whether any word stands before it on its row.
        clean: Whether its digits were read as an amount has them, with a decimal point.
        signed: Whether a currency stands with it.
        summary: Whether it stands in the summary of a tax.
        above: Whether its label stands over it, as the head of a column does.
        whole: Whether it has neither decimals nor a currency.
    """

    line: int
    start: int
    end: int
    value: Decimal
    label: LabelMatch | None
    told: bool
    clean: bool
    signed: bool
    summary: bool
    above: bool
    whole: bool

    @property
    def role(self) -> str:
        """Of its label; empty for none."""
        return self.label.role if self.label is not None else ""


class PageSums:
    """The amounts of a page.

    Args:
        page: Its rows.

    Attributes:
        places: All of them, from the top.
        by_value: The places of each value.
    """

    def __init__(self, page: PageRows) -> None:
        self.page = page
        self.places: list[SumPlace] = []
        self._columns: dict[int, dict[int, LabelMatch]] = {}
        summary = False
        found = [sorted(_spans(narrow(line.text)), key=lambda span: span.start) for line in page.lines]
        decimals = sum(span.decimals for spans in found for span in spans)
        if decimals:  # what lacks its cents on a page where sums have them was cut
            found = [[replace(span, clean=span.clean and span.decimals) for span in spans] for spans in found]
        if decimals >= _LEAST_DECIMALS:
            # Where sums have their cents, a whole number is none.
            found = [[span for span in spans if span.decimals or span.signed] for spans in found]
        for row in page.rows:
            spans = {line: found[line] for line in row}
            words = " ".join(_without(page.lines[line].text, spans[line]) for line in row)
            head = match_label(words, SUM_ROLES)
            if head is not None and head.role == "tax_summary" and head.share > 0.4:
                summary = True
            for line in row:
                room = _MOST_PLACES - len(self.places)
                self.places += islice(self._of_line(row, line, spans, summary=summary), room)
            if len(self.places) >= _MOST_PLACES:
                break
        self.by_value: dict[Decimal, list[SumPlace]] = defaultdict(list)
        for place in self.places:
            self.by_value[place.value].append(place)
        self._of_role: dict[str, set[Decimal]] = defaultdict(set)
        for place in self.places:
            named = place.label is not None and place.label.share >= _LEAST_SHARE
            if named and not place.summary and not place.above:
                self._of_role[place.role].add(place.value)

    def _of_line(
        self, row: Sequence[int], line: int, spans: Mapping[int, list[_Span]], *, summary: bool
    ) -> Iterator[SumPlace]:
        text = narrow(self.page.lines[line].text)
        for number, span in enumerate(spans[line]):
            own = text[spans[line][number - 1].end if number else 0 : span.start]
            left = row[max(0, line - row[0] - _MOST_LEFT) : line - row[0]]
            label, told = _label(own, [(self.page.lines[n].text, spans[n]) for n in reversed(left)])
            above = label is None and not told
            if above:
                label = self._above(line)
            elif label is not None and label.role == "total" and not summary and sum(map(len, spans.values())) > 1:
                label = self._columns_of(row).get(line, label)
            words = own if letters(own) else " ".join(_without(self.page.lines[n].text, spans[n]) for n in left)
            if not span.signed and labels_another(words, label, cents=span.decimals):
                continue
            whole = not (span.decimals or span.signed)
            yield SumPlace(
                line, span.start, span.end, span.value, label, told, span.clean, span.signed, summary, above, whole
            )

    def _columns_of(self, row: Sequence[int]) -> dict[int, LabelMatch]:
        """What `_of_columns` says, which is looked up once a row."""
        if row[0] not in self._columns:
            self._columns[row[0]] = self._of_columns(row)
        return self._columns[row[0]]

    def _of_columns(self, row: Sequence[int]) -> dict[int, LabelMatch]:
        """Of a row that is a total in several columns, what the heads say of each: net, tax and gross.

        Only where two of them say different things.
        """
        found: dict[int, LabelMatch] = {}
        for line in row:
            box = self.page.boxes[line]
            for number in range(row[0] - 1, max(-1, row[0] - 1 - _MOST_LINES_TO_HEAD), -1):
                other = self.page.boxes[number]
                if min(box.x1, other.x1) <= max(box.x0, other.x0) or box.y0 - other.y1 > _MOST_TO_HEAD:
                    continue
                head = match_label(self.page.lines[number].text, _PARTS)
                if head is not None and head.share >= _LEAST_HEAD and line != row[0]:
                    found[line] = head
                    break
        return found if len({head.role for head in found.values()}) > 1 else {}

    def _above(self, line: int) -> LabelMatch | None:
        """The label over a value that stands alone on its row."""
        box = self.page.boxes[line]
        over = [
            (box.y0 - other.y1, number)
            for number in self.page.bands.at(box.y0 - _ABOVE * box.height, box.y0 + 0.3 * box.height)
            for other in (self.page.boxes[number],)
            if number < line
            and -0.3 * box.height < box.y0 - other.y1 < _ABOVE * box.height
            and min(box.x1, other.x1) > max(box.x0, other.x0)
        ]
        return match_label(self.page.lines[min(over)[1]].text, SUM_ROLES) if over else None

    @cached_property
    def _whole(self) -> dict[str, float]:
        """What is the same for each sum and each role."""
        return page_features(self.page)

    def features(self, role: str) -> dict[Decimal, dict[str, float]]:
        """Each value of the page with what speaks for and against its being the sum of a role."""
        if not self.places:
            return {}
        values = [place.value for place in self.places if place.clean and not place.summary] or [Decimal(0)]
        unpaid = [
            place.value
            for place in self.places
            if place.clean and place.role not in ("paid", "change", "quantity") and place.told
        ]
        most = max(unpaid or values)
        heights = [type_size(self.page.lines[place.line]) for place in self.places]
        usual = median(heights) or 1.0
        own = [place for place in self.places if place.role == role and not place.summary]
        last_own = own[-1].value if own else None
        found = {}
        for value, places in self.by_value.items():
            if all(place.whole and place.label is None for place in places):
                continue  # a whole number that nothing calls a sum: a count, a year, a postcode
            best = {
                other: max(
                    (p.label.share * _length(p.label) for p in places if p.label and p.role == other), default=0.0
                )
                for other in SUM_ROLES
            }
            plain = [p for p in places if not p.summary]
            labelled = [p for p in plain if p.role == role and p.label is not None]
            found[value] = {
                **self._whole,
                "own": max((p.label.share for p in labelled if p.label), default=0.0),
                "own_letters": max((_length(p.label) * p.label.share for p in labelled if p.label), default=0.0),
                "own_exact": float(any(p.label and p.label.exact for p in labelled)),
                "own_last": float(value == last_own),
                "own_times": min(len(labelled), 3) / 3,
                **{f"is_{other}": best[other] for other in sorted(SUM_ROLES) if other != role},
                "unlabelled": float(all(p.label is None for p in places)),
                "unlabelled_told": float(all(p.label is None and p.told for p in places)),
                "only_summary": float(not plain),
                "times": min(len(places), 4) / 4,
                "clean": float(any(p.clean for p in places)),
                "signed": float(any(p.signed for p in places)),
                "zero": float(value == 0),
                "negative": float(value < 0),
                "most": float(value == most),
                "above_most": float(value > most),
                "tall": min(max(type_size(self.page.lines[p.line]) for p in places) / usual, 3.0) - 1.0,
                "low": max(self.page.boxes[p.line].y0 for p in plain or places),
                "paid_less_change": float(bool(self.paid_less_change(value))),
                "parts": float(bool(self.parts_of(value))),
                "items": float(self.sums_up(value)),
                "rounded": float(self.rounded_from(value)),
                "rounds_to_other": float(self._rounds_on(value)),
            }
        return found

    def of_role(self, role: str) -> set[Decimal]:
        """The values under a label of a role, those of summaries of taxes left out."""
        return self._of_role.get(role, set())

    def paid_less_change(self, value: Decimal) -> tuple[Decimal, Decimal] | None:
        """What was paid and given back, where the difference is `value`; a paper without change proves nothing."""
        paid, change = self.of_role("paid"), self.of_role("change")
        return next(((p, c) for p in paid for c in change if p - c == value and c > 0), None)

    def parts_of(self, value: Decimal) -> tuple[Decimal, ...] | None:
        """The net sum, tax and other named parts that add up to `value`."""
        nets = self.of_role("subtotal")
        taxes = self.of_role("tax") - {Decimal(0)}
        further = [self.of_role(role) for role in ("rounding", "service_charge", "discount")]
        if prod(len(each) for each in (nets, taxes)) * prod(1 + len(each) for each in further) > _MOST_PARTS:
            return None
        others: set[Decimal] = {Decimal(0)}
        for values in further[:2]:
            others |= {o + v for o in others for v in values}
        others |= {o - abs(v) for o in list(others) for v in further[2]}
        for net in nets:
            for tax in taxes:
                for other in others:
                    # On a credit note all are negative.
                    if net + tax + other == value != net and (tax > 0) == (net > 0):
                        return (net, tax, other)
        return None

    def contradicted(self, value: Decimal) -> bool:
        """Whether a net sum and a tax are named that should give `value` and do not, whatever else is named."""
        nets = self.of_role("subtotal")
        taxes = {tax for tax in self.of_role("tax") if tax > 0}
        if not nets or not taxes or value not in self.of_role("total") or value in nets:
            return False
        others = {other for role in ("rounding", "service_charge", "discount") for other in self.of_role(role)}
        return not others - {Decimal(0)} and self.parts_of(value) is None and self.paid_less_change(value) is None

    def rounded_from(self, value: Decimal) -> bool:
        """Whether another total and a rounding give `value`."""
        return any(
            value - other in self.of_role("rounding") and value != other
            for other in self.of_role("total") | self.of_role("subtotal")
        )

    def may_be_rounded(self, value: Decimal) -> bool:
        """Whether a named rounding leads from `value` to another sum, and nothing says which of them is due."""
        if self.paid_less_change(value) is not None or self.rounded_from(value):
            return False
        steps = {abs(step) for step in self.of_role("rounding")} - {Decimal(0)}
        return any(value + step in self.by_value or value - step in self.by_value for step in steps)

    def _rounds_on(self, value: Decimal) -> bool:
        others = self.of_role("total") - {value}
        return any(abs(other - value) <= _ROUNDED_BY and other - value in self.of_role("rounding") for other in others)

    def sums_up(self, value: Decimal) -> bool:
        """Whether the values above the first place of `value`, in its column, add up to it."""
        if value <= 0:
            return False
        for place in self.by_value.get(value, ()):
            edge, top = self.page.boxes[place.line].x1, self.page.boxes[place.line].y0
            above = [
                other
                for other in self.places
                if other.line < place.line
                and not other.label
                and other.clean
                and abs(self.page.boxes[other.line].x1 - edge) < 0.04
                and self.page.boxes[other.line].y0 < top
            ]
            total, count = Decimal(0), 0
            for other in reversed(above):
                total, count = total + other.value, count + 1
                if total == value and count > 1:
                    return True
                if total > value:
                    break
        return False


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    value: Decimal
    decimals: bool
    clean: bool
    signed: bool


def _spans(text: str) -> Iterator[_Span]:
    """The amounts of a text: with decimals, or whole."""
    taken = other_numbers(text)
    lost = [found.span() for found in _POINT_LOST.finditer(text)]
    for first, last in lost:
        yield _Span(first, last, Decimal(text[first:last].replace(" ", ".")), True, False, False)
    for found in _SUM.finditer(text):
        if any(first < found.end("digits") and found.start("digits") < last for first, last in lost):
            continue
        if any(first < found.end("digits") and found.start("digits") < last for first, last in taken):
            continue
        digits, signed = found["digits"], bool(found["sign"] or found["behind"])
        before = text[found.start() - 1 : found.start()] if found.start() else ""
        has_decimals = re.search(r"[.,]\s?\d{2}$", digits) is not None
        if not has_decimals and (
            len(digits) > 7 or digits.startswith("0") or (not signed and (before.isalpha() or before in tuple("#-/(")))
        ):
            continue
        if not has_decimals and not signed and re.match(r"\s?[A-Za-z]{2,}|[-/x]", text[found.end() :]):
            continue
        number = decimal_of(re.sub(r"\s", "", digits if digits[0].isdigit() else f"0{digits}"))
        if number is None:
            continue
        bracketed = text[: found.start()].endswith("(") and text[found.end("digits") :].startswith(")")
        minus = found["before"] or found["minus"] or found["after"] or (bracketed and has_decimals)
        start = min(at for name in ("before", "sign", "minus", "digits") if (at := found.start(name)) >= 0)
        end = found.end("behind") if found["behind"] else found.end("digits")
        if bracketed and has_decimals:
            start, end = found.start() - 1, found.end("digits") + 1
        clean = " " not in digits and not found["unclear"]
        yield _Span(start, end, -number if minus else number, has_decimals, clean, signed)


def _without(text: str, spans: Sequence[_Span]) -> str:
    for span in reversed(spans):
        text = f"{text[: span.start]} {text[span.end :]}"
    return text


def _label(own: str, left: Sequence[tuple[str, list[_Span]]]) -> tuple[LabelMatch | None, bool]:
    """The label before an amount, of the words on its row, the nearest first; and whether there were words at all."""
    words = [own] if letters(own) else []
    for text, spans in left:
        rest = _without(text, spans)
        if letters(rest) > 0:
            words.append(rest)
    best: LabelMatch | None = None
    for count in range(1, min(len(words), 3) + 1):
        match = match_label(" ".join(reversed(words[:count])), SUM_ROLES)
        if match is not None and (best is None or match.share * match.letters > best.share * best.letters):
            best = match
        if match is not None and match.share > 0.99:
            break
    return best, bool(words)


def _length(label: LabelMatch | None) -> float:
    return min(label.letters, 16) / 16 if label is not None else 0.0
