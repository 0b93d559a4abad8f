"""The model at work: a picture's prefill, and decoding steps over all answers that are under way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.prompting import Patches, Prompt
from langchain_hunyuanocr.engines.local.slots import PromptWindow, RowState, SlotCache, StepWindow

_log = logging.getLogger(__name__)

_ATTENTION = "hunyuanocr"
_CPU_SPAN, _CUDA_SPAN = 64, 512
"""Attention looks at a multiple of this many tokens: fine where each costs, coarse where each length needs a graph."""
_FEWEST = 2
"""Rows of a compiled step: torch compiles one row apart from several."""
_CUDA_BURST = 8
"""Steps between two looks at what was generated, each of which the GPU must wait for."""


@dataclass(slots=True)
class Prefix:
    """The shared beginning of the prompts about one picture, up to its end, as the language model remembers it."""

    cache: Any
    """A transformers cache of one row."""
    count: int
    """Tokens."""


class Decoder:
    """A model with slots for the answers that are under way.

    Each page is prefilled alone, so that it is computed as if it were the only one; a decoding step computes the next
    token of all slots at once. Positions, masks and the penalty are per slot: nothing of one reaches another.

    Its methods run in torch's inference mode, which the caller enters.

    Args:
        loaded: Model and processor.
        penalty: Repetition penalty, as in transformers' `RepetitionPenaltyLogitsProcessor`: over prompt and answer.
        compiled: Whether steps are compiled by torch; where that fails they run as they are.
        graphs: Whether steps are captured as CUDA graphs, so that a step costs one launch.
    """

    def __init__(self, loaded: Loaded, *, penalty: float, compiled: bool = False, graphs: bool = False) -> None:
        import torch

        self._torch = torch
        self._model = loaded.model
        self._text = loaded.model.model.language_model
        self._head = loaded.model.lm_head
        self._penalty = penalty
        self._device = torch.device(loaded.device)
        config = loaded.model.config.text_config
        self._axes = len(self._text.rotary_emb.mrope_section)
        self.cache = SlotCache(
            layers=config.num_hidden_layers,
            heads=config.num_key_value_heads,
            width=config.head_dim,
            dtype=loaded.model.dtype,
            device=self._device,
        )
        on_cuda = self._device.type == "cuda"
        self.burst = _CUDA_BURST if on_cuda else 1
        self._span = _CUDA_SPAN if on_cuda else _CPU_SPAN
        self._vocabulary = config.vocab_size
        self._graphs = _Graphs(torch, self._device) if graphs and on_cuda else None
        self._few_shapes = compiled or self._graphs is not None
        self._one_step: Callable[[int, int], None] = self._step
        if compiled:
            _attend_without_copies(self._model)
            self._one_step = _compiled(torch, self._step)
        self._state = RowState(0, self._vocabulary, self.burst, self._device)

    def prefix(self, patches: Patches, prompt: Prompt) -> Prefix:
        """Run the vision tower over a picture, and the language model over what all prompts about it share.

        Raises:
            torch.OutOfMemoryError: The picture is too large.
        """
        import transformers

        ids = prompt.ids[:, : prompt.shared].to(self._device)
        cache = transformers.DynamicCache(config=self._model.config)
        self._model.model(
            input_ids=ids,
            position_ids=prompt.positions[:, :, : prompt.shared].to(self._device),
            pixel_values=patches.values.to(self._device),
            image_grid_thw=patches.grid.to(self._device),
            mm_token_type_ids=(ids == self._model.config.image_token_id).int(),
            past_key_values=cache,
            use_cache=True,
        )
        return Prefix(cache, prompt.shared)

    def begin(self, slot: int, prefix: Prefix, prompt: Prompt) -> tuple[int, float]:
        """Take a slot for a question about a picture; its first token and that token's probability.

        Raises:
            torch.OutOfMemoryError: There is no room for another slot; the others are kept.
        """
        torch = self._torch
        count = prompt.ids.shape[1]
        # The widest burst, and one more for the token that this gives.
        self._ensure(slot + 1, count + self.burst + 1)
        self.cache.load(slot, prefix.cache)
        rest = prompt.ids[:, prefix.count :].to(self._device)
        ends = torch.arange(prefix.count, count, device=self._device)
        hidden = self._text(
            inputs_embeds=self._text.embed_tokens(rest),
            attention_mask=(torch.arange(count, device=self._device)[None, :] <= ends[:, None])[None, None],
            position_ids=prompt.positions[:, :, prefix.count :].to(self._device),
            past_key_values=PromptWindow(self.cache, slot, prefix.count, count),
            use_cache=True,
        ).last_hidden_state
        state = self._state
        state.seen[slot] = False
        state.seen[slot, prompt.ids[0].to(self._device)] = True
        state.at[slot], state.turn[slot], state.live[slot] = count, prompt.turn, 1
        token, probability = self._choose(hidden[:, -1], state.seen[slot : slot + 1])
        state.token[slot] = token[0]
        return int(token[0]), float(probability[0])

    def step(self, rows: int, longest: int) -> tuple[list[list[int]], list[list[float]]]:
        """Generate the next tokens of the first `rows` slots.

        Args:
            rows: How many slots are looked at; free ones among them cost time and change nothing.
            longest: Tokens of the longest answer among them, prompt included.

        Returns:
            `[rows][burst]` tokens and their probabilities.

        Raises:
            torch.OutOfMemoryError: The slots cannot grow; they are as they were before.
        """
        span = -(-(longest + self.burst + 1) // self._span) * self._span
        self._ensure(rows, span)
        # Free slots cost little, and a graph or a compilation for each number of rows would cost much.
        wide = min(self.cache.rows, max(_FEWEST, 1 << (rows - 1).bit_length())) if self._few_shapes else rows
        self._state.count.zero_()
        for _ in range(self.burst):
            if self._graphs is None:
                self._one_step(wide, span)
            else:
                self._graphs.run((wide, span), lambda: self._one_step(wide, span))
        return self._state.tokens[:rows].tolist(), self._state.probabilities[:rows].tolist()

    def end(self, slot: int) -> None:
        """Free a slot."""
        self._state.at[slot], self._state.live[slot] = 0, 0

    def move(self, source: int, target: int, length: int) -> None:
        """Continue the answer of one slot, `length` tokens with its prompt, in another."""
        self.cache.move(source, target, length)
        self._state.move(source, target)
        self.end(source)

    def cut(self, rows: int) -> None:
        """Give back the memory of all slots from `rows` on."""
        if self._graphs is not None:
            self._graphs.forget()
        self.cache.cut(rows)

    def _ensure(self, rows: int, length: int) -> None:
        rows = max(rows, self.cache.rows, _FEWEST if self._few_shapes else 1)
        # Slots come in powers of two, so that they are seldom moved.
        moved = self.cache.ensure(1 << (rows - 1).bit_length(), length)
        if self._state.rows < self.cache.rows:
            self._state = self._state.grown(self.cache.rows)
        if moved and self._graphs is not None:
            self._graphs.forget()

    def _step(self, rows: int, span: int) -> None:
        torch, state = self._torch, self._state
        at = state.at[:rows]
        hidden = self._text(
            inputs_embeds=self._text.embed_tokens(state.token[:rows, None]),
            attention_mask=(torch.arange(span, device=self._device)[None, :] <= at[:, None])[:, None, None],
            position_ids=(at + state.turn[:rows])[None, :, None].expand(self._axes, -1, -1),
            past_key_values=StepWindow(self.cache, rows, span, at, state.numbers[:rows]),
            use_cache=True,
        ).last_hidden_state
        token, probability = self._choose(hidden[:, -1], state.seen[:rows])
        state.tokens[:rows].index_copy_(1, state.count, token[:, None])
        state.probabilities[:rows].index_copy_(1, state.count, probability[:, None])
        state.token[:rows] = token
        state.count += 1
        # Last, so that a step that fails can be run again.
        state.at[:rows] += state.live[:rows]

    def _choose(self, hidden: Any, seen: Any) -> tuple[Any, Any]:
        """The likeliest tokens after the penalty, and the probability that the model itself gave them."""
        torch = self._torch
        scores = self._head(hidden).float()
        punished = torch.where(scores < 0, scores * self._penalty, scores / self._penalty)
        token = torch.where(seen, punished, scores).argmax(-1)
        seen.scatter_(1, token[:, None], True)
        probability = (scores.gather(1, token[:, None])[:, 0] - scores.logsumexp(-1)).exp()
        return token, probability


class _Graphs:
    """Steps captured as CUDA graphs, one for each number of rows and length.

    The first run of each goes as it is, which also warms it up; the second is captured.
    """

    def __init__(self, torch: Any, device: Any) -> None:
        self._torch, self._device = torch, device
        self._pool = torch.cuda.graph_pool_handle()
        self._seen: set[tuple[int, int]] = set()
        self._graphs: dict[tuple[int, int], Any] = {}
        self._broken = False

    def run(self, key: tuple[int, int], step: Callable[[], None]) -> None:
        """Run a step, from its graph where there is one."""
        if self._broken or key not in self._seen:
            self._seen.add(key)
            step()
            return
        if key not in self._graphs:
            graph = self._torch.cuda.CUDAGraph()
            try:
                # Other threads of the program may use the GPU meanwhile.
                with self._torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                    step()
            except self._torch.OutOfMemoryError:
                raise
            except RuntimeError as exc:
                reason = str(exc).partition("\n")[0]
                _log.warning("CUDA graphs cannot be used here, decoding goes on without: %s", reason)
                self._broken = True
                step()
                return
            self._graphs[key] = graph
        self._graphs[key].replay()

    def forget(self) -> None:
        """Drop all graphs: what they were captured on has moved."""
        self._graphs.clear()
        self._seen.clear()
        # A pool ends with its last graph, and torch refuses to capture into one that has ended.
        self._pool = self._torch.cuda.graph_pool_handle()


def _compiled(torch: Any, step: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """A step that is compiled as long as that works."""
    # For all numbers of rows and lengths at once: on a GPU each compilation of the whole model takes most of a minute.
    found: list[Callable[[int, int], None]] = [torch.compile(step, dynamic=True)]

    def run(rows: int, span: int) -> None:
        try:
            found[0](rows, span)
        except torch.OutOfMemoryError:
            raise
        except Exception as exc:
            # The compiler and what it needs, a C compiler or Triton, fail in many ways; none is the page's fault.
            if found[0] is step:
                raise
            reason = " ".join(line.strip() for line in str(exc).strip().split("\n")[:2])
            _log.warning("steps cannot be compiled here, they run as they are: %s", reason)
            found[0] = step
            step(rows, span)

    return run


def _attend_without_copies(model: Any) -> None:
    """Let the language model attend to grouped heads as they are.

    While torch compiles, transformers' own `sdpa` copies keys and values for each query head, which in a decoding step
    costs several times the reading of them. With a single query a row, the heads of a group can stand as its queries.
    """
    import torch
    import transformers
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    def attend(
        module: Any, query: Any, key: Any, value: Any, attention_mask: Any, scaling: float | None = None, **more: Any
    ) -> tuple[Any, None]:
        if query.shape[2] != 1:
            out, _ = sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **more)
            return out, None
        rows, heads, _, width = query.shape
        grouped = query.reshape(rows, key.shape[1], heads // key.shape[1], width)
        out = torch.nn.functional.scaled_dot_product_attention(
            grouped, key, value, attn_mask=attention_mask, scale=scaling
        )
        return out.reshape(rows, 1, heads, width), None

    transformers.AttentionInterface.register(_ATTENTION, attend)
    AttentionMaskInterface.register(_ATTENTION, sdpa_mask)
    model.set_attn_implementation({"text_config": _ATTENTION})
