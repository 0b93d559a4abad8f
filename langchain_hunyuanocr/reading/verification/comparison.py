"""Comparison: how far a second reader confirms what a language model read, and where the two differ.

The second reader's lines are placed in the model's text one by one. A number, date, identifier or name is confirmed
where its characters are the same, digits exactly; where they are not, the line is looked at again in other ways before
it becomes a doubt, so that the second reader's own slips do not. A longer stretch that no line confirms was invented;
a line between confirmed ones that stands nowhere in the text was dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from langchain_hunyuanocr.reading.fields.from_answer import part_of
from langchain_hunyuanocr.reading.verification.alignment import Alignment, place_lines
from langchain_hunyuanocr.reading.verification.checked_items import CheckedItem, canonical, items_of
from langchain_hunyuanocr.reading.verification.plain_text import Offsets, folded, hidden_in, plain_of
from langchain_hunyuanocr.results import Block, Box, Doubt, Line, Table, Unsure

Verify = Literal["numbers", "all", "off"]

_INVENTED = 10
"""Folded characters in a row that no line confirms, Chinese counted twice, from which they are a doubt."""
_ISLAND = 2
"""Confirmed characters within such a stretch that chance explains."""
_DROPPED = 6
_NEIGHBOURS = 4
"""Nearest lines of which half must have their place."""
_SURE_LINE = 0.85
"""Recogniser's score from which a line that stands nowhere in the text was dropped, not misread."""
_WEAK_LINE = 0.8
"""Recogniser's score below which the model is believed against it, where the model was sure of every token."""
_AROUND = 6
"""Characters of a line that are looked at on either side of a doubtful one."""
_NEAR = 60
"""Folded characters within which what stands before and after tells where a stretch ought to stand."""
_WHOLE_LINE = 40
"""Characters up to which a line is looked at again as a whole."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An item that the lines do not confirm."""

    item: CheckedItem
    other: str | None
    """What stands in its place in the second reader's line."""
    line: int | None
    looks: tuple[Box, ...]
    """Where to look again."""
    box: Box | None
    gap: str = ""
    """The folded text without a line around it, where it has none."""


