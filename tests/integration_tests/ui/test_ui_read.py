"""The tab that reads pages, in a real browser: what it shows, what it stops, and what it says of what goes wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.service import Access
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.uploads import size_of
from langchain_hunyuanocr.tasks import TaskKind
from tests.integration_tests.files import picture, scanned_pdf
from tests.integration_tests.served import command, served, until

pytest.importorskip("playwright")
pytest.importorskip("gradio")
pytest.importorskip("rapidocr")
from playwright.sync_api import Page, expect

from tests.integration_tests.browser import LEAVING, Windows, assert_accessible, every_look, shot

expect.set_options(timeout=20_000)

TABLE = """

| Item | Description of the goods | Country of origin | Weight and packing | Price |
| --- | --- | --- | --- | --- |
| Tea | Darjeeling, first flush | India | four chests | 3 |"""
INVOICE = "INVOICE INV-2041\nThe order was sent on Friday\nTotal due: 1,234.50\nThank you for your order"
READ = INVOICE.replace("1,234.50", "1,284.50").replace("\n", "\n\n") + TABLE
BROKEN = "broken.pdf: is damaged and cannot be opened as a PDF (save or scan it again)"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose engine misreads a digit, which the second reader doubts."""
    answers = {TaskKind.DOCUMENT: lambda _: READ, TaskKind.FIELDS: lambda _: '{"total": "1,284.50"}'}
    with served(tmp_path_factory.mktemp("reading"), ScriptedEngine(answers, prompted=True), page=True) as (at, _):
        yield at


@pytest.fixture
def scans(tmp_path: Path) -> list[Path]:
    """An invoice, and a file that is no PDF."""
    invoice, broken = tmp_path / "invoice.png", tmp_path / "broken.pdf"
    picture(INVOICE, (900, 420)).save(invoice)
    broken.write_bytes(b"%PDF-1.7\nnothing")
    return [invoice, broken]


def read(page: Page, *files: Path) -> None:
    """Choose files, and have them read."""
    page.locator("#hv-files input[type=file]").set_input_files(files)
    expect(page.locator("#hv-files li")).to_have_count(len(files))
    page.locator("#hv-read").click()


def read_fields(page: Page, *files: Path, field: str) -> None:
    """The same, with the field `total` wanted."""
    page.get_by_label(field).fill("total")
    page.keyboard.press("Enter")
    read(page, *files)
    expect(page.locator("#hv-downloads a")).to_have_count(5, timeout=60_000)


def sideways(page: Page) -> int:
    """By how many pixels something reaches out of the window, or the page can be scrolled sideways."""
    return int(
        page.evaluate(
            """() => Math.max(
                document.documentElement.scrollWidth,
                ...[...document.querySelectorAll(".hv-form, .hv-page, .hv-page button, .hv-scan, .hv-said, .hv-start")]
                    .map((part) => Math.round(part.getBoundingClientRect().right))
            ) - document.documentElement.clientWidth"""
        )
    )


@every_look
def test_it_can_be_used_at_every_size_and_in_both_languages(
    address: str, windows: Windows, scans: list[Path], size: str, language: str
) -> None:
    def says(english: str, chinese: str) -> str:
        return english if language == "en" else chinese

    page = windows.open(address, size=size, language=language)
    expect(page.locator("html")).to_have_attribute("lang", says("en", "zh-CN"))
    expect(page.locator("#hv-start")).to_have_text(
        says("From a scan to text that you can check", "从扫描件到可核对的文字")
    )
    assert_accessible(page, "start")
    assert sideways(page) <= 0
    read_fields(page, *scans, field=says("Fields of your own", "自定义字段"))
    expect(page.locator("#hv-progress")).to_contain_text(
        says("Pages read: 1; not read: 1", "已读取 1 页；1 项未能读取")
    )
    expect(page.locator("#hv-progress")).to_be_in_viewport()
    expect(page.locator(".hv-doubts li").first).to_contain_text(
        says("first reader: 1,284.50; second reader: 1,234.50", "第一读取器：1,284.50；第二读取器：1,234.50")
    )
    expect(page.locator(".hv-text mark.hv-doubt").first).to_have_text("1,284.50")
    expect(page.locator(".hv-text table")).to_contain_text("Tea")
    expect(page.locator(".hv-row .hv-state")).to_contain_text(says("unconfirmed", "未确认"))
    assert_accessible(page, "read")
    assert sideways(page) <= 0
    page.locator(".hv-doubts button").first.hover()
    expect(page.locator("rect[data-part=d0]")).to_contain_class("hv-lit")
    page.locator(".hv-text table").click()
    expect(page.locator("rect[data-part=d0]")).to_be_in_viewport()
    page.locator("#hv-pages [data-go='1']").click()
    expect(page.locator("#hv-shown .hv-alert")).to_have_text(BROKEN)
    assert_accessible(page, "failed")


