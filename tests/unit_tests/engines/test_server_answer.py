from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator

import pytest

from langchain_hunyuanocr.engines.server.chat_stream import NewText, read_answer
from langchain_hunyuanocr.engines.server.faults import BrokenAnswerError, SaidError
from langchain_hunyuanocr.results import Generation


def event(content: str | None = None, finish: str | None = None, *probabilities: float) -> str:
    choice: dict[str, object] = {"delta": {} if content is None else {"content": content}, "finish_reason": finish}
    if probabilities:
        choice["logprobs"] = {"content": [{"logprob": math.log(each) if each else -9999.0} for each in probabilities]}
    return f"data: {json.dumps({'choices': [choice]})}"


DONE = "data: [DONE]"


async def read(*lines: str, heard: list[str] | None = None) -> Generation:
    async def come() -> AsyncIterator[str]:
        for line in lines:
            yield line
            yield ""

    return await read_answer(come(), (heard if heard is not None else []).append)


async def test_an_answer_is_put_together() -> None:
    heard: list[str] = []
    answer = await read(event(""), event("Tot"), ": ping", event("al", "stop"), DONE, heard=heard)
    assert answer == Generation(text="Total")
    assert heard == ["Tot", "Total"]


async def test_servers_differ_in_what_they_send_besides() -> None:
    # llama.cpp begins with null and ends with usage; transformers serve sends no [DONE].
    usage = 'data: {"choices": [], "usage": {"total_tokens": 3}}'
    answer = await read('data: {"choices": [{"delta": {"content": null}}]}', event("a"), event(None, "length"), usage)
    assert answer == Generation(text="a", finish="length")


async def test_a_blank_page_has_an_empty_answer() -> None:
    assert await read(event(""), event(None, "stop"), DONE) == Generation(text="")


async def test_probabilities_are_averaged_over_the_tokens() -> None:
    answer = await read(event("ab", None, 1.0, 0.5), event("c", None, 0.0), event(None, "stop"), DONE)
    assert answer.mean_probability == pytest.approx(0.5)
    assert answer.least_probability == 0.0


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [DONE],
        [event("half")],
        [event("half"), DONE],
        [event("half", "abort"), DONE],
        ["data: {oops", DONE],
        ["data: [1]", DONE],
        ['data: {"choices": ["x"]}', DONE],
        ['data: {"choices": [{"delta": {"content": 7}}]}', DONE],
        ["<html>"],
    ],
)
async def test_what_is_no_whole_answer_is_none(lines: list[str]) -> None:
    with pytest.raises(BrokenAnswerError):
        await read(*lines)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('data: {"error": {"message": "no", "code": 400}}', 400),
        ('data: {"error": "no"}', 500),
        ('data: {"error": {"message": "no", "code": "invalid"}}', 500),
        ('error: {"code": 503, "message": "no"}', 503),
    ],
)
async def test_an_error_in_the_middle_is_told_with_its_status(line: str, status: int) -> None:
    with pytest.raises(SaidError) as caught:
        await read(event("half"), line)
    assert caught.value.status == status


async def test_a_loop_ends_the_reading_within_a_few_characters() -> None:
    read_on = 0

    async def come() -> AsyncIterator[str]:
        nonlocal read_on
        yield event("Page 1. ")
        while True:
            read_on += 1
            yield event("over and ")

    answer = await read_answer(come(), lambda text: None)
    assert answer == Generation(text="Page 1. over and", finish="repetition")
    # Eight copies, the 160 characters beyond them, and at most 80 until the next look.
    assert read_on * 9 <= 8 * 9 + 160 + 80 + 9


async def test_rows_of_a_table_that_are_alike_are_no_loop() -> None:
    table = "<table>" + "<tr><td>0</td></tr>" * 9 + "</table>"
    assert await read(*map(event, table), event(None, "stop"), DONE) == Generation(text=table)


def test_text_is_told_once_however_often_it_is_said() -> None:
    told: list[str] = []
    hear = NewText(told.append)
    for text in ("a", "ab", "a", "abc", "x", "xyz1", "abcd"):
        hear(text)
    assert told == ["a", "b", "c", "d"]
