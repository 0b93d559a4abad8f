"""Checkpoint: loading HunyuanOCR on the right device and dtype, with one clear line where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from langchain_hunyuanocr.engines.local.checkpoint_files import Weights
from langchain_hunyuanocr.engines.local.device_memory import free_bytes, gib, ran_out
from langchain_hunyuanocr.engines.local.hub import find_checkpoint, is_folder, revision_label
from langchain_hunyuanocr.engines.local.quantization import (
    bytes_needed,
    check_quantization,
    finish_quantization,
    quantization_config,
)
from langchain_hunyuanocr.engines.local.releases import MODEL, REVISION, release
from langchain_hunyuanocr.errors import EngineError, require

__all__ = ["MODEL", "REVISION", "Loaded", "check_transformers", "is_folder", "load", "release", "revision_label"]

_TRANSFORMERS_LEAST = "5.22"
"""Older ones resample pictures otherwise, compute RoPE wrongly or demand torchvision."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to generate."""

    model: Any
    processor: Any
    device: str


def load(
    model: str,
    revision: str,
    *,
    device: str,
    dtype: str,
    max_pixels: int,
    quantization: str | None = None,
    hub: str = "auto",
    version: str = "1.5",
) -> Loaded:
    """Load model and processor.

    A checkpoint that its authors quantised (AWQ, FP8, ...) is loaded as it is, in the dtype that it names, by the
    library that transformers asks for.

    Args:
        model: A folder, or a repository of a hub, which is downloaded where it is not cached.
        revision: Commit or branch of the repository.
        device: `auto`, `cpu`, `cuda`, `cuda:1`.
        dtype: `auto`, `bfloat16`, `float16`, `float32`.
        max_pixels: Most pixels of a picture that the model sees.
        quantization: `int8` or `int4` to have the weights in half the memory, which is not faster: embeddings and the
            output layer stay as they are, and under `int4` the vision tower has 8 bits, since it reads worse in 4.
        hub: `huggingface`, `modelscope`, or `auto`, which takes what the environment variable HUNYUANOCR_HUB names.
        version: The release of HunyuanOCR, `1.5` or `1.0`.

    Raises:
        EngineError: Something is missing, damaged or does not fit; the message says what to do.
    """
    torch = require("torch", extra="local")
    transformers = require("transformers", extra="local")
    check_transformers(transformers.__version__)
    place = _device(torch, device)
    wanted = _dtype(torch, place, dtype)
    weights = Weights.of(find_checkpoint(model, revision, hub=hub, version=version))
    check_quantization(quantization, quantized_by=weights.quantized_by)
    if dtype == "auto" and weights.quantized_by and weights.dtype:
        wanted = _dtype(torch, place, weights.dtype)
    _check_memory(place, weights, wanted, quantization)
    try:
        processor = transformers.AutoProcessor.from_pretrained(weights.folder)
        network, info = transformers.HunYuanVLForConditionalGeneration.from_pretrained(
            weights.folder,
            dtype=wanted,
            device_map={"": place},
            # The eager path builds the whole attention matrix of the vision tower: 165 GiB for a large page.
            attn_implementation="sdpa",
            quantization_config=quantization_config(quantization, wanted),
            output_loading_info=True,
        )
        finish_quantization(network, quantization, wanted)
    except Exception as exc:
        if ran_out(exc):
            remedy = 'take quantization="int8", device="cpu" or engine="server"'
            raise EngineError(f"there is not enough memory on {place} for {model}", remedy=remedy) from exc
        # Whatever a damaged or foreign file makes the libraries raise, the user needs to know which file it is.
        reason = str(exc).strip().partition("\n")[0] or type(exc).__name__
        raise EngineError(f"the checkpoint cannot be loaded: {reason}", source=str(weights.folder)) from exc
    if missing := sorted(info["missing_keys"]):
        raise EngineError(
            f"the checkpoint lacks {len(missing)} weights, the first is {missing[0]}",
            source=str(weights.folder),
            remedy="download it again",
        )
    # The tokenizer's own default is right, which changes what the model answers.
    processor.tokenizer.padding_side = "left"
    size = processor.image_processor.size
    least, most = size["shortest_edge"], size["longest_edge"]
    processor.image_processor.size = {"shortest_edge": least, "longest_edge": max(least, min(most, max_pixels))}
    return Loaded(network.eval(), processor, place)


def check_transformers(version: str) -> None:
    """Make sure that a version of transformers runs HunyuanOCR.

    Raises:
        EngineError: It is too old.
    """
    if Version(version) < Version(_TRANSFORMERS_LEAST):
        raise EngineError(
            f"transformers {version} is too old for HunyuanOCR",
            remedy=f'pip install --upgrade "transformers>={_TRANSFORMERS_LEAST}"',
        )


def _device(torch: Any, device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        found = torch.device(device)
    except RuntimeError as exc:
        raise EngineError(f"there is no device {device!r}", remedy='take "auto", "cpu", "cuda" or "cuda:1"') from exc
    if found.type == "cuda" and not torch.cuda.is_available():
        raise EngineError(
            "CUDA is not available here",
            remedy='take device="cpu", or engine="rapid", or install a CUDA build of torch and the NVIDIA driver',
        )
    if found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise EngineError(f"there is no device {device!r}", remedy=f"torch sees {count}, counted from cuda:0")
    return device


def _dtype(torch: Any, device: str, dtype: str) -> Any:
    if dtype != "auto":
        found = getattr(torch, dtype, None)
        if not isinstance(found, torch.dtype):
            raise EngineError(f"there is no dtype {dtype!r}", remedy='take "auto", "bfloat16", "float16" or "float32"')
        return found
    if torch.device(device).type != "cuda":
        return torch.float32
    # Before Ampere, bfloat16 is emulated.
    return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float16


def _check_memory(place: str, weights: Weights, dtype: Any, quantization: str | None) -> None:
    """Say that the weights do not fit before minutes are spent on loading them, or the system ends the process.

    Raises:
        EngineError: They do not.
    """
    if weights.quantized_by:
        needed = sum(tensor.stored_bytes for tensor in weights.tensors)
    else:
        needed = bytes_needed(weights.tensors, dtype, quantization)
    free = free_bytes(place)
    if needed <= free:
        return
    ways = ['engine="server"']
    if place != "cpu":
        ways.insert(0, 'device="cpu"')
    if not quantization and not weights.quantized_by:
        ways.insert(0, 'quantization="int8"')
    where = "this machine" if place == "cpu" else f"the device {place}"
    raise EngineError(
        f"{where} has {gib(free)} of memory free, the weights need {gib(needed)}",
        source=str(weights.folder),
        remedy=f"free some, or take {' or '.join(ways)}",
    )