class Comparison:
    """One text against the lines of a second reader.

    Args:
        markdown: As the first reader has it.
        lines: The second reader's, in any order.
        blocks: Of the Markdown; those of kind `table` stand for `tables`.
        tables: Of the page; repeats of merged cells are not looked for twice.
        figures: Boxes of its figures, whose labels need not be in the text.
        unsure: Stretches of the Markdown of which the model was not sure; `None` where that is not known.
        whole: Whether every word is compared, or only numbers, dates, identifiers and names.
    """

    def __init__(
        self,
        markdown: str,
        lines: Sequence[Line],
        *,
        blocks: Sequence[Block] = (),
        tables: Sequence[Table] = (),
        figures: Sequence[Box] = (),
        unsure: Sequence[Unsure] | None = None,
        whole: bool = True,
    ) -> None:
        hidden = hidden_in(markdown, blocks, tables)
        self._markdown = markdown
        self._whole = whole
        self._figures = figures
        self._unsure = unsure
        self.items = items_of(markdown, hidden)
        self.placement: Alignment = place_lines(plain_of(markdown, hidden), lines)
        self._open = list(self._unconfirmed())

    @property
    def looks(self) -> tuple[Box, ...]:
        """Where the page should be looked at again before `settle`."""
        return tuple(dict.fromkeys(box for case in self._open for box in case.looks))

    @property
    def open_places(self) -> tuple[Offsets, ...]:
        """Folded stretches of the text whose items no line confirms yet."""
        return tuple(self.placement.text.within(case.item.start, case.item.end) for case in self._open)

    def settle(self, again: Sequence[Sequence[str]]) -> tuple[float | None, tuple[Doubt, ...]]:
        """The outcome.

        Args:
            again: For each of `looks` what was read there.

        Returns:
            The share of the text that is confirmed, 0 to 1 (`None` where there is nothing to confirm), by characters of
            the whole text or, where only items are compared, of the items; and the doubts in the order of the text.
        """
        seen = dict(zip(self.looks, again, strict=False))
        left = [
            case
            for case in self._open
            if not self._outweighed(case)
            and not any(_shows(text, case) for box in case.looks for text in seen.get(box, ()))
        ]
        invented = list(self._invented()) if self._whole else []
        doubtful = [case for case in left if not self._contradicts_itself(case, seen)]
        doubts = [
            Doubt(
                text=self._markdown[case.item.start : case.item.end],
                other=case.other,
                kind=case.item.kind,
                start=case.item.start,
                box=case.box,
            )
            for case in doubtful
            if not any(start <= case.item.start and case.item.end <= end for start, end in invented)
        ]
        doubts += [Doubt(text=self._markdown[a:b], kind="line", start=a) for a, b in invented]
        if self._whole:
            doubts += self._dropped()
        doubts.sort(key=lambda doubt: doubt.start or 0)
        return self._share(left), tuple(doubts)

    def _share(self, left: Sequence[_Open]) -> float | None:
        text, owner = self.placement.text, self.placement.owner
        doubtful = {place for case in left for place in range(*text.within(case.item.start, case.item.end))}
        settled = {place for item in self.items for place in range(*text.within(item.start, item.end))} - doubtful
        if self._whole:
            confirmed = len((settled | owner.keys()) - doubtful)
            return round(confirmed / len(text.text), 4) if text.text else None
        return round(len(settled) / (len(settled) + len(doubtful)), 4) if settled or doubtful else None

    def _unconfirmed(self) -> Iterator[_Open]:
        spare = Counter(item.canonical for line in self.placement.lines for item in items_of(line.text))
        waiting: list[_Open] = []
        for item in self.items:
            case = self._against_line(item)
            if case is None:
                spare[item.canonical] -= 1
            else:
                waiting.append(case)
        for case in waiting:
            # What stands in no line's place may stand in a line that found none: cells in another order.
            if case.line is None and spare[case.item.canonical] > 0:
                spare[case.item.canonical] -= 1
            else:
                yield case

    def _against_line(self, item: CheckedItem) -> _Open | None:
        """The item as a case, unless a line has it in its place."""
        text, owner = self.placement.text, self.placement.owner
        start, end = text.within(item.start, item.end)
        held = [owner.get(place) for place in range(start, end)]
        if held and all(held) and self._is_whole(item, [one for one in held if one]):
            return None
        found = self._counterpart(start, end)
        if found is None:
            before, after = self._around(start, end)
            gap = text.text[before + 1 : after]
            return _Open(item, None, None, tuple(self._hole(before, after, end - start)), None, gap)
        number, first, last = found
        line, words = self.placement.lines[number], self.placement.folded[number]
        begin, stop = words.origin(first, last) if first < last else (words.at[min(first, len(words.at) - 1)],) * 2
        begin, stop = _whole_token(line.text, begin, stop)
        other = line.text[begin:stop].strip() or None
        box = part_of(line, begin, stop) if begin < stop else line.box
        if other is not None and canonical(other, item.kind) == item.canonical:
            return None
        short = len(line.text) <= _WHOLE_LINE
        look = line.box if short else part_of(line, max(0, begin - _AROUND), min(len(line.text), stop + _AROUND))
        return _Open(item, other, number, (look,), box)

    def _around(self, start: int, end: int) -> tuple[int, int]:
        """The nearest characters before and after a stretch that a line confirms, or those that are far enough."""
        owner, last = self.placement.owner, len(self.placement.text.text)
        first, beyond = max(-1, start - _NEAR), min(last, end + _NEAR)
        before = next((place for place in range(start - 1, first, -1) if place in owner), first)
        return before, next((place for place in range(end, beyond) if place in owner), beyond)

    def _hole(self, before: int, after: int, size: int) -> Iterator[Box]:
        """Where a stretch without a line ought to stand: between the lines of what stands before and after it."""
        owner = self.placement.owner
        left = self.placement.lines[owner[before][0]] if before in owner else None
        right = self.placement.lines[owner[after][0]] if after in owner else None
        if left is not None and right is not None and left is not right:
            one, other = left.box, right.box
            if min(one.y1, other.y1) - max(one.y0, other.y0) > 0.5 * min(one.height, other.height):
                if one.x1 < other.x0:
                    yield Box(one.x1, min(one.y0, other.y0), other.x0, max(one.y1, other.y1))
                return
        for line, ahead in ((left, True), (right, False)):
            if line is not None:
                box = line.box
                wide = (size + 4) * box.width / max(1, len(line.text))
                x0, x1 = (box.x1, min(1.0, box.x1 + wide)) if ahead else (max(0.0, box.x0 - wide), box.x0)
                yield Box(x0, box.y0, x1, box.y1)

    def _is_whole(self, item: CheckedItem, held: Sequence[tuple[int, int]]) -> bool:
        """Whether the line's characters are the item and not part of a longer number."""
        number, first = held[0]
        last_line, last = held[-1]
        words, last_words = self.placement.folded[number], self.placement.folded[last_line]
        begin, stop = words.at[first], last_words.at[last] + 1
        line, last_text = self.placement.lines[number].text, self.placement.lines[last_line].text
        if number != last_line:
            return (
                _whole_token(line, begin, begin + 1)[0] == begin and _whole_token(last_text, stop - 1, stop)[1] == stop
            )
        return canonical(line[slice(*_whole_token(line, begin, stop))], item.kind) == item.canonical

    def _counterpart(self, start: int, end: int) -> tuple[int, int, int] | None:
        """What a line has in the place of a stretch: the line, and a stretch of its folded words."""
        owner = self.placement.owner
        for number, place in self.placement.places.items():
            if not place.start <= start < end <= place.end and not (
                min(place.end, end) - max(place.start, start) > 0.5 * (end - start)
            ):
                continue
            before = [here for here, there in place.same if there < start]
            within = [here for here, there in place.same if start <= there < end]
            after = [here for here, there in place.same if there >= end]
            first = max(before, default=-1) + 1
            last = min(after, default=len(self.placement.folded[number].text))
            if not within and last - first > 3 * (end - start):
                continue
            return number, first, last
        held = next((owner[place] for place in range(start, end) if place in owner), None)
        return None if held is None else (held[0], held[1], held[1] + 1)

    def _outweighed(self, case: _Open) -> bool:
        """Whether the model was sure of every token and the second reader was not sure of its line."""
        if self._unsure is None or case.line is None:
            return False
        score = self.placement.lines[case.line].score
        sure = not any(stretch.start < case.item.end and case.item.start < stretch.end for stretch in self._unsure)
        return sure and score is not None and score < _WEAK_LINE

    def _contradicts_itself(self, case: _Open, seen: Mapping[Box, Sequence[str]]) -> bool:
        """Whether a hardly legible line says something else at each look: that is no witness against the model."""
        score = self.placement.lines[case.line].score if case.line is not None else None
        if score is None or score >= _WEAK_LINE:
            return False
        said = [text for box in case.looks for text in seen.get(box, ())]
        readings = Counter(re.sub(r"\D", "", text) for text in (case.other or "", *said))
        return len(said) > 1 and readings.most_common(1)[0][1] == 1

    def _invented(self) -> Iterator[Offsets]:
        """Stretches of the text that no line confirms."""
        text, owner = self.placement.text, self.placement.owner
        last = len(text.text)
        start = 0
        while start < last:
            if start in owner:
                start += 1
                continue
            end = start
            island = 0
            for place in range(start, last):
                island = island + 1 if place in owner else 0
                if island > _ISLAND:
                    break
                if not island:
                    end = place + 1
            weight = sum(2 if ord(char) > 0x2E7F else 1 for char in text.text[start:end])
            if weight >= _INVENTED:
                yield text.origin(start, end)
            start = end

    def _dropped(self) -> Iterator[Doubt]:
        """Lines among placed ones that stand nowhere in the text."""
        lines, places, folded = self.placement.lines, self.placement.places, self.placement.folded
        for number, line in enumerate(lines):
            if number in places or len(folded[number].text) < _DROPPED or (line.score or 0.0) < _SURE_LINE:
                continue
            if any(_centre_in(line.box, figure) for figure in self._figures):
                continue
            # Labels of a figure, heads and feet of a page stand among their like.
            near = sorted((n for n in range(len(lines)) if n != number), key=lambda n: _apart(lines[n].box, line.box))
            before = [n for n in near[:_NEIGHBOURS] if n in places]
            if 2 * len(before) < min(_NEIGHBOURS, len(near)):
                continue
            above = [n for n in before if lines[n].box.y0 < line.box.y0] or before[:1]
            if above:
                place = places[above[0]]
                start = self.placement.text.origin(place.start, place.end)[1] if place.start < place.end else 0
                yield Doubt(text="", other=line.text, kind="line", start=start, box=line.box)


