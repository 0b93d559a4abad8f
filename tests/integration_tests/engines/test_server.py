"""The server engine against real servers with the checkpoint that reads; and behind proxies that fail.

`transformers serve`, a real `llama-server`, and vLLM where `HUNYUANOCR_TEST_VLLM` names it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.releases import MODEL
from langchain_hunyuanocr.engines.server import ServerEngine
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from tests.integration_tests.faulty_proxy import FaultyProxy, Mishap, Plan, page_key
from tests.integration_tests.model_servers import llama_command, running_server
from tests.integration_tests.ports import free_port
from tests.tiny_pages import LOOP, TASKS, TEXT, expected, page, picture, random_page

pytest.importorskip("openai")

PENALTY = 1.0
"""None: `transformers serve` knows no such setting."""

LONGEST = 320
"""Tokens; no page of these tests needs more, and a loop is noticed before."""


@pytest.fixture
def engine(server: tuple[str, str]) -> Iterator[ServerEngine]:
    address, model = server
    engine = ServerEngine(
        address, model=model, max_new_tokens=LONGEST, max_concurrency=3, repetition_penalty=PENALTY
    )  # fmt: skip
    yield engine
    engine.close()


def local_answers(tiny: Path, requests: Sequence[Request]) -> list[Generation]:
    """What the local engine says."""
    local = LocalEngine(str(tiny), device="cpu", max_new_tokens=LONGEST, repetition_penalty=PENALTY)
    try:
        return local.generate(requests)
    finally:
        local.close()


def said(answers: Sequence[Generation]) -> list[tuple[str, str]]:
    """Text and end of each answer; `transformers serve` gives no probabilities."""
    return [(answer.text, answer.finish) for answer in answers]


def test_33_pages_of_mixed_sizes_are_read_as_the_local_engine_reads_them(
    engine: ServerEngine, server: tuple[str, str], tiny: Path
) -> None:
    rng = random.Random(3)
    pages = [random_page(rng, rng.randint(2, 3), rng.randint(3, 7)) for _ in range(32)]
    asked = [(each, TASKS[number % len(TASKS)]) for number, each in enumerate(pages)]
    asked.append((page("over", mark=LOOP), TEXT))
    requests = [Request(picture(each), task) for each, task in asked]
    answers, local = engine.generate(requests), local_answers(tiny, requests)
    right = [answer.text == expected(each, task) for answer, (each, task) in zip(local[:32], asked, strict=False)]
    assert sum(right) >= 24, "the checkpoint reads, and each answer belongs to its page"
    if server[1] == MODEL:
        # llama.cpp sees sizes on which the checkpoint was not trained through its own interpolation.
        kept = [number for number, good in enumerate([*right, True]) if good]
        answers, local = [answers[number] for number in kept], [local[number] for number in kept]
    assert said(answers) == said(local)
    assert answers[-1].finish == "repetition"


def test_the_penalty_of_repetition_is_the_local_engines(llama_server: str, tiny: Path) -> None:
    rng = random.Random(5)
    requests = [Request(picture(random_page(rng, 2, 4)), TEXT) for _ in range(8)]
    for penalty in (1.08, 1.3):
        local = LocalEngine(str(tiny), device="cpu", max_new_tokens=LONGEST, repetition_penalty=penalty)
        remote = ServerEngine(llama_server, max_new_tokens=LONGEST, repetition_penalty=penalty)
        assert said(remote.generate(requests)) == said(local.generate(requests))
        local.close()
        remote.close()


@pytest.mark.parametrize("context", [2048, 4096])
def test_a_short_context_is_known_before_a_page_is_sent(
    context: int, llama_program: Path, hunyuan_gguf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    requests = [Request(picture(page("ABC12", "XY")), task) for task in TASKS]
    with running_server(llama_command(llama_program, hunyuan_gguf, context=context, slots=1)) as address:
        engine = ServerEngine(address)  # which may use 8192 tokens an answer
        answers = engine.generate(requests)
        engine.close()
    assert [answer.finish for answer in answers] == ["stop"] * len(requests)
    assert answers[TASKS.index(TEXT)].text == "ABC12\nXY"
    assert not caplog.records, "nothing was tried that did not fit"


def test_every_way_of_asking_gives_the_same(engine: ServerEngine) -> None:
    rng = random.Random(4)
    requests = [Request(picture(random_page(rng, 2, 4)), TEXT) for _ in range(4)]
    answers = engine.generate(requests)
    assert len(set(said(answers))) == 4
    for _ in range(2):
        assert asyncio.run(engine.agenerate(requests)) == answers
    assert [future.result()[0] for future in [engine.submit([request]) for request in requests]] == answers
    *pieces, last = engine.stream(requests[0])
    assert last == answers[0]
    assert "".join(map(str, pieces)) == answers[0].text
    assert len(pieces) > 1


def test_an_answer_at_the_limit_says_so(server: tuple[str, str]) -> None:
    address, model = server
    engine = ServerEngine(address, model=model, max_new_tokens=2)
    assert said(engine.generate([Request(picture(page("ABC12")), TEXT)])) == [("AB", "length")]
    engine.close()


def test_a_model_that_the_server_does_not_have_is_told(transformers_serve: str) -> None:
    with pytest.raises(
        EngineError, match=r"(?:does not know the model .*requested 'no/such'|the server serves .*, not no/such)"
    ):
        ServerEngine(transformers_serve, model="no/such").generate([Request(picture(page("A")), TEXT)])


def many_pages(count: int) -> list[Request]:
    """Small pages, no two alike."""
    rng = random.Random(200)
    pages = {}
    while len(pages) < count:
        each = random_page(rng, 2, rng.randint(3, 5))
        pages.setdefault(expected(each, TEXT), each)
    return [Request(picture(each), TEXT) for each in pages.values()]


def mishaps(requests: Sequence[Request]) -> dict[str, list[Mishap]]:
    """Up to three things that go wrong with a page, on three pages of ten; the same at every run.

    A server that hangs on a page twice is out of patience with it, so that no page hangs twice.
    """
    rng = random.Random(7)
    kinds = list(Mishap)
    planned = {}
    for number, request in enumerate(requests):
        if number % 10 < 3:
            wrong = [kinds[number % len(kinds)], *rng.choices(kinds, k=rng.choice([0, 0, 0, 1, 2]))]
            hangs = [each for each in wrong if each is Mishap.HANGING][:1]
            planned[page_key(request)] = [each for each in wrong if each is not Mishap.HANGING] + hangs
    return planned


def test_200_pages_through_servers_that_fail_in_every_way(server: tuple[str, str], tiny: Path) -> None:
    address, model = server
    requests = many_pages(200)
    plan = Plan(mishaps(requests))
    with FaultyProxy(address, plan) as one, FaultyProxy(address, plan) as two:
        # A third address at which nobody ever listens.
        engine = ServerEngine(
            [one.address, two.address, f"http://127.0.0.1:{free_port()}"],
            model=model, max_new_tokens=20, max_concurrency=3, timeout_s=2.0, repetition_penalty=PENALTY,
        )  # fmt: skip
        answers = [future.result()[0] for future in [engine.submit([request]) for request in requests]]
        engine.close()
    assert set(plan.happened) == set(Mishap), "every kind of fault"
    assert sum(plan.happened.values()) >= 90
    assert said(answers) == said(local_answers(tiny, requests)), "none lost, none mixed up, in order"
    assert len(set(said(answers))) >= 190
    assert set(plan.answered.values()) == {1}, "none asked again that had been answered"
    assert len(plan.answered) == 200


def test_where_all_servers_die_what_was_read_is_kept_and_the_rest_says_so(server: tuple[str, str]) -> None:
    address, model = server
    requests = many_pages(24)
    plan = Plan()
    with ExitStack() as stack:
        one, two = (stack.enter_context(FaultyProxy(address, plan, dies_after=lives)) for lives in (4, 6))
        engine = ServerEngine([one.address, two.address], model=model, max_concurrency=2, outage_s=1.0, timeout_s=5.0)
        stack.callback(engine.close)
        begun = time.monotonic()
        futures = [engine.submit([request]) for request in requests]
        errors = [future.exception() for future in futures]
        assert time.monotonic() - begun < 20
        read = [future.result()[0] for future, error in zip(futures, errors, strict=True) if error is None]
        assert len(read) == len(plan.answered) >= 10
        lost = [error for error in errors if error is not None]
        assert len(lost) == len(requests) - len(read) > 0
        for error in lost:
            assert isinstance(error, EngineError)
            assert "none of the 2 servers is there" in str(error)
            assert one.address in str(error)
            assert two.address in str(error)
        # One comes back, and is found without a new engine.
        two.come_back()
        again = engine.generate(requests)
        assert [answer.finish for answer in again] == ["stop"] * len(requests)
        kept = [answer for answer, error in zip(again, errors, strict=True) if error is None]
        assert said(kept) == said(read)
