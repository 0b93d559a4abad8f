"""How far something is that is done for a window of the page, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.ui.sessions.cancellable_task import CancellableTask


class Does(CancellableTask):
    """Does what it is given."""

    def __init__(self, work: Callable[[], Awaitable[None]], timeout_s: float = 60) -> None:
        super().__init__(timeout_s)
        self._work = work

    async def _do(self) -> None:
        self._tell("working")
        await self._work()


async def stages(task: CancellableTask) -> list[str]:
    return [task.stage async for _ in task.news()]


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_who_listens_hears_that_it_is_done() -> None:
    task = Does(lambda: asyncio.sleep(0))
    task.begin()
    assert (await stages(task))[-1] == "done"
    assert task.ended


async def test_cancelling_comes_before_cancelled() -> None:
    task = Does(for_ever)
    task.begin()
    heard = asyncio.ensure_future(stages(task))
    while task.stage != "working":
        await asyncio.sleep(0)
    await task.cancel()
    assert (await heard)[-2:] == ["cancelling", "cancelled"]
    await task.cancel()
    assert task.stage == "cancelled"


async def test_what_is_cancelled_before_it_has_begun_ends_too() -> None:
    task = Does(for_ever)
    await task.cancel()
    task.begin()
    await task.cancel()
    assert (await stages(task))[-1] == "cancelled"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Problem(413, "too many pages"), "too many pages"),
        (EngineError("no engine", remedy="install one"), "no engine (install one)"),
        (RuntimeError("a document's words"), "the service failed; its log says where"),
    ],
)
async def test_what_goes_wrong_is_one_line(error: Exception, words: str) -> None:
    async def fails() -> None:
        raise error

    task = Does(fails)
    task.begin()
    assert (await stages(task))[-1] == "stopped"
    assert task.problem == words


async def test_it_takes_no_longer_than_it_may() -> None:
    task = Does(for_ever, timeout_s=0.01)
    task.begin()
    assert (await stages(task))[-1] == "stopped"
    assert "0.01" in task.problem