def _centre_in(box: Box, other: Box) -> bool:
    return other.x0 <= (box.x0 + box.x1) / 2 <= other.x1 and other.y0 <= (box.y0 + box.y1) / 2 <= other.y1


def _apart(one: Box, other: Box) -> float:
    """The gap between two boxes, in shares of the page."""
    across = max(0.0, one.x0 - other.x1, other.x0 - one.x1)
    down = max(0.0, one.y0 - other.y1, other.y0 - one.y1)
    return across + down


def _shows(text: str, case: _Open) -> bool:
    """Whether what was read again has an item as a whole, or all that stands around it without a line."""
    item = case.item
    if case.gap and "".join(map(folded, text)) == case.gap:
        return True
    if any(found.canonical == item.canonical for found in items_of(text)):
        return True
    return item.kind in ("name", "date") and item.canonical in canonical(text, item.kind)


def _whole_token(text: str, start: int, end: int) -> Offsets:
    """A stretch of a line, widened to the number that it is part of."""
    while start > 0 and _goes_on(text, start - 1, start, -1):
        start -= 1
    while end < len(text) and _goes_on(text, end, end - 1, 1):
        end += 1
    return start, end


def _goes_on(text: str, there: int, edge: int, step: int) -> bool:
    """Whether the character beyond an edge belongs to the same number."""
    if not (0 <= edge < len(text)) or not (text[edge].isdigit() or text[edge] in ".,"):
        return False
    if text[there].isdigit():
        return True
    beyond = there + step
    return text[there] in ".," and 0 <= beyond < len(text) and text[beyond].isdigit() and text[edge].isdigit()
