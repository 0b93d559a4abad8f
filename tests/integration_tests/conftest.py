"""What the tests of real components share."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKPOINT = Path(__file__).parents[1] / "checkpoint"


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The folder of a HunyuanVL checkpoint that reads `tests/tiny_pages.py`; skips without transformers."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    # The model is so small that threads only wait for each other.
    torch.set_num_threads(1)
    return CHECKPOINT
