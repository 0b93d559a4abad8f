from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.scripted import ScriptedEngine
from langchain_hunyuanocr.errors import EngineError, TaskError
from langchain_hunyuanocr.results import Box, Generation, Line
from langchain_hunyuanocr.tasks import Task, TaskKind

PICTURE = Image.new("RGB", (8, 8), "white")


def ask(kind: TaskKind = TaskKind.DOCUMENT) -> Request:
    return Request(PICTURE, Task(kind=kind))


def test_one_answer_serves_every_request() -> None:
    engine = ScriptedEngine("hello")
    assert [g.text for g in engine.generate([ask(), ask(TaskKind.TEXT)])] == ["hello", "hello"]
    assert engine.requests == 2
    assert engine.asked == {TaskKind.DOCUMENT: 1, TaskKind.TEXT: 1}
    assert engine.batches == [2]


def test_a_generation_is_given_as_it_is() -> None:
    generation = Generation(lines=(Line(text="a", box=Box(0, 0, 1, 1)),))
    assert ScriptedEngine(generation).generate([ask()]) == [generation]


def test_a_list_answers_in_order_and_says_when_it_runs_out() -> None:
    engine = ScriptedEngine(["one", "two"])
    assert [engine.generate([ask()])[0].text for _ in range(2)] == ["one", "two"]
    with pytest.raises(EngineError, match="2 answers"):
        engine.generate([ask()])


def test_a_mapping_counts_each_task_alone() -> None:
    engine = ScriptedEngine({TaskKind.DOCUMENT: ["d0", "d1"], TaskKind.TEXT: "t"})
    asked = [ask(), ask(TaskKind.TEXT), ask(), ask(TaskKind.TEXT)]
    assert [g.text for g in engine.generate(asked)] == ["d0", "t", "d1", "t"]
    with pytest.raises(EngineError, match="'formula'"):
        engine.generate([ask(TaskKind.FORMULA)])


def test_a_function_sees_the_request_and_its_exception_is_raised() -> None:
    def answer(request: Request) -> str | Exception:
        if request.task.kind is TaskKind.TABLE:
            return EngineError("gone")
        return f"{request.task.kind.value} {request.picture.width}"

    engine = ScriptedEngine(answer)
    assert engine.generate([ask()])[0].text == "document 8"
    with pytest.raises(EngineError, match="gone"):
        engine.generate([ask(TaskKind.TABLE)])


def test_faults_take_the_place_of_answers() -> None:
    engine = ScriptedEngine(
        "fine", faults={1: "smudged", 2: EngineError("out of memory"), 3: Generation(finish="length")}
    )
    first, second = engine.generate([ask(), ask()])
    assert first.finish == "stop"
    assert (second.finish, second.error) == ("error", "smudged")
    with pytest.raises(EngineError, match="out of memory"):
        engine.generate([ask()])
    assert engine.generate([ask()])[0].finish == "length"
    assert engine.generate([ask()])[0].text == "fine"


def test_it_stands_in_for_another_engine() -> None:
    engine = ScriptedEngine("x", name="rapid", model="m", revision="r", tasks=[TaskKind.TEXT], batch_size=4)
    assert (engine.name, engine.model, engine.revision, engine.batch_size) == ("rapid", "m", "r", 4)
    engine.check(Task(kind=TaskKind.TEXT))
    with pytest.raises(TaskError, match="rapid engine cannot do the task 'formula'"):
        engine.check(Task(kind=TaskKind.FORMULA))
    assert ScriptedEngine.name == "scripted"
    ScriptedEngine("x").check(Task(kind=TaskKind.FORMULA))


def test_threads_share_the_count() -> None:
    engine = ScriptedEngine([str(n) for n in range(200)])
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: engine.generate([ask()])[0].text, range(200)))
    assert engine.requests == 200
    assert sorted(texts, key=int) == [str(n) for n in range(200)]


async def test_async_delays_overlap() -> None:
    engine = ScriptedEngine("x", delay_s=0.02)
    start = time.perf_counter()
    answers = await asyncio.gather(*(engine.agenerate([ask()]) for _ in range(20)))
    assert [a[0].text for a in answers] == ["x"] * 20
    assert time.perf_counter() - start < 20 * 0.02  # one after another, they would take at least that


def test_the_delay_is_taken_for_each_request() -> None:
    engine = ScriptedEngine("x", delay_s=0.005)
    start = time.perf_counter()
    engine.generate([ask(), ask()])
    assert time.perf_counter() - start >= 0.01


def test_closing_is_noted() -> None:
    engine = ScriptedEngine("x")
    engine.close()
    assert engine.closed == 1
