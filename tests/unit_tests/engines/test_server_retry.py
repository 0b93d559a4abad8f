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


async def test_a_page_that_waits_has_its_time_anew_whenever_another_is_done() -> None:
    limit = AnswerTimeout(HOUR, most=3)
    first, second, third = await under_way(limit, 3)
    begun = first.until
    # It was sent first, and the server took it last.
    await third.end()
    after_third = first.until
    assert after_third > begun
    await second.end()
    assert first.until > after_third
    await first.end()


async def test_a_page_that_the_server_forgot_does_not_wait_as_long_as_others_come() -> None:
    limit = AnswerTimeout(HOUR, most=3)
    (forgotten,) = await under_way(limit, 1)
    moments = [forgotten.until]
    for _ in range(4):
        (other,) = await under_way(limit, 1)
        await other.end()
        moments.append(forgotten.until)
    assert len(set(moments)) == 3, "no more than two can have been before it"
    await forgotten.end()


async def test_an_answer_that_has_begun_has_its_own_time_once() -> None:
    limit = AnswerTimeout(HOUR, most=2)
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
    limit = AnswerTimeout(0.0, most=1)
    with pytest.raises(TimeoutError):
        async with limit():
            await asyncio.Event().wait()
