"""Pages beside others: a batch gives what single pages give, whatever its size, its order and the memory."""

from __future__ import annotations

import logging
import random
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.results import Generation
from tests.tiny_pages import (
    BOXED,
    COLUMNS,
    DOCUMENT,
    LOOP,
    PLAIN,
    ROWS,
    SPOTTING,
    TASKS,
    TEXT,
    expected,
    page,
    picture,
    random_page,
)

COUNT = 33


def mixed_pages(seed: int = 33) -> list[tuple[Any, Any]]:
    """33 pages of many sizes with a task each; one loops, one is answered with a box only."""
    rng = random.Random(seed)
    sizes = [(rng.choice(ROWS), rng.choice(COLUMNS)) for _ in range(COUNT)]
    marks = [LOOP, BOXED, *[PLAIN] * (COUNT - 2)]
    return [
        (random_page(rng, *size, mark), TASKS[number % len(TASKS)])
        for number, (size, mark) in enumerate(zip(sizes, marks, strict=True))
    ]


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    return [Request(picture(of), task) for of, task in mixed_pages()]


def engine_of(tiny: Path, rows: int) -> LocalEngine:
    return LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0, max_new_tokens=600, batch_size=rows)


@pytest.fixture(scope="module")
def alone(tiny: Path, requests: list[Request]) -> list[Generation]:
    """What each page gives by itself."""
    engine = engine_of(tiny, 1)
    answers = [engine.generate([request])[0] for request in requests]
    engine.close()
    return answers


def same(found: list[Generation], wanted: list[Generation]) -> None:
    assert [(answer.text, answer.finish) for answer in found] == [(answer.text, answer.finish) for answer in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.mean_probability == pytest.approx(other.mean_probability, abs=1e-4)


def test_a_page_alone_gives_what_transformers_own_loop_gives(
    tiny: Path, requests: list[Request], alone: list[Generation]
) -> None:
    import torch

    from langchain_hunyuanocr.engines.local.checkpoint import load
    from langchain_hunyuanocr.engines.local.prompting import messages

    loaded = load(str(tiny), "", device="cpu", dtype="auto", max_pixels=512 * 512)
    whole = [(request, answer) for request, answer in zip(requests, alone, strict=True) if answer.finish == "stop"]
    assert len(whole) >= 29
    for request, answer in whole:
        inputs = loaded.processor.apply_chat_template(
            messages(request.picture, request.task.prompt),
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        )  # fmt: skip
        with torch.inference_mode():
            tokens = loaded.model.generate(**inputs, do_sample=False, max_new_tokens=600)
        said = loaded.processor.tokenizer.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        assert said == answer.text


def test_pages_are_truly_read(alone: list[Generation]) -> None:
    right = [answer.text == expected(of, task) for answer, (of, task) in zip(alone, mixed_pages(), strict=True)]
    # The looping page keeps one copy, wherever it begins; the model may misread one page in ten.
    assert sum(right[1:]) >= 29
    assert len({answer.text for answer in alone}) == COUNT
    assert alone[0].finish == "repetition"


@pytest.mark.parametrize("rows", [2, 5, 16, 64])
def test_any_batch_in_any_order_gives_what_single_pages_give(
    tiny: Path, requests: list[Request], alone: list[Generation], rows: int
) -> None:
    engine = engine_of(tiny, rows)
    for order in (list(reversed(range(COUNT))), random.Random(rows).sample(range(COUNT), COUNT)):
        same(engine.generate([requests[n] for n in order]), [alone[n] for n in order])
    engine.close()


def test_the_penalty_is_that_of_transformers(tiny: Path, requests: list[Request]) -> None:
    punished = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.3, max_new_tokens=40, batch_size=8)
    import torch

    from langchain_hunyuanocr.engines.local.prompting import messages

    answers = punished.generate(requests[2:10])
    loaded = punished._loaded
    assert loaded is not None
    for request, answer in zip(requests[2:10], answers, strict=True):
        inputs = loaded.processor.apply_chat_template(
            messages(request.picture, request.task.prompt),
            add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
        )  # fmt: skip
        with torch.inference_mode():
            tokens = loaded.model.generate(**inputs, do_sample=False, max_new_tokens=40, repetition_penalty=1.3)
        said = loaded.processor.tokenizer.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        assert said == answer.text


def test_requests_of_several_callers_share_the_steps(
    tiny: Path, requests: list[Request], alone: list[Generation], steps: list[int]
) -> None:
    engine = engine_of(tiny, 8)
    futures = [engine.submit([request]) for request in requests[:8]]
    same([future.result()[0] for future in futures], alone[:8])
    assert max(steps) > 4
    engine.close()


def test_finished_pages_make_place_for_waiting_ones(
    tiny: Path, requests: list[Request], alone: list[Generation], steps: list[int]
) -> None:
    """Three long pages among nine short ones: batches of four would wait for a long one each time."""
    engine = engine_of(tiny, 1)
    counts = []
    for request in requests[:8]:
        before = len(steps)
        engine.generate([request])
        counts.append(len(steps) - before)
    engine.close()
    *short, long = sorted(range(8), key=lambda n: counts[n])
    order = [long, *short[:3]] * 3
    before = len(steps)
    engine = engine_of(tiny, 4)
    same(engine.generate([requests[n] for n in order]), [alone[n] for n in order])
    engine.close()
    assert len(steps) - before < 2 * counts[long]


