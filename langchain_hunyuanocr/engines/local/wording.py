"""Streaming detokenizer: tokens become text while they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class TextStream:
    """Gives the text of a growing answer piece by piece, never half a character.

    Args:
        tokenizer: Of the model, as the package tokenizers knows it.
        skip_special_tokens: Whether special tokens are left out.
    """

    def __init__(self, tokenizer: Tokenizer, *, skip_special_tokens: bool) -> None:
        self._tokenizer = tokenizer
        self._skip = skip_special_tokens
        self._read = self._again = 0
        self.said = ""
        self.restart()

    def push(self, tokens: Sequence[int]) -> str:
        """What can be said of an answer beyond what has been said.

        Args:
            tokens: All of its tokens so far.
        """
        piece = self._stream.step(self._tokenizer, list(tokens[self._read :])) or ""
        self._read = len(tokens)
        skipped = min(self._again, len(piece))
        self._again -= skipped
        self.said += piece[skipped:]
        return piece[skipped:]

    def restart(self) -> None:
        """The answer begins anew; what has been said is not said again."""
        from tokenizers.decoders import DecodeStream

        self._stream = DecodeStream(skip_special_tokens=self._skip)
        self._read = 0
        self._again = len(self.said)
