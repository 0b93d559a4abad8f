"""Finding and loading the weights of HunyuanOCR."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.errors import EngineError, require

MODEL = "tencent/HunyuanOCR"
REVISION = "449e7d471a8a1ef5bd5d652e4881183d7252cbc7"
"""The commit of HunyuanOCR-1.5 that its benchmarks were run with; the repository has no tags."""
TRANSFORMERS_LEAST = "5.22"
"""Older ones resample pictures otherwise, compute RoPE wrongly or demand torchvision."""
_OTHER_MODELS = ["v1.0/*", "dflash/*"]
"""Folders of the repository that hold another model."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to generate."""

    model: Any
    processor: Any
    device: str


def is_folder(model: str) -> bool:
    """Whether `model` names a folder and not a repository of the Hub."""
    path = Path(model).expanduser()
    return path.is_dir() or path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1


def load(model: str, revision: str, *, device: str, dtype: str, max_pixels: int) -> Loaded:
    """Load model and processor.

    Args:
        model: A folder, or a repository of the Hub, which is downloaded where it is not cached.
        revision: Commit or branch of the repository.
        device: `auto`, `cpu`, `cuda`, `cuda:1`.
        dtype: `auto`, `bfloat16`, `float16`, `float32`.
        max_pixels: Most pixels of a picture that the model sees.

    Raises:
        EngineError: Something is missing, damaged or does not fit; the message says what to do.
    """
    torch = require("torch", extra="local")
    transformers = _transformers()
    place = _device(torch, device)
    folder = _folder(model) if is_folder(model) else _download(model, revision)
    try:
        processor = transformers.AutoProcessor.from_pretrained(folder)
        network, info = transformers.HunYuanVLForConditionalGeneration.from_pretrained(
            folder,
            dtype=_dtype(torch, place, dtype),
            device_map={"": place},
            # The eager path builds the whole attention matrix of the vision tower: 165 GiB for a large page.
            attn_implementation="sdpa",
            output_loading_info=True,
        )
    except (torch.OutOfMemoryError, MemoryError) as exc:
        raise EngineError(
            f"there is not enough memory on {place} for {model}", remedy='free some, or take device="cpu"'
        ) from exc
    except Exception as exc:
        # Whatever a damaged or foreign file makes the libraries raise, the user needs to know which file it is.
        reason = str(exc).strip().partition("\n")[0] or type(exc).__name__
        raise EngineError(f"the checkpoint cannot be loaded: {reason}", source=str(folder)) from exc
    if missing := sorted(info["missing_keys"]):
        raise EngineError(
            f"the checkpoint lacks {len(missing)} weights, the first is {missing[0]}",
            source=str(folder),
            remedy="download it again",
        )
    # The tokenizer's own default is right, which changes what the model answers.
    processor.tokenizer.padding_side = "left"
    size = processor.image_processor.size
    least, most = size["shortest_edge"], size["longest_edge"]
    processor.image_processor.size = {"shortest_edge": least, "longest_edge": max(least, min(most, max_pixels))}
    return Loaded(network.eval(), processor, place)


def _transformers() -> Any:
    transformers = require("transformers", extra="local")
    found = tuple(int(part) for part in transformers.__version__.split(".")[:2])
    if found < tuple(int(part) for part in TRANSFORMERS_LEAST.split(".")):
        raise EngineError(
            f"transformers {transformers.__version__} is too old for HunyuanOCR",
            remedy=f'pip install --upgrade "transformers>={TRANSFORMERS_LEAST}"',
        )
    return transformers


def _device(torch: Any, device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device).type
    except RuntimeError as exc:
        raise EngineError(f"there is no device {device!r}", remedy='take "auto", "cpu", "cuda" or "cuda:1"') from exc
    if kind == "cuda" and not torch.cuda.is_available():
        raise EngineError(
            "CUDA is not available here",
            remedy='take device="cpu", or engine="rapid", or install a CUDA build of torch and the NVIDIA driver',
        )
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


def _folder(model: str) -> Path:
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise EngineError("there is no such folder", source=model, remedy="name the folder of a HunyuanOCR checkpoint")
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as exc:
        raise EngineError(
            "the folder holds no checkpoint: its config.json is missing or damaged",
            source=model,
            remedy=f"huggingface-cli download {MODEL} --local-dir FOLDER",
        ) from exc
    if kind != "hunyuan_vl":
        raise EngineError(f"the folder holds a model of type {kind!r}, not of 'hunyuan_vl'", source=model)
    if not any(folder.glob("*.safetensors")):
        raise EngineError("the folder holds no weights (*.safetensors)", source=model, remedy="download it again")
    return folder


def _download(model: str, revision: str) -> Path:
    """The folder of the Hub's cache that holds the model, filled where it is empty."""
    hub = require("huggingface_hub", extra="local")
    errors = require("huggingface_hub.errors", extra="local")
    try:
        return Path(hub.snapshot_download(model, revision=revision, ignore_patterns=_OTHER_MODELS))
    except errors.RevisionNotFoundError as exc:
        raise EngineError(
            f"{model} has no revision {revision!r}", remedy=f"the revision of HunyuanOCR-1.5 is {REVISION}"
        ) from exc
    except errors.RepositoryNotFoundError as exc:
        raise EngineError(
            f"the Hub has no model {model!r}, or it is private", remedy=f'take model="{MODEL}" or a folder'
        ) from exc
    except errors.HFValidationError as exc:
        raise EngineError(f"{model!r} is neither a folder nor a model of the Hub", remedy=f'take "{MODEL}"') from exc
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HfHubHTTPError, OSError) as exc:
        raise EngineError(
            f"{model} is not in the cache and cannot be downloaded",
            remedy="check the network, set HF_ENDPOINT=https://hf-mirror.com, or name a folder that holds the model",
        ) from exc
