"""Decoding: a picture's prefill into a slot, the end of each question about it, and steps over all answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.decoding.decoding_step import AHEAD
from langchain_hunyuanocr.engines.local.decoding.forward import LanguageModel
from langchain_hunyuanocr.engines.local.decoding.fused_step import steps_for
from langchain_hunyuanocr.engines.local.decoding.graphs import StepGraphs
from langchain_hunyuanocr.engines.local.decoding.kv_cache import KVCache
from langchain_hunyuanocr.engines.local.decoding.row_state import RowState
from langchain_hunyuanocr.engines.local.prompting import Patches, Prompt

_CPU_SPAN, _CUDA_SPAN = 64, 512
"""Attention looks at a multiple of this many tokens: fine where each costs, coarse where each length needs a graph."""
_CUDA_BURST, _CUDA_DRAFT_BURST = 8, 4
"""Steps between two looks at what was generated, each of which the GPU must wait for."""
_SOURCE = 4096
"""Tokens that drafts of a row are taken from: a full page, and half of the longest answer."""
_FEW = 4
_CPU_COST_OF_FEW, _CPU_COST, _CUDA_COST = 1.7, 2.6, 1.15
"""What a step of eight tokens a row costs, in steps of one: measured on a CPU in float32 with up to four rows and with
more, estimated for a GPU."""
_HOPE, _DOUBT = 0.8, 0.3
"""How often the first token of a proposal is expected to be right, with a draft and without."""
_MEMORY = 0.85
"""How much of that expectation stays after a step."""


class Made(NamedTuple):
    """New tokens of one answer, and their probabilities."""

    tokens: list[int]
    probabilities: list[float]


class Decoder:
    """A model with slots for the answers that are under way.

    Each page is prefilled alone, so that it is computed as if it were the only one; a decoding step computes the next
    tokens of all slots at once. Positions, masks and the penalty are per slot: nothing of one reaches another.

    Its methods run in torch's inference mode, which the caller enters.

    Args:
        loaded: Model and processor.
        penalty: Repetition penalty.
        graphs: Whether steps are captured as CUDA graphs.
        drafts: Whether several tokens a step are proposed; `None` decides by how many of them are right.
    """

    def __init__(self, loaded: Loaded, *, penalty: float, graphs: bool = False, drafts: bool | None = None) -> None:
        import torch

        self._torch = torch
        self._model = loaded.model
        self._device = torch.device(loaded.device)
        self._language = LanguageModel(loaded.model)
        with torch.inference_mode():
            self._steps = steps_for(self._language, penalty, self._device)
        self._drafts = drafts
        on_cuda = self._device.type == "cuda"
        self._graphs = StepGraphs() if graphs and on_cuda else None
        self._span = _CUDA_SPAN if on_cuda else _CPU_SPAN
        self._costs = (_CUDA_COST, _CUDA_COST) if on_cuda else (_CPU_COST_OF_FEW, _CPU_COST)
        self._bursts = {0: _CUDA_BURST, AHEAD: _CUDA_DRAFT_BURST} if on_cuda else {0: 1, AHEAD: 1}
        self.most_made = max(steps * (ahead + 1) for ahead, steps in self._bursts.items())
        """Most new tokens of a row that `step` gives."""
        self.cache = KVCache(
            layers=self._language.layer_count,
            heads=self._language.groups,
            width=self._language.width,
            dtype=loaded.model.dtype,
            device=self._device,
        )
        self._state = self._fresh(0)
        self._angles: tuple[Any, Any] = (None, None)
        self._highest = 0
        """Rotary positions that cosines are known of."""
        self._hope: dict[int, float] = {}
        self._said: dict[int, int] = {}
        """Tokens of the source of each answer."""

    def see(self, pictures: Sequence[Patches]) -> list[Any]:
        """Run the vision tower over pictures, each for itself, in one call.

        Returns:
            For each, what the language model takes for it: `[tokens, hidden]`.

        Raises:
            torch.OutOfMemoryError: They are too large.
        """
        values = self._torch.cat([each.values for each in pictures]).to(self._device)
        # The tower asks for the sizes in each layer: on the CPU they are there at once.
        grids = self._torch.cat([each.grid for each in pictures])
        return list(self._model.model.get_image_features(values, grids).pooler_output)

    def prefill(self, slot: int, seen: Any, prompt: Prompt) -> None:
        """Run the language model over what all prompts about a picture share.

        Args:
            slot: Holds it from now on.
            seen: What `see` gave for the picture.
            prompt: Any question about it.

        Raises:
            torch.OutOfMemoryError: There is no room for the slot; the others are kept.
        """
        ids = prompt.ids[:, : prompt.shared].to(self._device)
        self._ensure(slot + 1, prompt.shared)
        embedded = self._language.embed(ids)
        pictured = (ids == self._model.config.image_token_id)[..., None].expand_as(embedded)
        embedded = embedded.masked_scatter(pictured, seen.to(embedded.dtype))
        angles = self._language.angles(prompt.positions[:, :, : prompt.shared].to(self._device))
        self._language.prefill(embedded, *angles, self.cache, slot)

    def share(self, source: int, target: int, prompt: Prompt) -> None:
        """Copy what the prompts about one picture share from the slot of one to that of another.

        Raises:
            torch.OutOfMemoryError: There is no room for the slot; the others are kept.
        """
        self._ensure(target + 1, prompt.shared)
        self.cache.copy(source, target, prompt.shared)

    def begin(self, slots: Sequence[int], prompts: Sequence[Prompt], drafts: Sequence[Sequence[int]]) -> list[Made]:
        """Read the ends of questions about pictures whose prefill stands in the slots.

        Args:
            slots: One for each question.
            prompts: The questions.
            drafts: Tokens that each answer may repeat.

        Returns:
            The first token of each answer.

        Raises:
            torch.OutOfMemoryError: There is no room; the others are kept.
        """
        torch = self._torch
        counts = torch.tensor([prompt.ids.shape[1] for prompt in prompts])
        shared = torch.tensor([prompt.shared for prompt in prompts])
        longest, q = int(counts.max()), int((counts - shared).max())
        self._ensure(max(slots) + 1, longest + q)
        self._reach(max(prompt.turn for prompt in prompts))
        state, numbers = self._state, torch.tensor(list(slots), device=self._device)
        ids = torch.zeros(len(slots), q, dtype=torch.long)
        for row, (slot, prompt, draft) in enumerate(zip(slots, prompts, drafts, strict=True)):
            ids[row, : counts[row] - prompt.shared] = prompt.ids[0, prompt.shared :]
            state.begin(slot, prompt=prompt.ids[0], turn=prompt.turn, draft=draft)
            self._hope[slot], self._said[slot] = _HOPE if draft else _DOUBT, len(draft) + 1
        # Shorter ends run on into what the answers write over.
        places = shared.to(self._device)[:, None] + torch.arange(q, device=self._device)
        positions = places + state.turn[numbers][:, None]
        hidden = self._language.forward(
            self._language.embed(ids.to(self._device)),
            places,
            self._angles[0][positions],
            self._angles[1][positions],
            self.cache,
            numbers,
            min(self._rounded(longest + q), self.cache.length),
        )
        last = (counts - shared - 1).to(self._device)[:, None, None].expand(-1, -1, hidden.shape[-1])
        token, probability = self._steps.choose(hidden.gather(1, last), state.seen[numbers][:, None])
        for row, slot in enumerate(slots):
            state.say(slot, token[row, 0])
        return [Made([one], [sure]) for one, sure in zip(token[:, 0].tolist(), probability[:, 0].tolist(), strict=True)]

    def step(self, rows: int, longest: int) -> list[Made]:
        """Generate the next tokens of the first `rows` slots.

        Args:
            rows: How many slots are looked at; free ones among them cost time and change nothing.
            longest: Tokens of the longest answer among them, prompt included.

        Returns:
            For each of them, none where the slot is free.

        Raises:
            torch.OutOfMemoryError: The slots cannot grow; they are as they were before.
        """
        ahead = self._ahead(rows)
        steps = self._bursts[ahead]
        self._ensure(rows, longest + self.most_made)
        # Free slots cost little, and a graph for each number of rows would cost much.
        wide = rows if self._graphs is None else min(self.cache.rows, 1 << (rows - 1).bit_length())
        span = min(self._rounded(longest + steps * (ahead + 1)), self.cache.length)
        most = max((self._said[slot] for slot in range(rows) if slot in self._said), default=0) + steps * (ahead + 1)
        width = min(_SOURCE, -(-most // self._span) * self._span) if self._graphs is None else _SOURCE
        state = self._state
        state.made.zero_()
        state.hits.zero_()

        def once() -> None:
            self._steps.step(state, self.cache, self._angles, rows=wide, span=span, ahead=ahead, width=width)

        for _ in range(steps):
            if self._graphs is None:
                once()
            else:
                self._graphs.run((wide, span, ahead), once)
        made, hits = state.made[:rows].tolist(), state.hits[:rows].tolist()
        most = max(made, default=0)
        tokens, probabilities = state.tokens[:rows, :most].tolist(), state.probabilities[:rows, :most].tolist()
        for slot, count in enumerate(made):
            if count:
                share = _MEMORY**steps
                self._hope[slot] = share * self._hope[slot] + (1 - share) * hits[slot] / steps
                self._said[slot] += count
        return [Made(said[:count], sure[:count]) for said, sure, count in zip(tokens, probabilities, made, strict=True)]

    def end(self, slot: int) -> None:
        """Free a slot; what it holds of its picture stays until the slot is taken."""
        self._state.end(slot)
        self._hope.pop(slot, None)
        self._said.pop(slot, None)

    def move(self, source: int, target: int, length: int) -> None:
        """Continue the answer of one slot, `length` tokens with its prompt, in another."""
        self.cache.copy(source, target, length)
        self._state.move(source, target)
        if source in self._hope:  # else it has not begun
            self._hope[target], self._said[target] = self._hope[source], self._said[source]
        self.end(source)

    def cut(self, rows: int) -> None:
        """Give back the memory of all slots from `rows` on."""
        if self._graphs is not None:
            self._graphs.forget()
        self.cache.cut(rows)

    def _ahead(self, rows: int) -> int:
        """How many tokens to propose: as many as pay, by how often proposals were right."""
        if self._drafts is not None:
            return AHEAD if self._drafts else 0
        hopes = [hope for slot, hope in self._hope.items() if slot < rows]
        expected = sum(sum(hope**place for place in range(AHEAD + 1)) for hope in hopes) / max(1, len(hopes))
        return AHEAD if expected > self._costs[len(hopes) > _FEW] else 0

    def _rounded(self, length: int) -> int:
        return -(-length // self._span) * self._span

    def _ensure(self, rows: int, length: int) -> None:
        # Slots come in powers of two, so that they are seldom moved; their last places are for what free slots write.
        rows = 1 << (max(rows, self.cache.rows, 1) - 1).bit_length()
        moved = self.cache.ensure(rows, length + AHEAD + 1)
        if self._state.rows < self.cache.rows:
            self._state = self._state.grown(self.cache.rows)
        if moved:
            self._reach(0)
            if self._graphs is not None:
                self._graphs.forget()

    def _reach(self, turn: int) -> None:
        """Know the cosines of all rotary positions that a slot's tokens may have."""
        highest = self.cache.length + max(turn, 0)
        if highest > self._highest:
            self._angles = self._language.text_angles(highest, self._device)
            self._highest = highest
            if self._graphs is not None:
                self._graphs.forget()

    def _fresh(self, rows: int) -> RowState:
        return RowState(
            rows,
            vocabulary=self._language.vocabulary,
            made=self.most_made,
            source=_SOURCE,
            ahead=AHEAD,
            device=self._device,
        )