def test_the_scan_stays_in_sight_and_the_keyboard_walks_through_the_text(
    address: str, windows: Windows, scans: list[Path]
) -> None:
    page = windows.open(address)
    page.set_viewport_size({"width": 1280, "height": 420})
    page.add_style_tag(content=".hv-said { padding-bottom: 1500px }")
    read_fields(page, scans[0], field="Fields of your own")
    first = page.locator(".hv-part").first
    first.focus()
    expect(page.locator("rect.hv-lit").first).to_be_in_viewport()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hv-part").nth(1)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".hv-part").nth(1)).to_be_focused()
    page.mouse.move(700, 300)
    page.mouse.wheel(0, 900)
    expect(page.locator(".hv-frame")).to_be_in_viewport()
    before = page.locator(".hv-paper").bounding_box()
    page.get_by_role("button", name="Larger").click()
    after = page.locator(".hv-paper").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(1.5 * before["width"], abs=3)
    assert sideways(page) <= 0


def test_a_corrected_value_is_in_the_downloads_as_a_persons(
    address: str, windows: Windows, scans: list[Path], tmp_path: Path
) -> None:
    page = windows.open(address)
    copy = tmp_path / "again.png"
    copy.write_bytes(scans[0].read_bytes())
    read_fields(page, scans[0], copy, field="Fields of your own")
    value = page.get_by_label("total", exact=True)
    expect(value).to_have_value("1,284.50")
    unsure = page.locator("#hv-pages .hv-count-unsure")
    expect(unsure).to_have_text(["? 1", "? 1"])
    value.fill("1,234.50")
    value.press("Enter")
    expect(page.locator(".hv-row .hv-state")).to_have_text("✎ corrected by hand")
    expect(unsure).to_have_text(["? 1"])
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("#hv-title")).to_be_focused()
    expect(page.locator("#hv-title")).to_have_text("again.png, page 1 of 1")
    expect(value).to_have_value("1,284.50")
    expect(page.locator(".hv-row .hv-state")).to_have_text("? unconfirmed")
    page.get_by_role("button", name="Previous page").click()
    expect(value).to_have_value("1,234.50")
    expect(page.locator(".hv-row .hv-state")).to_have_text("✎ corrected by hand")
    with page.expect_download() as begun:
        page.locator("#hv-downloads a[href$=json]").click()
    begun.value.save_as(tmp_path / "read.zip")
    with zipfile.ZipFile(tmp_path / "read.zip") as bundle:
        (record,) = json.loads(bundle.read("01 invoice.json"))
    (field,) = record["fields"]
    assert (field["value"], field["state"], field["corrected"]) == ("1,234.50", "unconfirmed", True)
    assert [other["value"] for other in field["others"]] == ["1,284.50"]


def test_the_language_can_be_switched(address: str, windows: Windows) -> None:
    page = windows.open(address, expected=LEAVING)
    page.get_by_role("button", name="切换到中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("button", name="读取", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="查询档案")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Switch to English")).to_be_visible()


