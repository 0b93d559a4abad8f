"""Checkpoint files: what a folder holds, looked at before anything of it is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.engines.local.releases import MODEL
from langchain_hunyuanocr.errors import EngineError, require

_INDEX = "model.safetensors.index.json"
_LFS_POINTER = b"version https://git-lfs"
_AGAIN = f"download it again: hf download {MODEL} --local-dir FOLDER"


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file."""

    name: str
    shape: tuple[int, ...]
    stored_bytes: int

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder whose files are whole, and belong to a HunyuanOCR."""

    folder: Path
    tensors: tuple[Tensor, ...]
    quantized_by: str | None
    """How its authors quantised it, such as `awq` or `fp8`; `None` where they did not."""
    dtype: str | None
    """The dtype that its configuration names."""

    @classmethod
    def of(cls, folder: Path) -> Weights:
        """Look at a folder.

        Raises:
            EngineError: It is no checkpoint of a HunyuanOCR, or not a whole one.
        """
        config = _config(folder)
        quantization = config.get("quantization_config")
        return cls(
            folder,
            tuple(tensor for file in _files(folder) for tensor in _tensors(file, folder)),
            quantized_by=None if quantization is None else str(quantization.get("quant_method", "an unknown method")),
            dtype=config.get("dtype") or config.get("torch_dtype"),
        )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (OSError, ValueError, AttributeError) as exc:
        raise EngineError(
            "the folder holds no checkpoint: its config.json is missing or damaged", source=str(folder), remedy=_AGAIN
        ) from exc
    if kind != "hunyuan_vl":
        raise EngineError(
            f"the folder holds a model of type {kind!r}, not of 'hunyuan_vl'",
            source=str(folder),
            remedy="name the folder of a HunyuanOCR checkpoint",
        )
    return dict(config)


def _files(folder: Path) -> list[Path]:
    """The files of the weights, all of which are there."""
    found = sorted(folder.glob("*.safetensors"))
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        named = sorted(set(index["weight_map"].values()))
    except FileNotFoundError:
        named = []
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as exc:
        raise EngineError(f"{_INDEX} is damaged", source=str(folder), remedy=_AGAIN) from exc
    missing = [name for name in named if not (folder / name).is_file()]
    if missing:
        message = f"{len(missing)} of the {len(named)} files of its weights are missing, the first is {missing[0]}"
        raise EngineError(message, source=str(folder), remedy=_AGAIN)
    if found:
        return [folder / name for name in named] or found
    # `hf download --local-dir` keeps what it has begun in there.
    begun = any(folder.glob("**/*.incomplete"))
    message = "the download of the weights did not end" if begun else "the folder holds no weights (*.safetensors)"
    raise EngineError(message, source=str(folder), remedy=_AGAIN)


def _tensors(file: Path, folder: Path) -> list[Tensor]:
    """What a file holds, from its head alone; opening it checks that its length is what the head says."""
    safetensors = require("safetensors", extra="local")
    with file.open("rb") as start:
        if start.read(len(_LFS_POINTER)) == _LFS_POINTER:
            raise EngineError(
                f"{file.name} is a Git LFS pointer in the place of the weights",
                source=str(folder),
                remedy="run `git lfs pull` in the folder",
            )
    try:
        with safetensors.safe_open(file, framework="numpy") as opened:
            names = list(opened.keys())
            slices = [opened.get_slice(name) for name in names]
            known = [(tuple(piece.get_shape()), _bytes_each(piece.get_dtype())) for piece in slices]
    except (safetensors.SafetensorError, OSError) as exc:
        message = f"{file.name} is damaged, or its download did not end"
        raise EngineError(message, source=str(folder), remedy=_AGAIN) from exc
    return [Tensor(name, shape, round(prod(shape) * each)) for name, (shape, each) in zip(names, known, strict=True)]


def _bytes_each(dtype: str) -> float:
    """Of a number of one of the dtypes of safetensors: `F32`, `BF16`, `F8_E4M3`, `I8`, `BOOL`, `F4`."""
    digits = "".join(char for char in dtype.partition("_")[0] if char.isdigit())
    return int(digits) / 8 if digits else 1
