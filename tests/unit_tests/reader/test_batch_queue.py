"""Order and flow of pages under way, without an engine, a thread or a loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from PIL import Image

from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.reader.batch_queue import Batch, BatchQueue, Flow
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task

PICTURE = Image.new("RGB", (8, 8))


def steps(*rounds: int) -> Flow:
    """A page that asks so many requests in each round, and comes to all the answers it was given."""
    heard: list[str] = []
    for count in rounds:
        answers = yield [Request(PICTURE, Task()) for _ in range(count)]
        heard += [answer.text for answer in answers]
    return heard  # type: ignore[return-value]


def say(*texts: str) -> list[Generation]:
    return [Generation(text=text) for text in texts]


def pipeline(batch_size: int = 1, in_flight: Callable[[], int] = lambda: 4) -> BatchQueue:
    return BatchQueue(batch_size=batch_size, in_flight=in_flight)


def due(pages: BatchQueue, *, last: bool = False) -> Batch:
    batch = pages.due(last=last)
    assert batch is not None
    return batch


def test_answers_in_any_order_come_out_in_the_order_of_the_pages() -> None:
    pages = pipeline()
    for _ in range(2):
        pages.put_steps(steps(1))
    pages.put("a mark")
    first, second = due(pages), due(pages)
    pages.answer(second, say("b"))
    assert list(pages.ready()) == []
    pages.answer(first, say("a"))
    assert list(pages.ready()) == [["a"], ["b"], "a mark"]
    assert pages.empty


def test_what_is_asked_again_goes_out_again() -> None:
    pages = pipeline(batch_size=2)
    pages.put_steps(steps(2, 1))
    pages.answer(due(pages), say("a", "b"))
    assert pages.due(last=False) is None
    pages.answer(due(pages, last=True), say("c"))
    assert list(pages.ready()) == [["a", "b", "c"]]


def test_batches_wait_until_they_are_full_or_nothing_more_comes() -> None:
    pages = pipeline(batch_size=3)
    pages.put_steps(steps(1))
    pages.put_steps(steps(1))
    assert pages.due(last=False) is None
    pages.put_steps(steps(2))
    assert [len(due(pages, last=last).requests) for last in (False, True)] == [2, 2]


def test_a_page_that_asks_more_than_a_batch_is_still_asked() -> None:
    pages = pipeline(batch_size=1)
    pages.put_steps(steps(3))
    assert len(due(pages).requests) == 3


def test_no_more_goes_in_than_the_engine_takes_or_order_can_hold() -> None:
    pages = pipeline(in_flight=lambda: 2)
    assert not pages.full
    pages.put_steps(steps(1))
    due(pages)
    assert not pages.full
    for _ in range(40):
        pages.put("a text layer")
    assert pages.full
    pages = pipeline(in_flight=lambda: 2)
    for _ in range(2):
        pages.put_steps(steps(1))
        due(pages)
    assert pages.full


def test_a_dead_engine_is_told_where_its_page_should_be() -> None:
    pages = pipeline()
    for _ in range(3):
        pages.put_steps(steps(1))
    batches = [due(pages) for _ in range(3)]
    pages.answer(batches[0], say("a"))
    pages.fail(batches[1], EngineError("no memory"))
    pages.answer(batches[2], say("c"))
    out: list[Any] = []
    with pytest.raises(EngineError, match="no memory"):
        out.extend(pages.ready())
    assert out == [["a"]]
    assert list(pages.ready()) == [["c"]]


def waiting_steps(future: Future[str]) -> Flow:
    """A page that waits for something done elsewhere, then asks once."""
    try:
        heard = yield future
    except EngineError as exc:
        heard = exc.message
    answers = yield [Request(PICTURE, Task())]
    return [heard, answers[0].text]  # type: ignore[return-value]


def test_a_page_waits_for_what_is_done_elsewhere_and_holds_up_no_other() -> None:
    pages = pipeline()
    future: Future[str] = Future()
    pages.put_steps(waiting_steps(future))
    pages.put_steps(steps(1))
    pages.answer(due(pages), say("second"))
    assert list(pages.elsewhere) == [future]
    assert list(pages.ready()) == [], "the first page keeps its place"
    future.set_result("looked")
    pages.resume(future)
    assert not pages.elsewhere
    pages.answer(due(pages), say("first"))
    assert list(pages.ready()) == [["looked", "first"], ["second"]]


def test_what_fails_elsewhere_is_told_to_the_page() -> None:
    pages = pipeline()
    future: Future[str] = Future()
    pages.put_steps(waiting_steps(future))
    future.set_exception(EngineError("gone"))
    pages.resume(future)
    pages.answer(due(pages), say("first"))
    assert list(pages.ready()) == [["gone", "first"]]


def test_pages_that_wait_elsewhere_bound_what_comes_in() -> None:
    pages = pipeline(in_flight=lambda: 1)
    count = 0
    while not pages.full:
        pages.put_steps(waiting_steps(Future()))
        count += 1
    assert count == 32
