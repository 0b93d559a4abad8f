"""Quantization: weights in 8 or 4 bits, for less memory.

What is quantised are the matrices of the linear layers. Embeddings stay as they are, and with them the output layer,
which is the same matrix and chooses between 120 thousand tokens; norms and biases are too small to matter.

- `int8` by torchao: 8 bits a weight and a scale a row, activations untouched, so that a page's answer does not depend
  on the pages beside it; bitsandbytes' 8 bits round the activations too, by default look for outliers over the whole
  batch, and cannot be captured in a CUDA graph (vllm pull request 15611). The vision tower is included, as in the Q8_0
  files that llama.cpp runs HunyuanOCR from.
- `int4` by bitsandbytes: NF4 in blocks of 64 (Dettmers et al., QLoRA, arXiv:2305.14314), which runs on every CUDA GPU
  and on a CPU; torchao's 4 bits need an Ampere GPU. The vision tower gets 8 bits: with all layers in 4, Qwen2-VL of 2
  billion weights took a train for a coast (unsloth.ai/blog/dynamic-4bit).

Of the 1.99 GB that the 996 million weights take in bfloat16, 1.16 are left with `int8` and 0.98 with `int4` (float16,
where the tower stays as it is: 1.63 and 1.40). That is room for pages, not speed: on a CPU a decoding step takes up to
six times as long, since weights are turned back into numbers each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langchain_hunyuanocr.engines.local.checkpoint_files import Tensor
from langchain_hunyuanocr.errors import EngineError, require

_KINDS = ("int8", "int4")
_EXTRA = "quantize"
_GROUP = 32
"""Weights that share a scale where a row's scale would not do; it divides the widths of the language layers."""
_TOWER, _HEAD = "model.vision_tower", "lm_head"
_INT4_BYTES = 0.5 + 4 / 64
"""Of a weight: its 4 bits, and its share of the float32 scale of a block."""


def check_quantization(quantization: str | None, *, quantized_by: str | None) -> None:
    """Make sure that weights can be quantised so.

    Args:
        quantization: `int8`, `int4` or `None`.
        quantized_by: How the checkpoint is quantised already, if it is.

    Raises:
        EngineError: They cannot.
    """
    if quantization is None:
        return
    if quantization not in _KINDS:
        raise EngineError(f"there is no quantization {quantization!r}", remedy='take "int8", "int4" or None')
    if quantized_by is not None:
        raise EngineError(f"the checkpoint is quantised already, by {quantized_by}", remedy="take quantization=None")
    require("torchao", extra=_EXTRA)
    if quantization == "int4":
        require("bitsandbytes", extra=_EXTRA)


def quantization_config(quantization: str | None, dtype: Any) -> Any:
    """What transformers is told, so that each weight is quantised as it is loaded; `None` for none.

    Args:
        quantization: `int8`, `int4` or `None`.
        dtype: The torch dtype that the model computes in.
    """
    if quantization is None:
        return None
    transformers = require("transformers", extra="local")
    if quantization == "int8":
        kept = [_HEAD] if _tower_fits(dtype) else [_HEAD, _TOWER]
        return transformers.TorchAoConfig(_int8(dtype), modules_to_not_convert=kept)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=[_TOWER, _HEAD],  # the name is transformers' own, for 4 bits too
    )


def finish_quantization(model: Any, quantization: str | None, dtype: Any) -> None:
    """Quantise what transformers was told to leave: it takes one method for a model."""
    if quantization == "int4" and _tower_fits(dtype):
        require("torchao.quantization", extra=_EXTRA).quantize_(model.get_submodule(_TOWER), _int8(dtype))


def bytes_needed(tensors: Iterable[Tensor], dtype: Any, quantization: str | None) -> int:
    """Most memory that weights take while they are loaded and after.

    Args:
        tensors: The weights.
        dtype: The torch dtype of those that are not quantised.
        quantization: `int8`, `int4` or `None`.
    """
    total = 0.0
    for tensor in tensors:
        linear = len(tensor.shape) == 2 and "embed" not in tensor.name and _HEAD not in tensor.name
        # Transformers keeps the name that HunyuanOCR's own files have for the tower.
        tower = tensor.name.startswith("vit.")
        each: float = dtype.itemsize
        if linear and quantization == "int8" and _tower_fits(dtype):
            each = 1
        elif linear and quantization == "int8" and not tower:
            each = 1 + 4 / _GROUP
        elif linear and quantization == "int4" and not tower:  # the tower is whole when it is loaded
            each = _INT4_BYTES
        total += tensor.count * each
    return round(total)


def _int8(dtype: Any) -> Any:
    quantization = require("torchao.quantization", extra=_EXTRA)
    # torchao multiplies by the whole numbers before it scales, unless groups of a row have scales of their own; the
    # products are up to 127 times too large, which float16 cannot hold (pytorch/ao issue 1662).
    granularity = quantization.PerGroup(_GROUP) if _is_float16(dtype) else quantization.PerRow()
    # Otherwise it changes the settings of torch's compiler for the whole process.
    return quantization.Int8WeightOnlyConfig(granularity=granularity, set_inductor_config=False)


def _tower_fits(dtype: Any) -> bool:
    """Whether the vision tower can have 8 bits: float16 needs groups, and its width of 4304 cannot be cut into any."""
    return not _is_float16(dtype)


def _is_float16(dtype: Any) -> bool:
    return bool(dtype == require("torch", extra="local").float16)
