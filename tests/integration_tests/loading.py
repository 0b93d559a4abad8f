"""What the tests of loading share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_hunyuanocr.engines.local.checkpoint import REVISION, Loaded, load


def opened(model: str | Path, revision: str = REVISION, **settings: str) -> Loaded:
    return load(str(model), revision, **{"device": "cpu", "dtype": "auto", "max_pixels": 3_400_000, **settings})


def weights_of(loaded: Loaded) -> dict[str, Any]:
    return dict(loaded.model.named_parameters())
