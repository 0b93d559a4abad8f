"""KV cache: static keys and values of answers under way, a slot for each."""

from __future__ import annotations

from typing import Any

_STEP = 256
"""Tokens by which slots grow."""


class SlotCache:
    """Keys and values of the language model, `[rows, heads, length, width]` a layer.

    Every answer begins at index 0 of its slot, so that nothing is padded and a new page can take the slot of a finished
    one while its neighbours go on. Slots and their length grow as they are needed and keep what they hold.
    """

    def __init__(self, *, layers: int, heads: int, width: int, dtype: Any, device: Any) -> None:
        import torch

        self._torch = torch
        self._made: dict[str, Any] = {"dtype": dtype, "device": device}
        self._heads, self._width = heads, width
        self.rows = self.length = 0
        self.keys = [self._empty(0, 0) for _ in range(layers)]
        self.values = [self._empty(0, 0) for _ in range(layers)]

    @property
    def bytes_a_token(self) -> int:
        """What one token of one answer takes."""
        return 2 * len(self.keys) * self._heads * self._width * int(self.keys[0].element_size())

    def ensure(self, rows: int, length: int) -> bool:
        """Make room for `rows` answers of `length` tokens; whether anything had to be moved for it.

        Raises:
            torch.OutOfMemoryError: There is no room; what was there is kept.
        """
        if rows <= self.rows and length <= self.length:
            return False
        rows, length = max(rows, self.rows), max(self.length, -(-length // _STEP) * _STEP)
        # A layer at a time, so that only one is there twice. Layers that have grown keep what they hold.
        for tensors in (self.keys, self.values):
            for number, old in enumerate(tensors):
                if old.shape[0] < rows or old.shape[2] < length:
                    new = self._empty(max(rows, old.shape[0]), max(length, old.shape[2]))
                    new[: old.shape[0], :, : old.shape[2]] = old
                    tensors[number] = new
        self.rows, self.length = rows, length
        return True

    def cut(self, rows: int) -> None:
        """Give back the slots from `rows` on."""
        for tensors in (self.keys, self.values):
            for number, old in enumerate(tensors):
                tensors[number] = old[:rows].clone() if rows else self._empty(0, 0)
        self.rows, self.length = min(self.rows, rows), self.length if rows else 0

    def load(self, slot: int, prefix: Any) -> None:
        """Copy the keys and values of a prompt's beginning into a slot.

        Args:
            slot: Which one.
            prefix: A transformers cache of one row.
        """
        for keys, values, layer in zip(self.keys, self.values, prefix.layers, strict=True):
            count = layer.keys.shape[2]
            keys[slot, :, :count] = layer.keys[0]
            values[slot, :, :count] = layer.values[0]

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` tokens of one slot into another."""
        for tensors in (self.keys, self.values):
            for tensor in tensors:
                tensor[target, :, :length] = tensor[source, :, :length]

    def _empty(self, rows: int, length: int) -> Any:
        return self._torch.zeros(rows, self._heads, length, self._width, **self._made)


class RowState:
    """What a decoding step knows of each slot; in tensors that stay where they are, as CUDA graphs need it."""

    def __init__(self, rows: int, vocabulary: int, burst: int, device: Any) -> None:
        """All slots free.

        Args:
            rows: How many slots.
            vocabulary: Number of token ids.
            burst: Steps between two looks.
            device: Where the tensors live.
        """
        import torch

        self.rows = rows
        self._made = (vocabulary, burst, device)
        self.token = torch.zeros(rows, dtype=torch.long, device=device)
        """The last token of each answer."""
        self.at = torch.zeros(rows, dtype=torch.long, device=device)
        """Where it goes in its slot."""
        self.turn = torch.zeros(rows, dtype=torch.long, device=device)
        """What is added to that for its rotary position."""
        self.live = torch.zeros(rows, dtype=torch.long, device=device)
        """1 where an answer is under way."""
        self.seen = torch.zeros(rows, vocabulary, dtype=torch.bool, device=device)
        """Which tokens stand in prompt or answer."""
        self.numbers = torch.arange(rows, device=device)
        self.count = torch.zeros(1, dtype=torch.long, device=device)
        """Steps of this burst so far."""
        self.tokens = torch.zeros(rows, burst, dtype=torch.long, device=device)
        self.probabilities = torch.zeros(rows, burst, device=device)

    def grown(self, rows: int) -> RowState:
        """The same with more slots."""
        new = RowState(rows, *self._made)
        for name in ("token", "at", "turn", "live", "seen"):
            getattr(new, name)[: self.rows] = getattr(self, name)
        return new

    def move(self, source: int, target: int) -> None:
        """Copy what is known of one slot to another."""
        for tensor in (self.token, self.at, self.turn, self.live, self.seen):
            tensor[target] = tensor[source].clone()


class StepWindow:
    """What the model takes for its cache in a decoding step: one token a row, each at its own index."""

    def __init__(self, cache: SlotCache, rows: int, length: int, at: Any, numbers: Any) -> None:
        """Look at part of the cache.

        Args:
            cache: The slots.
            rows: How many of them.
            length: How many tokens of each are attended to.
            at: `[rows]`, where the new token of each row goes.
            numbers: `[rows]`, 0 to `rows - 1`.
        """
        self._cache, self._rows, self._length, self._at, self._numbers = cache, rows, length, at, numbers

    def update(self, keys: Any, values: Any, layer: int, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Write `[rows, heads, 1, width]`, and give all that the layer attends to."""
        found = []
        for tensors, new in ((self._cache.keys, keys), (self._cache.values, values)):
            tensors[layer][self._numbers, :, self._at] = new[:, :, 0]
            found.append(tensors[layer][: self._rows, :, : self._length])
        return found[0], found[1]


class PromptWindow:
    """What the model takes for its cache while it reads the end of a prompt into one slot."""

    def __init__(self, cache: SlotCache, slot: int, begin: int, end: int) -> None:
        self._cache, self._slot, self._begin, self._end = cache, slot, begin, end

    def update(self, keys: Any, values: Any, layer: int, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Write `[1, heads, end - begin, width]`, and give all that the layer attends to."""
        found = []
        for tensors, new in ((self._cache.keys, keys), (self._cache.values, values)):
            tensors[layer][self._slot, :, self._begin : self._end] = new[0]
            found.append(tensors[layer][self._slot : self._slot + 1, :, : self._end])
        return found[0], found[1]
