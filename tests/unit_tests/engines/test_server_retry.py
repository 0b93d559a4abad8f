from __future__ import annotations

import asyncio

import pytest

from langchain_hunyuanocr.engines.server.retry import AnswerTimeout

HOUR = 3600.0


class Page:
    """A page under way for as long as a test wants."""

    def __init__(self, limit: AnswerTimeout) -> None:
        self._trying = limit()

    async def begin(self) -> None:
        self._timeout = await self._trying.__aenter__()

    async def end(self) -> None:
        await self._trying.__aexit__(None, None, None)

    @property
    def until(self) -> float:
        moment = self._timeout.when()
        assert moment is not None
        return moment

    def spoke(self, limit: AnswerTimeout) -> None:
        limit.spoke(self._timeout)


async def under_way(limit: AnswerTimeout, count: int) -> list[Page]:
    pages = [Page(limit) for _ in range(count)]
    for page in pages:
        await page.begin()
    return pages


async def test_a_page_that_waits_gets_the_time_of_those_before_it_and_no_more() -> None:
    limit = AnswerTimeout(HOUR)
    first, waits, *later = await under_way(limit, 5)
    begun = waits.until
    await first.end()
    after_first = waits.until
    assert after_first > begun
    for page in later:
        await page.end()
    assert waits.until == after_first, "those came after it"
    await waits.end()


async def test_an_answer_that_has_begun_has_its_own_time_once() -> None:
    limit = AnswerTimeout(HOUR)
    first, second = await under_way(limit, 2)
    begun = second.until
    second.spoke(limit)
    spoke = second.until
    assert spoke > begun
    second.spoke(limit)
    await first.end()
    assert second.until == spoke
    await second.end()


async def test_the_time_is_over_when_it_is_over() -> None:
    limit = AnswerTimeout(0.0)
    with pytest.raises(TimeoutError):
        async with limit():
            await asyncio.Event().wait()
