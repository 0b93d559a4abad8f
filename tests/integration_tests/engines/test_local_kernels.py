"""The kernels against the plain forward pass, in Triton's interpreter on the CPU: `make kernels` installs that.

The interpreter's own bfloat16 is wrong (Triton 3.6), and it breaks with numpy from 2.4 on: the engine tests bfloat16
itself on the GPU, before it uses the kernels.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local.checkpoint import Loaded, load
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.decoding.decoding_step import AHEAD, Steps
from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
from langchain_hunyuanocr.engines.local.decoding.fused_step import FusedSteps, self_test
from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
from langchain_hunyuanocr.engines.local.decoding.row_state import RowState
from langchain_hunyuanocr.engines.local.scheduler import Job, Limits, Scheduler
from tests.tiny_pages import TASKS, picture, random_page

interpreted = pytest.mark.skipif(
    os.environ.get("TRITON_INTERPRET") != "1", reason="a job of its own runs the kernels in Triton's interpreter"
)


@pytest.fixture(params=["float32", "float16"])
def loaded(request: pytest.FixtureRequest, tiny: Path) -> Loaded:
    return load(str(tiny), "", device="cpu", dtype=request.param, max_pixels=512 * 512)


def launch(*arguments: Any, **constants: Any) -> None:
    from langchain_hunyuanocr.engines.local.decoding import kernels

    kernels.launch(*arguments, **{name: value for name, value in constants.items() if not name.startswith("num_")})


@interpreted
@pytest.mark.parametrize("parts", [1, 4])
def test_the_kernels_give_what_plain_steps_give(loaded: Loaded, parts: int) -> None:
    import torch

    language = LanguageModel(loaded.model)
    with torch.inference_mode():
        fused = FusedSteps(language, 1.3, launch, parts=parts)
        difference = self_test(Steps(language, 1.3), fused, language, torch.device("cpu"))
    assert difference < (1e-5 if loaded.model.dtype == torch.float32 else 5e-3)


@interpreted
@pytest.mark.parametrize("drafts", [False, True])
def test_pages_are_read_through_the_kernels_as_without(tiny: Path, drafts: bool) -> None:
    import torch

    loaded = load(str(tiny), "", device="cpu", dtype="float32", max_pixels=512 * 512)
    rng = random.Random(8)
    requests = [
        Request(picture(random_page(rng, 2, 4)), TASKS[number % len(TASKS)], draft="ABC") for number in range(3)
    ]
    found = []
    for through in (False, True):
        decoder = Decoder(loaded, penalty=1.3, drafts=drafts)
        if through:
            with torch.inference_mode():
                decoder._steps = FusedSteps(decoder._language, 1.3, launch, parts=2)
        scheduler = Scheduler(loaded, decoder, rows=2, skip_special_tokens=True)
        jobs = [Job(request, Limits(12)) for request in requests]
        for job in jobs:
            scheduler.add(job)
        while scheduler.busy:
            scheduler.turn()
        scheduler.close()
        found.append([job.future.result() for job in jobs])
    assert [answer.text for answer in found[0]] == [answer.text for answer in found[1]]
    for one, other in zip(*found, strict=True):
        assert one.mean_probability == pytest.approx(other.mean_probability, abs=1e-4)


@pytest.mark.parametrize("ahead", [0, AHEAD])
@pytest.mark.parametrize("rows", [1, 16])
def test_a_step_is_at_most_eleven_launches_a_layer(rows: int, ahead: int) -> None:
    """Counted on the full architecture without numbers; views launch nothing."""
    import torch
    import transformers
    from torch.utils._python_dispatch import TorchDispatchMode

    from benchmarks.engine_speed import TEXT, VISION

    class Count(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.calls: Counter[str] = Counter()

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if not func.is_view and "empty" not in func.name():
                self.calls[func.name()] += 1
            return func(*args, **(kwargs or {}))

    kernels: Counter[str] = Counter()
    config = transformers.HunYuanVLConfig(text_config=TEXT, vision_config={**VISION, "num_hidden_layers": 1})
    with torch.device("meta"), torch.inference_mode():
        language = LanguageModel(transformers.HunYuanVLForConditionalGeneration(config))
        cache = KVCache(layers=24, heads=8, width=128, dtype=torch.float32, device="meta")
        cache.ensure(rows, 1000)
        state = RowState(
            rows, vocabulary=language.vocabulary, made=64, source=4096, ahead=AHEAD, device=torch.device("meta")
        )
        angles = language.text_angles(2000, "meta")
        steps = FusedSteps(language, 1.08, lambda kernel, *_, **__: kernels.update([kernel]))
        steps.step(state, cache, angles, rows=rows, span=1000, ahead=ahead, width=4096)  # makes the buffers
        kernels.clear()
        with Count() as count:
            steps.step(state, cache, angles, rows=rows, span=1000, ahead=ahead, width=4096)
    products = sum(number for name, number in count.calls.items() if name in ("aten::mm", "aten::linear"))
    layers = 24
    assert products == 4 * layers + 1
    assert sum(kernels.values()) + products - 2 <= 11 * layers
    others = sum(count.calls.values()) - products
    assert others < 90, "what proposes and accepts is the same however many layers there are"
