"""Verifier: a second reader looks at a page while the first one works, and says how far it agrees."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.second_reader import DetectedLine, SecondReader
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.verification.alignment import carry_spans
from langchain_hunyuanocr.reading.verification.comparison import Comparison, Verify
from langchain_hunyuanocr.reading.verification.grounding import ground
from langchain_hunyuanocr.results import Doubt, Generation, Line, Unsure

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger(__name__)

_EVERY = 4
"""One line in so many is read at first where only those that hold what is to be checked are read."""
_SURE = 0.85
"""Recogniser's score of a line that is no speck."""
_SOME_TEXT = 12
"""Letters and digits that make a page one with text."""
_WIDE = 1.5
"""How far from where it is expected a line may stand in the text, in lines."""

CheckSteps = Generator[Future[Any], Any, "Verified"]
"""What is waited for, round by round, and what it comes to."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a second reader has to say of a page."""

    content: Content
    """The first reader's, with boxes where they were asked for."""
    lines: tuple[Line, ...] = ()
    """The second reader's own, as far as it has read."""
    agreement: float | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def legible(self) -> bool:
        """Whether the second reader surely reads text on the page."""
        sure = [line.text for line in self.lines if (line.score or 0.0) >= _SURE]
        return sum(char.isalnum() for text in sure for char in text) >= _SOME_TEXT


class Verifier:
    """Compares what a language model read with what a second reader sees.

    Args:
        second: The second reader.
        verify: `numbers` checks numbers, dates, identifiers and names, and reads only the lines that hold them; `all`
            compares every word; `off` compares nothing.
        ground: Whether blocks, tables and words get their boxes.
        all_lines: Whether every line is read in any case, since something else is looked for among them.
    """

    def __init__(self, second: SecondReader, *, verify: Verify, ground: bool = False, all_lines: bool = False) -> None:
        self._second = second
        self._verify = verify
        self._ground = ground
        self._every = 1 if verify == "all" or ground or all_lines else _EVERY

    def begin(self, picture: Image) -> Future[tuple[DetectedLine, ...]]:
        """Begin to look at a page, beside the first reader."""
        return self._second.detect(picture, every=self._every)

    def lines_of(self, picture: Image) -> Generator[Future[Any], Any, tuple[Line, ...]]:
        """All lines of a small picture; none where the second reader fails."""
        try:
            return _lines((yield self._second.detect(picture)))
        except EngineError as exc:
            logger.warning("a font was not checked: %s", exc)
            return ()

    def steps(
        self,
        picture: Image,
        begun: Future[tuple[DetectedLine, ...]],
        content: Content,
        answer: Generation,
        *,
        whole_page: bool = True,
    ) -> CheckSteps:
        """Compare a page's content with what the second reader sees.

        Args:
            picture: The page.
            begun: What `begin` gave.
            content: What the first reader's answer came to.
            answer: The answer itself; where the model was not sure weighs in.
            whole_page: Whether the content should hold all text of the page; otherwise only its numbers, dates,
                identifiers and names are checked.

        Returns:
            The outcome. A second reader that fails costs nothing but the comparison: the log says why.
        """
        spots: tuple[DetectedLine, ...] = ()
        unsure = None if answer.unsure is None else carry_spans(answer.unsure, answer.text, content.markdown)
        whole = whole_page and self._verify == "all"
        try:
            spots = yield begun
            comparison = _compare(content, spots, unsure, whole=whole)
            for widely in (False, True):
                more = self._unread(comparison, spots, picture.width / picture.height, widely=widely)
                if more:
                    spots = yield self._second.recognize(picture, spots, more)
                    comparison = _compare(content, spots, unsure, whole=whole)
            agreement: float | None = None
            doubts: tuple[Doubt, ...] = ()
            if self._verify != "off":
                looks = comparison.looks
                again = (yield self._second.reread(picture, looks)) if looks else ()
                agreement, doubts = comparison.settle(again)
        except EngineError as exc:
            logger.warning("a page was not checked: %s", exc)
            return Verified(content, _lines(spots))
        if self._ground:
            content = ground(content, comparison.placement)
        return Verified(content, _lines(spots), agreement, doubts)

    def _unread(
        self, comparison: Comparison, spots: Sequence[DetectedLine], aspect: float, *, widely: bool
    ) -> list[int]:
        """Lines that may hold what is not confirmed yet: those near its place in the text, then all others.

        Args:
            comparison: With the lines that are read.
            spots: All lines.
            aspect: The page's width over its height.
            widely: Whether to look everywhere.
        """
        unread = [number for number, spot in enumerate(spots) if spot.lines is None]
        wanted = comparison.open_places
        if not unread or not wanted or self._verify == "off":
            return []
        if widely or not comparison.placement.places:
            return unread
        near = []
        for number in unread:
            box = spots[number].box
            # Of Latin type, which is about half as wide as high; a line of Chinese has fewer characters.
            size = max(4, round(2 * box.width * aspect / max(box.height, 1e-3)))
            for place in comparison.placement.expected(box, size)[:2]:
                if any(start < place + (1 + _WIDE) * size and place - _WIDE * size < end for start, end in wanted):
                    near.append(number)
                    break
        return near


def _compare(
    content: Content, spots: Sequence[DetectedLine], unsure: Sequence[Unsure] | None, *, whole: bool
) -> Comparison:
    return Comparison(
        content.markdown,
        _lines(spots),
        blocks=content.blocks,
        tables=content.tables,
        figures=[region.box for region in content.regions if region.kind == "figure" and region.box is not None],
        unsure=unsure,
        whole=whole,
    )


def _lines(spots: Sequence[DetectedLine]) -> tuple[Line, ...]:
    return tuple(line for spot in spots for line in spot.lines or ())
