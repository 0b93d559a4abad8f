"""Letterhead: who issued a paper and where they are, by the first rows of the page, as numbers that a model can weigh.

No list of legal forms is needed: a name stands above an address, a registration number stands at it, it is set apart by
its type and its place, and it is no label, sum, date or address itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from langchain_hunyuanocr.reading.fields.labels import leading_label, match_label
from langchain_hunyuanocr.reading.fields.ranking.head_rows import ENDS, MONEY, HeadRow
from langchain_hunyuanocr.reading.fields.ranking.misread_letters import (
    has_stray_accents,
    with_legal_form,
    without_accents,
)
from langchain_hunyuanocr.reading.fields.ranking.page_features import page_features
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows, type_size
from langchain_hunyuanocr.reading.fields.value_kinds import flat, letters, narrow

_MOST_ROWS = 16
"""Rows of a page that may be its letterhead."""
_LEAST_ROWS = 3
"""Rows at the top that belong to it whatever is in them: numbers are stamped there."""
_MOST_NAME_ROWS = 2
_SHORT = 9
"""Letters of a row that goes on from the one above, as a legal form does."""
_MOST_ADDRESS_ROWS = 6
_HEAD_ROLES = ENDS | {"company_id", "buyer", "receiver", "seller", "merchant", "address"}
_OF_RECEIVERS = frozenset({"buyer", "receiver"})
"""Roles of labels over the name and address of someone else than the issuer."""
_MOST_RECEIVER_ROWS = 6
_CLOSE = 1.3
"""Room between the rows of one block, in heights of a row."""
_VALUE = re.compile(r"[^\W\d_]{2}[^:]*:\s*[^\W_]")
"""Words, a colon, and something behind: a value with its label, whatever that says."""
_LONG = 45
"""Letters of a row that is rather a line of running text than a name."""
_SENTENCE = re.compile(r"[.,;:。，；：、]\s*$(?<!\bLtd\.)(?<!Inc\.)(?<!Co\.)(?<!Bhd\.)|[。；！？]", re.IGNORECASE)
_NUMBERED = re.compile(r"\W*\d{1,3}\s?[.)、]|\W*\([a-z\d]{1,3}\)")
"""The number of a section or of a footnote."""
_BEHIND_NAME = re.compile(
    r"\s*[\[(]\s*(?:co\.?|reg|no|gst|roc|[A-Z]{0,3}\s?[\dSOI]{4,})[^()\[\]]*[\])]?\s*$"
    r"|\s+(?:[A-Z]{1,3})?\d{5,}\s?[-·.]\s?[A-Z]\b.{0,8}$",
    re.IGNORECASE,
)
"""A registration number behind a name, on its row."""
_ADDRESS_BEHIND = re.compile(r"(?:\s+[-–·|•]\s+|,\s)(?=.*\d).*$")
"""An address behind a name, on its row."""
_WIDE_GAP = 2.5
"""In sizes of the type: pieces of a row farther apart belong to different columns."""


@dataclass(frozen=True, slots=True)
class HeadSpan:
    """Rows of the letterhead that may be one value."""

    first: int
    last: int
    """The number of its last row."""


class Letterhead:
    """The head of a page.

    Args:
        page: Its rows.
    """

    def __init__(self, page: PageRows) -> None:
        self.page = page
        self.rows = [row for numbers in page.rows for row in self._pieces(numbers)][:_MOST_ROWS]
        self._usual = median([row.size for row in self.rows] or [1.0]) or 1.0
        self._whole = page_features(page)
        self._others = [flat(line.text) for line in page.lines]

    def _pieces(self, numbers: list[int]) -> Iterator[HeadRow]:
        """The lines of a row, those near each other as one."""
        group: list[int] = []
        for number in numbers:
            line = self.page.lines[number]
            if group and self.page.boxes[number].x0 - self.page.boxes[group[-1]].x1 > _WIDE_GAP * type_size(line):
                yield self._row(group)
                group = []
            group.append(number)
        yield self._row(group)

    def _row(self, numbers: list[int]) -> HeadRow:
        boxes = [self.page.boxes[number] for number in numbers]
        text = " ".join(self.page.lines[number].text.strip() for number in numbers)
        return HeadRow(
            tuple(numbers),
            text,
            match_label(text, _HEAD_ROLES),
            min(box.y0 for box in boxes),
            max(box.y1 for box in boxes),
            boxes[0].x0,
            boxes[-1].x1,
            max(type_size(self.page.lines[number]) for number in numbers),
        )

    @cached_property
    def _body(self) -> int:
        """The number of the first row that cannot be the letterhead's: with a sum, or the head of a list."""
        sums = (n for n, row in enumerate(self.rows) if n >= _LEAST_ROWS and MONEY.search(narrow(row.text)))
        return next(sums, len(self.rows))

    @cached_property
    def _first_address(self) -> int:
        """The number of the first row that looks like an address."""
        for number, row in enumerate(self.rows):
            told = row.address_features()
            if told["row_word"] and (told["row_house"] or told["row_postcode"] or told["row_commas"]) and not row.role:
                return number
        return len(self.rows)

    def names(self) -> dict[HeadSpan, dict[str, float]]:
        """Rows that may be the issuer's name, with what speaks for and against it."""
        found = {}
        for first in range(self._body):
            for count in range(1, _MOST_NAME_ROWS + 1):
                last = first + count - 1
                if last < len(self.rows) and all(self._may_be_name(n, first) for n in range(first, last + 1)):
                    found[HeadSpan(first, last)] = self._name_features(first, last)
        return found

    def _may_be_name(self, number: int, first: int) -> bool:
        """Whether a row may be a name, or go on with one: it has letters, and is no value of another kind."""
        row = self.rows[number]
        told = row.address_features()
        if row.role == "title" and row.label is not None and row.label.share == 1.0 and row.label.exact:
            return False  # what kind of paper it is
        if letters(row.text) < 2 or told["row_date"] or told["row_mail"] or row.is_telephone:
            return False
        if number in self._receivers or self._is_labelled(row) or self._is_item(row):
            return False
        return number == first or not (row.role or row.is_registration or told["row_house"])

    @staticmethod
    def _is_labelled(row: HeadRow) -> bool:
        """Whether a row is a value with its label: what is bound to another role is nobody's name."""
        text = narrow(_BEHIND_NAME.sub("", row.text))
        return leading_label(text) is not None or _VALUE.match(text) is not None

    def _is_item(self, row: HeadRow) -> bool:
        """Whether nothing but a sum stands beside a row: then it says what that is for."""
        beside = (self.page.lines[n].text for n in self.page.rows[self.page.row_of[row.lines[0]]] if n not in row.lines)
        return any(MONEY.search(narrow(text)) is not None and letters(text) == 0 for text in beside)

    @cached_property
    def _receivers(self) -> frozenset[int]:
        """The numbers of the rows that say who receives the paper or the goods: labelled so, beside or under that."""
        found: set[int] = set()
        for number, row in enumerate(self.rows):
            whole = row.label is not None and row.label.share == 1.0 and row.label.exact
            leading = row.label if whole else leading_label(row.text)
            if leading is None or leading.role not in _OF_RECEIVERS:
                continue
            last, block = row, {number}
            for other in range(number + 1, len(self.rows)):
                below = self.rows[other]
                if below.top < row.foot - 0.5 * (row.foot - row.top):  # on its row, to the right
                    if whole and len(block) == 1 and not below.role:
                        block.add(other)
                    continue
                if below.left >= last.right or below.right <= row.left:
                    continue
                apart = below.top - last.foot > _CLOSE * (row.foot - row.top)
                if apart or below.role not in ("", "address", "buyer") or len(block) > _MOST_RECEIVER_ROWS:
                    break
                block.add(other)
                last = below
            found |= block
        return frozenset(found)

    def name_text(self, span: HeadSpan) -> str:
        """The name that rows say, without the registration number behind it."""
        return with_legal_form(self._spelled(self._name(span)))

    def _name(self, span: HeadSpan) -> str:
        text = " ".join(self.rows[number].text for number in range(span.first, span.last + 1))
        return _ADDRESS_BEHIND.sub("", _BEHIND_NAME.sub("", text)).strip(" ,;")

    def is_registered(self, span: HeadSpan) -> bool:
        """Whether a registration number stands behind or under a name: it is the mark of who issued the paper."""
        below = self.rows[span.last + 1 : span.last + 3]
        behind = self._name(span) != " ".join(row.text for row in self.rows[span.first : span.last + 1])
        return behind or any(row.is_registration for row in below)

    def is_over_address(self, span: HeadSpan) -> bool:
        """Whether the first address of the page stands right under a name."""
        return self._first_address == span.last + 1

    def is_whole_address(self, span: HeadSpan) -> bool:
        """Whether an address has a house and a postcode, and something that is none follows it."""
        rows = [row.address_features() for row in self.rows[span.first : span.last + 1]]
        below = self.rows[span.last + 1] if span.last + 1 < len(self.rows) else None
        ends = below is None or below.role in ENDS or below.is_telephone or below.is_registration
        return ends and any(row["row_house"] for row in rows) and any(row["row_postcode"] for row in rows)

    def _name_features(self, first: int, last: int) -> dict[str, float]:
        row, end = self.rows[first], self.rows[last]
        text = _BEHIND_NAME.sub("", row.text)
        following = self.rows[last + 1] if last + 1 < len(self.rows) else None
        words = text.split()
        count = letters(text)
        lower = sum(char.islower() for char in text) / max(1, count)
        folded = flat(text)
        told = row.address_features()
        before_address = self._first_address - last
        features = {
            **{f"at_{place}": float(first == place) for place in range(5)},
            "at_later": float(first > 4),
            "rows_above_text": float(sum(letters(above.text) > 5 for above in self.rows[:first])),
            **self._whole,
            "letters": min(count, 40) / 40,
            "long": float(count > _LONG),
            "sentence": float(_SENTENCE.search(text) is not None),
            "begins_digit": float(_NUMBERED.match(text) is not None),
            "few_letters": float(count < 5),
            "words": min(len(words), 6) / 6,
            "one_word": float(len(words) == 1),
            "digits": sum(char.isdigit() for char in text) / max(1, len(text)),
            "no_digits": float(not any(char.isdigit() for char in text)),
            "all_lower": float(lower == 1.0),
            "all_upper": float(lower == 0.0),
            "tall": min(row.size / self._usual, 3.0) - 1.0,
            "tallest": float(row.size >= max(other.size for other in self.rows[:8])),
            "centred": 1.0 - min(1.0, abs(row.left + row.right - end.left - end.right)) if last != first else 0.0,
            "own_number": float(text != row.text),
            "number_next": float(following is not None and following.is_registration),
            "number_after": float(any(other.is_registration for other in self.rows[last + 2 : last + 4])),
            "address_next": float(before_address == 1),
            "address_near": float(before_address in (2, 3)),
            "address_above": float(before_address <= 0),
            "label": float(row.role != ""),
            "label_title": float(row.role == "title"),
            "house": told["row_house"],
            "word": told["row_word"],
            "commas": told["row_commas"],
            "number": told["row_number"],
            "colon": told["row_colon"],
            "brackets": told["row_brackets"],
            "after_title": float(any(other.role in ENDS for other in self.rows[:first])),
            "again": float(count > 5 and sum(folded in other for other in self._others) > 1),
            "goes_on": float(self._is_end_of_name(first)),
            "goes_on_below": float(self._is_end_of_name(last + 1)),
            "score": min([self.page.lines[n].score or 1.0 for n in row.lines]),
        }
        if last == first:
            return features
        features.update(
            {
                "two": 1.0,
                "two_same_size": float(abs(end.size / max(row.size, 1e-6) - 1.0) < 0.15),
                "two_short": float(letters(end.text) < _SHORT),
                "two_open": float(text.rstrip().endswith(("&", "-", ","))),
                "two_end": float(self._is_end_of_name(last)),
                "two_letters": min(letters(end.text), 40) / 40,
                "two_digits": float(any(char.isdigit() for char in end.text)),
                "two_address": float(self._first_address <= last),
                "two_brackets": float(end.text.strip().startswith("(")),
                "two_number_next": features["number_next"],
                "two_address_next": features["address_next"],
                "two_gap": min((end.top - row.foot) / max(row.foot - row.top, 1e-6), 2.0),
            }
        )
        return features

    def _is_end_of_name(self, number: int) -> bool:
        """Whether a row is short and plain, in the type of the one above and right under it."""
        if not 0 < number < len(self.rows):
            return False
        above, row = self.rows[number - 1], self.rows[number]
        plain = row.text.replace(".", "").replace(" ", "").isalpha() and not row.role
        near = row.top - above.foot < 0.8 * (above.foot - above.top)
        return plain and near and letters(row.text) < _SHORT < letters(above.text)

    def addresses(self) -> dict[HeadSpan, dict[str, float]]:
        """Rows that may be the issuer's address, with what speaks for and against it."""
        rows = [row.address_features() for row in self.rows]
        found = {}
        for first in range(min(len(rows), self._body)):
            whole: dict[str, float] = {}
            for last in range(first, min(first + _MOST_ADDRESS_ROWS, len(rows), self._body)):
                if last in self._receivers:
                    break
                for name, value in rows[last].items():
                    whole[name] = whole.get(name, 0.0) + value
                found[HeadSpan(first, last)] = {**whole, **self._edges(rows, first, last)}
        return found

    def address_text(self, span: HeadSpan) -> str:
        """The address that rows say."""
        return self._spelled(" ".join(self.rows[number].text for number in range(span.first, span.last + 1)).strip())

    def _spelled(self, text: str) -> str:
        return without_accents(text) if self._accents_are_specks else text

    @cached_property
    def _accents_are_specks(self) -> bool:
        return has_stray_accents(line.text for line in self.page.lines)

    def _edges(self, rows: list[dict[str, float]], first: int, last: int) -> dict[str, float]:
        """What speaks for and against an address beginning and ending at these rows."""
        above = self.rows[first - 1] if first else None
        below = self.rows[last + 1] if last + 1 < len(self.rows) else None
        tall = max(self.rows[first].foot - self.rows[first].top, 1e-6)
        count = last - first + 1
        features = {
            **self._whole,
            "first_house": rows[first]["row_house"],
            "first_word": rows[first]["row_word"],
            "first_plain": rows[first]["row_plain"],
            "first_postcode": rows[first]["row_postcode"],
            "first_of_page": float(first == 0),
            "last_comma": rows[last]["row_comma_last"],
            "last_postcode": rows[last]["row_postcode"],
            "last_plain": rows[last]["row_plain"],
            "last_point": float(self.rows[last].text.rstrip().endswith(".")),
            "last_brackets": rows[last]["row_brackets"],
            "above_plain": float(above is not None and rows[first - 1]["row_plain"]),
            "above_number": float(above is not None and (above.is_registration or above.is_telephone)),
            "above_word": float(above is not None and rows[first - 1]["row_word"]),
            "above_house": float(above is not None and rows[first - 1]["row_house"]),
            "above_comma": float(above is not None and rows[first - 1]["row_comma_last"]),
            "below_end": float(below is None or below.role in ENDS or below.is_telephone),
            "below_number": float(below is not None and below.is_registration),
            "below_plain": float(below is not None and rows[last + 1]["row_plain"]),
            "below_word": float(below is not None and rows[last + 1]["row_word"]),
            "below_postcode": float(below is not None and rows[last + 1]["row_postcode"]),
            "below_brackets": float(below is not None and rows[last + 1]["row_brackets"]),
            "gap_above": min(max((self.rows[first].top - above.foot) / tall, 0.0), 3.0) if above else 0.0,
            "gap_below": min(max((below.top - self.rows[last].foot) / tall, 0.0), 3.0) if below else 0.0,
            "no_postcode": float(not any(row["row_postcode"] for row in rows[first : last + 1])),
            "postcodes": float(sum(row["row_postcode"] for row in rows[first : last + 1]) > 1),
            "no_house": float(not any(row["row_house"] for row in rows[first : last + 1])),
            "earlier": float(any(row["row_word"] and row["row_house"] for row in rows[:first])),
        }
        return {**features, **{f"rows_{number}": float(count == number) for number in range(1, _MOST_ADDRESS_ROWS + 1)}}
