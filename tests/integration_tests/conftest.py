"""What the tests of real components share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a HunyuanOCR checkpoint of random weights; skips where transformers is not installed."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    import torch

    from tests import tiny_checkpoint

    # The model is so small that threads only wait for each other.
    torch.set_num_threads(1)
    return tiny_checkpoint.build(tmp_path_factory.mktemp("checkpoint") / "tiny")