def test_several_questions_about_a_picture_pay_for_it_once(tiny: Path, prefilled: list[int]) -> None:
    pages = [page("Raj 42", "bHk 7Q"), page("9X y")]
    pictures = [picture(of) for of in pages]
    engine = engine_of(tiny, 4)
    asked = [(of, drawn, task) for task in TASKS for of, drawn in zip(pages, pictures, strict=True)]
    answers = engine.generate([Request(drawn, task) for _, drawn, task in asked])
    assert [answer.text for answer in answers] == [expected(of, task) for of, _, task in asked]
    assert len(prefilled) == len(pages)
    engine.close()


@pytest.fixture
def scarce(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A device whose memory is too small for more than `rows` pages, or for more than `patches` of a picture."""
    import torch

    limits = {"rows": 1000, "patches": 10**9, "steps_at_once": 1000}
    begin, see, step = Decoder.begin, Decoder.see, Decoder.step

    def scarce_begin(self: Decoder, slots: list[int], *rest: Any) -> Any:
        if max(slots) >= limits["rows"]:
            raise torch.OutOfMemoryError("no room")
        return begin(self, slots, *rest)

    def scarce_see(self: Decoder, pictures: list[Any]) -> Any:
        if sum(each.values.shape[0] for each in pictures) > limits["patches"]:
            raise torch.OutOfMemoryError("no room")
        return see(self, pictures)

    def scarce_step(self: Decoder, rows: int, longest: int) -> Any:
        if rows > limits["steps_at_once"]:
            raise torch.OutOfMemoryError("no room")
        return step(self, rows, longest)

    monkeypatch.setattr(Decoder, "begin", scarce_begin)
    monkeypatch.setattr(Decoder, "see", scarce_see)
    monkeypatch.setattr(Decoder, "step", scarce_step)
    return limits


@pytest.mark.parametrize("where", ["rows", "steps_at_once"])
def test_memory_that_runs_out_halves_the_batch_and_says_so(
    tiny: Path,
    requests: list[Request],
    alone: list[Generation],
    scarce: dict[str, int],
    where: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scarce[where] = 3
    engine = engine_of(tiny, 8)
    with caplog.at_level(logging.WARNING):
        same(engine.generate(requests), alone)
    assert "out of memory on cpu with" in caplog.text
    assert engine.in_flight < 8
    engine.close()


def test_a_picture_that_is_too_large_is_read_smaller_and_then_given_up(
    tiny: Path, scarce: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    large, small = page("ABDE", "GHJK", "LMNP", "QRST"), page("7k")
    pages = [Request(picture(large), DOCUMENT), Request(picture(small), SPOTTING)]
    engine = engine_of(tiny, 4)
    scarce["patches"] = 60
    with caplog.at_level(logging.WARNING):
        halved, fine = engine.generate(pages)
    assert halved.finish != "error"
    assert fine.text == expected(small, SPOTTING)
    width, height = pages[0].picture.size
    assert f"out of memory on cpu with {width} x {height} pixels, trying half of them" in caplog.text
    scarce["patches"] = 1
    failed = engine.generate(pages)[0]
    assert failed.error == f"out of memory on cpu at {width // 2} x {height // 2} pixels"
    assert "max_pixels" in (failed.remedy or "")
    scarce["patches"] = 10**9
    assert engine.generate([Request(picture(small), TEXT)])[0].text == expected(small, TEXT)
    engine.close()


def test_text_that_was_streamed_before_memory_ran_out_is_not_said_again(
    tiny: Path, requests: list[Request], alone: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    engine, step, count = engine_of(tiny, 4), Decoder.step, [0]

    def fails_once(self: Decoder, rows: int, longest: int) -> Any:
        count[0] += 1
        if count[0] == 6:
            raise torch.OutOfMemoryError("no room")
        return step(self, rows, longest)

    monkeypatch.setattr(Decoder, "step", fails_once)
    beside = engine.submit([requests[0]])
    *pieces, last = engine.stream(requests[5])
    assert isinstance(last, Generation)
    assert "".join(str(piece) for piece in pieces) == last.text == alone[5].text
    same(beside.result(), alone[:1])
    engine.close()


def test_slots_that_grow_and_move_keep_what_they_hold() -> None:
    torch = pytest.importorskip("torch")

    from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache

    cache = KVCache(layers=2, heads=2, width=4, dtype=torch.float32, device="cpu")
    assert cache.ensure(1, 5)
    cache.keys[1, 0, :5] = 7
    assert cache.ensure(3, 300)
    assert not cache.ensure(2, 100)
    assert cache.keys.shape == (2, 3, 320, 2, 4)
    cache.copy(0, 2, 5)
    cache.cut(3)
    assert cache.keys[1, 2, :5].eq(7).all()
    cache.cut(0)
    assert (cache.rows, cache.length) == (0, 0)
    assert cache.bytes_a_token == 2 * 2 * 2 * 4 * 4


@pytest.mark.parametrize("rows", [1, 16])
def test_on_cuda_steps_from_graphs_give_what_single_pages_give(
    tiny: Path, requests: list[Request], rows: int, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA here")
    settings: dict[str, Any] = {"dtype": "float32", "repetition_penalty": 1.0, "max_new_tokens": 600}
    plain = LocalEngine(str(tiny), device="cuda", batch_size=1, **settings)
    engine = LocalEngine(str(tiny), device="cuda", batch_size=rows, **settings)
    wanted = [plain.generate([request])[0] for request in requests]
    same(engine.generate(requests[2:3]), wanted[2:3])
    same(engine.generate(requests), wanted)  # for which the slots grow, so that graphs are captured anew
    same(engine.generate(requests[::-1]), wanted[::-1])
    own = [record.message for record in caplog.records if record.name.startswith("langchain_hunyuanocr")]
    assert own == [], "graphs and compiled steps were used throughout"
    engine.close()
    plain.close()
