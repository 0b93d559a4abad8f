"""Decoding steps: what transformers' modules give, whatever draft is proposed, as a function of tensors alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.checkpoint import Loaded, load
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.decoding.decoding_step import AHEAD
from langchain_hunyuanocr.engines.local.prompting import prepared
from langchain_hunyuanocr.engines.local.scheduler import Job, Limits, Scheduler
from langchain_hunyuanocr.results import Generation
from tests.tiny_pages import DOCUMENT, SPOTTING, TASKS, TEXT, expected, picture, random_page

PAGES = [random_page(random.Random(number), 2, 3 + number % 4) for number in range(6)]
"""Small ones, no two alike."""


@pytest.fixture(scope="module")
def loaded(tiny: Path) -> Loaded:
    return load(str(tiny), "", device="cpu", dtype="auto", max_pixels=512 * 512)


def begin(decoder: Decoder, loaded: Loaded, count: int, drafts: Sequence[Sequence[int]] = ()) -> int:
    """Begin answers to the first pages; the longest prompt, in tokens."""
    asked = [prepared(loaded, picture(each), TEXT.prompt) for each in PAGES[:count]]
    seen = decoder.see([patches for patches, _ in asked])
    for slot, (each, (_, prompt)) in enumerate(zip(seen, asked, strict=True)):
        decoder.prefill(slot, each, prompt)
    prompts = [prompt for _, prompt in asked]
    decoder.begin(range(count), prompts, drafts or [[]] * count)
    return max(int(prompt.ids.shape[1]) for prompt in prompts)


def answers(decoder: Decoder, loaded: Loaded, requests: Sequence[Request], rows: int = 4) -> list[Generation]:
    scheduler = Scheduler(loaded, decoder, rows=rows, skip_special_tokens=True)
    jobs = [Job(request, Limits(60)) for request in requests]
    for job in jobs:
        scheduler.add(job)
    while scheduler.busy:
        scheduler.turn()
    scheduler.close()
    return [job.future.result() for job in jobs]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_hidden_states_are_those_of_transformers_modules_to_the_bit(tiny: Path, dtype: str) -> None:
    import torch

    own = load(str(tiny), "", device="cpu", dtype=dtype, max_pixels=512 * 512)
    patches, prompt = prepared(own, picture(PAGES[0]), TEXT.prompt)
    with torch.inference_mode():
        ids = prompt.ids[:, : prompt.shared]
        wanted = own.model.model(
            input_ids=ids,
            position_ids=prompt.positions[:, :, : prompt.shared],
            pixel_values=patches.values,
            image_grid_thw=patches.grid,
            mm_token_type_ids=(ids == own.model.config.image_token_id).int(),
        ).last_hidden_state
        decoder = Decoder(own, penalty=1.0)
        found: list[Any] = []
        inner = decoder._language.prefill
        decoder._language.prefill = lambda *args: found.append(inner(*args))  # type: ignore[assignment,func-returns-value]
        decoder.prefill(0, decoder.see([patches])[0], prompt)
    assert found[0].dtype == wanted.dtype
    assert torch.equal(found[0], wanted)


@pytest.fixture(scope="module")
def plain(loaded: Loaded) -> dict[float, list[Generation]]:
    """Answers of one token a step, for each penalty."""
    requests = [Request(picture(each), TASKS[number % len(TASKS)]) for number, each in enumerate(PAGES)]
    return {
        penalty: answers(Decoder(loaded, penalty=penalty, drafts=False), loaded, requests) for penalty in (1.0, 1.3)
    }


TRUE = {number: expected(each, TASKS[number % len(TASKS)]) for number, each in enumerate(PAGES)}
DRAFTS = st.one_of(
    st.just(""),
    st.text("ABCdef12 \n", max_size=40),
    st.sampled_from(sorted(TRUE.values())),
    st.builds(
        lambda text, at: text[:at] + "#" + text[at + 1 :], st.sampled_from(sorted(TRUE.values())), st.integers(0, 9)
    ),
    st.just("AB\n" * 3000),
)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drafts=st.lists(DRAFTS, min_size=len(PAGES), max_size=len(PAGES)), penalty=st.sampled_from([1.0, 1.3]))
def test_any_draft_gives_the_same(
    loaded: Loaded, plain: dict[float, list[Generation]], drafts: list[str], penalty: float
) -> None:
    requests = [
        Request(picture(each), TASKS[number % len(TASKS)], draft=drafts[number]) for number, each in enumerate(PAGES)
    ]
    found = answers(Decoder(loaded, penalty=penalty, drafts=True), loaded, requests)
    assert [(one.text, one.finish) for one in found] == [(one.text, one.finish) for one in plain[penalty]]
    for one, other in zip(found, plain[penalty], strict=True):
        assert one.mean_probability == pytest.approx(other.mean_probability, abs=1e-4)


def test_a_true_draft_takes_a_third_of_the_steps(loaded: Loaded, steps: list[int]) -> None:
    requests = [Request(picture(each), TEXT) for each in PAGES]
    told = [Request(picture(each), TEXT, draft=expected(each, TEXT)) for each in PAGES]
    answers(Decoder(loaded, penalty=1.0, drafts=False), loaded, requests, rows=1)
    alone = len(steps)
    answers(Decoder(loaded, penalty=1.0), loaded, told, rows=1)
    assert len(steps) - alone < alone / 3


def test_other_answers_about_the_page_are_a_draft(loaded: Loaded, steps: list[int]) -> None:
    drawn = picture(PAGES[3])
    wanted = answers(Decoder(loaded, penalty=1.0, drafts=False), loaded, [Request(drawn, DOCUMENT)])
    alone = len(steps)
    found = answers(Decoder(loaded, penalty=1.0), loaded, [Request(drawn, TEXT), Request(drawn, DOCUMENT)], rows=1)
    assert found[1] == wanted[0]
    assert len(steps) - alone < 1.5 * alone, "the second is checked, not said token by token"


@pytest.mark.parametrize("ahead", [0, AHEAD])
def test_a_step_is_a_function_of_its_tensors(loaded: Loaded, ahead: int) -> None:
    """A step that is traced once and replayed gives what it gives anew: it can be captured as a CUDA graph.

    Any number of Python's that changes between steps would be part of the trace, and show.
    """
    import torch
    from torch.fx.experimental.proxy_tensor import make_fx

    with torch.inference_mode(False), torch.no_grad():
        made = []
        for _ in range(2):
            decoder = Decoder(loaded, penalty=1.3, drafts=bool(ahead))
            begin(decoder, loaded, 4, drafts=[[5, 6, 7, 8], [], [9] * 30, [1]])
            decoder.step(4, 200)  # for which the slots grow
            decoder._state.made.zero_()
            made.append(decoder)

        def work(decoder: Decoder) -> Any:
            def once() -> None:
                decoder._steps.step(
                    decoder._state, decoder.cache, decoder._angles, rows=4, span=256, ahead=ahead, width=256
                )

            return once

        first, second = made
        places = [tensor.data_ptr() for tensor in tensors(first)]
        traced = make_fx(work(first))()
        # The trace was a step itself.
        work(second)()
        for _ in range(12):
            for decoder in made:
                decoder._state.made.zero_()
            traced()
            work(second)()
            for one, other in zip(tensors(first), tensors(second), strict=True):
                assert torch.equal(one, other)
        assert [tensor.data_ptr() for tensor in tensors(first)] == places


def tensors(decoder: Decoder) -> list[Any]:
    state = decoder._state
    names = ("token", "before", "at", "turn", "live", "seen", "source", "filled", "pointer", "made", "tokens")
    return [decoder.cache.keys, decoder.cache.values, *(getattr(state, name) for name in names)]


@pytest.mark.parametrize("ahead", [0, AHEAD])
@pytest.mark.parametrize("rows", [1, 2, 16, 64])
def test_a_step_never_asks_the_device(rows: int, ahead: int) -> None:
    """Tensors of the device `meta` have no numbers: whoever asks for one, and would wait for a GPU, fails."""
    import torch
    import transformers

    from benchmarks.engine_speed import TEXT as FULL
    from benchmarks.engine_speed import VISION
    from langchain_hunyuanocr.engines.local.decoding.decoding_step import Steps
    from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
    from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
    from langchain_hunyuanocr.engines.local.decoding.row_state import RowState

    config = transformers.HunYuanVLConfig(text_config=FULL, vision_config={**VISION, "num_hidden_layers": 1})
    with torch.device("meta"), torch.inference_mode():
        language = LanguageModel(transformers.HunYuanVLForConditionalGeneration(config))
        cache = KVCache(layers=24, heads=8, width=128, dtype=torch.float32, device="meta")
        cache.ensure(rows, 1000)
        state = RowState(
            rows, vocabulary=language.vocabulary, made=64, source=4096, ahead=AHEAD, device=torch.device("meta")
        )
        angles = language.text_angles(2000, "meta")
        steps = Steps(language, 1.08)
        steps.step(state, cache, angles, rows=rows, span=1000, ahead=ahead, width=4096)


def test_an_answer_in_a_slot_of_its_own_outlives_all_that_happens_to_others(loaded: Loaded) -> None:
    """Slots grow, are moved, cut and taken again, and a kept picture's slot is used, while drafts are under way."""
    import torch

    plain = Decoder(loaded, penalty=1.0, drafts=False)
    alone = answers(plain, loaded, [Request(picture(each), TEXT) for each in PAGES])
    asked_later = answers(plain, loaded, [Request(picture(PAGES[number]), SPOTTING) for number in (1, 4)])
    decoder = Decoder(loaded, penalty=1.0, drafts=True)
    scheduler = Scheduler(loaded, decoder, rows=3, skip_special_tokens=True)
    drawn = [picture(each) for each in PAGES]
    jobs = [Job(Request(each, TEXT, draft="AB"), Limits(60)) for each in drawn]
    later = [Job(Request(drawn[number], SPOTTING), Limits(60)) for number in (1, 4)]
    for job in jobs:
        scheduler.add(job)
    for turn in range(200):
        if not scheduler.busy:
            break
        if turn == 3:
            with torch.inference_mode():
                scheduler._make_room()  # as if memory had run out
        if turn == 6:
            for job in later:
                scheduler.add(job)
        scheduler.turn()
    scheduler.close()
    assert [job.future.result().text for job in jobs] == [answer.text for answer in alone]
    assert [job.future.result().text for job in later] == [answer.text for answer in asked_later]


def test_an_engine_takes_a_draft(tiny: Path) -> None:
    engine = LocalEngine(str(tiny), device="cpu", batch_size=2)
    drawn = picture(PAGES[0])
    told, wrong = (Request(drawn, TEXT, draft=draft) for draft in (expected(PAGES[0], TEXT), "another page altogether"))
    assert engine.generate([told])[0] == engine.generate([wrong])[0]
    engine.close()
