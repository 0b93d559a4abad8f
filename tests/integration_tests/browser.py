"""Windows of a real browser, and what can be wrong in them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 375, "height": 812}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    },
}  # fmt: skip
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}

every_look = pytest.mark.parametrize(
    ("size", "language"), [(size, language) for size in SIZES for language in LANGUAGES]
)
"""Runs a test with each size of window and each language, its parameters `size` and `language`."""

_QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
)  # fmt: skip
_PATIENCE_MS = 45_000
expect.set_options(timeout=_PATIENCE_MS)
LEAVING = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
"""What Gradio writes to the console, now and then, when a page is left that still waits for something."""
_HERE = ("127.0.0.1", "localhost")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen and with an empty profile; skips without one."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET], chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


class Windows:
    """Opens windows, and keeps what was wrong in them.

    Attributes:
        faults: Errors of scripts, messages of the console that tell of errors, and requests that left this machine.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def open(
        self,
        address: str,
        *,
        size: str = "desktop",
        language: str = "en",
        expected: Sequence[str] = (),
        unverified: bool = False,
    ) -> Page:
        """A window of a visitor who was never here before.

        Args:
            address: Where it goes first.
            size: One of `SIZES`.
            language: One of `LANGUAGES`, the first that the browser asks for.
            expected: Regular expressions of faults that the test provokes.
            unverified: Whether the certificate may be the test's own.
        """
        context = self._browser.new_context(
            locale=LANGUAGES[language],
            accept_downloads=True,
            ignore_https_errors=unverified,
            reduced_motion="reduce",
            **SIZES[size],
        )
        self._contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)

        def fault(words: str) -> None:
            if not any(re.search(one, words) for one in expected):
                self.faults.append(words)

        def within(route: Route) -> None:
            if urlsplit(route.request.url).hostname in _HERE:
                route.continue_()
            else:
                fault(f"a request left this machine: {route.request.url}")
                route.abort()

        context.route("**/*", within)
        context.on("console", lambda said: fault(f"{said.text} at {said.location}") if said.type == "error" else None)
        context.on("weberror", lambda error: fault(f"a script failed: {error.error}"))
        page = context.new_page()
        page.goto(address)
        return page

    def __enter__(self) -> Windows:
        return self

    def __exit__(self, *_: object) -> None:
        """Close them all: a picture that still loads when its service ends would be a fault."""
        while self._contexts:
            self._contexts.pop().close()


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in the folder `HUNYUANOCR_SHOTS`, where there is one, to be looked at."""
    folder = os.environ.get("HUNYUANOCR_SHOTS")
    if folder:
        size = next(size for size, shape in SIZES.items() if shape["viewport"] == page.viewport_size)
        language = page.evaluate("document.documentElement.lang.slice(0, 2)")
        page.screenshot(path=Path(folder) / f"{name}-{size}-{language}.png", full_page=True, animations="disabled")


def assert_accessible(page: Page, name: str = "page") -> None:
    """Have axe look at the page as it is now; serious and critical faults fail the test.

    Args:
        page: Of a window.
        name: What is shown there, for the message; also of the picture that `shot` keeps.
    """
    from axe_playwright_python.sync_playwright import Axe

    # A button that fades in has the contrast of neither of its states.
    page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    shot(page, name)
    violations = Axe().run(page).response["violations"]
    faults = [
        f"{one['impact']}: {one['help']} ({one['id']})\n    {node['target']} {node['html'][:160]}\n"
        f"    {' '.join(node.get('failureSummary', '').split())}"
        for one in violations
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert not faults, f"axe on {name}, {page.viewport_size}:\n" + "\n".join(faults)
