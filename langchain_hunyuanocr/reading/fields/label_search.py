"""Label search: the value of a field behind, beside or under its label, at a crossing, or without one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from langchain_hunyuanocr.reading.fields.from_answer import SearchableText, part_of
from langchain_hunyuanocr.reading.fields.label_index import LabelHit, LabelledPage
from langchain_hunyuanocr.reading.fields.ranking.page_rows import type_size
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import (
    ValueKind,
    chosen,
    company_name,
    extract,
    flat,
    fold,
    is_address,
    letters,
    narrow,
)
from langchain_hunyuanocr.results import Box, Table

LOOSE = frozenset({ValueKind.TEXT, ValueKind.NAME})
"""Kinds of which anything could be one."""
_GOES_ON = frozenset({ValueKind.TEXT, ValueKind.NAME, ValueKind.ADDRESS})
"""Kinds whose values may be parted by the recogniser, or go on in the line below."""
_SUMS = (ValueKind.AMOUNT, ValueKind.MEASURE)
_UNDER = 2
"""The relation of a value under its label, see `FieldValueCandidate`."""
_MOST_LETTERS_BETWEEN = 3
"""Letters between a label and its value on one line, as in `No. A 12`; more is another label or a sentence."""
_HEAD_OF_PAGE = 0.15
_ROW_PITCH = 0.05
_LEFT_OF_HEAD = 0.05
"""By how much a part of a block may stand farther left than its head."""
_LINES_OF_HEAD = 3
"""A letterhead is among the first lines, or that high on the page."""
_MOST_LINES_OF_HEAD = 200
"""Lines of a letterhead at most, however many stand high on the page."""
_MOST_BLOCKS = 100
"""Heads of blocks of one kind on a page at most."""
_MOST_LINES_BELOW = 3
"""Lines over which an address goes on."""
_MOST_LINES_OF_BLOCK = 6
"""Lines of free wording under the label that heads them."""
_LABELS_OF_A_PAIR = 2
"""Equal labels of a page where `nth` counts them: the buyer's and the seller's."""
_LONGEST_LABEL = 12
"""Characters of a word with a colon that is not known, before an address that needs no label."""
_CUT = re.compile(r"[^\W_]|[^\w\s()\[\]]+[^\W_]|[.,]")
"""What stands right behind a value that was not taken whole."""


class ValuePart(NamedTuple):
    """A part of a value and the line on which it stands."""

    line: int
    text: str


class FieldValueCandidate(NamedTuple):
    """A value that may be the one; the smallest wins."""

    rank: float
    relation: int
    """0 crossing, 1 behind or beside the label, 2 under it, 3 in a table, 4 in a sentence, 5 without label."""
    place: float
    """The smaller the better: height on the page, turned round for sums, which stand below what they sum up."""
    value: str
    box: Box | None
    pieces: tuple[ValuePart, ...] = ()
    """Empty for a value of a table cell."""
    whole: bool = True
    """Whether nothing stands right behind it that could belong to it."""
    label: str = ""
    """The words under which it was found; empty for none."""


class LabelSearch:
    """Finds values on one page.

    Args:
        page: Its lines and labels.
        tables: Its tables.
        blocks: Labels that head the blocks of the page, for fields that are a part of one.
    """

    def __init__(self, page: LabelledPage, tables: Sequence[Table], blocks: Iterable[tuple[str, ...]] = ()) -> None:
        self._page = page
        self._tables = tables
        self._heads = [
            (labels, hit)
            for labels in {*blocks} - {()}
            for hit in islice((hit for hit in page.hits(labels) if hit.exact), _MOST_BLOCKS)
        ]
        self._text = SearchableText(page.lines)

    def candidates(self, spec: FieldSpec, *, taken: set[str]) -> list[FieldValueCandidate]:
        """All that may be the value, the likeliest first.

        Args:
            spec: What is looked for.
            taken: Values that other fields have: no letterhead is one of them.
        """
        found = [*self._crossings(spec), *self._at_labels(spec, spec.labels), *self._in_tables(spec)]
        if not found and spec.block:
            found = list(self._at_labels(spec, spec.inner, of=spec.block))
        elif not found and spec.nth is not None:
            places = _in_rows(self._at_labels(spec, spec.inner))
            # Where one of the two was not read, or there are more, their order tells nothing.
            pair = len(places) == _LABELS_OF_A_PAIR
            return [place._replace(whole=place.whole and pair) for place in places[spec.nth : spec.nth + 1]]
        if not found:
            found = [*self._in_sentences(spec), *self._without_label(spec, taken)]
        return sorted(found, key=lambda item: item[:3])

    def _crossings(self, spec: FieldSpec) -> Iterator[FieldValueCandidate]:
        if spec.row and spec.column:
            for number in self._page.crossing(spec.row, spec.column):
                yield from self._take(number, 0, None, spec, rank=-1.0, relation=0)

    def _at_labels(
        self, spec: FieldSpec, labels: tuple[str, ...], *, of: tuple[str, ...] | None = None
    ) -> Iterator[FieldValueCandidate]:
        """Values at the labels, of one block only where `of` names what heads it."""
        for hit in self._page.hits(labels):
            if of is not None and self._block_of(hit) != of:
                continue
            start, end, colon = self._page.rest(hit, labels)
            behind = list(self._behind(hit, start, end, colon, spec)) if start < end else []
            if behind:
                yield from behind
            elif start >= len(self._page.flat[hit.line]):
                for near in self._page.neighbours(hit, across=spec.kind in _SUMS):
                    found = list(self._take(near.line, 0, None, spec, rank=hit.rank, relation=1 + near.below, at=hit))
                    if found:
                        yield from found
                        break

    def _block_of(self, hit: LabelHit) -> tuple[str, ...] | None:
        """The labels of the head that is the nearest before a label: above it or to its left."""
        box = self._page.lines[hit.line].box
        before = []
        for labels, head in self._heads:
            other = self._page.lines[head.line].box
            down, right = box.y0 - other.y0, box.x0 - other.x0
            same = head.line == hit.line and head.start < hit.start
            if same or (down > -0.5 * box.height and right > -_LEFT_OF_HEAD and head.line != hit.line):
                before.append((down + abs(right), labels))
        return min(before)[1] if before else None

    def _behind(
        self, hit: LabelHit, start: int, end: int, colon: bool, spec: FieldSpec
    ) -> Iterator[FieldValueCandidate]:
        text = self._page.lines[hit.line].text[start:end]
        if (
            spec.kind in LOOSE
            and not spec.choices
            and not colon
            and not (spec.kind is ValueKind.NAME and company_name(text))
        ):
            return
        yield from self._take(hit.line, start, end, spec, rank=hit.rank, relation=1, at=hit)

    def _take(
        self,
        number: int,
        start: int,
        end: int | None,
        spec: FieldSpec,
        *,
        rank: float,
        relation: int,
        at: LabelHit | None = None,
    ) -> Iterator[FieldValueCandidate]:
        line = self._page.lines[number]
        text = narrow(line.text)[start:end]
        span = chosen(text, spec.choices) if spec.choices else extract(text, spec.kind)
        if span is None or (spec.kind not in LOOSE and letters(text[: span[0]]) > _MOST_LETTERS_BETWEEN):
            return
        first, last = start + span[0], start + span[1]
        place = float(number if at is None else at.line)
        if spec.kind is ValueKind.AMOUNT:
            place = -place
        pieces = [ValuePart(number, line.text[first:last].strip())]
        box = part_of(line, first, last)
        ends = last >= len(line.text.rstrip())
        if spec.kind in _GOES_ON and not spec.choices and ends:
            pieces, box = self._going_on(pieces, box, _most_lines(spec, relation))
        parted = ends and spec.kind not in _GOES_ON and len(self._page.run(number)) > 1
        whole = not parted and _CUT.match(text, span[1]) is None
        value = "".join(_joint(piece.text, k, pieces) for k, piece in enumerate(pieces))
        label = self._page.flat[at.line][at.start : at.end] if at else ""
        yield FieldValueCandidate(rank, relation, place, value, box, tuple(pieces), whole, label)

    def _going_on(self, pieces: list[ValuePart], box: Box, most: int) -> tuple[list[ValuePart], Box]:
        """A value and the lines that go on after it: recognisers part words that stand wide, and addresses are long.

        Args:
            pieces: The first of them.
            box: Of it.
            most: Lines under each other of which the value may be.
        """
        more = self._page.run(pieces[0].line)[1:]
        last, left = pieces[0].line, box.x0
        while not more and len(pieces) < most:
            below = self._page.below(last, left)
            if below is None and _is_chinese(pieces[-1].text):  # set to the left edge of the label
                below = self._page.below(last, self._page.lines[last].box.x0)
            if below is None or not _may_go_on(pieces[-1].text, self._page.lines[below].text):
                break
            pieces.append(ValuePart(below, self._page.lines[below].text.strip()))
            box = Box.around([box, self._page.lines[below].box]) or box
            last = below
        for number in more:
            pieces.append(ValuePart(number, self._page.lines[number].text.strip()))
            box = Box.around([box, self._page.lines[number].box]) or box
        return pieces, box

    def _in_tables(self, spec: FieldSpec) -> Iterator[FieldValueCandidate]:
        labels = {fold(label): rank for rank, label in enumerate(spec.labels)}
        for table in self._tables:
            for r, row in enumerate(table.rows):
                for c, cell in enumerate(row):
                    rank = labels.get(fold(cell))
                    if rank is None:
                        continue
                    beside = next((other for other in row[c + 1 :] if other.strip() and other != cell), None)
                    under = table.rows[r + 1][c] if len(table.rows) == 2 and r == 0 else None
                    for value in (beside, under):
                        span = extract(narrow(value), spec.kind) if value else None
                        if value and span and fold(value) not in labels:
                            text = value[span[0] : span[1]].strip()
                            yield FieldValueCandidate(rank, 3, float(r), text, self._text.find(text) or table.box)
                            break

    def _in_sentences(self, spec: FieldSpec) -> Iterator[FieldValueCandidate]:
        """A sum with its sign, soon after a label in running text: `a fixed price of £1,200`."""
        if spec.kind is not ValueKind.AMOUNT:
            return
        for number, text in enumerate(self._page.flat):
            for rank, label in enumerate(spec.labels):
                at = text.find(flat(label)) if len(label) > 3 else -1
                if at < 0:
                    continue
                for follow in range(number, min(number + 2, len(self._page.lines))):
                    start = at + len(label) if follow == number else 0
                    line = self._page.lines[follow]
                    found = re.search(r"[$€£¥₹]\s*\d+(?:,\d{3})*(?:\.\d{1,2})?", narrow(line.text)[start:])
                    if found:
                        first, last = start + found.start(), start + found.end()
                        yield self._bare(follow, first, last, rank=rank, relation=4, place=float(number))
                        break

    def _bare(
        self, number: int, first: int, last: int, *, rank: float, relation: int, place: float
    ) -> FieldValueCandidate:
        """A stretch of a line."""
        line = self._page.lines[number]
        value = line.text[first:last].strip()
        whole = _CUT.match(narrow(line.text), last) is None
        return FieldValueCandidate(
            rank, relation, place, value, part_of(line, first, last), (ValuePart(number, value),), whole
        )

    def _without_label(self, spec: FieldSpec, taken: set[str]) -> Iterator[FieldValueCandidate]:
        if spec.fallback == "letterhead":
            yield from self._letterheads(taken)
        elif spec.fallback == "anywhere":
            for number, line in enumerate(self._page.lines):
                span = extract(narrow(line.text), spec.kind)
                if span is not None:
                    sign = spec.kind is ValueKind.CURRENCY and span[1] - span[0] < 3
                    yield self._bare(number, *span, rank=1.0 if sign else 0.0, relation=5, place=float(number))
        elif spec.fallback == "address":
            for number, line in enumerate(self._page.lines):
                if is_address(line.text):
                    start = narrow(line.text).find(":", 0, _LONGEST_LABEL) + 1
                    yield from self._take(number, start, None, spec, rank=0.0, relation=5)
        elif spec.fallback == "person":
            yield from self._persons(taken)

    def _persons(self, taken: set[str]) -> Iterator[FieldValueCandidate]:
        """Names of people, the one in the largest type first; a post may stand behind one."""
        for number, line in enumerate(self._page.lines):
            text = narrow(line.text)
            post = extract(text, ValueKind.POST)
            span = extract(text[: post[0]] if post else text, ValueKind.PERSON)
            if span is None or text[: span[0]].strip() or self._page.is_label(number) or re.search(r"\d|@", text):
                continue
            name = text[span[0] : span[1]].strip()
            if not (company_name(text) or extract(text, ValueKind.BANK)) and name not in taken:
                last = span[0] + len(name)
                yield self._bare(number, span[0], last, rank=0.0, relation=5, place=-type_size(line))

    def _letterheads(self, taken: set[str]) -> Iterator[FieldValueCandidate]:
        for number, line in enumerate(self._page.lines[:_MOST_LINES_OF_HEAD]):
            if number >= _LINES_OF_HEAD and line.box.y0 >= _HEAD_OF_PAGE:
                break
            first, *more = self._page.run(number, leftward=True)
            head = self._page.lines[first]
            pieces = [
                ValuePart(first, head.text.strip()),
                *(ValuePart(n, self._page.lines[n].text.strip()) for n in more),
            ]
            name = company_name(" ".join(piece.text for piece in pieces))
            if name is not None and name not in taken and not self._page.is_label(number):
                box = Box.around(self._page.lines[piece.line].box for piece in pieces)
                if not more:
                    box, pieces = part_of(head, 0, len(name)), [ValuePart(first, name)]
                yield FieldValueCandidate(0.0, 5, number - 100 * line.box.height, name, box, tuple(pieces))


def _joint(text: str, number: int, pieces: Sequence[ValuePart]) -> str:
    """A piece with the space before it, where the writing has spaces."""
    if number == 0:
        return text
    tight = _is_chinese(pieces[number - 1].text[-1:]) or _is_chinese(text[:1])
    return text if tight and pieces[number - 1].line != pieces[number].line and _is_chinese(text) else f" {text}"


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


def _most_lines(spec: FieldSpec, relation: int) -> int:
    """Lines under each other of which a value may be: free wording that stands under its label is a block."""
    if spec.kind is ValueKind.ADDRESS:
        return _MOST_LINES_BELOW
    return _MOST_LINES_OF_BLOCK if spec.kind is ValueKind.TEXT and relation == _UNDER else 1


def _may_go_on(above: str, below: str) -> bool:
    """Whether an address may go on with the line below: not with a value of another kind."""
    if ":" in flat(below) or extract(below, ValueKind.EMAIL) or extract(below, ValueKind.URL):
        return False
    return _is_chinese(above) == _is_chinese(below) or below[:1].isdigit()


def _in_rows(found: Iterable[FieldValueCandidate]) -> list[FieldValueCandidate]:
    """Row by row from the top, each from the left; rows are told apart coarsely, since the page may lie askew."""
    placed = sorted(((item.box, item) for item in found if item.box), key=lambda pair: pair[0].y0)
    row, rows = 0, []
    for number, (box, item) in enumerate(placed):
        row += number > 0 and box.y0 - placed[number - 1][0].y0 > _ROW_PITCH
        rows.append((row, box.x0, item))
    return [item for _, _, item in sorted(rows, key=lambda entry: entry[:2])]
