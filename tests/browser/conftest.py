"""Fixtures for tests in a real browser: Chromium, controlled by Playwright.

`page` is a page on which the test fails when it asks anything of another machine, or writes an error to its console.
Where there is no Chromium, tests are skipped with the command that installs it; a gate (CI=true) fails instead.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

INSTALL = "apt-get install --yes --no-install-recommends chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--allow-file-access-from-files"]
_AT_HOME = ("http://127.0.0.1:", "http://localhost:", "file://", "data:", "blob:", "about:")


def chromium() -> str:
    """Path of Chromium; empty if it is not installed."""
    return next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if not program and os.environ.get("CI") == "true":
        pytest.fail(f"there is no Chromium: {INSTALL}")
    if not program:
        pytest.skip(f"there is no Chromium: {INSTALL}, or `make browser`")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield started
        started.close()


class Watched:
    """Browser pages with a record of their errors and of requests to other machines."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.expected: list[str] = []
        self._cookies: list[Any] = []

    def open(self, **settings: Any) -> Page:
        """Opens a page in a browser context of its own, as for another reader."""
        context = self._browser.new_context(**settings)
        context.set_default_timeout(60_000)
        context.add_cookies(self._cookies)
        self._contexts.append(context)
        context.route(lambda address: not address.startswith(_AT_HOME), self._refuse)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)
        return page

    def remember(self, cookie: Any) -> None:
        """Sets a cookie for all pages."""
        self._cookies.append(cookie)
        for context in self._contexts:
            context.add_cookies([cookie])

    def _refuse(self, route: Route) -> None:
        """Blocks a request to another machine, and records it."""
        self.outside.append(route.request.url)
        route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        """Records an error message of the console."""
        if message.type == "error":
            self.errors.append(message.text)

    def close(self) -> None:
        """Closes all pages."""
        for context in self._contexts:
            context.close()

    def check(self) -> None:
        """Fails the test if a page had an error or contacted another machine."""
        assert not self.outside, f"requests to other machines: {self.outside}"
        left = [error for error in self.errors if not any(part in error for part in self.expected)]
        assert not left, f"errors on the page: {left}"


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """Fixture: opens browser pages whose errors are recorded."""
    made = Watched(browser)
    yield made
    made.close()
    made.check()


@pytest.fixture
def page(watched: Watched) -> Page:
    """Fixture: one watched page as wide as a laptop."""
    return watched.open(viewport={"width": 1280, "height": 900})


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fixture: function that checks a page against axe's accessibility rules."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page) -> None:
        """Checks a page and fails the test on a serious violation."""
        found = Axe().run(page)
        serious = [entry for entry in found.response["violations"] if entry["impact"] in ("serious", "critical")]
        shown = [(entry["id"], [node["html"][:160] for node in entry["nodes"][:3]]) for entry in serious]
        assert not shown, shown

    return check
