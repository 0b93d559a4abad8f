"""How much of a page a second reader is asked to read, and what becomes of its failures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.rapid.second_reader import DetectedLine, SecondReader
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.reader.verifier import Verified, Verifier
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.verification.comparison import Verify
from langchain_hunyuanocr.results import Box, Generation, Line, Region

PICTURE = Image.new("RGB", (1000, 1400), "white")


class Page(SecondReader):
    """A second reader that sees fixed lines, and says which it was asked to read."""

    def __init__(self, *texts: str, error: str | None = None, again: str = "") -> None:
        self.texts = texts
        self.read_numbers: set[int] = set()
        self.error = error
        self._again = again

    def detect(self, picture: Image.Image, *, every: int = 1) -> Future[tuple[DetectedLine, ...]]:
        self.read_numbers = set(range(0, len(self.texts), every))
        return self._done(self._spots())

    def recognize(
        self, picture: Image.Image, spots: Sequence[DetectedLine], numbers: Sequence[int]
    ) -> Future[tuple[DetectedLine, ...]]:
        self.read_numbers |= set(numbers)
        return self._done(self._spots())

    def reread(self, picture: Image.Image, boxes: Sequence[Box]) -> Future[tuple[tuple[str, ...], ...]]:
        return self._done(tuple((self._again,) for _ in boxes))

    def _spots(self) -> tuple[DetectedLine, ...]:
        spots = []
        for number, text in enumerate(self.texts):
            box = Box(0.1, 0.02 * number, 0.1 + 0.01 * len(text), 0.02 * number + 0.014)
            line = Line(text=text, box=box, score=0.99)
            spots.append(DetectedLine(box, (), (line,) if number in self.read_numbers else None))
        return tuple(spots)

    def _done(self, value: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.error is None:
            future.set_result(value)
        else:
            future.set_exception(EngineError(self.error))
        return future


def check(second: Page, text: str, *, verify: Verify = "numbers", whole_page: bool = True, **options: Any) -> Verified:
    checker = Verifier(second, verify=verify, **options)
    content = Content(text, regions=(Region(kind="figure", box=Box(0, 0.9, 1, 1)),))
    steps = checker.steps(PICTURE, checker.begin(PICTURE), content, Generation(text=text), whole_page=whole_page)
    sent: Any = None
    while True:
        try:
            asked = next(steps) if sent is None else steps.send(sent)
        except StopIteration as done:
            outcome: Verified = done.value
            return outcome
        try:
            sent = asked.result()
        except EngineError as exc:
            try:
                steps.throw(exc)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]


PROSE = tuple(f"This is line {word} of a page in plain prose." for word in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN")


def test_without_anything_to_check_only_a_quarter_is_read() -> None:
    second = Page(*PROSE)
    checked = check(second, "\n".join(PROSE))
    assert second.read_numbers == set(range(0, 40, 4))
    assert (checked.agreement, checked.doubts) == (None, ())


def test_only_lines_near_what_is_to_be_checked_are_read() -> None:
    texts = [*PROSE[:30], "The total comes to 1,234.50 pounds.", *PROSE[30:]]
    second = Page(*texts)
    checked = check(second, "\n".join(texts))
    assert checked.agreement == 1.0
    assert 30 in second.read_numbers
    assert len(second.read_numbers) <= len(texts) / 2


def test_before_a_doubt_is_raised_every_line_is_read() -> None:
    second = Page(*PROSE)
    checked = check(second, "\n".join([*PROSE[:20], "Nobody wrote 777 here.", *PROSE[20:]]))
    assert second.read_numbers == set(range(40))
    assert [doubt.text for doubt in checked.doubts] == ["777"]
    assert checked.agreement == 0.0


def test_all_compares_words_only_where_the_whole_page_was_asked_for() -> None:
    text = "Something else entirely, at great length and without any number in it."
    assert [doubt.kind for doubt in check(Page(*PROSE), text, verify="all").doubts] == ["line"]
    assert check(Page(*PROSE), text, verify="all", whole_page=False).doubts == ()


def test_grounding_reads_all_and_compares_nothing() -> None:
    second = Page(*PROSE)
    checked = check(second, "\n".join(PROSE), verify="off", ground=True)
    assert second.read_numbers == set(range(40))
    assert checked.agreement is None
    assert [line.text for line in checked.content.lines] == list(PROSE)


@pytest.mark.parametrize("verify", ["numbers", "all"])
def test_a_second_reader_that_fails_costs_only_the_comparison(verify: Verify, caplog: pytest.LogCaptureFixture) -> None:
    checked = check(Page(*PROSE, error="out of memory"), "Total 5", verify=verify)
    assert checked.content.markdown == "Total 5"
    assert (checked.agreement, checked.doubts, checked.lines) == (None, (), ())
    assert "out of memory" in caplog.text
