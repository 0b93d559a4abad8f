"""Cases made after public bug reports about the text layers of PDFs: what each must and must not say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.pages import Source, iter_pages
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import PageReading

pytestmark = pytest.mark.corpus

CASES = (
    "01_digital_letterhead_scanned_body.pdf",
    "02_digital_text_pasted_table_picture.pdf",
    "03_scanned_form_typed_fields.pdf",
    "05_wrong_tounicode.pdf",
    "11_cropbox_hidden_text.pdf",
    "15_rtl_text_layer.pdf",
    "20_double_drawn_bold.pdf",
    "21_superscript_footnotes.pdf",
    "22_text_nobody_sees.pdf",
    "24_slanting_watermark.pdf",
    "49_pipe_formula_spaced_title.pdf",
)


def read(path: Path) -> list[PageReading]:
    return list(Reader("rapid").read_all(iter_pages(Source.of(path))))


def folded(text: str) -> str:
    return re.sub(r"\s", "", re.sub(r"[*_#]", "", text)).casefold()


@pytest.mark.parametrize("name", CASES)
def test_what_a_page_must_say(corpus: Path, name: str) -> None:
    pytest.importorskip("rapidocr")
    wanted: dict[str, Any] = json.loads((corpus / "cases/expected.json").read_text())[name]
    markdown = "\n".join(reading.markdown for reading in read(corpus / "cases" / name))
    text = folded(markdown)
    assert [part for part in wanted.get("must_contain", []) if folded(part) not in text] == []
    assert [part for part in wanted.get("must_not_contain", []) if folded(part) in text] == []
    assert {part: text.count(folded(part)) for part in wanted.get("counts", {})} == wanted.get("counts", {})
    rows = [[folded(cell) for cell in line.split("|")] for line in markdown.splitlines() if line.startswith("|")]
    for row in wanted.get("table_rows", []):
        assert any(all(folded(cell) in cells for cell in row) for cells in rows)


def test_what_nobody_sees_and_what_is_attached_is_told(corpus: Path) -> None:
    (hidden,) = read(corpus / "cases/22_text_nobody_sees.pdf")
    assert 0.3 < hidden.unseen_text < 0.5
    assert "is not seen on the page" in hidden.warnings[0]
    (attached,) = read(corpus / "cases/23_attachment.pdf")
    assert "tender77.pdf" in attached.warnings[0]
    (marked,) = read(corpus / "cases/24_slanting_watermark.pdf")
    assert {region.kind for region in marked.regions} == {"watermark"}
