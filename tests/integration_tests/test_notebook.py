"""The notebook runs from top to bottom, and shows what it says it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytest.importorskip("rapidocr")

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "explore.ipynb"


def outputs(cell: Any, kind: str) -> list[str]:
    """What a cell put out as a MIME type."""
    return [output["data"][kind] for output in cell.outputs if kind in output.get("data", {})]


def test_every_cell_runs_and_shows_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the kernel takes the package that stands beside this test
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # committed ones would go stale
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell.outputs for cell in cells)
    cards = [card for cell in cells for card in outputs(cell, "text/html") if 'class="hocr"' in card]
    assert len(cards) == 2
    for card in cards:
        assert 'src="data:image/jpeg;base64,' in card
        assert "✓ confirmed" in card
    by_source = {line: cell for cell in cells for line in cell.source.splitlines()}
    frames = outputs(by_source["    display(table.to_pandas())"], "text/html")
    assert any("Description" in frame for frame in frames)
    assert "Invoice" in outputs(by_source["Markdown(invoice.markdown)"], "text/markdown")[0]
    pictures = [cell for cell in cells if outputs(cell, "image/png")]
    assert len(pictures) == 3
