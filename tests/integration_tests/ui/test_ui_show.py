"""The page from end to end: the real command, RapidOCR, an archive that it read, and a real browser."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pymupdf
import pytest

from tests.integration_tests.files import scanned_pdf
from tests.integration_tests.served import command, hunyuanocr, until

pytest.importorskip("playwright")
pytest.importorskip("gradio")
pytest.importorskip("rapidocr")
pytest.importorskip("chromadb")
openpyxl = pytest.importorskip("openpyxl")
from playwright.sync_api import Locator, Page, expect  # noqa: E402

from tests.integration_tests.browser import Windows, shot  # noqa: E402

INVOICE = ["Invoice No: INV-2041\nTotal due: 96.50", "Deliver to: Halden Foods\nBy 9 June 2024"]
LEASE = "Lease of 4 Quay Street\n\nThe lease runs for nine years."
LINES = {0: (40, 76), 1: (100, 136), 2: (160, 196)}
"""Top and bottom of what `picture` writes, in pixels of its 300."""


class Shown(NamedTuple):
    """The service, its address and the folder that it keeps things in."""

    address: str
    process: subprocess.Popen[str]
    state: Path


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("shown")
    (folder / "scans").mkdir()
    scanned_pdf(folder / "scans" / "lease.pdf", [LEASE, ""])
    made = hunyuanocr("ingest", folder / "scans", "--archive", folder / "archive", "--engine", "rapid")
    assert made.returncode == 0, made.stderr
    with command(folder, "--engine", "rapid", "--archive", str(folder / "archive")) as (port, process):
        yield Shown(f"http://127.0.0.1:{port}/", process, folder / "state")


def read(page: Page, *files: Path) -> None:
    """Upload invoices and have them read."""
    page.locator("#hv-files input[type=file]").set_input_files(files)
    expect(page.locator("#hv-files li")).to_have_count(len(files))
    page.get_by_label("Fields of a kind of document").click()
    page.get_by_role("option", name="Invoice", exact=True).click()
    page.locator("#hv-read").click()
    expect(page.locator("#hv-downloads a")).to_have_count(5, timeout=60_000)


def on_paper(mark: Locator, paper: Locator) -> tuple[float, float, float, float]:
    """Where a mark is drawn on a picture, in shares of it: left, top, right, bottom."""
    paper.evaluate("picture => picture.decode()")
    box, on = mark.bounding_box(), paper.bounding_box()
    assert box is not None
    assert on is not None
    left, top = (box["x"] - on["x"]) / on["width"], (box["y"] - on["y"]) / on["height"]
    return left, top, left + box["width"] / on["width"], top + box["height"] / on["height"]


def assert_stands_on(mark: Locator, paper: Locator, line: int) -> None:
    """A mark is drawn where `picture` wrote a line."""
    left, top, right, bottom = on_paper(mark, paper)
    first, last = (y / 300 for y in LINES[line])
    assert left == pytest.approx(40 / 600, abs=0.02)
    assert (top, bottom) == (pytest.approx(first, abs=0.06), pytest.approx(last, abs=0.06))
    assert right < 0.95


def test_a_scan_is_read_shown_and_downloaded(shown: Shown, windows: Windows, tmp_path: Path) -> None:
    page = windows.open(shown.address)
    read(page, scanned_pdf(tmp_path / "invoice.pdf", INVOICE))
    expect(page.locator("#hv-pages [data-go]")).to_have_count(2)
    paper = page.locator("#hv-shown img")
    text = page.locator(".hv-text mark", has_text="INV-2041")
    box = page.locator(f"#hv-shown rect[data-part=l{text.get_attribute('data-line')}]")
    assert_stands_on(box, paper, 0)

    for pointed, answers in ((box, text), (text, box)):
        page.locator(".hv-text mark", has_text="Total due").hover()
        expect(answers).not_to_contain_class("hv-lit")
        pointed.hover()
        expect(answers).to_contain_class("hv-lit")
    shot(page, "result")

    page.locator("#hv-pages [data-go='1']").click()
    expect(page.locator(".hv-text")).to_contain_text("Halden Foods")

    files = {form: download(page, form, tmp_path) for form in ("md", "json", "csv", "xlsx", "pdf")}
    assert "INV-2041" in files["md"].decode()
    first, second = json.loads(files["json"])
    assert (first["source"], first["page"], second["page"]) == ("invoice.pdf", 0, 1)
    assert "INV-2041" in first["markdown"]
    rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert ["invoice.pdf", "1", "total", "96.50", "confirmed", "96.50"] in rows
    sheets = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    said = [str(cell.value) for sheet in sheets for row in sheet.rows for cell in row]
    assert any("INV-2041" in value for value in said)
    with pymupdf.open(stream=files["pdf"], filetype="pdf") as document:
        (found,) = document[0].search_for("INV-2041")
        assert LINES[0][0] / 300 - 0.05 < found.y0 / document[0].rect.height < LINES[0][1] / 300

    assert kept(shown) != []
    page.close()
    until(lambda: kept(shown) == [])


def download(page: Page, form: str, folder: Path) -> bytes:
    with page.expect_download() as begun:
        page.locator(f"#hv-downloads a[href$='{form}']").click()
    assert begun.value.suggested_filename == f"invoice.{form}"
    begun.value.save_as(folder / f"downloaded.{form}")
    return (folder / f"downloaded.{form}").read_bytes()


def kept(shown: Shown) -> list[Path]:
    """What lies in the service's folder of any upload or reading."""
    return [path for path in shown.state.rglob("*") if path.is_file() and {"page", "uploads"} & set(path.parts)]


def test_a_question_leads_to_the_place_on_the_scan(shown: Shown, windows: Windows) -> None:
    page = windows.open(shown.address)
    page.get_by_role("tab", name="Ask the archive").click()
    page.get_by_label("Your question").fill("How long is the lease?")
    page.keyboard.press("Enter")
    expect(page.locator(".hv-reply")).to_contain_text("nine years", timeout=20_000)
    page.get_by_role("button", name="lease.pdf, page 1").first.click()
    expect(page.get_by_role("heading", name="lease.pdf, page 1")).to_be_focused()
    assert_stands_on(page.locator("#hv-place rect"), page.locator("#hv-place .hv-paper img"), 2)
    expect(page.locator("#hv-account")).to_contain_text("Files: 1. Pages: 2, of which 1 read, 1 blank, 0 failed.")
    shot(page, "answer")


def test_nothing_of_a_document_is_said_in_the_log(shown: Shown) -> None:
    shown.process.send_signal(2)
    assert shown.process.wait(30) == 0
    told = shown.process.stderr.read() if shown.process.stderr else ""
    assert "is the web page" in told
    for word in ("Traceback", "INV-2041", "lease", "invoice"):
        assert word not in told