def test_a_picture_is_taken_by_the_camera(address: str, windows: Windows) -> None:
    page = windows.open(address)
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take a picture").click()
    expect(page.locator("#hv-files li")).to_contain_text("camera 1.png")
    page.get_by_role("button", name="Switch the camera off").click()
    expect(page.locator(".hv-camera")).to_be_hidden()
    page.get_by_role("button", name="Remove camera 1.png").click()
    expect(page.locator("#hv-files li")).to_have_count(0)
    page.locator("#hv-read").click()
    expect(page.get_by_role("alert")).to_have_text("Choose a file first.")


class Slow(ScriptedEngine):
    """Answers one page after another, when it is told to."""

    def __init__(self) -> None:
        super().__init__(lambda _: f"Page {self.requests}")
        self.may = threading.Semaphore(0)

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        while not self.may.acquire(blocking=False):
            await asyncio.sleep(0.01)
        return await super().agenerate(requests)


def reading_slowly(page: Page, slow: Slow, folder: Path) -> None:
    """Have twelve pages read, of which two come."""
    read(page, scanned_pdf(folder / "long.pdf", [f"Sheet {number}" for number in range(12)]))
    expect(page.locator("#hv-progress")).to_contain_text("Reading page 1 of 12")
    slow.may.release(2)
    expect(page.locator("#hv-progress")).to_contain_text("Reading page 3 of 12")
    expect(page.locator("#hv-progress progress")).to_have_attribute("value", "2")
    expect(page.locator("#hv-progress progress")).to_have_attribute("max", "12")


def taken(app: FastAPI) -> int:
    count: int = app.state.service.queue("reading").taken
    return count


def test_a_long_reading_is_cancelled_and_what_was_read_stays(tmp_path: Path, windows: Windows) -> None:
    slow = Slow()
    with served(tmp_path / "state", slow, page=True) as (address, app), windows:
        page = windows.open(address)
        reading_slowly(page, slow, tmp_path)
        expect(page.locator(".hv-text")).to_contain_text("Page 1")
        shot(page, "progress")
        assert taken(app) == 1
        page.locator("#hv-cancel").click()
        expect(page.locator("#hv-progress")).to_have_text("Cancelled. Pages read, and kept: 2 of 12.")
        assert taken(app) == 0
        expect(page.locator("#hv-pages [data-go]")).to_have_count(2)
        page.get_by_role("button", name="Next page").click()
        expect(page.locator(".hv-text")).to_contain_text("Page 2")
        expect(page.locator("#hv-title")).to_be_focused()
        expect(page.locator("#hv-downloads a")).to_have_count(5)
        slow.may.release(20)
        page.locator("#hv-read").click()
        expect(page.locator("#hv-progress")).to_have_text("Done. Pages read: 12.")


def test_a_window_that_is_closed_frees_its_place_and_its_files(tmp_path: Path, windows: Windows) -> None:
    slow = Slow()
    with served(tmp_path / "state", slow, page=True) as (address, app), windows:
        page = windows.open(address)
        reading_slowly(page, slow, tmp_path)
        page.close()
        until(lambda: taken(app) == 0)
        until(lambda: not size_of(tmp_path / "state" / "page"))  # which bears folders that go meanwhile
        slow.may.release(20)


