"""A decoder of the local engine as tests run it: through a scheduler, or on the device `meta`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.decoding.decoding_step import AHEAD, Steps
from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
from langchain_hunyuanocr.engines.local.decoding.row_state import RowState
from langchain_hunyuanocr.engines.local.jobs import Job, Limits
from langchain_hunyuanocr.engines.local.scheduler import Scheduler
from langchain_hunyuanocr.results import Generation

_LENGTH, _SOURCE = 1000, 4096


def answers(
    decoder: Decoder, loaded: Loaded, requests: Sequence[Request], *, rows: int = 4, tokens: int = 60
) -> list[Generation]:
    """Answers of so many tokens at most, so many at once."""
    scheduler = Scheduler(loaded, decoder, rows=rows, skip_special_tokens=True)
    jobs = [Job(request, Limits(tokens)) for request in requests]
    for job in jobs:
        scheduler.add(job)
    while scheduler.busy:
        scheduler.turn()
    scheduler.close()
    return [job.future.result() for job in jobs]


@dataclass(frozen=True)
class FullModel:
    """HunyuanOCR's language model on `meta`, whose tensors have sizes and no numbers: whoever asks for one fails."""

    language: LanguageModel
    cache: KVCache
    state: RowState
    angles: tuple[Any, Any]

    def step(self, steps: Steps, ahead: int) -> None:
        """A decoding step over all rows."""
        steps.step(self.state, self.cache, self.angles, rows=self.state.rows, span=_LENGTH, ahead=ahead, width=_SOURCE)


def full_model(rows: int) -> FullModel:
    """The full architecture; called where `meta` is the default device."""
    import torch
    import transformers

    from benchmarks.engine_speed import TEXT, VISION

    device = torch.device("meta")
    config = transformers.HunYuanVLConfig(text_config=TEXT, vision_config={**VISION, "num_hidden_layers": 1})
    language = LanguageModel(transformers.HunYuanVLForConditionalGeneration(config))
    cache = language.new_cache(device)
    cache.ensure(rows, _LENGTH)
    state = RowState(rows, vocabulary=language.vocabulary, made=64, source=_SOURCE, ahead=AHEAD, device=device)
    return FullModel(language, cache, state, language.text_angles(2 * _LENGTH, device))
