"""A language model of 5 MB as a GGUF file that says one thing, for a real llama-server.

It looks at the last token alone: its attention and its feed-forward layer are nought, each token is a unit vector, and
the output maps each to the one that comes next. The pieces of its text are tokens of their own, so that they follow one
another from the end of the prompt to the end of the text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

_WIDTH = 384
_HEADS = 6
_ALIGNED = 32
_FLOAT, _INT, _LISTED_INT, _TEXT, _LIST, _BOOL = 6, 4, 5, 8, 9, 7
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
_PROMPT_ENDS = ">"


def write_model(path: Path, says: Sequence[str]) -> Path:
    """Write a model that says these pieces, none of them twice, whatever it is asked."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL, *[_BYTE] * 256, *[_NORMAL] * len(says)]
    first = len(tokens)
    tokens += [piece.replace(" ", "\u2581") for piece in says]
    assert len(set(tokens)) == len(tokens) <= _WIDTH
    follows = np.zeros((len(tokens), _WIDTH), np.float32)
    chain = [3 + ord(_PROMPT_ENDS), *range(first, len(tokens)), 2]
    for last, following in pairwise(chain):
        follows[following, last] = 1.0
    square = np.zeros((_WIDTH, _WIDTH), np.float32)
    tensors = {
        "token_embd.weight": np.eye(len(tokens), _WIDTH, dtype=np.float32),
        "output_norm.weight": np.ones(_WIDTH, np.float32),
        "output.weight": follows,
        "blk.0.attn_norm.weight": np.ones(_WIDTH, np.float32),
        "blk.0.ffn_norm.weight": np.ones(_WIDTH, np.float32),
        **{f"blk.0.{name}.weight": square for name in ("attn_q", "attn_k", "attn_v", "attn_output")},
        **{f"blk.0.{name}.weight": square for name in ("ffn_gate", "ffn_up", "ffn_down")},
    }
    template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}" + _PROMPT_ENDS
    settings: dict[str, Any] = {
        "general.architecture": "llama",
        "llama.context_length": 16384,
        "llama.embedding_length": _WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": _WIDTH,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [-float(at) for at in range(len(tokens))],
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_space_prefix": False,
        "tokenizer.chat_template": template,
    }
    path.write_bytes(b"".join(_file(settings, tensors)))
    return path


def _file(settings: dict[str, Any], tensors: dict[str, np.ndarray[Any, Any]]) -> Iterator[bytes]:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    for key, value in settings.items():
        head += _text(key) + _value(value)
    offset = 0
    for name, tensor in tensors.items():
        sides = tensor.shape[::-1]
        head += _text(name) + struct.pack(f"<I{len(sides)}QIQ", len(sides), *sides, 0, offset)
        offset += -(-tensor.nbytes // _ALIGNED) * _ALIGNED
    yield head + bytes(-len(head) % _ALIGNED)
    for tensor in tensors.values():
        yield tensor.tobytes() + bytes(-tensor.nbytes % _ALIGNED)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(value: Any, *, typed: bool = True) -> bytes:
    if isinstance(value, list):
        items = b"".join(_value(item, typed=False) for item in value)
        kind = _kind(value[0])
        return struct.pack("<IIQ", _LIST, _LISTED_INT if kind == _INT else kind, len(value)) + items
    told = struct.pack("<I", _kind(value)) if typed else b""
    if isinstance(value, str):
        return told + _text(value)
    return told + struct.pack({_BOOL: "<?", _INT: "<i", _FLOAT: "<f"}[_kind(value)], value)


def _kind(value: Any) -> int:
    return next(
        kind for of, kind in ((bool, _BOOL), (int, _INT), (float, _FLOAT), (str, _TEXT)) if isinstance(value, of)
    )
