"""The server engine against a server that says what a test wants: what is sent, and what each reply comes to."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.server import ServerEngine
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task
from tests.integration_tests.scripted_server import (
    Reply,
    ScriptedServer,
    Turns,
    ask,
    picture_in,
    refusal,
    scripted_server,
)

pytest.importorskip("openai")

Make = Callable[..., ServerEngine]


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def make(scripted: ScriptedServer) -> Iterator[Make]:
    """Makes engines that are closed at the end; they ask `scripted` where nothing else is said."""
    made: list[ServerEngine] = []

    def engine(base_url: str | list[str] | None = None, **settings: object) -> ServerEngine:
        made.append(ServerEngine(base_url or scripted.address, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield engine
    for each in made:
        each.close()


def answers_of(engine: ServerEngine, requests: list[Request], way: str) -> list[Generation]:
    """The answers, asked in one of the ways there are."""
    if way == "async":
        return asyncio.run(engine.agenerate(requests))
    if way == "submit":
        return [future.result()[0] for future in [engine.submit([request]) for request in requests]]
    return engine.generate(requests)


WAYS = pytest.mark.parametrize("way", ["sync", "async", "submit"])


def test_the_request_has_the_trained_form(scripted: ScriptedServer, make: Make) -> None:
    engine = make(api_key="secret", max_new_tokens=77)
    assert engine.generate([ask(0)]) == [Generation(text="shade 0")]
    assert engine.model == "tencent/HunyuanOCR"
    body = scripted.bodies[0]
    assert body["model"] == "tencent/HunyuanOCR"
    assert body["messages"][0] == {"role": "system", "content": ""}
    picture, words = body["messages"][1]["content"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert words == {"type": "text", "text": "提取图中的文字。"}
    assert picture_in(body).tobytes() == ask(0).picture.tobytes()
    settings = {key: value for key, value in body.items() if key not in ("model", "messages")}
    assert settings == {
        "temperature": 0, "max_tokens": 77, "top_k": -1, "repetition_penalty": 1.08, "skip_special_tokens": True,
        "stream": True, "logprobs": True, "top_logprobs": 1,
    }  # fmt: skip
    assert scripted.keys == ["Bearer secret"]


def test_llama_cpp_gets_the_penalty_under_its_own_name(scripted: ScriptedServer, make: Make) -> None:
    scripted.maker = "llamacpp"
    make(model="HunyuanOCR-Q8_0.gguf").generate([ask(0)])
    body = scripted.bodies[0]
    assert (body["repeat_penalty"], body["repeat_last_n"]) == (1.08, 131072)
    assert "repetition_penalty" not in body


def test_a_range_that_llama_cpp_refuses_is_left_out(
    scripted: ScriptedServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    scripted.maker = "llamacpp"
    said = "Field 'repeat_last_n': Value must be between 0 <= value <= 64, but got 131072"
    scripted.replies = {1: [refusal(400, said)]}
    with caplog.at_level(logging.WARNING):
        assert make(max_concurrency=1).generate([ask(1), ask(2)]) == [
            Generation(text="shade 1"),
            Generation(text="shade 2"),
        ]
    assert [body.get("repeat_last_n") for body in scripted.bodies] == [131072, None, None]
    assert {body["repeat_penalty"] for body in scripted.bodies} == {1.08}
    assert "does not know repeat_last_n: its own defaults hold" in caplog.text


def test_pictures_can_be_sent_as_jpeg(scripted: ScriptedServer, make: Make) -> None:
    make(picture_format="jpeg").generate([Request(Image.new("CMYK", (30, 30)), Task.of("text"))])
    assert scripted.bodies[0]["messages"][1]["content"][0]["image_url"]["url"].startswith("data:image/jpeg;base64,")


@WAYS
def test_order_is_kept_and_concurrency_bounded(scripted: ScriptedServer, make: Make, way: str) -> None:
    scripted.slow_s = 0.1
    engine = make(max_concurrency=4)
    assert engine.in_flight == 4
    assert engine.batch_size == 1
    answers = answers_of(engine, [ask(shade) for shade in range(12)], way)
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(12)]
    assert 1 < scripted.most_busy <= 4


def test_the_bound_holds_for_all_threads_and_loops_together(scripted: ScriptedServer, make: Make) -> None:
    scripted.slow_s = 0.05
    engine = make(max_concurrency=3)
    answers: dict[int, list[Generation]] = {}

    def read(number: int) -> None:
        requests = [ask(number * 10 + shade) for shade in range(5)]
        answers[number] = answers_of(engine, requests, ("sync", "async")[number % 2])

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        assert [answer.text for answer in answers[number]] == [f"shade {number * 10 + n}" for n in range(5)]
    assert scripted.most_busy <= 3


def test_submit_returns_before_the_answer(scripted: ScriptedServer, make: Make) -> None:
    scripted.slow_s = 0.3
    future = make().submit([ask(0)])
    assert not future.done()
    assert future.result() == [Generation(text="shade 0")]


def test_many_addresses_share_the_pages(scripted: ScriptedServer, other: ScriptedServer, make: Make) -> None:
    scripted.slow_s = other.slow_s = 0.05
    engine = make(f"{scripted.address}, {other.address}/v1", max_concurrency=2)
    assert engine.in_flight == 4
    answers = engine.generate([ask(shade) for shade in range(20)])
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(20)]
    assert min(len(scripted.bodies), len(other.bodies)) >= 5
    assert max(scripted.most_busy, other.most_busy) <= 2


def test_a_retry_goes_to_another_address(scripted: ScriptedServer, other: ScriptedServer, make: Make) -> None:
    scripted.always = refusal(500, "out of memory")
    answers = make([scripted.address, other.address]).generate([ask(shade) for shade in range(8)])
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(8)]


@WAYS
def test_a_request_that_fails_costs_no_other(scripted: ScriptedServer, make: Make, way: str) -> None:
    scripted.replies = {
        1: [refusal(400, "the picture is\n no picture")],
        2: [refusal(500, "out of memory")] * 2,
        3: [Reply(pieces=["half"], finish="length")],
        4: [Reply(pieces=[])],
        5: [Reply(pieces=["secret"], finish="content_filter")],
    }
    answers = answers_of(make(max_retries=1), [ask(shade) for shade in range(6)], way)
    assert answers == [
        Generation(text="shade 0"),
        Generation(finish="error", error="the server failed: HTTP 400: the picture is no picture"),
        Generation(finish="error", error="the server failed: HTTP 500: out of memory"),
        Generation(text="half", finish="length"),
        Generation(text=""),
        Generation(finish="error", error="the server withheld its answer"),
    ]
    # What is refused is asked once, what fails twice.
    assert len(scripted.bodies) == 7


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(pieces=["so f"], finish=None), "the answer broke off"),
        (Reply(pieces=["so f"], finish=None, ends=False), "the connection broke"),
        (Reply(pieces=["so f"], finish="abort"), "the server gave the answer up"),
        (Reply(body="<html>gateway</html>"), "no events but '<html>gateway</html>'"),
        (Reply(body='data: {"choices": [{"del\n\n'), """the server sent '{"choices": [{"del'"""),
        (Reply(body='data: {"choices": [7]}\n\n'), "the server sent"),
        (Reply(body="data: [DONE]\n\n"), "the server gave no answer"),
        (Reply(body='data: {"error": {"message": "the engine died", "code": 500}}\n\n'), "500: the engine died"),
        (Reply(408, "late"), "HTTP 408: late"),
        (Reply(429, "slower"), "HTTP 429: slower"),
        (Reply(503, "loading"), "HTTP 503: loading"),
    ],
)
def test_what_is_no_whole_answer_is_asked_again(
    scripted: ScriptedServer, make: Make, reply: Reply, reason: str
) -> None:
    scripted.replies = {7: [reply], 8: [reply, reply]}
    engine = make(max_retries=1)
    whole, given_up = engine.generate([ask(7), ask(8)])
    assert whole == Generation(text="shade 7")
    assert given_up.finish == "error"
    assert reason in (given_up.error or "")
    assert given_up.text == ""


def test_an_address_that_asks_for_patience_gets_it(scripted: ScriptedServer, make: Make) -> None:
    scripted.replies = {1: [refusal(429, "slower", Retry_After="1")]}
    engine = make(max_concurrency=1)
    begun = time.monotonic()
    assert [answer.text for answer in engine.generate([ask(1), ask(2)])] == ["shade 1", "shade 2"]
    assert 1 <= time.monotonic() - begun < 5


def test_probabilities_are_kept(scripted: ScriptedServer, make: Make) -> None:
    scripted.replies = {1: [Reply(pieces=["a", "b"], probabilities=[math.log(0.5), math.log(0.9)])]}
    answer = make().generate([ask(1)])[0]
    assert answer.mean_probability == pytest.approx(0.7)
    assert answer.least_probability == pytest.approx(0.5)


def test_settings_that_a_server_refuses_are_left_out_from_then_on(
    scripted: ScriptedServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    refused = refusal(422, "Unexpected fields in the request: {'logprobs', 'repetition_penalty'}")
    scripted.replies = {1: [refused]}
    with caplog.at_level(logging.WARNING):
        engine = make()
        assert [answer.text for answer in engine.generate([ask(1)]) + engine.generate([ask(2)])] == [
            "shade 1",
            "shade 2",
        ]
    for body in scripted.bodies[1:]:
        assert body["top_k"] == -1
        assert not {"logprobs", "top_logprobs", "repetition_penalty"} & set(body)
    assert len(scripted.bodies) == 3
    assert "does not know repetition_penalty: its own defaults hold" in caplog.text


def test_a_loop_is_cut_while_it_is_said(scripted: ScriptedServer, make: Make) -> None:
    scripted.replies = {1: [Reply(pieces=["Total: ", *["12.50 EUR "] * 20_000], pause_s=0.0005)]}
    answers = make().generate([ask(1), ask(2)])
    assert answers[0] == Generation(text="Total: 12.50 EUR", finish="repetition")
    assert answers[1].text == "shade 2"
    assert scripted.cut_short.wait(5), "the connection was not closed"


def test_a_loop_at_the_very_end_is_cut_too(scripted: ScriptedServer, make: Make) -> None:
    scripted.replies = {1: [Reply(pieces=["end" * 100], finish="length")]}
    assert make().generate([ask(1)]) == [Generation(text="end", finish="repetition")]


@pytest.mark.parametrize("way", ["stream", "astream"])
def test_text_comes_as_it_is_said(scripted: ScriptedServer, make: Make, way: str) -> None:
    pieces = ["one ", "two ", "three"]
    # The first try breaks off, so that the second begins anew with what was said already.
    scripted.replies = {1: [Reply(pieces=pieces[:2], finish=None), Reply(pieces=pieces, finish="length")]}
    engine = make()

    async def collected() -> list[str | Generation]:
        return [piece async for piece in engine.astream(ask(1))]

    got = list(engine.stream(ask(1))) if way == "stream" else asyncio.run(collected())
    assert got == ["one ", "two ", "three", Generation(text="one two three", finish="length")]


def test_a_stream_that_is_left_closes_its_connection(scripted: ScriptedServer, make: Make) -> None:
    scripted.always = Reply(pieces=[f"{n} " for n in range(10_000)], pause_s=0.002)
    pieces = make().stream(ask(1))
    assert next(pieces) == "0 "
    pieces.close()  # type: ignore[attr-defined]
    assert scripted.cut_short.wait(5)


def test_cancelling_closes_the_connection(scripted: ScriptedServer, make: Make) -> None:
    scripted.always = Reply(pieces=[f"{n} " for n in range(10_000)], pause_s=0.002)
    engine = make()

    async def given_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(engine.agenerate([ask(1)]), 0.5)

    asyncio.run(given_up())
    assert scripted.cut_short.wait(5)


def test_closing_gives_up_what_is_under_way_and_the_engine_may_go_on(scripted: ScriptedServer, make: Make) -> None:
    scripted.replies = {1: [Reply(pieces=[f"{n} " for n in range(10_000)], pause_s=0.002)]}
    engine = make()
    future = engine.submit([ask(1)])
    assert scripted.asked.wait(5)
    engine.close()
    with pytest.raises(CancelledError):
        future.result(5)
    assert scripted.cut_short.wait(5)
    assert engine.generate([ask(2)]) == [Generation(text="shade 2")]


def test_a_slow_page_is_given_up_and_drops_do_not_hold_it(scripted: ScriptedServer, make: Make) -> None:
    dripping = Reply(pieces=[f"{n} " for n in range(10_000)], pause_s=0.05)
    scripted.replies = {1: [dripping, dripping], 2: [dripping]}
    begun = time.monotonic()
    slow, twice = make(timeout_s=0.4).generate([ask(1), ask(2)])
    assert (slow.finish, slow.error) == ("error", "no answer within 0.4 s")
    assert "timeout_s" in (slow.remedy or "")
    assert twice.text == "shade 2"
    assert time.monotonic() - begun < 5


def test_a_page_that_does_not_fit_is_sent_smaller(scripted: ScriptedServer, make: Make) -> None:
    said = "The decoder prompt (length 9000) is longer than the maximum model length of 8192."
    scripted.replies = {255: [refusal(400, said), Reply(413, "Request Entity Too Large")]}
    answer = make().generate([ask(size=(400, 300))])[0]
    assert answer.text == "shade 255"
    assert [picture_in(body).size for body in scripted.bodies] == [(400, 300), (283, 212), (200, 150)]


def test_an_answer_that_may_be_too_long_is_asked_shorter(scripted: ScriptedServer, make: Make) -> None:
    said = (
        "This model's maximum context length is 8192 tokens. However, you requested 8192 output tokens and your prompt "
        "contains at least 1 input tokens, for a total of at least 8193 tokens."
    )
    scripted.replies = {255: [refusal(400, said)]}
    assert make().generate([ask()])[0].text == "shade 255"
    assert [picture_in(body).size for body in scripted.bodies] == [(100, 80)] * 2
    assert scripted.bodies[1]["max_tokens"] == 8192 - 512 - 17


def test_no_longer_answer_is_asked_for_than_the_context_that_a_server_lists(
    scripted: ScriptedServer, make: Make
) -> None:
    scripted.max_model_len = 4096
    answers = make().generate([ask(shade) for shade in range(5)])
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(5)]
    assert {body["max_tokens"] for body in scripted.bodies} == {4096 - 512 - 17}
    assert {picture_in(body).size for body in scripted.bodies} == {(100, 80)}
    assert (len(scripted.bodies), scripted.listings) == (5, 1)


def test_connections_are_kept_from_page_to_page(scripted: ScriptedServer, make: Make) -> None:
    engine = make(max_concurrency=2)
    for shade in range(1, 9):
        assert engine.generate([ask(shade)])[0].text == f"shade {shade}"
    assert scripted.connections == 1
    engine.generate([ask(shade) for shade in range(1, 9)])
    assert scripted.connections == 2


@pytest.mark.parametrize(
    ("meta", "props", "longest"),
    [
        ({"n_ctx": 4096, "n_ctx_train": 131072}, None, 4096 - 512 - 17),
        ({"n_ctx_train": 131072}, {"default_generation_settings": {"n_ctx": 2048}}, 2048 - 512 - 17),
        ({"n_ctx_train": 131072}, {"default_generation_settings": None}, 8192),
        ({"n_ctx_train": 131072}, None, 8192),
    ],
)
def test_no_longer_answer_is_asked_of_llama_cpp_than_one_of_its_slots_holds(
    scripted: ScriptedServer, make: Make, meta: dict[str, int], props: dict[str, Any] | None, longest: int
) -> None:
    scripted.models, scripted.maker, scripted.meta, scripted.props = ["my-alias"], "llamacpp", meta, props
    engine = make(model="any name")  # to which llama.cpp answers
    assert [answer.text for answer in engine.generate([ask(1), ask(2)])] == ["shade 1", "shade 2"]
    assert [body["max_tokens"] for body in scripted.bodies] == [longest, longest]


def test_a_shorter_answer_is_asked_for_where_only_the_refusal_tells_the_context(
    scripted: ScriptedServer, make: Make
) -> None:
    # vLLM 0.32, started with --max-model-len 2048, and a gateway before it that does not list the length.
    said = (
        "max_tokens=8192 cannot be greater than max_model_len=2048. Please request fewer output tokens. "
        "(parameter=max_tokens, value=8192)"
    )
    scripted.replies = {1: [refusal(400, said)]}
    engine = make(max_retries=0)
    large = ask(1, size=(1240, 1754))
    assert [answer.text for answer in engine.generate([large]) + engine.generate([ask(2)])] == ["shade 1", "shade 2"]
    assert [picture_in(body).size for body in scripted.bodies] == [(1240, 1754), (1240, 1754), (100, 80)]
    # A picture that seems to fill the context leaves the shortest answer; the next page is not refused first.
    assert [body["max_tokens"] for body in scripted.bodies] == [8192, 256, 2048 - 512 - 17]


def test_a_server_that_refuses_every_length_is_told(scripted: ScriptedServer, make: Make) -> None:
    scripted.always = refusal(400, "max_tokens=17 cannot be greater than max_model_len=16.")
    (answer,) = make().generate([ask()])
    assert answer.error == "the server failed: HTTP 400: max_tokens=17 cannot be greater than max_model_len=16."
    assert len(scripted.bodies) == 2


def test_an_answer_that_is_cut_at_the_end_of_the_context_is_asked_with_a_smaller_picture(
    scripted: ScriptedServer, make: Make
) -> None:
    scripted.max_model_len = 4096
    cut = Reply(pieces=["half"], finish="length")
    scripted.replies = {1: [cut], 2: [cut], 3: [cut]}
    full = make()
    large = (1240, 1754)
    assert full.generate([ask(1, size=large)]) == [Generation(text="shade 1")]
    assert [picture_in(body).size for body in scripted.bodies] == [large, (877, 1240)]
    # A small picture takes no room from the answer, and what the caller's own limit cuts stays cut.
    assert full.generate([ask(2)]) == [Generation(text="half", finish="length")]
    assert make(max_new_tokens=300).generate([ask(3, size=large)]) == [Generation(text="half", finish="length")]
    assert len(scripted.bodies) == 4


def test_a_page_that_never_fits_is_told(scripted: ScriptedServer, make: Make) -> None:
    # llama.cpp's words, in the middle of a stream.
    error = {"code": 400, "message": "the request exceeds the available context size (64 tokens), try increasing it"}
    scripted.always = Reply(body=f"data: {json.dumps({'error': {**error, 'type': 'exceed_context_size_error'}})}\n\n")
    answer = make().generate([ask(size=(400, 300))])[0]
    assert answer.finish == "error"
    assert "do not fit the server: HTTP 400: the request exceeds" in (answer.error or "")
    assert "--max-model-len" in (answer.remedy or "")
    assert len(scripted.bodies) == 4


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (refusal(401, "no"), "the server refuses the key .*HUNYUANOCR_API_KEY"),
        (refusal(403, "no"), "the server refuses the key"),
        (
            refusal(404, "The model `m` does not exist."),
            r"the server serves other/model, tencent/HunyuanOCR, not m \(name",
        ),
        (
            Reply(400, json.dumps({"detail": "Server is pinned to 'x'; requested 'm'."})),
            "the server serves other/model",
        ),
        (refusal(400, "m is not a multimodal model"), "the server takes no pictures: HTTP 400: m is not .*--mmproj"),
        (
            refusal(
                500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"
            ),
            "the server takes no pictures.*`hunyuanocr serve-model`",
        ),
        (refusal(400, "At most 0 image(s) may be provided in one prompt."), "the server takes no pictures"),
    ],
)
@WAYS
def test_what_no_request_can_pass_is_an_engine_error(
    scripted: ScriptedServer, make: Make, reply: Reply, message: str, way: str
) -> None:
    scripted.always = reply
    with pytest.raises(EngineError, match=message) as caught:
        answers_of(make(model="m"), [ask(0)], way)
    assert "\n" not in str(caught.value)
    assert scripted.address in str(caught.value)
    assert len(scripted.bodies) == 1


def test_an_address_that_is_no_chat_server_is_told(scripted: ScriptedServer, make: Make) -> None:
    scripted.always = refusal(404, "Not Found")
    with pytest.raises(EngineError, match="does not know the model or the address: HTTP 404: Not Found"):
        make().generate([ask(0)])


@WAYS
def test_a_server_that_is_not_there_is_told(make: Make, way: str) -> None:
    address = closed_port()
    with pytest.raises(EngineError, match=rf"{address}/v1: the server is not there: .*serve-model"):
        answers_of(make(address, outage_s=0.2), [ask()], way)


def test_servers_that_never_answered_are_not_waited_for_long(make: Make) -> None:
    begun = time.monotonic()
    with pytest.raises(EngineError, match=r"none of the 2 servers is there: .*; .*mend HUNYUANOCR_BASE_URL"):
        _ = make([closed_port(), closed_port()]).model
    assert time.monotonic() - begun < 5


def test_one_dead_address_of_two_costs_nothing(scripted: ScriptedServer, make: Make) -> None:
    dead = closed_port()
    answers = make([dead, scripted.address]).generate([ask(shade) for shade in range(30)])
    assert [answer.text for answer in answers] == [f"shade {shade}" for shade in range(30)]


@pytest.mark.parametrize(
    ("models", "message"),
    [([], "the server lists no model"), (["a", "b"], r"the server serves a, b; none is called HunyuanOCR \(name the")],
)
def test_a_server_without_the_model_is_told(
    scripted: ScriptedServer, make: Make, models: list[str], message: str
) -> None:
    scripted.models = models
    for way in ("sync", "submit"):
        with pytest.raises(EngineError, match=message):
            answers_of(make(), [ask()], way)
    with pytest.raises(EngineError, match=message):
        _ = make().model


def test_an_engine_that_is_dropped_leaves_no_thread(scripted: ScriptedServer) -> None:
    engine = ServerEngine(scripted.address)
    engine.generate([ask(1)])
    assert "hunyuanocr-server" in [thread.name for thread in threading.enumerate()]
    del engine
    assert "hunyuanocr-server" not in [thread.name for thread in threading.enumerate()]


def test_an_answer_comes_though_its_engine_was_dropped(scripted: ScriptedServer) -> None:
    scripted.slow_s = 0.2
    assert ServerEngine(scripted.address).submit([ask(1)]).result(10) == [Generation(text="shade 1")]


def test_without_the_client_the_line_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(EngineError, match=r'openai is not installed \(pip install "langchain-hunyuanocr\[server\]"\)'):
        make().generate([ask(1)])


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("backwards", [0, 7], ids=["as they come", "the last first"])
def test_a_page_that_waits_behind_others_has_time(scripted: ScriptedServer, make: Make, backwards: int) -> None:
    # One page at a time: the last waits twice as long as the limit, while the server works. Requests overtake each
    # other on the way, so that the order in which they were sent tells nothing; at worst it is turned round.
    scripted.one_by_one = True
    scripted.turn = Turns(backwards)
    scripted.always = Reply(pieces=["a", "b", "c", "d"], pause_s=0.2)
    answers = make(timeout_s=2.4, max_retries=0).generate([ask(shade) for shade in range(7)])
    assert [answer.text for answer in answers] == ["abcd"] * 7
