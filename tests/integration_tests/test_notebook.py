"""The notebooks run from top to bottom, and show what they say they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytest.importorskip("rapidocr")

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


def outputs(cell: Any, kind: str) -> list[str]:
    """What a cell put out as a MIME type."""
    return [output["data"][kind] for output in cell.outputs if kind in output.get("data", {})]


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The code cells of a notebook, run in a folder."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the kernel takes the package that stands beside this test
    monkeypatch.delenv("HUNYUANOCR_BASE_URL", raising=False)
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # committed ones would go stale
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    return cells


def cell_with(cells: list[Any], words: str) -> Any:
    (found,) = (cell for cell in cells if words in cell.source)
    return found


def test_what_was_read_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = run("explore.ipynb", tmp_path, monkeypatch)
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


def test_invoices_become_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    cells = run("invoices_to_table.ipynb", tmp_path, monkeypatch)
    lines = (tmp_path / "invoices.csv").read_text().splitlines()
    assert lines[0].startswith("file,invoice_number,date,")
    assert [line.partition(",")[0] for line in lines[1:]] == [f"invoice {number}.jpg" for number in range(1, 4)]
    assert (tmp_path / "invoices.xlsx").is_file()
    shown = cell_with(cells, 'field.state == "unconfirmed"')
    said = [output["text"] for output in shown.outputs if output["output_type"] == "stream"]
    assert "seller = " in "".join(said)
    assert len(outputs(shown, "image/png")) == "".join(said).count(" = ")


def test_a_folder_is_ingested_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("chromadb")
    cells = run("ingest_and_ask.ipynb", tmp_path, monkeypatch)
    report = cell_with(cells, "archive.ingest").outputs[-1]["data"]["text/plain"]
    assert "'pages': 8" in report
    assert "cut off" in outputs(cell_with(cells, "archive.status()"), "text/html")[0]
    answered = cell_with(cells, "answer = archive.ask(question)")
    assert "None" not in answered.outputs[0]["text"]
    assert outputs(cell_with(cells, "archive.picture"), "image/png")
    assert cell_with(cells, "gallium").outputs[0]["text"] == "None\n"
    assert cell_with(cells, "as_retriever").outputs[0]["data"]["text/plain"].count("('") == 3
