"""Tokens become text while they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_PART_OF_A_CHARACTER = "�"


class TextStream:
    """Gives the text of a growing answer piece by piece, never half a character.

    Only the tokens since the last piece but one are decoded each time: one before gives those after it their spaces.
    The offsets are those of text-generation-inference's incremental decoding.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._from = self._read = self._again = 0
        self.said = ""

    def push(self, tokens: Sequence[int]) -> str:
        """What can be said of an answer beyond what has been said.

        Args:
            tokens: All of its tokens so far.
        """
        before = self._decode(tokens[self._from : self._read])
        now = self._decode(tokens[self._from :])
        if len(now) <= len(before) or now.endswith(_PART_OF_A_CHARACTER):
            return ""
        self._from, self._read = self._read, len(tokens)
        piece = now[len(before) :]
        skipped = min(self._again, len(piece))
        self._again -= skipped
        self.said += piece[skipped:]
        return piece[skipped:]

    def restart(self) -> None:
        """The answer begins anew; what has been said is not said again."""
        self._from = self._read = 0
        self._again = len(self.said)
