"""Dates of a page: each with its label and place, as numbers that a model can weigh."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_hunyuanocr.reading.fields.dates import BARE_DATE, DATE, DateOrder, parse_date
from langchain_hunyuanocr.reading.fields.labels import LabelMatch, match_label
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.value_kinds import letters, narrow

DATE_ROLES = frozenset({"date", "due_date", "other_date", "order_date", "time"})
_OTHERS = frozenset({"due_date", "other_date"})
"""Dates that a paper names, on which it was not written."""
_WHOLE = 0.6
"""Share of the words before a date that a label has that says all about it."""
_RELATED = DATE_ROLES | {"receipt_number", "invoice_number", "title", "tax_id", "company_id", "phone"}
_CLOCK = re.compile(r"\d{1,2}\s?[:.]\s?\d{2}")
_SPACED = re.compile(r"(?<![\d./-])(?=[\d .,]{2,6}[/~-])\d{1,2}[ .,/~-]\s?\d{1,2}[ .,/~-]\s?(?:20)?\d{2}(?![\d./-])")
"""`05 02-18`: a date whose strokes were not all read; `1 12.50` is a price."""
_VALUES = re.compile(r"\S*\d\S*")
"""Other values on the line, after which a label of its own begins."""
_ABOVE = 2.2
"""Room between a value and its label above, in heights of the value's line."""
_YEARS = range(1970, 2100)


@dataclass(frozen=True, slots=True)
class DatePlace:
    """A date where it stands.

    Attributes:
        line: Number of its line, as in `PageRows`.
        start: Offset in the line's text.
        end: Offset after its last character.
        day: As ISO 8601; as printed where it can be read in two ways.
        label: What its label says; `None` for no known one.
        clean: Whether it is written as a date is, not as bare digits or with strokes missing.
        clock: Whether a time stands right behind it.
    """

    line: int
    start: int
    end: int
    day: str
    label: LabelMatch | None
    clean: bool
    clock: bool

    @property
    def role(self) -> str:
        """Of its label; empty for none."""
        return self.label.role if self.label is not None else ""


def mended_date(text: str) -> str:
    """A date of three numbers with the stroke that was read between two of them between all."""
    stroke = re.search(r"[/-]", text)
    return re.sub(r"[ .,/~-]\s?", stroke.group() if stroke else "/", text)


class PageDates:
    """The dates of a page.

    Args:
        page: Its rows.
        order: How it writes dates of three numbers.

    Attributes:
        places: All of them, from the top.
        by_day: The places of each day.
    """

    def __init__(self, page: PageRows, order: DateOrder | None) -> None:
        self.page = page
        self.places = [place for row in page.rows for line in row for place in self._of_line(row, line, order)]
        self.by_day: dict[str, list[DatePlace]] = defaultdict(list)
        for place in self.places:
            self.by_day[place.day].append(place)

    def _of_line(self, row: Sequence[int], line: int, order: DateOrder | None) -> list[DatePlace]:
        text = narrow(self.page.lines[line].text)
        found: list[DatePlace] = []
        taken = 0
        for pattern, clean in ((DATE, True), (BARE_DATE, False), (_SPACED, False)):
            for match in pattern.finditer(text):
                if any(match.start() < place.end and place.start < match.end() for place in found):
                    continue
                printed = match.group() if pattern is not _SPACED else mended_date(match.group())
                day = parse_date(printed, order) or (parse_date(printed, "dmy") and printed)
                if day is None or (day[:4].isdigit() and int(day[:4]) not in _YEARS):
                    continue
                before = _VALUES.split(text[taken : match.start()])[-1]
                label = self._label(row, line, before)
                clock = self._clock(row, line, text[match.end() :])
                found.append(DatePlace(line, match.start(), match.end(), day, label, clean, clock))
                taken = match.end() if clean else taken
        return sorted(found, key=lambda place: place.start)

    def _label(self, row: Sequence[int], line: int, before: str) -> LabelMatch | None:
        """The words before a date on its row, the nearest first, else those above it."""
        words = [before] if letters(before) else []
        words += [self.page.lines[other].text for other in reversed(row) if other < line]
        told = [text for text in words if letters(text)][:1]
        if told:
            return match_label(told[0], _RELATED)
        box = self.page.boxes[line]
        over = [
            (box.y0 - other.y1, number)
            for number in self.page.bands.at(box.y0 - _ABOVE * box.height, box.y0 + 0.3 * box.height)
            for other in (self.page.boxes[number],)
            if number < line
            and -0.3 * box.height < box.y0 - other.y1 < _ABOVE * box.height
            and min(box.x1, other.x1) > max(box.x0, other.x0)
        ]
        return match_label(self.page.lines[min(over)[1]].text, _RELATED) if over else None

    def _clock(self, row: Sequence[int], line: int, after: str) -> bool:
        beside = " ".join([after, *(self.page.lines[other].text for other in row if other > line)])
        return _CLOCK.search(narrow(beside)) is not None

    def features(self, role: str) -> dict[str, dict[str, float]]:
        """Each day of the page with what speaks for and against its being the date of a role."""
        lines = max(len(self.page.lines), 1)
        found = {}
        named = any(place.role == role for place in self.places)
        last = max(self.by_day, default="")
        for number, (day, places) in enumerate(self.by_day.items()):
            if named and all(place.role in DATE_ROLES - {role, "time"} for place in places):
                continue  # it is the date of something else, and that of the role is named
            if role not in _OTHERS and all(p.label and p.role in _OTHERS and p.label.share >= _WHOLE for p in places):
                continue
            best = {
                other: max((p.label.share for p in places if p.label and p.role == other), default=0.0)
                for other in sorted(_RELATED)
            }
            found[day] = {
                "own": best[role],
                "own_letters": max(
                    (min(p.label.letters, 16) / 16 for p in places if p.label and p.role == role), default=0.0
                ),
                **{f"is_{other}": share for other, share in best.items() if other != role},
                "unlabelled": float(all(p.label is None for p in places)),
                "clean": float(any(p.clean for p in places)),
                "clock": float(any(p.clock for p in places)),
                "first": float(number == 0),
                "only": float(len(self.by_day) == 1),
                "times": min(len(places), 4) / 4,
                "high": 1.0 - places[0].line / lines,
                "latest": float(day == last),
            }
        return found
