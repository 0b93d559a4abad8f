"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def corpus() -> Path:
    """The folder of real scans; the test is skipped where it is not there."""
    if not CORPUS.is_dir():
        pytest.skip("../shared/data is not here")
    return CORPUS
