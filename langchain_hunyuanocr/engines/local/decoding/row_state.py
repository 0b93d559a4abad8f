"""Row state: what a decoding step knows of each slot, in tensors that stay where they are, as CUDA graphs need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_KEPT = ("token", "before", "at", "turn", "live", "seen", "source", "filled", "pointer")


class RowState:
    """All slots.

    Args:
        rows: How many.
        vocabulary: Number of token ids.
        made: Most tokens of a row between two looks.
        source: Most tokens that drafts of a row are taken from.
        ahead: Most tokens that are proposed at once.
        device: Where the tensors live.
    """

    def __init__(self, rows: int, *, vocabulary: int, made: int, source: int, ahead: int, device: Any) -> None:
        import torch

        self.rows, self.width = rows, source
        self._settings = {"vocabulary": vocabulary, "made": made, "source": source, "ahead": ahead, "device": device}
        whole: dict[str, Any] = {"dtype": torch.long, "device": device}
        self.token = torch.zeros(rows, **whole)
        """The last token of each answer."""
        self.before = torch.full((rows, 2), -1, **whole)
        """The two before it."""
        self.at = torch.zeros(rows, **whole)
        """Where the last token goes in its slot."""
        self.turn = torch.zeros(rows, **whole)
        """What is added to that for its rotary position."""
        self.live = torch.zeros(rows, **whole)
        """1 where an answer is under way."""
        self.seen = torch.zeros(rows, vocabulary, dtype=torch.bool, device=device)
        """Which tokens stand in prompt or answer."""
        self.source = torch.full((rows, source + ahead + 1), -1, **whole)
        """What the answer may repeat: a draft, and what it has said itself; what is beyond `width` is not looked at."""
        self.filled = torch.zeros(rows, **whole)
        """How many tokens of that there are."""
        self.pointer = torch.zeros(rows, **whole)
        """Where in the source the answer was last."""
        self.made = torch.zeros(rows, **whole)
        """New tokens since the last look."""
        self.hits = torch.zeros(rows, **whole)
        """Steps since the last look whose first proposal was right."""
        self.tokens = torch.zeros(rows, made + ahead + 1, **whole)
        self.probabilities = torch.zeros(rows, made + ahead + 1, device=device)

    def grown(self, rows: int) -> RowState:
        """The same with more slots."""
        new = RowState(rows, **self._settings)
        for name in _KEPT:
            getattr(new, name)[: self.rows] = getattr(self, name)
        return new

    def begin(self, slot: int, *, prompt: Any, turn: int, draft: Sequence[int]) -> None:
        """Take a slot for a question.

        Args:
            slot: Which one.
            prompt: Token ids `[n]`.
            turn: From index to rotary position.
            draft: Tokens that the answer may repeat.
        """
        import torch

        self.seen[slot] = False
        self.seen[slot, prompt.to(self.seen.device)] = True
        self.at[slot], self.turn[slot], self.live[slot] = prompt.shape[0], turn, 1
        kept = torch.tensor(list(draft[: self.width]), dtype=torch.long)
        self.source[slot, : len(kept)] = kept.to(self.source.device)
        self.filled[slot], self.pointer[slot] = len(kept), 0
        self.before[slot] = -1

    def say(self, slot: int, token: Any) -> None:
        """The first token of an answer, which the prompt's end gave."""
        self.token[slot] = token
        self.seen[slot, token] = True
        where = self.filled[slot].clamp_max(self.width)
        self.source[slot, where] = token
        self.filled[slot] = (where + 1).clamp_max(self.width)

    def end(self, slot: int) -> None:
        """Free a slot."""
        self.live[slot] = self.at[slot] = self.turn[slot] = 0

    def move(self, source: int, target: int) -> None:
        """Copy what is known of one slot to another."""
        for name in _KEPT:
            tensor = getattr(self, name)
            tensor[target] = tensor[source].clone()
