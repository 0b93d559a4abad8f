"""KV cache: static keys and values of answers under way, a slot for each."""

from __future__ import annotations

from typing import Any

_ROUND = 64
"""Lengths of slots are multiples of this many tokens."""
_GROWTH = 1.5


class KVCache:
    """Keys and values of the language model, each `[layers, rows, length, heads, width]`.

    Every answer begins at index 0 of its slot, so that nothing is padded and a new page can take the slot of a finished
    one while its neighbours go on. The last tokens of each slot are nobody's: free slots write there, so that what they
    held stays, for another question about the same picture. Slots grow by half as they are needed, and keep what they
    hold.
    """

    def __init__(self, *, layers: int, heads: int, width: int, dtype: Any, device: Any) -> None:
        import torch

        self._torch = torch
        self._made: dict[str, Any] = {"dtype": dtype, "device": device}
        self._layers, self._heads, self._width = layers, heads, width
        self.rows = self.length = 0
        self.keys = self.values = self._empty(0, 0)

    @property
    def bytes_a_token(self) -> int:
        """What one token of one answer takes."""
        return 2 * self._layers * self._heads * self._width * int(self.keys.element_size())

    def ensure(self, rows: int, length: int) -> bool:
        """Make room for `rows` answers of `length` tokens; whether anything had to be moved for it.

        Raises:
            torch.OutOfMemoryError: There is no room; what was there is kept.
        """
        if rows <= self.rows and length <= self.length:
            return False
        if length > self.length:
            length = -(-max(length, int(self.length * _GROWTH)) // _ROUND) * _ROUND
        rows, length = max(rows, self.rows), max(length, self.length)
        # One after the other, so that only one is there twice; where the second fails, the first is larger than it.
        self.keys = self._grown(self.keys, rows, length)
        self.values = self._grown(self.values, rows, length)
        self.rows, self.length = rows, length
        return True

    def cut(self, rows: int) -> None:
        """Give back the slots from `rows` on."""
        if rows >= self.rows:
            return
        self.keys, self.values = (
            tensor[:, :rows].clone() if rows else self._empty(0, 0) for tensor in (self.keys, self.values)
        )
        self.rows, self.length = rows, self.length if rows else 0

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy the first `length` tokens of one slot into another."""
        for tensor in (self.keys, self.values):
            tensor[:, target, :length] = tensor[:, source, :length]

    def _grown(self, old: Any, rows: int, length: int) -> Any:
        if old.shape[1] >= rows and old.shape[2] >= length:
            return old
        new = self._empty(max(rows, old.shape[1]), max(length, old.shape[2]))
        new[:, : old.shape[1], : old.shape[2]] = old
        return new

    def _empty(self, rows: int, length: int) -> Any:
        return self._torch.zeros(self._layers, rows, length, self._heads, self._width, **self._made)
