"""Micro-batching and the queue with a bound, on a real event loop and without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import pytest
from PIL import Image

from langchain_hunyuanocr import EngineError, ScriptedEngine
from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.service.batching import BatchingEngine
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.queueing import RequestQueue
from langchain_hunyuanocr.tasks import Task


def ask(shade: int = 255) -> Request:
    return Request(Image.new("L", (1, 1), shade), Task())


def shade(request: Request) -> str:
    return str(request.picture.getpixel((0, 0)))


class Gate(Engine):
    """Answers when it is let; knows what it was asked and what was given up."""

    name: ClassVar[str] = "gate"

    def __init__(self, batch_size: int, in_flight: int | None = None) -> None:
        self.batch_size = batch_size
        self._in_flight = in_flight or batch_size
        self.let = asyncio.Event()
        self.batches: list[list[str]] = []
        self.given_up = 0

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def model(self) -> str:
        return "gate"

    @property
    def revision(self) -> str:
        return ""

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        return [Generation(text=shade(request)) for request in requests]

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        self.batches.append([shade(request) for request in requests])
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return self.generate(requests)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_comes_together_goes_together_and_each_gets_its_own() -> None:
    inner = ScriptedEngine(shade, batch_size=8)
    engine = BatchingEngine(inner)
    answers = await asyncio.gather(*(engine.agenerate([ask(number)]) for number in range(8)))
    assert [answer[0].text for answer in answers] == [str(number) for number in range(8)]
    assert inner.batches == [8]


async def test_while_the_engine_works_questions_gather() -> None:
    inner = Gate(4)
    engine = BatchingEngine(inner)
    first = asyncio.ensure_future(engine.agenerate([ask(0)] * 4))
    await settle()
    rest = [asyncio.ensure_future(engine.agenerate([ask(number)])) for number in range(1, 7)]
    await settle()
    assert engine.waiting == 6
    inner.let.set()
    await asyncio.gather(first, *rest)
    assert inner.batches == [["0"] * 4, ["1", "2", "3", "4"], ["5", "6"]]


async def test_questions_of_one_caller_stay_together() -> None:
    inner = Gate(4)
    engine = BatchingEngine(inner)
    pairs = [asyncio.ensure_future(engine.agenerate([ask(number)] * 3)) for number in range(2)]
    inner.let.set()
    assert [[one.text for one in answer] for answer in await asyncio.gather(*pairs)] == [["0"] * 3, ["1"] * 3]
    assert inner.batches == [["0"] * 3, ["1"] * 3]


async def test_an_engine_that_takes_more_than_a_batch_gets_several() -> None:
    inner = Gate(1, in_flight=3)
    engine = BatchingEngine(inner)
    asked = [asyncio.ensure_future(engine.agenerate([ask(number)])) for number in range(5)]
    await settle()
    assert len(inner.batches) == 3
    inner.let.set()
    await asyncio.gather(*asked)


async def test_who_goes_away_frees_the_place() -> None:
    inner = Gate(1)
    engine = BatchingEngine(inner)
    running, waiting, last = (asyncio.ensure_future(engine.agenerate([ask(number)])) for number in range(3))
    await settle()
    waiting.cancel()
    running.cancel()
    await settle()
    assert inner.given_up == 1
    assert inner.batches == [["0"], ["2"]]
    inner.let.set()
    assert (await last)[0].text == "2"


async def test_a_call_goes_on_as_long_as_one_waits_for_it() -> None:
    inner = Gate(2)
    engine = BatchingEngine(inner)
    gone, here = (asyncio.ensure_future(engine.agenerate([ask(number)])) for number in range(2))
    await settle()
    gone.cancel()
    await settle()
    inner.let.set()
    assert (await here)[0].text == "1"
    assert inner.given_up == 0


async def test_a_failing_engine_fails_its_batch_and_not_the_next() -> None:
    engine = BatchingEngine(ScriptedEngine("text", faults={0: EngineError("out of memory")}, batch_size=2))
    failed = await asyncio.gather(*(engine.agenerate([ask()]) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in failed] == ["out of memory"] * 2
    assert (await engine.agenerate([ask()]))[0].text == "text"


async def test_readers_share_what_the_engine_takes() -> None:
    engine = BatchingEngine(Gate(8))
    assert engine.in_flight == 8
    with engine.shared(), engine.shared(), engine.shared():
        assert engine.in_flight == 3


async def test_streams_of_engines_without_pieces_are_batched() -> None:
    inner = ScriptedEngine(shade, batch_size=2)
    engine = BatchingEngine(inner)

    async def last(number: int) -> str:
        first, _ = [piece async for piece in engine.astream(ask(number))]
        return str(first)

    assert await asyncio.gather(last(1), last(2)) == ["1", "2"]
    assert inner.batches == [2]


async def test_a_full_queue_says_when_to_come_again() -> None:
    places = RequestQueue(most=2, at_once=1)
    with places.slot(), places.slot():
        with pytest.raises(Problem) as caught, places.slot():
            pass
        assert caught.value.status_code == 503
        assert 1 <= int(caught.value.headers["Retry-After"]) <= 60
    with places.slot():
        assert places.taken == 1
    assert places.taken == 0


async def test_turns_come_in_order_and_a_cancelled_one_is_passed_on() -> None:
    places = RequestQueue(most=9, at_once=1)
    done: list[int] = []

    async def work(number: int) -> None:
        async with places.running():
            done.append(number)
            await asyncio.sleep(0)

    async with places.running():
        tasks = [asyncio.ensure_future(work(number)) for number in range(4)]
        await settle()
        tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == [0, 2, 3]