def test_what_fails_costs_no_other_page_and_says_why(tmp_path: Path, windows: Windows) -> None:
    files = [
        scanned_pdf(tmp_path / "locked.pdf", ["secret"], password="open"),
        scanned_pdf(tmp_path / "two.pdf", ["One", "Two"]),
        tmp_path / "note.txt",
    ]
    files[2].write_text("no picture")
    engine = ScriptedEngine(["first", "unused", "third"], faults={1: "the model ran out of memory"})
    with served(tmp_path / "state", engine, page=True) as (address, _), windows:
        page = windows.open(address)
        read(page, *files)
        expect(page.locator("#hv-progress")).to_contain_text("Pages read: 1; not read: 3")
        signs = page.locator("#hv-pages button")
        assert [sign.get_attribute("data-status") for sign in signs.all()] == ["failed", "ok", "failed", "failed"]
        for number, why in (
            (0, "locked.pdf: is encrypted (give its password)"),
            (2, "This page could not be read: the model ran out of memory"),
            (3, "note.txt: is text, not a PDF or a picture"),
        ):
            page.locator(f"#hv-pages [data-go='{number}']").click()
            expect(page.locator("#hv-shown .hv-alert")).to_contain_text(why)
        page.get_by_role("button", name="Remove two.pdf").click()
        page.get_by_role("button", name="Remove note.txt").click()
        page.get_by_role("button", name="Pages and password").click()
        page.get_by_role("textbox", name="Pages").fill("7")
        page.locator("#hv-read").click()
        expect(page.locator("#hv-shown .hv-alert")).to_contain_text("locked.pdf")
        page.get_by_role("textbox", name="Pages").fill("all of them")
        page.locator("#hv-read").click()
        expect(page.get_by_role("alert")).to_contain_text("all of them")
        page.get_by_role("textbox", name="Pages").fill("1")
        page.get_by_label("Password of the file").fill("open")
        page.locator("#hv-read").click()
        expect(page.locator(".hv-text")).to_contain_text("third")
        assert page.locator("[data-testid=toast-body]").count() == 0


def test_what_a_page_says_stays_text(tmp_path: Path, windows: Windows) -> None:
    evil = (
        "# <script>document.title='taken'</script>\n\n<img src=x onerror=\"document.title='taken'\">\n\n"
        "![a](https://attacker.example/a.png) [b](javascript:document.title='taken')\n\n"
        "| <b>cell</b> | \"><svg onload=document.title='taken'> |\n| --- | --- |\n| 1 | 2 |\n\n$\\text{<u>x</u>}$"
    )
    name = "<img src=x onerror=document.title='taken'>.png"
    (tmp_path / "scan.png").write_bytes(b"")
    picture("evil").save(tmp_path / "scan.png")
    (tmp_path / "scan.png").rename(tmp_path / name.replace("/", ""))
    with served(tmp_path / "state", ScriptedEngine(evil), page=True) as (address, _), windows:
        page = windows.open(address)
        read(page, tmp_path / name)
        expect(page.locator(".hv-text")).to_contain_text("<script>document.title='taken'</script>")
        expect(page.locator("#hv-title")).to_contain_text(name)
        assert page.locator(".hv-text :is(img, script, svg, a, b, u)").count() == 0
        assert page.title() == "HunyuanOCR"


def test_a_closed_service_lets_visitors_in_by_their_key(tmp_path: Path, windows: Windows) -> None:
    keys = ApiKeyFile(tmp_path / "keys.json")
    reads, asks = keys.add("reads", ("read",)), keys.add("asks", ("ask",))
    with served(tmp_path / "state", page=True, access=Access(keys=tmp_path / "keys.json")) as (address, _), windows:
        page = windows.open(address, expected=["status of 401", *LEAVING])
        expect(page).to_have_url(f"{address}/login")
        assert_accessible(page, "login")
        page.get_by_label("API key or token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("the token is not valid")
        page.get_by_label("API key or token").fill(reads)
        page.keyboard.press("Enter")
        expect(page.locator(".hv-drop")).to_be_visible()
        assert page.evaluate("document.cookie").count("hunyuanocr_session") == 0
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(f"{address}/login")
        page.get_by_label("API key or token").fill(asks)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Your key does not allow reading pages (scope read).")


def test_the_service_ends_though_windows_are_open(tmp_path: Path, windows: Windows) -> None:
    with command(tmp_path, "--engine", "scripted") as (port, process):
        page = windows.open(f"http://127.0.0.1:{port}/", expected=[""])
        expect(page.locator(".hv-drop")).to_be_visible()
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert process.stderr is not None
        told = process.stderr.read()
        assert "is the web page" in told
        assert "Traceback" not in told
