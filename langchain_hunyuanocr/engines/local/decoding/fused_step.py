"""Fused step: decoding steps through the kernels, some ten launches a layer, and the test whether they can be used."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

from langchain_hunyuanocr.engines.local.decoding.decoding_step import AHEAD, Steps
from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
from langchain_hunyuanocr.engines.local.decoding.row_state import RowState

_log = logging.getLogger(__name__)

Launch = Callable[..., None]
"""Name of a kernel, its grid, arguments and constants."""

_STRETCH = 256
"""Token ids that one program of `choose` looks at."""
_KEYS = 64
"""Tokens of a slot that `attend` takes at once: for 128 there are too few registers (compiled for sm_80 to sm_90)."""
_PROGRAMS = 256
"""Programs of `attend` that keep all processors of a large GPU busy, two each."""
_MOST_PARTS = 16
_ALIGNED = 64
"""Rows of scores begin at multiples of this many, as the fast products of cuBLAS want it."""
_TOLERANCE = 2e-2
"""Largest difference of the self-test, of the largest value: some rounding errors of bfloat16."""


class FusedSteps(Steps):
    """Decoding steps through the kernels.

    Args:
        language: The model; its matrices are plain.
        penalty: Repetition penalty.
        launch: Runs a kernel.
        parts: Most parts that a slot is attended to in.
    """

    def __init__(self, language: LanguageModel, penalty: float, launch: Launch, *, parts: int = _MOST_PARTS) -> None:
        super().__init__(language, penalty)
        self._launch, self._most_parts = launch, parts
        weight = language.head.weight.detach()
        short = -weight.shape[0] % _ALIGNED
        self._head = self._torch.nn.functional.pad(weight, (0, 0, 0, short)) if short else weight
        self._buffers: dict[tuple[int, int], dict[str, Any]] = {}

    def scores(self, state: RowState, cache: KVCache, angles: tuple[Any, Any], ids: Any) -> Any:
        """Scores `[rows * q, padded vocabulary]` after tokens `ids [rows, q]` behind what slots hold."""
        torch, language, launch = self._torch, self._language, self._launch
        linear = torch.nn.functional.linear
        rows, q = ids.shape
        count, heads, groups, width = rows * q, language.heads, language.groups, language.width
        each = heads // groups
        buffers = self._made(rows, q)
        x = language.embed(ids.clamp_min(0).view(-1))
        size, inner = x.shape[1], buffers["active"].shape[1]
        block = 1 << (size - 1).bit_length()
        parts, m = buffers["parts"], buffers["top"].shape[-1]
        stride = cache.length * groups * width
        shape = {"Q": q, "EACH": each, "GROUPS": groups, "W": width, "M": m, "PARTS": parts}
        y, query, out, active = (buffers[name] for name in ("y", "query", "out", "active"))
        rest = buffers["part"], buffers["top"], buffers["total"]
        delta = x  # not read by the first norm
        for number, layer in enumerate(language.layers):
            launch("add_norm", (count,), x, delta, layer.attention_norm, y, language.epsilon,
                   N=size, BLOCK=block, ADD=int(number > 0))  # fmt: skip
            mixed = layer.query_key_value(y)
            keys, values = cache.keys[number], cache.values[number]
            launch("turn_norm_write", (count, heads + 2 * groups), mixed, query, keys, values, *angles,
                   state.at, state.turn, state.live, layer.query_norm, layer.key_norm, language.epsilon, stride,
                   Q=q, HEADS=heads, GROUPS=groups, W=width, num_warps=1)  # fmt: skip
            launch("attend", (rows, groups, parts), query, keys, values, state.at, out, *rest, width**-0.5, stride,
                   **shape, N=_KEYS, num_warps=4, num_stages=3)  # fmt: skip
            if parts > 1:
                launch("join", (rows, groups, q * each), *rest, out, **shape)
            delta = layer.attention_out(out.view(count, heads * width))
            launch("add_norm", (count,), x, delta, layer.mlp_norm, y, language.epsilon, N=size, BLOCK=block, ADD=1)
            launch("silu_mul", (count, -(-inner // 1024)), layer.gate_up(y), active, inner, BLOCK=1024)
            delta = layer.down(active)
        launch("add_norm", (count,), x, delta, language.norm, y, language.epsilon, N=size, BLOCK=block, ADD=1)
        return linear(y, self._head)

    def _look(self, state: RowState, cache: KVCache, angles: tuple[Any, Any], ids: Any, span: int) -> tuple[Any, Any]:
        del span  # each row is read as far as it goes
        rows, q = ids.shape
        ids = ids.contiguous()
        scores = self.scores(state, cache, angles, ids)
        buffers, vocabulary = self._made(rows, q), self._language.vocabulary
        best, index, most, total = (buffers[name] for name in ("best", "index", "most", "sum"))
        self._launch("choose", (rows * q, best.shape[1]), scores, state.seen, ids, best, index, most, total,
                     vocabulary, self._penalty, Q=q, BLOCK=_STRETCH, PARTS=best.shape[1],
                     STRIDE=self._head.shape[0])  # fmt: skip
        # What is not a number must not become an index beyond the vocabulary, which would end the process.
        token = index.gather(1, best.argmax(1, keepdim=True)).long().clamp(0, vocabulary - 1)
        high = most.max(1, keepdim=True).values
        norm = ((most - high).exp() * total).sum(1, keepdim=True)
        probability = (scores.gather(1, token).float() - high).exp() / norm
        return token.view(rows, q), probability.view(rows, q)

    def _made(self, rows: int, q: int) -> dict[str, Any]:
        """What kernels write to, at places that graphs can rely on."""
        if (rows, q) not in self._buffers:
            torch, language = self._torch, self._language
            heads, groups, width = language.heads, language.groups, language.width
            device, dtype = self._head.device, self._head.dtype
            m = max(16, 1 << (q * (heads // groups) - 1).bit_length())
            wanted = max(1, _PROGRAMS // (rows * groups))
            parts = min(self._most_parts, 1 << (wanted.bit_length() - 1))
            stretches = -(-language.vocabulary // _STRETCH)

            def empty(*shape: int, kind: Any = torch.float32) -> Any:
                return torch.empty(shape, dtype=kind, device=device)

            self._buffers[rows, q] = {
                "parts": parts,
                "query": empty(rows, groups, q * (heads // groups), width, kind=dtype),
                "out": empty(rows, q, heads, width, kind=dtype),
                "y": empty(rows * q, self._head.shape[1], kind=dtype),
                "active": empty(rows * q, language.inner, kind=dtype),
                "part": empty(rows, groups, parts, m, width),
                "top": empty(rows, groups, parts, m),
                "total": empty(rows, groups, parts, m),
                "best": empty(rows * q, stretches),
                "most": empty(rows * q, stretches),
                "sum": empty(rows * q, stretches),
                "index": empty(rows * q, stretches, kind=torch.int32),
            }
        return self._buffers[rows, q]


def steps_for(language: LanguageModel, penalty: float, device: Any) -> Steps:
    """The fastest steps that are right on a device: through the kernels from compute capability 8.0 on, or plain."""
    import torch

    plain = Steps(language, penalty)
    if device.type != "cuda":
        return plain
    why = ""
    if torch.cuda.get_device_capability(device) < (8, 0):
        why = "the GPU is older than Ampere"
    elif not language.plain:
        why = "the weights are quantised"
    else:
        try:
            from langchain_hunyuanocr.engines.local.decoding.kernels import launch

            fused = FusedSteps(language, penalty, launch)
            difference = self_test(plain, fused, language, device)
            if difference < _TOLERANCE:
                _log.info("decoding through Triton kernels (self-test: %.1e)", difference)
                return fused
            why = f"the kernels are off by {difference:.1e}"
        except Exception as exc:
            if isinstance(exc, torch.OutOfMemoryError):
                raise
            # Triton needs a C compiler, a folder to write to and a driver that knows its code: all fail in many ways.
            why = f"{type(exc).__name__}: {str(exc).strip().partition(chr(10))[0]}"
    _log.warning("decoding without Triton kernels: %s", why)
    return plain


def self_test(plain: Steps, fused: FusedSteps, language: LanguageModel, device: Any) -> float:
    """The largest difference of scores between plain steps and fused ones, in shares of the largest score.

    Both look at the same tokens behind the same random cache, one a row and `AHEAD` more.
    """
    import torch

    rows, held, worst = 2, 300, 0.0
    caches = []
    for _ in range(2):
        generator = torch.Generator(device=device).manual_seed(1)
        cache = KVCache(
            layers=language.layer_count, heads=language.groups, width=language.width,
            dtype=language.embed.weight.dtype, device=device,
        )  # fmt: skip
        cache.ensure(rows, held + 2 * (AHEAD + 1))
        for tensor in (cache.keys, cache.values):
            tensor.normal_(generator=generator)
        caches.append(cache)
    state = RowState(rows, vocabulary=language.vocabulary, made=AHEAD + 1, source=64, ahead=AHEAD, device=device)
    state.live[:] = 1
    state.at[:] = torch.tensor([held, held // 3], device=device)
    angles = language.text_angles(caches[0].length, device)
    for q in (1, AHEAD + 1):
        ids = torch.arange(rows * q, device=device).view(rows, q) + 5
        wanted = language.head(plain.hidden(state, caches[0], angles, ids, caches[0].length))
        found = fused.scores(state, caches[1], angles, ids)[:, : language.vocabulary].view_as(wanted)
        difference = float((found - wanted).abs().max() / wanted.abs().max())
        worst = difference if math.isnan(difference) else max(worst, difference)
    return float("inf") if math.isnan(worst) else worst
